"""A worker is suspended while others go on, and resumes later: no document exists twice."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import Superseded
from cleo_accounting.flows.reporting import reconcile
from cleo_accounting.flows.reporting.progress import Tally
from cleo_accounting.flows.run import sync
from cleo_accounting.flows.run.drive import Attempt, attempt
from cleo_accounting.flows.work import errands
from cleo_accounting.store import operations
from tests.world import World, connection, house, payable

pytestmark = pytest.mark.both


class _Interrupted(httpx2.BaseTransport):
    """An HTTP transport that calls `happens` before it forwards a request to a path."""

    def __init__(self, here: World, path: str, happens: Callable[[], object]) -> None:
        self._inner = here.intuit.transport()
        self._path, self._happens = path, happens
        self.batches = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith(self._path):
            self._happens()
        self.batches += request.url.path.endswith("/batch")
        return self._inner.handle_request(request)


def _work_by(here: World, run_id: str, way: _Interrupted) -> Attempt:
    """Work on a run as another process, by this transport, until it has to wait or is replaced."""
    with house(here.house.database, here.intuit, seed=13, transport=way) as other:
        fence = sync.take(other, run_id)
        while (tried := attempt(other, run_id, fence)).nap_seconds == 0:
            pass
        return tried


def _asked(here: World) -> str:
    return sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t").id


def _plan(here: World, run_id: str) -> None:
    """Work on a run until its bills are planned and none is sent."""
    planned = False
    while not planned:
        sync.advance(here.house, run_id)
        with here.house.database.reading() as tx:
            planned = "waiting" in operations.open_states(tx, run_id).get(RemoteKind.BILL, ())


def _only_a_bill_is_left(here: World) -> None:
    here.intuit.emulator.turn(requestid="ignored", duplicate_numbers="allowed")
    here.feed(connection(1, "Supplier"), payable(1))
    here.sync("vendors")


def test_what_a_worker_sent_on_waking_up_is_waited_for_by_the_run_after_its_own(
    here: World,
) -> None:
    """Found by the simulation, seed 2962."""
    _only_a_bill_is_left(here)
    here.intuit.emulator.turn(query_lag_seconds=60.0)
    run_id = _asked(here)

    def sleep() -> None:
        here.house.clock.sleep(2_000)
        sync.cancel(here.house, here.business_id, here.integration_id, run_id, "jane")
        here.work(run_id)

    tried = _work_by(here, run_id, _Interrupted(here, "/batch", sleep))
    assert isinstance(tried.trouble, Superseded)
    assert len(here.ours()) == 1

    assert here.sync("invoices").state == "succeeded"

    assert len(here.ours()) == 1


def test_what_a_worker_sent_on_waking_up_though_it_was_made_anew_is_shown_within_minutes(
    here: World,
) -> None:
    _only_a_bill_is_left(here)
    run_id = _asked(here)

    def sleep() -> None:
        here.house.clock.sleep(2_000)
        here.work(run_id)

    tried = _work_by(here, run_id, _Interrupted(here, "/batch", sleep))
    assert isinstance(tried.trouble, Superseded)
    assert len(here.ours()) == 2

    here.house.clock.sleep(301)
    errands.run_due(here.house)

    found = reconcile.latest(here.house, here.business_id, here.integration_id)
    assert found is not None
    assert [one.finding for kind in found[1] for one in kind.discrepancies] == ["twice"]


def test_what_was_held_up_for_long_after_its_intent_does_not_leave(here: World) -> None:
    _only_a_bill_is_left(here)
    run_id = _asked(here)
    _plan(here, run_id)
    here.house.clock.sleep(3_550)  # the grant is about to end: it is renewed before the batch
    way = _Interrupted(here, "/tokens/bearer", lambda: here.house.clock.sleep(100))

    tried = _work_by(here, run_id, way)

    assert tried.wait_until is not None
    assert way.batches == 0
    here.work(run_id)
    assert len(here.ours()) == 1


class _Killed(BaseException):
    """Raised in place of the process's death."""


class _KilledAfter(_Interrupted):
    """An HTTP transport on which the process dies as soon as a batch was sent."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = super().handle_request(request)
        if self.batches:
            raise _Killed
        return response


def test_what_left_as_late_as_it_may_and_nobody_lived_to_tell_is_waited_for(here: World) -> None:
    _only_a_bill_is_left(here)
    here.house.clock.sleep(3_550)
    here.intuit.emulator.turn(query_lag_seconds=115.0)
    here.intuit.emulator.add_fault("late_commit", seconds=115, times=1, path="*/batch")
    run_id = _asked(here)
    way = _KilledAfter(here, "/tokens/bearer", lambda: here.house.clock.sleep(85))

    with pytest.raises(_Killed):
        _work_by(here, run_id, way)
    here.work(run_id)

    assert len(here.ours()) == 1


@pytest.mark.parametrize("requestid", ["honoured", "ignored"])
def test_what_is_found_twice_is_told_and_never_written_a_third_time(
    here: World, requestid: str
) -> None:
    """Found by the simulation, seed 2962."""
    _only_a_bill_is_left(here)
    here.intuit.emulator.turn(requestid=requestid)
    here.intuit.emulator.add_fault("drop_after_commit", times=1, path="*/batch")
    run_id = _asked(here)
    while not here.ours():
        sync.advance(here.house, run_id)
    (bill,) = here.ours()
    copied = {name: bill[name] for name in ("VendorRef", "DocNumber", "PrivateNote", "Line")}
    here.intuit.company.create("Bill", copied)
    here.work(run_id)

    told = here.sync("invoices", failed_only_of=run_id)

    assert len(here.ours()) == 2
    assert here.sync("invoices").tallies["invoices"] == Tally(unchanged=1)
    reconcile.keep(here.house, here.integration_id)
    assert reconcile.remove_duplicates(here.house, here.business_id, here.integration_id, "f") == 1
    here.sync("invoices")
    assert [one["Id"] for one in here.ours()] == [bill["Id"]]
    assert told.state == "succeeded"
