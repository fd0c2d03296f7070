"""Render payables as documents: which of our fields goes into which remote field."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from cleo_accounting.core.fields import InvoiceFields, Place
from cleo_accounting.core.kinds import DocumentKind
from cleo_accounting.core.links import Document, DocumentLine
from cleo_accounting.core.records import LineItem, Money, Payable

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBER_LENGTH_MAX = 21  # Intuit, Bill and Invoice: DocNumber
TEXT_LENGTH_MAX = 4000  # Intuit, Bill and Invoice: PrivateNote, Line.Description
_MARK = "CleoPay:"


def marker(payable_id: str) -> str:
    """Return the marker by which we, people, or a rebuilt database recognise a document of ours."""
    return f"{_MARK}{payable_id}"


def record_of(mark: str) -> str:
    """Return the id of the payable that a marker names."""
    return mark.removeprefix(_MARK)


def document(
    payable: Payable,
    kind: DocumentKind,
    fields: InvoiceFields,
    *,
    party_id: str,
    connection_name: str,
    item_id: str | None = None,
    line_classes: bool = False,
    departments: bool = False,
    number: str | None = None,
    net_days: int | None = None,
    terms_id: str | None = None,
) -> Document:
    """Render a payable as a document of its kind.

    `number`: the number that a person gave it; its own number then goes into the note. `net_days`:
    the connection's net terms, from which the due date follows if the payable has none. `terms_id`:
    QuickBooks' term of as many days, used instead of the business's own.
    """
    number = number or own_number(payable)
    if kind.is_credit:  # a credit has no due date
        payable, net_days = replace(payable, due_on=None), None
    if (due := _due(payable, net_days)) != payable.due_on:
        payable = replace(payable, due_on=due)
    return Document(
        party_id=party_id,
        number=number,
        dated=payable.issued_on,
        due=payable.due_on,
        lines=tuple(
            _line(payable, at, kind, fields, item_id=item_id, line_classes=line_classes)
            for at in range(max(1, len(payable.lines)))
        ),
        total=Money(payable.amount.minor * kind.sign, payable.amount.currency),
        note=_note(payable, fields, connection_name, number),
        marker=marker(payable.id),
        department_id=fields.department_id if departments else None,
        terms_id=None if kind.is_credit else terms_id or fields.terms_id,
        **kind.header(fields),
    )


def _due(payable: Payable, net_days: int | None) -> date | None:
    if payable.due_on or net_days is None:
        return payable.due_on
    return payable.issued_on + timedelta(days=net_days)


def lines_total(payable: Payable) -> Money:
    """Return the sum of the lines of a payable; its amount if it has no lines."""
    currency = payable.amount.currency
    if not payable.lines:
        return payable.amount
    return Money(sum(line.amount(currency).minor for line in payable.lines), currency)


def own_number(payable: Payable) -> str:
    """Return the document number of a payable, unless a person gives it another one."""
    return short_number(_number(payable))


def short_number(number: str) -> str:
    """Shorten a document number to the length that QuickBooks accepts, and keep it unique.

    A long number keeps its start and its end around six characters of its digest (30 bits).
    Thousands of long numbers that differ only in the middle therefore stay distinct.
    """
    clean = printable(number)
    if len(clean) <= NUMBER_LENGTH_MAX:
        return clean
    digest = base64.b32encode(hashlib.sha256(clean.encode()).digest()).decode()[:6]
    tail = 5
    head = NUMBER_LENGTH_MAX - tail - len(digest) - 2
    return f"{clean[:head]}~{digest}~{clean[-tail:]}"


def printable(text: str, *, keep: str = "") -> str:
    """Replace control characters with spaces, except those in `keep`, and strip the ends."""
    if text.isprintable():  # the fast path: most texts are printable
        return text.strip()
    return "".join(
        " " if unicodedata.category(char) == "Cc" and char not in keep else char for char in text
    ).strip()


def _line(
    payable: Payable,
    at: int,
    kind: DocumentKind,
    fields: InvoiceFields,
    *,
    item_id: str | None,
    line_classes: bool,
) -> DocumentLine:
    currency = payable.amount.currency
    item = payable.lines[at] if payable.lines else None
    amount = item.amount(currency) if item else payable.amount
    if kind.is_credit:
        item, amount = item and _turned(item), Money(-amount.minor, currency)
    words = [item.description if item else payable.memo or ""]
    words += _placed(payable, fields, Place.DESCRIPTION)
    line = DocumentLine(
        description=printable(" · ".join(word for word in words if word))[:TEXT_LENGTH_MAX],
        amount=amount,
        class_id=fields.class_id if line_classes else None,
    )
    return kind.line(line, item, kind.booked_to(fields, item_id))


def _turned(item: LineItem) -> LineItem:
    """Return the line of a credit with the sign of its amount reversed, as it is written."""
    if item.quantity < 0:
        return replace(item, quantity=-item.quantity)
    return replace(item, unit_price=-item.unit_price)


def _note(payable: Payable, fields: InvoiceFields, connection_name: str, number: str) -> str:
    own = _number(payable)
    facts = {
        "memo": payable.memo or "",
        "number": own,
        "connection": connection_name,
        "due": payable.due_on.isoformat() if payable.due_on else "",
    }
    parts = [fields.memo_template.format_map(facts), *_placed(payable, fields, Place.NOTE)]
    whole = [] if number == own else [f"Invoice number: {printable(own)}"]
    return noted("\n".join(part for part in parts if part.strip()), payable.id, foot=whole)


def noted(text: str, record_id: str, *, foot: Sequence[str] = ()) -> str:
    """Return a note that ends with the lines of `foot` and the marker of a record."""
    end = "\n".join([*(_without_markers(one) for one in foot), marker(record_id)])
    text = _without_markers(printable(text, keep="\n"))
    # A text that is too long is cut, never the foot: the marker identifies the entry as ours.
    room = TEXT_LENGTH_MAX - len(end) - 1
    return f"{text[:room]}\n{end}".strip()


def _without_markers(text: str) -> str:
    """Remove markers from a text of others: a note has only the marker of its own record."""
    return text.replace(_MARK, _MARK.replace(":", " "))


def _number(payable: Payable) -> str:
    return payable.number if payable.number and printable(payable.number) else payable.id


def _placed(payable: Payable, fields: InvoiceFields, place: Place) -> Sequence[str]:
    wanted = {name for name, where in fields.custom_fields if where is place}
    return [f"{name}: {value}" for name, value in payable.custom_fields if name in wanted]
