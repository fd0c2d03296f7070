"""Customer payments: payments by which the business is paid for its invoices."""

from __future__ import annotations

from cleo_accounting.core.kinds.kind import PaymentKind, Removal
from cleo_accounting.core.links import RemoteKind, Settlement
from cleo_accounting.core.records import RecordKind, Role

CUSTOMER_PAYMENT = PaymentKind(
    remote=RemoteKind.PAYMENT,
    noun="customer payment",
    plural="customer payments",
    entity_type="invoices",
    content=Settlement,
    record=RecordKind.PAYMENT,
    role=Role.PAYEE,
    party=RemoteKind.CUSTOMER,
    document=RemoteKind.INVOICE,
    credit=RemoteKind.CREDIT_MEMO,
    needs=(RemoteKind.INVOICE, RemoteKind.CREDIT_MEMO, RemoteKind.ACCOUNT),
    removal=Removal("voided", "Voided in QuickBooks", cause="returned"),
)
