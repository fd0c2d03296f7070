"""Rows of files: which document of ours each is, by vendor, number, day and what was said."""

from __future__ import annotations

from dataclasses import dataclass, field

from proof.oracle.facts import Facts, Found
from proof.oracle.plain import Plain


@dataclass
class Known:
    """What is known of the documents of one vendor and number."""

    documents: dict[str, Plain] = field(default_factory=dict)  # by id: the row that it says now
    apart: bool = False  # a person said that every day is another document
    earlier: set[str] = field(default_factory=set)  # days that a document had before


def rows_are_told_apart(facts: Facts) -> Found:
    """I3: a row of a file is the document of its day, a new one, or a person is asked."""
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
    """What a row became: a new document, one that was known by its id, or held."""
    if event["outcome"] == "held":
        return "held"
    return event["id"] if event["id"] in known.documents else "new"


def _expected(known: Known, event: Plain) -> str:
    """What it should become."""
    of_day = [id_ for id_, one in known.documents.items() if one["day"] == event["day"]]
    if of_day:
        return of_day[0]
    alike = [id_ for id_, one in known.documents.items() if one["cents"] == event["cents"]]
    if known.documents and event["day"] in known.earlier and not event["word"]:
        return str(event["id"])  # it stays as it is
    new = "held" if event["id"] in known.documents else "new"  # its id is that of one dated anew
    if not alike or known.apart:
        return new
    if event["word"] == "other":
        known.apart = known.apart or new == "new"
        return new
    if event["word"] == "same" and len(alike) == 1:
        known.earlier.add(known.documents[alike[0]]["day"])
        return alike[0]
    return "held"
