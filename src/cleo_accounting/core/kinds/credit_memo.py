"""Credit memos: payables below zero of a business that is paid, booked as its invoices are."""

from __future__ import annotations

from dataclasses import replace

from cleo_accounting.core.kinds.invoice import INVOICE
from cleo_accounting.core.kinds.kind import Removal
from cleo_accounting.core.links import RemoteKind

CREDIT_MEMO = replace(
    INVOICE,
    remote=RemoteKind.CREDIT_MEMO,
    noun="credit memo",
    plural="credit memos",
    article="a",
    is_credit=True,
    needs=(RemoteKind.CUSTOMER, RemoteKind.ITEM, RemoteKind.INVOICE),
    removal=Removal("removed", "Removed from QuickBooks", cause="removed"),
)
