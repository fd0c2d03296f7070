"""`python -m proof.mutants`: which slips do neither the fast tests nor the simulation see?"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from proof.mutants import reaching
from proof.mutants.making import Mutant, is_equivalent, made, places_of
from proof.mutants.reaching import SOURCE
from proof.mutants.trying import Trial, Tried
from proof.quiet import keep_quiet
from proof.record import keep, of_here

ROOMS = ("core", "flows", "store", "providers")
# Where the simulation alone has to see most slips, too.
_SIMULATED = re.compile(r"cleo_accounting/(flows/|core/(plan|merge)|providers/quickbooks/)")
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")


@dataclass(slots=True)
class Score:
    """How many mutants of a room were tried, and who saw them."""

    tried: int = 0
    by_tests: int = 0
    simulated: int = 0
    by_simulation: int = 0
    seen: int = 0
    unseen: list[Tried] = field(default_factory=list)

    def take(self, one: Tried) -> None:
        """Count one more."""
        self.tried += 1
        self.by_tests += bool(one.by_tests)
        self.simulated += one.by_simulation is not None
        self.by_simulation += bool(one.by_simulation)
        self.seen += one.seen
        if not one.seen:
            self.unseen.append(one)

    def row(self) -> Sequence[str]:
        """Return the figures of a table's row."""
        return (
            str(self.tried),
            _share(self.by_tests, self.tried),
            _share(self.by_simulation, self.simulated),
            _share(self.seen, self.tried),
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Try mutants, tell of each that nobody sees, and print the score of each room."""
    parser = argparse.ArgumentParser(prog="python -m proof.mutants", description=__doc__)
    parser.add_argument("--rooms", nargs="+", default=ROOMS, metavar="ROOM", help="or parts of one")
    parser.add_argument("--sample", type=int, help="so many mutants, drawn by the seed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=150, help="that may reach a line")
    parser.add_argument("--minutes", type=float, default=60.0 * 24, help="at most")
    parser.add_argument("--changed", metavar="REVISION", help="only lines changed since")
    parser.add_argument("--again", action="store_true", help="learn anew who runs which line")
    parser.add_argument("--record", type=Path, help="where to keep the figures, for the page")
    asked = parser.parse_args(arguments)
    if asked.again:
        reaching.forget()
    chosen = _chosen(asked.rooms, asked.changed, asked.sample, asked.seed)
    print(f"{len(chosen):,} mutants", flush=True)
    scores = _tried(chosen, asked.seeds, time.monotonic() + asked.minutes * 60)
    for room, score in sorted(scores.items()):
        tried, by_tests, by_simulation, seen = score.row()
        print(
            f"{room}: {tried} tried, tests see {by_tests}, the simulation sees {by_simulation},"
            f" either sees {seen}"
        )
    if asked.record:
        command = f"python -m proof.mutants --rooms {' '.join(asked.rooms)}"
        told = {"figures": {}, "tables": _tables(scores)}
        keep(of_here("Mutants", command, **told), asked.record)
    return 0


def _chosen(
    rooms: Sequence[str], since: str | None, sample: int | None, seed: int
) -> Sequence[Mutant]:
    changed = _changed(since) if since else None
    places = [
        place
        for path in _modules(rooms)
        if changed is None or path in changed
        for place in places_of(SOURCE, path)
        if changed is None or place.line in changed[path]
    ]
    random.Random(f"mutants {seed}").shuffle(places)
    found = (made(SOURCE, place) for place in places)
    return list(islice((one for one in found if one and not is_equivalent(one)), sample))


def _modules(rooms: Sequence[str]) -> Iterator[str]:
    for room in rooms:
        place = SOURCE / "cleo_accounting" / room
        modules = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
        yield from (
            path.relative_to(SOURCE).as_posix()
            for path in modules
            if "migrations" not in path.parts
        )


def _changed(revision: str) -> Mapping[str, set[int]]:
    """Return the lines that were changed since a revision, by path below `src`."""
    command = ["git", "diff", "-U0", revision, "--", str(SOURCE)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    lines: dict[str, set[int]] = defaultdict(set)
    path = ""
    for line in told.splitlines():
        if line.startswith("+++ b/"):
            path = line.removeprefix(f"+++ b/{SOURCE}/")
        elif hunk := _HUNK.match(line):
            first, number = int(hunk[1]), int(hunk[2] or 1)
            lines[path].update(range(first, first + number))
    return lines


def _tried(chosen: Sequence[Mutant], seeds: int, ends_at: float) -> Mapping[str, Score]:
    scores: dict[str, Score] = defaultdict(Score)
    trial = Trial(reaching.by_seeds(seeds), reaching.by_tests())
    try:
        for mutant in chosen:
            if time.monotonic() > ends_at:
                break
            simulated = _SIMULATED.match(mutant.path) is not None
            one = trial.of(mutant, simulate_always=simulated)
            scores[Path(mutant.path).parts[1]].take(one)
            if not one.seen:
                print(f"unseen: {mutant}", flush=True)
    finally:
        trial.close()
    return scores


def _tables(scores: Mapping[str, Score]) -> Mapping[str, Sequence[Sequence[str]]]:
    head = ("room", "tried", "tests see", "the simulation sees", "either sees")
    rows = [(room, *score.row()) for room, score in sorted(scores.items())]
    unseen = [
        (
            f"`{one.mutant.path}:{one.mutant.line}`",
            f"`{one.mutant.before}`",
            f"`{one.mutant.after}`",
        )
        for score in scores.values()
        for one in score.unseen
    ]
    return {"Scores": [head, *rows], "Unseen": [("where", "stands", "mutant"), *unseen]}


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


if __name__ == "__main__":
    keep_quiet()
    sys.exit(main())
