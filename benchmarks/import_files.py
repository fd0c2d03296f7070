"""Measure the import of a table of payables: time, rows a second, and peak memory.

    python -m benchmarks.import_files [5000 500000 1800000]

Each size is a generated CSV with that many rows (one in twenty documents has two) and a new SQLite
file; the command runs in a process of its own, as a person would start it. The second import of the
same file finds everything unchanged.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

ROWS_PER_VENDOR = 400
_POLL_SECONDS = 0.2
_START = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Cost:
    """The measurements of one import."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def main(sizes: list[int]) -> None:
    """Measure each size and print the table."""
    table = Table(title="An import of a table of payables")
    for name in ("rows", "file", "import", "wall", "CPU", "rows/CPU s", "peak memory"):
        table.add_column(name, justify="right")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "payables.csv"
            documents = _write(path, rows)
            for title, outcome in (("first", "created"), ("again", "unchanged")):
                cost = measure(path, folder, outcome, documents)
                row = [
                    f"{rows:,}",
                    f"{path.stat().st_size / 1e6:.0f} MB",
                    title,
                    f"{cost.seconds:.0f} s",
                    f"{cost.cpu_seconds:.0f} s",
                    f"{rows / cost.cpu_seconds:,.0f}",
                    f"{cost.peak_bytes / 2**20:.0f} MiB",
                ]
                table.add_row(*row)
                print(" · ".join(row), file=sys.stderr, flush=True)
    Console().print(table)


def measure(path: Path, folder: str, outcome: str, documents: int) -> Cost:
    """Import a file in a process of its own, and check that all documents have this outcome."""
    environment = os.environ | {
        "CLEO_DATABASE_URL": f"sqlite:///{folder}/bench.sqlite",
        "CLEO_BUSINESS": "biz_bench",
        "CLEO_QUICKBOOKS_CLIENT_ID": "bench",  # required, and not used
        "CLEO_QUICKBOOKS_CLIENT_SECRET": "bench",
        "CLEO_ENCRYPTION_KEYS": "A" * 43 + "=",
        "CLEO_AUDIT_KEYS": "A" * 43 + "=",
    }
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "cleo_accounting", "import", str(path), "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        watched, peak, cpu = psutil.Process(process.pid), 0, 0.0
        while process.poll() is None:
            peak = max(peak, _own_bytes(process.pid))
            times = watched.cpu_times()
            cpu = max(cpu, times.user + times.system)
            time.sleep(_POLL_SECONDS)
        assert process.stdout is not None
        told = json.loads(process.stdout.read())
    assert told["records"]["payables"] == {outcome: documents}, told["records"]
    return Cost(time.perf_counter() - began, cpu, peak)


def _own_bytes(pid: int) -> int:
    """Return the anonymous memory of the process (Linux, RssAnon).

    It excludes the database's pages, which the system maps and drops at will.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon")), 0)


def _write(path: Path, rows: int) -> int:
    """Write a file with this many rows and return the number of documents."""
    documents = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            "Supplier,Invoice No,Invoice Date,Net Amount,Account,Department,Memo".split(",")
        )
        for at in range(rows):
            is_second = at % 21 == 20
            documents += not is_second
            one = at - 10 if is_second else at  # a second line, ten rows after its first
            writer.writerow(
                [
                    f"Supplier of things number {one // ROWS_PER_VENDOR} Limited",
                    f"INV-2020-{one:08}",
                    (_START + timedelta(days=one % 2000)).strftime("%d/%m/%Y"),
                    f"{at % 100_000:,}.{at % 100:02}",
                    "Payments to Sub-Contractors",
                    "Highways and Neighbourhood Services",
                    f"Works order {at:08}, ward {at % 32}: materials, labour and disposal of waste",
                ]
            )
    return documents


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [5_000, 500_000, 1_800_000])
