"""Situations in which a person works on our documents in QuickBooks, or enters the same by hand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from proof.simulation.records import Step
from proof.simulation.script import Script
from proof.simulation.theirs import code
from proof.zoo.openings import (
    NAMES,
    SYNC,
    UNDONE,
    UNHEARD,
    VENDORS,
    dice_of,
    opening,
    payable_step,
    terms_of,
    trouble,
)


def both_sides(seed: int) -> Script:
    """Documents are changed in QuickBooks and in our records, in any two ways."""
    dice = dice_of(seed)
    begun = opening(dice, 3)
    steps = [*begun, *SYNC]
    for payable in (one for one in begun if one["do"] == "payable"):
        steps += [_theirs(dice, payable["n"]), _ours(dice, payable)]
    steps.append({"do": "connection", "n": 0, "name": "Acme Supplies Renamed"})
    phone = {"changes": {"PrimaryPhone": {"FreeFormNumber": "555"}}}
    steps.append({"do": "person", "deed": "edit", "on": f"Vendor:{NAMES[0]}", "with": phone})
    return Script(terms_of(seed, dice, requestid="honoured"), (*steps, *SYNC))


def _theirs(dice: random.Random, n: int) -> Step:
    step: Step = {"do": "person", "on": f"pay_{n}"}
    changes = dice.choice([{"DueDate": "2026-05-05"}, {"TxnDate": "2026-01-09"}, {"Line": 12.34}])
    deed = dice.choice(["edit", "edit", "pay", "delete"])
    return {**step, "deed": deed, **({"with": {"changes": changes}} if deed == "edit" else {})}


def _ours(dice: random.Random, payable: Step) -> Step:
    status = dice.choice(["APPROVED", "APPROVED", "CANCELLED"])
    whole = {name: value for name, value in payable.items() if name != "lines"}
    return {**whole, "cents": dice.randint(10, 50_000), "status": status}


def coded(seed: int) -> Script:
    """Documents are coded and paid in QuickBooks, and then our records change, twice."""
    dice = dice_of(seed)
    begun = opening(dice, 4)
    steps = [*begun, *SYNC]
    payables = [one for one in begun if one["do"] == "payable"]
    for payable in payables:
        step: Step = {"do": "person", "on": f"pay_{payable['n']}"}
        steps.append({**step, "deed": "code", "code": code(dice)})
        if dice.random() < 0.3:
            steps.append({**step, "deed": "pay"})
        steps.append({**payable, "memo": "changed", **dice.choice([{}, _dearer(payable)])})
    steps += [*SYNC]
    steps += [{**payable, "memo": "again", "due": "2026-04-04"} for payable in payables]
    return Script(terms_of(seed, dice), (*steps, *SYNC))


def _dearer(payable: Step) -> Step:
    """Return changes that make the first line more expensive."""
    lines = [payable["lines"][0] + 700, *payable["lines"][1:]] if "lines" in payable else None
    more = {"lines": lines} if lines else {}
    return {"cents": payable["cents"] + 700, **more}


def our_side(seed: int) -> Script:
    """Our records change after a sync; queries may lag behind, and an answer may be lost."""
    dice = dice_of(seed)
    begun = opening(dice, 3)
    changes = [_ours(dice, one) for one in begun if one["do"] == "payable"]
    terms = terms_of(seed, dice, query_lag_seconds=dice.choice([0.0, 120.0]))
    lost = trouble(dice.choice([*UNHEARD, *UNDONE]), 1)
    return Script(terms, (*begun, *SYNC, *changes, lost, *SYNC))


def taken_names(seed: int) -> Script:
    """A customer or an employee in QuickBooks has the name that we are about to write."""
    dice = dice_of(seed)
    steps = opening(dice)
    for name in dice.sample(NAMES, 2):
        made = {"kind": dice.choice(["Customer", "Employee"]), "document": {"DisplayName": name}}
        steps.append({"do": "person", "deed": "create", "on": None, "with": made})
    return Script(terms_of(seed, dice), (*steps, *SYNC))


def typed_meanwhile(seed: int) -> Script:
    """A person types bills with our numbers while ours are in doubt."""
    dice = dice_of(seed)
    begun = [
        {**step, "role": "payer"} if step["do"] == "payable" else step for step in opening(dice)
    ]
    typed: list[Step] = [
        {"do": "type_bill", "vendor": f"Vendor:{NAMES[n]}", "number": f"INV-{n}", "cents": 4_200}
        for n in range(len(NAMES))
    ]
    undone = trouble(dice.choice(UNDONE), 2)
    dies = {"at": 1, "how": "crash", "edges": ["answered"], "batches": True}
    sent: Sequence[Step] = ({"do": "sync"}, {"do": "work", "turns": 40, "interrupt": dies})
    return Script(terms_of(seed, dice), (*begun, *VENDORS, undone, *sent, *typed, *SYNC))


def _entered(dice: random.Random, **more: Any) -> Script:  # noqa: ANN401  members of a step
    """Write the vendors, type a bill that resembles one of ours, and then send ours."""
    begun = opening(dice)
    payables = [step for step in begun if step["do"] == "payable"]
    for step in payables:
        step["role"] = "payer"
    typed: Step = {
        "do": "type_bill",
        "vendor": f"Vendor:{NAMES[0]}",
        "number": dice.choice(["INV-0", "TYPED-1"]),
        "cents": payables[0]["cents"],
        "day": dice.choice(["2026-01-01", "2026-01-12"]),
        **more,
    }
    steps = (*begun, *VENDORS, typed, *SYNC)
    return Script(terms_of(0, dice, duplicate_numbers="allowed"), steps)


def repeated(seed: int) -> Script:
    """A supplier repeats a number: with another date and total, and then with the same total."""
    dice = dice_of(seed)
    bills = [
        {**payable_step(n, cents, role="payer", number="RENT", **more), "to": 0}
        for n, cents, more in ((6, 4_200, {}), (7, 5_300, {"day": "2026-03-05"}))
    ]
    again = {**payable_step(8, 4_200, role="payer", number="RENT", day="2026-04-05"), "to": 0}
    steps = (*opening(dice), *VENDORS, *bills, *SYNC, again, *SYNC)
    return Script(terms_of(seed, dice, duplicate_numbers="allowed"), steps)


def entered_by_hand(seed: int) -> Script:
    """A person has entered the bill already, under its number or with its total."""
    script = _entered(dice_of(seed))
    return replace(script, terms=replace(script.terms, seed=seed))


def entered_for_another(seed: int) -> Script:
    """A person decides that a bill of another vendor is ours."""
    dice = dice_of(seed)
    script = _entered(dice, vendor=f"Vendor:{NAMES[1]}", number="OTHER-1", day="2026-03-01")
    leaves = {"do": "decide", "kind": "bill", "record": "pay_0", "verdict": "leave_out"}
    named = {**leaves, "verdict": "link_to", "document": "OTHER-1"}
    *before, ask, work = script.steps
    steps = (*before, {**leaves, "value": "wait"}, ask, work, named, ask, work)
    return replace(script, steps=steps, terms=replace(script.terms, seed=seed))


def entered_linked_withdrawn(seed: int) -> Script:
    """A person entered the bill and decides that it is the same; then it is cancelled."""
    script = _entered(dice_of(seed))
    linked: Step = {"do": "decide", "kind": "bill", "record": "pay_0", "verdict": "link_to"}
    first = next(step for step in script.steps if step["do"] == "payable")
    cancelled = {**first, "status": "CANCELLED"}
    steps = (*script.steps, linked, *SYNC, cancelled, *SYNC)
    return replace(script, steps=steps, terms=replace(script.terms, seed=seed))


def entered_twice(seed: int) -> Script:
    """A person decides that a bill is another one, and then enters a second that resembles ours."""
    script = _entered(dice_of(seed))
    said: Step = {"do": "decide", "kind": "bill", "record": "pay_0", "verdict": "another_one"}
    typed = next(step for step in script.steps if step["do"] == "type_bill")
    steps = (*script.steps, said, {**typed, "number": "INV-0", "day": "2026-01-06"}, *SYNC)
    return replace(script, steps=steps, terms=replace(script.terms, seed=seed))


def named_by_hand(seed: int) -> Script:
    """A person creates a vendor just before we do, and its connection is renamed later."""
    dice = dice_of(seed)
    begun, lost = opening(dice), trouble(dice.choice(UNDONE), 1)
    some: Step = {"do": "work", "turns": dice.randint(1, 5)}
    vendor = {"kind": "Vendor", "document": {"DisplayName": NAMES[0]}}
    made: Step = {"do": "person", "deed": "create", "on": None, "with": vendor}
    renamed: Step = {"do": "connection", "n": 0, "name": "Acme Renamed"}
    first, rest = VENDORS
    return Script(terms_of(seed, dice), (*begun, lost, first, some, made, rest, renamed, *VENDORS))
