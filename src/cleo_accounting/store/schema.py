"""Bring a database to the tables of this version, and say whether it is there."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from cleo_accounting.errors import Misconfigured
from cleo_accounting.store.database import Database
from cleo_accounting.store.tables import metadata

_VERSIONS = Path(__file__).parent / "migrations"
_LOCK = 7_401_913  # any number of our own: one migration at a time
_TABLE = "schema_version"


def upgrade(database: Database) -> None:
    """Migrate to the newest version; whoever comes second finds it done.

    Raises:
        Misconfigured: the role of the connection may not change tables.
    """
    try:
        _upgrade(database)
    except ProgrammingError as refusal:
        if isinstance(refusal.orig, InsufficientPrivilege):
            raise Misconfigured(
                "This role may not change the tables: run “cleo-accounting migrate” as their owner."
            ) from None
        raise


def _upgrade(database: Database) -> None:
    with database.across.transaction() as connection:  # a migration may move rows of all
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        command.upgrade(_config(connection), "head")


def is_current(database: Database) -> bool:
    """Whether the database has the tables that this version expects.

    Raises:
        Misconfigured: it cannot be opened; whoever starts asks this first.
    """
    try:
        return _is_current(database)
    except OperationalError:
        raise Misconfigured(
            "The database cannot be opened: see that CLEO_DATABASE_URL is right and that it runs."
        ) from None


def _is_current(database: Database) -> bool:
    with database.reading() as connection:
        have = MigrationContext.configure(
            connection, opts={"version_table": _TABLE}
        ).get_current_revision()
        return have == ScriptDirectory.from_config(_config(connection)).get_current_head()


def differences(database: Database) -> list[object]:
    """What the migrated database and the tables in code disagree upon; nothing, if all is well."""
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": _TABLE,
                "include_name": lambda name, _kind, _parents: name != _TABLE,
            },
        )
        return list(compare_metadata(context, metadata))


def draft(database: Database, message: str) -> None:
    """Write a new migration from what the tables in code have and the database has not."""
    with database.transaction() as connection:
        command.revision(_config(connection), message, autogenerate=True)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_VERSIONS))
    config.attributes["connection"] = connection
    return config
