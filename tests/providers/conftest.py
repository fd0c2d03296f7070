"""Every provider beside its emulator: what is promised of one is promised of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.providers.sides import QuickBooksSide

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=[QuickBooksSide])
def side(request: pytest.FixtureRequest) -> Iterator[QuickBooksSide]:
    """A provider, a company of its emulator, and what people do there."""
    with request.param.opened() as opened:
        yield opened
