"""Tables of payables: good rows are accepted, bad ones reported, documents never split."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from cleo_accounting.core.records import Money, PayableStatus, Role, total
from cleo_accounting.errors import Invalid
from cleo_accounting.platform import payables
from tests.platform.tables import HEADER, csv_of, read


def test_rows_of_one_vendor_number_and_date_are_one_payable(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        "Acme,7,2026-01-05,10.00,Repairs,Parks\n"
        "Other,7,2026-01-05,1.00,Repairs,Parks\n"
        "Acme,7,2026-01-05,-2.50,Paint,Parks\n",
    )

    acme, other = read(path).payables

    assert acme.connection_id == payables.connection_id("Acme")
    assert other.amount == Money(100, "USD")
    assert acme.amount == Money(750, "USD")
    assert acme.role is Role.PAYER
    assert acme.status is PayableStatus.APPROVED
    assert acme.issued_on == date(2026, 1, 5)
    assert [line.description for line in acme.lines] == ["Repairs", "Paint"]
    assert dict(acme.custom_fields) == {"account": "Repairs; Paint", "department": "Parks"}


def test_rows_equal_in_every_column_are_two_lines(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "Acme,7,2026-01-05,10.00,A,D\n" * 2)

    (payable,) = read(path).payables

    assert len(payable.lines) == 2
    assert payable.amount == Money(2000, "USD")


def test_another_date_is_another_document_of_the_same_group(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        "Acme,RENT,2026-01-05,10.00,A,D\n"
        "Acme,RENT,2026-02-05,11.00,A,D\n"
        "Acme,RENT,2026-01-05,1.00,A,D\n",
    )

    (group,) = read(path).groups

    amounts = {each.payable.issued_on.month: each.payable.amount.minor for each in group.documents}
    assert amounts == {1: 1100, 2: 1100}
    assert len({each.payable.id for each in group.documents}) == 2


@pytest.mark.parametrize(
    "written",
    ["Café  Noir", " café noir ", "CAFÉ NOIR", "Cafe\u0301 Noir", "Café\u00a0Noir", "café \t noir"],
)
def test_names_and_numbers_that_are_one_to_quickbooks_are_one(tmp_path: Path, written: str) -> None:
    path = csv_of(
        tmp_path,
        "Café Noir,INV 7a,2026-01-05,10.00,A,D\n" + f'"{written}",inv  7A ,2026-01-05,1.00,A,D\n',
    )

    found = read(path)

    assert len(found.vendors) == 1
    assert [one.amount.minor for one in found.payables] == [1100]


def test_a_name_is_kept_as_it_is_first_written(tmp_path: Path) -> None:
    names = ["HIGH STREET", "Premier Care  Ltd", "O'Neil (M\\cr) Ltd"]
    path = csv_of(tmp_path, "".join(f"{name},1,2026-01-05,1.00,A,D\n" for name in names))

    assert [vendor.name for vendor in read(path).vendors] == names


def test_documents_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        "".join(f"V{at % 7},{at % 20},2026-01-05,1.00,A,D\n" for at in range(100)),
    )

    lines = [group.documents[0].line for group in read(path).groups]

    assert lines == sorted(lines)


def test_a_bad_row_is_named_and_the_others_are_taken(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        "Acme,1,2026-01-05,ten,A,D\n"
        ",2,2026-01-05,1.00,A,D\n"
        "Acme,,2026-01-05,1.00,A,D\n"
        "Acme,3,31/02/2026,1.00,A,D\n"
        "Acme,4,2026-01-05\n"
        '"Acme\nUnited",5,,1.00,A,D\n'
        "Acme,6,2026-01-05,1.005,A,D\n"
        "\n"
        "Acme,7,2026-01-05,1.00,A,D,more\n"
        "Acme,8,2026-01-05,1.00,A,D,\n",
    )

    found = read(path)

    assert [payable.number for payable in found.payables] == ["8"]
    assert {line: bad.kind for bad in found.bad for line in [bad.line]} == {
        2: "amount",
        3: "no_vendor",
        4: "no_number",
        5: "date",
        6: "cells",
        7: "no_date",
        9: "amount",
        11: "cells",
    }
    assert "“amount” “ten”" in found.reasons[2]
    assert "“payment_date” “31/02/2026”" in found.reasons[5]
    assert "3 cells" in found.reasons[6]
    assert "decimals" in found.reasons[9]


def test_a_document_with_bad_rows_is_left_out_whole_and_told_once_a_culprit(
    tmp_path: Path,
) -> None:
    path = csv_of(
        tmp_path,
        "Acme,1,2026-01-05,1.00,A,D\n"
        "Acme,1,2026-01-05,x,A,D\n"
        "Acme,1,2026-01-05,2.00,A,D\n"
        "Acme,2,2026-01-05,2.00,A,D\n"
        "Acme,2,soon,2.00,A,D\n"
        "Acme,2,2026-01-06,3.00,A,D\n",
    )

    found = read(path)

    assert found.payables == []
    assert [(bad.line, bad.rows) for bad in found.bad] == [(3, 3), (6, 3)]


def test_rows_of_one_document_must_agree(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        "Acme,1,2026-01-05,1.00,2026-02-01,USD\n"
        "Acme,1,2026-01-05,1.00,2026-03-01,USD\n"
        "Acme,2,2026-01-05,1.00,,USD\n"
        "Acme,2,2026-01-05,1.00,,EUR\n",
        header="Vendor,Bill No,Bill Date,Amount,Due,Currency\n",
    )

    found = read(path)

    assert {bad.line: (bad.kind, bad.column, bad.rows) for bad in found.bad} == {
        3: ("differs", "“Due”", 2),
        5: ("differs", "“Currency”", 2),
    }
    assert "line 2" in found.reasons[3]


def test_a_document_of_too_many_lines_is_refused(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "Acme,1,2026-01-05,1.00,A,D\n" * (payables.LINES_MAX + 5))

    (bad,) = read(path).bad

    assert (bad.kind, bad.rows) == ("lines", payables.LINES_MAX + 5)


@pytest.mark.parametrize("sign", ["", "-"])
def test_an_amount_with_too_many_digits_is_refused_with_its_row(tmp_path: Path, sign: str) -> None:
    """Found by `proof.fuzz`: the import ended with a traceback."""
    path = csv_of(
        tmp_path,
        f"Acme,1,2026-01-05,{sign}{'9' * 40}.00\nAcme,2,2026-01-05,1.00\n",
        header="Supplier,Invoice No,Date,Net\n",
    )

    found = read(path)

    assert found.reasons[2].startswith("“Net” is too large")
    assert [one.kind for one in found.bad] == ["rule"]
    assert [one.number for one in found.payables] == ["2"]


def test_a_rule_of_the_platform_is_told_by_the_column_of_the_file(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        f"Acme,{'9' * 201},2026-01-05,1.00\nAcme,2,2026-01-05,99999999999999.00\n",
        header="Supplier,Invoice No,Date,Net\n",
    )

    told = read(path).reasons

    assert told[2].startswith("“Invoice No” ")
    assert told[3].startswith("“Net” is too large")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEADER.encode() + b"Caf\xc3\xa9 Caf\xe9,1,2026-01-05,1.00,A,D\n", "Line 2 .* 0xE9"),
        (HEADER.encode() + b"Caf\x81,1,2026-01-05,1.00,A,D\n", "Line 2 .* 0x81"),
        (b"", "is empty"),
        (b"\n , \n", "is empty|no column"),
        (b"vendor_name,amount\n", "--map invoice_number="),
        (b"vendor_name,vendor_name,invoice_number,amount,invoice_date\n", "two columns"),
        (b"vendor,number,amount\n", "--number-from"),
        (b"vendor,invoice no,amount\n", "--date YYYY-MM-DD"),
        (b"vendor,invoice no,date,net,gross\n", "amount may be net or gross"),
        (HEADER.encode() + b'"Acme,1,2026-01-05,1.00,A,D\n', "not CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "old form"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"a\x00b\x00\x00\x00c", "not a text file"),
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
        read(path, columns={"vendor_name": ["Payee"]})
    with pytest.raises(Invalid, match="no column vendor; there are vendor_name"):
        read(path, columns={"vendor": ["vendor_name"]})
    with pytest.raises(Invalid, match="amount takes one column"):
        read(path, columns={"amount": ["amount", "account"]})
    with pytest.raises(Invalid, match="No such file"):
        read(tmp_path / "absent.csv")


@pytest.fixture
def real_payables() -> Path:
    folder = os.environ.get("TEST_SHARED_DATA")
    if folder is None:
        assert "TEST_REQUIRE_SHARED_DATA" not in os.environ, "TEST_SHARED_DATA is not set"
        pytest.skip("TEST_SHARED_DATA names no folder of real payables")
    return Path(folder) / "real-payables-1.csv"


def test_every_row_of_a_citys_month_is_taken(real_payables: Path) -> None:
    found = read(real_payables, currency="GBP")

    assert found.bad == []
    amounts = [payable.amount for payable in found.payables]
    assert (len(found.vendors), len(amounts)) == (1_371, 4_822)  # three names differ in case only
    assert total(amounts, "GBP") == Money.of("91441269.50", "GBP")
    assert sum(len(payable.lines) for payable in found.payables) == 4_906
    assert sum(amount.minor < 0 for amount in amounts) == 223
    assert sum(amount.minor == 0 for amount in amounts) == 11
