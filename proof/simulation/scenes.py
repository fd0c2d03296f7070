"""Scenes: short sequences of steps that bring about a rare situation on purpose.

A scene is played around one payable. It is given the present state of the payable and returns the
steps; the script writer reads from the steps what state the payable has afterwards.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from proof.simulation.records import Step, cents_of

Scene = Callable[[random.Random, Step], list[Step]]
_UNHEARD = ("drop_after_commit", "reset_mid_body", "truncated_body", "timeout_after_commit")
# Quantity and price of lines whose amounts are exactly half a cent, or close to it.
_EDGES = (
    ("0.5", "0.05"),
    ("0.5", "0.25"),
    ("1.5", "0.03"),
    ("2.5", "1.01"),
    ("0.125", "0.20"),
    ("3", "0.335"),
    ("0.333", "10.00"),
    ("7", "1.00"),
)


def sync(
    tenant: int,
    *,
    worker: int = 0,
    turns: int = 40,
    types: Sequence[str] = (),
    **more: Any,  # noqa: ANN401  fields of a step
) -> list[Step]:
    """Return the steps that request a sync, of all types or some, and let a worker run it."""
    asked: Step = {"do": "sync", "tenant": tenant, **({"types": list(types)} if types else {})}
    return [asked, {"do": "work", "worker": worker, "turns": turns, **more}]


def kind_of(payable: Step) -> str:
    """Return the kind of document that a payable becomes in QuickBooks."""
    if payable["cents"] < 0:
        return "credit_memo" if payable.get("role") == "payee" else "vendor_credit"
    return "invoice" if payable.get("role") == "payee" else "bill"


def other_amount(dice: random.Random, payable: Step) -> Step:
    """Return the payable with another amount, at times one that has to be rounded."""
    bare = {name: value for name, value in payable.items() if name not in ("lines", "parts")}
    if dice.random() < 0.3:
        return on_the_edge(dice, bare)
    return {**bare, "cents": dice.randint(1, 50_000)}


def on_the_edge(dice: random.Random, payable: Step) -> Step:
    """Return the payable with lines whose quantity times price may be half a cent."""
    bare = {name: value for name, value in payable.items() if name != "lines"}
    parts = [list(part) for part in dice.choices(_EDGES, k=dice.randint(1, 3))]
    cents = sum(cents_of(quantity, price) for quantity, price in parts)
    return {**bare, "parts": parts, "cents": cents}


def _edit(dice: random.Random, payable: Step) -> tuple[Step, Step]:
    """Return a person's change of a document, and our record's change of the same field."""
    number = dice.randint(1, 9999)
    on = {"do": "person", "tenant": payable["tenant"], "deed": "edit", "on": f"pay_{payable['n']}"}
    theirs, ours = dice.choice(
        [
            (
                {"DueDate": f"2026-05-{number % 28 + 1:02}"},
                {"due": f"2026-06-{number % 27 + 1:02}"},
            ),
            (
                {"TxnDate": f"2026-01-{number % 20 + 6:02}"},
                {"day": f"2026-02-{number % 20 + 3:02}"},
            ),
            ({"Line": number / 100}, None),
            ({"Description": f"Agreed {number}"}, None),
        ]
    )
    changed = other_amount(dice, payable) if ours is None else {**payable, **ours}
    return {**on, "with": {"changes": theirs}}, changed


def _dies(dice: random.Random, tenant: int) -> list[Step]:
    """Return the steps of a worker that crashes with a response in hand."""
    at = {"at": dice.choice([1, 1, 2]), "how": "crash", "edges": ["answered"], "batches": True}
    # Once the vendors and customers exist, the first batches are of documents.
    known = sync(tenant, types=["vendors"]) if dice.random() < 0.7 else []
    return [*known, *sync(tenant, interrupt=at)]


def edited_in_doubt(dice: random.Random, payable: Step) -> list[Step]:
    """A worker crashes with the response, a person edits the document, and our record changes."""
    theirs, ours = _edit(dice, payable)
    tenant = payable["tenant"]
    look = sync(tenant, worker=1) if dice.random() < 0.6 else []
    return [payable, *_dies(dice, tenant), theirs, *look, ours, *sync(tenant, worker=1)]


def changed_in_doubt(dice: random.Random, payable: Step) -> list[Step]:
    """A worker crashes with the response, and our record changes before the next worker looks."""
    tenant = payable["tenant"]
    _, ours = _edit(dice, payable)
    both = [ours, other_amount(dice, ours)][: dice.choice([1, 2])]
    return [payable, *_dies(dice, tenant), *both, *sync(tenant, worker=1)]


def copied(dice: random.Random, payable: Step) -> list[Step]:
    """A person copies a document with our note in it, before we know that it was written."""
    tenant = payable["tenant"]
    copy: Step = {"do": "person", "tenant": tenant, "deed": "copy", "on": f"pay_{payable['n']}"}
    copy["changes"] = dice.choice([{}, {}, {"DocNumber": "COPY-1"}])
    return [payable, *_dies(dice, tenant), copy, *sync(tenant, worker=1)]


def decided_twice(dice: random.Random, payable: Step) -> list[Step]:
    """Both sides change one field and a person decides; then both sides change it again."""
    tenant, record = payable["tenant"], f"pay_{payable['n']}"
    kind = kind_of(payable)
    steps = [payable, *sync(tenant)]
    theirs, ours = _edit(dice, payable)
    verdict = dice.choice(["send_ours", "send_ours", "keep_theirs"])
    word: Step = {"do": "decide", "tenant": tenant, "kind": kind, "record": record}
    steps += [theirs, ours, *sync(tenant), {**word, "verdict": verdict, "value": ""}]
    if dice.random() < 0.3:  # a person edits again before the decision is carried out
        steps += [_edit(dice, ours)[0]]
    steps += sync(tenant)
    again, other = _edit(dice, ours)
    # Our record then has a new value, or the value that the decision was about.
    back = dice.choice([[other], [payable], [payable, *sync(tenant), again, ours]])
    return [*steps, again, *back, *sync(tenant)]


def merged(dice: random.Random, payable: Step) -> list[Step]:
    """A person edits while our update is about to be sent, and both sides go on editing."""
    tenant = payable["tenant"]
    theirs, _ = _edit(dice, payable)
    _, ours = _edit(dice, payable)
    pause = {"at": 1, "how": "pause", "edges": ["send"], "batches": True, "meanwhile": [theirs]}
    late, last = _edit(dice, ours)
    after = [late] if dice.random() < 0.5 else []
    steps = [payable, *sync(tenant), ours, *sync(tenant, interrupt=pause)]
    return [*steps, *after, last, *sync(tenant)]


def reworded(dice: random.Random, payable: Step) -> list[Step]:
    """A person rewords one of two lines and we change the other; then we change the first."""
    tenant, on = payable["tenant"], f"pay_{payable['n']}"
    first, second = dice.randint(100, 9_000), dice.randint(100, 9_000)
    bare = {name: value for name, value in payable.items() if name != "parts"}

    def of(one: int, other: int) -> Step:
        return {**bare, "lines": [one, other], "cents": one + other}

    words = {"changes": {"Description": f"Agreed {first}"}}
    rewords: Step = {"do": "person", "tenant": tenant, "deed": "edit", "on": on, "with": words}
    steps = [of(first, second), *sync(tenant)]
    if dice.random() < 0.5:
        pause = {"at": 1, "how": "pause", "edges": ["send"], "batches": True}
        met: Step = {**pause, "meanwhile": [rewords]}
        steps += [of(first, second + 7), *sync(tenant, interrupt=met)]
    else:
        steps += [rewords, of(first, second + 7), *sync(tenant)]
    return [*steps, of(first + 9, second + 7), *sync(tenant)]


def half_written(dice: random.Random, payable: Step) -> list[Step]:
    """A batch breaks off half-way, and the rest of it is still to be written."""
    tenant, n = payable["tenant"], payable["n"]
    more = [{**other_amount(dice, payable), "n": n + 40 + at} for at in range(dice.randint(2, 5))]
    numbered = [{**one, "number": f"INV-{one['n']}"} for one in more]
    fault: Step = {"do": "fault", "kind": "timeout_midway", "path": "*/batch"}
    times = {"times": dice.choice([1, 1, 2]), "skip": dice.randint(0, 2)}
    return [payable, *numbered, {**fault, **times}, *sync(tenant)]


def withdrawn(dice: random.Random, payable: Step) -> list[Step]:
    """A written document is declined or cancelled, after a person's change or without one."""
    tenant = payable["tenant"]
    gone = {**payable, "status": dice.choice(["DECLINED", "DECLINED", "CANCELLED"])}
    steps = [{**payable, "status": "APPROVED"}, *sync(tenant)]
    theirs: Step = {"do": "person", "tenant": tenant, "on": f"pay_{payable['n']}"}
    deed = dice.choice(["", "", "pay", "delete", "void", "edit"])
    if deed:
        changes = {"with": {"changes": {"TxnDate": "2026-01-09"}}} if deed == "edit" else {}
        steps += [{**theirs, "deed": deed, **changes}]
    lost: Step = {"do": "fault", "kind": dice.choice(_UNHEARD), "path": "*/batch", "times": 1}
    steps += [gone, *([lost] if dice.random() < 0.3 else []), *sync(tenant)]
    if dice.random() < 0.4:
        steps += [{**payable, "status": "APPROVED"}, *sync(tenant)]
    return steps


def two_at_once(dice: random.Random, payable: Step) -> list[Step]:
    """Two businesses whose records have the same ids sync at once, and one has a batch in doubt."""
    tenant = payable["tenant"]
    other = {**other_amount(dice, payable), "tenant": 1 - tenant}
    known = sync(1 - tenant) if dice.random() < 0.5 else []
    kind = dice.choice([*_UNHEARD, "drop_before_commit", "timeout_before_commit", "timeout_midway"])
    fault: Step = {"do": "fault", "kind": kind, "path": "*/batch", "times": 1}
    fault["skip"] = dice.randint(0, 2)
    asked: Step = {"do": "sync", "tenant": 1 - tenant}
    first: Step = {"do": "work", "turns": dice.randint(2, 9)}
    begun = [payable, fault, {"do": "sync", "tenant": tenant}, first]
    return [other, *known, *begun, asked, *sync(tenant)]


SCENES: Mapping[str, Scene] = {
    one.__name__: one
    for one in (
        edited_in_doubt,
        changed_in_doubt,
        copied,
        decided_twice,
        merged,
        reworded,
        half_written,
        withdrawn,
        two_at_once,
    )
}
