"""The providers with their emulators, for tests that every provider must pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.providers.sides import QuickBooksSide

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=[QuickBooksSide])
def side(request: pytest.FixtureRequest) -> Iterator[QuickBooksSide]:
    """A provider and a company of its emulator, with the actions of people in it."""
    with request.param.opened() as opened:
        yield opened
