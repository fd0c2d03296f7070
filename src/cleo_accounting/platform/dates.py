"""Parse dates as files write them, without guessing whether day or month comes first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from cleo_accounting.errors import Invalid

Cell = str | Decimal | date

_TIME = re.compile(
    r"(T|\s+)\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s*([ap]\.?m\.?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})|(\d{1,2})([/.])(\d{1,2})\6(\d{2})")
_DAY_NAMED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[-/ ,.]+([a-z]{3,9})[-/ ,.]+(\d{4}|\d{2})", re.IGNORECASE
)
_MONTH_NAMED = re.compile(
    r"([a-z]{3,9})[-/ ,.]+(\d{1,2})(?:st|nd|rd|th)?[-/ ,.]+(\d{4}|\d{2})", re.IGNORECASE
)
_SERIAL = re.compile(r"[2-7]\d{4}(\.\d+)?")  # 1954 to 2119
_SERIAL_START = date(1899, 12, 30)  # Excel counts a 29 February 1900, which did not exist
_CENTURY = 2000
_MONTHS = (
    "january february march april may june july august september october november december".split()
)
_MONTHS_IN_YEAR = 12


class Order(StrEnum):
    """The part of a date such as 03/04/2026 that comes first."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


@dataclass(slots=True)
class Evidence:
    """What the dates of one file reveal about their order, each with the line of the first one."""

    day_first: tuple[int, str] | None = None
    month_first: tuple[int, str] | None = None
    open: tuple[int, str] | None = None
    serial: tuple[int, str] | None = None

    def observe(self, line: int, cell: Cell) -> None:
        """Take one date into account."""
        if isinstance(cell, Decimal) or (isinstance(cell, str) and _SERIAL.fullmatch(cell.strip())):
            self.serial = self.serial or (line, str(cell))
            return
        if isinstance(cell, date) or not (parts := _parts(_day_text(cell))):
            return
        first, second, _ = parts
        if first == second:
            return
        if first > _MONTHS_IN_YEAR >= second:
            self.day_first = self.day_first or (line, cell)
        elif second > _MONTHS_IN_YEAR >= first:
            self.month_first = self.month_first or (line, cell)
        elif first <= _MONTHS_IN_YEAR and second <= _MONTHS_IN_YEAR:
            self.open = self.open or (line, cell)

    def order(self, asked: Order | None) -> Order | None:
        """Return the order of the whole file; None if no date depends on it.

        Raises:
            Invalid: a date can be read both ways and nothing in the file says which.
        """
        if asked is not None or self.open is None:
            return asked
        line, text = self.open
        if self.day_first and self.month_first:
            raise Invalid(
                f"The dates are written in two ways: “{self.day_first[1]}” on line"
                f" {self.day_first[0]} has the day first, “{self.month_first[1]}” on line"
                f" {self.month_first[0]} the month, and “{text}” on line {line} may be either."
                " Say --date-format day-first or --date-format month-first; dates that do not"
                " fit are then refused."
            )
        if self.day_first or self.month_first:
            return Order.DAY_FIRST if self.day_first else Order.MONTH_FIRST
        raise Invalid(
            f"The date “{text}” on line {line} can be read in two ways: say"
            " --date-format day-first or --date-format month-first."
        )

    def said(self, asked: Order | None) -> list[str]:
        """Return notes on how ambiguous dates were read."""
        told: list[str] = []
        if self.open and asked is None:
            line, text = self.day_first or self.month_first or (0, "")
            first = "day" if self.day_first else "month"
            told.append(
                f"Dates such as “{self.open[1]}” are read with the {first} first, because line"
                f" {line} has “{text}”; --date-format says otherwise."
            )
        if self.serial and (day := read(self.serial[1], None)):
            told.append(
                f"Numbers such as {self.serial[1]} in a date column are read as Excel's day"
                f" numbers: {day.isoformat()}."
            )
        return told


def read(cell: Cell, order: Order | None) -> date | None:
    """Return the date in a cell, or None if it is not a date that exists."""
    if isinstance(cell, date):
        return cell
    text = _day_text(format(cell, "f") if isinstance(cell, Decimal) else cell)
    if _SERIAL.fullmatch(text):
        return _SERIAL_START + timedelta(days=int(Decimal(text)))
    if parts := _parts(text):
        return _year_last(parts, order)
    return _plain(text)


def _plain(text: str) -> date | None:
    """Parse a date whose year comes first, or whose month is a word."""
    if found := _YEAR_FIRST.fullmatch(text):
        return _date(int(found[1]), int(found[3]), int(found[4]))
    if found := _COMPACT.fullmatch(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_NAMED.fullmatch(text):
        return _named(found[1], found[2], found[3])
    if found := _MONTH_NAMED.fullmatch(text):
        return _named(found[2], found[1], found[3])
    return None


def _day_text(text: str) -> str:
    """Strip the time of day."""
    return _TIME.sub("", text.strip())


def _parts(text: str) -> tuple[int, int, int] | None:
    found = _YEAR_LAST.fullmatch(text)
    if not found:
        return None
    if found[1]:
        return int(found[1]), int(found[3]), int(found[4])
    return int(found[5]), int(found[7]), _CENTURY + int(found[8])


def _year_last(parts: tuple[int, int, int], order: Order | None) -> date | None:
    first, second, year = parts
    if order is None:  # then it is unambiguous
        order = Order.MONTH_FIRST if second > _MONTHS_IN_YEAR else Order.DAY_FIRST
    if order is Order.DAY_FIRST:
        return _date(year, second, first)
    return _date(year, first, second)


def _named(day: str, month: str, year: str) -> date | None:
    number = next(
        (at for at, name in enumerate(_MONTHS, 1) if _is_month(month.lower(), name)),
        0,
    )
    whole = int(year) if len(year) > len("26") else _CENTURY + int(year)
    return _date(whole, number, int(day))


def _is_month(written: str, name: str) -> bool:
    return written == name or written == name[:3] or (written == "sept" and name == "september")


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
