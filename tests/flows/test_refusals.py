"""Refusals by QuickBooks are explained in full sentences, and are not retried forever."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from cleo_accounting.core.records import PayableStatus
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.mapping import choose
from cleo_accounting.flows.reporting.progress import Item, items, status
from cleo_accounting.flows.run import sync
from tests.world import BUSINESS, World, asked, connection, payable


def _items(here: World, run_id: str) -> list[Item]:
    return items(here.house, here.business_id, here.integration_id, run_id, needs_attention=True)[0]


def _refused(here: World, *entity_types: str) -> Item:
    told = here.sync(*entity_types)
    assert told.run is not None
    (item,) = _items(here, told.run.id)
    for text in (item.cause, item.fix):
        assert text
        assert "…" not in text
    return item


def test_a_name_taken_meanwhile_comes_with_one_that_is_free(here: World) -> None:
    here.feed(connection(1, "Acme"))
    here.sync("vendors")
    here.intuit.company.create(
        "Employee", {"GivenName": "New", "FamilyName": "Name", "DisplayName": "New Name"}
    )
    here.feed(replace(connection(1), name="New Name"))

    item = _refused(here, "vendors")

    assert item.code == "name_taken"
    assert item.fix == "Create it as “New Name (Vendor)”, or match it with an existing one."


def test_books_closed_meanwhile_are_told_with_their_dates(here: World) -> None:
    here.feed(connection(1, "Acme"), payable(1))
    here.sync("vendors")
    here.intuit.company.close_books("2026-01-31")

    item = _refused(here, "invoices")

    assert item.code == "books_closed"
    assert "2026-01-05" in (item.cause or "")


@pytest.mark.parametrize("readable", [True, False])
def test_a_bill_that_must_not_leave_the_closed_period_is_told_with_its_date_in_quickbooks(
    here: World, readable: bool
) -> None:
    """Found by the simulation, seed 924."""
    here.intuit.emulator.turn(closing_date_readable=readable)
    here.feed(connection(1, "Acme"), payable(1))
    here.sync()
    here.intuit.company.close_books("2026-01-31")
    here.connect()
    here.feed(payable(1, cents=12_345, issued_on=date(2026, 2, 20)))

    item = _refused(here, "invoices")

    closed = "2026-01-31" if readable else "a later day"
    assert item.code == "books_closed"
    assert item.cause is not None
    assert item.cause.startswith(
        f"It is dated 2026-01-05 in QuickBooks, and the books are closed through {closed}."
    )


def test_a_refused_change_is_told_with_the_date_that_a_person_gave_the_bill(here: World) -> None:
    here.intuit.emulator.turn(closing_date_readable=False)
    here.feed(connection(1, "Acme"), payable(1))
    here.sync()
    (bill,) = here.ours()
    here.intuit.company.update("Bill", bill["Id"], {"TxnDate": "2026-02-10"})
    here.intuit.company.close_books("2026-02-28")
    here.feed(payable(1, cents=12_345))

    cause = _refused(here, "invoices").cause or ""

    assert cause.startswith(
        "It is dated 2026-02-10 in QuickBooks, and the books are closed through a later day."
    )


@pytest.mark.parametrize("readable", [True, False])
def test_the_date_of_a_bill_that_no_list_shows_is_told_as_that_of_our_last_write(
    here: World, readable: bool
) -> None:
    here.intuit.emulator.turn(closing_date_readable=readable)
    here.feed(connection(1, "Acme"))
    here.sync()
    here.house.clock.sleep(600)
    here.intuit.emulator.turn(query_lag_seconds=60.0)
    here.feed(payable(1))
    here.sync()
    here.intuit.company.close_books("2026-01-31")
    here.connect()
    here.feed(payable(1, cents=12_345, issued_on=date(2026, 2, 20)))

    cause = _refused(here, "invoices").cause or ""

    closed = "2026-01-31" if readable else "a later day"
    assert cause.startswith(
        f"It is dated 2026-01-05 by our last write, and the books are closed through {closed}."
    )


def test_a_bill_that_a_person_dated_out_of_the_closed_period_is_not_held_back(here: World) -> None:
    """Found by the simulation, seed 12022: the cause named the date of our last write."""
    here.feed(connection(1, "Acme"), payable(1))
    here.sync()
    (bill,) = here.ours()
    here.intuit.company.update("Bill", bill["Id"], {"TxnDate": "2026-02-10"})
    here.intuit.company.close_books("2026-01-31")
    here.connect()
    here.feed(payable(1, cents=12_345, issued_on=date(2026, 2, 20)))

    asked(here.sync(), "changed_there")


def test_books_opened_again_since_we_last_looked_hold_nothing_back(here: World) -> None:
    """Found by the simulation, seed 52171.

    No record had been left for the closed period before, so the closing date was not read again.
    """
    here.intuit.company.close_books("2026-01-31")
    here.connect()  # connecting reads the company's settings
    here.feed(connection(1, "Acme"), payable(1))
    here.intuit.company.close_books(None)

    assert here.sync().state == "succeeded"
    assert len(here.ours()) == 1


def test_what_was_made_inactive_after_the_plan_is_refused_and_the_run_ends(here: World) -> None:
    here.feed(connection(1, "Acme"))
    here.sync()
    here.feed(payable(1))
    run = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    sync.advance(here.house, run.id)
    here.intuit.company.update("Account", here.account("Expense"), {"Active": False})
    here.work(run.id)

    (item,) = _items(here, run.id)

    assert item.code == "reference_refused"
    assert item.attempts == 1


def test_a_document_deleted_twice_asks_twice(here: World) -> None:
    def delete_and_change(memo: str) -> Item:
        (bill,) = here.ours()
        here.intuit.company.delete("Bill", bill["Id"])
        here.feed(payable(1, memo=memo))
        return _refused(here, "invoices")

    here.feed(connection(1, "Acme"), payable(1))
    here.sync()
    item = delete_and_change("one")
    assert item.code == "deleted_there"
    choose.decide_item(
        here.house, here.business_id, here.integration_id, item.id, "create_again", "", "finance"
    )
    assert here.sync("invoices").state == "succeeded"

    assert delete_and_change("two").code == "deleted_there"
    assert here.ours() == []


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_refused_change_names_the_document_that_stands(here: World, *, cancelled: bool) -> None:
    here.feed(connection(1, "Acme"), payable(1))
    here.sync()
    (bill,) = here.ours()
    changed = {"status": PayableStatus.CANCELLED} if cancelled else {"cents": 12_345}
    here.feed(payable(1, **changed))
    run = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    sync.advance(here.house, run.id)  # plans the run
    here.intuit.company.close_books("2026-01-31")
    here.work(run.id)

    told = status(here.house, BUSINESS, here.integration_id, run.id)

    assert [(one.code, one.remote_id) for one in told.errors] == [("books_closed", bill["Id"])]
