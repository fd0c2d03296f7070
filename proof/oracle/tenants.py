"""Rules for isolation: no data of one business appears in another business."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from proof.oracle.entities import DOCUMENTS
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import Plain, mark

_KEPT = ("audit", "requests")  # the audit log, and the requests by company


def nothing_crosses(facts: Facts) -> Found:
    """I9: no id, name, mark or row of a business appears with another, on either side."""
    signs = _signs(facts)
    if len(signs) < 2:
        return
    for business, what, text in _places(facts):
        for other, words in signs.items():
            if other != business and (found := [word for word in words if word in text]):
                yield business, f"{what} has {found[0]!r} of {other}"
    yield from _rows(facts)


def marks_are_ones_own(facts: Facts) -> Found:
    """I9: what we create in a business's books carries the mark of one of its own records."""
    for effect in facts.effects:
        business, payable = facts.business_of.get(effect.realm, ""), mark(effect.after)
        documents = effect.made and effect.entity in DOCUMENTS
        if documents and payable and (business, payable) not in facts.fed:
            yield business, f"{effect} is marked {payable}, which is no record of this business"


def nothing_stays(facts: Facts) -> Found:
    """I18: of an erased business only the audit log stays, and all rows of others stay."""
    for event in facts.events("not_erased"):
        yield event["business"], f"has left and could not be erased: {event['code']}"
    for event in facts.events("erased"):
        gone, left = event["business"], event["left"]
        its = {one for one, business in facts.owner.items() if business == gone}
        words = {gone, *its, *_signs(facts).get(gone, ())}
        for table, rows in left.items():
            texts = [] if table in _KEPT else [json.dumps(row, default=str) for row in rows]
            if any(word in text for text in texts for word in words):
                yield gone, f"was erased, and is still in {table}"
            others = [row for row in facts.dump[table] if _business(facts, row) not in ("", gone)]
            if len([row for row in rows if _business(facts, row) not in ("", gone)]) < len(others):
                yield gone, f"was erased, and took rows of others from {table}"


def _signs(facts: Facts) -> Mapping[str, set[str]]:
    """By business, the strings that are only its own: its id, its company's, its names' suffix."""
    signs: dict[str, set[str]] = {}
    for event in facts.events("connected"):
        business = event["business"]
        number = business.rpartition("_")[2]
        name = {f" T{number}"} if int(number) else set()  # the first one's names have no suffix
        signs.setdefault(business, {business, *name}).add(event["realm"])
    return signs


def _places(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Yield all that belongs to one business: the business, a label, and the text."""
    for effect in facts.effects:
        if effect.ours and effect.realm in facts.business_of:
            text = json.dumps(effect.after, default=str)
            yield facts.business_of[effect.realm], str(effect), text
    for request in facts.requests:
        if request.realm in facts.business_of:
            path = request.path.removeprefix(f"/v3/company/{request.realm}")
            yield facts.business_of[request.realm], f"a request to {path}", path + request.body
    for table, rows in facts.dump.items():
        for row in rows:
            if business := _business(facts, row):
                yield business, f"a row of {table}", json.dumps(row, default=str)


def _business(facts: Facts, row: Plain) -> str:
    owner = row.get("business_id") or facts.owner.get(str(row.get("integration_id")), "")
    return str(owner)


def _rows(facts: Facts) -> Found:
    """Yield rows that belong together but are of two businesses."""
    runs = {row["id"]: row for row in facts.dump["runs"]}
    for run in runs.values():
        if facts.owner[run["integration_id"]] != run["business_id"]:
            yield run["business_id"], f"{run['id']} is of another's integration"
    for row in facts.operations:
        if runs[row["run_id"]]["business_id"] != row["business"]:
            yield row["business"], f"an operation on {row['record_id']} is in another's run"
    for event in facts.events("shown"):
        run = runs.get(event["run"], {"business_id": event["business"]})
        if run["business_id"] != event["business"]:
            yield event["business"], f"was shown {event['run']}, which is another's"
