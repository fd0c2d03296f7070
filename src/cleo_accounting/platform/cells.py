"""Parse the cells of a table row: texts, dates and amounts; skip rows without a record."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from cleo_accounting.core.records import Money, exponent
from cleo_accounting.platform import amounts, dates
from cleo_accounting.platform.exact import AMOUNT_MAX
from cleo_accounting.platform.forms import NUMBER_FROM
from cleo_accounting.platform.rows import Bad

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.platform.amounts import Amount, Mark
    from cleo_accounting.platform.columns import Places
    from cleo_accounting.platform.dates import Cell, Order

_TOTAL = re.compile(r"(grand |sub|sub-|sub |report |page |overall )?totals?\b", re.IGNORECASE)
# Spreadsheets write whole numbers of twelve digits or more like this and lose digits.
_SHORTENED = re.compile(r"\d([.,]\d+)?E\+(1[1-9]|[2-9]\d)", re.IGNORECASE)
_SHOWN_MAX = 80


@dataclass(slots=True)
class Cells:
    """A parser for the rows of one file, which also counts the rows that it skipped, by reason."""

    places: Places
    currency: str
    on: date | None
    order: Order | None
    mark: Mark | None
    passed: Counter[str] = field(default_factory=Counter)
    _width: int = 0

    def __post_init__(self) -> None:
        self._width = self.places.width

    def rows_of(self, number: int, cells: Sequence[Cell]) -> Sequence[Cell] | Bad | None:
        """Return the cells of a row that belong to columns; None if the row holds no record."""
        if not any(map(filled, cells)):
            self.passed["blank rows"] += 1
            return None
        width, least = len(self.places.names), self._width
        if len(cells) > width and not any(map(filled, cells[width:])):
            cells = cells[:width]
        if self._is_passed(cells):
            return None
        if not least <= len(cells) <= width:
            return Bad(
                number,
                f"It has {len(cells)} cells where the header has {width}.",
                "cells",
                value=shown(" | ".join(map(str, cells))),
            )
        return cells

    def day(self, number: int, name: str, cell: Cell) -> date | Bad:
        """Parse a cell as a date."""
        if found := dates.read(cell, self.order):
            return found
        called = self.called(name)
        how = f" with the {self.order.value.partition('-')[0]} first" if self.order else ""
        reason = f"{called} “{shown(cell)}” is no date{how} that exists, such as 2026-01-31."
        return Bad(number, reason, "date", called, shown(cell))

    def price(self, number: int, cells: Sequence[Cell]) -> Money | Bad:
        """Parse the amount of a row, with its currency."""
        cell, called = self.cell("amount", cells), self.called("amount")
        amount = amounts.read(cell, self.mark)
        if amount is None:
            reason = f"{called} “{shown(cell)}” is no amount, such as 1234.50."
            return Bad(number, reason, "amount", called, shown(cell))
        if abs(amount.number) > AMOUNT_MAX:  # a larger one would not fit into a spooled row
            reason = f"{called} is too large: at most {AMOUNT_MAX}."
            return Bad(number, reason, "rule", called, shown(cell))
        currency = self._currency(number, cells, amount)
        if isinstance(currency, Bad):
            return currency
        try:
            return Money.of(amount.number, currency)
        except ValueError:
            reason = (
                f"{called} “{shown(cell)}” has more than the {exponent(currency)} decimals of"
                f" {currency}: round it."
            )
            return Bad(number, reason, "amount", called, shown(cell))

    def _currency(self, number: int, cells: Sequence[Cell], amount: Amount) -> str | Bad:
        """Return the currency that the row names, or the one that the amount's sign stands for."""
        text, called = self.text("currency", cells), self.called("currency")
        cell = shown(self.cell("amount", cells))
        if text:
            code = amounts.currency(text, self.currency)
            if code is None:
                return Bad(
                    number, f"{called} “{shown(text)}” is no currency code, such as USD.",
                    "currency", called, shown(text),
                )  # fmt: skip
            if amount.currencies and code not in amount.currencies:
                reason = f"“{cell}” is not in {code}, which {called} names."
                return Bad(number, reason, "currency", called, cell)
            return code
        if len(amount.currencies) == 1:
            return next(iter(amount.currencies))
        if amount.currencies and self.currency not in amount.currencies:
            reason = f"“{cell}” does not say which currency it is: name it with --currency."
            return Bad(number, reason, "currency", self.called("amount"), cell)
        return self.currency

    def number(self, cells: Sequence[Cell]) -> str:
        """Return the number that identifies a row, or build it from the columns chosen for it."""
        if NUMBER_FROM not in self.places.at:
            return self.text(self.places.form.known_by[-1], cells)
        parts = [self._part(at, cells[at]) for at in self.places.at[NUMBER_FROM]]
        return "-".join(part for part in parts if part)

    def _part(self, at: int, cell: Cell) -> str:
        """Return a part of a number in a form that does not depend on how the file writes it."""
        fields = [name for name, places in self.places.at.items() if places == (at,)]
        if {*self.places.form.dated_by, *self.places.form.dates} & set(fields):
            day = dates.read(cell, self.order) if filled(cell) else None
            return day.isoformat() if day else str(cell).strip()
        if "amount" in fields and (amount := amounts.read(cell, self.mark)):
            return format(amount.number, "f")
        return " ".join(_plain(cell).split())

    def shortened(self, number: int, name: str, text: str) -> Bad | None:
        """Return the problem of a number that a spreadsheet has shortened, or None."""
        if not _SHORTENED.fullmatch(text):
            return None
        reason = (
            f"Its number “{text}” was shortened by a spreadsheet: give the column the format"
            " Text there, enter the number again, and save the file anew."
        )
        return Bad(number, reason, "shortened", self.called(name), text)

    def _is_passed(self, cells: Sequence[Cell]) -> bool:
        """Return whether a row is skipped: a repeated header, a total, or a note."""
        known = [self.cell(name, cells) for name in self.places.form.known_by]
        amount = self.cell("amount", cells)
        if all(known) and filled(amount) and amount != self.places.names[self._amount_at]:
            return False
        if tuple(map(str, cells)) == self.places.names:
            self.passed["repeated headers"] += 1
            return True
        if not known[-1] and _is_total(cells):
            self.passed["total rows"] += 1
            return True
        if not filled(amount) and sum(map(filled, cells)) == 1 and len(self.places.names) > 1:
            self.passed["rows with one text and no amount"] += 1
            return True
        return False

    @property
    def _amount_at(self) -> int:
        return self.places.at["amount"][0]

    def cell(self, name: str, cells: Sequence[Cell]) -> Cell:
        """Return a cell without surrounding spaces; empty if the row has no such cell."""
        at = self.places.at.get(name)
        if at is None or at[0] >= len(cells):
            return ""
        cell = cells[at[0]]
        return cell.strip() if isinstance(cell, str) else cell

    def text(self, name: str, cells: Sequence[Cell]) -> str:
        """Return a name or a number as text, joined from its columns."""
        found = (_plain(cells[at]).strip() for at in self.places.at.get(name, ()))
        return " ".join(text for text in found if text)

    def words(self, name: str, cells: Sequence[Cell]) -> str:
        """Return a text as it is written; the texts of several columns are joined."""
        found = [_plain(cells[at]) for at in self.places.at.get(name, ())]
        return found[0] if len(found) == 1 else "; ".join(text for text in found if text.strip())

    def called(self, name: str) -> str:
        """Return the name of a field's column in the file."""
        return self.places.called(name)


def filled(cell: Cell) -> bool:
    """Return whether a cell holds anything but spaces."""
    return bool(cell.strip()) if isinstance(cell, str) else True


def _is_total(cells: Sequence[Cell]) -> bool:
    """Return whether a row contains only the word for a total, and figures."""
    texts = [cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()]
    words = [text for text in texts if not _is_figure(text)]
    return bool(words) and all(_TOTAL.match(text) for text in words)


def _is_figure(text: str) -> bool:
    return any(amounts.read(text, mark) is not None for mark in amounts.Mark)


def _plain(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return cell if isinstance(cell, str) else cell.isoformat()


def shown(cell: Cell) -> str:
    """Return a cell as a text that is short enough for a message."""
    text = _plain(cell)
    return text if len(text) <= _SHOWN_MAX else text[: _SHOWN_MAX - 1] + "…"
