"""Check every SQL statement before it is executed: does it name the business of its rows?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import (
    Alias,
    BindParameter,
    Column,
    Delete,
    Insert,
    Join,
    Select,
    Table,
    Update,
    event,
    true,
)
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, ClauseElement

from cleo_accounting.store.database import BUSINESS, EVERY, Database
from cleo_accounting.store.tables import metadata
from cleo_accounting.store.tenancy import SHARED

TENANTS = frozenset(name for name in metadata.tables if name not in SHARED)
_KEYS = {"integrations": {"id", "business_id"}, "runs": {"id", "integration_id", "business_id"}}
_WHOSE = """
    select id, business_id from integrations
    union all select id, business_id from runs
    union all select operations.id, runs.business_id from operations
        join runs on runs.id = operations.run_id
"""
_EVERY_KEY = {"business_id", "integration_id", "run_id"}


@dataclass
class Watch:
    """The statements on tables of businesses, and the flaws of those that do not name theirs."""

    seen: set[str] = field(default_factory=set)
    crossing: set[str] = field(default_factory=set)
    flaws: set[str] = field(default_factory=set)


@contextmanager
def watched(database: Database) -> Iterator[Watch]:
    """Watch the statements of a database until the block ends."""
    watch, whose = Watch(), _Whose()

    def look(connection: Any, cursor: Any, text: str, __: Any, context: Any, ___: Any) -> None:
        if context.compiled is None or context.compiled.statement is None:
            return
        business = connection.info.get(BUSINESS, "")
        tables = sorted(TENANTS & set(re.findall(r"\w+", text)))
        if not tables:
            return
        if business == EVERY:
            watch.crossing.add(text)
            return
        watch.seen.add(text)
        for said in _flaws(context, business, partial(whose.of, cursor)):
            watch.flaws.add(f"{said}: {' '.join(text.split())}")

    event.listen(database.engine, "before_cursor_execute", look)
    try:
        yield watch
    finally:
        event.remove(database.engine, "before_cursor_execute", look)


@contextmanager
def forgetful(database: Database) -> Iterator[list[str]]:
    """Remove every comparison with a business, an integration or a run from every statement."""
    taken: list[str] = []

    def forget(element: Any, **_: Any) -> Any:
        if not isinstance(element, BinaryExpression) or not isinstance(element.left, Column):
            return None
        bound = isinstance(element.right, BindParameter) and element.operator is operators.eq
        if not (bound or element.operator is operators.in_op):
            return None
        column = element.left
        if column.name in _KEYS.get(column.table.name, _EVERY_KEY):
            taken.append(str(column))
            return true()
        return None

    def rob(_: Any, statement: Any, many: Any, one: Any, __: Any) -> Any:
        if isinstance(statement, Select | Update | Delete):
            statement = visitors.replacement_traverse(statement, {}, forget)
        return statement, many, one

    event.listen(database.engine, "before_execute", rob, retval=True)
    try:
        yield taken
    finally:
        event.remove(database.engine, "before_execute", rob)


class _Whose:
    """Maps key values to their business, as seen by the current transaction."""

    def __init__(self) -> None:
        self._known: dict[object, str] = {}

    def of(self, cursor: Any, column: str, value: object) -> str:
        """Return the business of an integration, a run or an operation, or a business itself."""
        if column == "business_id":
            return str(value)
        if value not in self._known:
            self._known |= dict(cursor.connection.execute(_WHOSE).fetchall())
        return self._known.get(value, "nobody")


def _flaws(context: Any, business: str, whose: Callable[[str, object], str]) -> Iterator[str]:
    statement = context.compiled.statement
    if isinstance(statement, Insert):
        yield from _of_insert(context, statement.table.name, business, whose)
        return
    around: set[str] = set()  # a subquery may refer to rows of an enclosing statement
    for part in visitors.iterate(statement):
        if not isinstance(part, Select | Update | Delete):
            continue
        tables, conditions = _parts(part)
        own = [one for one in tables if one.name not in around] or tables
        around |= {one.name for one in own}
        for table in own:
            if _named(table) not in TENANTS:
                continue
            said = [one for one in conditions if _is_about(part, one, table)]
            if not said:
                yield f"{_named(table)} without its business"
            for one in said:
                found = {whose(one.left.name, value) for value in _values(context, one.right)}
                if found - {business}:
                    yield f"{_named(table)} of {sorted(found)} for {business}"


def _values(context: Any, bind: Any) -> Iterator[object]:
    """Yield the values of a parameter, or nothing if a column is compared with another column."""
    if not isinstance(bind, BindParameter):
        return
    name = context.compiled.bind_names[bind]
    of_list = re.compile(rf"{re.escape(name)}_\d+")
    for given in context.compiled_parameters:
        for each, value in given.items():
            if each == name or (bind.expanding and of_list.fullmatch(each)):
                yield from value if isinstance(value, list | tuple) else (value,)


def _of_insert(
    context: Any, table: str, business: str, whose: Callable[[str, object], str]
) -> Iterator[str]:
    for row in context.compiled_parameters:
        keys = [(name, row[name]) for name in _EVERY_KEY if row.get(name) is not None]
        if not keys:
            yield f"{table} without its business"
        for name, value in keys:
            if table == "integrations":
                continue
            if whose(name, value) != business:
                yield f"{table} of {whose(name, value)} for {business}"


def _parts(part: Any) -> tuple[list[Any], list[BinaryExpression[Any]]]:
    """Return the tables of one statement or subquery, and its conditions on every row."""
    conditions: list[ClauseElement] = [] if part.whereclause is None else [part.whereclause]
    tables: list[Any] = []
    left = list(part.get_final_froms()) if isinstance(part, Select) else [part.table]
    while left:
        one = left.pop()
        if isinstance(one, Join):
            left += [one.left, one.right]
            if one.onclause is not None:
                conditions.append(one.onclause)
        elif isinstance(one, Table | Alias):
            tables.append(one)
    demanded: list[BinaryExpression[Any]] = []
    while conditions:
        one = conditions.pop()
        if isinstance(one, BooleanClauseList) and one.operator is operators.and_:
            conditions += list(one.clauses)
        elif isinstance(one, BinaryExpression):
            demanded.append(one)
            if isinstance(one.right, Column):  # a join may be written either way
                demanded.append(BinaryExpression(one.right, one.left, one.operator))
    return tables, demanded


def _named(table: Any) -> str:
    return str(table.element.name if isinstance(table, Alias) else table.name)


def _is_about(part: Any, condition: BinaryExpression[Any], table: Any) -> bool:
    """Return whether a condition names the business of the rows of a table.

    Operations are changed by their own ids and read by lists of ids, because a statement that names
    their run has found them just before; that these ids belong to the business is checked here.
    """
    column = condition.left
    if not isinstance(column, Column) or column.table.name != table.name:
        return False
    is_list = condition.operator is operators.in_op
    if not is_list and condition.operator is not operators.eq:
        return False
    by_row = _named(table) == "operations" and (is_list or not isinstance(part, Select))
    keys = _KEYS.get(_named(table), _EVERY_KEY)
    return column.name in keys or (by_row and column.name == "id")
