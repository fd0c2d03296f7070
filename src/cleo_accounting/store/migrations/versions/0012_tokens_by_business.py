"""Add an index to find the tokens of a business without reading those of all others."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("tokens_by_business", "tokens", ["business_id", "expires_at"])


def downgrade() -> None:
    op.drop_index("tokens_by_business", table_name="tokens")
