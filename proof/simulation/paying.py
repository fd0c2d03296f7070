"""Scenes of payments: late, partial, duplicate, returned, by hand, voided, or without a bill."""

from __future__ import annotations

import random
from collections.abc import Mapping

from proof.simulation.records import Step
from proof.simulation.scenes import Scene, sync

_BANK = "Checking 1111"
_LAST = "cancelled", "failed"


def pay(payable: Step, at: int = 0, **said: object) -> Step:
    """Return a payment of a payable, in full unless `said` changes it."""
    n = payable["n"]
    known = {"n": n * 10 + at, "of": n, "cents": payable["cents"], "status": "completed"}
    return {"do": "payment", "tenant": payable["tenant"], **known, "day": "2026-01-20", **said}


def _source(payable: Step) -> Step:
    """Return the bank account that payments leave from, which exists in the company."""
    where = {"tenant": payable["tenant"], "n": 1}
    return {"do": "source", **where, "name": _BANK, "digits": "1111"}


def _payable(dice: random.Random, payable: Step) -> Step:
    """Return the payable as one that can be recorded and paid, in most cases a bill."""
    bare = {name: one for name, one in payable.items() if name not in ("lines", "parts", "status")}
    role = {"role": "payer"} if dice.random() < 0.6 else {}
    return {**bare, **role, "cents": max(2, payable["cents"])}


def opening(dice: random.Random, payable: Step) -> list[Step]:
    """Return the payable and its bank account; the bill may have been written already."""
    steps = [payable, _source(payable)]
    return steps + sync(payable["tenant"]) if dice.random() < 0.5 else steps


def _paid(dice: random.Random, payable: Step) -> list[Step]:
    """A payment is processing for a while, then completed, and is sent more than once."""
    tenant, steps = payable["tenant"], opening(dice, payable)
    if dice.random() < 0.3:
        steps += [pay(payable, status="processing"), *sync(tenant)]
    steps += [pay(payable), *sync(tenant)]
    if dice.random() < 0.3:
        steps += [pay(payable), *sync(tenant)]
    if dice.random() < 0.3:  # once it is paid, a change of the bill is for a person to decide
        steps += [{**payable, "status": dice.choice(["CANCELLED", "APPROVED"])}, *sync(tenant)]
    return steps


def _early(dice: random.Random, payable: Step) -> list[Step]:
    """A business records payments while they are processing; most of them are completed."""
    tenant, chosen = payable["tenant"], {"record_payments": "processing"}
    steps: list[Step] = [{"do": "choose", "tenant": tenant, "fields": chosen}]
    steps += [*opening(dice, payable), pay(payable, status="processing"), *sync(tenant)]
    if dice.random() < 0.3:  # what was recorded already stays
        chosen = {"record_payments": "completed"}
        steps += [{"do": "choose", "tenant": tenant, "fields": chosen}, *sync(tenant)]
    status = dice.choice(["completed", "completed", "processing", *_LAST])
    return [*steps, pay(payable, status=status), *sync(tenant)]


def _in_parts(dice: random.Random, payable: Step) -> list[Step]:
    """A payable is paid in two parts, at times by a cent too much."""
    tenant, part = payable["tenant"], max(1, payable["cents"] // 3)
    rest = payable["cents"] - part + (1 if dice.random() < 0.3 else 0)
    steps = [*opening(dice, payable), pay(payable, cents=part)]
    if dice.random() < 0.5:
        steps += sync(tenant)
    return [*steps, pay(payable, 1, cents=rest), *sync(tenant)]


def _returned(dice: random.Random, payable: Step) -> list[Step]:
    """A payment is returned after it was recorded, and then its bill changes or is paid again."""
    tenant, last = payable["tenant"], dice.choice(_LAST)
    steps = [*opening(dice, payable), pay(payable), *sync(tenant)]
    steps += [pay(payable, status=last, code="R01"), *sync(tenant)]
    after = dice.choice(["again", "amount", "cancel", "nothing"])
    if after == "again":
        steps += [pay(payable), *sync(tenant)]
    elif after == "amount":
        bare = {name: one for name, one in payable.items() if name not in ("lines", "parts")}
        steps += [{**bare, "cents": payable["cents"] + 500}, *sync(tenant)]
    elif after == "cancel":
        steps += [{**payable, "status": "CANCELLED"}, *sync(tenant)]
    return steps


def _paid_twice(dice: random.Random, payable: Step) -> list[Step]:
    """The platform sends one payment under two ids."""
    steps = [*opening(dice, payable), pay(payable)]
    if dice.random() < 0.5:
        steps += sync(payable["tenant"])
    return [*steps, pay(payable, 1), *sync(payable["tenant"])]


def _decided(
    dice: random.Random, payable: Step, kind: str, record: str, failed: Step
) -> list[Step]:
    """Decide about a payment that was recorded by hand; at times it fails later."""
    tenant = payable["tenant"]
    verdict = dice.choice(["link_to", "link_to", "another_one", "leave_out"])
    value = "by hand" if verdict == "leave_out" else ""
    said = {"kind": kind, "record": record, "verdict": verdict, "value": value}
    steps = [{"do": "decide", "tenant": tenant, **said}, *sync(tenant)]
    return [*steps, failed, *sync(tenant)] if dice.random() < 0.4 else steps


def _paid_by_hand(dice: random.Random, payable: Step) -> list[Step]:
    """A person pays the bill in QuickBooks before our payment of it arrives."""
    tenant, record = payable["tenant"], f"pmt_{payable['n'] * 10}"
    by_hand: Step = {"do": "person", "tenant": tenant, "deed": "pay", "on": f"pay_{payable['n']}"}
    steps = [payable, _source(payable), *sync(tenant), by_hand, pay(payable), *sync(tenant)]
    if dice.random() < 0.6:
        steps += _decided(dice, payable, "bill_payment", record, pay(payable, status="failed"))
    return steps


def _undone_by_hand(dice: random.Random, payable: Step) -> list[Step]:
    """A person voids or deletes our payment in QuickBooks, and our records change afterwards."""
    tenant, record = payable["tenant"], f"pmt_{payable['n'] * 10}"
    steps = [*opening(dice, payable), pay(payable), *sync(tenant)]
    steps.append(
        {"do": "person", "tenant": tenant, "deed": dice.choice(["void", "delete"]), "on": record}
    )
    if dice.random() < 0.4:  # a comparison shows it, and a person decides
        steps += _shown(dice, payable, ["create_again", "leave_out"])
    elif dice.random() < 0.6:
        steps += [pay(payable, status=dice.choice(_LAST)), *sync(tenant)]
        if dice.random() < 0.5:  # it succeeds after all, but what a person removed stays removed
            steps.append(pay(payable))
    return [*steps, *sync(tenant)]


def _edited_by_hand(dice: random.Random, payable: Step) -> list[Step]:
    """A person changes the day of our payment in QuickBooks, and our records change afterwards."""
    tenant, record = payable["tenant"], f"pmt_{payable['n'] * 10}"
    edit: Step = {"do": "person", "tenant": tenant, "deed": "edit", "on": record}
    edit |= {"with": {"changes": {"TxnDate": "2026-01-27"}}}
    steps = [*opening(dice, payable), pay(payable), *sync(tenant), edit]
    if dice.random() < 0.4:
        steps += _shown(dice, payable, ["keep_theirs"])
    elif dice.random() < 0.4:
        steps += [pay(payable, status=dice.choice(_LAST)), *sync(tenant)]
    return [*steps, *sync(tenant)]


def _shown(dice: random.Random, payable: Step, verdicts: list[str]) -> list[Step]:
    """A comparison shows what happened to a payment, and a person decides about it."""
    tenant, record = payable["tenant"], f"pmt_{payable['n'] * 10}"
    kind = "payment" if payable.get("role") == "payee" else "bill_payment"
    verdict = dice.choice(verdicts)
    value = "by hand" if verdict == "leave_out" else ""
    said = {"kind": kind, "record": record, "verdict": verdict, "value": value}
    return [{"do": "compare", "tenant": tenant}, {"do": "decide", "tenant": tenant, **said}]


def _amended(dice: random.Random, payable: Step) -> list[Step]:
    """A payment changes after it was recorded, or pays a payable that is not known."""
    tenant, steps = payable["tenant"], opening(dice, payable)
    if dice.random() < 0.3:
        return [*steps, pay(payable, of=dice.choice([None, 7_777])), *sync(tenant)]
    steps += [pay(payable), *sync(tenant)]
    return [*steps, pay(payable, cents=max(1, payable["cents"] // 2)), *sync(tenant)]


def _cleared(dice: random.Random, payable: Step) -> list[Step]:
    """A funding source has no bank account, and a person matches it to a clearing account.

    QuickBooks may refuse a check that is drawn on it; then a bank account is matched instead.
    """
    tenant = payable["tenant"]
    record = {"tenant": tenant, "n": 2, "name": "Payouts 7777", "digits": "7777"}
    made = {"Name": "Payouts 7777", "AccountType": "Other Current Asset"}
    told: Step = {"do": "person", "tenant": tenant, "deed": "create"}
    mapped: Step = {
        "do": "map",
        "tenant": tenant,
        "kind": "account",
        "of": "fs_2",
        "to": "Payouts 7777",
    }
    paid = pay(payable, source=2)
    steps = [*opening(dice, payable), {**told, "with": {"kind": "Account", "document": made}}]
    steps += [{"do": "source", **record}, paid, *sync(tenant)]
    if dice.random() < 0.8:
        steps += [mapped, *sync(tenant)]
    if dice.random() < 0.3:
        steps += [pay(payable, status="failed", source=2), *sync(tenant)]
    elif dice.random() < 0.6:
        steps += [{**mapped, "to": f"{_BANK} {tenant}"}, *sync(tenant)]
    return steps


def quick(payable: Step, at: int = 5, **said: object) -> Step:
    """Return a payment to the connection of a payable that names no payable (Quick Pay)."""
    return {**pay(payable, at), "of": None, "to": payable["to"], **said}


def _switched(payable: Step, to: str) -> Step:
    return {"do": "choose", "tenant": payable["tenant"], "fields": {"quick_pay": to}}


def _spent(dice: random.Random, payable: Step) -> list[Step]:
    """A payment without a payable, with Quick Pay on or off, which may be returned or change."""
    tenant, steps = payable["tenant"], opening(dice, payable)
    on = dice.random() < 0.8
    steps += [_switched(payable, "on" if on else "off")]
    to = dice.choice([None, 77]) if dice.random() < 0.15 else payable["to"]
    steps += [quick(payable, to=to), *sync(tenant)]
    after = dice.choice(
        ["again", "returned", "returned", "switched", "amended", "named", "deleted"]
    )
    if after == "again":
        steps += [quick(payable), quick(payable, 6), *sync(tenant)]
    elif after == "returned":
        steps += [quick(payable, status=dice.choice(_LAST), code="R01"), *sync(tenant)]
        steps += [quick(payable), *sync(tenant)] if dice.random() < 0.5 else []
    elif after == "switched":
        steps += [_switched(payable, "off" if on else "on"), quick(payable, 6), *sync(tenant)]
    elif after == "amended":
        steps += [quick(payable, cents=payable["cents"] + 1), *sync(tenant)]
    elif after == "named":  # it stays an expense
        steps += [quick(payable, of=payable["n"]), *sync(tenant)]
    else:
        on_it: Step = {"do": "person", "tenant": tenant, "deed": "delete"}
        steps += [{**on_it, "on": f"pmt_{payable['n'] * 10 + 5}"}, *sync(tenant)]
        steps += [quick(payable, status="failed"), *sync(tenant), quick(payable), *sync(tenant)]
    return steps


def _spent_by_hand(dice: random.Random, payable: Step) -> list[Step]:
    """A person enters the cheque in QuickBooks before our payment without a payable arrives."""
    tenant, record = payable["tenant"], f"pmt_{payable['n'] * 10 + 5}"
    party: Step = {"do": "connection", "tenant": tenant, "n": payable["to"], "name": "Cash & Carry"}
    name = "Cash & Carry" + (f" T{tenant}" if tenant else "")
    typed: Step = {"do": "type_expense", "tenant": tenant, "vendor": f"Vendor:{name}"}
    typed |= {"day": dice.choice(["2026-01-18", "2026-01-27", "2026-01-28"])}
    typed |= {"cents": payable["cents"] + dice.choice([0, 0, 0, 1])}
    steps = [party, *opening(dice, payable), _switched(payable, "on"), *sync(tenant)]
    steps += [typed, quick(payable), *sync(tenant)]
    if dice.random() < 0.7:
        steps += _decided(dice, payable, "expense", record, quick(payable, status="failed"))
    return steps


def around(scene: Scene) -> Scene:
    """Wrap a scene so that its payable can be recorded and paid."""
    return lambda dice, payable: scene(dice, _payable(dice, payable))


def _paid_by_file(dice: random.Random, payable: Step) -> list[Step]:
    """Rows of files report what was paid; at times a row can mean two payables."""
    tenant, steps = payable["tenant"], opening(dice, payable)
    number = payable.get("number", f"INV-{payable['n']}")
    row: Step = {"do": "paid_row", "called": dice.choice(["id", "name", "digits"])}
    by_number = pay(payable, **row, by="number")
    if dice.random() < 0.4:
        n = payable["n"] + 5_000
        other = {**payable, "n": n, "number": number, "day": "2026-01-17"}
        if dice.random() < 0.5:  # another vendor has this number, too
            steps.append({"do": "connection", "tenant": tenant, "n": n, "name": f"Payee {n}"})
            other["to"] = n
        steps += [{**other, "cents": payable["cents"] + 100}, by_number]
    paid = dice.choice([by_number, pay(payable, **row, by="id")])
    steps += [{**paid, "status": "processing"}, paid, paid, *sync(tenant)]
    if dice.random() < 0.4:
        steps += [{**paid, "status": "failed", "code": "R01"}, *sync(tenant)]
    return steps


PAYING: Mapping[str, Scene] = {
    "paid": around(_paid),
    "paid_early": around(_early),
    "paid_in_parts": around(_in_parts),
    "payment_returned": around(_returned),
    "paid_twice": around(_paid_twice),
    "paid_by_hand": around(_paid_by_hand),
    "payment_undone_by_hand": around(_undone_by_hand),
    "payment_edited_by_hand": around(_edited_by_hand),
    "payment_amended": around(_amended),
    "paid_through_clearing": around(_cleared),
    "paid_by_file": around(_paid_by_file),
    "quick_pay": around(_spent),
    "quick_pay_by_hand": around(_spent_by_hand),
}
