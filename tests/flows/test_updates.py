"""An update writes what changed in our record, and keeps what a person did in QuickBooks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cleo_accounting.core.records import Payable, Role
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.mapping import choose
from cleo_accounting.flows.reporting import progress
from cleo_accounting.flows.reporting.progress import Item, RunStatus
from cleo_accounting.flows.run import sync
from tests.world import BUSINESS, World, connection, payable

PAPER, INK, TONER = ("Paper", "2", "5"), ("Ink", "1", "30"), ("Toner", "1", "60")
ROLES = [Role.PAYER, Role.PAYEE]


def _bill(*lines: tuple[str, str, str], role: Role = Role.PAYER, **more: Any) -> Payable:
    total = sum(Decimal(quantity) * Decimal(price) for _, quantity, price in lines)
    cents = more.pop("cents", int(total * 100))
    return payable(1, cents, lines=lines, role=role, **more)


def _written(here: World, given: Payable) -> dict[str, Any]:
    here.feed(connection(1, "Partner"), given)
    assert here.sync().state == "succeeded"
    return _document(here)


def _document(here: World) -> dict[str, Any]:
    (found,) = [*here.numbered("INV-1"), *here.numbered("INV-1", "Invoice")]
    return found


def _kind(role: Role) -> str:
    return "Bill" if role is Role.PAYER else "Invoice"


def _edit(here: World, role: Role = Role.PAYER, **changes: Any) -> None:
    here.intuit.company.update(_kind(role), _document(here)["Id"], changes)


def _pay(here: World, amount: str, role: Role = Role.PAYER) -> None:
    facts = {"id": _document(here)["Id"], "amount": amount, "kind": _kind(role)}
    realm = {"realm_id": here.intuit.realm_id, "deed": "pay"}
    here.intuit.emulator.act("person", realm | facts)


def _coded(here: World, line: dict[str, Any], **detail: Any) -> dict[str, Any]:
    """Return a line with details that a bookkeeper added."""
    name = line["DetailType"]
    return {**line, name: {**line[name], **detail}}


def _customer(here: World) -> dict[str, str]:
    made = here.intuit.company.create("Customer", {"DisplayName": "Rebilled to"})
    return {"value": made["Id"]}


def _sold(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for line in document["Line"] if line["DetailType"] != "SubTotalLineDetail"]


def _codes(told: RunStatus) -> list[str | None]:
    return [one.code for one in told.errors]


def _decide(here: World, item: Item, verdict: str) -> None:
    choose.decide_item(here.house, BUSINESS, here.integration_id, item.id, verdict, "", "jane")


def test_a_line_that_a_person_coded_keeps_its_coding_when_our_amount_changes(here: World) -> None:
    bill = _written(here, _bill(PAPER, INK))
    billable = {"CustomerRef": _customer(here), "BillableStatus": "Billable"}
    _edit(here, Line=[_coded(here, bill["Line"][0], **billable), bill["Line"][1]])
    here.feed(_bill(("Paper", "2", "6"), INK))

    assert here.sync().tallies["invoices"].updated == 1

    first, second = _document(here)["Line"]
    detail = first["AccountBasedExpenseLineDetail"]
    assert (first["Id"], first["Amount"]) == (bill["Line"][0]["Id"], 12)
    assert detail["CustomerRef"]["value"] == billable["CustomerRef"]["value"]
    assert detail["BillableStatus"] == "Billable"
    assert second == bill["Line"][1]


@pytest.mark.parametrize("role", ROLES)
def test_lines_that_our_record_did_not_change_are_not_touched(here: World, role: Role) -> None:
    document = _written(here, _bill(PAPER, INK, role=role))
    freight = {key: value for key, value in document["Line"][0].items() if key != "Id"}
    freight |= {"Description": "Freight", "Amount": 7}
    freight = _coded(here, freight, Qty=1, UnitPrice=7) if role is Role.PAYEE else freight
    _edit(here, role, Line=[*_sold(document), freight])
    before = _document(here)
    here.feed(_bill(PAPER, INK, role=role, memo="changed here"))

    told = here.sync()

    assert _codes(told) == ["total_differs"]  # the freight is not in our record
    after = _document(here)
    assert after["Line"] == before["Line"]
    assert after["TotalAmt"] == 47
    assert after["PrivateNote"].startswith("changed here")


@pytest.mark.parametrize("role", ROLES)
def test_lines_are_added_changed_and_removed_beside_those_of_a_person(
    here: World, role: Role
) -> None:
    document = _written(here, _bill(PAPER, INK, role=role))
    words = {"Description": "See the contract", "DetailType": "DescriptionOnly"}
    _edit(here, role, Line=[*_sold(document), words])
    here.feed(_bill(("Paper", "3", "5"), TONER, ("Glue", "1", "1"), role=role))

    told = here.sync()

    assert not told.errors
    after = _sold(_document(here))
    assert [line["Description"] for line in after] == ["Paper", "See the contract", "Glue"] or [
        line["Description"] for line in after
    ] == ["Paper", "Toner", "See the contract", "Glue"]
    assert _document(here)["TotalAmt"] == 76
    assert after[0]["Id"] == document["Line"][0]["Id"]


@pytest.mark.parametrize(
    ("role", "unset", "code"),
    [
        (Role.PAYER, {"expense_account_id": None}, "expense_account_needed"),
        (Role.PAYEE, {"item_id": None}, "item_needed"),
    ],
)
def test_a_line_that_is_added_waits_until_it_is_chosen_what_it_books_to(
    here: World, role: Role, unset: dict[str, None], code: str
) -> None:
    """Found by the simulation, seed 51068."""
    here.choose(item_id=here.books("Item")[0]["Id"], income_account_id=None)
    _written(here, _bill(PAPER, role=role))
    chosen = here.integration.fields
    here.choose(**unset)
    here.feed(_bill(PAPER, TONER, role=role))
    previewed = here.sync(dry_run=True)

    told = here.sync()

    assert _codes(previewed) == _codes(told) == [code]
    assert [line["Description"] for line in _sold(_document(here))] == ["Paper"]
    here.choose(**{name: getattr(chosen, name) for name in unset})
    assert here.sync().tallies["invoices"].updated == 1
    assert len(_sold(_document(here))) == 2


@pytest.mark.parametrize("role", ROLES)
def test_other_changes_need_no_choice_of_what_lines_book_to(here: World, role: Role) -> None:
    _written(here, _bill(PAPER, role=role))
    here.choose(expense_account_id=None, item_id=None, income_account_id=None)
    here.feed(_bill(("Paper", "3", "5"), role=role))

    told = here.sync()

    assert not told.errors
    assert _sold(_document(here))[0]["Amount"] == 15


def test_a_coded_line_that_our_record_drops_is_asked_about(here: World) -> None:
    bill = _written(here, _bill(PAPER, INK))
    coded = _coded(here, bill["Line"][1], CustomerRef=_customer(here))
    _edit(here, Line=[bill["Line"][0], coded])
    here.feed(_bill(PAPER))

    told = here.sync()

    assert _codes(told) == ["changed_there"]
    assert [one.field for one in told.errors[0].differences] == ["lines", "total"]
    assert len(_document(here)["Line"]) == 2
    _decide(here, told.errors[0], "send_ours")
    assert here.sync().tallies["invoices"].updated == 1
    assert [line["Description"] for line in _document(here)["Line"]] == ["Paper"]


def test_what_quickbooks_filled_in_is_nobodys_change(here: World) -> None:
    bill = _written(here, _bill(PAPER))
    assert bill["DueDate"] == "2026-01-05"
    here.feed(_bill(PAPER, due_on=date(2026, 2, 1)))

    assert here.sync().tallies["invoices"].updated == 1
    assert _document(here)["DueDate"] == "2026-02-01"


def test_what_a_person_set_where_quickbooks_had_filled_in_is_asked_about(here: World) -> None:
    _written(here, _bill(PAPER))
    _edit(here, DueDate="2026-03-03")
    here.feed(_bill(PAPER, due_on=date(2026, 2, 1)))

    assert _codes(here.sync()) == ["changed_there"]
    assert _document(here)["DueDate"] == "2026-03-03"


def test_what_was_kept_of_a_person_is_still_theirs_at_the_next_update(here: World) -> None:
    _written(here, _bill(PAPER, due_on=date(2026, 2, 1)))
    _edit(here, DueDate="2026-03-03")
    here.feed(_bill(INK, due_on=date(2026, 2, 1)))
    assert here.sync().tallies["invoices"].updated == 1
    here.feed(_bill(TONER, due_on=date(2026, 2, 1), memo="again"))
    assert here.sync().tallies["invoices"].updated == 1
    assert _document(here)["DueDate"] == "2026-03-03"
    here.feed(_bill(TONER, due_on=date(2026, 4, 1), memo="again"))

    assert _codes(here.sync()) == ["changed_there"]
    assert _document(here)["DueDate"] == "2026-03-03"


@pytest.mark.parametrize("role", ROLES)
def test_a_paid_document_is_not_changed_in_amount_unasked(here: World, role: Role) -> None:
    _written(here, _bill(INK, role=role))
    _pay(here, "10", role)
    here.feed(_bill(TONER, role=role))

    preview, told = here.sync(dry_run=True), here.sync()

    assert _codes(preview) == _codes(told) == ["paid_there"]
    assert "10.00 USD of it is paid" in str(told.errors[0].cause)
    assert _document(here)["TotalAmt"] == 30
    _decide(here, told.errors[0], "send_ours")
    assert here.sync().tallies["invoices"].updated == 1
    assert _document(here)["TotalAmt"] == 60


def test_less_than_what_is_paid_is_said_so(here: World) -> None:
    _written(here, _bill(INK))
    _pay(here, "20")
    here.feed(_bill(PAPER))

    told = here.sync()

    assert _codes(told) == ["below_paid"]
    assert "20.00 USD of it is paid" in str(told.errors[0].cause)
    _decide(here, told.errors[0], "keep_theirs")
    assert here.sync().tallies["invoices"].unchanged == 1
    assert _document(here)["TotalAmt"] == 30


def test_a_word_on_a_change_is_no_word_on_what_was_paid_since(here: World) -> None:
    _written(here, _bill(INK))
    _edit(here, Line=[{**_document(here)["Line"][0], "Amount": 31}])
    here.feed(_bill(TONER))
    told = here.sync()
    assert _codes(told) == ["changed_there"]
    _decide(here, told.errors[0], "send_ours")
    _pay(here, "31")

    assert _codes(here.sync()) == ["paid_there"]
    assert _document(here)["TotalAmt"] == 31


@pytest.mark.parametrize(
    "change",
    [{"memo": "changed"}, {"due_on": date(2026, 5, 5)}, {"number": "INV-1"}],
)
def test_texts_and_dates_of_a_paid_document_are_changed(
    here: World, change: dict[str, Any]
) -> None:
    _written(here, _bill(INK, memo="before"))
    _pay(here, "30")
    here.feed(_bill(("Ink, black", "1", "30"), **{"memo": "before", **change}))

    told = here.sync()

    assert not told.errors
    assert _document(here)["Line"][0]["Description"] == "Ink, black"
    assert _document(here)["Balance"] == 0


def test_a_payment_at_the_moment_of_sending_is_seen(here: World) -> None:
    _written(here, _bill(INK))
    here.feed(_bill(TONER))
    run = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    while not _waits(here, run.id):
        sync.advance(here.house, run.id)
    _pay(here, "30")
    here.work(run.id)

    told = progress.status(here.house, BUSINESS, here.integration_id, run.id)
    assert _codes(told) == ["paid_there"]
    assert _document(here)["TotalAmt"] == 30


def test_an_edit_at_the_moment_of_sending_is_kept(here: World) -> None:
    bill = _written(here, _bill(INK))
    here.feed(_bill(TONER))
    run = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    while not _waits(here, run.id):
        sync.advance(here.house, run.id)
    customer = _customer(here)
    coded = _coded(here, bill["Line"][0], CustomerRef=customer)
    _edit(here, DueDate="2026-06-06", Line=[coded])
    here.work(run.id)

    after = _document(here)
    assert (after["TotalAmt"], after["DueDate"]) == (60, "2026-06-06")
    detail = after["Line"][0]["AccountBasedExpenseLineDetail"]
    assert detail["CustomerRef"]["value"] == customer["value"]


def _waits(here: World, run_id: str) -> bool:
    items, _ = progress.items(here.house, BUSINESS, here.integration_id, run_id, limit=9, offset=0)
    return any(one.state == "waiting" for one in items)


def test_another_default_account_does_not_rebook_a_bill_whose_note_changes(here: World) -> None:
    bill = _written(here, _bill(INK))
    other = here.intuit.company.create("Account", {"Name": "Other", "AccountType": "Expense"})
    here.choose(expense_account_id=other["Id"])
    here.feed(_bill(INK, memo="changed"))

    assert here.sync().tallies["invoices"].updated == 1
    assert _document(here)["Line"] == bill["Line"]


def test_a_line_that_a_person_booked_elsewhere_stays_there(here: World) -> None:
    bill = _written(here, _bill(INK))
    other = here.intuit.company.create("Account", {"Name": "Other", "AccountType": "Expense"})
    _edit(here, Line=[_coded(here, bill["Line"][0], AccountRef={"value": other["Id"]})])
    here.feed(_bill(("Ink", "2", "30")))

    assert here.sync().tallies["invoices"].updated == 1
    (line,) = _document(here)["Line"]
    detail = line["AccountBasedExpenseLineDetail"]
    assert (line["Amount"], detail["AccountRef"]["value"]) == (60, other["Id"])


def test_quantity_price_and_amount_of_a_sold_line_stay_together(here: World) -> None:
    invoice = _written(here, _bill(PAPER, INK, role=Role.PAYEE))
    dated = _coded(here, invoice["Line"][0], ServiceDate="2026-01-03")
    off = {
        "Amount": 5,
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": False},
    }
    _edit(here, Role.PAYEE, Line=[dated, invoice["Line"][1], off])
    here.feed(_bill(("Paper", "3", "33.335"), INK, role=Role.PAYEE, cents=130_01))

    told = here.sync()

    assert _codes(told) == ["total_differs"]  # the discount is not in our record
    after = _document(here)
    first = after["Line"][0]
    assert (first["Amount"], first["SalesItemLineDetail"]["Qty"]) == (Decimal("100.01"), 3)
    assert first["SalesItemLineDetail"]["ServiceDate"] == "2026-01-03"
    assert after["TotalAmt"] == Decimal("125.01")


def test_a_vendor_keeps_what_a_person_entered(here: World) -> None:
    here.feed(connection(1, "Partner", email="a@partner.test"), payable(1))
    here.sync()
    (vendor,) = [one for one in here.books("Vendor") if one["DisplayName"] == "Partner"]
    entered = {
        "PrimaryPhone": {"FreeFormNumber": "555-0100"},
        "PrimaryEmailAddr": {"Address": "boss@partner.test"},
        "Vendor1099": True,
    }
    here.intuit.company.update("Vendor", vendor["Id"], entered)
    here.feed(connection(1, "Partner & Sons", email="a@partner.test"))

    told = here.sync("vendors")

    assert told.tallies["vendors"].updated == 1
    after = here.intuit.company.get("Vendor", vendor["Id"])
    assert after is not None
    assert after["DisplayName"] == "Partner & Sons"
    assert {name: after[name] for name in entered} == entered


def test_a_preview_names_the_fields_that_an_update_changes(here: World) -> None:
    _written(here, _bill(INK, memo="before"))
    here.feed(_bill(TONER, memo="after", due_on=date(2026, 2, 2)))

    preview = here.sync(dry_run=True)

    assert preview.run is not None
    (item,), _ = progress.items(
        here.house,
        BUSINESS,
        here.integration_id,
        preview.run.id,
        limit=9,
        offset=0,
        actions=["update"],
    )
    told = {one.field: one for one in item.changes}
    assert set(told) == {"due", "note", "lines", "total"}
    assert told["due"].before
    assert told["due"].before.text == "2026-01-05"
    assert told["due"].after
    assert told["due"].after.text == "2026-02-02"
    assert told["total"].after
    assert told["total"].after.minor == 60_00
    assert _document(here)["TotalAmt"] == 30


def test_what_a_person_did_already_is_not_written_again(here: World) -> None:
    _written(here, _bill(INK, due_on=date(2026, 2, 1)))
    _edit(here, DueDate="2026-04-01")
    here.feed(_bill(INK, due_on=date(2026, 4, 1)))
    version = _document(here)["SyncToken"]

    assert here.sync().tallies["invoices"].unchanged == 1
    assert here.sync().tallies["invoices"].unchanged == 1
    assert _document(here)["SyncToken"] == version
