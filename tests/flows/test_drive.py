"""What a worker does after a step of a run: continue, wait, leave the run, or end it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import Superseded
from cleo_accounting.flows.company import steer
from cleo_accounting.flows.run import drive, sync
from cleo_accounting.flows.run.drive import Attempt
from cleo_accounting.store import runs
from cleo_accounting.store.database import Database
from tests.world import World, connection, payable

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def run_id(here: World) -> str:
    """A run of two bills that no worker has taken yet."""
    here.feed(connection(1), payable(1), payable(2))
    return ask(here)


def ask(here: World) -> str:
    types = ("vendors", "invoices")
    return sync.request(here.house, here.integration, types, trigger=Trigger.PAGE, by="x").id


def state(here: World, run_id: str) -> str:
    with here.house.database.reading() as tx:
        return runs.find(tx, here.integration_id, run_id).state


def test_a_run_is_driven_step_by_step_to_its_end(here: World, run_id: str) -> None:
    fence = sync.take(here.house, run_id)
    steps = [drive.attempt(here.house, run_id, fence)]
    while steps[-1].nap_seconds is not None:
        steps.append(drive.attempt(here.house, run_id, fence))

    assert steps == [*[Attempt(0.0)] * (len(steps) - 1), Attempt(None)]
    assert len(steps) > 2
    assert state(here, run_id) == "succeeded"


def test_a_short_wait_is_a_nap_and_a_longer_one_parks_the_run(here: World, run_id: str) -> None:
    now = here.house.clock.now
    second = ask(here)
    fences = [sync.take(here.house, one) for one in (run_id, second)]
    assert run_id == second  # the second request widened the queued run
    here.intuit.emulator.add_fault("throttled", path="*/query", times=1)
    drive.attempt(here.house, run_id, fences[1])
    here.intuit.emulator.add_fault("throttled", path="/v3/*", times=1)
    while not (last := drive.attempt(here.house, run_id, fences[1])).wait_until:
        assert last.nap_seconds == 0.0

    assert (last.nap_seconds, last.parked) == (None, True)
    assert last.wait_until is not None
    here.house.clock.sleep((last.wait_until - now()).total_seconds() - 0.5)
    near = drive.attempt(here.house, run_id, fences[1])
    assert (near.parked, near.wait_until) == (False, last.wait_until)
    assert near.nap_seconds == pytest.approx(0.5)
    here.house.clock.sleep(0.48)
    assert drive.attempt(here.house, run_id, fences[1]).nap_seconds == 0.05


def test_who_was_superseded_leaves_the_run_alone(here: World, run_id: str) -> None:
    old, _ = sync.take(here.house, run_id), sync.take(here.house, run_id)

    left = drive.attempt(here.house, run_id, old)

    assert (left.nap_seconds, left.parked) == (None, False)
    assert isinstance(left.trouble, Superseded)
    assert state(here, run_id) == "queued"
    assert drive.leave(here.house, run_id, old, turn_over=False, ending=True)


def test_a_database_that_is_away_is_waited_for(here: World, run_id: str) -> None:
    fence = sync.take(here.house, run_id)
    away = replace(here.house, database=Database("sqlite:////nowhere/at/all.sqlite"))

    waits = drive.attempt(away, run_id, fence)

    assert (waits.nap_seconds, waits.parked) == (2.0, False)
    assert drive.leave(away, run_id, fence, turn_over=True, ending=True)
    assert not drive.leave(away, run_id, fence, turn_over=True, ending=False)
    assert state(here, run_id) == "queued"


def test_a_paused_run_is_parked_until_somebody_resumes_it(here: World, run_id: str) -> None:
    steer.pause(here.house, here.business_id, here.integration_id, "x")

    assert drive.attempt(here.house, run_id, sync.take(here.house, run_id)) == Attempt(
        None, parked=True
    )


def test_a_turn_that_is_over_is_given_up_only_if_others_wait(here: World, run_id: str) -> None:
    fence = sync.take(here.house, run_id)
    drive.attempt(here.house, run_id, fence)

    assert not drive.leave(here.house, run_id, fence, turn_over=False, ending=False)
    assert not drive.leave(here.house, run_id, fence, turn_over=True, ending=False)
    assert drive.leave(here.house, run_id, fence, turn_over=False, ending=True)
