"""Expenses: Quick Pay payments, by which the business pays a vendor without a bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core.kinds.kind import ExpenseKind, Removal
from cleo_accounting.core.links import Expense, RemoteKind
from cleo_accounting.core.records import RecordKind, Role

if TYPE_CHECKING:
    from cleo_accounting.core.fields import InvoiceFields


def _expense_account(fields: InvoiceFields) -> str | None:
    return fields.expense_account_id


EXPENSE = ExpenseKind(
    remote=RemoteKind.EXPENSE,
    noun="expense",
    plural="expenses",
    article="an",
    entity_type="invoices",
    content=Expense,
    record=RecordKind.PAYMENT,
    role=Role.PAYER,
    party=RemoteKind.VENDOR,
    needs=(RemoteKind.VENDOR, RemoteKind.ACCOUNT),
    removal=Removal("removed", "Removed from QuickBooks", cause="expense_returned"),
    choice_needed="expense_account_needed",
    booked_to=_expense_account,
)
