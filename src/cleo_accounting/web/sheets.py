"""Write lists as CSV: their columns, and cells that a spreadsheet does not run as formulas."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cleo_accounting.core.records import Money
from cleo_accounting.core.states import Action
from cleo_accounting.flows.reporting import export
from cleo_accounting.web.teller import Teller, field_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cleo_accounting.core.contrast import Contrast
    from cleo_accounting.flows import House
    from cleo_accounting.flows.reporting.history import Entry
    from cleo_accounting.flows.reporting.progress import Item

Cell = str | int | Decimal | None

# Characters that make a spreadsheet take a text for a formula, full-width forms included.
_FORMULA = frozenset("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")
# Where the list separator is a semicolon (German, French … Excel) or a tab, a cell ends at it.
_SEPARATOR = re.compile(r"[;\t\r\n\0]")
_AFTER_SEPARATOR = re.compile(r"([;\t\r\n][ \u00a0]*)([=+\-@\uff1d\uff0b\uff0d\uff20])")
ROWS_MAX = 100_000
_AT_ONCE = 250
ACTIVITY = (
    "When (UTC)",
    "What",
    "Record",
    "Vendor or customer",
    "Outcome",
    "Amount",
    "Currency",
    "Why",
    "By",
    "Id",
    "Id in QuickBooks",
    "Differences",
)
ITEMS = (
    "What",
    "Record",
    "Act",
    "State",
    "Amount",
    "Currency",
    "In QuickBooks",
    "Why",
    "Fix",
    "Changes",
    "Id",
)


def activity(
    house: House,
    business_id: str,
    integration_id: str,
    tell: Teller,
    wanted: Mapping[str, Any],
) -> Iterator[list[Cell]]:
    """Return the rows of the activity of records, newest first."""
    some = export.acts(house, business_id, integration_id, limit=ROWS_MAX + 1, **wanted)
    return (_row(one, tell) for one in some)


def waiting(
    house: House, business_id: str, integration_id: str, tell: Teller, code: str | None = None
) -> Iterator[list[Cell]]:
    """Return the rows of the records that wait for a person, oldest first."""
    limit = ROWS_MAX + 1
    some = export.waiting_for(house, business_id, integration_id, code=code, limit=limit)
    return (_row(one, tell) for one in some)


def items(
    house: House,
    business_id: str,
    integration_id: str,
    run_id: str,
    wanted: Mapping[str, Any] | None = None,
) -> Iterator[list[Cell]]:
    """Return the rows of a run's items: what was done with each record, or would be."""
    limit = ROWS_MAX + 1
    some = export.items(house, business_id, integration_id, run_id, limit=limit, **(wanted or {}))
    return (_item(one) for one in some)


def cell(value: Cell) -> str:
    """Return the text of a cell: numbers as they are, possible formulas marked as text."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    plain = value
    if _SEPARATOR.search(value):  # most texts have none; the search costs a third of `sub`
        plain = _AFTER_SEPARATOR.sub(r"\1'\2", value.replace("\0", ""))
    return f"'{plain}" if plain.lstrip(" \u00a0")[:1] in _FORMULA and plain else plain


def written(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield the CSV while its rows are read; after `ROWS_MAX` rows, a last row says so."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    out.write("\ufeff")  # without it, spreadsheets do not recognise UTF-8
    writer.writerow([cell(one) for one in header])
    for number, row in enumerate(rows, 1):
        if number > ROWS_MAX:
            writer.writerow([f"Only the first {ROWS_MAX:,} rows. Filter the list to get the rest."])
            break
        writer.writerow([cell(one) for one in row])
        if number % _AT_ONCE == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _item(one: Item) -> list[Cell]:
    return [
        one.kind,
        one.label,
        one.action if one.action != Action.LEAVE else "left",
        one.state,
        _amount(one.amount_minor, one.currency),
        one.currency,
        one.remote_name,
        one.cause or one.facts.get("why"),
        one.fix,
        ", ".join(field_name(each.field) for each in one.changes),
        one.record_id,
    ]


def _row(one: Entry, tell: Teller) -> list[Cell]:
    item = one.item
    outcome = "needs attention" if item.needs_attention else f"{item.action} {item.state}"
    return [
        one.at.isoformat(sep=" ", timespec="seconds").removesuffix("+00:00"),
        item.kind,
        item.label,
        one.party,
        outcome,
        _amount(one.amount_minor, one.currency),
        one.currency,
        item.cause,
        one.asked_by,
        item.record_id,
        item.remote_id,
        "\n".join(_difference(each, tell) for each in item.differences),
    ]


def _difference(one: Contrast, tell: Teller) -> str:
    """Describe a differing field in a cell: our last value, QuickBooks' value and our new one."""
    written, theirs, ours = (
        " / ".join(tell.value(each).splitlines()) or "nothing"
        for each in (one.written, one.theirs, one.ours)
    )
    return f"{field_name(one.field)}: we wrote {written}; QuickBooks has {theirs}; ours is {ours}"


def _amount(minor: int | None, currency: str | None) -> Decimal | None:
    return None if minor is None or currency is None else Money(minor, currency).decimal
