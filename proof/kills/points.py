"""Crash a worker at each boundary of a flow, let another one continue, heal, and judge."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proof.oracle import Violation
from proof.simulation import crediting, paying
from proof.simulation.bench import Bench
from proof.simulation.campaign import judge
from proof.simulation.records import Step
from proof.simulation.script import Script
from proof.simulation.seams import EDGES
from proof.simulation.world import Terms

_NEVER = 10**9
_CHOICE = {"expense_account_id": "Supplies", "income_account_id": "Sales"}


def _bill(n: int, cents: int, **more: Any) -> Step:  # noqa: ANN401  members of a step
    return {"do": "payable", "n": n, "to": n % 2, "cents": cents, **more}


_OPENING: Sequence[Step] = (
    {"do": "connect"},
    {"do": "work", "turns": 1},
    {"do": "choose", "fields": _CHOICE},
    {"do": "connection", "n": 0, "name": "Acme Supplies"},
    {"do": "connection", "n": 1, "name": "D'Angelo"},
    _bill(0, 12_345, lines=[12_000, 345]),
    _bill(1, 99),
    _bill(2, 10_000, role="payee"),
)
_SYNCED: Sequence[Step] = (*_OPENING, {"do": "sync"}, {"do": "work", "turns": 60})
_LOST = {"do": "fault", "kind": "drop_after_commit", "path": "*/batch", "times": 2}
_UNSENT = {"do": "fault", "kind": "timeout_before_commit", "path": "*/batch", "times": 2}

_BANK = {"do": "source", "tenant": 0, "n": 1, "name": "Checking 1111", "digits": "1111"}
_PAYING: Sequence[Step] = (
    *(*_SYNCED, _BANK),
    paying.pay({**_bill(0, 12_345), "tenant": 0}, cents=12_000),
    paying.pay({**_bill(0, 12_345), "tenant": 0}, 1, cents=345),
    paying.pay({**_bill(2, 10_000), "tenant": 0}),
)
_CREDIT = _bill(6, -5_000)  # has the same vendor as the bills that it pays
_CREDITING: Sequence[Step] = (
    *(*_SYNCED, _BANK, _CREDIT, _bill(4, 5_000), _bill(5, -700, role="payee")),
    crediting.using({**_bill(0, 12_345), "tenant": 0}, {**_CREDIT, "cents": -4_000}),
    crediting.using({**_bill(4, 1_000), "tenant": 0}, {**_CREDIT, "cents": -1_000}),
)

_SPENDING: Sequence[Step] = (
    *(*_SYNCED, _BANK),
    {"do": "choose", "fields": {"quick_pay": "on"}},
    paying.quick({**_bill(0, 12_345), "tenant": 0}),
    paying.quick({**_bill(1, 99), "tenant": 0}),
)

# The state before, and what the worker then does while it is killed.
FLOWS: Mapping[str, Sequence[Step]] = {
    "first sync": (*_OPENING, {"do": "sync"}),
    "changes and removals": (
        *_SYNCED,
        _bill(0, 777),
        _bill(1, 99, status="CANCELLED"),
        _bill(3, 500),
        {"do": "sync"},
    ),
    "lost answers": (*_OPENING, _LOST, {"do": "sync"}),
    "unsent batches": (*_OPENING, _UNSENT, {"do": "sync"}),
    "an old token": (*_SYNCED, {"do": "pass", "seconds": 3600.0}, _bill(3, 500), {"do": "sync"}),
    "payments": (*_PAYING, {"do": "sync"}),
    "lost answers of payments": (*_PAYING, _LOST, {"do": "sync"}),
    "returned payments": (
        *(*_PAYING, {"do": "sync"}, {"do": "work", "turns": 60}),
        paying.pay({**_bill(0, 12_345), "tenant": 0}, cents=12_000, status="failed"),
        paying.pay({**_bill(1, 99), "tenant": 0}),
        {"do": "sync"},
    ),
    "credits": (*_CREDITING, {"do": "sync"}),
    "lost answers of credits": (*_CREDITING, _LOST, {"do": "sync"}),
    "lost answers of expenses": (*_SPENDING, _LOST, {"do": "sync"}),
    "returned expenses": (
        *(*_SPENDING, {"do": "sync"}, {"do": "work", "turns": 60}),
        paying.quick({**_bill(0, 12_345), "tenant": 0}, status="failed"),
        {"do": "sync"},
    ),
    "errands": (*_SYNCED, {"do": "look"}, {"do": "pass", "seconds": 90_000.0}),
}
_REQUEST_IDS: Sequence[Mapping[str, Any]] = (
    {"requestid": "honoured"},
    {"requestid": "ignored", "duplicate_numbers": "allowed"},
    {"requestid": "honoured", "requestid_seconds": 30.0},
)
MODES: Sequence[Mapping[str, Any]] = tuple(
    {**requestid, "superseded_refresh_token": superseded, "same_day_refresh": "new_value"}
    for requestid, superseded in itertools.product(_REQUEST_IDS, ("dies", "lives_24_hours"))
)


@dataclass(frozen=True, slots=True)
class Point:
    """A kill point: a flow, a mode, and the boundaries at which its workers crash, in order."""

    flow: str
    mode: int
    at: tuple[int, ...]

    def script(self) -> Script:
        """Return the flow with its crashes; the next worker continues where one crashed."""
        crashes = [
            {
                "do": "work",
                "turns": 60,
                "interrupt": {"at": at, "how": "crash", "edges": list(EDGES)},
            }
            for at in self.at
        ]
        return Script(Terms(0, MODES[self.mode], batch_size=2), (*FLOWS[self.flow], *crashes))


def singles(bench: Bench) -> list[Point]:
    """Return every boundary of every flow in every mode that an uninterrupted worker passes."""
    return [
        Point(flow, mode, (at,))
        for flow in FLOWS
        for mode in range(len(MODES))
        for at in range(1, _passed(flow, bench) + 1)
    ]


def some_pairs(some: Sequence[Point], seed: int, most: int = 10_000) -> list[Point]:
    """Draw from all ordered pairs: a crash, and a second one while the work is continued."""
    dice = random.Random(f"pairs {seed}")
    deepest = _deepest(some)
    first = [dice.choice(some) for _ in range(most)]
    return [
        Point(one.flow, one.mode, (one.at[0], dice.randint(1, deepest[one.flow]))) for one in first
    ]


def how_many(done: Sequence[Point], every: Sequence[Point]) -> str:
    """Return how many were tried, of all; a pair is a single, then any boundary of its flow."""
    deepest = _deepest(every)
    tried, all_pairs = Counter(len(one.at) for one in done), sum(deepest[one.flow] for one in every)
    return f"{tried[1]:,} of {len(every):,} singles, {tried[2]:,} of {all_pairs:,} ordered pairs"


def tried(here: Bench, point: Point) -> tuple[Point, Sequence[Violation]]:
    """Play a kill point, and return it with the violations."""
    return point, judge(point.script(), here).violations


def _deepest(some: Sequence[Point]) -> Mapping[str, int]:
    return {flow: max(one.at[0] for one in some if one.flow == flow) for flow in FLOWS}


def _passed(flow: str, bench: Bench) -> int:
    history = judge(Point(flow, 0, (_NEVER,)).script(), bench).account.history
    calm = next(entry["seq"] for entry in history if entry["what"] == "calm")
    stops = [entry for entry in history if entry["what"] == "stopped" and entry["seq"] < calm]
    return int(stops[-1]["boundaries"])
