"""Build statements in Intuit's query language, with all values escaped in one place."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

ROWS_MAX = 1000  # Intuit's cap on MAXRESULTS
EVERY = "Active IN (true,false)"  # without it, queries return only active entries


def literal(value: str) -> str:
    """Return a text as a quoted and escaped string literal.

    Raises:
        ValueError: it has a control character, which no name or number in the books can have.
    """
    if any(unicodedata.category(char) == "Cc" for char in value):
        raise ValueError("a control character cannot be asked for")
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def one_of(name: str, values: Sequence[str]) -> str:
    """Return the condition that a property has one of these values."""
    if not values:
        raise ValueError("a list to choose from cannot be empty")
    return f"{_property(name)} IN ({','.join(literal(value) for value in values)})"


def between(name: str, first: date, last: date) -> list[str]:
    """Return the conditions that a date lies in a period, both ends included."""
    return [
        f"{_property(name)} >= {literal(first.isoformat())}",
        f"{_property(name)} <= {literal(last.isoformat())}",
    ]


def is_plain(value: str) -> bool:
    """Return whether equality works for a text: typographic quotes and dashes break a query."""
    return all(char.isascii() or unicodedata.category(char)[0] not in "PSZ" for char in value)


def resembles(name: str, value: str) -> str:
    """Return the condition that a property equals a text, apart from typographic characters."""
    pattern = "".join(char if is_plain(char) else "%" for char in value)
    return f"{_property(name)} LIKE {literal(pattern)}"


def select(
    entity: str, conditions: Sequence[str] = (), *, start: int = 1, rows: int = ROWS_MAX
) -> str:
    """Return the query for whole entities in the order of their ids, from the `start`-th on."""
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return (
        f"SELECT * FROM {_property(entity)}{where}"  # noqa: S608  literal() is the escaper
        f" ORDERBY Id STARTPOSITION {start} MAXRESULTS {rows}"
    )


def _property(name: str) -> str:
    assert name.replace(".", "").isalnum(), name
    return name
