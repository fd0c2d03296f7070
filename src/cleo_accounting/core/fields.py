"""The choices of a business for its bills and invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Place(StrEnum):
    """Where a custom field of a payable lands."""

    DESCRIPTION = "description"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class InvoiceFields:
    """What a business chose for its bills and invoices; every id is the other side's."""

    expense_account_id: str | None = None
    ap_account_id: str | None = None
    class_id: str | None = None
    department_id: str | None = None
    terms_id: str | None = None
    item_id: str | None = None
    income_account_id: str | None = None
    memo_template: str = "{memo}"
    custom_fields: tuple[tuple[str, Place], ...] = ()
    go_live: date | None = None
    send_submitted_bills: bool = False
    time_zone: str = "UTC"  # of the business: a payable without a date takes its day there


# What a memo template may name.
MEMO_WORDS = ("memo", "number", "connection", "due")
