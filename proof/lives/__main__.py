"""`python -m proof.lives --seed N --runs M`: play lives, and print every false statement."""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Iterator, Sequence

from proof.quiet import keep_quiet
from proof.simulation.bench import bench
from proof.simulation.campaign import judge, shortest
from proof.simulation.lives import lives


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the lives; the exit code is 1 if any of them has a violation, else 0."""
    asked = _asked(arguments)
    started, played, broken = time.perf_counter(), 0, 0
    with bench() as here:
        for seed in _seeds(asked, started):
            found = judge(lives(seed), here)
            played += 1
            if not found.violations:
                continue
            broken += 1
            print(f"seed {seed} breaks {len(found.violations)} promises:")
            for violation in found.violations:
                print(f"  {violation}")
            print(f"  again: python -m proof.lives --seed {seed}", flush=True)
            if asked.shrink:
                print("  the shortest trace that shows it:")
                for step in shortest(found, here):
                    print(f"    {step}")
    rate = played / ((time.perf_counter() - started) / 3600)
    print(f"{played} lives, {broken} broken, {rate:,.0f} an hour")
    return 1 if broken else 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proof.lives", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--runs", type=int, default=1, help="how many seeds from there on")
    parser.add_argument("--minutes", type=float, help="instead of --runs: for so long")
    parser.add_argument("--no-shrink", dest="shrink", action="store_false")
    return parser.parse_args(arguments)


def _seeds(asked: argparse.Namespace, started: float) -> Iterator[int]:
    last = None if asked.minutes is not None else asked.seed + asked.runs
    for seed in itertools.count(asked.seed):
        spent = (time.perf_counter() - started) / 60
        if seed == last or (asked.minutes is not None and spent > asked.minutes):
            return
        yield seed


if __name__ == "__main__":
    keep_quiet()
    sys.exit(main())
