"""Parse the query language into a `Statement`, or refuse it with error 4000."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from quickbooks_emulator.basics import faults

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS_MAX = 1000
ROWS_DEFAULT = 100

_READ_MAX = 1024  # clients repeat the same few queries
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:\\.|[^'\\])*')
      | (?P<number>[+-]?\d+(?:\.\d+)?)
      | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
      | (?P<sign><=|>=|!=|[=<>(),*])
    )""",
    re.VERBOSE,
)
_OPERATORS = {"=", "!=", "<", ">", "<=", ">="}


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; all conditions of a statement must hold."""

    column: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One column to sort by."""

    column: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A parsed query."""

    entity: str
    columns: tuple[str, ...]
    """The selected columns; empty means all."""
    counting: bool
    conditions: tuple[Condition, ...]
    orders: tuple[Order, ...]
    start: int
    rows: int | None


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


def refused(detail: str) -> faults.Refusal:
    """Return error 4000: the statement cannot be parsed."""
    return faults.refused("4000", "Error parsing query", f"QueryParserError: {detail}")


def invalid(detail: str) -> faults.Refusal:
    """Return error 4001: the statement can be parsed, but is not valid."""
    return faults.refused("4001", "Invalid query", f"QueryValidationError: {detail}")


@lru_cache(_READ_MAX)
def read_statement(text: str) -> Statement:
    """Parse a statement; raises Refusal (4000)."""
    return _Reader(_tokens(text)).statement()


def _tokens(text: str) -> list[_Token]:
    result: list[_Token] = []
    position = 0
    stripped = text.rstrip()
    while position < len(stripped):
        match = _TOKEN.match(stripped, position)
        if match is None:
            rest = stripped[position:].lstrip()
            column = len(stripped) - len(rest) + 1
            raise refused(f'Encountered " <STRING> "{rest[:40]}" at line 1, column {column}.')
        kind = match.lastgroup or ""
        result.append(_Token(kind, match.group(kind), match.start(kind) + 1))
        position = match.end()
    return result


class _Reader:
    """A recursive descent parser over the tokens."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._next = 0

    def statement(self) -> Statement:
        self._demand("SELECT")
        columns, counting = self._columns()
        self._demand("FROM")
        entity = self._word()
        conditions: list[Condition] = []
        if self._accept("WHERE"):
            conditions.append(self._condition())
            while self._accept("AND"):
                conditions.append(self._condition())
        orders = self._orders()
        start, rows = self._page()
        if self._next < len(self._tokens):
            raise self._unexpected()
        return Statement(entity, columns, counting, tuple(conditions), orders, start, rows)

    def _columns(self) -> tuple[tuple[str, ...], bool]:
        if self._accept("COUNT"):
            for sign in "(*)":
                self._demand(sign)
            return (), True
        names = [self._name_or_star()]
        while self._accept(","):
            names.append(self._name_or_star())
        return (() if "*" in names else tuple(names)), False

    def _name_or_star(self) -> str:
        return "*" if self._accept("*") else self._word()

    def _condition(self) -> Condition:
        column = self._word()
        token = self._take()
        operator = token.text.upper()
        if operator in _OPERATORS or operator == "LIKE":
            return Condition(column, operator, (self._value(),))
        if operator == "IN":
            self._demand("(")
            values = [self._value()]
            while self._accept(","):
                values.append(self._value())
            self._demand(")")
            return Condition(column, operator, tuple(values))
        self._next -= 1
        raise self._unexpected()

    def _value(self) -> str:
        token = self._take()
        if token.kind == "text":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1])
        if token.kind in {"number", "word"}:
            return token.text
        self._next -= 1
        raise self._unexpected()

    def _orders(self) -> tuple[Order, ...]:
        if self._accept("ORDER"):
            self._demand("BY")
        elif not self._accept("ORDERBY"):
            return ()
        orders = [self._order()]
        while self._accept(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        column = self._word()
        descending = self._accept("DESC")
        if not descending:
            self._accept("ASC")
        return Order(column, descending)

    def _page(self) -> tuple[int, int | None]:
        start, rows = 1, None
        for _ in range(2):
            if self._accept("STARTPOSITION"):
                start = self._whole_number()
            elif self._accept("MAXRESULTS"):
                rows = self._whole_number()
        return start, rows

    def _whole_number(self) -> int:
        token = self._take()
        if token.kind != "number" or "." in token.text:
            self._next -= 1
            raise self._unexpected()
        return int(token.text)

    def _word(self) -> str:
        token = self._take()
        if token.kind != "word":
            self._next -= 1
            raise self._unexpected()
        return token.text

    def _take(self) -> _Token:
        if self._next >= len(self._tokens):
            raise self._unexpected()
        self._next += 1
        return self._tokens[self._next - 1]

    def _accept(self, wanted: str) -> bool:
        if self._next < len(self._tokens) and self._tokens[self._next].text.upper() == wanted:
            self._next += 1
            return True
        return False

    def _demand(self, wanted: str) -> None:
        if not self._accept(wanted):
            raise self._unexpected()

    def _unexpected(self) -> faults.Refusal:
        if self._next >= len(self._tokens):
            last = self._tokens[-1] if self._tokens else _Token("", "", 0)
            return refused(f'Encountered "<EOF>" at line 1, column {last.column}.')
        token = self._tokens[self._next]
        kind = " <STRING> " if token.kind == "text" else f" <{token.kind.upper()}> "
        return refused(f'Encountered "{kind}"{token.text} "" at line 1, column {token.column}.')
