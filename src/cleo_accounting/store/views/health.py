"""The state of the service as the database knows it: its own time, and the longest waits."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select

from cleo_accounting.core.states import ItemState, RunState
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.errands import Fate
from cleo_accounting.store.tables import errands, operations, runs


def now(tx: Transaction) -> datetime:
    """Return the current time of the database."""
    moment = tx.execute(select(func.current_timestamp())).scalar_one()
    if isinstance(moment, str):  # SQLite has no type for moments and writes them in UTC
        moment = datetime.fromisoformat(moment)
    assert isinstance(moment, datetime)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def oldest_run(tx: Transaction) -> datetime | None:
    """Return when the oldest queued run was created."""
    return tx.execute(
        select(func.min(runs.c.created_at)).where(runs.c.state == RunState.QUEUED)
    ).scalar()


def oldest_errand(tx: Transaction) -> datetime | None:
    """Return when the oldest waiting errand was created."""
    query = select(func.min(errands.c.created_at)).where(errands.c.state == Fate.WAITING)
    return tx.execute(query).scalar()


def in_doubt(tx: Transaction) -> int:
    """Return the number of writes whose outcome is unknown."""
    query = select(func.count()).where(operations.c.state == ItemState.IN_DOUBT)
    return tx.execute(query).scalar_one()
