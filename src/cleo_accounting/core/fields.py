"""The choices of a business for its bills, invoices and payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Place(StrEnum):
    """The part of a document into which a custom field of a payable is written."""

    DESCRIPTION = "description"
    NOTE = "note"


class RecordPayments(StrEnum):
    """The status from which a payment is recorded in QuickBooks."""

    COMPLETED = "completed"
    PROCESSING = "processing"  # or once completed, if it was never seen processing


class QuickPay(StrEnum):
    """Whether payments without a payable are recorded in QuickBooks."""

    OFF = "off"
    ON = "on"


@dataclass(frozen=True, slots=True)
class InvoiceFields:
    """The choices of a business for its bills, invoices and payments; ids are remote ids."""

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
    record_payments: RecordPayments = RecordPayments.COMPLETED
    quick_pay: QuickPay = QuickPay.OFF
    time_zone: str = "UTC"  # of the business; dates payables that have no date


# The placeholders of a memo template.
MEMO_WORDS = ("memo", "number", "connection", "due")
