"""Rules for documents in the books: unique, equal, with right references, no edit undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations

from proof.oracle.effects import Effect
from proof.oracle.entities import (
    CREDITS,
    DOCUMENTS,
    ENTRIES,
    PARTIES,
    PARTY_OF,
    PURCHASES,
    as_document,
    entity_of,
)
from proof.oracle.facts import Facts, Found, Key
from proof.oracle.plain import (
    NOTHING,
    Plain,
    called,
    cents,
    line_cents,
    lines,
    mark,
    moment,
    reference,
)
from proof.oracle.rules import choices

_ACCOUNT = "expense_account_id"


def at_most_one(facts: Facts) -> Found:
    """I1: a payable never has two live documents, and a connection never two vendors."""
    for record, older, newer in _remade(facts):
        if older.left and not _excused(facts, newer, older, record):
            yield record, f"{newer} stands beside {older}"


def nothing_written_again(facts: Facts) -> Found:
    """I7: what a person deleted after we knew of it is recreated only at a person's request."""
    for record, older, newer in _remade(facts):
        since = _known_since(facts, older, record) or older.at
        asked = facts.events("decided", record=record, verdict="create_again")
        mine = facts.business_of.get(newer.realm)
        # A decision covers only what was deleted before it.
        decided = any(
            one["business"] == mine and older.seq <= one["after"] <= newer.seq for one in asked
        )
        there = older.left or older.ours or older.at <= since or facts.is_too_late(newer)
        if older.entity in ENTRIES and not (there or decided or _is_untold(facts, older, record)):
            yield record, f"{older} was deleted there, and written again"


def _is_untold(facts: Facts, older: Effect, record: str) -> bool:
    """Return whether a removal of ours got no answer and is reported as unknown."""
    return any(
        (row["record_id"], row["action"], row["remote_id"]) == (record, "remove", older.id)
        and "got no answer" in (row["facts"] or NOTHING).get("why", "")
        for row in facts.operations
    )


def _remade(facts: Facts) -> Iterator[tuple[str, Effect, Effect]]:
    """Yield pairs of entities made for one record: the older one's last effect, and the newer one.

    A payable becomes one document, a bill or a credit, whichever was written first.
    """
    made: defaultdict[Key, list[Sequence[Effect]]] = defaultdict(list)
    for (realm, entity, _), effects in facts.books.items():
        if effects[0].made and (record := facts.record_of(effects[0])):
            sort = "document" if entity in DOCUMENTS else entity
            made[realm, sort, record].append(effects)
    for (_, _, record), all_of_it in made.items():
        for older, newer in combinations(all_of_it, 2):
            past = [one for one in older if one.seq < newer[0].seq]
            stood = [at for at, one in enumerate(past) if one.left]
            # The effect that removed it, if any: deleting a voided document changes nothing.
            yield record, past[min(stood[-1] + 1 if stood else 0, len(past) - 1)], newer[0]


def _known_since(facts: Facts, made: Effect, record: str) -> datetime | None:
    """Return when we first knew the entity that was made for a record; None if never."""
    of, there = ("realm", "record_id", "remote_id"), [made.realm, record, made.id]
    rows = [row for row in facts.operations if [row[name] for name in of] == there]
    known = [moment(row["settled_at"]) for row in rows if row["state"] == "written"]
    return min(known, default=None)


def _excused(facts: Facts, newer: Effect, older: Effect, record: str) -> bool:
    """I1d: it was too late to be found (then it must be shown, if marked), or renamed in doubt."""
    known = (_known_since(facts, older, record) or newer.at) < newer.at
    renamed = not (older.ours or known) and called(older.left) not in ("", called(newer.left))
    older = facts.books[older.realm, older.entity, older.id][0]  # what made it, not a change since
    two = facts.at_work(newer.seq) != facts.at_work(older.seq)
    late = [facts.is_too_late(one) or (two and _held_back(facts, one)) for one in (newer, older)]
    both = [facts.books[one.realm, one.entity, one.id][-1].left for one in (newer, older)]
    shown = facts.shown_twice(newer.realm, record) or not all(both) or newer.entity in PARTIES
    return renamed or (any(late) and shown)


def _held_back(facts: Facts, effect: Effect) -> bool:
    """Return whether a process that was paused for the quiescence period sent it on waking up."""
    wakes = facts.events("resumed", edge="send")
    enough = (facts.quiescence - facts.clocks_apart).total_seconds()
    long = [one["after"] for one in wakes if one["seconds"] >= enough]
    woke = [[one.tid for one in facts.requests if one.seq > after][:1] for after in long]
    return [effect.by] in woke


def linked_is_equal(facts: Facts) -> Found:
    """I5: the document that a link names exists and matches the record."""
    for key, link in facts.links.items():
        record_id, entity = link["record_id"], entity_of(link["kind"])
        record = facts.records.get((link["business"], "payable", record_id))
        effects = facts.books.get((link["realm"], entity, link["remote_id"]), [])
        touched = any(not effect.ours for effect in effects)
        excused = link["gone"] or touched or facts.outcome.get(key, NOTHING).get("code")
        if entity not in DOCUMENTS or record is None or excused:
            continue
        if not effects or not effects[-1].left:
            yield record_id, f"linked to {entity} {link['remote_id']}, which is not there"
            continue
        # After a loss, or after a write that was too late and later than the last one that we
        # know of, a person is asked.
        late = facts.lost_at or any(
            facts.is_too_late(one) and not _was_settled(facts, one) for one in effects
        )
        asked = late and facts.shown(link["realm"], record_id, "differing")
        for what, there, here in _compared(effects[-1].left, as_document(record, entity)):
            if there != here and not asked:
                yield record_id, f"{effects[-1]} {what} {there}, not {here}"


def _was_settled(facts: Facts, effect: Effect) -> bool:
    """Return whether an operation on the same document was settled after an effect on it."""
    of, there = ("realm", "remote_id"), [effect.realm, effect.id]
    rows = [row for row in facts.operations if [row[name] for name in of] == there]
    settled = [row["settled_at"] for row in rows if row["state"] == "written"]
    return any(moment(one) > effect.at for one in settled if one)


def _compared(document: Plain, record: Plain) -> Iterator[tuple[str, object, object]]:
    amounts = sorted(cents(line.get("Amount", 0)) for line in lines(document))
    yield "comes to", cents(document["TotalAmt"]), record["cents"]
    yield "has lines of", amounts, sorted(line_cents(record))
    yield "is dated", document.get("TxnDate"), record["day"]
    yield "is due", document.get("DueDate") if record["due"] else None, record["due"]


def nothing_is_orphaned(facts: Facts) -> Found:
    """I5: everything that we made and that still stands is linked, or reported by a comparison."""
    for key, effects in facts.books.items():
        made, known = effects[0], key[1] not in ENTRIES or key in facts.linked
        if known or not made.made or not effects[-1].left:
            continue
        said = facts.events("reconciled", business=facts.business_of.get(made.realm), final=True)
        shown = {one[0] for event in said for one in event["findings"] if made.id in one[2]}
        late = facts.is_too_late(made) or _held_back(facts, made)
        if not (shown and late) and "twice" not in shown:  # I1 checks if there may be two
            yield facts.record_of(made), f"{made} stands and is linked to nothing"


def sums_are_true(facts: Facts) -> Found:
    """I5: the total that we report of our documents in QuickBooks is right."""
    realms = {business: realm for realm, business in facts.business_of.items()}
    for event in facts.events("reconciled", final=True):
        wanted = (realms[event["business"]], entity_of(event["kind"]))
        books = [(key, some[-1].left) for key, some in facts.books.items() if key[:2] == wanted]
        ours = [one for key, one in books if one and (key in facts.linked or mark(one))]
        sign = -1 if wanted[1] in CREDITS else 1
        total = sign * sum(cents(one["TotalAmt"]) for one in ours)
        said = event["theirs"].get("USD", 0)
        if said != total:
            yield event["business"], f"{wanted[1]}s come to {total}, and we say {said}"


def right_references(facts: Facts) -> Found:
    """I6: names, marks, parties and accounts of what we write are those of our records."""
    for effect in facts.effects:
        business = facts.business_of.get(effect.realm, "")
        fed = [event["record"] for event in facts.events("fed", business=business)]
        if not effect.ours or not effect.left or effect.seq <= facts.lost_at:
            continue
        if effect.entity in DOCUMENTS and _made_by_us(facts, effect):
            yield from _misaddressed(facts, effect, business, fed)
        named = effect.made and effect.entity in PARTIES
        said = facts.events("decided", business=business, verdict="create_as")
        names = {record.get("name") for record in fed} | {one["value"] for one in said}
        if named and called(effect.after) not in names:
            yield business, f"{effect} is called {called(effect.after)!r}, as no record is"


def _misaddressed(facts: Facts, effect: Effect, business: str, fed: list[Plain]) -> Found:
    """Yield a document without our mark, of another party, or booked to what was not chosen."""
    if not (payable := mark(effect.after)):
        yield business, f"{effect} was written without our mark"
        return
    kind, which = PARTY_OF[effect.entity]
    party = reference(effect.after, which)
    connections = {record["connection"] for record in fed if record["id"] == payable}
    right = [(business, kind, connection, party) in facts.owners for connection in connections]
    if party != reference(effect.before, which) and not any(right):
        yield payable, f"{effect} is of party {party}"
    if not effect.made:
        return
    details = [line.get(line.get("DetailType", ""), NOTHING) for line in lines(effect.after)]
    used = {
        "class_id": {reference(detail, "ClassRef") for detail in details},
        "department_id": {reference(effect.after, "DepartmentRef")},
    }
    if effect.entity not in CREDITS:  # a credit has no due date
        used["terms_id"] = {reference(effect.after, "SalesTermRef")}
    if effect.entity in PURCHASES:
        used[_ACCOUNT] = {reference(detail, "AccountRef") for detail in details}
    chosen = _chosen(facts, effect, business)
    for name, values in used.items():
        allowed = chosen.get(name, {None})
        if name == "terms_id":
            allowed = _terms(facts, effect, business, connections, allowed)
        if not values <= allowed:
            yield payable, f"{effect} has {name} {values}, chosen was {allowed}"


def _made_by_us(facts: Facts, effect: Effect) -> bool:
    return facts.books[effect.realm, effect.entity, effect.id][0].ours


def _chosen(facts: Facts, effect: Effect, business: str) -> Mapping[str, set[str | None]]:
    """Return the values of choices during the run; after a loss, every value there ever was."""
    return choices(facts, business, *_while(facts, effect))


def _while(facts: Facts, effect: Effect) -> tuple[int, int]:
    """Return the driver's events between which a run wrote an effect; after a loss, from 0."""
    runs = {row["run_id"] for row, _ in facts.sent.get(effect.by, ())} & set(facts.asked)
    since = min((facts.asked[run]["seq"] for run in runs), default=0)
    sent = next((one.seq for one in facts.requests if one.tid == effect.by), effect.seq)
    return 0 if facts.lost_at else since, facts.until(sent)


def _terms(
    facts: Facts, effect: Effect, business: str, connections: set[str], chosen: set[str | None]
) -> set[str | None]:
    """Return the terms that a document may have: those of the net days, or those chosen.

    Of several terms with the same days the chosen one is meant, or else the oldest.
    """
    said = [
        one["net"]
        for connection in connections
        for one in facts.versions(business, connection, *_while(facts, effect))
    ]
    listed = facts.events("furnished", business=business)[-1]["terms"]
    fitting = [sorted((one for one in listed if listed[one] == net), key=int) for net in said]
    return {
        each
        for some in fitting
        for each in ([one for one in chosen if one in some] or some[:1] if some else chosen)
    } or chosen
