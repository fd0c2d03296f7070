"""Rules for imports: which document each row is or pays, by vendor, number, day and id."""

from __future__ import annotations

from dataclasses import dataclass, field

from proof.oracle.facts import Facts, Found
from proof.oracle.plain import Plain


@dataclass
class Known:
    """What is known of the documents of one vendor and number."""

    documents: dict[str, Plain] = field(default_factory=dict)  # by id: its current row
    apart: bool = False  # a person decided that each day is another document
    earlier: set[str] = field(default_factory=set)  # days that a document had before


def rows_are_told_apart(facts: Facts) -> Found:
    """I3: a row of a file is the document of its day, a new one, or is held for a person."""
    known: dict[tuple[str, str, str], Known] = {}
    for event in facts.events("imported"):
        if event["after"] <= facts.lost_at:
            continue
        mine = known.setdefault((event["business"], event["vendor"], event["number"]), Known())
        expected = _expected(mine, event)
        if _became(mine, event) != expected:
            row = f"{event['vendor']} {event['number']} of {event['day']}"
            yield event["id"], f"{row} became {_became(mine, event)}, not {expected}"
        if event["outcome"] in ("created", "updated"):
            mine.documents[event["id"]] = event


def _became(known: Known, event: Plain) -> str:
    """Return the outcome of a row: a new document, the id of a known one, or held."""
    if event["outcome"] == "held":
        return "held"
    return event["id"] if event["id"] in known.documents else "new"


def _expected(known: Known, event: Plain) -> str:
    """Return the expected outcome of a row."""
    of_day = [id_ for id_, one in known.documents.items() if one["day"] == event["day"]]
    if of_day:
        return of_day[0]
    alike = [id_ for id_, one in known.documents.items() if one["cents"] == event["cents"]]
    if known.documents and event["day"] in known.earlier and not event["word"]:
        return str(event["id"])  # the document stays as it is
    new = "held" if event["id"] in known.documents else "new"  # a document dated anew has that id
    if not alike or known.apart:
        return new
    if event["word"] == "other":
        known.apart = known.apart or new == "new"
        return new
    if event["word"] == "same" and len(alike) == 1:
        known.earlier.add(known.documents[alike[0]]["day"])
        return alike[0]
    return "held"


def payments_name_what_they_pay(facts: Facts) -> Found:
    """I3: a payment's row pays the only payable that it can mean, or is refused."""
    if facts.lost_at:
        return  # the payables from before the loss are not known
    for event in facts.events("paid_by_file"):
        expected = _meant(facts, event)
        if event["pays"] != expected:
            row = f"{event['vendor']} {event['number'] or event['payable']}"
            yield event["id"], f"a row of {row} pays {event['pays']}, not {expected}"


def _meant(facts: Facts, event: Plain) -> str | None:
    """Return the payable of a row: the one with its id, else the only one of vendor and number."""
    if event["payable"]:
        return str(event["payable"])
    fed = facts.events("fed", business=event["business"])
    there = {one["record"]["id"]: one["record"] for one in fed if one["seq"] < event["seq"]}
    fitting = [
        str(id_)
        for id_, one in there.items()
        if one["kind"] == "payable"
        and _same(one["number"] or "", event["number"])
        and _same(there.get(one["connection"], {}).get("name", ""), event["vendor"])
    ]
    return fitting[0] if len(fitting) == 1 else None


def _same(one: str, other: str) -> bool:
    """Return whether two names or numbers are equal, ignoring case and whitespace."""
    return one.casefold().split() == other.casefold().split()
