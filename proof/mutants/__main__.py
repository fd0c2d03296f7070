"""`python -m proof.mutants`: which mutants do neither the fast tests nor the simulation catch?"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence

from proof.mutants import asking, changed, reaching
from proof.mutants.choosing import ROOMS, chosen, room_of
from proof.mutants.making import Mutant, equivalents
from proof.mutants.score import Score, tables
from proof.mutants.trying import Trial
from proof.page import RECORDS
from proof.quiet import keep_quiet
from proof.record import keep, of_here

RECORD = RECORDS / "6-mutants.json"
# Modules in which the simulation alone has to catch most mutants, too.
_SIMULATED = re.compile(r"cleo_accounting/(flows/|core/(plan|merge)|providers/quickbooks/)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Try mutants, print each that is not caught, and print the score of each package."""
    asked = _asked(arguments)
    if asked.again:
        reaching.forget()
    if asked.changed:
        return changed.main(asked.changed)
    mutants = chosen(asked.rooms, asked.sample, asked.seed)
    print(f"{len(mutants):,} mutants", flush=True)
    scores = _tried(mutants, asked)
    for room, score in sorted(scores.items()):
        tried, by_tests, simulated, by_simulation, seen = score.row()
        print(
            f"{room}: {tried} tried, tests see {by_tests}; the simulation runs {simulated} and sees"
            f" {by_simulation} of them; either sees {seen}"
        )
    if asked.record:
        told = {"figures": _figures(asked, scores), "broken": None, "tables": tables(scores)}
        keep(of_here("Mutants", _command(asked), **told), RECORD)
    return 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proof.mutants", description=__doc__)
    parser.add_argument("--rooms", nargs="+", default=ROOMS, metavar="ROOM", help="or parts of one")
    parser.add_argument("--sample", type=int, help="so many mutants, drawn by the seed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=asking.SEEDS_MAX, help="asked for each mutant")
    parser.add_argument("--played", type=int, default=300, help="seeds to learn who runs what")
    parser.add_argument("--minutes", type=float, default=60.0 * 24, help="at most")
    parser.add_argument(
        "--changed",
        nargs="?",
        const="HEAD^",
        metavar="REVISION",
        help="in two minutes, some of the lines that were changed since (by itself, since HEAD^)",
    )
    parser.add_argument("--again", action="store_true", help="learn anew who runs which line")
    parser.add_argument("--record", action="store_true", help=f"keep the figures in {RECORD}")
    return parser.parse_args(arguments)


def _command(asked: argparse.Namespace) -> str:
    sample = f" --sample {asked.sample}" if asked.sample else ""
    rooms, seeds = " ".join(asked.rooms), f" --played {asked.played} --seeds {asked.seeds}"
    minutes = f" --minutes {asked.minutes:g}"
    return f"python -m proof.mutants --rooms {rooms}{sample} --seed {asked.seed}{seeds}{minutes}"


def _figures(asked: argparse.Namespace, scores: Mapping[str, Score]) -> Mapping[str, str]:
    return {
        "mutants tried": f"{sum(one.tried for one in scores.values())} of {asked.sample or 'all'}",
        "seeds asked for each": f"at most {asked.seeds}, of {asked.played} played",
        "known to behave alike, and not tried": str(len(equivalents())),
    }


def _tried(mutants: Sequence[Mutant], asked: argparse.Namespace) -> Mapping[str, Score]:
    ends_at = time.monotonic() + asked.minutes * 60
    scores: dict[str, Score] = defaultdict(Score)
    seeds = asking.seeds_of(reaching.by_seeds(asked.played), asked.seeds)
    trial = Trial(seeds, asking.tests_of(reaching.by_tests()))
    try:
        for mutant in mutants:
            if time.monotonic() > ends_at:
                break
            simulated = _SIMULATED.match(mutant.path) is not None
            one = trial.of(mutant, simulate_always=simulated)
            scores[room_of(mutant.path, asked.rooms)].take(one)
            if not one.seen:
                print(f"unseen: {mutant}", flush=True)
    finally:
        trial.close()
    return scores


if __name__ == "__main__":
    keep_quiet()
    sys.exit(main())
