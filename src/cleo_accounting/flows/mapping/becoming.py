"""What a payable or a payment is in QuickBooks, or is to become there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.records import KIND_OF, Payable, Payment, RecordKind
from cleo_accounting.store import links, records

if TYPE_CHECKING:
    from cleo_accounting.core.links import RemoteKind
    from cleo_accounting.core.records import Record
    from cleo_accounting.store.database import Transaction


def becomes(
    tx: Transaction, business_id: str, integration_id: str, record: Record
) -> RemoteKind | None:
    """Return the kind that a payable or a payment was written as, else that it is to become.

    None: it may become any that its kind of record becomes, as a connection does, or the payable
    that a payment names is not known yet.
    """
    if not isinstance(record, Payable | Payment):
        return None
    for kind in kinds.counterparts(KIND_OF[type(record)]):
        if links.links_of(tx, integration_id, kind, [record.id]):
            return kind
    if isinstance(record, Payable):
        return kinds.document_for(record).remote
    if not record.paid:
        return kinds.EXPENSES[0]
    named = record.paid[0].payable_id
    payable = records.get(tx, business_id, RecordKind.PAYABLE, [named]).get(named)
    if not isinstance(payable, Payable):
        return None
    return kinds.payment_of(kinds.document_for(payable).remote).remote
