"""Try some mutants of the lines that a change touches, in about two minutes.

Some seeds of the simulation are played first, then the tests that the change touches, and those
of the core if it touches the core. The same commit gives the same mutants.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from subprocess import CalledProcessError

from proof.mutants import asking, reaching
from proof.mutants.choosing import ROOMS, changed_lines, chosen, git
from proof.mutants.making import Mutant
from proof.mutants.trying import Trial, Tried

_MUTANTS = 12
_SEEDS = 30
_SECONDS = 240.0
_JUDGED_MIN = 4  # with fewer, one unlucky mutant would decide
_LEAST = 0.5


def main(revision: str) -> int:
    """Try mutants of what was changed since a revision; return 1 if less than half are caught."""
    ends_at = time.monotonic() + _SECONDS
    try:
        lines, files = changed_lines(revision), git("diff", "--name-only", revision, "--", "tests")
    except CalledProcessError:
        print(f"There is no {revision} here to compare with: no mutants.")
        return 0
    mutants = chosen(ROOMS, _MUTANTS, 0, lines)
    if not mutants:
        print(f"Since {revision}, no line was changed of which a mutant is made.")
        return 0
    fast = {path.as_posix() for path in reaching.files_of_tests()}
    tests = [path for path in files.splitlines() if path in fast]
    return judged(_tried(mutants, tests, ends_at), len(mutants))


def judged(tried: Sequence[Tried], wanted: int) -> int:
    """Print the outcome of the mutants; return 1 if clearly too many of them are not caught."""
    run = [one for one in tried if one.run]
    seen = sum(one.seen for one in run)
    for one in (one for one in tried if not one.seen):
        print(f"{'unseen' if one.run else 'run by nobody who was asked'}: {one.mutant}")
    print(f"{wanted} mutants of what was changed: {len(tried)} tried, {len(run)} run, {seen} seen")
    if len(tried) < wanted:
        print("The time ran out: not judged.")
        return 0
    if len(run) < _JUDGED_MIN or seen >= _LEAST * len(run):
        return 0
    print(f"Less than {_LEAST:.0%} are seen. Test what was changed: see CONTRIBUTING.md.")
    return 1


def _tried(mutants: Sequence[Mutant], tests: Sequence[str], ends_at: float) -> list[Tried]:
    def tests_of(mutant: Mutant) -> Sequence[str]:
        core = ["tests/core"] if "/core/" in mutant.path else []
        return [*core, *(path for path in tests if not (core and path.startswith("tests/core")))]

    seeds = reaching.by_seeds_of(_SEEDS, {mutant.path for mutant in mutants})
    trial = Trial(asking.seeds_of(seeds, _SEEDS), tests_of)
    try:
        return [trial.simulated_first(one) for one in mutants if time.monotonic() < ends_at]
    finally:
        trial.close()
