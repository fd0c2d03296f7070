"""Scenes of vendors, customers and bank accounts: merged, renamed, left out, with terms, matched.

Each scene creates connections of its own, numbered after the payable around which it is played.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from proof.simulation.records import Step
from proof.simulation.scenes import Scene, other_amount, sync

_FIRST, _SECOND = 1_000, 2_000  # added to the payable's number for connections of scenes
_EMAILS = ("ap@quarry.example", "billing@quarry.example", None, "ask at the desk")


def _connection(payable: Step, first: int, name: str, **more: Any) -> Step:  # noqa: ANN401  fields of a step
    """Return a connection that only this scene has; its name is different for each payable."""
    n = first + payable["n"]
    told: Step = {"do": "connection", "tenant": payable["tenant"], "n": n, "name": f"{name} {n}"}
    return {**told, **more}


def _called(connection: Step) -> str:
    """Return the name of a connection in QuickBooks; for the second business it has a suffix."""
    tenant: int = connection["tenant"]
    return str(connection["name"]) + (f" T{tenant}" if tenant else "")


def _party(payable: Step) -> str:
    return "Customer" if payable.get("role") == "payee" else "Vendor"


def _also(dice: random.Random, payable: Step, to: Step) -> Step:
    """Return another payable for a connection."""
    n = payable["n"] + 80
    return {**other_amount(dice, payable), "n": n, "number": f"INV-{n}", "to": to["n"]}


def survived(dice: random.Random, payable: Step) -> list[Step]:
    """The vendor or customer of a document is merged into another; then it gets more documents."""
    tenant, party = payable["tenant"], _party(payable)
    gone = _connection(payable, _FIRST, "Quarry")
    stays = _connection(payable, _SECOND, "Harvest")
    of = {**payable, "to": gone["n"], "status": "APPROVED"}
    steps = [gone, of, *sync(tenant)]
    if dice.random() < 0.5:  # the survivor belongs to another connection
        steps += [stays, _also(dice, of, stays), *sync(tenant)]
    else:
        made = {"kind": party, "document": {"DisplayName": _called(stays)}}
        steps += [{"do": "person", "tenant": tenant, "deed": "create", "on": None, "with": made}]
    merge: Step = {"do": "person", "tenant": tenant, "deed": "merge"}
    steps += [{**merge, "on": f"{party}:{_called(gone)}", "into": f"{party}:{_called(stays)}"}]
    more = {**_also(dice, of, gone), "n": of["n"] + 81, "number": f"INV-{of['n'] + 81}"}
    steps += [dice.choice([more, other_amount(dice, of)]), *sync(tenant)]
    if dice.random() < 0.6:
        accept: Step = {"do": "decide_all", "tenant": tenant, "code": "merged_away"}
        steps += [{**accept, "word": "link_suggested"}, *sync(tenant)]
    return [*steps, other_amount(dice, of), *sync(tenant)]


def renamed(dice: random.Random, payable: Step) -> list[Step]:
    """A connection changes its name or e-mail once or twice between syncs."""
    tenant = payable["tenant"]
    one = _connection(payable, _FIRST, "Quarry", email=dice.choice(_EMAILS))
    steps = [one, {**payable, "to": one["n"]}, *sync(tenant)]
    for at in range(dice.choice([1, 2])):
        more: Step = dice.choice(
            [
                {"email": dice.choice(_EMAILS)},
                {"name": f"{one['name']} Renamed {at}"},
                {"name": str(one["name"]).upper(), "email": dice.choice(_EMAILS)},
            ]
        )
        one = {**one, **more}
        steps += [one, *sync(tenant)]
    return steps


def said_of_a_party(dice: random.Random, payable: Step) -> list[Step]:
    """A person decides about a connection: leave it out, rename it, or map it to another one."""
    tenant, kind = payable["tenant"], _party(payable).lower()
    one = _connection(payable, _FIRST, "Quarry")
    other = _connection(payable, _SECOND, "Harvest")
    of = {**payable, "to": one["n"]}
    word: Step = {"do": "decide", "tenant": tenant, "kind": kind, "record": f"conn_{one['n']}"}
    verdict, value = dice.choice(
        [
            ("leave_out", "by hand"),
            ("create_as", f"Under another name {one['n']}"),
            ("same_as", f"conn_{other['n']}"),
        ]
    )
    said = {**word, "verdict": verdict, "value": value}
    first = sync(tenant) if dice.random() < 0.3 else []
    steps = [one, other, of, _also(dice, of, other), *first, said, *sync(tenant)]
    if dice.random() < 0.4:
        steps += [{**word, "verdict": "bring_back", "value": ""}, *sync(tenant)]
    return steps


def due_by_terms(dice: random.Random, payable: Step) -> list[Step]:
    """The net terms of a connection determine the due dates of its documents, and change later."""
    tenant = payable["tenant"]
    days = dice.choice([0, 10, 15, 15, 30])
    one = _connection(payable, _FIRST, "Quarry", net=days)
    of = {name: value for name, value in payable.items() if name != "due"} | {"to": one["n"]}
    other = {**one, "net": dice.choice([None, 15, 45])}
    changed = other_amount(dice, of)
    later = dice.choice(
        [changed, changed, {**changed, "day": "2026-02-03"}, {**changed, "due": "2026-04-04"}]
    )
    steps = [one, of, *sync(tenant), other]
    return [*steps, dice.choice([later, _also(dice, of, one)]), *sync(tenant)]


def there_already(dice: random.Random, payable: Step) -> list[Step]:
    """A person created a vendor, customer or employee with a connection's name before the sync."""
    tenant = payable["tenant"]
    one = _connection(payable, _FIRST, "Quarry")
    name = dice.choice([_called(one), _called(one), _called(one).upper(), f"{_called(one)}, Inc."])
    kind = dice.choice([_party(payable), _party(payable), "Vendor", "Customer", "Employee"])
    made = {"kind": kind, "document": {"DisplayName": name}}
    create: Step = {"do": "person", "tenant": tenant, "on": None, "deed": "create", "with": made}
    gone: Step = {"do": "person", "tenant": tenant, "deed": "inactivate", "on": f"{kind}:{name}"}
    off = [gone] if kind != "Employee" and dice.random() < 0.3 else []
    of = {**payable, "to": one["n"]}
    steps = [one, create, *off, of, *sync(tenant)]
    codes = ("look_alike", "name_taken", "inactive")
    word = dice.choice(["create_new", "create_proposed", "link_suggested", "leave_out"])
    said: Step = {"do": "decide_all", "tenant": tenant, "code": dice.choice(codes), "word": word}
    return [*steps, *([said, *sync(tenant)] if dice.random() < 0.6 else [])]


def sold(dice: random.Random, payable: Step) -> list[Step]:
    """The item of our invoices exists already, or comes about with the first invoice."""
    tenant = payable["tenant"]
    item = {"Name": "Cleo Pay sales", "Type": "Service", "IncomeAccountRef": {"value": "Sales"}}
    made = {"kind": "Item", "document": item}
    create: Step = {"do": "person", "tenant": tenant, "on": None, "deed": "create", "with": made}
    before = [create] if dice.random() < 0.6 else []
    n = payable["n"] + 360
    more = {**other_amount(dice, payable), "n": n, "number": f"INV-{n}"}
    return [*before, payable, *sync(tenant), other_amount(dice, payable), more, *sync(tenant)]


def banked(dice: random.Random, payable: Step) -> list[Step]:
    """Funding sources, and the bank accounts that match them, or may match."""
    tenant, n = payable["tenant"], payable["n"]
    digits = dice.choice(["1111", f"2{n % 1000:03}", f"3{n % 1000:03}"])
    name = dice.choice([f"Savings {n}", "Operations"])
    source: Step = {"do": "source", "tenant": tenant, "n": 30 + n, "name": name, "digits": digits}
    steps: list[Step] = []
    for account in dice.choices(
        [f"Savings {n}", f"Savings ({digits})", f"No. {digits}0", None], k=2
    ):
        if account is not None:
            called = f"{account} T{tenant}" if tenant else account
            document = {"Name": called, "AccountType": dice.choice(["Bank", "Bank", "Expense"])}
            made = {"kind": "Account", "document": document}
            steps.append({"do": "person", "tenant": tenant, "deed": "create", "on": None})
            steps[-1]["with"] = made
    return [*steps, source, *sync(tenant)]


RELATIONS: Mapping[str, Scene] = {
    one.__name__: one
    for one in (survived, renamed, said_of_a_party, due_by_terms, there_already, sold, banked)
}
