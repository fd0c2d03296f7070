"""Retrying an item of another run or business, or one that does not exist, returns 404."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.service import Service, served
from tests.world import World, connection, payable


@pytest.fixture
def service(here: World) -> Iterator[Service]:
    """The API of a business that has one bill which QuickBooks refused."""
    here.feed(connection(1, "Supplier"), payable(1, lines=[("Paper", "1", "1.00")]))
    yield from served(here)


@pytest.mark.parametrize("made_up", ["4711", str(2**31 - 1)])
def test_retrying_an_item_that_the_run_does_not_have_is_404(service: Service, made_up: str) -> None:
    first, second = service.here.sync(), service.here.sync()
    assert first.run is not None
    assert second.run is not None
    (item,) = first.errors
    runs = f"{service.one}/runs"

    foreign = service.ask("POST", f"{runs}/{second.run.id}/items/{item.id}/retry")
    missing = service.ask("POST", f"{runs}/{first.run.id}/items/{made_up}/retry")
    own = service.ask("POST", f"{runs}/{first.run.id}/items/{item.id}/retry")

    assert (foreign.status_code, missing.status_code, own.status_code) == (404, 404, 202)
    assert foreign.json()["code"] == missing.json()["code"] == "not_found"
