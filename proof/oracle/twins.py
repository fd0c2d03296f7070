"""Rules for documents that people enter: we do not duplicate them, and leave them alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from proof.oracle.effects import Effect
from proof.oracle.entities import DOCUMENTS, EXPENSES, PARTY_OF, entity_of
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import NOTHING, Plain, cents, lines, mark, moment, reference

_DAYS = timedelta(days=7)
_ENTERED = (*DOCUMENTS, *EXPENSES)


def none_beside_anothers(facts: Facts) -> Found:
    """I7: a document that resembles one a person entered is written only after a decision."""
    asked = {event["run"]: event for event in facts.events("sync_asked")}
    entered = [some for some in facts.books.values() if not some[0].ours]
    for effect in (one for one in facts.effects if one.made and one.entity in _ENTERED):
        record = facts.record_of(effect)
        runs = [row["run_id"] for row, _ in facts.sent.get(effect.by, ())]
        if not runs or runs[0] not in asked:
            continue
        for some in entered:
            stood = _stood(facts, some, effect, asked[runs[0]])
            if stood and _resembles(effect, stood) and not _spoken(facts, effect, record, some):
                yield record, f"{effect} was written beside {some[0]}, which a person entered"


def none_entered_twice(facts: Facts) -> Found:
    """I7: two documents of ours with one number, and one date or total, need a decision."""
    asked = {event["run"]: event for event in facts.events("sync_asked")}
    for effect in (one for one in facts.effects if one.made and one.entity in DOCUMENTS):
        record = facts.record_of(effect)
        runs = [row["run_id"] for row, _ in facts.sent.get(effect.by, ())]
        if not runs or runs[0] not in asked:
            continue
        for some in facts.books.values():
            stood = _stood(facts, some, effect, asked[runs[0]])
            other = mark(stood)
            alike = other not in ("", record) and _same_number(effect, stood)
            if alike and not _told_apart(facts, effect, {record, other}):
                yield record, f"{effect} was written beside {some[0]} of {other} unasked"


def _same_number(made: Effect, theirs: Plain) -> bool:
    """Return whether two documents have one party and number, and the same date or total."""
    ours, which = made.after, PARTY_OF[made.entity][1]
    if reference(ours, which) != reference(theirs, which) or not cents(theirs["TotalAmt"]):
        return False
    if str(ours["DocNumber"]).casefold() != str(theirs.get("DocNumber", "")).casefold():
        return False
    return _day(ours) == _day(theirs) or cents(ours["TotalAmt"]) == cents(theirs["TotalAmt"])


def _told_apart(facts: Facts, made: Effect, records: set[str]) -> bool:
    """Return whether a person decided that two records differ, or one of them was withdrawn."""
    business = facts.business_of.get(made.realm)
    for one in facts.events("decided", business=business):
        named = {word.removeprefix("ours:") for word in one["value"].split()}
        if one["verdict"] == "another_one" and records <= {one["record"], *named}:
            return True
    rows = facts.events("imported", business=business)
    for said in (one for one in rows if one["word"] == "other"):
        of_it = [
            one
            for one in rows
            if (one["vendor"], one["number"]) == (said["vendor"], said["number"])
        ]
        if records <= {one["id"] for one in of_it}:
            return True  # with this number, each day is another document
    fed = [one["record"] for one in facts.events("fed", business=business)]
    withdrawn = {one["id"] for one in fed if one.get("status") in ("CANCELLED", "DECLINED")}
    return bool(records & withdrawn)


def _stood(facts: Facts, some: Sequence[Effect], made: Effect, asked: Plain) -> Plain:
    """Return the document as it stood when a run was requested, and until it wrote."""
    lag = timedelta(seconds=facts.terms.get("switches", {}).get("query_lag_seconds", 0))
    before = [one for one in some if one.seq < made.seq]
    alike = (some[0].realm, some[0].entity) == (made.realm, made.entity)
    if not before or not alike or before[-1].seq > asked["after"]:
        return NOTHING
    seen = before[0].at + lag <= moment(asked["at"])
    return before[-1].left if seen else NOTHING


def _resembles(made: Effect, theirs: Plain) -> bool:
    ours, which = made.after, PARTY_OF[made.entity][1]
    if reference(ours, which) != reference(theirs, which) or mark(theirs):
        return False
    if not lines(theirs) or not cents(theirs["TotalAmt"]):
        return False
    number = str(theirs.get("DocNumber", "")).casefold()
    near = abs(_day(ours) - _day(theirs)) <= _DAYS
    same = cents(ours["TotalAmt"]) == cents(theirs["TotalAmt"])
    return number == str(ours["DocNumber"]).casefold() or (near and same)


def _day(document: Plain) -> date:
    return date.fromisoformat(str(document["TxnDate"]))


def _spoken(facts: Facts, made: Effect, record: str, some: Sequence[Effect]) -> bool:
    """Return whether a person decided that it is another document, or another record's."""
    said = facts.events("decided", business=facts.business_of.get(made.realm))
    words = [one for one in said if one["after"] <= made.seq and some[0].id in one["value"].split()]
    others = [one["record"] == record and one["verdict"] == "another_one" for one in words]
    linked = [one["record"] != record and one["verdict"] == "link_to" for one in words]
    return any((*others, *linked))


def theirs_is_left_to_them(facts: Facts) -> Found:
    """I7: we change or remove what a person entered only if a person asked for it."""
    for effects in facts.books.values():
        if effects[0].ours or effects[0].entity not in _ENTERED:
            continue
        for effect in (one for one in effects if one.ours):
            if why := _unasked(facts, effect):
                yield str(effect), f"{effect} is a person's, and {why}"


def _unasked(facts: Facts, effect: Effect) -> str | None:
    """Return what we did unasked to a document that a person entered; None if it was asked for."""
    business = facts.business_of.get(effect.realm)
    said = facts.events("decided", business=business)
    before = [
        one for one in said if one["after"] <= effect.seq and effect.id in one["value"].split()
    ]
    links = [one for one in before if one["verdict"] == "link_to"]
    if not effect.left and _is_one_too_many(facts, effect):
        return None
    if not links:
        return "nobody linked it"
    if not effect.left:
        allowed = any(one["verdict"] == "remove_there" for one in before)
        return None if allowed else "nobody asked for its removal"
    fed = facts.events("fed", business=business)
    changed = [
        one["record"]["id"] == links[-1]["record"] for one in fed if one["seq"] > links[-1]["seq"]
    ]
    return None if any(changed) else "our record did not change since it was linked"


def _is_one_too_many(facts: Facts, effect: Effect) -> bool:
    """Return whether it is a copy of ours that a comparison showed and a person had removed."""
    business = facts.business_of.get(effect.realm)
    asked = facts.events("repaired", business=business)
    said = facts.events("reconciled", business=business)
    shown = [effect.id in one[2] for event in said for one in event["findings"]]
    ours = mark(facts.books[effect.realm, effect.entity, effect.id][0].after)
    return bool(ours) and any(shown) and any(one["after"] <= effect.seq for one in asked)


def linked_is_of_its_party(facts: Facts) -> Found:
    """I6: a document that was linked has the vendor or customer of its record."""
    for (integration, kind, record_id), link in facts.links.items():
        entity = entity_of(kind)
        effects = facts.books.get((link["realm"], entity, link["remote_id"]), [])
        record = facts.records.get((link["business"], "payable", record_id))
        if entity not in DOCUMENTS or not effects or effects[0].ours or record is None:
            continue
        party = (integration, PARTY_OF[entity][0], record["connection"])
        theirs = reference(effects[0].after, PARTY_OF[entity][1])
        if party in facts.links and theirs != facts.links[party]["remote_id"]:
            merged = any(
                not one.ours for one in facts.effects if one.entity in ("Vendor", "Customer")
            )
            fed = facts.events("fed", business=link["business"])
            moved = (
                len(
                    {one["record"]["connection"] for one in fed if one["record"]["id"] == record_id}
                )
                > 1
            )
            if not (merged or moved):
                yield record_id, f"is linked to {entity} {link['remote_id']} of party {theirs}"
