"""The dependents of a record: its counterpart in QuickBooks, and operations on their way there."""

from __future__ import annotations

from sqlalchemy import select

from cleo_accounting.core import kinds
from cleo_accounting.core.records import RecordKind
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.operations import UNSETTLED
from cleo_accounting.store.runs import OPEN, WORKING
from cleo_accounting.store.tables import integrations, links, operations, runs


def hold(tx: Transaction, business_id: str) -> None:
    """Prevent any run of a business from starting until the transaction ends."""
    mine = select(integrations.c.id).where(integrations.c.business_id == business_id)
    tx.execute(mine.order_by(integrations.c.id).with_for_update())  # blocks new runs
    tx.execute(
        select(runs.c.id)
        .where(runs.c.integration_id.in_(mine), runs.c.state.in_(OPEN))
        .order_by(runs.c.id)
        .with_for_update()
    )


def name_there(tx: Transaction, business_id: str, kind: RecordKind, record_id: str) -> str | None:
    """Return the name of a record's counterpart, or None if it has none or it was deleted."""
    found: str | None = tx.execute(
        select(links.c.remote_name)
        .join(integrations, integrations.c.id == links.c.integration_id)
        .where(
            integrations.c.business_id == business_id,
            links.c.kind.in_(kinds.counterparts(kind)),
            links.c.record_id == record_id,
            links.c.gone.is_(False),
        )
        .limit(1)
    ).scalar()
    return found


def is_being_sent(tx: Transaction, business_id: str, record_id: str) -> bool:
    """Return whether a working run may send the record, or a write of it is in doubt."""
    mine = select(integrations.c.id).where(integrations.c.business_id == business_id)
    working = select(runs.c.id).where(
        runs.c.integration_id.in_(mine), runs.c.state.in_(WORKING), runs.c.dry_run.is_(False)
    )
    doubtful = select(operations.c.id).where(
        operations.c.integration_id.in_(mine),
        operations.c.record_id == record_id,
        operations.c.state.in_(UNSETTLED),
    )
    return any(tx.execute(one.limit(1)).first() for one in (working, doubtful))
