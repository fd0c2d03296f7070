"""Fixtures for the tests of public reports: a connected business, and a terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cleo_accounting.store.database import Database
from tests.cli.conftest import intuit, quickbooks, terminal  # noqa: F401  fixtures
from tests.world import World, world


@pytest.fixture
def here(sqlite: Database) -> Iterator[World]:
    """A business that is connected and has chosen its accounts."""
    with world(sqlite) as made:
        made.open_for_business()
        yield made
