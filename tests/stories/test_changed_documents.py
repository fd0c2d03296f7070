"""Public reports about updates: a person's changes in QuickBooks survive an update of ours."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cleo_accounting.core.records import Role
from tests.world import World, connection, payable


def _line(bill: dict[str, Any], amount: float) -> dict[str, Any]:
    """Return the only line of a bill with this amount."""
    found = [one for one in bill["Line"] if one["Amount"] == amount and one.get("Id")]
    assert len(found) == 1, bill["Line"]
    return dict(found[0])


def _code(here: World, bill: dict[str, Any], **properties: Any) -> None:
    """Set properties on every line of a bill, as a person does in QuickBooks."""
    lines = [dict(one) for one in bill["Line"]]
    for line in lines:
        detail = line["DetailType"]
        line[detail] = {**line[detail], **properties}
    here.intuit.company.update("Bill", bill["Id"], {"Line": lines})


def _made(here: World, kind: str, **document: Any) -> dict[str, str]:
    """Add an entry to one of the company's lists; return a reference to it."""
    return {"value": here.intuit.company.create(kind, document)["Id"]}


def test_the_class_on_a_line_survives_a_change_of_the_due_date(here: World) -> None:
    here.feed(connection(1), payable(1, due_on=date(2026, 2, 1)))
    here.sync()
    (bill,) = here.numbered("INV-1")
    chosen = _made(here, "Class", Name="Region north")
    _code(here, bill, ClassRef=chosen)
    here.feed(payable(1, due_on=date(2026, 3, 1)))

    assert here.sync().state == "succeeded"
    (after,) = here.numbered("INV-1")
    detail = after["Line"][0]["AccountBasedExpenseLineDetail"]
    assert (after["DueDate"], detail["ClassRef"]["value"]) == ("2026-03-01", chosen["value"])


def test_the_customer_a_line_is_billed_to_survives_another_price_of_another_line(
    here: World,
) -> None:
    here.feed(
        connection(1), payable(1, 30_00, lines=[("Paint", "1", "10.00"), ("Brush", "1", "20.00")])
    )
    here.sync()
    (bill,) = here.numbered("INV-1")
    customer = _made(here, "Customer", DisplayName="Harbor Hotel")
    _code(here, bill, CustomerRef=customer, BillableStatus="Billable")
    here.feed(payable(1, 35_00, lines=[("Paint", "1", "10.00"), ("Brush", "1", "25.00")]))

    assert here.sync().state == "succeeded"
    (after,) = here.numbered("INV-1")
    for amount in (10, 25):
        detail = _line(after, amount)["AccountBasedExpenseLineDetail"]
        assert detail["CustomerRef"]["value"] == customer["value"]
        assert detail["BillableStatus"] == "Billable"


def test_an_update_leaves_as_many_lines_as_the_record_has(here: World) -> None:
    here.feed(
        connection(1), payable(1, 30_00, lines=[("Paint", "1", "10.00"), ("Brush", "1", "20.00")])
    )
    here.sync()
    here.feed(payable(1, 31_00, lines=[("Paint", "1", "11.00"), ("Brush", "1", "20.00")]))

    assert here.sync().state == "succeeded"
    (after,) = here.numbered("INV-1")
    assert [(one["Description"], one["Amount"]) for one in after["Line"]] == [
        ("Paint", 11),
        ("Brush", 20),
    ]


def test_a_line_that_was_removed_here_is_removed_there_and_the_other_keeps_its_id(
    here: World,
) -> None:
    here.feed(
        connection(1), payable(1, 30_00, lines=[("Paint", "1", "10.00"), ("Brush", "1", "20.00")])
    )
    here.sync()
    (bill,) = here.numbered("INV-1")
    here.feed(payable(1, 20_00, lines=[("Brush", "1", "20.00")]))

    assert here.sync().state == "succeeded"
    (after,) = here.numbered("INV-1")
    assert [one["Id"] for one in after["Line"]] == [_line(bill, 20)["Id"]]


@pytest.mark.parametrize(("role", "kind"), [(Role.PAYER, "Bill"), (Role.PAYEE, "Invoice")])
def test_an_amended_document_keeps_its_id_in_quickbooks(here: World, role: Role, kind: str) -> None:
    here.feed(connection(1), payable(1, 30_00, role=role, lines=[("Hours", "3", "10.00")]))
    here.sync()
    (before,) = here.numbered("INV-1", kind)
    here.feed(payable(1, 40_00, role=role, lines=[("Hours", "4", "10.00")]))

    assert here.sync().state == "succeeded"
    (after,) = here.numbered("INV-1", kind)
    assert (after["Id"], after["TotalAmt"]) == (before["Id"], 40)


def test_an_invoice_that_carries_fields_of_quickbooks_itself_is_updated(here: World) -> None:
    here.feed(connection(1), payable(1, 30_00, role=Role.PAYEE))
    here.sync()
    (before,) = here.numbered("INV-1", "Invoice")
    mailed = {"BillEmail": {"Address": "ap@harbor.example"}, "EmailStatus": "NeedToSend"}
    here.intuit.company.update("Invoice", before["Id"], mailed)
    here.feed(payable(1, 40_00, role=Role.PAYEE))

    assert here.sync().state == "succeeded"
    (after,) = here.numbered("INV-1", "Invoice")
    assert (after["TotalAmt"], after["BillEmail"]) == (40, mailed["BillEmail"])


def test_a_custom_field_that_a_person_filled_in_on_an_invoice_survives(here: World) -> None:
    here.feed(connection(1), payable(1, 30_00, role=Role.PAYEE))
    here.sync()
    (before,) = here.numbered("INV-1", "Invoice")
    filled = {"DefinitionId": "1", "Name": "Crew #", "Type": "StringType", "StringValue": "12"}
    here.intuit.company.update("Invoice", before["Id"], {"CustomField": [filled]})
    here.feed(payable(1, 40_00, role=Role.PAYEE))

    assert here.sync().state == "succeeded"
    (after,) = here.numbered("INV-1", "Invoice")
    assert (after["TotalAmt"], after["CustomField"]) == (40, [filled])


def test_the_due_date_that_quickbooks_took_from_the_terms_is_nobodys_change(here: World) -> None:
    term = here.intuit.company.create("Term", {"Name": "Net 45", "DueDays": 45})
    here.choose(terms_id=term["Id"])
    here.feed(connection(1), payable(1, issued_on=date(2026, 1, 5)))
    here.sync()
    (bill,) = here.numbered("INV-1")
    here.feed(payable(1, 12_00, issued_on=date(2026, 1, 5)))

    assert here.sync().state == "succeeded"
    (after,) = here.numbered("INV-1")
    assert (bill["DueDate"], after["DueDate"]) == ("2026-02-19", "2026-02-19")
    assert after["TotalAmt"] == 12


def test_a_due_date_of_the_record_wins_over_the_terms(here: World) -> None:
    term = here.intuit.company.create("Term", {"Name": "Net 45", "DueDays": 45})
    here.choose(terms_id=term["Id"])
    here.feed(connection(1), payable(1, due_on=date(2026, 1, 31)))
    here.sync()
    here.feed(payable(1, 12_00, due_on=date(2026, 1, 31)))
    here.sync()

    (after,) = here.numbered("INV-1")
    assert (after["DueDate"], after["TotalAmt"]) == ("2026-01-31", 12)


@pytest.mark.parametrize("paid", [40.0, 100.0])
def test_a_bill_that_was_paid_is_not_amended_without_a_word(here: World, paid: float) -> None:
    here.feed(connection(1), payable(1, 100_00))
    here.sync()
    (bill,) = here.numbered("INV-1")
    here.intuit.company.pay_bill(bill["Id"], amount=paid)
    here.feed(payable(1, 120_00))

    (error,) = here.sync().errors
    assert "paid" in str(error.cause)
    (after,) = here.numbered("INV-1")
    assert (after["TotalAmt"], after["Balance"]) == (100, 100 - paid)
