"""`make prove`: a campaign of everything, its figures on a page; the exit code says if all held."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from proof.kills.points import pairs_total, singles, some_pairs, tried
from proof.page import Figures, write
from proof.simulation.bench import Bench, bench
from proof.simulation.campaign import judged
from proof.zoo.bugs import bugs
from proof.zoo.hunt import hunt

# How the minutes are shared out.
_SIMULATION, _KILLS, _ZOO = 0.5, 0.2, 0.3


def main(arguments: Sequence[str] | None = None) -> int:
    """Prove for so many minutes, print the page, and keep it where asked."""
    asked = _asked(arguments)
    figures = Figures(commit=_commit(), minutes=asked.minutes, seed=asked.seed)
    with bench() as here:
        _simulate(figures, here, asked.seed, asked.minutes * 60 * _SIMULATION)
        _kill(figures, here, asked.seed, asked.minutes * 60 * _KILLS)
        _hunt(figures, here, asked.seed, asked.minutes * 60 * _ZOO)
    page = write(figures)
    print(page)
    if asked.page:
        asked.page.write_text(page)
    return 0 if figures.kept else 1


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--page", type=Path, help="where to keep the figures")
    return parser.parse_args(arguments)


def _for(seconds: float) -> Iterator[int]:
    """Count for so long."""
    end = time.perf_counter() + seconds
    for number in count():
        if time.perf_counter() >= end:
            return
        yield number


def _simulate(figures: Figures, here: Bench, first: int, seconds: float) -> None:
    started = time.perf_counter()
    for one in judged((first + at for at in _for(seconds)), here):
        figures.tally.take(one)
    figures.simulation_seconds = time.perf_counter() - started


def _kill(figures: Figures, here: Bench, seed: int, seconds: float) -> None:
    points = singles(here)
    figures.singles_total = len(points)
    for share, chosen in ((0.7, points), (0.3, some_pairs(points, seed))):
        end = time.perf_counter() + seconds * share
        for point, violations in tried(chosen, here, seed):
            if len(point.at) == 1:
                figures.singles_tried += 1
            else:
                figures.pairs_tried += 1
            figures.broken_by_kills += [(point, violations)] if violations else []
            if time.perf_counter() >= end:
                break
    figures.pairs_total = pairs_total(points)


def _hunt(figures: Figures, here: Bench, seed: int, seconds: float) -> None:
    """Hunt as many as time allows; which come first goes round with the seed."""
    every = list(bugs())
    figures.bugs_total = len(every)
    turned = every[seed % len(every) :] + every[: seed % len(every)]
    for at in _for(seconds):
        if at == len(turned):
            return
        figures.hunted.append(hunt(turned[at], here))


def _commit() -> str:
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607  git, as found
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
