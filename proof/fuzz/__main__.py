"""`python -m proof.fuzz --minutes M --seed N`: fuzz every door of a service, and print the figures.

The service runs as a process on its own database, against an emulated QuickBooks that sends false
answers. All doors are fuzzed at the same time: the API, the page, the callback of a sign-in, and
files that the command line imports. The exit code is 1 if there was a violation, else 0.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table

from proof.fuzz.pace import Pace, Size, measured
from proof.fuzz.place import place
from proof.fuzz.run import end, fuzz
from proof.fuzz.watch import LATE_SECONDS, SIGN_IN_SECONDS, Watch
from proof.kills.real import databases
from proof.processes.planted import PLANTED
from proof.quiet import keep_quiet


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz, print the figures, and return 1 if there was a violation, else 0."""
    parser = argparse.ArgumentParser(prog="python -m proof.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument(
        "--plant", choices=sorted(PLANTED), default=[], action="append", help="a mistake to find"
    )
    asked = parser.parse_args(arguments)
    with ExitStack() as stack:
        new = stack.enter_context(databases(asked.database))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cleo-fuzz-")))
        here = stack.enter_context(place(new(folder), folder, asked.seed, asked.plant))
        with measured(here.pid) as (pace, size):
            watch = Watch(pace, size, here.secrets)
            done = fuzz(here, watch, asked.seed, asked.minutes * 60)
        watch.judge_times()
        end(here, watch, size)
    print_figures(Console(width=132), watch, pace, size)
    print(f"{done} {asked.database}, seed {asked.seed}, {asked.minutes:g} minutes.")
    for one in watch.findings:
        print(f"\nFOUND at {one.door}: {one.said}\n  {one.request}")
    command = f"python -m proof.fuzz --minutes {asked.minutes:g} --seed {asked.seed}"
    told = f"{len(watch.findings)} promises broken" if watch.findings else "Every promise was kept"
    print(f"\n{told}. Again: {command} --database {asked.database}")
    return 1 if watch.findings else 0


def print_figures(console: Console, watch: Watch, pace: Pace, size: Size) -> None:
    """Print the answers and times of each door, and the size of the process."""
    table = Table(title="Answers by door; times as they were measured, in seconds")
    for name in ("door", "statuses", "requests", "p50", "p99", "max", "late", "waited", "excused"):
        table.add_column(name, justify="left" if name in ("door", "statuses") else "right")
    for door, figures in sorted(watch.figures.items()):
        statuses = ", ".join(f"{code}: {n:,}" for code, n in sorted(figures.statuses.items()))
        times = (f"{figures.at(share):.3f}" for share in (0.5, 0.99, 1))
        counts = (f"{number:,}" for number in (figures.late, figures.waited, figures.excused))
        table.add_row(door, statuses, f"{figures.statuses.total():,}", *times, *counts)
    console.print(table)
    print(
        f"An answer is late after {LATE_SECONDS:g} s of its own. A sign-in asks QuickBooks, which"
        f" lets it wait here, and is late after {SIGN_IN_SECONDS:g} s (waited: took more than"
        f" {LATE_SECONDS:g} s). Excused is what took longer only because the machine was slow:"
        f" the service was ready to run and had no processor for {size.waited[-1]:.0f} s in all,"
        f" and a request of fixed cost took {pace.best * 1000:.0f} ms at its best,"
        f" {pace.at_share(0.5) * 1000:.0f} ms at p50, {pace.at_share(0.99) * 1000:.0f} ms at p99."
    )
    for took, own, route in reversed(watch.slowest):
        print(f"  {took:.1f} s, {own:.1f} s of them its own: {route}")
    for name, some, unit in (
        ("memory", [one / 1e6 for one in size.bytes], " MB"),
        ("open files", size.files, ""),
        ("threads", size.threads, ""),
    ):
        if some:
            told = ", ".join(f"{some[int(at * (len(some) - 1))]:,.0f}" for at in _FIFTHS)
            print(f"The service's {name} at each fifth of the run: {told}{unit}.")


_FIFTHS = (0, 0.2, 0.4, 0.6, 0.8, 1)

if __name__ == "__main__":
    keep_quiet()
    sys.exit(main())
