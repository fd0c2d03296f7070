"""`make prove`: run all campaigns and print the figures; the exit code is 1 on any violation."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from proof.campaign import run, told_of
from proof.page import PAGE, RECORDS, written
from proof.quiet import keep_quiet
from proof.record import keep, kept, of_here


def main(arguments: Sequence[str] | None = None) -> int:
    """Run for the given minutes, print the figures, and store them if asked to."""
    asked = _asked(arguments)
    campaign = run(asked.seed, asked.jobs, asked.minutes * 60)
    command = f"python -m proof --minutes {asked.minutes:g} --seed {asked.seed}"
    record = of_here("All of it", command, **told_of(campaign))
    print(written([record]))
    if asked.page:
        keep(record, RECORDS / "1-all.json")
        PAGE.write_text(written(kept(RECORDS)))
    return 1 if campaign.broken else 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--jobs", type=int, default=cores, help="how many processes work at once")
    parser.add_argument("--page", action="store_true", help=f"write {PAGE} and its record")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    keep_quiet()
    sys.exit(main())
