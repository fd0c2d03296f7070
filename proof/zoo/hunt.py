"""Hunt the planted bugs: play seeds with one bug in place until the oracle speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from proof.oracle import Violation
from proof.simulation.bench import Bench
from proof.simulation.campaign import judge
from proof.zoo.planting import Bug


@dataclass(frozen=True, slots=True)
class Caught:
    """A bug, and what gave it away after how many seeds; nothing did if `by` is empty."""

    bug: str
    said: str
    seeds: int
    seeds_max: int
    by: Sequence[Violation]

    @property
    def invariants(self) -> Sequence[str]:
        """Which promises it was seen to break."""
        return list(dict.fromkeys(one.invariant for one in self.by))


def hunt(bug: Bug, bench: Bench, first_seed: int = 0) -> Caught:
    """Plant a bug and play seeds until it is caught, or until it should have been.

    A seed that breaks something without the bug proves nothing about it, and is passed over.
    """
    for at in range(bug.seeds_max):
        script = bug.situation(first_seed + at)
        with bug.plant():
            found = judge(script, bench).violations
        if found and not judge(script, bench).violations:
            return Caught(bug.name, bug.said, at + 1, bug.seeds_max, found)
    return Caught(bug.name, bug.said, bug.seeds_max, bug.seeds_max, ())
