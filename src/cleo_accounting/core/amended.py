"""The changes of an amended record, field by field, in words for people."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import zip_longest
from typing import TYPE_CHECKING

from cleo_accounting.core.records import LineItem, Payable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cleo_accounting.core.records import Record

_CALLED = {
    "issued_on": "invoice date",
    "due_on": "due date",
    "number": "invoice number",
    "connection_id": "connection",
    "paid_on": "payment date",
    "net_terms_days": "net terms",
    "funding_source_id": "funding source",
    "payable_id": "payable",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One changed field with its value before and after; empty where it had or has no value."""

    field: str
    before: str
    after: str


def changes(before: Record, after: Record) -> list[Change]:
    """Return the fields in which two states of the same record differ."""
    found: list[Change] = []
    for each in fields(before):
        was, now = getattr(before, each.name), getattr(after, each.name)
        if was == now:
            continue
        if each.name == "lines" and isinstance(before, Payable):
            found += _lines(was, now, before.amount.currency)
        elif each.name == "custom_fields":
            found += _fields(dict(was), dict(now))
        else:
            called = _CALLED.get(each.name, each.name.replace("_", " "))
            found.append(Change(called, _told(was), _told(now)))
    return found


def _lines(was: tuple[LineItem, ...], now: tuple[LineItem, ...], currency: str) -> Iterator[Change]:
    for at, (old, new) in enumerate(zip_longest(was, now), 1):
        if old is None or new is None or old.amount(currency) != new.amount(currency):
            yield Change(f"line {at}", _line(old, currency), _line(new, currency))
        elif old.description != new.description:
            yield Change(f"line {at} description", old.description, new.description)
        elif old != new:
            yield Change(
                f"line {at} price",
                f"{old.quantity} × {old.unit_price}",
                f"{new.quantity} × {new.unit_price}",
            )


def _line(line: LineItem | None, currency: str) -> str:
    return f"{line.description} {line.amount(currency)}".strip() if line else ""


def _fields(was: dict[str, str], now: dict[str, str]) -> Iterator[Change]:
    for name in sorted(was.keys() | now.keys()):
        if was.get(name) != now.get(name):
            yield Change(name, was.get(name, ""), now.get(name, ""))


def _told(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)
