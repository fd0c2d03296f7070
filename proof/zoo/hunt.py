"""Hunt the planted bugs: play seeds with one bug in place until the oracle catches it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from structlog.testing import capture_logs
from structlog.typing import EventDict

from proof.oracle import Violation
from proof.simulation.bench import Bench
from proof.simulation.campaign import Judged, judge
from proof.zoo.planting import Bug

# The errors raised if a function was renamed, takes other arguments or returns something else.
_OUT_OF_DATE = ("AttributeError", "ImportError", "NameError", "TypeError", "UnboundLocalError")


@dataclass(frozen=True, slots=True)
class Caught:
    """A bug and the violations that caught it, after so many seeds; not caught if `by` is empty."""

    bug: str
    said: str
    seeds: int
    seeds_max: int
    by: Sequence[Violation]

    @property
    def invariants(self) -> Sequence[str]:
        """The invariants that it was seen to violate."""
        return list(dict.fromkeys(one.invariant for one in self.by))


def hunt(bug: Bug, bench: Bench, first_seed: int = 0) -> Caught:
    """Plant a bug and play seeds until it is caught, or until it should have been.

    A seed with a violation without the bug proves nothing about the bug and is skipped. So is a
    seed in which the bug itself fails because the code that it replaces has changed.
    """
    for at in range(bug.seeds_max):
        script = bug.situation(first_seed + at)
        with bug.plant(), capture_logs() as logged:
            found = judge(script, bench)
        if not found.violations or out_of_date(found, logged):
            continue
        if not judge(script, bench).violations:
            return Caught(bug.name, bug.said, at + 1, bug.seeds_max, found.violations)
    return Caught(bug.name, bug.said, bug.seeds_max, bug.seeds_max, ())


def out_of_date(found: Judged, logged: Sequence[EventDict]) -> bool:
    """Return whether a planted bug failed because it no longer fits the code around it."""
    return any(name in _OUT_OF_DATE for name in _failures(found, logged))


def _failures(found: Judged, logged: Sequence[EventDict]) -> Iterator[str]:
    """Yield the types of all exceptions that ended a step, or were logged and set aside."""
    yield from (type(entry["exc_info"]).__name__ for entry in logged if entry.get("exc_info"))
    history = found.account.history
    yield from (entry["type"] for entry in history if entry["what"] == "broke")
