"""Our own writes are told apart from a person's changes, even if a response was lost."""

from __future__ import annotations

from datetime import date

import pytest

from cleo_accounting.core.records import PayableStatus, Role
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.reporting import reconcile
from cleo_accounting.flows.reporting.progress import RunStatus, Tally, status
from cleo_accounting.flows.run import sync
from tests.world import World, connection, payable


def _codes(told: RunStatus) -> dict[str, str | None]:
    return {one.label: one.code for one in told.errors}


def _sent_without_answer(here: World) -> str:
    """Send a batch that is executed without a response; return the run's id before any lookup."""
    here.intuit.emulator.add_fault("drop_after_commit", times=1, path="*/batch")
    run_id = sync.request(
        here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t"
    ).id
    before = here.intuit.emulator.journal.effects()
    while len(here.intuit.emulator.journal.effects()) == len(before):
        sync.advance(here.house, run_id)
    return run_id


def test_a_bill_that_a_person_changed_while_its_update_was_in_doubt_is_not_removed_unasked(
    here: World,
) -> None:
    here.feed(connection(1, "Supplier"), payable(1))
    here.sync()
    here.feed(payable(1, 11_00))
    run_id = _sent_without_answer(here)
    (bill,) = here.ours()
    here.intuit.company.update("Bill", bill["Id"], {"DueDate": "2026-05-05"})
    here.work(run_id)
    here.feed(payable(1, 11_00, status=PayableStatus.CANCELLED))

    told = here.sync()

    assert _codes(told) == {"INV-1": "removal_asks"}
    assert here.intuit.company.get("Bill", bill["Id"])


def test_what_nobody_touched_since_our_lost_answer_is_removed_without_asking(here: World) -> None:
    here.feed(connection(1, "Supplier"), payable(1))
    here.sync("vendors")
    here.work(_sent_without_answer(here))
    here.feed(payable(1, 11_00))
    here.work(_sent_without_answer(here))
    here.feed(payable(1, 11_00, status=PayableStatus.CANCELLED))

    told = here.sync()

    assert told.tallies["invoices"] == Tally(updated=1)
    assert not here.ours()


def _update_comes_after_it_was_given_up(here: World, role: Role) -> None:
    """Give up an update that QuickBooks executes hours later; nobody else changes the document."""
    here.feed(connection(1, "Partner"), payable(1, 10_00, role=role))
    here.sync()
    here.feed(payable(1, 11_00, role=role))
    here.intuit.emulator.add_fault("late_commit", seconds=9_000, times=1, path="*/batch")
    here.intuit.emulator.add_fault("error_before_commit", times=9, path="*/batch")
    assert here.sync("invoices").tallies["invoices"].failed == 1
    here.intuit.emulator.act("clear_faults")
    here.house.clock.sleep(10_000)
    here.intuit.emulator.catch_up()


@pytest.mark.parametrize("role", [Role.PAYER, Role.PAYEE])
def test_an_update_of_ours_that_came_after_it_was_given_up_is_nobody_elses_change(
    here: World, role: Role
) -> None:
    """Found by the simulation, seed 19279."""
    kind = "Bill" if role is Role.PAYER else "Invoice"
    _update_comes_after_it_was_given_up(here, role)
    assert [one["TotalAmt"] for one in here.ours(kind)] == [11]
    here.feed(payable(1, 12_00, role=role))

    told = here.sync()

    assert told.tallies["invoices"].updated == 1
    assert [one["TotalAmt"] for one in here.ours(kind)] == [12]


def test_a_bill_whose_update_came_after_it_was_given_up_is_removed_unless_a_person_changed_it(
    here: World,
) -> None:
    _update_comes_after_it_was_given_up(here, Role.PAYER)
    here.feed(payable(1, 11_00, status=PayableStatus.CANCELLED))

    told = here.sync()

    assert told.tallies["invoices"] == Tally(updated=1)
    assert not here.ours()


def test_a_bill_that_was_changed_after_our_late_update_waits_for_a_person(here: World) -> None:
    _update_comes_after_it_was_given_up(here, Role.PAYER)
    (bill,) = here.ours()
    here.intuit.company.update("Bill", bill["Id"], {"DueDate": "2026-05-05"})
    here.feed(payable(1, 11_00, status=PayableStatus.CANCELLED))

    told = here.sync()

    assert _codes(told) == {"INV-1": "removal_asks"}
    assert here.intuit.company.get("Bill", bill["Id"])


def test_the_one_of_two_that_took_the_others_place_is_not_removed_though_a_person_changed_it(
    here: World,
) -> None:
    here.intuit.emulator.turn(requestid="ignored", duplicate_numbers="allowed")
    here.feed(connection(1, "Supplier"), payable(1))
    here.sync("vendors")
    here.intuit.emulator.add_fault("late_commit", seconds=900, times=1, path="*/batch")
    here.sync("invoices")
    here.house.clock.sleep(2_000)
    ours, late = (one["Id"] for one in here.ours())
    here.intuit.company.delete("Bill", ours)
    here.intuit.company.update("Bill", late, {"DueDate": "2026-05-05"})
    reconcile.keep(here.house, here.integration_id)
    here.feed(payable(1, status=PayableStatus.CANCELLED))

    told = here.sync()

    assert _codes(told) == {"INV-1": "removal_asks"}
    assert [one["Id"] for one in here.ours()] == [late]


def _create_comes_after_it_was_given_up(here: World, role: Role = Role.PAYER) -> None:
    """Give up a create that QuickBooks executes hours later; our record has changed by then."""
    here.intuit.emulator.turn(requestid="ignored")
    here.feed(connection(1, "Partner"), payable(2, role=role))
    here.sync()
    here.feed(payable(1, 10_00, role=role))
    here.intuit.emulator.add_fault("late_commit", seconds=9_000, times=1, path="*/batch")
    here.intuit.emulator.add_fault("error_before_commit", times=9, path="*/batch")
    assert _codes(here.sync("invoices")) == {"INV-1": "unanswered"}
    here.intuit.emulator.act("clear_faults")
    here.house.clock.sleep(10_000)
    assert _totals(here, role) == [10]
    here.feed(payable(1, 11_00, role=role))


def _totals(here: World, role: Role = Role.PAYER) -> list[float]:
    found = here.numbered("INV-1", "Bill" if role is Role.PAYER else "Invoice")
    return [one["TotalAmt"] for one in found]


@pytest.mark.parametrize("role", [Role.PAYER, Role.PAYEE])
def test_what_a_create_made_after_it_was_given_up_is_brought_to_what_our_record_says_by_then(
    here: World, role: Role
) -> None:
    """Found by the simulation, seed 38691."""
    _create_comes_after_it_was_given_up(here, role)

    told = here.sync("invoices")

    assert told.tallies["invoices"].updated == 1
    assert _totals(here, role) == [11]
    assert here.sync("invoices").tallies["invoices"].updated == 0


def test_so_is_what_is_found_where_the_second_create_was_not_answered_either(here: World) -> None:
    _create_comes_after_it_was_given_up(here)
    here.intuit.emulator.add_fault("error_before_commit", times=1, path="*/batch")

    told = here.sync("invoices")

    assert told.tallies["invoices"] == Tally(updated=1, unchanged=1)
    assert _totals(here) == [11]


def test_so_is_what_is_found_of_a_create_that_another_run_left_open(here: World) -> None:
    _create_comes_after_it_was_given_up(here)
    here.intuit.emulator.add_fault("drop_before_commit", times=1, path="*/batch")
    left = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t").id
    where = (here.house, here.business_id, here.integration_id, left)
    while not status(*where).tallies["invoices"].in_doubt:
        assert not sync.advance(here.house, left).done
    sync.cancel(*where, "jane")
    here.work(left)

    told = here.sync("invoices")

    assert told.tallies["invoices"] == Tally(updated=1, unchanged=1)
    assert _totals(here) == [11]


def test_what_a_person_made_of_a_create_that_came_late_stays_when_ours_is_written_over_it(
    here: World,
) -> None:
    _create_comes_after_it_was_given_up(here)
    (bill,) = here.numbered("INV-1")
    here.intuit.company.update("Bill", bill["Id"], {"DueDate": "2026-05-05"})

    here.sync("invoices")

    (bill,) = here.numbered("INV-1")
    assert (bill["TotalAmt"], bill["DueDate"]) == (11, "2026-05-05")


def test_a_change_that_our_update_kept_is_asked_about_before_the_bill_is_removed(
    here: World,
) -> None:
    """Found by `proof.lives`, seed 300: our update kept a person's amount; the version was ours."""
    here.feed(connection(1, "Partner"), payable(1))
    here.sync()
    (bill,) = here.numbered("INV-1")
    line = {**bill["Line"][0], "Amount": 12}
    here.intuit.company.update("Bill", bill["Id"], {"Line": [line]})
    here.feed(payable(1, due_on=date(2026, 3, 15)))
    here.sync()
    here.feed(payable(1, due_on=date(2026, 3, 15), status=PayableStatus.CANCELLED))

    assert _codes(here.sync()) == {"INV-1": "removal_asks"}
    assert here.intuit.company.get("Bill", bill["Id"])
