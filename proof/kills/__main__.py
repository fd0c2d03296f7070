"""`python -m proof.kills --kills N --seed S`: kill real processes, and count the violations."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from proof.kills.real import Tally, databases, killed
from proof.quiet import keep_quiet
from proof.record import keep, of_here


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, print the figures, and return 1 if there was a violation, else 0."""
    parser = argparse.ArgumentParser(prog="python -m proof.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=60.0, help="at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--record", type=Path, help="where to keep the figures, for the page")
    asked = parser.parse_args(arguments)
    tally = real_kills(
        asked.database, seed=asked.seed, kills=asked.kills, seconds=asked.minutes * 60
    )
    for violation in tally.violations:
        print(violation)
    if asked.record:
        command = f"python -m proof.kills --database {asked.database} --seed {asked.seed}"
        told = {"figures": {"what was done": str(tally)}, "broken": tally.violations}
        keep(of_here(f"Real kills, {asked.database}", command, **told), asked.record)
    return 1 if tally.violations else 0


def real_kills(database: str, *, seed: int, kills: int, seconds: float) -> Tally:
    """Kill real processes until `kills` or `seconds` is reached, and return the figures."""
    with databases(database) as new:
        return killed(new, Tally(database, seed), kills=kills, seconds=seconds, tell=print)


if __name__ == "__main__":
    keep_quiet()
    sys.exit(main())
