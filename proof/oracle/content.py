"""Rules for what we write, against an independent rendering of the record, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from proof.oracle.effects import Effect
from proof.oracle.entities import (
    CREDITS,
    DOCUMENTS,
    PURCHASES,
    as_document,
    document_of,
    kind_of,
    turned_document,
)
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import (
    MARK,
    NOTHING,
    Plain,
    cents,
    line_cents,
    lines,
    mark,
    reference,
)

NUMBER_LENGTH_MAX = 21
_LAST = 10**9


def written_as_said(facts: Facts) -> Found:
    """I5: every write of ours matches a version of the record that held during its run."""
    seqs = {request.tid: request.seq for request in facts.requests}
    for effect in facts.effects:
        record, business = mark(effect.after), facts.business_of.get(effect.realm, "")
        if not (effect.ours and effect.left and record and effect.entity in DOCUMENTS):
            continue
        runs = {row["run_id"] for row, _ in facts.sent.get(effect.by, ())} & set(facts.asked)
        if effect.seq <= facts.lost_at or not runs or effect.by not in seqs:
            continue
        since = min(facts.asked[run]["seq"] for run in runs)
        until = facts.until(seqs[effect.by])
        said = facts.versions(business, record, since, until)
        flaws = [
            [*unlike(facts, effect, version), *_undue(facts, effect, version, since, until)]
            for version in said
        ]
        if flaws and all(flaws):
            yield record, f"{effect} was written with {min(flaws, key=len)[0]}"


def unlike(facts: Facts, effect: Effect, record: Plain) -> Iterator[str]:
    """Yield how a write differs from its record; of an update, only what it changed counts."""
    record, there, before = as_document(record, effect.entity), effect.after, effect.before
    wanted = rendered(record, numbered=is_numbered(facts, effect.entity))
    for name, value in wanted.items():
        changed = there.get(name) != before.get(name)
        if (effect.made or changed) and there.get(name) != value:
            yield f"{name} {there.get(name)!r}, not {value!r}"
    number = str(there.get("DocNumber", ""))
    if effect.made and is_numbered(facts, effect.entity) and not _is_short(number, record):
        yield f"the number {number}, not {record['number']} or what is left of it"
    amounts, words = line_cents(record), described(record)
    known = {line.get("Id"): line for line in lines(before)}
    for line in lines(there):
        past = known.get(line.get("Id"), NOTHING)
        if line.get("Amount") != past.get("Amount") and cents(line["Amount"]) not in amounts:
            yield f"a line of {line['Amount']}, not of {amounts}"
        said = line.get("Description", "")
        if said != past.get("Description", "") and said not in words:
            yield f"a line called {said!r}, not {words}"
    if effect.made and [cents(one["Amount"]) for one in lines(there)] != amounts:
        yield f"lines of another order than {amounts}"
    if effect.made and (reference(there, "CurrencyRef") or "USD") != record["currency"]:
        yield f"another currency than {record['currency']}"


def _undue(facts: Facts, effect: Effect, record: Plain, since: int, until: int) -> Iterator[str]:
    """Yield a due date that does not follow from the net terms of the connection."""
    there = effect.after.get("DueDate")
    if effect.entity in CREDITS:  # a credit has no due date
        if there:
            yield f"DueDate {there}, of a credit"
        return
    if record["due"] or not (effect.made or there != effect.before.get("DueDate")):
        return
    if effect.after["TxnDate"] == effect.before.get("TxnDate"):
        yield f"DueDate {there}, though it keeps its day and the terms that it had"
        return
    business = facts.business_of.get(effect.realm, "")
    nets = [one["net"] for one in facts.versions(business, record["connection"], since, until)]
    day = date.fromisoformat(record["day"])
    # If we send no due date, QuickBooks adds the days of the document's terms to its date.
    terms = facts.events("furnished", business=business)[-1]["terms"]
    own = terms.get(reference(effect.after, "SalesTermRef"), 0)
    allowed = [str(day + timedelta(days=own if net is None else net)) for net in nets]
    if allowed and there not in allowed:
        yield f"DueDate {there}, not one of {allowed}"


def _is_short(number: str, record: Plain) -> bool:
    """Return whether a number is the record's, or the shortened form of a long one."""
    own = record["number"]
    if len(own) <= NUMBER_LENGTH_MAX:
        return bool(number == own)
    return len(number) <= NUMBER_LENGTH_MAX and (number[:8], number[-5:]) == (own[:8], own[-5:])


def rendered(record: Plain, *, numbered: bool) -> Mapping[str, str]:
    """Return the header fields that a record asks for; fields that it leaves open are absent."""
    long = len(record["number"]) > NUMBER_LENGTH_MAX
    whole = f"Invoice number: {record['number']}" if long else None
    # A mark that a memo quotes is disarmed, so that no other document is taken for ours.
    memo = (record["memo"] or "").replace(MARK, MARK.replace(":", " "))
    note = "\n".join(part for part in (memo, whole, f"{MARK}{record['id']}") if part)
    wanted = {"TxnDate": record["day"], "PrivateNote": note}
    if record["due"]:
        wanted["DueDate"] = record["due"]
    if numbered and len(record["number"]) <= NUMBER_LENGTH_MAX:
        wanted["DocNumber"] = record["number"]
    return wanted


def is_numbered(facts: Facts, entity: str) -> bool:
    """Return whether we number documents of an entity; sales numbers depend on the company."""
    return entity in PURCHASES or bool(facts.terms.get("company", {}).get("custom_sales_numbers"))


def described(record: Plain) -> list[str]:
    """Return the description of each line."""
    return [f"line {at}" for at, _ in enumerate(record["lines"])] or [record["memo"] or ""]


def stands_as_said(facts: Facts, document: Plain, entity: str, record: Plain) -> str:
    """Return how an untouched document differs from its record; empty if it does not."""
    record = as_document(record, entity)
    wanted = rendered(record, numbered=is_numbered(facts, entity))
    for name, value in wanted.items():
        if document.get(name) != value:
            return f"{name} {document.get(name)!r}, not {value!r}"
    if sorted(cents(one.get("Amount", 0)) for one in lines(document)) != sorted(line_cents(record)):
        return f"other lines than {line_cents(record)}"
    if sorted(one.get("Description", "") for one in lines(document)) != sorted(described(record)):
        return f"other words than {described(record)}"
    return ""


def right_at_every_end(facts: Facts) -> Found:
    """I4, I5: after every sync, each record's document matches it, or a cause is shown."""
    ended: set[str] = set()
    runs = {row["id"]: row for row in facts.dump["runs"]}
    for event in facts.events("shown"):
        run = runs.get(event["run"], NOTHING)
        done = event["state"] in ("succeeded", "partly_failed")
        asked = facts.asked.get(event["run"])
        if not done or asked is None or event["run"] in ended or event["after"] <= facts.lost_at:
            continue
        ended.add(event["run"])
        whole = not run["dry_run"] and run["retry_of"] is None
        if whole and "invoices" in run["entity_types"] and asked["after"] >= facts.lost_at:
            yield from _at_the_end(facts, event, asked)


def _at_the_end(facts: Facts, event: Plain, asked: Plain) -> Found:
    told = facts.told_in.get(event["run"], {})
    for (business, record_id), fed in facts.fed.items():
        known = [
            one for one in fed if one["seq"] < asked["seq"] and one["record"]["kind"] == "payable"
        ]
        moved = any(asked["seq"] < one["seq"] < event["seq"] for one in fed)
        if business != event["business"] or not known or moved:
            continue
        record = known[-1]["record"]
        wanted = (document_of(record), turned_document(record))
        entity = next((one for one in wanted if (kind_of(one), record_id) in told), wanted[0])
        rows = told.get((kind_of(entity), record_id), [])
        if any(row["code"] or row["state"] != "written" for row in rows):
            continue
        realm = facts.realm_of(rows[0]["integration_id"]) if rows else ""
        # After a loss, a document found by its mark is compared, and a person decides about it.
        realms = [one for one, whose in facts.business_of.items() if whose == business]
        asked_of = facts.lost_at and any(facts.shown(it, record_id, "differing") for it in realms)
        if not asked_of and (said := _flaw(facts, event, record, entity, realm)):
            yield record_id, f"{said}, and a sync has ended well"


def _flaw(facts: Facts, event: Plain, record: Plain, entity: str, realm: str) -> str:
    """Return what is wrong with a record's document, if only we ever changed it."""
    stories = [
        [one for one in story if one.seq <= event["after"]]
        for story in facts.stories.get((entity, record["id"]), ())
        if facts.business_of.get(story[0].realm) == event["business"]
    ]
    if realm and any(story and story[0].realm != realm for story in stories):
        return ""
    if said := _forgotten(facts, event, record, stories):
        return said
    touched = any(not one.ours or facts.is_late(one) for story in stories for one in story)
    spoken = facts.events("decided", business=event["business"])
    if touched or any(one["record"] == record["id"] for one in spoken):
        return ""
    live = [story[-1] for story in stories if story and story[-1].left]
    withdrawn = record["status"] in ("CANCELLED", "DECLINED")
    if withdrawn:
        return f"{live[0]} was withdrawn and stands" if live else ""
    if not live:
        return f"no {entity} stands there, and nobody says why"
    flaw = stands_as_said(facts, live[0].left, entity, record)
    return f"{live[0]} has {flaw}" if flaw else ""


def _forgotten(
    facts: Facts, event: Plain, record: Plain, stories: Sequence[Sequence[Effect]]
) -> str:
    """Return the flaw of a document that lacks our change, which no one was asked about."""
    live = [story for story in stories if story and story[-1].left]
    if len(live) != 1 or not live[0][0].made or any(map(facts.is_late, live[0])):
        return ""
    story, business = live[0], event["business"]
    ours = [one for one in story if one.ours]
    words = facts.events("decided", business=business, record=record["id"])
    if any(word["verdict"] != "keep_theirs" for word in words):
        return ""
    runs = {row["run_id"] for row, _ in facts.sent.get(ours[-1].by, ())} & set(facts.asked)
    if not runs or ours[-1].seq <= facts.lost_at:
        return ""
    since = min(facts.asked[run]["seq"] for run in runs)
    known = facts.versions(business, record["id"], since, facts.until(ours[-1].seq))
    for word in words:  # the versions of the record that a decision was about
        asked = facts.asked.get(word.get("run") or "", word)
        known += facts.versions(business, record["id"], asked["seq"], word["seq"])
    if any(_written(one) == _written(record) for one in known):
        return ""
    flaw = stands_as_said(facts, story[-1].left, story[-1].entity, record)
    return f"{story[-1]} has {flaw}, for our change was forgotten" if flaw else ""


def _written(record: Plain) -> Plain:
    return {name: value for name, value in record.items() if name != "status"}
