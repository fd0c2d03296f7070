"""Rules for reading first: what QuickBooks had when a run began is known before it writes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from proof.oracle.effects import Effect, Request
from proof.oracle.entities import DOCUMENTS, PARTIES, entity_of
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import NOTHING, Plain, called, lines, moment, reference

_NAME_HELD = "6240"
_CLOSED = ("6210", "6200")
_STALE = "5010"
_OF_A_LINE = {"AccountRef": "Account", "ClassRef": "Class", "ItemRef": "Item"}
_OF_ALL = {
    "VendorRef": "Vendor",
    "CustomerRef": "Customer",
    "DepartmentRef": "Department",
    "SalesTermRef": "Term",
    "APAccountRef": "Account",
}


def inactive_is_not_named(facts: Facts) -> Found:
    """I6: no new document names an entity that a person made inactive before the run."""
    if facts.lost_at or _lags(facts):
        return
    for request, row, item in _sent_first(facts):
        asked = facts.asked.get(row["run_id"])
        if asked is None or item.get("operation") != "create":
            continue
        for entity, remote_id in _named(item):
            story = facts.books.get((request.realm, entity, remote_id), [])
            past = [one for one in story if one.seq <= asked["after"]]
            if past and past[-1].after.get("Active") is False and story[-1] is past[-1]:
                yield row["record_id"], f"was sent naming {entity} {remote_id}, which was inactive"


def names_are_known(facts: Facts) -> Found:
    """I7: no vendor or customer is sent under a name that existed when the run began."""
    if facts.lost_at or _lags(facts):
        return
    for request, row, item in _sent_first(facts):
        asked, entity = facts.asked.get(row["run_id"]), entity_of(row["kind"])
        new = entity in PARTIES and item.get("operation") == "create"
        if asked is None or not new or _fault(request, item) != _NAME_HELD:
            continue
        name = called(item[entity]).casefold()
        if any(_holds(story, name, asked, request) for story in facts.books.values()):
            yield row["record_id"], f"{entity} {name!r} was sent, though that name stood there"


def closed_books_are_known(facts: Facts) -> Found:
    """I8: once a run met closed books, later runs read the closing date before they resend."""
    readable = facts.terms.get("switches", NOTHING).get("closing_date_readable", True)
    if facts.lost_at or not readable:
        return
    for request, row, item in _sent_first(facts):
        asked = facts.asked.get(row["run_id"])
        new = row["action"] in ("create", "update")
        if asked is None or not new or _fault(request, item) not in _CLOSED:
            continue
        told = [
            facts.ends[one["run_id"]]
            for one in facts.operations
            if one["code"] == "books_closed" and one["realm"] == request.realm
            if facts.ends.get(one["run_id"], 10**9) < asked["seq"]
        ]
        since = facts.history[max(told)]["after"] if told else 0
        moved = any(since < seq <= request.seq for seq, _ in facts.closings(request.realm))
        if told and not moved:
            yield row["record_id"], "was sent into closed books that an earlier run had met"


def versions_are_known(facts: Facts) -> Found:
    """I10: no update is sent with a version that was outdated when the run began."""
    if facts.lost_at or _lags(facts):
        return
    for request, row, item in _sent_first(facts):
        asked = facts.asked.get(row["run_id"])
        if asked is None or row["action"] != "update" or _fault(request, item) != _STALE:
            continue
        entity = entity_of(row["kind"])
        place = (request.realm, entity, str(item.get(entity, NOTHING).get("Id")))
        moved = [one for one in facts.followed if (one.realm, one.entity, one.id) == place]
        befell = [*facts.books.get(place, []), *moved]
        if not any(asked["after"] < one.seq <= request.seq for one in befell):
            yield row["record_id"], f"{place[1]} {place[2]} was sent in an old version"


def nothing_is_read_in_vain(facts: Facts) -> Found:
    """I10: a run without work reads no document by its id, since reads are metered."""
    disturbed = any(facts.events(what) for what in ("interrupted", "lost", "broke"))
    for run in facts.last_runs.values():
        asked, end = facts.asked.get(run["id"]), facts.ends.get(run["id"])
        if asked is None or end is None or disturbed or facts.told_in.get(run["id"]):
            continue
        if len(facts.events("connected", business=asked["business"])) > 1:
            continue  # what was known before the reconnect is read again
        until, finished = facts.history[end]["after"], moment(run["finished_at"])
        realm = facts.realm_of(run["integration_id"])
        for request in facts.requests:
            if request.at > finished + facts.clocks_apart:
                break  # from then on a comparison reads
            mine = request.realm == realm and asked["after"] < request.seq <= until
            if mine and any(f"FROM {one} WHERE Id IN" in request.body for one in DOCUMENTS):
                yield run["business_id"], f"{run['id']} had nothing to do, and read {request.body}"


def _holds(story: list[Effect], name: str, asked: Plain, request: Request) -> bool:
    """Return whether a person's party had a name from before the run until it was sent."""
    if story[0].realm != request.realm or story[0].ours or story[0].entity not in PARTIES:
        return False
    past = [one for one in story if one.seq <= request.seq]
    stood = bool(past) and all(one.seq <= asked["after"] for one in past)
    return stood and called(past[-1].left).casefold() == name


def _sent_first(facts: Facts) -> Iterator[tuple[Request, Plain, Plain]]:
    """Yield each operation with the first request that carried it."""
    known: set[int] = set()
    for request in facts.requests:
        for row, item in facts.sent[request.tid]:
            if row["id"] not in known:
                known.add(row["id"])
                yield request, row, item


def _named(item: Plain) -> Iterator[tuple[str, str]]:
    """Yield entity and id of all that a sent document refers to."""
    for entity in DOCUMENTS:
        document = item.get(entity, NOTHING)
        yield from _references(document, _OF_ALL)
        for line in lines(document):
            yield from _references(line.get(line.get("DetailType", ""), NOTHING), _OF_A_LINE)


def _references(of: Plain, kinds: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, entity in kinds.items():
        if remote_id := reference(of, name):
            yield entity, remote_id


def _fault(request: Request, item: Plain) -> str:
    """Return the code with which QuickBooks refused an item of a batch; empty if it did not."""
    try:
        answers = json.loads(request.answer["body"]).get("BatchItemResponse", [])
    except ValueError:
        return ""
    mine = [one for one in answers if one.get("bId") == item["bId"]]
    errors = [each for one in mine for each in one.get("Fault", NOTHING).get("Error", [])]
    return str(errors[0].get("code", "")) if errors else ""


def _lags(facts: Facts) -> bool:
    return bool(facts.terms.get("switches", NOTHING).get("query_lag_seconds"))
