"""The payables that each payment names, to find the payments of a payable or a credit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from cleo_accounting.core.payments import named_by
from cleo_accounting.store.tables import payment_parts as table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.core.records import Payment
    from cleo_accounting.store.database import Transaction

_FORGET = delete(table).where(
    table.c.business_id == bindparam("business"), table.c.payment_id == bindparam("payment")
)


def put(tx: Transaction, business_id: str, payments: Sequence[Payment]) -> None:
    """Replace the stored payables of payments by those that they name now."""
    if not payments:
        return
    forget(tx, business_id, [one.id for one in payments])
    parts = {(name, one.id) for one in payments for name in named_by(one)}
    rows = [
        {"business_id": business_id, "payable_id": payable_id, "payment_id": payment_id}
        for payable_id, payment_id in sorted(parts)
    ]
    if rows:
        tx.execute(table.insert(), rows)


def forget(tx: Transaction, business_id: str, payment_ids: Sequence[str]) -> None:
    """Delete the stored payables of payments."""
    tx.execute(_FORGET, [{"business": business_id, "payment": one} for one in payment_ids])


def paying(tx: Transaction, business_id: str, payable_id: str) -> list[str]:
    """Return the ids of the payments that pay a payable or use its credit."""
    rows = select(table.c.payment_id).where(
        table.c.business_id == business_id, table.c.payable_id == payable_id
    )
    return sorted(tx.scalars(rows))
