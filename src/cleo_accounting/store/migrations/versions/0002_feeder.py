"""Let a token have the role feeder."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BEFORE = "role in ('viewer', 'bookkeeper', 'admin', 'platform')"
_AFTER = "role in ('viewer', 'bookkeeper', 'admin', 'feeder', 'platform')"


def upgrade() -> None:
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_tokens_role"), type_="check")
        batch_op.create_check_constraint(op.f("ck_tokens_role"), _AFTER)


def downgrade() -> None:
    op.execute("delete from tokens where role = 'feeder'")
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_tokens_role"), type_="check")
        batch_op.create_check_constraint(op.f("ck_tokens_role"), _BEFORE)
