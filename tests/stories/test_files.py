"""Public reports about payables out of files: dates, amounts, encodings, duplicates."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from cleo_accounting.core.records import Connection, Payable, RecordKind
from cleo_accounting.store import records
from cleo_accounting.store.database import Database
from tests.cli.terminal import BUSINESS, Said, Terminal

_HEADER = "vendor_name,invoice_number,invoice_date,amount,description\n"


@dataclass(frozen=True)
class Desk:
    """A person who imports files into a business's records, and looks what came of it."""

    terminal: Terminal

    def take(self, text: str | bytes, *options: str, name: str = "payables.csv") -> Said:
        """Import a file of this content."""
        path = self.terminal.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self.terminal.run("import", str(path), *options)

    def payables(self) -> list[Payable]:
        return [one for one in self._all(RecordKind.PAYABLE) if isinstance(one, Payable)]

    def vendors(self) -> list[str]:
        found = self._all(RecordKind.CONNECTION)
        return sorted(one.name for one in found if isinstance(one, Connection))

    def amounts(self) -> list[int]:
        return sorted(one.amount.minor for one in self.payables())

    def _all(self, kind: RecordKind) -> list[object]:
        database = Database(self.terminal.environment["CLEO_DATABASE_URL"])
        with database.reading() as tx:
            found = [record for _, record in records.page(tx, BUSINESS, kind, after=0, limit=1000)]
        database.close()
        return list(found)


@pytest.fixture
def desk(
    terminal: Terminal, new_sqlite: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    terminal.environment["CLEO_DATABASE_URL"] = new_sqlite()
    monkeypatch.setenv("CLEO_DATABASE_URL", terminal.environment["CLEO_DATABASE_URL"])
    return Desk(terminal)


def _workbook(path: Path, rows: Sequence[Sequence[str | int | float]], dated: int) -> bytes:
    """A workbook as Excel saves it; the column `dated` holds dates as serial numbers."""

    def cell(at: int, value: str | float) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        style = ' s="1"' if at == dated else ""
        return f"<c{style}><v>{value}</v></c>"

    sheet = "".join(
        f"<row>{''.join(cell(at, value) for at, value in enumerate(row))}</row>" for row in rows
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Payables" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}'
        "</sheetData></worksheet>",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}')
    return path.read_bytes()


def test_leading_zeros_of_a_number_stay_and_tell_documents_apart(desk: Desk) -> None:
    desk.take(
        _HEADER + "Acme,00042,2026-01-24,10.00,Rent\n"
        "Acme,42,2026-01-25,11.00,Rent\nAcme,021000021000000010016,2026-01-26,12.00,Rent\n"
    )

    numbers = sorted(str(one.number) for one in desk.payables())
    assert numbers == ["00042", "021000021000000010016", "42"]


def test_a_file_without_a_header_is_refused_and_loses_no_first_row(desk: Desk) -> None:
    said = desk.take("Acme,1,2026-01-24,10.00,Rent\nBeta,2,2026-01-25,11.00,Rent\n")

    assert said.code == 2
    assert "header" in said.err or "column" in said.err
    assert desk.payables() == []


def test_rows_that_are_equal_in_every_cell_are_all_taken(desk: Desk) -> None:
    row = "Coffee bar,1,2026-01-24,4.50,Coffee\n"
    said = desk.take(_HEADER + row * 3)

    assert said.code == 0, said
    assert desk.amounts() == [1_350]


def test_files_that_overlap_take_every_document_once(desk: Desk) -> None:
    rows = [f"Acme,{n},2026-01-{n:02},{n}.00,Rent\n" for n in range(1, 10)]
    desk.take(_HEADER + "".join(rows[:6]))
    desk.take(_HEADER + "".join(rows[3:]))

    assert desk.amounts() == [n * 100 for n in range(1, 10)]
