"""Hunt the planted bugs: play seeds with one bug in place until the oracle speaks."""

from __future__ import annotations

from dataclasses import dataclass

from proof.oracle import Violation
from proof.simulation.bench import Bench
from proof.simulation.campaign import judge
from proof.simulation.script import write
from proof.zoo.planting import Bug


@dataclass(frozen=True, slots=True)
class Caught:
    """A bug, and what gave it away after how many seeds; nothing did if `by` is None."""

    bug: Bug
    seeds: int
    by: Violation | None


def hunt(bug: Bug, bench: Bench, first_seed: int = 0) -> Caught:
    """Plant a bug and play seeds until it is caught, or until it should have been.

    A seed that breaks something without the bug proves nothing about it, and is passed over.
    """
    for at in range(bug.seeds_max):
        script = write(first_seed + at, bug.focus)
        with bug.plant():
            found = judge(script, bench).violations
        if found and not judge(script, bench).violations:
            return Caught(bug, at + 1, found[0])
    return Caught(bug, bug.seeds_max, None)
