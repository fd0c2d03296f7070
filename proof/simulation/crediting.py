"""Scenes of credits: used by a payment, twice or by hand, withdrawn, or turned into a bill."""

from __future__ import annotations

import random
from collections.abc import Mapping

from proof.simulation.paying import around, opening, pay
from proof.simulation.records import Step
from proof.simulation.scenes import Scene, sync

_APART = 500  # the number of a credit is its payable's plus this


def credit_of(dice: random.Random, payable: Step) -> Step:
    """Return a credit of the same vendor or customer, mostly of a part of the payable's amount."""
    n, most = payable["n"] + _APART, payable["cents"]
    cents = dice.choice([most, max(1, most // 3), most + 100])
    bare = {name: one for name, one in payable.items() if name not in ("lines", "parts", "status")}
    made: Step = {**bare, "n": n, "number": f"CR-{n}", "cents": -cents}
    if cents > 1 and dice.random() < 0.5:
        part = dice.randint(1, cents - 1)
        made["lines"] = [-part, part - cents]
    return made


def using(payable: Step, credit: Step, at: int = 0, **said: object) -> Step:
    """Return a payment of a payable in full that uses as much of a credit as possible."""
    used = min(payable["cents"], -credit["cents"])
    known = {"cents": payable["cents"] - used, "credits": [(credit["n"], used)]}
    return pay(payable, at, **{**known, **said})


def _begun(dice: random.Random, payable: Step) -> tuple[list[Step], Step]:
    """Return the opening steps with a payable, its bank account and a credit, and the credit."""
    credit = credit_of(dice, payable)
    steps = [*opening(dice, payable), credit]
    return steps + (sync(payable["tenant"]) if dice.random() < 0.5 else []), credit


def _used(dice: random.Random, payable: Step) -> list[Step]:
    """A payment uses a credit, and may be returned by the bank; then one of the two changes.

    A change of a credit that is used has to be decided by a person.
    """
    tenant, (steps, credit) = payable["tenant"], _begun(dice, payable)
    steps += [using(payable, credit), *sync(tenant)]
    if dice.random() < 0.5:
        steps += [using(payable, credit, status="failed", code="R01"), *sync(tenant)]
    bare = {name: one for name, one in credit.items() if name != "lines"}
    after = dice.choice(
        [
            using(payable, credit),
            {**bare, "status": "CANCELLED"},
            {**bare, "cents": credit["cents"] - 100},
        ]
    )
    return [*steps, after, *sync(tenant)]


def _used_up(dice: random.Random, payable: Step) -> list[Step]:
    """Two payments use one credit, which may be too small for both."""
    tenant, (steps, credit) = payable["tenant"], _begun(dice, payable)
    second = {**payable, "n": payable["n"] + 250, "number": f"INV-{payable['n'] + 250}"}
    steps += [second, using(payable, credit)]
    if dice.random() < 0.5:
        steps += sync(tenant)
    return [*steps, using(second, credit), *sync(tenant)]


def _used_by_hand(dice: random.Random, payable: Step) -> list[Step]:
    """A person uses the credit for the bill in QuickBooks, before or after our payment."""
    tenant, (steps, credit) = payable["tenant"], _begun(dice, payable)
    by_hand: Step = {"do": "use_credit", "tenant": tenant, "credit": f"pay_{credit['n']}"}
    by_hand["on"] = f"pay_{payable['n']}"
    ours = using(payable, credit)
    first, then = (by_hand, ours) if dice.random() < 0.6 else (ours, by_hand)
    return [*steps, *sync(tenant), first, *sync(tenant), then, *sync(tenant)]


def _withdrawn(dice: random.Random, payable: Step) -> list[Step]:
    """A credit is changed, withdrawn, or deleted by a person while no payment uses it."""
    tenant, credit = payable["tenant"], credit_of(dice, payable)
    bare = {name: one for name, one in credit.items() if name != "lines"}
    steps = [credit, *sync(tenant)]
    if dice.random() < 0.4:
        steps += [{**bare, "cents": credit["cents"] - 250}, *sync(tenant)]
    elif dice.random() < 0.5:
        on = {"tenant": tenant, "on": f"pay_{credit['n']}"}
        steps.append({"do": "person", **on, "deed": "delete"})
    return [*steps, {**bare, "status": "CANCELLED"}, *sync(tenant)]


def _turned(dice: random.Random, payable: Step) -> list[Step]:
    """A payable changes the sign of its total, or its role, before or after it is written."""
    tenant, steps = payable["tenant"], [payable]
    bare = {name: one for name, one in payable.items() if name not in ("lines", "parts")}
    if dice.random() < 0.7:
        steps += sync(tenant)
    other = {"cents": -payable["cents"]}
    if dice.random() < 0.3:  # of a connection that is not yet known in that role
        n = payable["n"] + 7_000
        steps.append({"do": "connection", "tenant": tenant, "n": n, "name": f"Partner {n}"})
        other = {"role": "payer" if payable["role"] == "payee" else "payee", "to": n}
    steps += [{**bare, **other}, *sync(tenant)]
    after = dice.choice([payable, {**bare, "status": "CANCELLED"}, None])
    return [*steps, after, *sync(tenant)] if after else steps


def _not_there(dice: random.Random, payable: Step) -> list[Step]:
    """A payment uses a credit that arrives later, never arrives, or is not a credit."""
    tenant, credit = payable["tenant"], credit_of(dice, payable)
    steps = [*opening(dice, payable), using(payable, credit), *sync(tenant)]
    late = dice.choice([credit, {**credit, "cents": -credit["cents"], "lines": []}, None])
    return [*steps, late, *sync(tenant)] if late else steps


CREDITING: Mapping[str, Scene] = {
    "credit_used": around(_used),
    "credit_used_up": around(_used_up),
    "credit_used_by_hand": around(_used_by_hand),
    "credit_withdrawn": around(_withdrawn),
    "sign_turned": around(_turned),
    "credit_not_there": around(_not_there),
}
