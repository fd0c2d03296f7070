"""The heartbeats of the workers, by which the others notice that a worker has died."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text

from cleo_accounting.core.clock import Clock
from cleo_accounting.store.database import Transaction, insert
from cleo_accounting.store.tables import workers

_REAPER = 7_401_914  # the key of an advisory lock: only one reaper at a time
_TRIP_MAX = timedelta(seconds=1)


def beat(tx: Transaction, worker_id: str) -> None:
    """Record a heartbeat of a worker, by the clock of the database."""
    now = func.current_timestamp()
    statement = insert(tx, workers).values(id=worker_id, started_at=now, seen_at=now)
    tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"seen_at": now}))


def ahead(tx: Transaction, clock: Clock) -> timedelta | None:
    """Return how far our clock is ahead of the database's, or None if unknown. PostgreSQL only.

    The database's time is taken as that of the middle of the round trip (Cristian). A measurement
    is invalid if the process was suspended or its clock was set in between.
    """
    before = clock.now()
    theirs: datetime = tx.execute(select(func.clock_timestamp())).scalar_one()
    trip = clock.now() - before
    return before + trip / 2 - theirs if timedelta() <= trip <= _TRIP_MAX else None


def leave(tx: Transaction, worker_id: str) -> None:
    """Record that a worker has ended in good order."""
    tx.execute(delete(workers).where(workers.c.id == worker_id))


def silent(tx: Transaction, lease: timedelta) -> list[str]:
    """Return the workers without a heartbeat for longer than a lease. PostgreSQL only.

    The caller holds the reaper's lock until the transaction ends; other callers get an empty list.
    """
    alone = tx.execute(text("select pg_try_advisory_xact_lock(:key)"), {"key": _REAPER}).scalar()
    if not alone:
        return []
    oldest = func.current_timestamp() - lease
    rows = tx.execute(select(workers.c.id).where(workers.c.seen_at < oldest))
    return [row.id for row in rows]


def cut_off(tx: Transaction, worker_id: str) -> None:
    """End all database connections of a worker that is considered dead, and roll back their work.

    The worker may be suspended in the middle of a transaction and would keep its locks until it
    resumes.
    """
    tx.execute(
        text(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = :name and usename = current_user"
        ),
        {"name": worker_id},
    )


def living(tx: Transaction) -> list[str]:
    """Return the ids of the workers that have not left."""
    return [row.id for row in tx.execute(select(workers.c.id))]
