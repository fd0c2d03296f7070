"""Make every API token expire; existing ones expire in ninety days."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_LET_END = {
    "sqlite": (
        "update tokens set expires_at = strftime('%Y-%m-%d %H:%M:%S.000000', 'now', '+90 days')"
    ),
    "postgresql": "update tokens set expires_at = now() + interval '90 days'",
}


def upgrade() -> None:
    op.add_column("tokens", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(_LET_END[op.get_bind().dialect.name])
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.alter_column("expires_at", nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.drop_column("expires_at")
