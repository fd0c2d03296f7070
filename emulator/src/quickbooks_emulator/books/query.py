"""Run queries: take candidates from an index if one fits, then filter, order and page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics import faults
from quickbooks_emulator.basics.moments import read_date, read_moment
from quickbooks_emulator.books.books import decode, encode
from quickbooks_emulator.books.entities import BY_PATH, NOT_MODELLED, Column, Entity
from quickbooks_emulator.books.exchange import asked_rates
from quickbooks_emulator.books.statement import (
    ROWS_DEFAULT,
    ROWS_MAX,
    Condition,
    Statement,
    invalid,
    read_statement,
    refused,
)

if TYPE_CHECKING:
    from quickbooks_emulator.books.books import Books, Record

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}

_PRIVATE_NOTE = Column(("PrivateNote",), "text")


@dataclass(frozen=True, slots=True)
class Test:
    """A condition with its column and parsed values, to be tested on records."""

    column: Column
    operator: str
    values: tuple[Any, ...]
    pattern: re.Pattern[str] | None = None


def run_query(books: Books, text: str) -> bytes:
    """Run a statement and return the JSON value of `QueryResponse`."""
    statement = _allowed(books, read_statement(text), text)
    if statement.entity.lower() == "exchangerate":
        return _rates(books, statement)
    entity = _entity(statement.entity)
    tests = [_test(books, entity, each) for each in statement.conditions]
    rows = _rows(books, statement)
    found = _matching(books, entity, tests)
    if statement.counting:
        return b'{"totalCount":%d}' % sum(1 for _ in found)
    ordered = _ordered(books, entity, statement, found)
    page = ordered[statement.start - 1 : statement.start - 1 + rows]
    if not page:
        return b"{}"
    bodies = _bodies(books, entity, statement, page)
    return b'{"%s":[%s],"startPosition":%d,"maxResults":%d}' % (
        entity.name.encode(),
        b",".join(bodies),
        statement.start,
        len(bodies),
    )


def _allowed(books: Books, statement: Statement, text: str) -> Statement:
    """Return the statement, adjusted by the switches; raises Refusal if a switch forbids it."""
    switches = books.switches
    unequal = any(each.operator == "!=" for each in statement.conditions)
    if unequal and switches.unequal_operator == "refused":
        column = text.index("!=") + 1
        raise refused(f'Encountered " <STRING> "!= "" at line 1, column {column}.')
    if statement.start == 0 and switches.start_position_zero == "first":
        return replace(statement, start=1)
    if statement.start < 1:
        raise invalid(f"value {statement.start} is too small. Min allowed value is 1")
    return statement


def _rates(books: Books, statement: Statement) -> bytes:
    """Run a query for ExchangeRate, which is not stored but computed by currency and day."""
    first = statement.start - 1
    found = asked_rates(books, statement.conditions)[first : first + _rows(books, statement)]
    if statement.counting:
        return encode({"totalCount": len(found)})
    if not found:
        return b"{}"
    return encode(
        {"ExchangeRate": found, "startPosition": statement.start, "maxResults": len(found)}
    )


def _entity(name: str) -> Entity:
    entity = BY_PATH.get(name.lower())
    if entity is not None:
        return entity
    if name.lower() in NOT_MODELLED:
        raise faults.NotModelled(f"queries for {name}")
    raise invalid(f"Invalid context declaration: {name}")


def _rows(books: Books, statement: Statement) -> int:
    rows = statement.rows
    if rows is None:
        return ROWS_DEFAULT
    if rows < 1:
        raise invalid(f"value {rows} is too small. Min allowed value is 1")
    if rows > ROWS_MAX and books.switches.max_results_beyond_limit == "refused":
        raise invalid(f"value {rows} is too large. Max allowed value is {ROWS_MAX}")
    return min(rows, ROWS_MAX)


def column_of(books: Books, entity: Entity, name: str) -> Column:
    """Return the column with this name; the Refusal says whether the property exists at all."""
    column = entity.columns.get(name.lower())
    hidden = name.lower() == "acctnum" and not books.switches.account_number_queryable
    if column is not None and not hidden:
        return column
    head = name.split(".", maxsplit=1)[0].lower()
    known = next((each for each in entity.readers if each.lower() == head), None)
    if known == "PrivateNote" and books.switches.private_note_queryable:
        return _PRIVATE_NOTE
    if known is not None:
        raise invalid(f"property '{known}' is not queryable")
    raise invalid(f"Property {name} not found for Entity {entity.name}")


def _test(books: Books, entity: Entity, condition: Condition) -> Test:
    column = column_of(books, entity, condition.column)
    operator = condition.operator
    if column.type == "id" and operator not in {"=", "!=", "IN"}:
        raise invalid("Id can only be compared with =, != and IN")
    if operator == "LIKE":
        if column.type not in {"text", "reference"}:
            raise invalid(f"LIKE is not supported for property {condition.column}")
        parts = (re.escape(each) for each in condition.values[0].casefold().split("%"))
        return Test(column, operator, (), re.compile(".*".join(parts), re.DOTALL))
    values = tuple(_value(books, column, each, condition.column) for each in condition.values)
    return Test(column, operator, values)


def _value(books: Books, column: Column, text: str, name: str) -> Any:  # noqa: ANN401  depends on the column's type
    if not text.strip():
        return None
    if text.upper() == "CURRENT_DATE" and column.type in {"date", "moment"}:
        text = books.today()
    try:
        if column.type == "number":
            return Decimal(text)
        if column.type == "date":
            return read_date(text)
        if column.type == "moment":
            return read_moment(text)
    except (ValueError, InvalidOperation):
        raise invalid(f"Invalid value '{text}' for property {name}") from None
    if column.type == "flag":
        if text.lower() not in {"true", "false"}:
            raise invalid(f"Invalid value '{text}' for property {name}")
        return text.lower() == "true"
    return text if column.type in {"id", "reference"} else text.casefold()


def _matching(books: Books, entity: Entity, tests: list[Test]) -> Iterable[Record]:
    """Yield the records that pass all tests; inactive list entries only if a test is on Active."""
    quick = [each for each in tests if _is_quick(each)]
    slow = [each for each in tests if not _is_quick(each)]
    active_only = entity.family in {"name", "list"} and not any(
        each.column.path == ("Active",) for each in tests
    )
    lag = books.switches.query_lag_seconds
    horizon = books.clock.now().timestamp() - lag if lag else None
    for record in _candidates(books, entity, tests):
        if active_only and not record.active:
            continue
        if horizon is not None and record.created > horizon:
            continue
        if not all(_passes(each, _quick_value(record, each.column)) for each in quick):
            continue
        if slow:
            document = books.document(record)
            if not all(_passes(each, _slow_value(document, each.column)) for each in slow):
                continue
        yield record


def _candidates(books: Books, entity: Entity, tests: list[Test]) -> Iterable[Record]:
    records = books.records[entity.name]
    best: list[str] | None = None
    for test in tests:
        ids = _from_index(books, entity, test)
        if ids is not None and (best is None or len(ids) < len(best)):
            best = ids
    if best is None:
        return list(records.values())
    wanted = {each for each in best if each in records}
    return [records[each] for each in sorted(wanted, key=id_order)]


def id_order(record_id: str) -> int:
    """Return an id's sort key: ids are numbers, except the two US tax codes, which come first."""
    return int(record_id) if record_id.isdecimal() else 0


def _from_index(books: Books, entity: Entity, test: Test) -> list[str] | None:
    path, kind = test.column.path, entity.name
    if test.operator in {"=", "IN"} and None not in test.values:
        if path == ("Id",):
            return [str(each) for each in test.values]
        if path == (entity.number,):
            numbers = books.numbers[kind]
            return [one for each in test.values for one in numbers.get(each, ())]
        if path == (entity.party,):
            parties = books.of_party[kind]
            return [one for each in test.values for one in parties.get(each, ())]
        if path == (entity.title,) and not entity.hierarchical:
            space = books.names.get("party" if entity.family == "name" else kind, {})
            holders = (space.get(each) for each in test.values)
            return [one[1] for one in holders if one is not None and one[0] == kind]
    if path == ("MetaData", "LastUpdatedTime") and test.operator in {">", ">="}:
        since = test.values[0]
        if since is not None:
            return list({one for _, one in books.changes[kind].since(since)})
    return None


def _is_quick(test: Test) -> bool:
    return test.column.path in {("Id",), ("Active",)} or test.column.type == "moment"


def _quick_value(record: Record, column: Column) -> Any:  # noqa: ANN401  depends on the column's type
    if column.path == ("Id",):
        return record.id
    if column.path == ("Active",):
        return record.active
    return record.created if column.path[-1] == "CreateTime" else record.updated


def _slow_value(document: Mapping[str, Any], column: Column) -> Any:  # noqa: ANN401  same
    value: Any = document
    for position, step in enumerate(column.path):
        if type(value) is list:
            rest = Column(column.path[position:], column.type)
            return [_slow_value(each, rest) for each in value]
        if type(value) is not dict or step not in value:
            return None
        value = value[step]
    if column.type == "reference":
        return value.get("value") if type(value) is dict else None
    if column.type == "text":
        return str(value).casefold()
    if column.type == "number":
        return Decimal(value) if type(value) is str else value
    return value


def _passes(test: Test, value: Any) -> bool:  # noqa: ANN401  depends on the column's type
    if test.operator == "!=":
        return not _passes(replace(test, operator="="), value)
    if type(value) is list:
        return any(_passes(test, each) for each in value)
    if test.pattern is not None:
        return value is not None and test.pattern.fullmatch(str(value).casefold()) is not None
    if test.operator == "IN":
        return value in test.values
    wanted = test.values[0]
    if value is None or wanted is None:
        return test.operator == "=" and value is wanted
    return _COMPARE[test.operator](value, wanted)


def _ordered(
    books: Books, entity: Entity, statement: Statement, found: Iterable[Record]
) -> list[Record]:
    records = list(found)
    if not statement.orders:
        descending = books.switches.transaction_order == "descending"
        if entity.family == "transaction" and descending:
            records.reverse()
        elif entity.family != "transaction" and books.switches.name_list_order == "by_name":
            records.sort(key=lambda record: record.label.casefold())
        return records
    for order in reversed(statement.orders):
        column = column_of(books, entity, order.column)
        keyed = [(_sort_key(books, record, column), record) for record in records]
        keyed.sort(key=lambda pair: pair[0], reverse=order.descending)
        records = [record for _, record in keyed]
    return records


def _sort_key(books: Books, record: Record, column: Column) -> tuple[bool, Any]:
    if column.path == ("Id",):
        return True, id_order(record.id)
    if column.path == ("Active",) or column.type == "moment":
        return True, _quick_value(record, column)
    value = _slow_value(books.document(record), column)
    return value is not None, value if value is not None else 0


def _bodies(books: Books, entity: Entity, statement: Statement, page: list[Record]) -> list[bytes]:
    if not statement.columns:
        return [books.body(record) for record in page]
    if books.switches.projections == "refused":
        raise invalid("projections are not supported")
    columns = [column_of_any(entity, name) for name in statement.columns]
    return [_projected(decode(books.body(record)), columns) for record in page]


def column_of_any(entity: Entity, name: str) -> str:
    """Return the property to select by this name; it need not be queryable."""
    head = name.split(".", maxsplit=1)[0].lower()
    known = next((each for each in entity.readers if each.lower() == head), None)
    if known is None:
        raise invalid(f"Property {name} not found for Entity {entity.name}")
    return known


def _projected(document: dict[str, Any], columns: list[str]) -> bytes:
    kept = {name: document[name] for name in columns if name in document}
    return encode({**kept, "domain": "QBO", "sparse": True, "Id": document["Id"]})
