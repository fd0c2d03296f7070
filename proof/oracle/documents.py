"""What stands in the books: once, equal, with the right references, and nobody's edit undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from proof.oracle.facts import (
    DOCUMENTS,
    KIND,
    Effect,
    Facts,
    Plain,
    Violation,
    alive,
    aware,
    cents,
    first,
    lines,
    marks,
    reference,
)

# What QuickBooks itself makes of the rest; a person's edit shows in other properties.
_DERIVED = frozenset(
    "SyncToken MetaData Balance LinkedTxn domain sparse TotalAmt HomeBalance HomeTotalAmt "
    "FullyQualifiedName PrintOnCheckName BalanceWithJobs".split()
)
_PARTY = {"Bill": "VendorRef", "Invoice": "CustomerRef"}
_PARTY_KIND = {"Bill": "vendor", "Invoice": "customer"}


def at_most_one(facts: Facts) -> Iterator[Violation]:
    """I1: never two live documents for one payable, nor two vendors for one connection."""
    owner: dict[tuple[str, str, str], str] = {}
    standing: defaultdict[tuple[str, str, str], dict[str, Effect]] = defaultdict(dict)
    for effect in facts.effects:
        key = (effect.realm, effect.entity, effect.id)
        if effect.ours and effect.operation == "Create":
            record = maker(facts, effect)
            if record:
                owner[key] = record
        if key not in owner:
            continue
        one = standing[effect.realm, effect.entity, owner[key]]
        if alive(effect) is None:
            one.pop(effect.id, None)
        elif effect.operation == "Create":
            others = list(one.values())
            one[effect.id] = effect
            if others and not _told(facts, effect, others[-1], owner[key]):
                said = f"{effect.entity} {effect.id} stands beside {others[-1].id}"
                yield Violation("I1", said, owner[key])


def maker(facts: Facts, effect: Effect) -> str | None:
    """Which record of ours something was created for: by its mark, or by what was sent."""
    if effect.entity in DOCUMENTS:
        found = marks(effect.after)
        return found[-1] if found else None
    name = (effect.after or {}).get("DisplayName", (effect.after or {}).get("Name"))
    request = facts.by_tid.get(effect.by)
    if request is None:
        return None
    by_key = {str(item.get("bId")): item for item in request.items}
    for sent in facts.sent.get(effect.by, ()):
        row = next(
            item
            for key, item in by_key.items()
            if facts.operations[sent.run, sent.kind, int(key)]["record_id"] == sent.record
        )
        body = row.get(effect.entity)
        if isinstance(body, Mapping) and body.get("DisplayName", body.get("Name")) == name:
            return sent.record
    return None


def _told(facts: Facts, newer: Effect, older: Effect, record: str) -> bool:
    """I1d: QuickBooks ignored the request id *and* was too late; then it must have been shown."""
    switches = facts.terms.get("switches", {})
    gap = (newer.at - older.at).total_seconds()
    unprotected = switches.get("requestid") == "ignored" or gap >= switches.get(
        "requestid_seconds", 86_400
    )
    late = was_late(facts, newer) or was_late(facts, older)
    if not (unprotected and late):
        return False
    return twice_shown(facts, newer.realm, record) or not (
        facts.live(newer.realm, newer.entity, newer.id)
        and facts.live(older.realm, older.entity, older.id)
    )


def shown_as(facts: Facts, realm: str, record: str, finding: str) -> bool:
    """Whether the service itself shows what is not as it should be."""
    return any(
        said[:2] == [finding, record]
        for event in facts.events("reconciled")
        if event["business"] == facts.business_of.get(realm)
        for said in event["findings"]
    )


def twice_shown(facts: Facts, realm: str, record: str) -> bool:
    """Whether the service itself says that something is there twice."""
    return shown_as(facts, realm, record, "twice") or any(
        row["record_id"] == record and row["code"] == "two_found"
        for row in facts.dump["operations"]
    )


def was_late(facts: Facts, effect: Effect) -> bool:
    """Whether it was done later than a request can live, counted from when it set out."""
    request = facts.by_tid.get(effect.by)
    if request is None:
        return False
    quiescence = timedelta(seconds=facts.terms.get("quiescence_seconds", 0))
    if effect.at - request.at >= quiescence:
        return True
    # Who was paused at the very edge sent what it had in hand once it went on.
    return any(
        event["edge"] == "send"
        and event["seconds"] >= quiescence.total_seconds()
        and request is first(one for one in facts.requests if one.seq > event["after"])
        for event in facts.events("resumed")
    )


def equal_to_the_cent(facts: Facts) -> Iterator[Violation]:
    """I5: what stands says what the record says; and what stands is known to us."""
    for (integration_id, kind, record_id), link in facts.links.items():
        entity = {"bill": "Bill", "invoice": "Invoice"}.get(kind)
        integration = facts.integrations[integration_id]
        record = facts.records.get((integration["business_id"], "payable", record_id))
        outcome = facts.outcome.get((integration_id, kind, record_id))
        if entity is None or link["gone"] or record is None or (outcome and outcome["code"]):
            continue
        realm = integration["company_id"]
        effects = facts.books.get((realm, entity, link["remote_id"]), [])
        document = facts.live(realm, entity, link["remote_id"])
        touched = bool(effects) and _touched(effects)
        if document is None:
            if not any(not one.ours for one in effects):
                yield Violation(
                    "I5", f"linked to {entity} {link['remote_id']}, not there", record_id
                )
        elif not touched and (said := _differs(record, document)):
            if facts.lost_at and shown_as(facts, realm, record_id, "differing"):
                continue  # what we last wrote is forgotten, too: a person is asked
            yield Violation("I5", f"{entity} {link['remote_id']} {said}", record_id)
    yield from _orphans(facts)
    yield from _sums(facts)


def _touched(effects: list[Effect]) -> bool:
    """Whether a person changed it after we last wrote it, or before, so that we kept theirs."""
    return any(not effect.ours for effect in effects)


def _differs(record: Plain, document: Plain) -> str | None:
    total = cents(document["TotalAmt"])
    if total != record["cents"]:
        return f"is of {total}, the record of {record['cents']}"
    if lines(document) != sorted(record["lines"]):
        return f"has lines {lines(document)}, the record {sorted(record['lines'])}"
    if document.get("TxnDate") != record["day"]:
        return f"is dated {document.get('TxnDate')}, the record {record['day']}"
    return None


def _orphans(facts: Facts) -> Iterator[Violation]:
    """Whatever we made and stands must be linked, or be shown as what it is."""
    known = {
        (facts.integrations[row["integration_id"]]["company_id"], row["kind"], row["remote_id"])
        for row in facts.dump["links"]
    }
    for (realm, entity, remote_id), effects in facts.books.items():
        made = effects[0]
        if entity not in DOCUMENTS or not made.ours or made.operation != "Create":
            continue
        document = alive(effects[-1])
        if document is None or (realm, KIND[entity], remote_id) in known:
            continue
        shown = any(
            remote_id in finding[2]
            for event in facts.events("reconciled")
            if event["final"] and event["business"] == facts.business_of.get(realm)
            for finding in event["findings"]
        )
        if not (shown and was_late(facts, made)):
            yield Violation(
                "I5",
                f"{entity} {remote_id} stands and is linked to nothing",
                maker(facts, made) or "",
            )


def _sums(facts: Facts) -> Iterator[Violation]:
    """What the service says that all of ours over there comes to, beside what it does."""
    final = [event for event in facts.events("reconciled") if event["final"]]
    for event in final:
        entity = "Bill" if event["kind"] == "bill" else "Invoice"
        realm = next(key for key, who in facts.business_of.items() if who == event["business"])
        linked = {
            row["remote_id"]
            for row in facts.dump["links"]
            if row["kind"] == event["kind"]
            and facts.integrations[row["integration_id"]]["company_id"] == realm
        }
        total = sum(
            cents(document["TotalAmt"])
            for (where, kind, remote_id), effects in facts.books.items()
            if where == realm and kind == entity and (document := alive(effects[-1]))
            if remote_id in linked or marks(document)
        )
        said = event["theirs"].get("USD", 0)
        if said != total:
            yield Violation(
                "I5", f"{entity}s come to {total}, and we say {said}", event["business"]
            )


def right_references(facts: Facts) -> Iterator[Violation]:
    """I6: a document names the vendor of its connection, and the account that was chosen."""
    parties = _parties(facts)
    for effect in facts.effects:
        if not (effect.ours and effect.operation == "Create") or effect.seq <= facts.lost_at:
            continue
        if effect.entity in ("Vendor", "Customer"):
            yield from _misnamed(facts, effect)
        if effect.entity not in DOCUMENTS:
            continue
        document = effect.after or {}
        found = marks(document)
        if not found:
            yield Violation("I6", f"{effect.entity} {effect.id} was written without our mark")
            continue
        business = facts.business_of.get(effect.realm, "")
        kind = _PARTY_KIND[effect.entity]
        wanted = {
            party
            for event in facts.events("fed")
            if event["business"] == business and event["record"]["id"] == found[-1]
            for party in parties[business, kind, event["record"]["connection"]]
        }
        party = reference(document, _PARTY[effect.entity])
        if party not in wanted:
            yield Violation("I6", f"{effect.entity} {effect.id} is of party {party}", found[-1])
        if effect.entity == "Bill":
            yield from _wrong_account(facts, effect, business, found[-1])


def _misnamed(facts: Facts, effect: Effect) -> Iterator[Violation]:
    """A party is called what its record is called, never something that we made up."""
    name = (effect.after or {}).get("DisplayName")
    business = facts.business_of.get(effect.realm)
    events = [event for event in facts.events("fed") if event["business"] == business]
    if name not in {event["record"].get("name") for event in events}:
        yield Violation("I6", f"{effect.entity} {effect.id} is called {name!r}, as no record is")


def _parties(facts: Facts) -> Mapping[tuple[str, str, str], set[str]]:
    """Business, kind and connection → whatever party was ever rightly its own."""
    found: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for effect in facts.effects:
        if effect.ours and effect.operation == "Create" and effect.entity in ("Vendor", "Customer"):
            record = maker(facts, effect)
            business = facts.business_of.get(effect.realm, "")
            found[business, KIND[effect.entity], record or ""].add(effect.id)
    for row in facts.dump["links"]:
        business = facts.integrations[row["integration_id"]]["business_id"]
        found[business, row["kind"], row["record_id"]].add(row["remote_id"])
    for row in facts.dump["operations"]:
        if row["action"] == "link" and row["remote_id"]:
            business = facts.integrations[row["integration_id"]]["business_id"]
            found[business, row["kind"], row["record_id"]].add(row["remote_id"])
    return found


def _wrong_account(facts: Facts, effect: Effect, business: str, record: str) -> Iterator[Violation]:
    """The account has to be one that was chosen while the run was under way."""
    sent = next(iter(facts.sent.get(effect.by, ())), None)
    asked = [
        event["after"]
        for event in facts.events("sync_asked")
        if sent is not None and event["run"] == sent.run
    ]
    since = min(asked, default=0)
    chosen: list[tuple[int, Any]] = [
        (event["after"], event["fields"]["expense_account_id"])
        for event in facts.events("chosen")
        if event["business"] == business and "expense_account_id" in event["fields"]
        if event["after"] <= effect.seq
    ]
    before = [value for after, value in chosen if after <= since][-1:]
    right = {value for after, value in chosen if after > since} | set(before)
    used = {
        reference(line.get("AccountBasedExpenseLineDetail", {}), "AccountRef")
        for line in (effect.after or {}).get("Line", [])
    }
    if not used <= right:
        yield Violation("I6", f"Bill {effect.id} books to {used}, chosen was {right}", record)


def nobody_overwritten(facts: Facts) -> Iterator[Violation]:
    """I7: what a person changed over there stays, unless a person here decided otherwise."""
    yield from _written_again(facts)
    for (realm, entity, remote_id), effects in facts.books.items():
        base: Plain | None = None
        for effect in effects:
            if not effect.ours:
                continue
            if effect.operation != "Create":
                yield from _undone(facts, realm, entity, remote_id, base, effect)
            base = effect.after


def _written_again(facts: Facts) -> Iterator[Violation]:
    """What a person deleted after we knew of it comes back only when a person asks for it."""
    known = {row["remote_id"]: row for row in facts.dump["operations"] if row["state"] == "written"}
    deleted: dict[tuple[str, str, str], Effect] = {}
    for effect in facts.effects:
        record = next(iter(marks(effect.after) or marks(effect.before)), None)
        if effect.entity not in DOCUMENTS or record is None:
            continue
        key = (effect.realm, effect.entity, record)
        if effect.operation == "Create" and effect.ours:
            before = deleted.pop(key, None)
            if before and not _decided(facts, effect.realm, record, effect.seq, "create_again"):
                said = f"{effect.entity} {before.id} was deleted there, and written again"
                yield Violation("I7", said, record)
        elif not effect.ours and alive(effect) is None and _was_known(known, effect, record):
            deleted[key] = effect


def _was_known(known: Mapping[str, Plain], effect: Effect, record: str) -> bool:
    row = known.get(effect.id)
    if row is None or (row["record_id"], row["kind"]) != (record, KIND[effect.entity]):
        return False
    return aware(row["settled_at"]) < effect.at


def _undone(
    facts: Facts, realm: str, entity: str, remote_id: str, base: Plain | None, effect: Effect
) -> Iterator[Violation]:
    record = next(iter(marks(base) or marks(effect.before)), "")
    subject = record or f"{entity} {remote_id}"
    if base is None:
        yield Violation("I7", f"{entity} {remote_id} was not ours to change", subject)
        return
    theirs, after = _told_by(effect.before), _told_by(alive(effect))
    changed = {name for name in {*base, *theirs} if _told_by(base).get(name) != theirs.get(name)}
    changed -= _DERIVED
    if alive(effect) is None and entity in DOCUMENTS:
        before = effect.before or {}
        paid = cents(before.get("Balance", 0)) != cents(before.get("TotalAmt", 0))
        if changed or paid:
            yield Violation(
                "I7", f"{entity} {remote_id} was removed, though changed or paid", subject
            )
        return
    lost = {name for name in changed if after.get(name) != theirs.get(name)}
    if lost and not _decided(facts, realm, record, effect.seq, "send_ours"):
        yield Violation(
            "I7", f"of {entity} {remote_id}, {sorted(lost)} of a person's is gone", subject
        )


def _told_by(document: Plain | None) -> dict[str, Any]:
    """A document without what is derived; references reduced to ids, lines to what people see."""
    return {
        name: _bare(name, value) for name, value in (document or {}).items() if name not in _DERIVED
    }


def _bare(name: str, value: Any) -> Any:  # noqa: ANN401  whatever JSON holds
    if name == "Line":
        return [
            (cents(line.get("Amount", 0)), str(line.get("Description", "")))
            for line in value
            if line.get("DetailType") != "SubTotalLineDetail"
        ]
    if isinstance(value, Mapping) and "value" in value:
        return value["value"]
    return value


def _decided(facts: Facts, realm: str, record: str, seq: int, verdict: str) -> bool:
    return any(
        event["verdict"] == verdict
        and event["record"] == record
        and event["after"] <= seq
        and event["business"] == facts.business_of.get(realm)
        for event in facts.events("decided")
    )
