"""Files of records: good rows are taken, bad ones named, and whole documents never torn."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from cleo_accounting.core.records import Connection, Money, Payable, PayableStatus, Role, total
from cleo_accounting.errors import Invalid
from cleo_accounting.platform import files, spreadsheet
from cleo_accounting.platform.rows import Bad, Row, Taken

HEADER = "vendor_name,invoice_number,payment_date,amount,account,department\n"


def read(path: Path, columns: dict[str, str] | None = None, currency: str = "USD") -> list[Row]:
    return list(files.read(path, amounts_in="dollars", currency=currency, columns=columns))


def csv_of(folder: Path, text: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / "payables.csv"
    path.write_bytes((header + text).encode(encoding))
    return path


def payables(rows: list[Row]) -> list[Payable]:
    return [
        row.record for row in rows if isinstance(row, Taken) and isinstance(row.record, Payable)
    ]


def bad(rows: list[Row]) -> dict[int, str]:
    return {row.line: row.reason for row in rows if isinstance(row, Bad)}


def test_lines_of_one_vendor_and_number_are_one_payable(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        "Acme,7,2026-01-05,10.00,Repairs,Parks\n"
        "Other,7,2026-01-05,1.00,Repairs,Parks\n"
        "Acme,7,2026-01-05,-2.50,Paint,Parks\n",
    )

    rows = read(path)

    by_vendor = {payable.connection_id: payable for payable in payables(rows)}
    acme = by_vendor[spreadsheet.connection_id("Acme")]
    assert len(by_vendor) == 2
    assert acme.amount == Money(750, "USD")
    assert acme.role is Role.PAYER
    assert acme.status is PayableStatus.APPROVED
    assert acme.issued_on.isoformat() == "2026-01-05"
    assert [line.description for line in acme.lines] == ["Repairs", "Paint"]
    assert dict(acme.custom_fields) == {"account": "Repairs; Paint", "department": "Parks"}


def test_rows_equal_in_every_column_are_two_lines(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "Acme,7,2026-01-05,10.00,A,D\n" * 2)

    (payable,) = payables(read(path))

    assert len(payable.lines) == 2
    assert payable.amount == Money(2000, "USD")


def test_vendors_are_named_exactly_as_written(tmp_path: Path) -> None:
    names = ["HIGH STREET", "High Street", "Premier Care  Ltd", " lead", "O'Neil (M\\cr) Ltd"]
    path = csv_of(tmp_path, "".join(f"{name},1,2026-01-05,1.00,A,D\n" for name in names))

    found = [row.record for row in read(path) if isinstance(row, Taken)]

    connections = [record for record in found if isinstance(record, Connection)]
    assert [connection.name for connection in connections] == names
    assert len({connection.id for connection in connections}) == len(names)


def test_a_vendor_comes_before_its_first_payable_and_only_once(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "Acme,1,2026-01-05,1,A,D\nAcme,2,2026-01-05,1,A,D\n")

    kinds = [type(row.record).__name__ for row in read(path) if isinstance(row, Taken)]

    assert kinds == ["Connection", "Payable", "Payable"]


def test_reading_twice_gives_the_same_records(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "Acme,1,2026-01-05,1,A,D\nBeta,2,2026-01-05,1,A,D\n")

    assert read(path) == read(path)


def test_columns_of_other_names_are_mapped(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        '"Acme, Inc";A-1;2026-01-05;"1,234.50";EUR;kept out\n',
        header="Supplier;Invoice Number;Paid;Net;Currency;Extra\n",
    )
    columns = {"vendor_name": "Supplier", "payment_date": "Paid", "amount": "Net"}

    (payable,) = payables(read(path, columns))

    assert payable.amount == Money(123450, "EUR")
    assert payable.number == "A-1"
    assert spreadsheet.unused(path, columns) == ["Extra"]


def test_a_bad_row_is_named_and_the_others_are_taken(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        "Acme,1,2026-01-05,ten,A,D\n"
        ",2,2026-01-05,1.00,A,D\n"
        "Acme,,2026-01-05,1.00,A,D\n"
        "Acme,3,05/01/2026,1.00,A,D\n"
        "Acme,4,2026-01-05\n"
        '"Acme\nUnited",5,,1.00,A,D\n'
        "Acme,6,2026-01-05,1.005,A,D\n"
        "\n"
        'Acme,7,2026-01-05,"1,234",A,D\n'
        "Acme,8,2026-01-05,1.00,A,D\n",
    )

    rows = read(path)

    assert [payable.number for payable in payables(rows)] == ["8"]
    told = bad(rows)
    assert sorted(told) == [2, 3, 4, 5, 6, 7, 9, 11]
    assert "ten" in told[2]
    assert "vendor name" in told[3]
    assert "invoice number" in told[4]
    assert "2026-01-31" in told[5]
    assert "3 cells" in told[6]
    assert "no date" in told[7]
    assert "decimals" in told[9]
    assert "1,234" in told[11]


def test_a_document_with_one_bad_line_is_not_taken_in_part(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        "Acme,1,2026-01-05,1.00,A,D\n"
        "Acme,1,2026-01-05,x,A,D\n"
        "Acme,1,2026-01-05,2.00,A,D\n"
        "Acme,2,2026-01-05,2.00,A,D\n"
        "Acme,2,2026-01-06,2.00,A,D\n",
    )

    rows = read(path)

    assert payables(rows) == []
    told = bad(rows)
    assert sorted(told) == [2, 3, 4, 5, 6]
    assert "Line 3" in told[2]
    assert "payment_date differs from line 5" in told[6]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path, encoding: str) -> None:
    path = csv_of(tmp_path, "Café,1,2026-01-05,1.00,A,D\n", encoding=encoding)

    assert len(payables(read(path))) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEADER.encode() + b"Caf\xe9,1,2026-01-05,1.00,A,D\n", "Line 2 .* 0xE9"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (b"", "no header"),
        (b"vendor_name,amount\n", "--map invoice_number="),
        (b"vendor_name,vendor_name,amount\n", "two columns"),
        (HEADER.encode() + b'"Acme,1,2026-01-05,1.00,A,D\n', "not CSV"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "payables.csv"
    path.write_bytes(content)

    with pytest.raises(Invalid, match=said):
        read(path)


def test_a_mapping_to_nowhere_says_what_there_is(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "")

    with pytest.raises(Invalid, match="has no column Payee; it has vendor_name"):
        read(path, {"vendor_name": "Payee"})
    with pytest.raises(Invalid, match="no column vendor; there are vendor_name"):
        read(path, {"vendor": "vendor_name"})


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="No such file"):
        read(tmp_path / "absent.csv")
    with pytest.raises(Invalid, match=r"neither \.csv nor \.jsonl"):
        read(tmp_path / "records.xlsx")


def test_how_far_we_are_is_told_in_bytes(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "Acme,1,2026-01-05,1.00,A,D\n" * 3)
    told: list[int] = []

    list(files.read(path, amounts_in="dollars", currency="USD", watch=told.append))

    assert sum(told) == path.stat().st_size


def test_json_lines_are_records_of_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    records: list[object] = [
        {"type": "connection", "id": "conn_1", "connectedBusinessName": "Acme"},
        {"type": "fundingSource", "id": "fs_1", "name": "Ops", "accountType": "checking"},
        {
            "type": "payable",
            "id": "pay_1",
            "connectionId": "conn_1",
            "amount": 1.1,
            "invoiceDate": "2026-01-05",
            "status": "PAID",
        },
        {
            "type": "payment",
            "id": "pmt_1",
            "payableId": "pay_1",
            "fundingSourceId": "fs_1",
            "amount": "1.10",
            "status": "completed",
        },
    ]
    path.write_text("\n".join(map(json.dumps, records)))

    rows = read(path)

    assert [type(row.record).__name__ for row in rows if isinstance(row, Taken)] == [
        "Connection",
        "FundingSource",
        "Payable",
        "Payment",
    ]
    assert payables(rows)[0].amount == Money(110, "USD")


def test_bad_json_lines_are_named(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text(
        "{\n"
        "[]\n"
        '{"type": "vendor", "id": "a"}\n'
        '{"type": "connection"}\n'
        '{"type": "connection", "id": "a", "alias": "A", "alias": "B"}\n'
        '{"type": "payment", "id": "a", "amount": NaN}\n'
        '{"type": "connection", "id": "not an id", "alias": "A"}\n'
        f"{'[' * 100_000}\n"
        "\n"
        '{"type": "connection", "id": "a", "alias": "A"}\n'
    )

    rows = read(path)

    assert sorted(bad(rows)) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [row.line for row in rows if isinstance(row, Taken)] == [10]


@pytest.fixture
def real_payables() -> Path:
    folder = os.environ.get("TEST_SHARED_DATA")
    if folder is None:
        assert "TEST_REQUIRE_SHARED_DATA" not in os.environ, "TEST_SHARED_DATA is not set"
        pytest.skip("TEST_SHARED_DATA names no folder of real payables")
    return Path(folder) / "real-payables-1.csv"


def test_every_row_of_a_citys_month_is_taken(real_payables: Path) -> None:
    rows = read(real_payables, currency="GBP")

    assert bad(rows) == {}
    found = Counter(type(row.record).__name__ for row in rows if isinstance(row, Taken))
    assert found == {"Connection": 1_374, "Payable": 4_822}
    documents = payables(rows)
    amounts = [payable.amount for payable in documents]
    assert total(amounts, "GBP") == Money.of("91441269.50", "GBP")
    assert sum(len(payable.lines) for payable in documents) == 4_906
    assert sum(amount.minor < 0 for amount in amounts) == 223
    assert sum(amount.minor == 0 for amount in amounts) == 11
