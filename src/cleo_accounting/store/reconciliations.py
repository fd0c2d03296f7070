"""The result of the latest reconciliation of each integration."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, select

from cleo_accounting.core.reconciliation import Reconciliation
from cleo_accounting.store.database import Transaction, insert
from cleo_accounting.store.integrations import Status
from cleo_accounting.store.tables import integrations, reconciliations


def put(
    tx: Transaction, integration_id: str, found: Sequence[Reconciliation], now: datetime
) -> None:
    """Store the latest result and replace the previous one."""
    values = {
        "at": now,
        "agrees": all(one.agrees for one in found),
        "body": msgspec.json.encode(found).decode(),
    }
    statement = insert(tx, reconciliations).values(integration_id=integration_id, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["integration_id"], set_=values))


def get(tx: Transaction, integration_id: str) -> tuple[datetime, list[Reconciliation]] | None:
    """Return the latest result and its moment, or None."""
    row = tx.execute(
        select(reconciliations).where(reconciliations.c.integration_id == integration_id)
    ).first()
    if row is None:
        return None
    return row.at, msgspec.json.decode(row.body, type=list[Reconciliation])


_DUE = (
    select(integrations.c.id)
    .outerjoin(reconciliations, reconciliations.c.integration_id == integrations.c.id)
    .where(
        integrations.c.status == Status.CONNECTED,
        integrations.c.connected_at < bindparam("before"),
        reconciliations.c.at.is_(None) | (reconciliations.c.at < bindparam("before")),
    )
)


def due(tx: Transaction, before: datetime) -> list[str]:
    """Return the connected integrations that were not reconciled or connected since a moment."""
    return list(tx.scalars(_DUE, {"before": before}))
