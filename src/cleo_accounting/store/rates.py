"""Counters of rate limits: a storage for the library `limits`, in PostgreSQL or in memory.

Processes that share a PostgreSQL database count together. With a SQLite file, only one process
answers requests, so its counters stay in memory and need no writes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from limits.storage import Storage
from sqlalchemy import bindparam, case, delete

from cleo_accounting.store.database import AWAY, insert
from cleo_accounting.store.tables import rates

if TYPE_CHECKING:
    from cleo_accounting.core.clock import Clock
    from cleo_accounting.store.database import Database

_SWEEP_EVERY = 500  # the number of hits after which expired windows are deleted


class Counters(Storage):
    """The number of hits in the current window of each key; safe to share between threads.

    `known` tells whether a key is over its limit without a query to the database.
    """

    STORAGE_SCHEME = None

    def __init__(self, clock: Clock, database: Database | None = None) -> None:
        super().__init__()
        self.clock = clock
        self._database = None if database is None or database.is_file else database
        self._lock = Lock()
        self._windows: dict[str, tuple[int, datetime]] = {}  # hits, and when the window ends
        self._hits_until_sweep = _SWEEP_EVERY

    @property
    def asks_database(self) -> bool:
        """Whether counting needs a database transaction, and not only memory."""
        return self._database is not None

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """The exceptions that the storage itself may raise."""
        return AWAY

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count a hit and return the hits of the window, opened for `expiry` seconds if needed."""
        now = self.clock.now()
        ends_at = now + timedelta(seconds=expiry)
        if self._database is None:
            with self._lock:
                hits, ends = self._windows.get(key, (0, now))
                window = (amount, ends_at) if ends <= now else (hits + amount, ends)
                self._windows[key] = window
        else:
            window = self._count(self._database, key, amount, now, ends_at)
            with self._lock:
                self._windows[key] = window
        self._sweep(now)
        return window[0]

    def known(self, key: str) -> int:
        """Return the hits of a key's open window, as far as this process knows."""
        with self._lock:
            hits, ends_at = self._windows.get(key, (0, self.clock.now()))
        return hits if ends_at > self.clock.now() else 0

    def get(self, key: str) -> int:
        """Return the hits of a key's open window, as of this process's last own hit."""
        return self.known(key)

    def get_expiry(self, key: str) -> float:
        """Return when a key's window ends, in seconds since 1970; now, if none is open."""
        now = self.clock.now()
        with self._lock:
            _, ends_at = self._windows.get(key, (0, now))
        return max(ends_at, now).timestamp()

    def check(self) -> bool:
        """Return whether hits can be counted."""
        return True

    def reset(self) -> int | None:
        """Delete every window; returns how many this process knew."""
        with self._lock:
            number = len(self._windows)
            self._windows.clear()
        if self._database is not None:
            with self._database.transaction() as tx:
                tx.execute(delete(rates))
        return number

    def clear(self, key: str) -> None:
        """Delete the window of a key."""
        with self._lock:
            self._windows.pop(key, None)
        if self._database is not None:
            with self._database.transaction() as tx:
                tx.execute(delete(rates).where(rates.c.key == key))

    def _count(
        self, database: Database, key: str, amount: int, now: datetime, ends_at: datetime
    ) -> tuple[int, datetime]:
        with database.transaction() as tx:
            hit = insert(tx, rates).values(key=key, hits=amount, ends_at=ends_at)
            over = rates.c.ends_at <= bindparam("now", type_=rates.c.ends_at.type)
            counted = hit.on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "hits": case((over, hit.excluded.hits), else_=rates.c.hits + amount),
                    "ends_at": case((over, hit.excluded.ends_at), else_=rates.c.ends_at),
                },
            ).returning(rates.c.hits, rates.c.ends_at)
            row = tx.execute(counted, {"now": now}).one()
        return row.hits, row.ends_at

    def _sweep(self, now: datetime) -> None:
        """Delete expired windows from time to time, so that invented keys do not use up space."""
        with self._lock:
            self._hits_until_sweep -= 1
            if self._hits_until_sweep > 0:
                return
            self._hits_until_sweep = _SWEEP_EVERY
            for key in [one for one, (_, ends_at) in self._windows.items() if ends_at <= now]:
                del self._windows[key]
        if self._database is not None:
            with self._database.transaction() as tx:
                tx.execute(delete(rates).where(rates.c.ends_at <= now))
