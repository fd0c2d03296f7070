"""QuickBooks may refuse a resent request as a repetition: the effects of the first remain."""

from __future__ import annotations

import pytest

from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.reporting.progress import Tally, status
from cleo_accounting.flows.run import sync
from tests.world import World, connection, payable


def _work_on(here: World, *entity_types: str, unseen_for: float = 0.0) -> str:
    """Work on a run whose first batch is executed but gets no response; return the run's id.

    `unseen_for` is how long, in seconds, queries do not show what the batch wrote.
    """
    emulator = here.intuit.emulator
    emulator.turn(repeated_batch="refused", query_lag_seconds=unseen_for)
    emulator.add_fault("drop_after_commit", times=1, path="*/batch")
    emulator.add_fault("delay", times=1, path="*/batch", seconds=10)
    run = sync.request(here.house, here.integration, entity_types, trigger=Trigger.PAGE, by="t")
    here.work(run.id)
    emulator.turn(query_lag_seconds=0.0)
    return run.id


def test_vendors_are_linked_when_the_repeated_batch_is_refused(here: World) -> None:
    """Found by the simulation, seed 1838."""
    here.sync("vendors")
    here.feed(connection(1, "Bolt"), connection(2, "Acme"))
    here.intuit.emulator.add_fault("throttled", times=1, path="*/query")

    run_id = _work_on(here, "vendors")
    here.feed(connection(1, "Bolt Renamed"))
    here.sync("vendors")

    told = status(here.house, here.business_id, here.integration_id, run_id)
    assert (told.state, told.tallies["vendors"]) == ("succeeded", Tally(linked=2))
    named = sorted(one["DisplayName"] for one in here.books("Vendor"))
    assert [name for name in named if name.startswith(("Bolt", "Acme"))] == ["Acme", "Bolt"]


@pytest.mark.parametrize("count", [1, 3])
def test_bills_are_adopted_when_the_repeated_batch_is_refused(here: World, count: int) -> None:
    here.feed(connection(1, "Supplier"), payable(100))
    here.sync()
    here.feed(*[payable(n) for n in range(count)])

    run_id = _work_on(here, "invoices", unseen_for=here.house.quiescence.total_seconds() + 5)

    told = status(here.house, here.business_id, here.integration_id, run_id)
    assert (told.state, [one.code for one in told.errors]) == ("succeeded", [])
    assert len(here.ours()) == count + 1
    assert here.sync().tallies["invoices"] == Tally(unchanged=count + 1)


def test_updated_bills_count_as_written_when_the_repeated_batch_is_refused(here: World) -> None:
    here.feed(connection(1, "Supplier"), payable(1), payable(2))
    here.sync()
    here.feed(payable(1, cents=700), payable(2, cents=900))

    run_id = _work_on(here, "invoices")

    told = status(here.house, here.business_id, here.integration_id, run_id)
    assert (told.state, [one.code for one in told.errors]) == ("succeeded", [])
    assert here.sync().tallies["invoices"] == Tally(unchanged=2)


def test_a_refusal_of_a_repeated_bill_that_is_not_there_stays_a_refusal(here: World) -> None:
    here.feed(connection(1, "Supplier"), payable(1))
    here.sync("vendors")
    here.intuit.emulator.add_fault("drop_before_commit", times=1, path="*/batch")
    run = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    while sync.advance(here.house, run.id).wait_until is None:
        pass
    here.intuit.company.close_books("2999-01-01")

    here.work(run.id)

    told = status(here.house, here.business_id, here.integration_id, run.id)
    assert [one.code for one in told.errors] == ["books_closed"]
    assert here.ours() == []
