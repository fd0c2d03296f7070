"""Rules for decisions: each is carried out once, and only for what it was about."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from proof.oracle.effects import Effect
from proof.oracle.entities import DOCUMENTS, entity_of
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import Plain, lines, mark

_OF_A_RECORD = set("DueDate TxnDate DocNumber PrivateNote VendorRef CustomerRef".split())
_ASIDE = ("status",)  # fields that decide whether a record is written, not what


def allows_ours(facts: Facts, effect: Effect, record: str, lost: Collection[str] = ()) -> bool:
    """Return whether a person's “send ours” covers an update of ours and is not used up.

    It covers the record as an item showed it: as it was when the item's run planned it. For what a
    comparison showed, it covers the `lost` properties whose value in our record is still the same.
    """
    business = facts.business_of.get(effect.realm, "")
    words = facts.events("decided", business=business, record=record, verdict="send_ours")
    runs = {row["run_id"] for row, _ in facts.sent.get(effect.by, ())} & set(facts.asked)
    since = min((facts.asked[run]["seq"] for run in runs), default=0)
    written = facts.versions(business, record, since, facts.until(effect.seq))
    story = facts.books[effect.realm, effect.entity, effect.id]
    for word in words:
        if word["after"] > effect.seq:
            continue
        asked = facts.asked.get(word.get("run") or "", word)
        meant = facts.versions(business, record, asked["seq"], word["seq"])
        same = [one for one in meant if _said(one) in [_said(other) for other in written]]
        if word["run"] is None and lost:
            pairs = [(one, other) for one in meant for other in written]
            same += [one for one, other in pairs if not {*_differing(one, other)} & {*lost}]
        spent = [
            one
            for one in story
            if one.ours and not one.made and word["after"] < one.seq < effect.seq
        ]
        if same and not spent:
            return True
    return False


def _said(record: Plain) -> Mapping[str, Any]:
    return {name: value for name, value in record.items() if name not in _ASIDE}


def asked_only_of_conflicts(facts: Facts) -> Found:
    """I19: a person is asked about a document only if both sides changed the same property."""
    for row in facts.operations:
        entity = entity_of(row["kind"])
        run = facts.asked.get(row["run_id"])
        if row["code"] != "changed_there" or entity not in DOCUMENTS or not row["remote_id"]:
            continue
        story = facts.books.get((row["realm"], entity, row["remote_id"]), [])
        ours = story and story[0].made and mark(story[0].after) == row["record_id"]
        if not ours or not run or facts.lost_at or any(map(facts.is_late, story)):
            continue
        of_it = [one for one in facts.operations if one["record_id"] == row["record_id"]]
        if any(one["state"] == "written" and one["tid"] is None for one in of_it):
            continue  # it was adopted, so what we last wrote is not known for certain
        record, end = row["record_id"], facts.ends.get(row["run_id"], len(facts.history))
        current = facts.versions(row["business"], record, run["seq"], end)
        if _said_of_before(facts, row["business"], record, end):
            continue  # "send ours" was about an earlier version, so a person decides anew
        earlier = facts.versions(row["business"], record, 0, run["seq"])
        mine = {name for now in current for past in earlier for name in _differing(past, now)}
        last = facts.history[end - 1]["after"] if end else 0
        theirs = {name for one in story if not one.ours and one.seq <= last for name in _moved(one)}
        if not mine & theirs:
            yield (
                record,
                f"{theirs or 'nothing'} was changed there, {mine} here, and a person asked",
            )


def _said_of_before(facts: Facts, business: str, record: str, end: int) -> bool:
    """Return whether our record has changed since a person decided to send ours."""
    words = facts.events("decided", business=business, record=record, verdict="send_ours")
    since = [facts.versions(business, record, word["seq"], end) for word in words]
    return any(one != some[-1] for some in since for one in some)


def _differing(past: Plain, now: Plain) -> Iterator[str]:
    """Yield the properties of a document that a change of its record concerns."""
    plain = {"due": "DueDate", "day": "TxnDate", "number": "DocNumber", "connection": "party"}
    yield from (name for own, name in plain.items() if past[own] != now[own])
    if past["memo"] != now["memo"]:
        yield from ("PrivateNote", "Description")
    if (past["lines"], past["cents"]) != (now["lines"], now["cents"]):
        yield from ("Amount", "Line")
    if len(past["lines"]) != len(now["lines"]):
        yield from ("Description", "coding")


def _moved(effect: Effect) -> Iterator[str]:
    """Yield the properties of a document that a person changed, by the same names."""
    for name in {*effect.before, *effect.after} & _OF_A_RECORD:
        if effect.before.get(name) != effect.after.get(name):
            yield "party" if name in ("VendorRef", "CustomerRef") else name
    before, after = (
        {one.get("Id"): one for one in lines(it)} for it in (effect.before, effect.after)
    )
    for line in {*before, *after}:
        past, now = before.get(line), after.get(line)
        if past is None or now is None:
            yield from ("Line", "Amount", "Description")
            continue
        changed = {name for name in {*past, *now} if past.get(name) != now.get(name)}
        yield from ("Amount" if name == "Amount" else name for name in changed)
        if changed - {"Amount", "Description", "LineNum"}:
            yield from ("coding", "Amount")
