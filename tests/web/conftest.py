"""Services for tests of the API: one with a connected business, one that never connected."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cleo_accounting.flows.work import errands
from cleo_accounting.store.database import Database
from tests.service import Service, served
from tests.world import connection, payable, source, world


@pytest.fixture
def service(database: Database) -> Iterator[Service]:
    """A connected business whose lists in QuickBooks were read, with a few records."""
    yield from _connected(database)


@pytest.fixture
def bare(database: Database) -> Iterator[Service]:
    """A business that has never connected."""
    with world(database) as here:
        yield from served(here)


@pytest.fixture(scope="module")
def shared(new_sqlite: Callable[[], str]) -> Iterator[Service]:
    """Like `service`, but shared by all tests that change nothing.

    Building a service takes longer than a request to it.
    """
    database = Database(new_sqlite())
    yield from _connected(database)
    database.close()


@pytest.fixture(scope="module")
def stranger(new_sqlite: Callable[[], str]) -> Iterator[Service]:
    """Like `bare`, but shared by all tests whose requests are refused without effect."""
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
