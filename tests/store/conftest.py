"""One PostgreSQL database for all tests of the store, emptied before each: making one is slow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from cleo_accounting.store.database import Database
from cleo_accounting.store.tables import metadata


@pytest.fixture(scope="session")
def kept_postgres(new_postgres: Callable[[], str]) -> Iterator[Database]:
    opened = Database(new_postgres())
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of each sort."""
    if request.param == "sqlite":
        opened = Database(request.getfixturevalue("new_sqlite")())
        yield opened
        opened.close()
        return
    kept: Database = request.getfixturevalue("kept_postgres")
    with kept.transaction() as tx:
        tx.execute(text(f"truncate {', '.join(metadata.tables)} restart identity cascade"))
    yield kept
