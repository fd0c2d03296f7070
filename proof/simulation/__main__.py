"""`python -m proof.simulation --seed N --runs M`: run seeds, print the violations and the speed."""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from proof.quiet import keep_quiet
from proof.record import keep, of_here, of_seeds
from proof.simulation.bench import bench
from proof.simulation.campaign import judge, judged, shortest
from proof.simulation.script import write
from proof.tally import Tally, Told

_EVERY = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the seeds; the exit code is 1 if any invariant was violated, else 0."""
    asked = _asked(arguments)
    tally = Tally()
    started = time.perf_counter()
    with bench() as here:
        seeds = _seeds(asked, started)
        for one in judged(seeds, asked.jobs):
            tally.take(one)
            if one.violations:
                _say_broken(one)
                if asked.shrink:
                    print("  the shortest trace that shows it:")
                    for step in shortest(judge(write(one.seed), here), here):
                        print(f"    {step}")
            if tally.seeds % _EVERY == 0:
                _say_rate(tally, started, asked.jobs)
    _say_rate(tally, started, asked.jobs)
    print(f"faults met: {dict(sorted(tally.faults.items()))}")
    print(f"digest {tally.digest}")
    if asked.record:
        seconds = time.perf_counter() - started
        told = of_seeds(tally, asked.seed, seconds, asked.jobs)
        keep(of_here("Seeds", "python -m proof.simulation", **told), asked.record)
    return 1 if tally.broken else 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proof.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--runs", type=int, default=1, help="how many seeds from there on")
    parser.add_argument("--minutes", type=float, help="instead of --runs: for so long")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes judge at once")
    parser.add_argument("--record", type=Path, help="where to keep the figures, for the page")
    parser.add_argument("--no-shrink", dest="shrink", action="store_false")
    return parser.parse_args(arguments)


def _seeds(asked: argparse.Namespace, started: float) -> Iterator[int]:
    if asked.minutes is None:
        yield from range(asked.seed, asked.seed + asked.runs)
        return
    for seed in itertools.count(asked.seed):
        if time.perf_counter() - started > asked.minutes * 60:
            return
        yield seed


def _say_broken(one: Told) -> None:
    print(f"seed {one.seed} breaks {len(one.violations)} promises:")
    for violation in one.violations:
        print(f"  {violation}")
    print(f"  again: python -m proof.simulation --seed {one.seed}")


def _say_rate(tally: Tally, started: float, jobs: int) -> None:
    rate = tally.seeds / ((time.perf_counter() - started) / 3600)
    told = f"{tally.seeds} seeds, {len(tally.broken)} broken, {rate:,.0f} an hour"
    each = f" ({rate / jobs:,.0f} a process)" if jobs > 1 else ""
    print(f"{told}{each}, {tally.requests} requests, {tally.effects} effects", flush=True)


if __name__ == "__main__":
    keep_quiet()
    sys.exit(main())
