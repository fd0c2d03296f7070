"""Format money, times and names for the people of a business."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cleo_accounting.core.merge import SAID
from cleo_accounting.core.records import Money
from cleo_accounting.flows.admin.session import PERSON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.core.contrast import Value

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
# Characters that change the direction of the text after them, which a name must not do to ours.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Teller:
    """Formats values with the person's time zone, the current time and the company's currency."""

    zone: str
    now: datetime
    currency: str = "USD"

    def money(self, minor: int | None, currency: str | None) -> str:
        """Return an amount with the symbol of the company's own currency, else with its code."""
        if minor is None or currency is None:
            return ""
        plain = f"{abs(Money(minor, currency).decimal):,}"
        minus = "\N{MINUS SIGN}" if minor < 0 else ""
        if currency == self.currency and currency in _SYMBOLS:
            return f"{minus}{_SYMBOLS[currency]}{plain}"
        return f"{minus}{plain} {currency}"

    def amounts(self, amounts: Sequence[tuple[str, int]]) -> str:
        """Return amounts of several currencies, listed because they cannot be added up."""
        return " + ".join(self.money(minor, currency) for currency, minor in amounts)

    def moment(self, at: datetime | None) -> str:
        """Return a time with its zone: Nov 2, 2:14 PM PST."""
        if at is None:
            return "–"
        here = at.astimezone(ZoneInfo(self.zone))
        year = "" if here.year == self.now.astimezone(ZoneInfo(self.zone)).year else f" {here.year}"
        clock = here.strftime("%I:%M %p").lstrip("0")
        return f"{here:%b} {here.day}{year}, {clock} {here.tzname()}"

    def clock(self, at: datetime | None) -> str:
        """Return a time of day with its zone: 2:14 PM PST."""
        if at is None:
            return "soon"
        here = at.astimezone(ZoneInfo(self.zone))
        return f"{here.strftime('%I:%M %p').lstrip('0')} {here.tzname()}"

    def ago(self, at: datetime | None) -> str:
        """Return how long ago a time was, and the time: 4 min ago (2:14 PM PST)."""
        if at is None:
            return "never"
        seconds = (self.now - at).total_seconds()
        if seconds < _MINUTE:
            near = "just now"
        elif seconds < _HOUR:
            near = f"{int(seconds // _MINUTE)} min ago"
        elif seconds < _DAY:
            near = f"{int(seconds // _HOUR)} h ago"
        else:
            days = int(seconds // _DAY)
            return f"{days} day{'s' * (days != 1)} ago ({self.moment(at)})"
        return f"{near} ({self.clock(at)})"

    def value(self, value: Value | None) -> str:
        """Return the text of a field's value, with one line per line of a document."""
        if value is None:
            return ""
        if value.kind == "money":
            return self.money(value.minor, value.currency)
        if value.kind == "date":
            return self.day(date.fromisoformat(value.text))
        if value.kind == "lines":
            return "\n".join(
                f"{line.description or 'No text'}: {self.money(line.minor, line.currency)}"
                + (f", {line.books_to}" if line.books_to else "")
                for line in value.lines
            )
        return value.text

    def day(self, day: date | None) -> str:
        """Return a date: Nov 2, 2026."""
        return "–" if day is None else f"{day:%b} {day.day}, {day.year}"

    def iso(self, at: datetime | None) -> str:
        """Return a time in UTC and ISO 8601, for programs."""
        return "" if at is None else at.astimezone(UTC).isoformat(timespec="seconds")


def short(text: str, length: int = 60) -> str:
    """Return other people's text, cut to a length and isolated from our text's direction."""
    return f"\u2068{cut(text, length)}\u2069"


def cut(text: str, length: int = 60) -> str:
    """Return a text cut to a length, not isolated: browsers search options by typed letters."""
    plain = "".join(" " if char in _DIRECTIONS or not char.isprintable() else char for char in text)
    return plain if len(plain) <= length else plain[: length - 1].rstrip() + "…"


def lines(text: str, length: int = 400) -> str:
    """Return a text of several lines, each isolated and cut to a length."""
    return "\n".join(short(line, length) for line in text.splitlines()[:20])


def who(by: str | None) -> str:
    """Return the name of an actor for people, to whom ids of tokens and workers mean nothing."""
    if not by:
        return "somebody"
    if by.startswith(PERSON):  # of a token that let itself in, the token's name
        return by.removeprefix(PERSON).replace("token:", "API token ", 1)
    if by.startswith(("token:", "jwt:")) or "|" in by:
        return "Cleo Pay"
    return "Cleo Pay Accounting" if by == "worker" else by


def field_name(field: str) -> str:
    """Return the name of a field as people know it: Due date."""
    said = SAID.get(field, field).removeprefix("the ")
    return said[0].upper() + said[1:]


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: 1 bill, 2 bills."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
