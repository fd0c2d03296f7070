"""Situations in which a mistake has something to spoil: scripts of a few steps, drawn from a seed.

The broad scripts of the simulation meet all of these as well, but seldom: a hunt has minutes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from proof.simulation.amnesia import forgetful
from proof.simulation.records import Step
from proof.simulation.script import CODES, Focus, Script, code, write
from proof.simulation.world import Terms

Situation = Callable[[int], Script]

_FIELDS = {"expense_account_id": "Supplies", "income_account_id": "Sales"}
_NAMES = ("Acme Supplies", "D'Angelo", "Back\\slash Ltd", "O'Neil & Sons")
_SYNC: Sequence[Step] = ({"do": "sync"}, {"do": "work", "turns": 40})
_VENDORS: Sequence[Step] = ({"do": "sync", "types": ["vendors"]}, {"do": "work", "turns": 40})
_UNDONE = ("drop_before_commit", "error_before_commit", "timeout_before_commit")
_UNHEARD = ("drop_after_commit", "reset_mid_body", "truncated_body", "timeout_after_commit")


def broad(focus: Focus) -> Situation:
    """The simulation's own script of a seed, with something in it more often."""
    return partial(write, focus=focus)


def _dice(seed: int) -> random.Random:
    return random.Random(f"situation {seed}")


def _payable(n: int, cents: int, **more: Any) -> Step:  # noqa: ANN401  members of a step
    return {"do": "payable", "n": n, "to": n % len(_NAMES), "cents": cents, **more}


def _opening(dice: random.Random, many: int = 4) -> list[Step]:
    """A business connects and sends its records; nothing is synced yet."""
    people: list[Step] = [
        {"do": "connection", "n": n, "name": name} for n, name in enumerate(_NAMES)
    ]
    more: Sequence[Step] = (
        {"due": "2026-02-01"},
        {"due": "2026-02-01", "cents": 345, "lines": [300, 45]},
        {},
    )
    payables = [
        {**_payable(n, dice.randint(10, 50_000), role=role), **dice.choice(more)}
        for n, role in enumerate(dice.choices(["payer", "payee"], [4, 1], k=many))
    ]
    choice: Step = {"do": "choose", "fields": _FIELDS}
    return [{"do": "connect"}, {"do": "work", "turns": 2}, choice, *people, *payables]


def _terms(seed: int, dice: random.Random, **switches: Any) -> Terms:  # noqa: ANN401  of any sort
    drawn = {
        "requestid": dice.choice(["honoured", "ignored"]),
        "retry_after": True,
        "superseded_refresh_token": dice.choice(["dies", "lives_24_hours"]),
        "same_day_refresh": "new_value",
        "duplicate_numbers": dice.choice(["refused", "allowed"]),
    }
    company = {"custom_sales_numbers": True}
    return Terms(seed, {**drawn, **switches}, company, batch_size=dice.choice([1, 2, 3]))


def _unsafe(seed: int, dice: random.Random, **switches: Any) -> Terms:  # noqa: ANN401  as above
    """QuickBooks ignores request ids and allows numbers twice: only we protect ourselves."""
    return _terms(seed, dice, requestid="ignored", duplicate_numbers="allowed", **switches)


def _trouble(kind: str, times: int, skip: int = 0, **more: Any) -> Step:  # noqa: ANN401  of a fault
    return {"do": "fault", "kind": kind, "path": "*/batch", "times": times, "skip": skip, **more}


def calm(seed: int) -> Script:
    """Everything goes as it should."""
    dice = _dice(seed)
    return Script(_terms(seed, dice), (*_opening(dice), *_SYNC))


def tracked(seed: int) -> Script:
    """A class, a location and terms are chosen, of a company that keeps track of them."""
    script = calm(seed)
    terms = replace(
        script.terms,
        company={**script.terms.company, "classes_per_line": True, "departments": True},
    )
    choice: Step = {"do": "choose", "fields": dict(CODES)}
    return Script(terms, (*script.steps[:3], choice, *script.steps[3:]))


def lost_answers(seed: int) -> Script:
    """Batches are written, and their answers never come."""
    dice = _dice(seed)
    fault = _trouble(dice.choice(_UNHEARD), dice.choice([1, 2]), dice.randint(0, 5))
    return Script(_terms(seed, dice), (*_opening(dice), fault, *_SYNC))


def odd_cents(seed: int) -> Script:
    """All is calm, and the amounts are such as no binary fraction holds."""
    script, dice = calm(seed), _dice(seed)
    steps = [
        _payable(step["n"], dice.choice([115, 12_345])) if step["do"] == "payable" else step
        for step in script.steps
    ]
    return replace(script, steps=tuple(steps))


def asleep(seed: int) -> Script:
    """A batch does not come through, and the worker dies as it naps until it may look again."""
    dice = _dice(seed)
    fault = _trouble(dice.choice(_UNDONE), 1, dice.randint(0, 2))
    crash = {"at": dice.randint(1, 3), "how": "crash", "edges": ["sleep"]}
    dies: Step = {"do": "work", "turns": 40, "interrupt": crash}
    return Script(_terms(seed, dice), (*_opening(dice), fault, {"do": "sync"}, dies))


def lost_bills(seed: int) -> Script:
    """The same for bills, where QuickBooks protects nobody from writing them twice."""
    dice = _dice(seed)
    lost = _trouble(dice.choice(_UNHEARD), dice.choice([1, 2]), dice.randint(0, 1))
    return Script(_unsafe(seed, dice), (*_opening(dice), *_VENDORS, lost, *_SYNC))


def late_commits(seed: int) -> Script:
    """Batches are written long after their answers were given up, or are not seen at first."""
    dice = _dice(seed)
    late = _trouble("late_commit", 2, dice.randint(0, 1), seconds=dice.choice([40.0, 100.0]))
    return Script(_unsafe(seed, dice), (*_opening(dice), *_VENDORS, late, *_SYNC))


def no_answers(seed: int) -> Script:
    """For hours, no batch comes through."""
    dice = _dice(seed)
    fault = _trouble(dice.choice(_UNDONE), 40)
    work: Step = {"do": "work", "turns": 150}
    return Script(_terms(seed, dice), (*_opening(dice, 2), fault, {"do": "sync"}, work))


def throttled(seed: int) -> Script:
    """We are told to slow down, and for how long."""
    dice = _dice(seed)
    fault = {**_trouble("throttled", dice.choice([1, 2, 3])), "path": "/v3/*"}
    return Script(_terms(seed, dice), (*_opening(dice), fault, *_SYNC))


def both_sides(seed: int) -> Script:
    """What was synced is changed over there and here, in any two ways."""
    dice = _dice(seed)
    opening = _opening(dice, 3)
    steps = [*opening, *_SYNC]
    for payable in (one for one in opening if one["do"] == "payable"):
        steps += [_theirs(dice, payable["n"]), _ours(dice, payable)]
    steps.append({"do": "connection", "n": 0, "name": "Acme Supplies Renamed"})
    phone = {"changes": {"PrimaryPhone": {"FreeFormNumber": "555"}}}
    steps.append({"do": "person", "deed": "edit", "on": f"Vendor:{_NAMES[0]}", "with": phone})
    return Script(_terms(seed, dice, requestid="honoured"), (*steps, *_SYNC))


def one_number_of_two_vendors(seed: int) -> Script:
    """Two vendors give their bills one number, and QuickBooks asks whether that is meant."""
    dice = _dice(seed)
    bills = [
        {**_payable(n, dice.randint(10, 50_000), role="payer"), "to": n, "number": "1001"}
        for n in range(2)
    ]
    terms = _terms(seed, dice, requestid="honoured", duplicate_numbers="refused")
    return Script(terms, (*_opening(dice, 0), *bills, *_SYNC))


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
    """What was synced is coded and paid over there, and then changed here, twice."""
    dice = _dice(seed)
    opening = _opening(dice, 4)
    steps = [*opening, *_SYNC]
    payables = [one for one in opening if one["do"] == "payable"]
    for payable in payables:
        step: Step = {"do": "person", "on": f"pay_{payable['n']}"}
        steps.append({**step, "deed": "code", "code": code(dice)})
        if dice.random() < 0.3:
            steps.append({**step, "deed": "pay"})
        steps.append({**payable, "memo": "changed", **dice.choice([{}, _dearer(payable)])})
    steps += [*_SYNC]
    steps += [{**payable, "memo": "again", "due": "2026-04-04"} for payable in payables]
    return Script(_terms(seed, dice), (*steps, *_SYNC))


def _dearer(payable: Step) -> Step:
    """The same with its first line dearer."""
    lines = [payable["lines"][0] + 700, *payable["lines"][1:]] if "lines" in payable else None
    more = {"lines": lines} if lines else {}
    return {"cents": payable["cents"] + 700, **more}


def our_side(seed: int) -> Script:
    """What was synced is changed here; queries may lag behind, and an answer may be lost."""
    dice = _dice(seed)
    opening = _opening(dice, 3)
    changes = [_ours(dice, one) for one in opening if one["do"] == "payable"]
    terms = _terms(seed, dice, query_lag_seconds=dice.choice([0.0, 120.0]))
    lost = _trouble(dice.choice([*_UNHEARD, *_UNDONE]), 1)
    return Script(terms, (*opening, *_SYNC, *changes, lost, *_SYNC))


def cancelled(seed: int) -> Script:
    """A run is cancelled when some of it has been sent."""
    dice = _dice(seed)
    some: Step = {"do": "work", "turns": dice.randint(2, 8)}
    steps = (*_opening(dice, 8), {"do": "sync"}, some, {"do": "cancel"}, {"do": "work", "turns": 3})
    return Script(_terms(seed, dice), steps)


def killed(seed: int) -> Script:
    """A worker dies with a batch in the air, and another one goes on."""
    dice = _dice(seed)
    at = {"at": dice.randint(1, 4), "edges": [dice.choice(["send", "answered", "answered"])]}
    dies: Step = {"do": "work", "turns": 40, "interrupt": {**at, "how": "crash"}}
    lives: Step = {"do": "work", "worker": 1, "turns": 40}
    later: Step = {"do": "pass", "seconds": dice.choice([0.0, 400.0])}
    steps = (*_opening(dice), *_VENDORS, {"do": "sync"}, dies, later, lives)
    return Script(_unsafe(seed, dice), steps)


def suspended(seed: int) -> Script:
    """A worker is suspended for longer than its lease, and wakes up when another one is at it."""
    dice = _dice(seed)
    lives: Step = {"do": "work", "worker": 1, "turns": dice.choice([1, 3, 40])}
    long: Step = {"do": "pass", "seconds": dice.choice([30.0, 700.0])}
    edge = dice.choice(["send", "answered", "committed"])
    sleeps = {"at": dice.randint(1, 5), "how": "pause", "edges": [edge]}
    work = {"do": "work", "turns": 40, "interrupt": {**sleeps, "meanwhile": [long, lives]}}
    return Script(_unsafe(seed, dice), (*_opening(dice, 6), *_VENDORS, {"do": "sync"}, work))


def slow_to_leave(seed: int) -> Script:
    """A worker is suspended with a batch in hand; no other is there; queries lag behind."""
    dice = _dice(seed)
    long: Step = {"do": "pass", "seconds": 700.0}
    sleeps = {"at": dice.randint(1, 9), "how": "pause", "edges": ["send"], "meanwhile": [long]}
    work: Step = {"do": "work", "turns": 40, "interrupt": sleeps}
    terms = _unsafe(seed, dice, query_lag_seconds=5.0)
    return Script(terms, (*_opening(dice), *_VENDORS, {"do": "sync"}, work))


def reconnected(seed: int) -> Script:
    """The business lets go of the company and comes back, with a run asked for before."""
    dice = _dice(seed)
    again: Sequence[Step] = ({"do": "disconnect"}, {"do": "connect"}, *_SYNC)
    return Script(_terms(seed, dice), (*_opening(dice), {"do": "sync"}, *again))


def taken_names(seed: int) -> Script:
    """Somebody else over there bears the name that we are about to write."""
    dice = _dice(seed)
    steps = _opening(dice)
    for name in dice.sample(_NAMES, 2):
        made = {"kind": dice.choice(["Customer", "Employee"]), "document": {"DisplayName": name}}
        steps.append({"do": "person", "deed": "create", "on": None, "with": made})
    return Script(_terms(seed, dice), (*steps, *_SYNC))


def look_alikes(seed: int) -> Script:
    """Two new connections are written almost the same."""
    dice = _dice(seed)
    first, second = dice.sample(["HARBOR PAPER INC", "Harbor Paper", "Harbor Paper, Ltd."], 2)
    alike: list[Step] = [
        {"do": "connection", "n": 10, "name": first},
        {"do": "connection", "n": 11, "name": second},
    ]
    once = _SYNC if dice.random() < 0.5 else ()
    return Script(_terms(seed, dice), (*_opening(dice), alike[0], *once, alike[1], *_SYNC))


def bad_emails(seed: int) -> Script:
    """The e-mail of a new connection is none."""
    dice = _dice(seed)
    odd: Step = {"do": "connection", "n": 10, "name": "Harbor Paper", "email": "ask at the desk"}
    return Script(
        _terms(seed, dice), (*_opening(dice), odd, _payable(20, 500) | {"to": 10}, *_SYNC)
    )


def typed_by_hand(seed: int) -> Script:
    """A person types bills under our numbers; the answers to ours may be lost."""
    dice = _dice(seed)
    opening = _opening(dice)
    typed: list[Step] = [
        {"do": "type_bill", "vendor": f"Vendor:{_NAMES[n]}", "number": f"INV-{n}", "cents": 4_200}
        for n in range(len(_NAMES))
    ]
    lost = [_trouble(dice.choice(_UNHEARD), 2)] if dice.random() < 0.5 else []
    return Script(_terms(seed, dice), (*opening, *_VENDORS, *typed, *lost, *_SYNC))


def _entered(dice: random.Random, **more: Any) -> Script:  # noqa: ANN401  members of a step
    """Vendors are there, a bill that resembles one of ours is typed, and then ours is sent."""
    opening = _opening(dice)
    payables = [step for step in opening if step["do"] == "payable"]
    for step in payables:
        step["role"] = "payer"
    typed: Step = {
        "do": "type_bill",
        "vendor": f"Vendor:{_NAMES[0]}",
        "number": dice.choice(["INV-0", "TYPED-1"]),
        "cents": payables[0]["cents"],
        "day": dice.choice(["2026-01-01", "2026-01-12"]),
        **more,
    }
    steps = (*opening, *_VENDORS, typed, *_SYNC)
    return Script(_terms(0, dice, duplicate_numbers="allowed"), steps)


def repeated(seed: int) -> Script:
    """A supplier repeats a number: with another date and total, and then with the same total."""
    dice = _dice(seed)
    bills = [
        {**_payable(n, cents, role="payer", number="RENT", **more), "to": 0}
        for n, cents, more in ((6, 4_200, {}), (7, 5_300, {"day": "2026-03-05"}))
    ]
    again = {**_payable(8, 4_200, role="payer", number="RENT", day="2026-04-05"), "to": 0}
    steps = (*_opening(dice), *_VENDORS, *bills, *_SYNC, again, *_SYNC)
    return Script(_terms(seed, dice, duplicate_numbers="allowed"), steps)


def entered_by_hand(seed: int) -> Script:
    """A person entered the bill already, under its number or with its total."""
    script = _entered(_dice(seed))
    return replace(script, terms=replace(script.terms, seed=seed))


def entered_for_another(seed: int) -> Script:
    """A person says that a bill of another vendor is ours."""
    dice = _dice(seed)
    script = _entered(dice, vendor=f"Vendor:{_NAMES[1]}", number="OTHER-1", day="2026-03-01")
    leaves = {"do": "decide", "kind": "bill", "record": "pay_0", "verdict": "leave_out"}
    named = {**leaves, "verdict": "link_to", "document": "OTHER-1"}
    *before, ask, work = script.steps
    steps = (*before, {**leaves, "value": "wait"}, ask, work, named, ask, work)
    return replace(script, steps=steps, terms=replace(script.terms, seed=seed))


def entered_linked_withdrawn(seed: int) -> Script:
    """A person entered the bill and says that it is the same; then it is cancelled here."""
    script = _entered(_dice(seed))
    linked: Step = {"do": "decide", "kind": "bill", "record": "pay_0", "verdict": "link_to"}
    first = next(step for step in script.steps if step["do"] == "payable")
    cancelled = {**first, "status": "CANCELLED"}
    steps = (*script.steps, linked, *_SYNC, cancelled, *_SYNC)
    return replace(script, steps=steps, terms=replace(script.terms, seed=seed))


def entered_twice(seed: int) -> Script:
    """A person says that one bill is another one, and then enters a second that resembles ours."""
    script = _entered(_dice(seed))
    said: Step = {"do": "decide", "kind": "bill", "record": "pay_0", "verdict": "another_one"}
    typed = next(step for step in script.steps if step["do"] == "type_bill")
    steps = (*script.steps, said, {**typed, "number": "INV-0", "day": "2026-01-06"}, *_SYNC)
    return replace(script, steps=steps, terms=replace(script.terms, seed=seed))


def named_by_hand(seed: int) -> Script:
    """A person makes a vendor that we were about to make, and whose record is renamed later."""
    dice = _dice(seed)
    opening, lost = _opening(dice), _trouble(dice.choice(_UNDONE), 1)
    some: Step = {"do": "work", "turns": dice.randint(1, 5)}
    vendor = {"kind": "Vendor", "document": {"DisplayName": _NAMES[0]}}
    made: Step = {"do": "person", "deed": "create", "on": None, "with": vendor}
    renamed: Step = {"do": "connection", "n": 0, "name": "Acme Renamed"}
    first, rest = _VENDORS
    return Script(_terms(seed, dice), (*opening, lost, first, some, made, rest, renamed, *_VENDORS))


def disconnected(seed: int) -> Script:
    """The business lets go of the company when a run is under way."""
    dice = _dice(seed)
    some: Step = {"do": "work", "turns": dice.randint(1, 6)}
    steps = (*_opening(dice, 8), {"do": "sync"}, some, {"do": "disconnect"})
    return Script(_terms(seed, dice), (*steps, {"do": "work", "turns": 20}))


def stale_tokens(seed: int) -> Script:
    """The access token is an hour old, and the token endpoint has a bad day."""
    dice = _dice(seed)
    kinds = {"invalid_grant": 1, "error_before_commit": 9, "timeout_before_commit": 9}
    kind = dice.choice(list(kinds))
    fault = {**_trouble(kind, kinds[kind]), "path": "*/tokens/bearer"}
    hour: Step = {"do": "pass", "seconds": 3600.0}
    again: Sequence[Step] = ({"do": "pass", "seconds": 7200.0}, _payable(9, 77), *_SYNC)
    steps = (*_opening(dice), *_SYNC, fault, hour, _payable(8, 1234), *_SYNC, *again)
    return Script(_terms(seed, dice), steps)


def forgotten(seed: int) -> Script:
    """Our memory is lost, or put back from an older copy, and all is fed again."""
    return forgetful(seed, "copy" if seed % 2 else "nothing")
