"""Scenes of requests in doubt: arriving late, never answered, refused, or met by a change."""

from __future__ import annotations

import random
from collections.abc import Mapping

from proof.simulation.records import Step
from proof.simulation.scenes import Scene, other_amount, sync

_UNDONE = ("drop_before_commit", "timeout_before_commit", "error_before_commit")
_UNHEARD = ("drop_after_commit", "reset_mid_body", "timeout_after_commit", "error_after_commit")
_LATE_SECONDS = (400.0, 500.0, 550.0)
_HOUR: Step = {"do": "pass", "seconds": 3600.0}


def _fault(kind: str, times: int = 1, **more: float) -> Step:
    return {"do": "fault", "kind": kind, "path": "*/batch", "times": times, **more}


def _known(payable: Step) -> list[Step]:
    """Sync the vendor or customer of a payable first, so that the next batch is of its document."""
    return [payable, *sync(payable["tenant"], types=["vendors"])]


def _given_up(dice: random.Random, tenant: int) -> list[Step]:
    """Send a batch that arrives late, and cancel its run before the outcome is known."""
    begun: list[Step] = [{"do": "sync", "tenant": tenant}, {"do": "work", "turns": 4}]
    late = _fault("late_commit", seconds=dice.choice(_LATE_SECONDS))
    return [late, *begun, {"do": "cancel", "tenant": tenant}, {"do": "work", "turns": 1}]


def came_late(dice: random.Random, payable: Step) -> list[Step]:
    """A create or an update is given up and arrives late, when our record has already changed."""
    tenant = payable["tenant"]
    ours = other_amount(dice, payable)
    lost = [_fault(dice.choice(_UNDONE))] if dice.random() < 0.5 else []
    before = _known(payable) if dice.random() < 0.5 else [payable, *sync(tenant), ours]
    gone = {**payable, "status": "CANCELLED"}
    now = dice.choice([other_amount(dice, payable), other_amount(dice, payable), gone, payable])
    wait = [_HOUR] if dice.random() < 0.5 else []
    return [*before, *_given_up(dice, tenant), now, *wait, *lost, *sync(tenant), *sync(tenant)]


def on_its_way(dice: random.Random, payable: Step) -> list[Step]:
    """A batch arrives after its response was given up, while the service waits."""
    tenant = payable["tenant"]
    late = _fault("late_commit", seconds=dice.choice([40.0, 100.0, 140.0]))
    ours = [payable, *sync(tenant), other_amount(dice, payable)]
    before = _known(payable) if dice.random() < 0.7 else ours
    return [*before, late, *sync(tenant, turns=dice.choice([5, 40])), *sync(tenant)]


def unanswered(dice: random.Random, payable: Step) -> list[Step]:
    """An update or a removal gets no answer, done or not, and a person may act in between."""
    tenant, n = payable["tenant"], payable["n"]
    gone = {**payable, "status": "CANCELLED"}
    ours = dice.choice([other_amount(dice, payable), other_amount(dice, payable), gone])
    fault = _fault(dice.choice([*_UNDONE, *_UNHEARD]), dice.choice([1, 1, 2]))
    steps = [payable, *sync(tenant), ours, fault]
    theirs: Step = {"do": "person", "tenant": tenant, "on": f"pay_{n}", "deed": "edit"}
    deed: Step = dice.choice(
        [
            {"with": {"changes": {"DueDate": "2026-05-05"}}},
            {"with": {"changes": {"Line": 12.34}}},
            {"deed": "delete"},
            {"deed": "void"},
            {"deed": "pay"},
        ]
    )
    if dice.random() < 0.6:
        steps += [*sync(tenant, turns=dice.randint(5, 9)), {**theirs, **deed}]
    more = [other_amount(dice, payable)] if dice.random() < 0.3 else []
    return [*steps, *more, *sync(tenant)]


def fails_each_time(dice: random.Random, payable: Step) -> list[Step]:
    """Every batch fails for hours; then all of them succeed."""
    tenant = payable["tenant"]
    new = {**other_amount(dice, payable), "n": payable["n"] + 200}
    both = [payable, {**new, "number": f"INV-{new['n']}"}]
    before = sync(tenant) if dice.random() < 0.4 else []
    changed = [other_amount(dice, payable)] if before else []
    fault = _fault(dice.choice([*_UNDONE, *_UNHEARD]), 40)
    steps = [*both, *before, *changed, fault, *sync(tenant, turns=60), {"do": "calm"}]
    return [*steps, *sync(tenant)]


def met_on_its_way(dice: random.Random, payable: Step) -> list[Step]:
    """What a batch names is changed, inactivated or remapped, or books close, before it arrives."""
    tenant, n = payable["tenant"], payable["n"]
    party = "Customer" if payable.get("role") == "payee" else "Vendor"
    theirs: Step = {"do": "person", "tenant": tenant}
    on, of = {"on": f"pay_{n}"}, f"conn_{payable['to']}"
    meets: list[Step] = dice.choice(
        [
            [{**theirs, **on, "deed": "edit", "with": {"changes": {"TxnDate": "2026-01-09"}}}],
            [{**theirs, **on, "deed": "delete"}],
            [{**theirs, "on": None, "deed": "close_books", "with": {"last_day": "2026-01-31"}}],
            [{"do": "make_inactive", "tenant": tenant, "kind": party.lower(), "of": of}],
            [{"do": "map", "tenant": tenant, "kind": party.lower(), "of": of}],
        ]
    )
    pause = {"at": 1, "how": "pause", "edges": ["send"], "batches": True, "meanwhile": meets}
    known = [payable, *sync(tenant)] if dice.random() < 0.6 else _known(payable)
    ours = dice.choice([other_amount(dice, payable), {**payable, "status": "CANCELLED"}])
    steps = [*known, *([ours] if len(known) > 3 or dice.random() < 0.5 else [])]
    opened: Step = {**theirs, "on": None, "deed": "close_books", "with": {"last_day": None}}
    back = [opened] if meets[0].get("deed") == "close_books" and dice.random() < 0.7 else []
    return [*steps, *sync(tenant, interrupt=pause), *back, *sync(tenant)]


def numbered_twice(dice: random.Random, payable: Step) -> list[Step]:
    """Two documents have the same number, of one vendor or of two."""
    tenant, n = payable["tenant"], payable["n"]
    number = f"SAME-{n}"
    other = {**other_amount(dice, payable), "n": n + 240, "number": number}
    first = {**payable, "number": number}
    if dice.random() < 0.4:
        one: Step = {"do": "connection", "tenant": tenant, "n": 3_000 + n, "name": f"Twice {n}"}
        other = {**other, "to": one["n"]}
        steps = [one, first, other]
    else:
        steps = [first, other]
    both = dice.choice([steps, [*steps[:-1], *sync(tenant), steps[-1]]])
    word: Step = {"do": "decide_all", "tenant": tenant, "code": "duplicate_number"}
    said = [{**word, "word": dice.choice(["another_one", "leave_out"])}, *sync(tenant)]
    lost = [_fault(dice.choice(_UNHEARD))] if dice.random() < 0.3 else []
    return [*both, *lost, *sync(tenant), *(said if dice.random() < 0.5 else [])]


DOUBTS: Mapping[str, Scene] = {
    one.__name__: one
    for one in (came_late, on_its_way, unanswered, fails_each_time, met_on_its_way, numbered_twice)
}
