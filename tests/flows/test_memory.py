"""The worst failures: lost databases, old backups, and commits in QuickBooks that come late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import text

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.records import PayableStatus
from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import Superseded
from cleo_accounting.flows.mapping import choose
from cleo_accounting.flows.reporting import reconcile
from cleo_accounting.flows.reporting.progress import Tally, status
from cleo_accounting.flows.run import sync
from cleo_accounting.flows.run.drive import attempt
from cleo_accounting.flows.work import errands
from cleo_accounting.store import integrations
from cleo_accounting.store.database import Database
from cleo_accounting.store.errands import Verb
from tests.world import World, connection, house, payable


def _records() -> list[object]:
    return [*[connection(n, f"Supplier {n}") for n in range(1, 4)]] + [
        payable(n, 1_000 + n, to=1 + n % 3) for n in range(50)
    ]


def test_a_lost_database_finds_its_documents_again_and_writes_none_twice(
    here: World, new_sqlite: Callable[[], str]
) -> None:
    here.feed(*_records())  # type: ignore[arg-type]
    here.sync()
    empty = Database(new_sqlite())
    with house(empty, here.intuit, seed=12) as built:
        after = World(built, here.intuit)
        after.open_for_business()
        after.feed(*_records())  # type: ignore[arg-type]

        told = after.sync()

        assert told.state == "succeeded"
        assert told.tallies["vendors"] == Tally(linked=3)
        assert told.tallies["invoices"] == Tally(unchanged=50)
        assert len(after.ours()) == 50
    empty.close()


@pytest.mark.both
def test_what_was_written_after_the_copy_was_made_is_recognised(here: World) -> None:
    here.intuit.company.configure(custom_purchase_numbers=True)
    here.feed(*_records())  # type: ignore[arg-type]
    here.sync()
    with here.house.database.transaction() as tx:  # as in an hour-old backup
        tx.execute(text("delete from links where kind = 'bill' and record_id > 'pay_3'"))
        integrations.set_names_cursor(tx, here.integration_id, None)

    told = here.sync()

    assert told.tallies["invoices"] == Tally(unchanged=50)
    assert len(here.ours()) == 50


@pytest.mark.both
def test_a_run_of_a_copy_made_in_its_middle_does_not_send_what_was_sent_since(
    here: World,
) -> None:
    """Found by the simulation, `forgetful(4, "copy")`."""
    here.intuit.emulator.turn(requestid="ignored", duplicate_numbers="allowed")
    here.feed(*_records())  # type: ignore[arg-type]
    run = here.sync().run
    assert run is not None
    with here.house.database.transaction() as tx:  # as in a backup from before the sending
        tx.execute(text("delete from links where kind = 'bill'"))
        tx.execute(text("update runs set state = 'running', finished_at = null"))
        tx.execute(
            text("update operations set state = 'waiting', attempts = 0 where kind = 'bill'")
        )
        integrations.set_names_cursor(tx, here.integration_id, None)

    here.connect()
    errands.run_due(here.house)
    here.work(run.id)
    told = here.sync()

    assert told.tallies["invoices"] == Tally(unchanged=50)
    assert len(here.ours()) == 50


@pytest.mark.parametrize("changed", [False, True])
def test_a_document_found_again_is_removed_unasked_only_in_its_first_version(
    here: World, new_sqlite: Callable[[], str], changed: bool
) -> None:
    here.feed(connection(1, "Supplier"), payable(1))
    here.sync()
    (bill,) = here.ours()
    if changed:
        here.intuit.company.update("Bill", bill["Id"], {"DueDate": "2026-12-24"})
    empty = Database(new_sqlite())
    with house(empty, here.intuit, seed=12) as built:
        after = World(built, here.intuit)
        after.open_for_business()
        after.feed(connection(1, "Supplier"), payable(1, status=PayableStatus.CANCELLED))

        told = after.sync()

        assert [one.code for one in told.errors] == ["removal_asks"] * changed
        assert len(after.ours()) == changed
    empty.close()


def test_a_worker_that_was_taken_for_dead_can_write_nothing_more(here: World) -> None:
    here.feed(*_records())  # type: ignore[arg-type]
    run = sync.request(here.house, here.integration, ["vendors"], trigger=Trigger.PAGE, by="t")
    old = sync.take(here.house, run.id)
    new = sync.take(here.house, run.id)

    with pytest.raises(Superseded):
        sync.advance(here.house, run.id, old)
    while not sync.advance(here.house, run.id, new).done:
        pass
    assert len([one for one in here.books("Vendor") if "Supplier" in one["DisplayName"]]) == 3


def test_what_is_in_doubt_is_not_repeated_before_a_request_there_must_have_died(
    here: World,
) -> None:
    here.intuit.emulator.turn(requestid="ignored")
    here.feed(connection(1, "Supplier"), payable(1))
    here.sync("vendors")
    here.intuit.emulator.add_fault("late_commit", seconds=100, times=1, path="*/batch")

    told = here.sync("invoices")

    assert told.state == "succeeded"
    assert len(here.ours()) == 1


def _sent_twice(here: World, number: str = "") -> None:
    """Sync a bill that is committed so late that it is sent again and will exist twice."""
    here.intuit.emulator.turn(requestid="ignored", duplicate_numbers="allowed")
    here.feed(connection(1, "Supplier"), payable(1))
    here.sync("vendors")
    if number:
        word = (here.house, here.business_id, here.integration_id, RemoteKind.BILL, "pay_1")
        choose.decide(*word, "number_as", number, "f")
    here.intuit.emulator.add_fault("late_commit", seconds=900, times=1, path="*/batch")
    here.sync("invoices")


def test_a_commit_that_comes_too_late_is_found_within_a_day_and_removed_by_one_word(
    here: World,
) -> None:
    _sent_twice(here)
    here.house.clock.sleep(timedelta(days=1, hours=1).total_seconds())
    assert len(here.ours()) == 2

    errands.ask_daily(here.house)
    errands.run_due(here.house)
    found = reconcile.latest(here.house, here.business_id, here.integration_id)
    assert found is not None
    assert [one.finding for kind in found[1] for one in kind.discrepancies] == ["twice"]
    assert reconcile.remove_duplicates(here.house, here.business_id, here.integration_id, "f") == 1

    assert here.sync("invoices").tallies["invoices"] == Tally(updated=1)
    assert len(here.ours()) == 1
    assert here.sync("invoices").tallies["invoices"] == Tally(unchanged=1)


def test_one_that_came_too_late_for_what_was_cancelled_meanwhile_is_removed_by_one_word(
    here: World,
) -> None:
    _sent_twice(here)
    here.feed(payable(1, status=PayableStatus.CANCELLED))
    here.sync("invoices")
    here.house.clock.sleep(timedelta(days=1, hours=1).total_seconds())
    assert len(here.ours()) == 1

    errands.ask_daily(here.house)
    errands.run_due(here.house)
    found = reconcile.compared(here.house, here.business_id, here.integration_id)
    assert [one.said.finding for one in found.removable] == ["withdrawn"]
    assert reconcile.remove_duplicates(here.house, here.business_id, here.integration_id, "f") == 1

    assert here.sync("invoices").tallies["invoices"] == Tally(updated=1)
    assert here.ours() == []
    assert here.sync("invoices").tallies["invoices"] == Tally(skipped=1)


@pytest.mark.both
def test_a_copy_that_somebody_changed_is_not_removed_and_a_number_given_by_hand_outlives_it(
    here: World,
) -> None:
    _sent_twice(here, number="BY-HAND-1")
    here.house.clock.sleep(timedelta(days=1, hours=1).total_seconds())
    late = here.ours()[-1]["Id"]
    here.intuit.company.update("Bill", late, {"DueDate": "2026-12-24"})
    errands.ask_daily(here.house)
    errands.run_due(here.house)
    reconcile.remove_duplicates(here.house, here.business_id, here.integration_id, "f")

    assert here.sync("invoices").tallies["invoices"] == Tally(failed=1)
    found = reconcile.compared(here.house, here.business_id, here.integration_id)
    assert (len(found.removable), len(found.asked)) == (0, 1)
    here.intuit.company.delete("Bill", late)

    assert here.sync("invoices").tallies["invoices"] == Tally(updated=1)
    assert here.sync("invoices").tallies["invoices"] == Tally(unchanged=1)
    assert [one["DocNumber"] for one in here.ours()] == ["BY-HAND-1"]
    assert reconcile.compared(here.house, here.business_id, here.integration_id).is_compared_again
    here.house.clock.sleep(timedelta(minutes=6).total_seconds())
    errands.run_due(here.house)
    again = reconcile.latest(here.house, here.business_id, here.integration_id)
    assert again is not None
    assert all(kind.agrees for kind in again[1])


def test_whichever_of_two_a_person_deletes_the_other_is_ours_from_then_on(here: World) -> None:
    _sent_twice(here)
    here.house.clock.sleep(timedelta(days=1, hours=1).total_seconds())
    ours, late = (one["Id"] for one in here.ours())
    here.intuit.company.delete("Bill", ours)

    errands.ask_daily(here.house)
    errands.run_due(here.house)
    here.feed(payable(1, 2_000))
    told = here.sync("invoices")

    assert told.tallies["invoices"] == Tally(updated=1)
    assert [(one["Id"], one["TotalAmt"]) for one in here.ours()] == [(late, 20)]
    assert here.sync("invoices").tallies["invoices"] == Tally(unchanged=1)


def test_silence_after_too_many_requests_outlives_the_process_that_was_asked_for_it(
    here: World,
) -> None:
    here.feed(connection(1, "Supplier"), payable(1))
    here.sync("vendors")
    here.intuit.emulator.add_fault("throttled", times=1, path="*/batch")
    run = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    while (progress := sync.advance(here.house, run.id)).wait_until is None:
        pass
    asked = len(here.intuit.emulator.journal.requests())
    with house(here.house.database, here.intuit, seed=13) as other:  # as after a crash
        assert sync.advance(other, run.id).wait_until == progress.wait_until
        errands.ask_to(other, here.business_id, here.integration_id, Verb.LOOK)
        errands.run_due(other)

        assert len(here.intuit.emulator.journal.requests()) == asked
        World(other, here.intuit, integration_id=here.integration_id).work(run.id)
    assert len(here.ours()) == 1


class _Overtaken(httpx2.BaseTransport):
    """An HTTP transport that has the run taken over while a batch is in flight."""

    def __init__(self, inner: httpx2.BaseTransport, overtake: Callable[[], object]) -> None:
        self._inner, self._overtake = inner, overtake

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/batch"):
            self._overtake()
        return self._inner.handle_request(request)


def test_silence_that_a_worker_taken_for_dead_was_asked_for_is_heeded_by_its_successor(
    here: World,
) -> None:
    here.feed(connection(1, "Supplier"), payable(1))
    here.sync("vendors")
    here.intuit.emulator.add_fault("throttled", times=1, path="*/batch")
    run = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    way = _Overtaken(here.intuit.transport(), lambda: sync.take(here.house, run.id))
    with house(here.house.database, here.intuit, seed=13, transport=way) as slow:
        fence = sync.take(slow, run.id)
        while (tried := attempt(slow, run.id, fence)).nap_seconds == 0:
            pass
        assert isinstance(tried.trouble, Superseded)
    asked = len(here.intuit.emulator.journal.requests())

    until = sync.advance(here.house, run.id).wait_until

    assert until is not None
    assert until > here.house.clock.now()
    assert len(here.intuit.emulator.journal.requests()) == asked
    here.work(run.id)
    assert len(here.ours()) == 1


def test_silence_that_a_reconciliation_is_asked_for_is_told_to_everybody(here: World) -> None:
    here.sync("vendors")
    asked_at = here.house.clock.now()
    here.intuit.emulator.add_fault("throttled", times=1, path="*/query")

    reconcile.reconcile(here.house, here.business_id, here.integration_id)

    assert here.integration.silent_until is not None
    assert asked_at < here.integration.silent_until <= here.house.clock.now()


def test_what_a_query_does_not_see_yet_is_not_taken_for_deleted(here: World) -> None:
    here.feed(connection(1, "Supplier"), payable(1, 10_00))
    here.sync()
    here.intuit.emulator.turn(query_lag_seconds=60.0)
    here.feed(payable(1, 11_00), payable(2))
    here.sync("invoices")
    here.feed(payable(1, 12_00), payable(2, 13_00))
    here.intuit.emulator.add_fault("drop_before_commit", times=1, path="*/batch")

    told = here.sync("invoices")

    assert told.state == "succeeded"
    assert sorted(one["TotalAmt"] for one in here.ours()) == [12, 13]


@pytest.mark.both
def test_a_vendor_that_a_person_merged_away_is_not_named_anew(here: World) -> None:
    here.feed(connection(1, "Acme Supplies"), connection(2, "Bolt"))
    here.sync("vendors")
    ids = {one["DisplayName"]: one["Id"] for one in here.books("Vendor")}
    here.intuit.company.merge("Vendor", ids["Bolt"], ids["Acme Supplies"])
    here.feed(connection(2, "Bolt Renamed"))

    told = here.sync("vendors")

    assert [one.code for one in told.errors] == ["inactive"]
    assert not [one for one in here.books("Vendor") if "Renamed" in one["DisplayName"]]


@pytest.mark.parametrize("requestid", ["honoured", "ignored"])
def test_a_vendor_merged_away_before_we_knew_of_it_is_not_made_again(
    here: World, requestid: str
) -> None:
    here.intuit.emulator.turn(requestid=requestid)
    here.feed(connection(1, "Acme Supplies"))
    here.sync("vendors")
    here.feed(connection(2, "Bolt"), payable(1, to=2))
    here.intuit.emulator.add_fault("drop_after_commit", times=1, path="*/batch")
    here.intuit.emulator.add_fault("throttled", times=1, path="*/query")
    run = sync.request(
        here.house, here.integration, ["vendors", "invoices"], trigger=Trigger.PAGE, by="t"
    )
    while sync.advance(here.house, run.id).wait_until is None:
        pass
    ids = {one["DisplayName"]: one["Id"] for one in here.books("Vendor")}
    here.intuit.company.merge("Vendor", ids["Bolt"], ids["Acme Supplies"])

    here.work(run.id)

    told = status(here.house, here.business_id, here.integration_id, run.id)
    assert [(one.code, one.kind) for one in told.errors] == [("inactive", "bill")]
    assert {one["Id"] for one in here.books("Vendor")} == set(ids.values())
    assert here.ours() == []
