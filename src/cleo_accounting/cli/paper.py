"""The output of commands: tables and text for people, JSON for programs, progress on stderr."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cleo_accounting.core.records import Money
from cleo_accounting.core.render import printable

_PIPE_WIDTH = 160  # not a terminal: do not cut what a program or a log may need


def out() -> Console:
    """Return the console for results."""
    return _console(stderr=False)


def err() -> Console:
    """Return the console for progress, hints and errors."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(stderr=stderr, highlight=False, width=width)


def clean(text: object) -> str:
    """Escape text from elsewhere: no control characters for the terminal, no markup."""
    return escape(printable(str(text)))


def say(text: str) -> None:
    """Print a result (markup allowed)."""
    out().print(text)


def note(text: str) -> None:
    """Print a hint to stderr (markup allowed)."""
    err().print(text)


def money(minor: int, currency: str) -> str:
    """Return an amount as people write it."""
    return str(Money(minor, currency))


def moment(at: datetime | None) -> str:
    """Return a time in the machine's own time zone, with the zone's name."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z") if at else ""


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; # before a column's name marks numbers, = marks ids to be copied.

    A word that is wider than its column is folded, never cut.
    """
    made = Table(title=title or None, title_justify="left", header_style="bold", title_style="bold")
    for name in columns:
        justify: Literal["right", "left"] = "right" if name.startswith("#") else "left"
        whole = name.startswith(("#", "="))
        made.add_column(name.lstrip("#="), justify=justify, no_wrap=whole, overflow="fold")
    for row in rows:
        made.add_row(*(clean("" if cell is None else cell) for cell in row))
    out().print(made)


def data(value: object) -> None:
    """Print a value as JSON, its names in the platform's camelCase."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def plain(value: Any) -> Any:  # noqa: ANN401  any value of ours
    """Convert a value of ours to what JSON can represent."""
    match value:
        case Money():
            told: Any = {"amount": format(value.decimal, "f"), "currency": value.currency}
        case Enum():
            told = value.value
        case Mapping():
            told = {str(name): plain(item) for name, item in value.items()}
        case datetime() | date():
            told = value.isoformat()
        case Decimal():
            told = format(value, "f")
        case list() | tuple() | set() | frozenset():
            told = [plain(item) for item in value]
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = [field.name for field in dataclasses.fields(value)]
            told = {_camel(name): plain(getattr(value, name)) for name in names}
        case _:
            told = value
    return told


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
