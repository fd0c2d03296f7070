"""A connected business on SQLite, for attacks that do not depend on the kind of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cleo_accounting.store.database import Database
from tests.world import World, world


@pytest.fixture
def database(new_sqlite: Callable[[], str]) -> Iterator[Database]:
    """An empty SQLite database."""
    opened = Database(new_sqlite())
    yield opened
    opened.close()


@pytest.fixture
def here(database: Database) -> Iterator[World]:
    """A business that has connected and chosen its accounts."""
    with world(database) as made:
        made.open_for_business()
        yield made
