"""How long threads wait to write to one SQLite file: each by SQLite's own means, and in turn.

    python -m benchmarks.writers [seconds]

Eight threads write small transactions one after the other. First each has a database object of its
own, as processes have: SQLite lets a writer sleep and try again. Then all share one object, which
lets them write in turn, as the threads of the service do.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from cleo_accounting.store.database import Database

_THREADS = 8
_PAUSE_SECONDS = 0.005
_ROWS = 5


def main(seconds: float) -> None:
    """Measure both, and print the table."""
    table = Table(title=f"{_THREADS} threads, {seconds:g} s: waits for a transaction, in ms")
    for name in ("they wait", "transactions", "p50", "p99", "max"):
        table.add_column(name, justify="left" if name == "they wait" else "right")
    for name, shared in (("by sleeping and trying again", False), ("in turn", True)):
        waits = sorted(measure(seconds, shared=shared))
        at = (waits[min(len(waits) - 1, int(share * len(waits)))] for share in (0.5, 0.99, 1))
        table.add_row(name, f"{len(waits):,}", *(f"{one * 1000:.0f}" for one in at))
    Console().print(table)


def measure(seconds: float, *, shared: bool) -> Sequence[float]:
    """Return what each transaction waited for its beginning."""
    waits: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.sqlite'}"
        databases = [Database(url) for _ in range(1 if shared else _THREADS)]
        with databases[0].transaction() as tx:
            tx.execute(text("create table written (number integer)"))
        ends_at = time.monotonic() + seconds
        threads = [
            threading.Thread(target=_write, args=(databases[at % len(databases)], ends_at, waits))
            for at in range(_THREADS)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        for database in databases:
            database.close()
    return waits


def _write(database: Database, ends_at: float, waits: list[float]) -> None:
    while (began := time.monotonic()) < ends_at:
        with database.transaction() as tx:
            waits.append(time.monotonic() - began)
            for number in range(_ROWS):
                tx.execute(text("insert into written values (:number)"), {"number": number})
        time.sleep(_PAUSE_SECONDS)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
