"""Files of JSON lines: good records are accepted, bad ones are reported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleo_accounting.core.records import Money, Payable
from cleo_accounting.errors import Invalid
from cleo_accounting.platform import files
from cleo_accounting.platform.rows import Bad, Row, Taken


def read(path: Path) -> list[Row]:
    return list(files.read(path, amounts_in="dollars", currency="USD"))


def payables(rows: list[Row]) -> list[Payable]:
    return [
        row.record for row in rows if isinstance(row, Taken) and isinstance(row.record, Payable)
    ]


def bad(rows: list[Row]) -> dict[int, str]:
    return {row.line: row.reason for row in rows if isinstance(row, Bad)}


def test_the_name_of_a_file_says_how_it_is_read() -> None:
    assert files.is_table(Path("spend.CSV"))
    assert files.is_table(Path("spend.xlsx"))
    assert not files.is_table(Path("records.jsonl"))
    with pytest.raises(Invalid, match="its name must say what it is"):
        files.is_table(Path("records.pdf"))


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="No such file"):
        read(tmp_path / "absent.jsonl")


def test_how_far_a_file_is_read_is_told_in_bytes(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text('{"type": "connection", "id": "a", "alias": "A"}\n' * 3)
    told: list[tuple[int, int]] = []

    list(
        files.read(
            path,
            amounts_in="dollars",
            currency="USD",
            watch=lambda _stage, done, total: told.append((done, total)),
        )
    )

    size = path.stat().st_size
    assert told[-1] == (size, size)


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
