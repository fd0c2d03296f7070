"""Keep the result of a sign-in until a person accepts it; end page sessions that are not used."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("authorizations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("offer_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("offer_sealed", sa.Text(), nullable=True))
        batch_op.create_unique_constraint(op.f("uq_authorizations_offer_hash"), ["offer_hash"])
    op.execute("delete from sessions")  # they last for hours at most: people sign in again
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False))
        batch_op.create_index(op.f("ix_sessions_business_id_user_id"), ["business_id", "user_id"])


def downgrade() -> None:
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_sessions_business_id_user_id"))
        batch_op.drop_column("seen_at")
    with op.batch_alter_table("authorizations", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_authorizations_offer_hash"), type_="unique")
        batch_op.drop_column("offer_sealed")
        batch_op.drop_column("offer_hash")
