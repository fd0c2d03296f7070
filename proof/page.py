"""The page of a campaign: its figures, how to see one seed again, and what was not reached."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from proof.kills.points import Point
from proof.oracle import CHECKED, Violation
from proof.simulation.campaign import Tally
from proof.zoo.hunt import Caught

_NOT_REACHED = """
- I2, I17 and I18 do not apply yet: there are no payments, no webhooks and no purge. I14 belongs to
  the HTTP door, which is not simulated (its tests are in `tests/web`, `tests/store`).
- The durable engine (DBOS) is not simulated: its few rules are repeated in
  `proof/simulation/workers.py`. Real processes, SIGKILL on both databases: `tests/crash`.
- Kills at boundaries are simulated on SQLite; on PostgreSQL only whole processes are killed.
- Two workers take turns at boundaries (one is paused while the other works); they do not run
  within one another's transactions.
- The long campaign (100,000 seeds, 2,000 real kills) has not been run for this page, nor disk
  full, PostgreSQL restarts, or a new version in mid-run.
"""


@dataclass(slots=True)
class Figures:
    """What a campaign came to."""

    commit: str
    minutes: float
    seed: int
    tally: Tally = field(default_factory=Tally)
    simulation_seconds: float = 0.0
    singles_total: int = 0
    singles_tried: int = 0
    pairs_total: int = 0
    pairs_tried: int = 0
    broken_by_kills: list[tuple[Point, Sequence[Violation]]] = field(default_factory=list)
    bugs_total: int = 0
    hunted: list[Caught] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        """Whether every promise was kept, and every bug that was hunted caught."""
        escaped = [one for one in self.hunted if one.by is None]
        return not (self.tally.broken or self.broken_by_kills or escaped)


def write(figures: Figures) -> str:
    """Write the page."""
    tally = figures.tally
    rate = tally.seeds / max(figures.simulation_seconds, 1e-9) * 3600
    caught = [one for one in figures.hunted if one.by is not None]
    last = figures.seed + max(tally.seeds, 1) - 1
    broken = len(tally.broken) + len(figures.broken_by_kills)
    return f"""# The proof

Written by `make prove`; what is proven, and how, is in `proof/`.

| | |
|---|---|
| commit | {figures.commit} |
| machine | {platform.machine()}, Python {platform.python_version()}, one core |
| asked for | {figures.minutes:g} minutes |
| seeds played | {tally.seeds:,} ({figures.seed} to {last}), {rate:,.0f} an hour |
| requests, changes in the books | {tally.requests:,}, {tally.effects:,} |
| kill points tried | {figures.singles_tried:,} of {figures.singles_total:,} singles, \
{figures.pairs_tried:,} of {figures.pairs_total:,} ordered pairs |
| plays that broke a promise | **{broken}** |
| planted bugs caught | **{len(caught)} of {len(figures.hunted)} hunted** (the zoo has \
{figures.bugs_total}) |
| oracle | {_oracle_lines()} lines, checks {", ".join(CHECKED)} |
| digest of all that happened | `{tally.digest[:32]}` |

One seed again: `python -m proof.simulation --seed N` (the same seed and commit give the same
digest; what breaks a promise is cut down to the shortest trace that shows it).

## Broken
{_broken(figures)}
## Faults met

| what | how often |
|---|---|
{_rows(sorted(tally.faults.items()))}

## The zoo

| planted | caught after | by |
|---|---|---|
{_zoo(figures.hunted)}

## Not reached
{_NOT_REACHED}"""


def _broken(figures: Figures) -> str:
    lines = [f"- seed {one.seed}: {one.violations[0]}" for one in figures.tally.broken] + [
        f"- {point}: {violations[0]}" for point, violations in figures.broken_by_kills
    ]
    return "\n" + ("\n".join(lines) or "Nothing.") + "\n"


def _rows(pairs: Sequence[tuple[str, int]]) -> str:
    return "\n".join(f"| {name} | {number:,} |" for name, number in pairs)


def _zoo(hunted: Sequence[Caught]) -> str:
    return "\n".join(
        f"| {one.bug.name}: {one.bug.said} | {one.seeds} of at most {one.bug.seeds_max} seeds |"
        f" {one.by.invariant if one.by else '**nothing**'} |"
        for one in hunted
    )


def _oracle_lines() -> int:
    folder = Path(__file__).parent / "oracle"
    return sum(len(path.read_text().splitlines()) for path in sorted(folder.glob("*.py")))
