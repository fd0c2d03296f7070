"""Set side by side, field by field: what we wrote, what they made of it, what we would write."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from cleo_accounting.core.links import Content, DocumentLine, RemoteKind
from cleo_accounting.core.merge import SAID, agrees
from cleo_accounting.core.records import Money

if TYPE_CHECKING:
    from collections.abc import Callable

# What an id names; of the names themselves only the company's own lists know.
_NAMES = {
    "ap_account_id": RemoteKind.ACCOUNT,
    "income_account_id": RemoteKind.ACCOUNT,
    "department_id": RemoteKind.DEPARTMENT,
    "terms_id": RemoteKind.TERM,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document; `books_to` is the name of its account, product or service."""

    description: str
    minor: int
    currency: str
    books_to: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """What a field says, as data. `kind`: text · date · money · name · lines."""

    kind: str
    text: str = ""  # a text, a date (ISO 8601), or the name of what `id` is
    id: str | None = None
    minor: int | None = None
    currency: str | None = None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Contrast:
    """One field on which not all agree; None: it says nothing. `both`: both sides changed it."""

    field: str
    written: Value | None
    theirs: Value | None
    ours: Value | None
    both: bool


def contrast(
    base: Content | None,
    ours: Content | None,
    theirs: Content,
    party: RemoteKind,
    name_of: Callable[[RemoteKind, str], str],
) -> list[Contrast]:
    """Give the fields that are ours to write and on which not all three agree.

    `ours` None: we would take it away. `party` says whom `party_id` names.
    """
    found: list[Contrast] = []
    for one in dataclasses.fields(theirs):
        before, other, mine = (getattr(of, one.name, None) for of in (base, theirs, ours))
        if one.name not in SAID or (mine is None and before is None):
            continue  # what we leave open is theirs
        as_it_was = base is not None and agrees(other, before)
        if as_it_was and (ours is None or mine == before):
            continue
        kept = base is not None and mine == before  # only they changed it: theirs stays
        both = ours is not None and not as_it_was and not kept and not agrees(other, mine)
        wanted = other if kept else mine
        written, has, would = (
            compared_value(one.name, each, party, name_of) for each in (before, other, wanted)
        )
        found.append(Contrast(one.name, written, has, would, both=both))
    return found


def compared_value(
    field: str, value: object, party: RemoteKind, name_of: Callable[[RemoteKind, str], str]
) -> Value | None:
    """Give what a field of a content says as data; None: it says nothing."""
    named = party if field == "party_id" else _NAMES.get(field)
    if named and value is not None:
        return Value("name", name_of(named, str(value)), id=str(value))
    match value:
        case None:
            return None
        case Money(minor, currency):
            return Value("money", minor=minor, currency=currency)
        case date():
            return Value("date", value.isoformat())
        case tuple():
            return Value("lines", lines=tuple(_line(each, name_of) for each in value))
        case _:
            return Value("text", str(value))


def _line(line: DocumentLine, name_of: Callable[[RemoteKind, str], str]) -> Line:
    books_to = ""
    if line.account_id:
        books_to = name_of(RemoteKind.ACCOUNT, line.account_id)
    elif line.item_id:
        books_to = name_of(RemoteKind.ITEM, line.item_id)
    return Line(line.description, line.amount.minor, line.amount.currency, books_to)
