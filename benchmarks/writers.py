"""Measure how long threads wait to write to one SQLite file: with SQLite's retries, and in turn.

    python -m benchmarks.writers [seconds]

Eight threads write small transactions one after the other. First each has its own database object,
as processes have: SQLite makes a blocked writer sleep and retry. Then all share one object, which
makes them write in turn, as the threads of the service do. In the last two rows six more threads
compute at the same time, first with Python's default switch interval, then with the service's.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from cleo_accounting.cli.turns import SWITCH_SECONDS
from cleo_accounting.store.database import Database

_THREADS = 8
_PAUSE_SECONDS = 0.005
_ROWS = 5
_COMPUTING = 6


def main(seconds: float) -> None:
    """Measure each arrangement and print the table."""
    table = Table(title=f"{_THREADS} threads, {seconds:g} s: waits for a transaction, in ms")
    for name in ("they wait", "transactions", "p50", "p99", "max"):
        table.add_column(name, justify="left" if name == "they wait" else "right")
    usual = sys.getswitchinterval()
    for name, shared, computing, switch_seconds in (
        ("by sleeping and trying again", False, 0, usual),
        ("in turn", True, 0, usual),
        ("in turn, while others compute", True, _COMPUTING, usual),
        ("in turn, with short turns of those", True, _COMPUTING, SWITCH_SECONDS),
    ):
        sys.setswitchinterval(switch_seconds)
        with computed_beside(computing):
            waits = sorted(measure(seconds, shared=shared))
        at = (waits[min(len(waits) - 1, int(share * len(waits)))] for share in (0.5, 0.99, 1))
        table.add_row(name, f"{len(waits):,}", *(f"{one * 1000:.0f}" for one in at))
    Console().print(table)


@contextmanager
def computed_beside(threads: int) -> Iterator[None]:
    """Run threads that encode and decode JSON, as threads that answer requests do."""
    ends = threading.Event()
    some = [threading.Thread(target=_compute, args=(ends,)) for _ in range(threads)]
    for one in some:
        one.start()
    try:
        yield
    finally:
        ends.set()
        for one in some:
            one.join()


def _compute(ends: threading.Event) -> None:
    told = [{"number": number, "text": str(number) * 20} for number in range(2000)]
    while not ends.wait(0.002):
        json.loads(json.dumps(told))


def measure(seconds: float, *, shared: bool) -> Sequence[float]:
    """Return how long each transaction waited to begin, in seconds."""
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
