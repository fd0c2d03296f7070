"""Choose mutants: of some packages, of the lines that a change touches, or a sample by a seed."""

from __future__ import annotations

import random
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from proof.mutants.making import Mutant, is_equivalent, made, places_of
from proof.mutants.reaching import SOURCE

ROOMS = ("core", "flows", "store", "providers")
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")
Lines = Mapping[str, set[int]]  # by path below `src`


def chosen(
    rooms: Sequence[str], sample: int | None, seed: int, lines: Lines | None = None
) -> Sequence[Mutant]:
    """Draw mutants of some packages or modules; `lines` restricts them to these lines."""
    places = [
        place
        for path in _modules(rooms)
        if lines is None or path in lines
        for place in places_of(SOURCE, path)
        if lines is None or place.line in lines[path]
    ]
    random.Random(f"mutants {seed}").shuffle(places)
    found = (made(SOURCE, place) for place in places)
    return list(islice((one for one in found if one and not is_equivalent(one)), sample))


def room_of(path: str, rooms: Sequence[str]) -> str:
    """Return the one of the given packages that a module belongs to."""
    within = path.removeprefix("cleo_accounting/")
    return next(room for room in rooms if within == f"{room}.py" or within.startswith(f"{room}/"))


def _modules(rooms: Sequence[str]) -> Iterator[str]:
    for room in rooms:
        place = SOURCE / "cleo_accounting" / room
        modules = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
        yield from (
            path.relative_to(SOURCE).as_posix()
            for path in modules
            if "migrations" not in path.parts
        )


def changed_lines(revision: str) -> Lines:
    """Return the lines of our code that were changed since a revision."""
    told = git("diff", "-U0", revision, "--", str(SOURCE))
    lines: dict[str, set[int]] = defaultdict(set)
    path = ""
    for line in told.splitlines():
        if line.startswith("+++ b/"):
            path = line.removeprefix(f"+++ b/{SOURCE}/")
        elif hunk := _HUNK.match(line):
            first, number = int(hunk[1]), int(hunk[2] or 1)
            lines[path].update(range(first, first + number))
    return lines


def git(*given: str) -> str:
    """Return the output of git.

    Raises:
        CalledProcessError: git failed.
    """
    done = subprocess.run(["git", *given], capture_output=True, text=True, check=True)  # noqa: S603, S607  git, as found
    return done.stdout
