"""Read a file as a table, in any supported format: find its header, and yield the rows below it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from cleo_accounting.errors import Invalid
from cleo_accounting.platform import columns, texts
from cleo_accounting.platform.rows import LINE_BYTES_MAX
from cleo_accounting.platform.workbook import OLD_EXCEL, ZIP, Workbook

if TYPE_CHECKING:
    from pathlib import Path

    from cleo_accounting.platform.columns import Layout, Places
    from cleo_accounting.platform.dates import Cell
    from cleo_accounting.platform.forms import Form

_HEADER_AMONG = 50  # rows searched for the header; titles and report parameters may come first
_DELIMITERS = ",;\t|"
_WATCHED_ROWS = 1000
_FIELDS_OF_A_HEADER = 2

Numbered = tuple[int, "list[Cell]"]
Told = Callable[[int, int], None]  # progress: done, total


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file below its header, and the columns of our fields."""

    places: Places
    header_line: int
    said: tuple[str, ...]
    every: Callable[[Told], Iterator[Numbered]]

    def rows(self, told: Told) -> Iterator[Numbered]:
        """Yield the rows below the header; can be called several times."""
        return (row for row in self.every(told) if row[0] > self.header_line)


def open_table(path: Path, layout: Layout) -> Table:
    """Open a file as a table: as a workbook if its content is one, otherwise as text.

    Raises:
        Invalid: it cannot be read, or has no header that names what is needed.
    """
    forms = columns.forms(layout)
    try:
        with path.open("rb") as file:
            head = file.read(len(OLD_EXCEL))
    except OSError as refusal:
        raise Invalid(f"{path} cannot be read: {refusal.strerror or refusal}.") from None
    if head.startswith(OLD_EXCEL):
        raise Invalid(
            f"{path} is a workbook of the old form (.xls), or has a password: save it as .xlsx"
            " without one, or as CSV."
        )
    if head.startswith(ZIP):
        return _of_workbook(path, layout, forms)
    return _of_text(path, layout, forms)


def _of_workbook(path: Path, layout: Layout, forms: Sequence[Form]) -> Table:
    book = Workbook(path, layout.sheet)

    def every(told: Told) -> Iterator[Numbered]:
        height = book.height()
        for number, cells in book.rows():
            if number % _WATCHED_ROWS == 0:
                told(number, height)
            yield number, cells

    sample = [(line, list(map(_text, cells))) for line, cells in islice(book.rows(), _HEADER_AMONG)]
    headers = [_header(sample, form, layout) for form in forms]
    places, word = columns.choose([one for _, one in headers], layout, file=str(path))
    columns.demand(places, layout, file=str(path))
    line = next(line for line, one in headers if one is places)
    said = (*book.said, *_above(sample, line), *word, *places.said())
    return Table(places, line, said, every)


def _of_text(path: Path, layout: Layout, forms: Sequence[Form]) -> Table:
    found = texts.encoding(path, layout.encoding)
    sample = _sample(path, found.name)
    if not any(text.strip() for text in sample):
        raise Invalid(f"{path} is empty: it has no header.")
    headers = [_text_header(sample, form, layout) for form in forms]
    places, word = columns.choose([one for _, _, one in headers], layout, file=str(path))
    columns.demand(places, layout, file=str(path))
    delimiter, line = next((by, line) for by, line, one in headers if one is places)

    def every(told: Told) -> Iterator[Numbered]:
        yield from _text_rows(path, found.name, delimiter, told)

    above = _above(_parsed(sample, delimiter), line)
    told = (found.said, *above, *word, *places.said())
    return Table(places, line, tuple(text for text in told if text), every)


def _text_header(sample: Sequence[str], form: Form, layout: Layout) -> tuple[str, int, Places]:
    """Find the delimiter and the header with which most fields of a form are named."""
    named = _named_delimiter(sample[0])
    ranked: list[tuple[int, str, int, Places]] = []
    for delimiter in named or _DELIMITERS:
        rows = _parsed(sample, delimiter)
        line, places = _header(rows[1:] if named else rows, form, layout)
        ranked.append((_score(places), delimiter, line, places))
    return max(ranked, key=lambda one: (one[0], len(one[3].names)))[1:]


def _header(
    rows: Sequence[tuple[int, list[str]]], form: Form, layout: Layout
) -> tuple[int, Places]:
    """Find the row that names most of our fields, or else the first that could be a header."""
    best: tuple[int, Places] | None = None
    for line, cells in rows:
        places = columns.place([cell.strip() for cell in cells], form, layout)
        if _score(places) > (_score(best[1]) if best else _FIELDS_OF_A_HEADER - 1):
            best = (line, places)
    if best is None:
        filled = [row for row in rows if any(cell.strip() for cell in row[1])]
        widest = max((sum(map(bool, cells)) for _, cells in filled), default=0)
        line, cells = next((row for row in filled if sum(map(bool, row[1])) == widest), (1, [""]))
        names = [cell.strip() for cell in cells]
        return line, columns.place(names, form, layout)
    return best


def _score(places: Places) -> int:
    return len(places.at)


def _above(rows: Sequence[tuple[int, list[str]]], header_line: int) -> list[str]:
    """Return a note on the rows above the header, which are skipped."""
    titles = [cells for line, cells in rows if line < header_line and any(map(str.strip, cells))]
    shown = [" ".join(" ".join(cells).split())[:60] for cells in titles]
    if not shown or all(text.lower().startswith("sep=") for text in shown):
        return []
    return [f"The header is on line {header_line}; above it: “{'”, “'.join(shown[:3])}”."]


def _named_delimiter(first: str) -> str | None:
    """Return the delimiter of a line “sep=;”, which tells Excel how columns are separated."""
    text = first.strip().strip('"')
    return text[4:] if text.lower().startswith("sep=") and len(text) == len("sep=;") else None


def _sample(path: Path, encoding: str) -> list[str]:
    try:
        with path.open(encoding=encoding, newline="") as file:
            return list(islice(iter(lambda: file.readline(LINE_BYTES_MAX), ""), _HEADER_AMONG * 2))
    except UnicodeError:
        raise Invalid(f"{path} is not {encoding}: name another --encoding.") from None


def _parsed(sample: Sequence[str], delimiter: str) -> list[tuple[int, list[str]]]:
    """Parse the first rows, as far as they are valid CSV."""
    reader = csv.reader(sample, delimiter=delimiter, strict=False)
    rows: list[tuple[int, list[str]]] = []
    began = 1
    try:
        for cells in islice(reader, _HEADER_AMONG):
            rows.append((began, cells))
            began = reader.line_num + 1
    except csv.Error:
        pass  # reported with its line when the file is read
    return rows


def _text_rows(path: Path, encoding: str, delimiter: str, told: Told) -> Iterator[Numbered]:
    size, began = path.stat().st_size, 1
    with path.open("rb") as raw:
        text = io.TextIOWrapper(raw, encoding=encoding, newline="")
        reader = csv.reader(_lines(path, text), delimiter=delimiter, strict=True)
        try:
            for at, cells in enumerate(reader):
                if at % _WATCHED_ROWS == 0:
                    told(raw.tell(), size)
                yield began, list(cells)
                began = reader.line_num + 1
        except csv.Error as refusal:
            raise Invalid(f"{path} is not CSV from line {began} on: {refusal}.") from None
        except UnicodeError:
            raise Invalid(
                f"{path} is not {encoding} from line {began} on: name another --encoding."
            ) from None
        told(size, size)


def _lines(path: Path, text: io.TextIOWrapper) -> Iterator[str]:
    for number, line in enumerate(iter(lambda: text.readline(LINE_BYTES_MAX), ""), 1):
        if len(line) == LINE_BYTES_MAX:
            raise Invalid(f"Line {number} of {path} is longer than {LINE_BYTES_MAX:,} characters.")
        yield line


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else str(cell)
