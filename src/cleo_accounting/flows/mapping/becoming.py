"""Which kind of entry a payable or a payment is in QuickBooks, or will become."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.records import KIND_OF, Payable, Payment, RecordKind
from cleo_accounting.store import records
from cleo_accounting.store.views import pairing

if TYPE_CHECKING:
    from cleo_accounting.core.links import RemoteKind
    from cleo_accounting.core.records import Record
    from cleo_accounting.store.database import Transaction


def becomes(
    tx: Transaction, business_id: str, integration_id: str, record: Record
) -> RemoteKind | None:
    """Return the kind that a payable or a payment was written as, or else will become.

    None if that is undetermined: a connection may be a vendor and a customer, and the payable that
    a payment names may not have arrived yet.
    """
    if not isinstance(record, Payable | Payment):
        return None
    if written := pairing.written_as(tx, integration_id, KIND_OF[type(record)], [record.id]):
        return written[record.id]
    if isinstance(record, Payable):
        return kinds.document_for(record).remote
    if not record.paid:
        return kinds.EXPENSE.remote
    named = record.paid[0].payable_id
    payable = records.get(tx, business_id, RecordKind.PAYABLE, [named]).get(named)
    if not isinstance(payable, Payable):
        return None
    return kinds.payment_of(kinds.document_for(payable).remote).remote
