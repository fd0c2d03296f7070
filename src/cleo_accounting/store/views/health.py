"""What the database can say about how things stand: its own time, and what waits the longest."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select

from cleo_accounting.core.states import ItemState, RunState
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.errands import Fate
from cleo_accounting.store.tables import errands, operations, runs


def now(tx: Transaction) -> datetime:
    """What o'clock the database thinks it is."""
    moment = tx.execute(select(func.current_timestamp())).scalar_one()
    if isinstance(moment, str):  # SQLite keeps no moments, and writes them in UTC
        moment = datetime.fromisoformat(moment)
    assert isinstance(moment, datetime)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def oldest_run(tx: Transaction) -> datetime | None:
    """Since when the longest of the runs that wait for a worker has been waiting."""
    return tx.execute(
        select(func.min(runs.c.created_at)).where(runs.c.state == RunState.QUEUED)
    ).scalar()


def oldest_errand(tx: Transaction) -> datetime | None:
    """Since when the longest of the errands that wait for a worker has been waiting."""
    query = select(func.min(errands.c.created_at)).where(errands.c.state == Fate.WAITING)
    return tx.execute(query).scalar()


def in_doubt(tx: Transaction) -> int:
    """How many writes nobody knows the outcome of."""
    query = select(func.count()).where(operations.c.state == ItemState.IN_DOUBT)
    return tx.execute(query).scalar_one()
