"""Check whether the database accepts writes, by one that is rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from cleo_accounting.store.tables import workers

if TYPE_CHECKING:
    from cleo_accounting.store.database import Database


def writable(database: Database) -> bool:
    """Return whether a row can be written."""
    try:
        with database.engine.connect() as connection:
            trial = connection.begin()
            connection.execute(workers.delete().where(workers.c.id == "nobody"))
            trial.rollback()
    except SQLAlchemyError:
        return False
    return True
