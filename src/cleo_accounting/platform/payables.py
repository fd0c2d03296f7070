"""Build payables from rows: the rows with the same vendor, number and date are its lines."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from cleo_accounting.core.match import name_key
from cleo_accounting.core.numbers import number_key
from cleo_accounting.core.records import (
    Connection,
    LineItem,
    Payable,
    PayableStatus,
    Role,
    total,
)
from cleo_accounting.errors import Invalid
from cleo_accounting.platform import shape
from cleo_accounting.platform.lines import Line
from cleo_accounting.platform.rows import Bad, Document, Group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from cleo_accounting.platform.lines import Unreadable

    Called = Callable[[str], str]
    Numbered = tuple[int, Line]

LINES_MAX = 1000  # the maximum of the platform's payables
_FLAWS_MAX = 100  # per document; further flaws are only counted
_CUSTOM_FIELDS = ("account", "department")
_ONE = Decimal(1)
_SURE_LENGTH = 150  # a length that is within all limits of the platform
_SURE_AMOUNT = 10**9
# The column that is named for a flaw in a field of the platform's JSON.
_FIELDS = {
    "amount": "amount",
    "invoiceNumber": "invoice_number",
    "connectedBusinessName": "vendor_name",
    "customFields.account": "account",
    "customFields.department": "department",
}


@dataclass(slots=True)
class _Read:
    """The result of one vendor's and number's rows: documents, and rows not accepted."""

    vendor: Connection | None = None
    documents: list[Document] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    rows: int = 0


@dataclass(slots=True)
class _Pile:
    """The rows of one date: the first ones, their number, and their flaws."""

    lines: list[tuple[int, Line]] = field(default_factory=list)
    flaws: list[Bad] = field(default_factory=list)
    rows: int = 0


def groups(
    rows: Iterable[tuple[int, Line | Unreadable]], called: Called, is_first: Callable[[str], bool]
) -> Iterator[Bad | Group]:
    """Yield the documents of one vendor and number, after the rows that were not accepted.

    `is_first`: whether a vendor's name key is passed for the first time in this file.
    """
    made = _documents(rows, called)
    yield from made.bad
    if made.vendor is not None:
        first = is_first(name_key(made.vendor.name))
        yield Group(made.vendor, tuple(made.documents), is_first=first)


def _documents(rows: Iterable[tuple[int, Line | Unreadable]], called: Called) -> _Read:
    """Build the documents of one vendor and number; one bad row excludes its whole document.

    If the date of a bad row cannot be read, all documents are excluded: it may belong to any of
    them.
    """
    piles: dict[date | None, _Pile] = {}
    for number, row in rows:
        _put(piles.setdefault(row.issued_on, _Pile()), number, row, called)
    made = _Read(rows=sum(pile.rows for pile in piles.values()))
    if lost := piles.get(None):
        flaws = [flaw for pile in piles.values() for flaw in pile.flaws]
        flaws.sort(key=lambda flaw: flaw not in lost.flaws)
        made.bad = left_out(flaws, made.rows)
        return made
    for pile in piles.values():
        if not pile.flaws:
            _make(pile, made, called)
        made.bad += left_out(pile.flaws, pile.rows)
    return made


def _put(pile: _Pile, number: int, row: Line | Unreadable, called: Called) -> None:
    pile.rows += 1
    if isinstance(row, Line):
        flaw = _difference(number, row, pile.lines[0], called) if pile.lines else None
        if len(pile.lines) < LINES_MAX:
            pile.lines.append((number, row))
        elif not pile.flaws:
            flaw = Bad(number, f"Its document has more than {LINES_MAX:,} lines.", "lines")
    else:
        flaw = row.bad
    if flaw and len(pile.flaws) < _FLAWS_MAX:
        pile.flaws.append(flaw)


def _difference(number: int, row: Line, first: Numbered, called: Called) -> Bad | None:
    """Return how a row differs from the first of its document where they must agree, or None."""
    at, other = first
    pairs = {
        "due_date": (row.due_on, other.due_on),
        "currency": (row.price.currency, other.price.currency),
    }
    for name, (ours, theirs) in pairs.items():
        if ours != theirs:
            reason = (
                f"Its {name.replace('_', ' ')} {ours or 'is empty and'} differs from"
                f" {theirs or 'the empty one'} on line {at}, which has the same vendor, number"
                " and date."
            )
            return Bad(number, reason, "differs", called(name), str(ours or ""))
    return None


def left_out(flaws: Sequence[Bad], rows: int) -> list[Bad]:
    """Return the flaws; the first also counts the rows that are left out because of it."""
    if not flaws:
        return []
    return [replace(flaws[0], rows=rows - len(flaws) + 1), *flaws[1:]]


def _make(pile: _Pile, made: _Read, called: Called) -> None:
    lines = [line for _, line in pile.lines]
    try:
        made.vendor, payable = _records(lines)
    except Invalid as refusal:
        pile.flaws.append(_of_rule(refusal, pile.lines, called))
    else:
        made.documents.append(Document(pile.lines[0][0], payable))


def _records(lines: Sequence[Line]) -> tuple[Connection, Payable]:
    vendor = _vendor(lines[0].vendor)
    payable = _payable(lines, vendor.id)
    # The full check takes as long as all the rest, so it only runs if a rule may be broken.
    return vendor, payable if _is_surely_allowed(payable) else checked(payable)


def _payable(lines: Sequence[Line], vendor_id: str) -> Payable:
    first = lines[0]
    fields = {
        name: "; ".join(dict.fromkeys(text for line in lines if (text := getattr(line, name))))
        for name in _CUSTOM_FIELDS
    }
    return Payable(
        id=payable_id(first.vendor, first.number, first.issued_on),
        connection_id=vendor_id,
        role=Role.PAYER,
        status=PayableStatus.APPROVED,
        amount=total([line.price for line in lines], first.price.currency),
        issued_on=first.issued_on,
        number=first.number,
        due_on=first.due_on,
        lines=tuple(
            LineItem(line.description or line.account, _ONE, line.price.decimal) for line in lines
        ),
        custom_fields=tuple((name, text) for name, text in sorted(fields.items()) if text),
    )


def _is_surely_allowed(payable: Payable) -> bool:
    texts = [payable.number or ""]
    texts += [line.description for line in payable.lines]
    texts += [text for _, text in payable.custom_fields]
    amounts = [payable.amount.decimal, *(line.unit_price for line in payable.lines)]
    return all(len(text) <= _SURE_LENGTH and "\x00" not in text for text in texts) and all(
        abs(amount) <= _SURE_AMOUNT for amount in amounts
    )


def checked(payable: Payable) -> Payable:
    """Return a payable after it was checked by the platform's rules.

    Raises:
        Invalid: it breaks one of them.
    """
    body = {
        "connectionId": payable.connection_id,
        "role": payable.role.value,
        "amount": format(payable.amount.decimal, "f"),
        "currency": payable.amount.currency,
        "invoiceDate": payable.issued_on,
        "dueDate": payable.due_on,
        "invoiceNumber": payable.number,
        "lineItems": [
            {"description": line.description, "unitPrice": format(line.unit_price, "f")}
            for line in payable.lines
        ],
        "customFields": dict(payable.custom_fields),
        "status": payable.status.value,
    }
    currency = payable.amount.currency
    read = shape.read(shape.PayableBody, payable.id, body, amounts_in="dollars", currency=currency)
    assert isinstance(read, Payable)
    return read


@lru_cache(maxsize=1000)
def _vendor(name: str) -> Connection:
    body = {"connectedBusinessName": name}
    vendor = shape.read(
        shape.ConnectionBody, connection_id(name), body, amounts_in="dollars", currency=""
    )
    assert isinstance(vendor, Connection)
    return vendor


def _of_rule(refusal: Invalid, lines: Sequence[Numbered], called: Called) -> Bad:
    """Return a broken rule of the platform as a flaw that names the line and column of the file."""
    number, (flaw, *_) = lines[0][0], refusal.flaws
    where = flaw.field
    if where.startswith("lineItems["):
        at, _, name = where.removeprefix("lineItems[").partition("].")
        number = lines[int(at)][0]
        where = {"unitPrice": "amount", "description": "description"}.get(name, name)
    column = called(_FIELDS.get(where, where))
    return Bad(number, f"{column} {flaw.message}.", "rule", column)


def connection_id(name: str) -> str:
    """Return the id of a vendor that has only a name; equal names have the same id."""
    return f"conn_{_digest(name_key(name))}"


def payable_id(vendor: str, number: str, issued_on: date) -> str:
    """Return the id of a document that has only a vendor, a number and a date."""
    return f"pay_{_digest(name_key(vendor), number_key(number), issued_on.isoformat())}"


def _digest(*words: str) -> str:
    return hashlib.sha256("\x1f".join(words).encode("utf-8", "replace")).hexdigest()[:24]
