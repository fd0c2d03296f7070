"""The roles of a PostgreSQL database: the owner of the tables, the service, and the auditor.

The owner migrates. The service reads and writes rows but changes no table; to the audit trail it
can only append. The auditor reads the audit trail and nothing else. The operator creates the roles
and passes only their names: passwords stay unknown to us.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from cleo_accounting.errors import Misconfigured
from cleo_accounting.store.tables import audit, metadata
from cleo_accounting.store.tenancy import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cleo_accounting.store.database import Database, Transaction

_VERSION = "schema_version"
_ABOVE = text("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
_OPEN = text(
    "select relname from pg_class where relnamespace = current_schema()::regnamespace"
    " and relname = any(:names)"
    " and not (relrowsecurity and"
    " (relforcerowsecurity or not pg_has_role(current_user, relowner, 'member')))"
    " order by relname"
)
_MAY_REWRITE = text(
    "select has_table_privilege('audit', 'update') or has_table_privilege('audit', 'delete')"
)


def grant(database: Database, *, service: str = "", auditor: str = "") -> None:
    """Grant existing roles the rights that they need, and revoke all others on our tables.

    Raises:
        Misconfigured: the database has no roles (SQLite), or not this one.
    """
    if database.is_file:
        raise Misconfigured("Only PostgreSQL has roles; a file belongs to whoever may open it.")
    with database.transaction() as tx:
        schema = _quoted(tx, tx.execute(text("select current_schema()")).scalar_one())
        for role, statements in ((service, _serving), (auditor, _auditing)):
            if not role:
                continue
            _see_that_it_exists(tx, role)
            who = _quoted(tx, role)
            tx.execute(text(f"revoke all on all tables in schema {schema} from {who}"))
            tx.execute(text(f"grant usage on schema {schema} to {who}"))
            for statement in statements(schema, who):
                tx.execute(text(statement))


def trouble(database: Database) -> str:
    """Return why row-level security does not apply to this connection; empty if it does.

    SQLite has no row-level security: there, only the queries keep businesses apart.
    """
    if database.is_file:
        return ""
    with database.reading() as tx:
        if tx.execute(_ABOVE).scalar_one():
            return "row-level security does not apply to the role of the connection"
        names = [table.name for table in metadata.sorted_tables if table.name not in SHARED]
        if found := list(tx.execute(_OPEN, {"names": names}).scalars()):
            return f"row-level security does not apply to the role on {', '.join(found)}"
        if tx.execute(_MAY_REWRITE).scalar_one():
            return "the role of the connection may change the audit log"
    return ""


def _serving(schema: str, who: str) -> Iterator[str]:
    rows = "select, insert, update, delete"
    for table in metadata.sorted_tables:
        yield f"grant {'select, insert' if table is audit else rows} on {schema}.{table} to {who}"
    yield f"grant select on {schema}.{_VERSION} to {who}"
    yield f"grant usage on all sequences in schema {schema} to {who}"
    # Tables of later versions are covered when they are created, without a new grant.
    yield f"alter default privileges in schema {schema} grant {rows} on tables to {who}"
    yield f"alter default privileges in schema {schema} grant usage on sequences to {who}"


def _auditing(schema: str, who: str) -> Iterator[str]:
    yield f"grant select on {schema}.{audit}, {schema}.{_VERSION} to {who}"


def _see_that_it_exists(tx: Transaction, role: str) -> None:
    known = tx.execute(text("select from pg_roles where rolname = :role"), {"role": role})
    if known.first() is None:
        raise Misconfigured(
            f"This PostgreSQL has no role {role}: create it first, see docs/deployment.md."
        )


def _quoted(tx: Transaction, name: str) -> str:
    return tx.dialect.identifier_preparer.quote_identifier(name)
