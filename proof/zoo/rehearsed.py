"""Short scripts for situations, each made for one kind of mistake, after the opening."""

from __future__ import annotations

import random
from collections.abc import Sequence

from proof.simulation import scenes
from proof.simulation.records import Step
from proof.simulation.scenes import sync
from proof.zoo.staged import payable


def _role(dice: random.Random) -> str:
    return dice.choice(["payer", "payer", "payee"])


def _kind(one: Step) -> str:
    return "invoice" if one.get("role") == "payee" else "bill"


def _said(one: Step, verdict: str, **more: str) -> Step:
    record = {"record": f"pay_{one['n']}", "kind": _kind(one), "tenant": 0}
    return {"do": "decide", **record, "verdict": verdict, "value": "", **more}


def _edits(one: Step, **changes: object) -> Step:
    on = {"do": "person", "tenant": 0, "deed": "edit", "on": f"pay_{one['n']}"}
    return {**on, "with": {"changes": changes}}


def early(dice: random.Random) -> Sequence[Step]:
    """Records must not be written yet, or are dated before the first day to be synced."""
    some = [
        payable(20, 500, role="payer", status=dice.choice(["DRAFT", "SUBMITTED"])),
        payable(21, 600, role=_role(dice), day="2025-12-01"),
        payable(22, 700, role="payee", status="DRAFT"),
    ]
    go_live: Step = {"do": "choose", "tenant": 0, "fields": {"go_live": "2026-01-03"}}
    return [go_live, *some, *sync(0)]


def left_out(dice: random.Random) -> Sequence[Step]:
    """A person leaves a record out before it is ever sent."""
    one = payable(20, dice.randint(1, 9_000), role=_role(dice))
    return [one, _said(one, "leave_out", value="by hand"), *sync(0), *sync(0)]


def brought_back(dice: random.Random) -> Sequence[Step]:
    """A person leaves a record out, and takes that back."""
    one = payable(20, dice.randint(1, 9_000), role=_role(dice))
    leaves = [one, _said(one, "leave_out", value="by hand"), *sync(0)]
    return [*leaves, _said(one, "bring_back"), *sync(0)]


def _conflict(dice: random.Random, verdict: str) -> tuple[list[Step], Step]:
    one = payable(20, 4_200, role=_role(dice))
    theirs = f"2026-05-{dice.randint(10, 28)}"
    ours = {**one, "due": "2026-06-01"}
    met = [one, *sync(0), _edits(one, DueDate=theirs), ours, *sync(0), _said(one, verdict)]
    return [*met, *sync(0)], ours


def kept(dice: random.Random) -> Sequence[Step]:
    """A person keeps the version in QuickBooks; then another field of our record changes."""
    steps, ours = _conflict(dice, "keep_theirs")
    changed = {**ours, **dice.choice([{"cents": 5_300}, {"day": "2026-02-02"}, {"memo": "more"}])}
    return [*steps, changed, *sync(0)]


def deleted_twice(dice: random.Random) -> Sequence[Step]:
    """A person deletes a document, has it created again, and deletes the new one, too."""
    one = payable(20, dice.randint(1, 9_000), role="payer")
    later: Step = {"do": "pass", "seconds": 30.0}
    deletes: Step = {"do": "person", "tenant": 0, "deed": "delete", "on": "pay_20"}
    gone = [later, deletes]
    steps: list[Step] = [one, *sync(0), *gone, {**one, "memo": "again"}, *sync(0)]
    steps += [_said(one, "create_again"), *sync(0), *gone]
    return [*steps, {**one, "memo": "and again"}, *sync(0), {**one, "memo": "third"}, *sync(0)]


def update_lost(dice: random.Random) -> Sequence[Step]:
    """An update does not reach QuickBooks, and gets no answer."""
    one = payable(20, 4_200, role=_role(dice))
    kind = dice.choice(["drop_before_commit", "timeout_before_commit", "error_before_commit"])
    fault: Step = {"do": "fault", "kind": kind, "path": "*/batch", "times": 1}
    return [one, *sync(0), fault, scenes.other_amount(dice, one), *sync(0)]


def merged_vendor(dice: random.Random) -> Sequence[Step]:
    """A person merges the vendor of our documents into another; then it gets more documents."""
    other: Step = {"do": "person", "tenant": 0, "deed": "create", "on": None}
    other["with"] = {"kind": "Vendor", "document": {"DisplayName": "Survivor Ltd"}}
    merge: Step = {"do": "person", "tenant": 0, "deed": "merge", "on": "Vendor:Acme Supplies"}
    merge["into"] = dice.choice(["Vendor:Survivor Ltd", "Vendor:D'Angelo"])
    more = payable(20, dice.randint(1, 9_000), role="payer")
    return [other, merge, more, *sync(0), *sync(0)]


def inactive_renamed(dice: random.Random) -> Sequence[Step]:
    """A person makes a vendor inactive whose connection is then renamed."""
    gone: Step = {"do": "person", "tenant": 0, "deed": "inactivate", "on": "Vendor:Acme Supplies"}
    name = dice.choice(["Acme Renamed", "ACME SUPPLIES"])
    renamed: Step = {"do": "connection", "tenant": 0, "n": 0, "name": name}
    return [gone, renamed, *sync(0)]


def many_changes(dice: random.Random) -> Sequence[Step]:
    """A vendor becomes inactive and active again among more changes than one answer holds."""
    on = {"do": "person", "tenant": 0, "on": "Vendor:Acme Supplies"}
    more = payable(20, dice.randint(1, 9_000), role="payer")
    crowd: list[Step] = [
        {
            **on,
            "deed": "create",
            "on": None,
            "with": {"kind": kind, "document": {"DisplayName": f"{kind} {n}"}},
        }
        for n in range(4)
        for kind in ("Vendor", "Customer")
    ]
    steps: list[Step] = [{**on, "deed": "inactivate"}, more, *sync(0)]
    later: Step = {"do": "pass", "seconds": 900.0}
    back = [{"do": "pass", "seconds": 60.0}, {**on, "deed": "reactivate"}]
    return [*steps, later, *crowd, *back, *sync(0)]


def long_lists(dice: random.Random) -> Sequence[Step]:
    """There are more bills than one page of an answer holds."""
    return [*(payable(n, dice.randint(1, 9_000), role="payer") for n in range(20, 26)), *sync(0)]


def given_up(dice: random.Random) -> Sequence[Step]:
    """A create is given up and arrives late, when our record has changed and is sent again."""
    one = payable(20, 4_200, role=_role(dice))
    late: Step = {"do": "fault", "kind": "late_commit", "path": "*/batch", "times": 1}
    late["seconds"] = dice.choice([400.0, 500.0, 550.0])
    lost: Step = {"do": "fault", "kind": "timeout_before_commit", "path": "*/batch", "times": 1}
    begun: list[Step] = [{"do": "sync", "tenant": 0}, {"do": "work", "turns": 4}]
    cancelled: list[Step] = [{"do": "cancel", "tenant": 0}, {"do": "work", "turns": 1}]
    return [one, late, *begun, *cancelled, scenes.other_amount(dice, one), lost, *sync(0)]


def cancelled_invoice(dice: random.Random) -> Sequence[Step]:
    """An invoice that was written is cancelled."""
    one = payable(20, dice.randint(1, 9_000), role="payee")
    return [one, *sync(0), {**one, "status": "CANCELLED"}, *sync(0)]


def asked_twice(dice: random.Random) -> Sequence[Step]:
    """A sync of vendors is requested, and then one of all, before a worker starts."""
    more = payable(20, dice.randint(1, 9_000), role=_role(dice))
    vendors: Step = {"do": "sync", "tenant": 0, "types": ["vendors"]}
    return [more, vendors, *sync(0)]


def quantities(dice: random.Random) -> Sequence[Step]:
    """The lines of an invoice have a quantity and a price."""
    return [scenes.on_the_edge(dice, payable(20, 1, role="payee")), *sync(0)]


def long_numbers(dice: random.Random) -> Sequence[Step]:
    """Numbers are longer than QuickBooks allows, and differ at their ends."""
    head = f"INVOICE-{dice.randint(1, 9)}-2026-LONG-"
    some = [payable(n, 1_000 + n, role=_role(dice), number=f"{head}{n}") for n in (20, 21, 22)]
    return [*some, *sync(0)]


def turned_away(dice: random.Random) -> Sequence[Step]:
    """QuickBooks throttles us just as a batch is sent."""
    times = {"times": dice.choice([1, 2]), "skip": 0}
    fault: Step = {"do": "fault", "kind": "throttled", "path": "*/batch", **times}
    return [payable(20, dice.randint(1, 9_000), role=_role(dice)), fault, *sync(0)]


def files(dice: random.Random) -> Sequence[Step]:
    """Rows of files have one number and several days, and a person is asked about them."""
    row: Step = {"do": "import", "tenant": 0, "vendor": "Paper Mill", "number": "RENT"}
    first: Step = {**row, "day": "2026-01-05", "cents": 4_200}
    moved: Step = {**first, "day": "2026-01-09"}
    word = dice.choice(["same", "other"])
    third: Step = {**first, "day": "2026-01-20"}
    steps = [first, moved, *sync(0), {**moved, "word": word}, first, third, *sync(0)]
    return [*steps, {**row, "day": "2026-01-25", "cents": 5_300}, *sync(0)]
