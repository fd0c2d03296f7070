"""The number of payments that are recorded in QuickBooks, and of those only in Cleo Pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from cleo_accounting.core.kinds import PAYMENTS
from cleo_accounting.core.records import PaymentStatus, RecordKind
from cleo_accounting.store.tables import links, records

if TYPE_CHECKING:
    from collections.abc import Collection

    from cleo_accounting.store.database import Transaction


def recorded(tx: Transaction, integration_id: str) -> int:
    """Count the payments that are recorded in QuickBooks."""
    query = select(func.count()).where(
        links.c.integration_id == integration_id,
        links.c.kind.in_(PAYMENTS),
        links.c.gone.is_(False),
    )
    return tx.execute(query).scalar_one()


def not_recorded(
    tx: Transaction, business_id: str, integration_id: str, statuses: Collection[PaymentStatus]
) -> int:
    """Count the payments with one of the statuses that are not recorded in QuickBooks."""
    there = select(links.c.record_id).where(
        links.c.integration_id == integration_id,
        links.c.kind.in_(PAYMENTS),
        links.c.record_id == records.c.id,
        links.c.gone.is_(False),
    )
    query = select(func.count()).where(
        records.c.business_id == business_id,
        records.c.kind == RecordKind.PAYMENT,
        records.c.status.in_(statuses),
        ~there.correlate(records).exists(),
    )
    return tx.execute(query).scalar_one()
