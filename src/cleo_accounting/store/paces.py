"""The pace of each company's books, shared by all processes: one budget of requests.

A request counts from the moment it starts until a whole window after it has ended. One whose
process died counts as ended soon after the death is known (`end_of_lost`), or else when it must
have been over.
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

_KEPT = timedelta(seconds=61)  # the longest of Intuit's windows, and a margin
_LOOK_AGAIN_SECONDS = 0.1  # when a request that is in the air has to end first
_OUTLIVES = timedelta(seconds=10)  # how long Intuit works on a request whose sender is gone


class Paces:
    """Hands out turns at a company's books. Threads and processes may share it.

    While the database does not answer, turns are given freely: each process still keeps its own
    pace, and whoever asks for books can do nothing without the database anyway.
    """

    def __init__(self, database: Database, clock: Clock, in_the_air_max: timedelta) -> None:
        """Hand out turns that are over after `in_the_air_max` whatever happens."""
        self._database = database
        self._clock = clock
        self._in_the_air_max = in_the_air_max

    def take(
        self, company_id: str, windows: Sequence[tuple[int, float, bool]], *, batch: bool
    ) -> tuple[int, float]:
        """Take a turn; returns its number, or 0 and for how many seconds to wait before asking.

        Each window is how many requests in how many seconds, and whether only batches count.
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
        """Say that the request of a turn is over."""
        try:
            with self._database.transaction() as tx:
                tx.execute(
                    update(requests)
                    .where(requests.c.id == turn)
                    .values(ends_at=_now(tx, self._clock), over=True)
                )
        except AWAY:
            return  # it is over by itself later


def end_of_lost(tx: Transaction, clock: Clock, worker_id: str) -> None:
    """Let the requests of a worker that has died be over soon, instead of at their deadline.

    On SQLite there is one worker at a time, so whoever takes its place knows that every request
    still in the air is of a process that has died.
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
    """The one time that all processes agree on: the database's; of a file, its machine's."""
    if _is_file(tx):
        return clock.now()
    moment: datetime = tx.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def _wait(
    tx: Transaction, company_id: str, window: tuple[int, float, bool], now: datetime
) -> float:
    """Say how long until a window has room: until the last that fits in it has left it."""
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
