"""Read one row of a table as one line of a payable, or say why it is none."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from cleo_accounting.core.records import Money, exponent
from cleo_accounting.platform import amounts, dates
from cleo_accounting.platform.columns import DATED_BY, NUMBER_FROM
from cleo_accounting.platform.rows import Bad

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.platform.amounts import Amount, Mark
    from cleo_accounting.platform.columns import Places
    from cleo_accounting.platform.dates import Cell, Order

_TOTAL = re.compile(r"(grand |sub|sub-|sub |report |page |overall )?totals?\b", re.IGNORECASE)
# A spreadsheet writes a whole number of twelve digits or more so, and forgets its digits.
_SHORTENED = re.compile(r"\d([.,]\d+)?E\+(1[1-9]|[2-9]\d)", re.IGNORECASE)
_SHOWN_MAX = 80


@dataclass(frozen=True, slots=True)
class Line:
    """A row that can be read: one line of the document of a vendor, a number and a date."""

    vendor: str
    number: str
    issued_on: date
    due_on: date | None
    price: Money
    account: str
    department: str
    description: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row of a known vendor and number that cannot be read, and its date if that can."""

    vendor: str
    number: str
    issued_on: date | None
    bad: Bad


@dataclass(slots=True)
class Rows:
    """How the rows of one file are read, and how many were passed over for what."""

    places: Places
    currency: str
    on: date | None
    order: Order | None
    mark: Mark | None
    passed: Counter[str] = field(default_factory=Counter)
    _width: int = 0

    def __post_init__(self) -> None:
        self._width = self.places.width

    def read(self, number: int, cells: Sequence[Cell]) -> Line | Unreadable | Bad | None:
        """Read one row; None for one that is no line of anything."""
        if not any(map(_filled, cells)):
            self.passed["blank rows"] += 1
            return None
        width, least = len(self.places.names), self._width
        if len(cells) > width and not any(map(_filled, cells[width:])):
            cells = cells[:width]
        if self._is_passed(cells):
            return None
        if not least <= len(cells) <= width:
            return Bad(
                number,
                f"It has {len(cells)} cells where the header has {width}.",
                "cells",
                value=_shown(" | ".join(map(str, cells))),
            )
        vendor, named = self._text("vendor_name", cells), self._number(cells)
        if flaw := self._name_flaw(number, vendor, named):
            return flaw
        return self._line(number, vendor, named, cells)

    def _name_flaw(self, number: int, vendor: str, named: str) -> Bad | None:
        """Say why a row names no vendor or no document that can be known again, or None."""
        if not vendor:
            return Bad(number, "It has no vendor name.", "no_vendor", self._called("vendor_name"))
        called = self._called("invoice_number")
        if not named:
            reason = "It has no invoice number: without one it cannot be known again."
            return Bad(number, reason, "no_number", called)
        if _SHORTENED.fullmatch(named):
            reason = (
                f"Its number “{named}” was shortened by a spreadsheet: give the column the format"
                " Text there, enter the number again, and save the file anew."
            )
            return Bad(number, reason, "shortened", called, named)
        return None

    def _line(
        self, number: int, vendor: str, named: str, cells: Sequence[Cell]
    ) -> Line | Unreadable:
        issued_on = self._issued_on(number, cells)
        day = issued_on if isinstance(issued_on, date) else None
        for found in (issued_on, due_on := self._due_on(number, cells)):
            if isinstance(found, Bad):
                return Unreadable(vendor, named, day, found)
        price = self._price(number, cells)
        if isinstance(price, Bad):
            return Unreadable(vendor, named, day, price)
        assert day is not None
        assert not isinstance(due_on, Bad)
        return Line(
            vendor,
            named,
            day,
            due_on,
            price,
            *(self._words(name, cells) for name in ("account", "department", "description")),
        )

    def _issued_on(self, number: int, cells: Sequence[Cell]) -> date | Bad:
        for name in DATED_BY:
            if _filled(cell := self._cell(name, cells)):
                return self._date(number, name, cell)
        if self.on is not None:
            return self.on
        columns = " or ".join(self._called(name) for name in DATED_BY if name in self.places.at)
        return Bad(number, f"It has no date in {columns}.", "no_date", columns)

    def _due_on(self, number: int, cells: Sequence[Cell]) -> date | Bad | None:
        cell = self._cell("due_date", cells)
        return self._date(number, "due_date", cell) if _filled(cell) else None

    def _date(self, number: int, name: str, cell: Cell) -> date | Bad:
        if found := dates.read(cell, self.order):
            return found
        called = self._called(name)
        how = f" with the {self.order.value.partition('-')[0]} first" if self.order else ""
        reason = f"{called} “{_shown(cell)}” is no date{how} that exists, such as 2026-01-31."
        return Bad(number, reason, "date", called, _shown(cell))

    def _price(self, number: int, cells: Sequence[Cell]) -> Money | Bad:
        cell, called = self._cell("amount", cells), self._called("amount")
        amount = amounts.read(cell, self.mark)
        if amount is None:
            reason = f"{called} “{_shown(cell)}” is no amount, such as 1234.50."
            return Bad(number, reason, "amount", called, _shown(cell))
        currency = self._currency(number, cells, amount)
        if isinstance(currency, Bad):
            return currency
        try:
            return Money.of(amount.number, currency)
        except ValueError:
            reason = (
                f"{called} “{_shown(cell)}” has more than the {exponent(currency)} decimals of"
                f" {currency}: round it."
            )
            return Bad(number, reason, "amount", called, _shown(cell))

    def _currency(self, number: int, cells: Sequence[Cell], amount: Amount) -> str | Bad:
        """Take the currency that the row names, else the one that its sign stands for."""
        text, called = self._text("currency", cells), self._called("currency")
        cell = _shown(self._cell("amount", cells))
        if text:
            code = amounts.currency(text, self.currency)
            if code is None:
                return Bad(
                    number, f"{called} “{_shown(text)}” is no currency code, such as USD.",
                    "currency", called, _shown(text),
                )  # fmt: skip
            if amount.currencies and code not in amount.currencies:
                reason = f"“{cell}” is not in {code}, which {called} names."
                return Bad(number, reason, "currency", called, cell)
            return code
        if len(amount.currencies) == 1:
            return next(iter(amount.currencies))
        if amount.currencies and self.currency not in amount.currencies:
            reason = f"“{cell}” does not say which currency it is: name it with --currency."
            return Bad(number, reason, "currency", self._called("amount"), cell)
        return self.currency

    def _number(self, cells: Sequence[Cell]) -> str:
        """Give the document's number, or put one together from the columns that make it."""
        if NUMBER_FROM not in self.places.at:
            return self._text("invoice_number", cells)
        parts = [self._part(at, cells[at]) for at in self.places.at[NUMBER_FROM]]
        return "-".join(part for part in parts if part)

    def _part(self, at: int, cell: Cell) -> str:
        """Write a part of a number so that it is the same however the file writes it."""
        fields = [name for name, places in self.places.at.items() if places == (at,)]
        if {"invoice_date", "payment_date", "due_date"} & set(fields):
            day = dates.read(cell, self.order) if _filled(cell) else None
            return day.isoformat() if day else str(cell).strip()
        if "amount" in fields and (amount := amounts.read(cell, self.mark)):
            return format(amount.number, "f")
        return " ".join(_plain(cell).split())

    def _is_passed(self, cells: Sequence[Cell]) -> bool:
        """Whether a row is no line: a repeated header, a total, a note without an amount."""
        number, vendor, amount = (
            self._cell(name, cells) for name in ("invoice_number", "vendor_name", "amount")
        )
        if vendor and number and _filled(amount) and amount != self.places.names[self._amount_at]:
            return False
        if tuple(map(str, cells)) == self.places.names:
            self.passed["repeated headers"] += 1
            return True
        if not number and _is_total(cells):
            self.passed["total rows"] += 1
            return True
        if not _filled(amount) and sum(map(_filled, cells)) == 1 and len(self.places.names) > 1:
            self.passed["rows with one text and no amount"] += 1
            return True
        return False

    @property
    def _amount_at(self) -> int:
        return self.places.at["amount"][0]

    def _cell(self, name: str, cells: Sequence[Cell]) -> Cell:
        """Give a cell without blanks around it; empty where there is none."""
        at = self.places.at.get(name)
        if at is None or at[0] >= len(cells):
            return ""
        cell = cells[at[0]]
        return cell.strip() if isinstance(cell, str) else cell

    def _text(self, name: str, cells: Sequence[Cell]) -> str:
        """Give a name or a number as text, joined from its columns."""
        found = (_plain(cells[at]).strip() for at in self.places.at.get(name, ()))
        return " ".join(text for text in found if text)

    def _words(self, name: str, cells: Sequence[Cell]) -> str:
        """Give words as they are written; those of several columns are joined."""
        found = [_plain(cells[at]) for at in self.places.at.get(name, ())]
        return found[0] if len(found) == 1 else "; ".join(text for text in found if text.strip())

    def _called(self, name: str) -> str:
        return self.places.called(name)


def _filled(cell: Cell) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else True


def _is_total(cells: Sequence[Cell]) -> bool:
    """Whether a row says nothing but that it is a total, and figures."""
    texts = [cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()]
    words = [text for text in texts if not _is_figure(text)]
    return bool(words) and all(_TOTAL.match(text) for text in words)


def _is_figure(text: str) -> bool:
    return any(amounts.read(text, mark) is not None for mark in amounts.Mark)


def _plain(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return cell if isinstance(cell, str) else cell.isoformat()


def _shown(cell: Cell) -> str:
    text = _plain(cell)
    return text if len(text) <= _SHOWN_MAX else text[: _SHOWN_MAX - 1] + "…"
