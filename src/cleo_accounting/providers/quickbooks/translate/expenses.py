"""Read and write expenses: an Intuit Purchase that is paid by check and booked on one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleo_accounting.core.links import Expense, Remote, RemoteKind
from cleo_accounting.providers.quickbooks.translate.entities import (
    inside,
    marker_of,
    name_property,
    party_property,
    reference,
    text,
)
from cleo_accounting.providers.quickbooks.translate.entry import entry
from cleo_accounting.providers.quickbooks.translate.values import (
    amount,
    day,
    is_voided,
    lines,
    number,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cleo_accounting.core.records import Money

    Json = Mapping[str, Any]

_DETAIL = "AccountBasedExpenseLineDetail"
_VENDOR = "Vendor"


def properties(kind: RemoteKind, expense: Expense) -> dict[str, Any]:
    """Return an expense as Intuit's JSON; ACH payments use `Check`, as Intuit has no ACH type."""
    booked = {"AccountRef": {"value": expense.expense_account_id}}
    return {
        "PaymentType": "Check",
        "AccountRef": {"value": expense.account_id},
        party_property(kind): {"value": expense.party_id, "type": _VENDOR},
        name_property(kind): expense.number,
        "TxnDate": expense.dated.isoformat(),
        "PrivateNote": expense.note,
        "Line": [
            {"Amount": number(expense.total.decimal), "DetailType": _DETAIL, _DETAIL: booked},
        ],
    }


def read(kind: RemoteKind, raw: Json, home: str) -> Remote:
    """Read an expense, however it was paid; a voided expense counts as gone."""
    details = {"party_id": _vendor_id(kind, raw), "account_id": reference(raw, "AccountRef")}
    content = _content(kind, raw, amount(raw, "TotalAmt", home))
    return entry(kind, raw, home, content, details, gone=is_voided(raw))


def _content(kind: RemoteKind, raw: Json, total: Money | None) -> Expense | None:
    """Return the content that we would write for this expense; None if we could not write it."""
    dated, vendor_id, note = (
        day(text(raw, "TxnDate")),
        _vendor_id(kind, raw),
        text(raw, "PrivateNote"),
    )
    if dated is None or vendor_id is None or total is None:
        return None
    booked = [reference(inside(line, _DETAIL), "AccountRef") for line in lines(raw)]
    return Expense(
        party_id=vendor_id,
        account_id=reference(raw, "AccountRef") or "",
        expense_account_id=(booked[0] if len(booked) == 1 else None) or "",
        number=text(raw, name_property(kind)),
        dated=dated,
        total=total,
        note=note,
        marker=marker_of(note),
    )


def _vendor_id(kind: RemoteKind, raw: Json) -> str | None:
    """Return the id of the vendor that was paid; None if a customer or an employee was."""
    name = party_property(kind)
    party = inside(raw, name)
    return reference(raw, name) if text(party, "type") in (_VENDOR, "") else None
