"""Files are read correctly however their dates, amounts and tables are written."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleo_accounting.errors import Invalid
from cleo_accounting.platform import amounts, dates, payables, workbook
from cleo_accounting.platform.amounts import Mark
from cleo_accounting.platform.dates import Order
from tests.platform.books import write_workbook
from tests.platform.tables import csv_of, facts, read

DAY = date(2026, 1, 15)
HEADER = "Supplier,Invoice No,Invoice Date,Net Amount,Memo"


@pytest.mark.parametrize(
    "text",
    """
    2026-01-15|2026/01/15|2026.01.15|2026-1-15|20260115|15/01/2026|01/15/2026|15.01.2026|15-01-2026
    |1/15/2026|15/1/26|1/15/26|15 Jan 2026|15-Jan-26|15 January 2026|15th January 2026|Jan 15, 2026
    |January 15 2026|JAN-15-2026|46037|46037.0|46037.75|2026-01-15T00:00:00|2026-01-15 09:30
    |2026-01-15T09:30:00.123Z|1/15/2026 12:00:00 AM|15/01/2026 00:00| 2026-01-15
    """.strip().split("|"),
)
def test_a_date_is_read_as_people_write_it(text: str) -> None:
    assert dates.read(text, None) == DAY


@pytest.mark.parametrize(
    "text",
    "|soon|31/02/2026|2026-13-01|00/01/2026|15 Foo 2026|26-01-15|1|12345678901|15|2026".split("|"),
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates.read(text, None) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234.50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u202f234,50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1’234.50", "1234.50"),
        ("12,34,567.00", "1234567"),
        ("1,234,567", "1234567"),
        ("12,5", "12.5"),
        (".50", "0.50"),
        ("12.", "12"),
        ("+12.00", "12.00"),
        ("-12.00", "-12.00"),
        ("\u221212.00", "-12.00"),
        ("12.00-", "-12.00"),
        ("(12.00)", "-12.00"),
        ("12.00 CR", "-12.00"),
        ("12.00cr.", "-12.00"),
        ("(12.00) CR", "-12.00"),
        ("12.00 DR", "12.00"),
        ("$1,234.50", "1234.50"),
        ("-$12.00", "-12.00"),
        ("$-12.00", "-12.00"),
        ("($12.00)", "-12.00"),
        ("$(12.00)", "-12.00"),
        ("US$ 12.00", "12.00"),
        ("USD 12.00", "12.00"),
        ("12.00 eur", "12.00"),
        ("€ 1.234,50", "1234.50"),
        ("1.234,50 €", "1234.50"),
        ("£12.00", "12.00"),
        ("12,50 zł", "12.50"),
        (" 12.00 ", "12.00"),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, number: str) -> None:
    found = amounts.read(text, None)

    assert found is not None
    assert found.number == Decimal(number)


@pytest.mark.parametrize(
    "text",
    "|ten|1e5|--1|-(1)|(-1)|$|.|1.2.3|12,345,67|1,23|TBC 12|EUR 12 USD|5 %|12 34|NaN|-".split("|")[
        :10
    ]
    + "TBC 12|EUR 12 USD|5 %|12 34|NaN|-|1-2|12.00 XX|#REF!|(12.00|1,2,3".split("|"),
)
def test_what_is_no_amount_is_none(text: str) -> None:
    assert amounts.read(text, None) is None


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("£12", "GBP"),
        ("12 EUR", "EUR"),
        ("CA$ 12", "CAD"),
        ("$12", "USD"),
        ("12", "USD"),
        ("¥12", None),
        ("kr 12", None),
    ],
)
def test_a_sign_says_the_currency_or_the_row_is_refused(
    tmp_path: Path, text: str, currency: str | None
) -> None:
    found = read(csv_of(tmp_path, f'A,1,2026-01-15,"{text}",x\n', header=HEADER + "\n"))

    assert [one.amount.currency for one in found.payables] == ([currency] if currency else [])
    assert [bad.kind for bad in found.bad] == ([] if currency else ["currency"])


def test_a_sign_against_the_currency_column_is_refused(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        "A,1,2026-01-15,£12,USD\nA,2,2026-01-15,£12,gbp\nA,3,2026-01-15,12,€\nA,4,2026-01-15,1,x\n",
        header="Vendor,Invoice #,Date,Amount,Currency\n",
    )

    found = read(path)

    assert [one.amount.currency for one in found.payables] == ["GBP", "EUR"]
    assert [bad.line for bad in found.bad] == [2, 5]


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["03/04/2026", "15/01/2026"], Order.DAY_FIRST),
        (["03/04/2026", "01/15/2026"], Order.MONTH_FIRST),
        (["03.04.2026", "2026-01-01", "15.01.26"], Order.DAY_FIRST),
        (["05/05/2026", "2026-01-01"], None),
        (["15/01/2026", "01/15/2026"], None),
    ],
)
def test_one_plain_date_decides_for_the_file(texts: list[str], order: Order | None) -> None:
    evidence = dates.Evidence()
    for line, text in enumerate(texts, 2):
        evidence.observe(line, text)

    assert evidence.order(None) == order


@pytest.mark.parametrize("texts", [["03/04/2026"], ["03/04/2026", "15/01/2026", "01/15/2026"]])
def test_a_date_that_nothing_decides_is_asked_for(tmp_path: Path, texts: list[str]) -> None:
    rows = "".join(f"A,{at},{text},1.00,x\n" for at, text in enumerate(texts))
    path = csv_of(tmp_path, rows, header=HEADER + "\n")

    with pytest.raises(Invalid, match=r"“03/04/2026”.*--date-format"):
        read(path)

    days = [one.issued_on for one in read(path, date_order=Order.MONTH_FIRST).payables]
    assert days[0] == date(2026, 3, 4)
    assert read(path, date_order=Order.DAY_FIRST).payables[0].issued_on == date(2026, 4, 3)


@pytest.mark.parametrize(
    ("texts", "number"),
    [
        (["1,234", "12.50"], "1234"),
        (["1,234", "1,234.50"], "1234"),
        (["1,234", "12,50"], "1.234"),
        (["1.234", "1.234,5"], "1234"),
        (["1,234", "1,234,567"], "1234"),
    ],
)
def test_one_plain_amount_decides_for_the_file(texts: list[str], number: str) -> None:
    evidence = amounts.Evidence()
    for line, text in enumerate(texts, 2):
        evidence.observe(line, text)

    found = amounts.read(texts[0], evidence.mark(None))

    assert found is not None
    assert found.number == Decimal(number)


@pytest.mark.parametrize("texts", [["1,234"], ["12.000"], ["1,234", "12,50", "12.50"]])
def test_an_amount_that_nothing_decides_is_asked_for(tmp_path: Path, texts: list[str]) -> None:
    rows = "".join(f'A,{at},2026-01-15,"{text}",x\n' for at, text in enumerate(texts))
    path = csv_of(tmp_path, rows, header=HEADER + "\n")

    with pytest.raises(Invalid, match="--decimal point"):
        read(path)

    mark = Mark.POINT if "," in texts[0] else Mark.COMMA
    assert read(path, decimal=mark).payables[0].amount.minor in (123_400, 1_200_000)


TITLES = "Spend over 500\n\nPrinted 3/4/2026,,,,\n"


@pytest.mark.parametrize(
    ("text", "documents", "passed"),
    [
        (f"{TITLES}{HEADER}\nA,1,2026-01-15,1.00,x\n", 1, {}),
        (f"{HEADER}\nA,1,2026-01-15,1.00,x\n,,,,\n\n , ,,,\n", 1, {"blank rows": 3}),
        (f"{HEADER}\nA,1,2026-01-15,1.00,x\nTotal,,,1.00,\n", 1, {"total rows": 1}),
        (f'{HEADER}\nA,1,2026-01-15,1.00,x\n,,Grand Total:,"1,000.00",\n', 1, {"total rows": 1}),
        (f"{HEADER}\nA,1,2026-01-15,1.00,x\nTotal for A,,,1.00,\n", 1, {"total rows": 1}),
        (f"{HEADER}\nTotal,7,2026-01-15,1.00,x\n", 1, {}),
        (f"{HEADER}\nA,1,2026-01-15,1.00,x\n{HEADER}\n", 1, {"repeated headers": 1}),
        (
            f"{HEADER}\nA,1,2026-01-15,1.00,x\nEnd of report,,,,\n",
            1,
            {"rows with one text and no amount": 1},
        ),
        (f"{HEADER},\nA,1,2026-01-15,1.00,x,\n", 1, {}),
        ("sep=,\n" + f"{HEADER}\nA,1,2026-01-15,1.00,x\n", 1, {}),
        (f"sep=;\r\n{HEADER}\r\nA,1,2026-01-15,1.00,x\r\n".replace(",", ";"), 1, {}),
        (f"{HEADER}\nA,1,2026-01-15,1.00,x\n".replace(",", "\t"), 1, {}),
        (f"{HEADER}\nA,1,2026-01-15,1.00,x\n".replace(",", "|"), 1, {}),
        (f"{HEADER};\nA;1;2026-01-15;1,00;x\n".replace(HEADER, HEADER.replace(",", ";")), 1, {}),
        (f"{HEADER}\rA,1,2026-01-15,1.00,x\r", 1, {}),
        (f'{HEADER}\nA,1,2026-01-15,1.00,"one\ntwo; three"\nB,2,2026-01-15,1.00,x', 2, {}),
    ],
)
def test_what_stands_around_a_table_is_passed_over_and_said(
    tmp_path: Path, text: str, documents: int, passed: dict[str, int]
) -> None:
    found = read(csv_of(tmp_path, text, header=""))

    assert found.bad == []
    assert len(found.payables) == documents
    assert {name: found.sheet.passed[name] for name in passed} == passed


def test_several_columns_make_one_text(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        "Acme,1,2026-01-15,1.00,Rent,January\nAcme,2,2026-01-15,1.00,,January\n",
        header="Vendor,Invoice No,Date,Amount,Memo,Reference\n",
    )

    found = read(path, columns={"description": ["Memo", "Reference"]})

    texts = [one.lines[0].description for one in found.payables]
    assert texts == ["Rent; January", "January"]
    assert found.sheet.unused == []


def test_a_usual_name_is_taken_only_where_one_column_has_it(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        "Acme,1,2026-01-15,1.00,2.00,a,b\n",
        header="Vendor,Invoice No,Date,Amount,Total,Memo,Notes\n",
    )

    found = read(path)

    assert found.payables[0].amount.minor == 100  # our own column name takes precedence
    assert found.payables[0].lines[0].description == ""
    assert found.sheet.unused == ["Total", "Memo", "Notes"]
    assert any("vendor_name from “Vendor”" in sentence for sentence in found.sheet.said)


@pytest.mark.parametrize("row", ["01/15/2026,12.00", "2026-01-15,$12.00", "Jan 15 2026,12.0"])
def test_a_number_made_of_columns_is_the_same_however_they_are_written(
    tmp_path: Path, row: str
) -> None:
    path = csv_of(tmp_path, f"Acme,Gas  bill,{row}\n", header="Payee,What,Date,Amount\n")

    (payable,) = read(path, number_from=["What", "Date", "Amount"]).payables

    assert payable.number is not None
    assert payable.number.startswith("Gas bill-2026-01-15-12")


def test_a_file_without_dates_takes_the_one_that_is_given(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "Acme,1,5.00\nTotal,,5.00\n", header="Payee,Invoice No,Amount\n")

    found = read(path, on=DAY)

    assert [one.issued_on for one in found.payables] == [DAY]
    assert found.bad == []


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16-LE"),
        ("utf-16-be", "UTF-16-BE"),
        ("utf-32", "UTF-32"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_a_file_is_read_in_its_own_encoding(tmp_path: Path, encoding: str, said: str) -> None:
    path = csv_of(tmp_path, "Café “Noir” –,1,2026-01-15,1.00,x\n", HEADER + "\n", encoding)

    found = read(path)

    assert [vendor.name for vendor in found.vendors] == ["Café “Noir” –"]
    assert said in " ".join(found.sheet.said)


def test_an_encoding_can_be_named(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "Łódź,1,2026-01-15,1.00,x\n", HEADER + "\n", "cp1250")

    assert read(path, encoding="cp1250").vendors[0].name == "Łódź"
    with pytest.raises(Invalid, match="no encoding"):
        read(path, encoding="klingon")


Cell = str | int | float | date | None
ROWS: list[list[Cell]] = [
    ["Report", None, None, None, None],
    ["Supplier", "Invoice No", "Invoice Date", "Net Amount", "Memo"],
    ["Café", 10012, DAY, 0.1 + 0.2, "Rope"],
    ["Bolt", "007", "15 Jan 2026", "(1,234.50)", "Nuts"],
    [None, None, None, None, None],
    ["Total", None, None, 99.5, None],
]


@pytest.mark.parametrize("name", ["spend.xlsx", "spend.csv"])
def test_a_workbook_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    path = write_workbook(tmp_path / name, {"Spend": ROWS, "Other": [["x"]]})

    found = read(path)

    assert [(one.number, one.issued_on, one.amount.minor) for one in found.payables] == [
        ("10012", DAY, 30),
        ("007", DAY, -123_450),
    ]
    assert found.bad == []
    assert any("“Spend”, not from “Other”" in sentence for sentence in found.sheet.said)
    with pytest.raises(Invalid, match="it has Spend, Other"):
        read(path, sheet="Third")
    with pytest.raises(Invalid, match="no column"):
        read(path, sheet="Other")


def _rezipped(path: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """Return a copy of a workbook with its parts changed."""
    hostile = path.with_name("hostile.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(hostile, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return hostile


def _blown_up(_name: str, body: bytes) -> bytes:
    return body + b" " * (1 << 20)


def _sparse(_name: str, body: bytes) -> bytes:
    return body.replace(b"A2", b"XFD1048576")


def _with_entities(name: str, body: bytes) -> bytes:
    return b'<!DOCTYPE x [<!ENTITY a "b">]>' + body if "sheet" in name else body


def _torn(name: str, body: bytes) -> bytes:
    return body[: len(body) // 2] if "sheet" in name else body


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_blown_up, "too large"),
        (_sparse, "too large"),
        (_with_entities, "damaged"),
        (_torn, "damaged"),
    ],
)
def test_a_hostile_workbook_is_refused_before_it_is_unpacked(
    tmp_path: Path,
    change: Callable[[str, bytes], bytes],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook, "UNPACKED_BYTES_MAX", 1 << 20)
    path = write_workbook(tmp_path / "spend.xlsx", {"Spend": ROWS})

    with pytest.raises(Invalid, match=said):
        read(_rezipped(path, change))


def test_a_zip_of_something_else_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "spend.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")

    with pytest.raises(Invalid, match="not an Excel workbook"):
        read(path)


@dataclass(frozen=True)
class Way:
    """A way of writing a table."""

    day: str
    mark: str
    thousands: str
    sign: str
    negative: str
    delimiter: str
    encoding: str
    ending: str
    titles: str

    def write(self, rows: list[tuple[str, str, date, int]]) -> bytes:
        out = io.StringIO(newline="")
        out.write(self.titles.replace("\n", self.ending))
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator=self.ending)
        writer.writerow(HEADER.split(","))
        for vendor, number, day, cents in rows:
            writer.writerow([vendor, number, self.date(day), self.amount(cents), "x"])
        return out.getvalue().encode(self.encoding)

    def date(self, day: date) -> str:
        if self.day == "serial":
            return str((day - date(1899, 12, 30)).days)
        return day.strftime(self.day)

    def amount(self, cents: int) -> str:
        whole, rest = divmod(abs(cents), 100)
        grouped = f"{whole:,}".replace(",", self.thousands)
        text = f"{self.sign}{grouped}{self.mark}{rest:02}"
        return self.negative.format(text) if cents < 0 else text


WAYS = st.builds(
    Way,
    day=st.sampled_from(
        [
            "%Y-%m-%d",
            "%Y/%m/%d",
            "%Y%m%d",
            "%d/%m/%Y",
            "%d.%m.%y",
            "%d %b %Y",
            "%B %d, %Y",
            "serial",
        ]
    ),
    mark=st.just("."),
    thousands=st.sampled_from(["", ",", " ", "'"]),
    sign=st.sampled_from(["", "$", "USD ", "US$"]),
    negative=st.sampled_from(["-{}", "({})", "{}-", "{} CR"]),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le"]),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    titles=st.sampled_from(["", "Spend over 500\n\n", "A report\n\nPrinted today\n"]),
).flatmap(
    lambda way: st.sampled_from(
        [way, Way(**{**way.__dict__, "mark": ",", "thousands": "." if way.thousands else ""})]
    )
)
RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["Café Noir", "Bolt & Sons, Ltd", 'O\'Neil "Best"', "Müller|Söhne; KG"]),
        st.sampled_from(["1", "A-7", "2026/01", "007"]),
        st.integers(0, 300).map(lambda days: date(2026, 1, 13) + timedelta(days)),
        st.integers(-10_000_000, 10_000_000).map(lambda cents: cents or 1),
    ),
    min_size=1,
    max_size=8,
)


@given(RECORDS, WAYS)
@settings(max_examples=60)
def test_however_a_table_is_written_it_is_the_same_documents(
    records: list[tuple[str, str, date, int]], way: Way
) -> None:
    plain = Way("%Y-%m-%d", ".", "", "", "-{}", ",", "utf-8", "\n", "")
    # A day after the twelfth and an amount with both separators make the formats unambiguous.
    rows = [*records, ("Bolt & Sons, Ltd", "last", date(2026, 1, 31), 123_456_789)]
    with TemporaryDirectory() as folder:
        one, other = Path(folder) / "plain.csv", Path(folder) / "other.csv"
        one.write_bytes(plain.write(rows))
        other.write_bytes(way.write(rows))

        expected, found = read(one), read(other)

    assert found.bad == expected.bad == []
    assert [payables.checked(one) for one in found.payables] == found.payables
    assert facts(found.payables) == facts(expected.payables)
    assert sum(p.amount.minor for p in found.payables) == sum(cents for *_, cents in rows)


@given(RECORDS, st.randoms(use_true_random=False))
def test_a_workbook_and_a_csv_of_the_same_rows_are_the_same_documents(
    records: list[tuple[str, str, date, int]], dice: object
) -> None:
    rows: list[list[Cell]] = [list(HEADER.split(","))]
    rows += [[vendor, number, day, cents / 100, "x"] for vendor, number, day, cents in records]
    plain = Way("%Y-%m-%d", ".", "", "", "-{}", ",", "utf-8", "\n", "")
    with TemporaryDirectory() as folder:
        text, book = Path(folder) / "plain.csv", Path(folder) / "book.xlsx"
        text.write_bytes(plain.write(records))
        write_workbook(book, {"Spend": rows})

        assert facts(read(book).payables) == facts(read(text).payables)
