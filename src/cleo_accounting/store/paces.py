"""The rate limits of each company's books: one budget of requests, shared by all processes.

A request counts from its start until a whole window after its end. A request whose process died
counts as ended soon after the death is noticed (`end_of_lost`), or else at its deadline.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, null, select, true, update

from cleo_accounting.store.database import AWAY, one_at_a_time
from cleo_accounting.store.tables import requests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.core.clock import Clock
    from cleo_accounting.store.database import Database, Transaction

_KEPT = timedelta(seconds=61)  # the longest of Intuit's windows, plus a margin
_LOOK_AGAIN_SECONDS = 0.1  # while a pending request has to end first
_OUTLIVES = timedelta(seconds=10)  # how long Intuit may work on a request of a dead sender


class Paces:
    """Grants turns to send requests to a company's books; safe to share by threads and processes.

    While the database is unavailable, turns are granted freely: each process still limits its own
    rate, and nobody can work on a company's books without the database anyway.
    """

    def __init__(self, database: Database, clock: Clock, in_the_air_max: timedelta) -> None:
        """Create a budget whose turns expire after `in_the_air_max` in any case."""
        self._database = database
        self._clock = clock
        self._in_the_air_max = in_the_air_max

    def take(
        self, company_id: str, windows: Sequence[tuple[int, float, bool]], *, batch: bool
    ) -> tuple[int, float]:
        """Take a turn; returns its number, or 0 and the number of seconds to wait before retrying.

        Each window is a number of requests, its length in seconds, and whether only batches count.
        """
        try:
            with self._database.transaction() as tx:
                one_at_a_time(tx, f"pace {company_id}")
                now = _now(tx, self._clock)
                waits = [_wait(tx, company_id, window, now) for window in windows]
                if any(waits):
                    return 0, max(waits)
                tx.execute(
                    delete(requests).where(
                        requests.c.company_id == company_id, requests.c.ends_at < now - _KEPT
                    )
                )
                row = requests.insert().values(
                    company_id=company_id,
                    batch=batch,
                    ends_at=now + self._in_the_air_max,
                    over=False,
                    holder=null() if _is_file(tx) else func.current_setting("application_name"),
                )
                return int(tx.execute(row.returning(requests.c.id)).scalar_one()), 0.0
        except AWAY:
            return -1, 0.0

    def end(self, turn: int) -> None:
        """Record that the request of a turn has ended."""
        try:
            with self._database.transaction() as tx:
                tx.execute(
                    update(requests)
                    .where(requests.c.id == turn)
                    .values(ends_at=_now(tx, self._clock), over=True)
                )
        except AWAY:
            return  # the turn expires by itself


def end_of_lost(tx: Transaction, clock: Clock, worker_id: str) -> None:
    """Let the requests of a dead worker end soon, instead of at their deadline.

    On SQLite there is only one worker at a time, so its successor knows that every pending request
    belongs to a process that died.
    """
    soon = _now(tx, clock) + _OUTLIVES
    its_own = true() if _is_file(tx) else requests.c.holder == worker_id
    tx.execute(
        update(requests)
        .where(~requests.c.over, requests.c.ends_at > soon, its_own)
        .values(ends_at=soon)
    )


def _is_file(tx: Transaction) -> bool:
    return tx.dialect.name == "sqlite"


def _now(tx: Transaction, clock: Clock) -> datetime:
    """Return the time shared by all processes: the database's, or for a file the machine's."""
    if _is_file(tx):
        return clock.now()
    moment: datetime = tx.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def _wait(
    tx: Transaction, company_id: str, window: tuple[int, float, bool], now: datetime
) -> float:
    """Return how many seconds remain until a window has room for another request."""
    allowed, seconds, batches_only = window
    length = timedelta(seconds=seconds)
    counted = (
        select(requests.c.ends_at, requests.c.over)
        .where(requests.c.company_id == company_id, requests.c.ends_at > now - length)
        .order_by(requests.c.ends_at.desc())
        .offset(allowed - 1)
        .limit(1)
    )
    if batches_only:
        counted = counted.where(requests.c.batch)
    row = tx.execute(counted).first()
    if row is None:
        return 0.0
    until = float((row.ends_at + length - now).total_seconds())
    return until if row.over else min(until, _LOOK_AGAIN_SECONDS)
