"""Allow at most one record for each credit, as for each bill and invoice."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NAME = "one_record_per_document"
_COLUMNS = ["integration_id", "kind", "remote_id"]
_BEFORE = sa.text("kind in ('bill', 'invoice')")
_NOW = sa.text("kind in ('bill', 'invoice', 'vendor_credit', 'credit_memo')")


def upgrade() -> None:
    _replace(_NOW)


def downgrade() -> None:
    _replace(_BEFORE)


def _replace(documents: sa.TextClause) -> None:
    op.drop_index(_NAME, table_name="links")
    op.create_index(
        _NAME, "links", _COLUMNS, unique=True, sqlite_where=documents, postgresql_where=documents
    )
