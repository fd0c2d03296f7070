"""Bill payments: payments by which the business pays its bills from a bank account."""

from __future__ import annotations

from cleo_accounting.core.kinds.kind import PaymentKind, Removal
from cleo_accounting.core.links import RemoteKind, Settlement
from cleo_accounting.core.records import RecordKind, Role

BILL_PAYMENT = PaymentKind(
    remote=RemoteKind.BILL_PAYMENT,
    noun="bill payment",
    plural="bill payments",
    entity_type="invoices",
    content=Settlement,
    record=RecordKind.PAYMENT,
    role=Role.PAYER,
    party=RemoteKind.VENDOR,
    document=RemoteKind.BILL,
    credit=RemoteKind.VENDOR_CREDIT,
    needs=(RemoteKind.BILL, RemoteKind.VENDOR_CREDIT, RemoteKind.ACCOUNT),
    removal=Removal("voided", "Voided in QuickBooks", cause="returned"),
)
