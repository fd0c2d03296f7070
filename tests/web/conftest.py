"""A service to ask: one that is connected, and one that is not yet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cleo_accounting.flows import errands
from cleo_accounting.store.database import Database
from tests.service import Service, served
from tests.world import connection, payable, source, world


@pytest.fixture
def service(database: Database) -> Iterator[Service]:
    """A connected business that was looked at, with a few records."""
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


@pytest.fixture
def bare(database: Database) -> Iterator[Service]:
    """A business that has never connected."""
    with world(database) as here:
        yield from served(here)
