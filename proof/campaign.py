"""A campaign of everything: planted bugs, seeds played twice, kills, real kills, and seeds.

It runs for the given time. On a slow machine it proves less, which it reports, but does not fail.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from proof.kills.__main__ import real_kills
from proof.kills.points import Point, how_many, singles, some_pairs, tried
from proof.kills.real import Tally as Killed
from proof.oracle import CHECKED, Violation
from proof.record import Rows, of_seeds
from proof.simulation.bench import Bench, bench
from proof.simulation.campaign import judged, told
from proof.simulation.hands import shared_out
from proof.tally import Tally
from proof.zoo.bugs import BUGS
from proof.zoo.hunt import Caught, hunt

Item = TypeVar("Item")
# Shares of the time; the seeds get what is left over, and no less than their own share.
_ZOO, _TWICE, _SINGLES, _PAIRS, _REAL, _SEEDS = 0.45, 0.05, 0.1, 0.05, 0.05, 0.25
# Real processes need seconds to start, so small shares are skipped; tests/crash has some kills.
_REAL_SECONDS_MIN = 20.0


@dataclass(slots=True)
class Campaign:
    """The results of a campaign."""

    first: int
    jobs: int
    end: float
    caught: list[Caught] = field(default_factory=list)
    twice: list[bool] = field(default_factory=list)
    killed: list[tuple[Point, Sequence[Violation]]] = field(default_factory=list)
    points: Sequence[Point] = ()
    real: list[Killed] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    seconds: float = 0.0

    @property
    def broken(self) -> Sequence[str]:
        """Every violation, and every bug that was hunted and not caught."""
        return [
            *(f"seed {one.seed}: {one.violations[0]}" for one in self.tally.broken),
            *(f"{point}: {found[0]}" for point, found in self.killed if found),
            *(one for tally in self.real for one in tally.violations),
            *(f"planted and not caught: {one.bug}" for one in self.caught if not one.by),
            *(["a seed played twice was not the same"] if not all(self.twice) else []),
        ]


def run(first: int, jobs: int, seconds: float) -> Campaign:
    """Try to violate every invariant until the time is over."""
    campaign = Campaign(first, jobs, time.perf_counter() + seconds)
    _hunt(campaign, seconds * _ZOO)
    _repeat(campaign, seconds * _TWICE)
    _kill(campaign, seconds * _SINGLES, seconds * _PAIRS)
    if seconds * _REAL >= _REAL_SECONDS_MIN:
        for database in ("sqlite", "postgresql"):
            tally = real_kills(database, seed=first, kills=10**6, seconds=seconds * _REAL)
            campaign.real.append(tally)
    _simulate(campaign, seconds * _SEEDS)
    return campaign


def _for(seconds: float, items: Iterable[Item]) -> Iterator[Item]:
    """Yield items until the time is over."""
    end = time.perf_counter() + seconds
    return itertools.takewhile(lambda _: time.perf_counter() < end, items)


def _hunt(campaign: Campaign, seconds: float) -> None:
    """Hunt as many bugs as time allows; the seed determines where the hunt starts."""
    at = campaign.first % len(BUGS)
    numbers = [*range(at, len(BUGS)), *range(at)]
    campaign.caught += shared_out(_hunted, _for(seconds, numbers), campaign.jobs, 1)


def _hunted(here: Bench, number: int) -> Caught:
    return hunt(BUGS[number], here)


def _repeat(campaign: Campaign, seconds: float) -> None:
    """I15: the same seed and commit give the same world, to the last byte."""
    seeds = range(campaign.first, campaign.first + 100)
    campaign.twice += shared_out(_the_same, _for(seconds, seeds), campaign.jobs, 1)


def _the_same(here: Bench, seed: int) -> bool:
    return told(here, seed).digest == told(here, seed).digest


def _kill(campaign: Campaign, singles_seconds: float, pairs_seconds: float) -> None:
    """Try kill points in an order drawn from the seed, so that short campaigns try some of each."""
    with bench() as here:
        campaign.points = singles(here)
    order = list(campaign.points)
    random.Random(f"kills {campaign.first}").shuffle(order)
    pairs = some_pairs(campaign.points, campaign.first)
    for some, seconds in ((order, singles_seconds), (pairs, pairs_seconds)):
        campaign.killed += shared_out(tried, _for(seconds, some), campaign.jobs, 1)


def _simulate(campaign: Campaign, seconds: float) -> None:
    started = time.perf_counter()
    left = max(seconds, campaign.end - started)
    seeds = _for(left, itertools.count(campaign.first))
    for one in judged(seeds, campaign.jobs):
        campaign.tally.take(one)
    campaign.seconds = time.perf_counter() - started


def told_of(campaign: Campaign) -> Mapping[str, Any]:
    """Return the parts of a record about a campaign."""
    seeds = of_seeds(campaign.tally, campaign.first, campaign.seconds, campaign.jobs)
    caught = [one for one in campaign.caught if one.by]
    seen = {invariant for one in caught for invariant in one.invariants}
    figures = {
        **seeds["figures"],
        "seeds played twice, and the same (I15)": f"{sum(campaign.twice)} of {len(campaign.twice)}",
        "kill points tried": how_many([point for point, _ in campaign.killed], campaign.points),
        "planted bugs caught": f"**{len(caught)} of {len(campaign.caught)} hunted** (the zoo has "
        f"{len(BUGS)}), after {sum(one.seeds for one in caught) / max(len(caught), 1):.1f} seeds "
        "each",
        "promises that a planted bug was seen to break": ", ".join(
            invariant for invariant in CHECKED if invariant in seen
        ),
        **{f"real kills, {one.database}": str(one) for one in campaign.real},
    }
    tables = {**seeds["tables"], "The zoo": _zoo(campaign.caught)}
    return {"figures": figures, "broken": campaign.broken, "tables": tables}


def _zoo(caught: Sequence[Caught]) -> Rows:
    return [
        ("planted", "caught after", "by"),
        *(
            (
                f"{one.bug}: {one.said}",
                f"{one.seeds} of at most {one.seeds_max} seeds",
                ", ".join(one.invariants) or "**nothing**",
            )
            for one in caught
        ),
    ]
