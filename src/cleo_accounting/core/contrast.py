"""Compare field by field what we wrote, what the remote has now, and what we would write."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.amend import AMENDED
from cleo_accounting.core.lines import amended_lines, said
from cleo_accounting.core.links import (
    Applied,
    Base,
    Content,
    Document,
    DocumentLine,
    RemoteKind,
)
from cleo_accounting.core.merge import SAID, agrees
from cleo_accounting.core.records import Money

if TYPE_CHECKING:
    from cleo_accounting.core.amend import Amendment

# The kind of object that an id refers to; its name is known only from the company's lists.
_NAMES = {
    "account_id": RemoteKind.ACCOUNT,
    "ap_account_id": RemoteKind.ACCOUNT,
    "expense_account_id": RemoteKind.ACCOUNT,
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
    """The value of a field, as data. `kind`: text · date · money · name · lines."""

    kind: str
    text: str = ""  # a text, a date (ISO 8601), or the name that belongs to `id`
    id: str | None = None
    minor: int | None = None
    currency: str | None = None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Contrast:
    """One field on which the sides differ; None: no value. `both`: both sides changed it."""

    field: str
    written: Value | None
    theirs: Value | None
    ours: Value | None
    both: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """One field that an update changes, with the remote's value before and after the update."""

    field: str
    before: Value | None
    after: Value | None


NameOf = Callable[[RemoteKind, str], str]


def contrast(
    base: Base,
    ours: Content | None,
    theirs: Content,
    party: RemoteKind,
    name_of: NameOf,
    conflicts: Collection[str] = (),
) -> list[Contrast]:
    """Return the fields on which what we wrote, the remote, and our record differ.

    `ours` None: we would remove the entry. `party`: the kind of party that `party_id` refers to;
    `conflicts` are fields that are already known to be changed by both sides.
    """
    found: list[Contrast] = []
    for one in dataclasses.fields(theirs):
        before, left, other, mine = (
            getattr(of, one.name, None) for of in (base.written, base.answered, theirs, ours)
        )
        if one.name not in SAID or (mine is None and before is None):
            continue  # we leave the field to the remote
        as_it_was = base.written is not None and same(other, before if left is None else left)
        unchanged = base.written is not None and _unchanged(mine, before)
        if as_it_was and (ours is None or unchanged):
            continue
        # Changed only in the remote, or never changed by updates: the remote's value stays.
        kept = unchanged or one.name not in AMENDED
        both = ours is not None and not as_it_was and not kept and not same(other, mine)
        both = both or one.name in conflicts
        wanted = other if kept else mine
        if ours is None:
            wanted = None
        written, has, would = (
            compared_value(one.name, each, party, name_of) for each in (before, other, wanted)
        )
        found.append(Contrast(one.name, written, has, would, both=both))
    return found


def changes(
    amendment: Amendment, theirs: Content, party: RemoteKind, name_of: NameOf
) -> list[Changed]:
    """Return the fields that an update changes, each with its value before and after."""
    pairs: dict[str, tuple[object, object]] = {
        name: (getattr(theirs, name), getattr(amendment.content, name)) for name in amendment.fields
    }
    if amendment.lines and isinstance(theirs, Document):
        pairs["lines"] = theirs.lines, amended_lines(theirs.lines, amendment.lines)
        totals = theirs.total, getattr(amendment.content, "total", None)
        if totals[0] != totals[1]:
            pairs["total"] = totals
    return [
        Changed(name, *(compared_value(name, each, party, name_of) for each in pair))
        for name, pair in pairs.items()
    ]


def same(theirs: object, ours: object) -> bool:
    """Return whether a remote value looks like ours; ids and seals of lines do not count."""
    if isinstance(theirs, tuple) and isinstance(ours, tuple):
        return [_seen(one) for one in theirs] == [_seen(one) for one in ours]
    return agrees(theirs, ours)


def _unchanged(mine: object, before: object) -> bool:
    """Return whether our record has the same value as when we last wrote it."""
    if isinstance(mine, tuple) and isinstance(before, tuple):
        return [said(one) for one in mine] == [said(one) for one in before]
    return mine == before


def _seen(line: DocumentLine | Applied) -> tuple[object, ...]:
    if isinstance(line, Applied):
        return line.document_id, line.amount, line.is_credit
    return (*said(line), line.account_id, line.item_id)


def compared_value(
    field: str, value: object, party: RemoteKind, name_of: Callable[[RemoteKind, str], str]
) -> Value | None:
    """Return the value of a field of a content as data; None if it has no value."""
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
            return Value("lines", lines=tuple(_part(each, party, name_of) for each in value))
        case _:
            return Value("text", str(value))


def _part(part: DocumentLine | Applied, party: RemoteKind, name_of: NameOf) -> Line:
    """Return a line of a document, or a document that a payment pays, by its number."""
    if isinstance(part, DocumentLine):
        return _line(part, name_of)
    kind = kinds.payment_of(kinds.party(party).document).applies_to(part)
    number = name_of(kind, part.document_id)
    return Line(number, kinds.of(kind).sign * part.amount.minor, part.amount.currency)


def _line(line: DocumentLine, name_of: Callable[[RemoteKind, str], str]) -> Line:
    books_to = ""
    if line.account_id:
        books_to = name_of(RemoteKind.ACCOUNT, line.account_id)
    elif line.item_id:
        books_to = name_of(RemoteKind.ITEM, line.item_id)
    return Line(line.description, line.amount.minor, line.amount.currency, books_to)
