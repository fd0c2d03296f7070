"""Fixtures for the tests of flows: a connected business on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cleo_accounting.store.database import Database
from tests.world import World, world


@pytest.fixture
def here(database: Database) -> Iterator[World]:
    """A business that is connected and has chosen its accounts."""
    with world(database) as made:
        made.open_for_business()
        yield made
