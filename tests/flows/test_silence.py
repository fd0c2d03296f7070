"""When QuickBooks throttles one of our processes for a company, all of them pause."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import Throttled
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.company.books import open_books
from cleo_accounting.flows.run import sync
from tests.world import World, house


@pytest.fixture
def elsewhere(here: World) -> Iterator[World]:
    """The same business as another process serves it."""
    with house(here.house.database, here.intuit, seed=13) as other:
        yield World(other, here.intuit, integration_id=here.integration_id)


def _asked(here: World) -> int:
    """Return how many requests about a company QuickBooks has received."""
    journal = here.intuit.emulator.journal.requests()
    return sum(1 for one in journal if one.request and one.request.path.startswith("/v3/company"))


def _slow_down(here: World, path: str) -> None:
    here.intuit.emulator.add_fault("throttled", times=1, path=path)


def test_silence_that_a_person_who_connects_is_asked_for_is_heeded_by_every_worker(
    here: World, elsewhere: World
) -> None:
    """Found by the simulation, seed 2342."""
    _slow_down(here, "*/preferences")
    with pytest.raises(Throttled) as told:
        elsewhere.connect()
    run = sync.request(here.house, here.integration, ["vendors"], trigger=Trigger.PAGE, by="t")
    asked = _asked(here)

    assert sync.advance(here.house, run.id).wait_until == told.value.until

    assert _asked(here) == asked
    here.work(run.id)
    assert _asked(here) > asked


def test_silence_that_was_asked_for_in_the_middle_of_anothers_work_ends_that_too(
    here: World, elsewhere: World
) -> None:
    company = open_books(here.house, here.integration)
    company.describe()
    _slow_down(here, "*/companyinfo/*")
    with pytest.raises(Throttled) as told:
        elsewhere.connect()
    asked = _asked(here)

    with pytest.raises(Throttled) as refused:
        company.describe()

    assert refused.value.until == told.value.until
    assert _asked(here) == asked
    here.house.clock.sleep((told.value.until - here.house.clock.now()).total_seconds())
    assert company.describe().name == here.intuit.company.name


def test_silence_is_heeded_when_a_company_that_was_let_go_of_is_connected_again(
    here: World, elsewhere: World
) -> None:
    run = sync.request(here.house, here.integration, ["vendors"], trigger=Trigger.PAGE, by="t")
    _slow_down(here, "*")
    until = sync.advance(here.house, run.id).wait_until
    assert until is not None
    connect.disconnect(here.house, here.business_id, "jane")
    asked = _asked(here)

    with pytest.raises(Throttled) as refused:
        elsewhere.connect()

    assert refused.value.until == until
    assert _asked(here) == asked
    here.house.clock.sleep((until - here.house.clock.now()).total_seconds())
    assert elsewhere.connect().live
