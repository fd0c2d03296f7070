"""Restrict every transaction to the rows of its business by row-level security (PostgreSQL)."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Conditions on the row's own columns without subqueries, which would be set up anew for each
# statement and cost more than most statements do. Each transaction begins with both settings.
_BUSINESS = "current_setting('cleo.business', true)"
_INTEGRATIONS = "current_setting('cleo.integrations', true)"
_EVERY = f"{_BUSINESS} = '*'"
_BY_BUSINESS = f"business_id = {_BUSINESS} or {_EVERY}"
_BY_INTEGRATION = (  # one integration, as most businesses have, or several
    f"integration_id = {_INTEGRATIONS}"
    f" or integration_id = any(string_to_array({_INTEGRATIONS}, ',')) or {_EVERY}"
)
_BY_RUN = (
    f"exists (select from runs where runs.id = run_id and runs.business_id = {_BUSINESS})"
    f" or {_EVERY}"
)
_POLICIES = {
    "records": _BY_BUSINESS,
    "ignored_fields": _BY_BUSINESS,
    "identities": _BY_BUSINESS,
    "integrations": _BY_BUSINESS,
    "authorizations": _BY_BUSINESS,
    "runs": _BY_BUSINESS,
    "tokens": _BY_BUSINESS,
    "sessions": _BY_BUSINESS,
    "idempotency": _BY_BUSINESS,
    "audit": _BY_BUSINESS,
    "links": _BY_INTEGRATION,
    "remotes": _BY_INTEGRATION,
    "operations": _BY_INTEGRATION,
    "decisions": _BY_INTEGRATION,
    "errands": _BY_INTEGRATION,
    "reconciliations": _BY_INTEGRATION,
    "stages": _BY_RUN,
}
_COUNTED = (
    ("what_became", "run_id kind action state code currency amount_minor id", None),
    ("with_a_cause", "run_id kind code state record_id id", "code is not null"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, mine in _POLICIES.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy one_business on {table} using ({mine})")
    _index(postgresql_include=["integration_id"])  # read by the policies, from the index alone


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in _POLICIES:
        op.execute(f"drop policy one_business on {table}")
        op.execute(f"alter table {table} no force row level security")
        op.execute(f"alter table {table} disable row level security")
    _index()


def _index(**options: Any) -> None:  # noqa: ANN401  SQLAlchemy's own
    for name, columns, condition in _COUNTED:
        where = None if condition is None else sa.text(condition)
        op.drop_index(name, table_name="operations")
        op.create_index(name, "operations", columns.split(), postgresql_where=where, **options)
