"""Migrate a database to the tables of this version, and check whether it has them."""

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
_LOCK = 7_401_913  # the key of an advisory lock: one migration at a time
_TABLE = "schema_version"


def upgrade(database: Database) -> None:
    """Migrate to the newest version; does nothing if another process did so first.

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
    with database.across.transaction() as connection:  # it may change rows of any business
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        command.upgrade(_config(connection), "head")


def is_current(database: Database) -> bool:
    """Return whether the database has the tables that this version expects.

    Raises:
        Misconfigured: the database cannot be opened. This is the first check at startup.
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
    """Return the differences between the migrated database and the tables in code."""
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
    """Write a new migration for the differences between the database and the tables in code."""
    with database.transaction() as connection:
        command.revision(_config(connection), message, autogenerate=True)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_VERSIONS))
    config.attributes["connection"] = connection
    return config
