"""The rows of the field mapping: payable field, QuickBooks field, choice and a real sample.

The page, the API and the command line show these rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.core.fields import InvoiceFields, Place
from cleo_accounting.core.records import Role
from cleo_accounting.flows.mapping import choose, example
from cleo_accounting.web.choice_schemas import FieldMapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cleo_accounting.flows import House
    from cleo_accounting.flows.mapping.example import Example
    from cleo_accounting.store.integrations import Integration

BILL, INVOICE = "bill", "invoice"
_BOTH = (BILL, INVOICE)
_NUMBER_NOTE = "Longer than 21 characters: shortened recognisably; the whole goes to the note."
_EXPENSE, _SALE = "Line.AccountBasedExpenseLineDetail", "Line.SalesItemLineDetail"


@dataclass(frozen=True, slots=True)
class _Row:
    """A mapping without choices and samples; `choice` names the invoice field that decides it."""

    payable_field: str | None
    quickbooks_field: str
    ours: str
    theirs: str
    on: tuple[str, ...] = _BOTH
    choice: str | None = None
    note: str = ""


_ROWS = (
    _Row("connectionId", "VendorRef", "Connection", "Vendor", (BILL,)),
    _Row("connectionId", "CustomerRef", "Connection", "Customer", (INVOICE,)),
    _Row("invoiceNumber", "DocNumber", "Invoice number", "Number", note=_NUMBER_NOTE),
    _Row("invoiceDate", "TxnDate", "Invoice date", "Date", note="Else the day of createdAt."),
    _Row("dueDate", "DueDate", "Due date", "Due date"),
    _Row("lineItems.description", "Line.Description", "Line", "Description"),
    _Row(
        "lineItems",
        "Line.Amount",
        "Line",
        "Amount",
        note="Quantity times unit price; without lines, the amount of the payable.",
    ),
    _Row("lineItems.quantity", f"{_SALE}.Qty", "Line", "Quantity", (INVOICE,)),
    _Row("lineItems.unitPrice", f"{_SALE}.UnitPrice", "Line", "Rate", (INVOICE,)),
    _Row("amount", "TotalAmt", "Amount", "Total", note="What the lines add up to, to the cent."),
    _Row(None, f"{_EXPENSE}.AccountRef", "", "Account", (BILL,), "expenseAccountId"),
    _Row(None, "APAccountRef", "", "Accounts payable account", (BILL,), "apAccountId"),
    _Row(None, f"{_SALE}.ItemRef", "", "Product or service", (INVOICE,), "itemId"),
    _Row(
        None,
        "Item.IncomeAccountRef",
        "",
        "Income account of the product or service that we make",
        (INVOICE,),
        "incomeAccountId",
    ),
    _Row(None, f"{_EXPENSE}.ClassRef", "", "Class", (BILL,), "classId"),
    _Row(None, f"{_SALE}.ClassRef", "", "Class", (INVOICE,), "classId"),
    _Row(None, "DepartmentRef", "", "Location or department", choice="departmentId"),
    _Row(None, "SalesTermRef", "", "Terms", choice="termsId"),
    _Row("memo", "PrivateNote", "Memo", "Private note", choice="memoTemplate"),
    _Row(
        "id",
        "PrivateNote",
        "Id",
        "Private note",
        note="As CleoPay:<id>, so that the document can always be known again.",
    ),
)
_PLACES = {
    Place.DESCRIPTION: ("Line.Description", "Description"),
    Place.NOTE: ("PrivateNote", "Private note"),
}


def rows(
    house: House, integration: Integration, chosen: InvoiceFields
) -> tuple[list[FieldMapping], Example | None]:
    """Return every field mapping under these choices, and the payable that the samples show."""
    found = example.make(house, integration, chosen)
    samples = _samples(found) if found else {}
    kind = _kind(found) if found else None
    names = choose.full_names(house, integration.business_id, integration.id, chosen)
    ids = choose.ids(chosen)
    told = [
        FieldMapping(
            payable_field=one.payable_field,
            quickbooks_field=one.quickbooks_field,
            on=list(one.on),
            choice=one.choice,
            chosen_id=ids.get(one.choice or ""),
            chosen_name=chosen.memo_template
            if one.choice == "memoTemplate"
            else names.get(one.choice or ""),
            sample=samples.get(one.quickbooks_field) if kind in one.on else None,
            in_cleo_pay=one.ours,
            in_quickbooks=one.theirs,
            note=one.note,
        )
        for one in _ROWS
    ]
    told[-1:-1] = _custom(chosen, found)
    return told, found


def of_example(told: Sequence[FieldMapping], found: Example | None) -> list[FieldMapping]:
    """Return the mappings for the kind of document that the example becomes."""
    return [one for one in told if found and _kind(found) in one.on]


def _kind(found: Example) -> str:
    return BILL if found.payable.role is Role.PAYER else INVOICE


def _custom(chosen: InvoiceFields, found: Example | None) -> Iterator[FieldMapping]:
    values = dict(found.payable.custom_fields) if found else {}
    for name, place in chosen.custom_fields:
        theirs, said = _PLACES[place]
        yield FieldMapping(
            payable_field=f"customFields.{name}",
            quickbooks_field=theirs,
            on=list(_BOTH),
            choice="customFields",
            chosen_id=None,
            chosen_name=place.value,
            sample=values.get(name),
            in_cleo_pay=name,
            in_quickbooks=said,
            note="",
        )


def _samples(found: Example) -> Mapping[str, str]:
    """Return the example's value for each field of QuickBooks, using only its first line."""
    made = found.document
    if made is None:
        return {}
    line = made.lines[0]
    samples = {
        "VendorRef": found.party,
        "CustomerRef": found.party,
        "DocNumber": made.number,
        "TxnDate": made.dated.isoformat(),
        "DueDate": made.due.isoformat() if made.due else "",
        "Line.Description": line.description,
        "Line.Amount": str(line.amount),
        f"{_SALE}.Qty": str(line.quantity or ""),
        f"{_SALE}.UnitPrice": str(line.unit_price or ""),
        "TotalAmt": str(made.total),
        "PrivateNote": made.note,
    }
    return {name: text for name, text in samples.items() if text}
