"""Read the rows of an Excel workbook (.xlsx), with limits that protect against hostile files."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING
from xml.parsers import expat  # document types, and so entities, are refused below

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from cleo_accounting.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cleo_accounting.platform.dates import Cell

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UNPACKED_BYTES_MAX = 1 << 30
CELLS_MAX = 20_000_000  # including empty cells, for which the reader allocates memory, too
_CHUNK_BYTES = 1 << 20
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_DIGITS = 15  # the digits that Excel keeps; further digits of a float were never typed


class Workbook:
    """The one sheet of a workbook that is read."""

    def __init__(self, path: Path, sheet: str | None) -> None:
        """Open a workbook and choose its sheet: the named one, or the first with content.

        Raises:
            Invalid: it is no workbook, too large, or has no such sheet.
        """
        _bounded(path)
        self._path = path
        with _readable(path):
            self._book = CalamineWorkbook.from_path(path)
            self.name, others = _choose(self._book, path, sheet)
        self.said = [f"Read from the sheet “{self.name}”, not from {others}."] if others else []

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield every row with its number."""
        with _readable(self._path):
            sheet = self._book.get_sheet_by_name(self.name)
            for number, cells in enumerate(sheet.iter_rows(), 1):
                yield number, [_cell(value) for value in cells]

    def height(self) -> int:
        """Return the number of rows."""
        return self._book.get_sheet_by_name(self.name).total_height


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except CalamineError:
        raise Invalid(f"{path} is a damaged workbook. Save it again as .xlsx.") from None


def _choose(book: CalamineWorkbook, path: Path, asked: str | None) -> tuple[str, str]:
    """Choose a sheet; also returns which other sheets have content."""
    sheets = [each.name for each in book.sheets_metadata if each.typ is SheetTypeEnum.WorkSheet]
    if asked is not None and asked not in sheets:
        raise Invalid(f"{path} has no sheet “{asked}”; it has {', '.join(sheets)}.")
    shown = [
        each.name
        for each in book.sheets_metadata
        if each.typ is SheetTypeEnum.WorkSheet and each.visible is SheetVisibleEnum.Visible
    ]
    filled = [name for name in shown if book.get_sheet_by_name(name).start is not None]
    chosen = asked or next(iter(filled), None)
    if chosen is None:
        raise Invalid(f"{path} has no sheet with data.")
    others = [f"“{name}”" for name in filled if name != chosen]
    return chosen, "" if asked else ", ".join(others)


def _cell(value: object) -> Cell:
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return Decimal(format(value, f".{_DIGITS}g"))
        case dt.datetime():
            return value.date()
        case dt.date():
            return value
        case _:
            return str(value)


def _bounded(path: Path) -> None:
    """Refuse a workbook that would unpack to more than a machine should hold."""
    too_large = Invalid(
        f"{path} is too large a workbook: save its sheet as CSV, or split it into several files."
    )
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if "xl/workbook.xml" not in {each.filename for each in members}:
                raise Invalid(f"{path} is not an Excel workbook. Save it as .xlsx or CSV.")
            if sum(each.file_size for each in members) > UNPACKED_BYTES_MAX:
                raise too_large
            for member in members:
                if member.filename.startswith("xl/worksheets/") and _cells(archive, member) > (
                    CELLS_MAX
                ):
                    raise too_large
    except (zipfile.BadZipFile, expat.ExpatError, NotImplementedError, RuntimeError, EOFError):
        raise Invalid(f"{path} is a damaged workbook. Save it again as .xlsx.") from None


def _cells(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    """Return the area of the rectangle that a sheet's cells span, without building a tree."""
    corners = _Corners()
    parser = expat.ParserCreate()
    parser.StartElementHandler = corners.element
    parser.StartDoctypeDeclHandler = _no_doctype
    with archive.open(member) as sheet:
        while chunk := sheet.read(_CHUNK_BYTES):
            parser.Parse(chunk)
    return corners.area()


class _Corners:
    """The last row and column of a sheet, and its number of cells."""

    def __init__(self) -> None:
        self.row = self.column = self.count = 0

    def element(self, name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] != "c":
            return
        self.count += 1
        if place := _PLACE.fullmatch(attributes.get("r", "")):
            self.column = max(self.column, _number(place[1]))
            self.row = max(self.row, int(place[2]))

    def area(self) -> int:
        return max(self.row * self.column, self.count)


def _number(letters: Sequence[str]) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _no_doctype(*_told: object) -> None:
    raise expat.ExpatError("a workbook needs no document type")
