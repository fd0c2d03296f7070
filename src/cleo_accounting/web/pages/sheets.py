"""Write rows as CSV that opens clean in a spreadsheet: no cell of others becomes a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from fastapi.responses import Response, StreamingResponse

Cell = str | int | Decimal | None

# What makes a spreadsheet take a text for a formula, full-width forms included.
_FORMULA = frozenset("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")
# Where the list separator is a semicolon (German, French … Excel) or a tab, a cell ends there.
_AFTER_SEPARATOR = re.compile(r"([;\t\r\n][ \u00a0]*)([=+\-@\uff1d\uff0b\uff0d\uff20])")
_AT_ONCE = 500


def sheet(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Answer with a sheet, written while it is read. `name` is ours: letters, digits and dashes."""
    return StreamingResponse(
        _written(header, rows),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def cell(value: Cell) -> str:
    """A cell: numbers stay numbers; a text that could be a formula is marked as text."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    plain = _AFTER_SEPARATOR.sub(r"\1'\2", value.replace("\0", ""))
    return f"'{plain}" if plain.lstrip(" \u00a0")[:1] in _FORMULA and plain else plain


def _written(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    out.write("\ufeff")  # or spreadsheets take UTF-8 for something else
    writer.writerow([cell(one) for one in header])
    for number, row in enumerate(rows, 1):
        writer.writerow([cell(one) for one in row])
        if number % _AT_ONCE == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()
