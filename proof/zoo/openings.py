"""The beginnings of situations: a business that connects, its records, terms and one fault."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from proof.simulation.records import Step
from proof.simulation.scenes import Scene
from proof.simulation.script import Script
from proof.simulation.world import Terms

Situation = Callable[[int], Script]

FIELDS = {"expense_account_id": "Supplies", "income_account_id": "Sales"}
NAMES = ("Acme Supplies", "D'Angelo", "Back\\slash Ltd", "O'Neil & Sons")
SYNC: Sequence[Step] = ({"do": "sync"}, {"do": "work", "turns": 40})
VENDORS: Sequence[Step] = ({"do": "sync", "types": ["vendors"]}, {"do": "work", "turns": 40})
UNDONE = ("drop_before_commit", "error_before_commit", "timeout_before_commit")
UNHEARD = ("drop_after_commit", "reset_mid_body", "truncated_body", "timeout_after_commit")


def dice_of(seed: int) -> random.Random:
    """Return the random numbers of a seed."""
    return random.Random(f"situation {seed}")


def payable_step(n: int, cents: int, **more: Any) -> Step:  # noqa: ANN401  members of a step
    """Return a step that feeds a payable."""
    return {"do": "payable", "n": n, "to": n % len(NAMES), "cents": cents, **more}


def opening(dice: random.Random, many: int = 4, payer: int | None = None) -> list[Step]:
    """Return the steps in which a business connects and sends its records; nothing is synced yet.

    `payer`: the number of a payable that the business pays; the roles of others are drawn.
    """
    people: list[Step] = [
        {"do": "connection", "n": n, "name": name} for n, name in enumerate(NAMES)
    ]
    more: Sequence[Step] = (
        {"due": "2026-02-01"},
        {"due": "2026-02-01", "cents": 345, "lines": [300, 45]},
        {},
    )
    payables = [
        {
            **payable_step(n, dice.randint(10, 50_000), role="payer" if n == payer else role),
            **dice.choice(more),
        }
        for n, role in enumerate(dice.choices(["payer", "payee"], [4, 1], k=many))
    ]
    choice: Step = {"do": "choose", "fields": FIELDS}
    return [{"do": "connect"}, {"do": "work", "turns": 2}, choice, *people, *payables]


def terms_of(seed: int, dice: random.Random, **switches: Any) -> Terms:  # noqa: ANN401  of any type
    """Draw terms under which QuickBooks answers."""
    drawn = {
        "requestid": dice.choice(["honoured", "ignored"]),
        "retry_after": True,
        "superseded_refresh_token": dice.choice(["dies", "lives_24_hours"]),
        "same_day_refresh": "new_value",
        "duplicate_numbers": dice.choice(["refused", "allowed"]),
    }
    company = {"custom_sales_numbers": True}
    return Terms(seed, {**drawn, **switches}, company, batch_size=dice.choice([1, 2, 3]))


def unsafe_terms(seed: int, dice: random.Random, **switches: Any) -> Terms:  # noqa: ANN401  as above
    """Draw terms under which QuickBooks ignores request ids and allows duplicate numbers."""
    return terms_of(seed, dice, requestid="ignored", duplicate_numbers="allowed", **switches)


def around(scene: Scene, n: int = 1) -> Situation:
    """Return a situation that plays a scene around a payable of a business that has been synced."""

    def situation(seed: int) -> Script:
        dice = dice_of(seed)
        payable: Step = {**payable_step(n, dice.randint(10, 50_000), role="payer"), "tenant": 0}
        steps = scene(dice, payable)
        return Script(terms_of(seed, dice), (*opening(dice, payer=n), *SYNC, *steps, *SYNC))

    return situation


def trouble(kind: str, times: int, skip: int = 0, **more: Any) -> Step:  # noqa: ANN401  of a fault
    """Return a step that adds a fault to the next batches."""
    return {"do": "fault", "kind": kind, "path": "*/batch", "times": times, "skip": skip, **more}
