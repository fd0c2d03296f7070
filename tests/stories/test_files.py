"""Public reports about payables imported from files: dates, amounts, encodings, duplicates."""

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
    """A person who imports files into a business's records and reads the results."""

    terminal: Terminal

    def take(self, text: str | bytes, *options: str, name: str = "payables.csv") -> Said:
        """Import a file with this content."""
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
    """Return a workbook as Excel saves it; the column `dated` holds dates as serial numbers."""

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


def test_a_date_that_may_be_day_first_or_month_first_is_asked_for_and_never_guessed(
    desk: Desk,
) -> None:
    text = _HEADER + "Acme,1,09/01/2026,10.00,Rent\n"
    asked = desk.take(text)
    assert desk.payables() == []
    assert "--date-format" in asked.out + asked.err

    desk.take(text, "--date-format", "DD/MM/YYYY")
    assert [one.issued_on.isoformat() for one in desk.payables()] == ["2026-01-09"]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("24/01/2026", "2026-01-24"),
        ("01/24/2026", "2026-01-24"),
        ("24.01.2026", "2026-01-24"),
        ("2026/01/24", "2026-01-24"),
        ("2026-01-24", "2026-01-24"),
    ],
)
def test_a_date_that_can_be_read_in_one_way_only_is_read(
    desk: Desk, written: str, day: str
) -> None:
    said = desk.take(_HEADER + f"Acme,1,{written},10.00,Rent\n")

    assert said.code == 0, said
    assert [one.issued_on.isoformat() for one in desk.payables()] == [day]


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("4.711,98", 471_198),
        ("10,00", 1_000),
        ("173,90", 17_390),
        ("1.000.000,00", 100_000_000),
        ("4.711,98 €", 471_198),
    ],
)
def test_an_amount_with_a_decimal_comma_is_not_a_hundred_times_as_much(
    desk: Desk, written: str, cents: int
) -> None:
    said = desk.take(_HEADER.replace(",", ";") + f"Acme;1;2026-01-24;{written};Rent\n")

    assert said.code == 0, said
    assert desk.amounts() == [cents]


@pytest.mark.parametrize("written", ["-1.000", "1,234", "25.000", "3,000"])
def test_an_amount_that_may_be_thousands_or_decimals_is_never_guessed(
    desk: Desk, written: str
) -> None:
    said = desk.take(_HEADER.replace(",", ";") + f"Acme;1;2026-01-24;{written};Rent\n")

    assert desk.payables() == []
    assert written in said.out + said.err


def test_one_amount_that_is_clear_tells_how_the_whole_column_is_written(desk: Desk) -> None:
    rows = "Acme;1;2026-01-24;1.488,69;Rent\nAcme;2;2026-01-24;1.000;Rent\n"
    desk.take(_HEADER.replace(",", ";") + rows)

    assert desk.amounts() in ([148_869], [100_000, 148_869])  # the second row may wait


@pytest.mark.parametrize("written", ["$40.00", "USD 40.00", "40.00 USD", " 40.00 "])
def test_a_currency_sign_in_the_amount_loses_no_row(desk: Desk, written: str) -> None:
    said = desk.take(_HEADER + f"Acme,1,2026-01-24,{written},Rent\n")

    assert said.code == 0, said
    assert desk.amounts() == [4_000]


@pytest.mark.parametrize("written", ["(12.00)", "($12.00)", "12.00-", "-12.00", "-$12.00"])
def test_an_amount_in_brackets_or_with_a_minus_behind_is_negative(desk: Desk, written: str) -> None:
    rows = f"Acme,1,2026-01-24,50.00,Rent\nAcme,1,2026-01-24,{written},Refund\n"
    said = desk.take(_HEADER + rows)

    assert said.code == 0, said
    assert desk.amounts() == [3_800]


@pytest.mark.parametrize("first", ["sep=;\n", "sep=;\r\n", '"sep=;"\n', ""])
def test_a_file_of_semicolons_is_read_with_and_without_a_line_that_says_so(
    desk: Desk, first: str
) -> None:
    text = first + _HEADER.replace(",", ";") + "Acme;1;2026-01-24;10,00;Rent, and light\n"
    said = desk.take(text)

    assert said.code == 0, said
    (payable,) = desk.payables()
    assert payable.lines[0].description == "Rent, and light"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_names_with_accents_are_the_same_in_every_encoding_that_excel_writes(
    desk: Desk, encoding: str
) -> None:
    text = _HEADER + "Café Zoë – Ångström,1,2026-01-24,10.00,Prêt-à-porter\n"
    marked = "\ufeff" + text if encoding in {"utf-16-le", "utf-16-be"} else text
    said = desk.take(marked.encode(encoding))

    assert said.code == 0, said
    assert desk.vendors() == ["Café Zoë – Ångström"]


def test_the_same_file_in_another_encoding_changes_nothing(desk: Desk) -> None:
    text = _HEADER + "Café Zoë,1,2026-01-24,10.00,Thé\n"
    desk.take(text.encode("utf-8-sig"))
    before = desk.payables()
    desk.take(text.encode("cp1252"))

    assert desk.payables() == before
    assert desk.vendors() == ["Café Zoë"]


@pytest.mark.parametrize("name", ["payables.xlsx", "payables.csv"])
def test_a_workbook_is_read_with_its_dates_as_dates_whatever_its_name(
    desk: Desk, name: str, tmp_path: Path
) -> None:
    rows = [
        ["vendor_name", "invoice_number", "invoice_date", "amount", "description"],
        ["Acme", "00042", 46046, 1234.5, "Rent"],
        ["Acme", 43, 46047, 10, "Light"],
    ]
    said = desk.take(_workbook(tmp_path / "made.xlsx", rows, dated=2), name=name)

    assert said.code == 0, said
    found = {one.number: (one.issued_on.isoformat(), one.amount.minor) for one in desk.payables()}
    assert found == {"00042": ("2026-01-24", 123_450), "43": ("2026-01-25", 1_000)}


def test_leading_zeros_of_a_number_stay_and_tell_documents_apart(desk: Desk) -> None:
    desk.take(
        _HEADER + "Acme,00042,2026-01-24,10.00,Rent\n"
        "Acme,42,2026-01-25,11.00,Rent\nAcme,021000021000000010016,2026-01-26,12.00,Rent\n"
    )

    numbers = sorted(str(one.number) for one in desk.payables())
    assert numbers == ["00042", "021000021000000010016", "42"]


@pytest.mark.parametrize("number", ["1.91431E+18", "1,23E+15", "1E+12"])
def test_a_number_that_a_spreadsheet_shortened_is_not_taken_for_a_number(
    desk: Desk, number: str
) -> None:
    header, good = _HEADER.replace(",", ";"), "Acme;1.2E+3;2026-01-24;10,00;Rent\n"
    said = desk.take(header + good + f"Acme;{number};2026-01-24;11,00;Rent\n")

    assert said.code == 4, said
    assert number in said.out
    assert desk.amounts() == [1_000]


@pytest.mark.parametrize("name", ["payables.xls", "payables.ods"])
def test_a_workbook_of_another_form_says_how_to_save_it(desk: Desk, name: str) -> None:
    said = desk.take(b"\xd0\xcf\x11\xe0" + bytes(600), name=name)

    assert said.code == 2
    assert "Save it as .xlsx" in said.err


def test_rows_of_separators_only_are_no_records_and_no_mistakes(desk: Desk) -> None:
    said = desk.take(_HEADER + ",,,,\nAcme,1,2026-01-24,10.00,Rent\n,,,,\n , , , , \n")

    assert said.code == 0, said
    assert desk.amounts() == [1_000]


def test_title_lines_above_the_header_and_a_total_below_are_left_out(desk: Desk) -> None:
    said = desk.take(
        "Payables of Harbor Hotel,,,,\nAs of 31 January 2026,,,,\n,,,,\n"
        + _HEADER
        + "Acme,1,2026-01-24,10.00,Rent\nAcme,2,2026-01-25,11.00,Rent\nTotal,,,21.00,\n"
    )

    assert said.code == 0, said
    assert desk.amounts() == [1_000, 1_100]
    assert desk.vendors() == ["Acme"]


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


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_supplier_who_repeats_a_reference_has_two_documents(
    desk: Desk, order: Sequence[int]
) -> None:
    files = (
        _HEADER + "City Power,ACCT-77,2026-01-24,10.00,January\n",
        _HEADER + "City Power,ACCT-77,2026-02-24,25.00,February\n",
    )
    for at in order:
        desk.take(files[at])
    for text in files:
        desk.take(text)

    assert desk.amounts() == [1_000, 2_500]


def test_a_reference_that_repeats_inside_one_file_gives_the_same_documents(desk: Desk) -> None:
    said = desk.take(
        _HEADER + "City Power,ACCT-77,2026-01-24,10.00,January\n"
        "City Power,ACCT-77,2026-02-24,25.00,February\n"
    )

    assert said.code == 0, said
    assert desk.amounts() == [1_000, 2_500]


def test_the_same_amount_under_the_same_number_on_another_day_is_held_back_and_listed(
    desk: Desk,
) -> None:
    desk.take(_HEADER + "City Power,ACCT-77,2026-01-24,10.00,January\n")
    said = desk.take(_HEADER + "City Power,ACCT-77,2026-02-24,10.00,February\n")

    assert said.code == 4, said
    assert "ACCT-77" in said.out + said.err
    assert [one.issued_on.isoformat() for one in desk.payables()] == ["2026-01-24"]


def test_a_trial_import_says_what_would_come_of_it_and_writes_nothing(desk: Desk) -> None:
    desk.take(_HEADER + "Acme,1,2026-01-24,10.00,Rent\nAcme,2,2026-01-25,11.00,Rent\n")
    before = desk.payables()
    said = desk.take(
        _HEADER + "Acme,1,2026-01-24,10.00,Rent\nAcme,2,2026-01-25,12.00,Rent\n"
        "Acme,3,2026-01-26,13.00,Rent\n",
        "--dry-run",
        "--json",
    )

    counts = said.json["records"]["payables"]
    assert {name: n for name, n in counts.items() if n} == {
        "created": 1,
        "updated": 1,
        "unchanged": 1,
    }
    assert desk.payables() == before
