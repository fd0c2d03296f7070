"""Businesses that are paused or throttled do not delay the sync of any other business."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from cleo_accounting.core.states import Trigger
from cleo_accounting.flows import House
from cleo_accounting.flows.company import steer
from cleo_accounting.flows.reporting.progress import status
from cleo_accounting.flows.run import drive, sync
from cleo_accounting.jobs import Engine, working
from cleo_accounting.store import runs, turns
from cleo_accounting.store.database import Database
from cleo_accounting.store.runs import Run
from cleo_accounting.store.turns import Turn
from tests.world import World, connection, world

PLACES = 4
_SECONDS_MAX = 20.0


@pytest.fixture
def all_nine(database: Database) -> Iterator[list[World]]:
    """Nine businesses, each connected to a company of its own, and each with a vendor to send."""
    with world(database) as first:
        made = [first]
        for number in range(1, 9):
            company = first.intuit.emulator.add_company(name=f"Company {number}", seeded=False)
            intuit = replace(first.intuit, company=company)
            made.append(World(first.house, intuit, f"biz_{number}"))
        for each in made:
            each.connect()
            each.feed(connection(1, "Supplier"))
        yield made


def _ask(here: World) -> Run:
    return sync.request(here.house, here.integration, ["vendors"], trigger=Trigger.PAGE, by="t")


def _state(here: World) -> str:
    return status(here.house, here.business_id, here.integration_id).state


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + _SECONDS_MAX
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@contextmanager
def _at_work(house: House, folder: object) -> Iterator[None]:
    engine = Engine(
        SecretStr(f"sqlite:///{folder}/engine.sqlite"), runs_at_once=PLACES, poll_seconds=0.02
    )
    with working(house, engine):
        yield


def test_paused_and_throttled_businesses_do_not_delay_another_one(
    all_nine: list[World], tmp_path: object
) -> None:
    paused, throttled, (fifth,) = all_nine[:4], all_nine[4:8], all_nine[8:]
    for each in paused:
        steer.pause(each.house, each.business_id, each.integration_id, "jane")
    for each in throttled:
        path = f"/v3/company/{each.intuit.realm_id}/*"
        each.intuit.emulator.add_fault("throttled", seconds=3_600, times=1, path=path)
    for each in (*paused, *throttled):
        _ask(each)

    with _at_work(fifth.house, tmp_path):
        _until(lambda: all(_state(each) == "waiting" for each in (*paused, *throttled)))
        _ask(fifth)
        _until(lambda: _state(fifth) == "succeeded")
        assert [_state(each) for each in paused] == ["waiting"] * 4

        steer.resume(paused[0].house, paused[0].business_id, paused[0].integration_id, "jane")
        _until(lambda: _state(paused[0]) == "succeeded")
        sync.cancel(
            paused[1].house,
            paused[1].business_id,
            paused[1].integration_id,
            _run(paused[1]),
            "jane",
        )
        _until(lambda: _state(paused[1]) == "cancelled")
        fifth.house.clock.sleep(3_600)
        _until(lambda: all(_state(each) == "succeeded" for each in throttled))

    assert [len(each.books("Vendor")) for each in all_nine[1:4]] == [0, 0, 0]
    assert all(_named(each, "Supplier") == 1 for each in (paused[0], *throttled, fifth))


def _run(here: World) -> str:
    told = status(here.house, here.business_id, here.integration_id).run
    assert told is not None
    return told.id


def _named(here: World, name: str) -> int:
    return sum(one["DisplayName"] == name for one in here.books("Vendor"))


def _turns(here: World) -> list[Turn]:
    with here.house.database.reading() as tx:
        return turns.ready(tx, here.house.clock.now())


def test_a_run_that_waits_is_parked_until_its_moment_and_then_has_another_turn(
    here: World,
) -> None:
    here.feed(connection(1, "Supplier"))
    here.intuit.emulator.add_fault("throttled", times=1, path="/v3/*")
    run = _ask(here)
    (first,) = _turns(here)
    fence = sync.take(here.house, run.id)

    while not (tried := drive.attempt(here.house, run.id, fence)).parked:
        assert tried.nap_seconds is not None

    assert first.execution_id == run.id
    assert tried.wait_until is not None
    assert _turns(here) == []
    here.house.clock.sleep((tried.wait_until - here.house.clock.now()).total_seconds())
    (second,) = _turns(here)
    assert second.execution_id == f"{run.id}.{fence}"


def test_a_long_run_lets_others_go_first_when_its_turn_is_over(all_nine: list[World]) -> None:
    long, other = all_nine[:2]
    run = _ask(long)
    fence = sync.take(long.house, run.id)
    sync.advance(long.house, run.id, fence)
    house = long.house
    assert not drive.leave(house, run.id, fence, turn_over=True, ending=False)
    asked = _ask(other)

    assert drive.leave(house, run.id, fence, turn_over=True, ending=False)

    assert {turn.run_id for turn in _turns(long)} == {run.id, asked.id}
    assert _state(long) == "running"
    house.clock.sleep(1)
    long.work(run.id)
    assert _state(long) == "succeeded"


def test_a_run_whose_worker_was_lost_has_a_new_turn_and_the_old_worker_writes_nothing(
    here: World,
) -> None:
    here.feed(connection(1, "Supplier"))
    run = _ask(here)
    lost = sync.take(here.house, run.id)
    sync.advance(here.house, run.id, lost)
    with here.house.database.transaction() as tx:
        (held,) = turns.held(tx)
        assert turns.free(tx, held)
        assert not turns.free(tx, held)

    (turn,) = _turns(here)

    assert turn.fence > lost
    assert drive.attempt(here.house, run.id, lost).trouble is not None
    here.work(run.id)
    assert _named(here, "Supplier") == 1


def test_a_run_that_a_worker_has_just_taken_is_not_handed_out_once_more(here: World) -> None:
    run = _ask(here)
    fence = sync.take(here.house, run.id)  # it is still queued: it starts with its first step

    assert _turns(here) == []

    with here.house.database.transaction() as tx:
        assert turns.free(tx, Turn(run.id, fence))  # the worker is lost before that step
    assert [turn.run_id for turn in _turns(here)] == [run.id]


def test_a_run_taken_while_another_one_works_has_its_turn_after_that(here: World) -> None:
    here.feed(connection(1, "Supplier"))
    first = _ask(here)
    sync.advance(here.house, first.id, sync.take(here.house, first.id))
    second = sync.request(
        here.house, here.integration, ["vendors"], dry_run=True, trigger=Trigger.PAGE, by="t"
    )

    assert drive.attempt(here.house, second.id, sync.take(here.house, second.id)).parked
    assert _turns(here) == []
    here.work(first.id)

    assert [turn.run_id for turn in _turns(here)] == [second.id]


def test_of_two_runs_of_one_business_one_has_its_turn(here: World) -> None:
    first = _ask(here)
    sync.request(
        here.house, here.integration, ["vendors"], dry_run=True, trigger=Trigger.PAGE, by="t"
    )

    assert [turn.run_id for turn in _turns(here)] == [first.id]

    here.house.clock.sleep(timedelta(hours=1).total_seconds())
    here.work(first.id)
    assert len(_turns(here)) == 1
    with here.house.database.reading() as tx:
        assert runs.get(tx, first.id) is not None
