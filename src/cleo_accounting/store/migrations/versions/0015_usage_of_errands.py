"""Store the requests that an errand sent to the accounting product."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("errands", sa.Column("usage", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("errands", schema=None) as batch_op:
        batch_op.drop_column("usage")
