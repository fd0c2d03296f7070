"""Scenes of runs (previewed, paused, tried again) and of records that cannot be written yet."""

from __future__ import annotations

import random
from collections.abc import Mapping

from proof.simulation.records import Step
from proof.simulation.scenes import Scene, kind_of, other_amount, sync


def previewed(dice: random.Random, payable: Step) -> list[Step]:
    """A preview and a sync right after it, of a document that is new, changed or withdrawn."""
    tenant, n = payable["tenant"], payable["n"]
    more = {**other_amount(dice, payable), "n": n + 120, "number": f"INV-{n + 120}"}
    before = [payable, *sync(tenant)] if dice.random() < 0.6 else []
    gone = {**payable, "status": "CANCELLED"}
    theirs: Step = {"do": "person", "tenant": tenant, "on": f"pay_{n}"}
    deed: Step = dice.choice(
        [{"deed": "delete"}, {"deed": "edit", "with": {"changes": {"Line": 12.34}}}]
    )
    edited = [{**theirs, **deed}] if before and dice.random() < 0.7 else []
    changed = [other_amount(dice, payable)]
    now = dice.choice([changed, changed, [gone], [payable, more]])
    asked: Step = {"do": "sync", "tenant": tenant, "dry": True}
    later: Step = {"do": "pass", "seconds": 30.0}  # a query may not show the newest writes yet
    preview: list[Step] = [later, asked, {"do": "work", "turns": 40}]
    return [*before, *edited, *now, *preview, *sync(tenant)]


def asked_twice(dice: random.Random, payable: Step) -> list[Step]:
    """A part or a preview is requested, and then all of it, before a worker starts."""
    tenant = payable["tenant"]
    first: Step = {
        "do": "sync",
        "tenant": tenant,
        "types": dice.choice([["vendors"], ["invoices"]]),
    }
    dry: list[Step] = [{"do": "sync", "tenant": tenant, "dry": True}] if dice.random() < 0.4 else []
    return [payable, first, *dry, *sync(tenant, turns=80)]


def paused(dice: random.Random, payable: Step) -> list[Step]:
    """A person pauses the business before or during a run, and resumes it later."""
    tenant = payable["tenant"]
    pause: Step = {"do": "pause", "tenant": tenant}
    begun: list[Step] = [{"do": "sync", "tenant": tenant}]
    begun += [{"do": "work", "turns": dice.randint(1, 6)}] if dice.random() < 0.7 else []
    asked: Step = {"do": "sync", "tenant": tenant, "dry": dice.random() < 0.3}
    meanwhile = [asked, {"do": "work", "turns": 10}]
    steps = [payable, *begun, pause, other_amount(dice, payable), *meanwhile]
    return [*steps, {"do": "resume", "tenant": tenant}, *sync(tenant)]


def tried_again(dice: random.Random, payable: Step) -> list[Step]:
    """A record cannot be written until a person makes a choice; then only it is retried."""
    tenant, n = payable["tenant"], payable["n"]
    more = {**other_amount(dice, payable), "n": n + 160, "number": f"INV-{n + 160}"}
    name = "income_account_id" if payable.get("role") == "payee" else "expense_account_id"
    right = "Sales" if payable.get("role") == "payee" else "Supplies"
    choose: Step = {"do": "choose", "tenant": tenant}
    again: Step = {"do": "sync", "tenant": tenant, "retry": dice.choice(["all", "item", "code"])}
    dry = [{**again, "dry": True}, {"do": "work", "turns": 40}] if dice.random() < 0.2 else []
    steps = [{**choose, "fields": {name: None}}, payable, more, *sync(tenant)]
    steps += [{**choose, "fields": {name: right}}, *dry, again, {"do": "work", "turns": 40}]
    return [*steps, *(sync(tenant) if dice.random() < 0.5 else [])]


def unfit(dice: random.Random, payable: Step) -> list[Step]:
    """A record becomes invalid, before or after it was first written; then it is corrected."""
    tenant = payable["tenant"]
    bare = {name: value for name, value in payable.items() if name not in ("lines", "parts")}
    flaw: Step = dice.choice(
        [
            {"cents": 0},
            {"cents": -500},
            {"lines": [100, 200], "cents": 301},
            {"currency": "EUR"},
            {"to": 999},
            {"memo": f"see CleoPay:pay_{dice.randint(0, 3)} of last week"},
            {"day": "2025-01-05"},
            {"status": "DRAFT"},
        ]
    )
    before = [payable, *sync(tenant)] if dice.random() < 0.5 else []
    mended = payable if dice.random() < 0.5 else other_amount(dice, payable)
    after = [mended, *sync(tenant)] if dice.random() < 0.7 else []
    return [*before, {**bare, **flaw}, *sync(tenant), *after]


def deleted(dice: random.Random, payable: Step) -> list[Step]:
    """A person removes a document, our record changes, and the document is created again or not."""
    tenant, n = payable["tenant"], payable["n"]
    invoice = payable.get("role") == "payee"
    deed = dice.choice(["void", "delete"]) if invoice else "delete"
    theirs: Step = {"do": "person", "tenant": tenant, "on": f"pay_{n}", "deed": deed}
    long: list[Step] = [{"do": "pass", "seconds": 3600.0}] if dice.random() < 0.7 else []
    steps = [payable, *sync(tenant), *long, theirs, other_amount(dice, payable), *sync(tenant)]
    if dice.random() < 0.6:
        again: Step = {"do": "decide_all", "tenant": tenant, "code": "deleted_there"}
        steps += [{**again, "word": dice.choice(["create_again", "create_again", "leave_out"])}]
        steps += sync(tenant)
    return [*steps, other_amount(dice, payable), *sync(tenant)]


def closed(dice: random.Random, payable: Step) -> list[Step]:
    """The books are closed, which may cover a document of ours, and reopened."""
    tenant = payable["tenant"]
    n = payable["n"] + 280
    more = {**other_amount(dice, payable), "n": n, "number": f"INV-{n}"}
    close: Step = {"do": "person", "tenant": tenant, "on": None, "deed": "close_books"}
    days = {"with": {"last_day": dice.choice(["2026-01-05", "2026-01-31", "2026-01-04"])}}
    now = dice.choice([[more], [other_amount(dice, payable)], [{**payable, "day": "2026-02-09"}]])
    steps = [payable, *sync(tenant), {**close, **days}, *now, *sync(tenant)]
    if dice.random() < 0.6:
        steps += [{**close, "with": {"last_day": None}}, *sync(tenant)]
    return steps


def compared(dice: random.Random, payable: Step) -> list[Step]:
    """A comparison shows what a person changed; another person decides which side counts."""
    tenant, n = payable["tenant"], payable["n"]
    kind = kind_of(payable)
    theirs: Step = {"do": "person", "tenant": tenant, "on": f"pay_{n}", "deed": "edit"}
    changes = dice.choice(
        [
            {"TxnDate": "2026-01-09"},
            {"DueDate": "2026-05-05"},
            {"Line": 12.34},
            {"DocNumber": "H-1"},
        ]
    )
    edits = {**theirs, "with": {"changes": changes}}
    word: Step = {"do": "decide", "tenant": tenant, "kind": kind, "record": f"pay_{n}", "value": ""}
    said = {**word, "verdict": dice.choice(["send_ours", "send_ours", "keep_theirs"])}
    shown: Step = {"do": "compare", "tenant": tenant}
    late = [dice.choice([edits, other_amount(dice, payable)])] if dice.random() < 0.4 else []
    steps = [payable, *sync(tenant), edits, shown, said, *late, *sync(tenant)]
    return [*steps, other_amount(dice, payable), *sync(tenant)]


def choice_gone(dice: random.Random, payable: Step) -> list[Step]:
    """The account that was chosen for documents is made inactive, and another one may be chosen."""
    tenant = payable["tenant"]
    invoice = payable.get("role") == "payee"
    name, of = ("income_account_id", "Sales") if invoice else ("expense_account_id", "Repairs")
    choose: Step = {"do": "choose", "tenant": tenant}
    gone: Step = {"do": "person", "tenant": tenant, "on": None, "deed": "inactivate"}
    gone["with"] = {"kind": "Account", "id": of}
    n = payable["n"] + 320
    more = {**other_amount(dice, payable), "n": n, "number": f"INV-{n}"}
    before = [payable, *sync(tenant)] if dice.random() < 0.5 else [payable]
    steps = [{**choose, "fields": {name: of}}, *before, gone, more, *sync(tenant)]
    if not invoice and dice.random() < 0.7:
        steps += [{**choose, "fields": {name: "Supplies"}}, *sync(tenant)]
    elif dice.random() < 0.7:
        steps += [{**gone, "deed": "reactivate"}, *sync(tenant)]
    return steps


OCCASIONS: Mapping[str, Scene] = {
    one.__name__: one
    for one in (
        previewed,
        asked_twice,
        paused,
        tried_again,
        unfit,
        deleted,
        closed,
        compared,
        choice_gone,
    )
}
