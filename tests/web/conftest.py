"""A service to ask: one that is connected, and one that is not yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cleo_accounting.flows.work import errands
from cleo_accounting.store.database import Database
from tests.service import Service, served
from tests.world import connection, payable, source, world


@pytest.fixture
def service(database: Database) -> Iterator[Service]:
    """A connected business that was looked at, with a few records."""
    yield from _connected(database)


@pytest.fixture
def bare(database: Database) -> Iterator[Service]:
    """A business that has never connected."""
    with world(database) as here:
        yield from served(here)


@pytest.fixture(scope="module")
def shared(new_sqlite: Callable[[], str]) -> Iterator[Service]:
    """As `service`, for tests that only look or are refused: nothing changes, so one does for all.

    Building a service takes longer than asking it.
    """
    database = Database(new_sqlite())
    yield from _connected(database)
    database.close()


@pytest.fixture(scope="module")
def stranger(new_sqlite: Callable[[], str]) -> Iterator[Service]:
    """As `bare`, for tests that are refused before anything happens: one does for all."""
    database = Database(new_sqlite())
    with world(database) as here:
        yield from served(here)
    database.close()


def _connected(database: Database) -> Iterator[Service]:
    with world(database) as here:
        here.open_for_business()
        here.feed(
            connection(1, "Acme Tools"),
            connection(2, "Beta Parts"),
            source(1, "Operating"),
            payable(1, to=1),
        )
        errands.run_due(here.house)
        yield from served(here)
