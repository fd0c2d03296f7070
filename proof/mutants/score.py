"""Count mutants and what caught them, and report them in tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from proof.mutants.trying import Tried
from proof.record import Rows

HEAD = ("room", "tried", "tests see", "simulation runs", "and sees", "either sees")


@dataclass(slots=True)
class Score:
    """The numbers of a package's mutants that were tried and caught."""

    tried: int = 0
    by_tests: int = 0
    simulated: int = 0
    by_simulation: int = 0
    seen: int = 0
    unseen: list[Tried] = field(default_factory=list)

    def take(self, one: Tried) -> None:
        """Add the result of a mutant."""
        self.tried += 1
        self.by_tests += bool(one.by_tests)
        self.simulated += one.by_simulation is not None
        self.by_simulation += bool(one.by_simulation)
        self.seen += one.seen
        if not one.seen:
            self.unseen.append(one)

    def row(self) -> Sequence[str]:
        """Return the figures of a table's row; the simulation's share is of what it runs."""
        return (
            str(self.tried),
            _share(self.by_tests, self.tried),
            str(self.simulated),
            _share(self.by_simulation, self.simulated),
            _share(self.seen, self.tried),
        )


def tables(scores: Mapping[str, Score]) -> Mapping[str, Rows]:
    """Return the score of each package, and each mutant that was not caught."""
    rows = [(room, *score.row()) for room, score in sorted(scores.items())]
    unseen = [
        (
            f"`{one.mutant.path}:{one.mutant.line}`",
            _code(one.mutant.before),
            _code(one.mutant.after),
        )
        for score in scores.values()
        for one in score.unseen
    ]
    return {"Scores": [HEAD, *rows], "Unseen": [("where", "stands", "mutant"), *unseen]}


def _code(line: str) -> str:
    """Return a line of code as a cell of a table."""
    return f"`{line}`".replace("|", "\\|")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"
