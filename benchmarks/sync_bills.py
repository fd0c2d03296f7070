"""Measure a first sync of bills for known vendors: calls, time, processor time and memory.

    python -m benchmarks.sync_bills [1000 10000 50000]

The service and the emulator are two processes on one machine; the limits of both are lifted, so
that only the work of the service and of the emulator is timed. The last column is the shortest time
that Intuit's limit of 40 batches a minute allows, on any machine.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from tests.processes import Stage, free_port, stage

VENDORS = 40
BATCHES_PER_MINUTE = 40
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Cost:
    """The measurements for one number of bills."""

    bills: int
    batches: int
    reads: int
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


def main(sizes: list[int]) -> None:
    """Measure each size with a new database and a new company, and print the table."""
    table = Table(title="A first sync of bills for known vendors")
    for name in ("bills", "batch calls", "reads", "wall", "service CPU", "bills/s", "peak memory"):
        table.add_column(name, justify="right")
    table.add_column(f"at {BATCHES_PER_MINUTE} batches a minute", justify="right")
    for bills in sizes:
        cost = measure(bills)
        table.add_row(
            f"{cost.bills:,}",
            str(cost.batches),
            str(cost.reads),
            f"{cost.wall_seconds:.1f} s",
            f"{cost.cpu_seconds:.1f} s",
            f"{cost.bills / cost.wall_seconds:,.0f}",
            f"{cost.peak_bytes / 2**20:.0f} MiB",
            f"{cost.batches / BATCHES_PER_MINUTE:.1f} min",
        )
    Console().print(table)


def measure(bills: int) -> Cost:
    """Connect, sync the vendors and feed the bills; then measure only the sync of the bills."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'bench.sqlite'}"
        with stage(database, free_port()) as on:
            on.connect()
            on.choose_expense_account()
            feed_bills(on, bills)
            return _sync(on, bills)


def feed_bills(on: Stage, bills: int) -> None:
    """Feed and sync the vendors, then feed this many bills."""
    _feed(on, [_connection(at) for at in range(VENDORS)])
    on.ask("POST", on.one + "/sync/vendors", json={})
    on.finish(60)
    for at in range(0, bills, PAGE):
        _feed(on, [_payable(one) for one in range(at, min(at + PAGE, bills))])


def _sync(on: Stage, bills: int) -> Cost:
    assert on.service.started is not None
    service = psutil.Process(on.service.started.pid)
    before, start = service.cpu_times(), time.perf_counter()
    on.ask("POST", on.one + "/sync/invoices", json={})
    told = on.finish(1_800)
    wall, after = time.perf_counter() - start, service.cpu_times()
    assert told["progress"]["invoices"]["created"] == bills, told
    usage = told["run"]["usage"]
    return Cost(
        bills=bills,
        batches=usage["batches"],
        reads=usage["reads"],
        wall_seconds=wall,
        cpu_seconds=after.user + after.system - before.user - before.system,
        peak_bytes=_peak_bytes(service.pid),
    )


def _peak_bytes(pid: int) -> int:
    """Return the peak memory of the process (Linux, VmHWM)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    raise LookupError("VmHWM")


def _feed(on: Stage, records: list[dict[str, object]]) -> None:
    answer = on.ask("POST", f"{on.records}/bulk", json={"records": records}).json()
    assert answer["refused"] == 0, answer


def _connection(at: int) -> dict[str, object]:
    body = {"connectedBusinessName": f"Bench vendor {at}"}
    return {"type": "connection", "id": f"conn_{at}", "record": body}


def _payable(at: int) -> dict[str, object]:
    body = {
        "connectionId": f"conn_{at % VENDORS}",
        "amount": f"{at + 1}.{at % 100:02}",
        "invoiceNumber": f"B-{at}",
        "invoiceDate": "2026-01-05",
        "memo": "Monthly services",
        "status": "APPROVED",
    }
    return {"type": "payable", "id": f"pay_{at}", "record": body}


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [1_000, 10_000, 50_000])
