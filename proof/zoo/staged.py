"""Situations built from scenes of the simulation: one or more of them, and little else."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from proof.simulation import scenes
from proof.simulation.narrow import Sizes
from proof.simulation.records import Step
from proof.simulation.scenes import Scene
from proof.simulation.script import Script
from proof.simulation.world import Terms
from proof.zoo.openings import Situation

_FIELDS = {"expense_account_id": "Supplies", "income_account_id": "Sales"}
_NAMES = ("Acme Supplies", "D'Angelo", "Bridge Foods")
_ROLES = ("payer", "payer", "payee")


def payable(n: int, cents: int, *, tenant: int = 0, **more: Any) -> Step:  # noqa: ANN401  fields of a step
    """Return a step that feeds a payable."""
    to = len(_NAMES) - 1 if more.get("role") == "payee" else n % (len(_NAMES) - 1)
    return {"do": "payable", "tenant": tenant, "n": n, "to": to, "cents": cents, **more}


def opening(tenant: int = 0) -> list[Step]:
    """Return the steps in which a business connects and its vendors and customers are written."""
    people: list[Step] = [
        {"do": "connection", "tenant": tenant, "n": n, "name": name}
        for n, name in enumerate(_NAMES)
    ]
    return [
        {"do": "connect", "tenant": tenant},
        {"do": "work", "turns": 2},
        {"do": "choose", "tenant": tenant, "fields": _FIELDS},
        *people,
        *[payable(n, 1_000 + n, tenant=tenant, role=role) for n, role in enumerate(_ROLES)],
        *scenes.sync(tenant),
    ]


def terms(seed: int, dice: random.Random, *, tenants: int = 1, **switches: Any) -> Terms:  # noqa: ANN401  of any type
    """Return terms under which QuickBooks does not prevent duplicates, unless `switches` differ."""
    drawn = {
        "requestid": "ignored",
        "retry_after": True,
        "duplicate_numbers": "allowed",
        "batch_answers": dice.choice(["in_order", "reversed"]),
    }
    sizes = Sizes(*switches.pop("sizes", (1000, 1000, 1000)))
    size = switches.pop("batch_size", dice.choice([3, 5]))
    company = {"custom_sales_numbers": True}
    return Terms(seed, {**drawn, **switches}, company, tenants, size, sizes)


def staged(scene: Scene, *, tenants: int = 1, times: int = 1, **switches: Any) -> Situation:  # noqa: ANN401  of any type
    """Return a situation that plays a scene `times` times, each with a new payable."""

    def situation(seed: int) -> Script:
        dice = random.Random(f"{scene.__name__} {seed}")
        steps = [step for tenant in range(tenants) for step in opening(tenant)]
        for n in range(20, 20 + times):
            role = dice.choice(["payer", "payer", "payee"])
            steps += scene(dice, payable(n, dice.randint(1, 50_000), role=role))
        return Script(terms(seed, dice, tenants=tenants, **switches), tuple(steps))

    return situation


def scripted(
    make: Callable[[random.Random], Sequence[Step]],
    *,
    tenants: int = 1,
    **switches: Any,  # noqa: ANN401  of any type
) -> Situation:
    """Return a situation that plays the steps of `make` after the opening."""

    def situation(seed: int) -> Script:
        dice = random.Random(f"{make.__name__} {seed}")
        steps = [step for tenant in range(tenants) for step in opening(tenant)]
        steps += make(dice)
        return Script(terms(seed, dice, tenants=tenants, **switches), tuple(steps))

    return situation


def pages(dice: random.Random) -> Sequence[Step]:
    """More than one page of records is planned, and the worker may crash between two pages."""
    many = [payable(n, dice.randint(1, 9_999), role="payer") for n in range(20, 27)]
    at = {"at": dice.randint(10, 60), "how": "crash", "edges": ["committed"]}
    return [*many, *scenes.sync(0, interrupt=at), *scenes.sync(0, worker=1)[1:]]


def edges(dice: random.Random) -> Sequence[Step]:
    """The amounts of lines are half a cent, or close to it."""
    bare = [payable(n, 1, role=dice.choice(_ROLES)) for n in range(20, 24)]
    return [*(scenes.on_the_edge(dice, one) for one in bare), *scenes.sync(0)]
