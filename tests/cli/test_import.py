"""`import` on the command line: reports, questions and output for scripts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

import pytest

from cleo_accounting.cli import intake
from tests.cli.terminal import Terminal
from tests.platform.books import write_workbook

HEADER = "Supplier,Invoice No,Invoice Date,Net Amount,Memo\n"


def test_an_import_lists_bad_rows_and_takes_the_good_ones(terminal: Terminal) -> None:
    path = terminal.file(
        "records.jsonl",
        json.dumps({"type": "connection", "id": "conn_1", "alias": "A"}) + "\nnot json\n",
    )

    first, again = terminal.run("import", path, "--json"), terminal.run("import", path)

    assert first.code == 4
    assert first.json["records"] == {"connections": {"created": 1}}
    assert first.json["bad"][0]["line"] == 2
    assert "not JSON" in again.out


def test_a_dry_run_of_records_says_what_would_change_and_takes_nothing(terminal: Terminal) -> None:
    def records(alias: str) -> str:
        return terminal.file(
            "records.jsonl", json.dumps({"type": "connection", "id": "conn_1", "alias": alias})
        )

    assert terminal.good("import", records("A"), "--dry-run", "--json").json["records"] == {
        "connections": {"created": 1}
    }
    terminal.good("import", records("A"))
    foreseen = terminal.good("import", records("B"), "--dry-run", "--json").json
    assert foreseen["dryRun"] is True
    assert [
        (one["field"], one["before"], one["after"]) for one in foreseen["updated"][0]["changes"]
    ] == [("name", "A", "B"), ("alias", "A", "B")]
    assert terminal.good("import", records("A"), "--json").json["records"] == {
        "connections": {"unchanged": 1}
    }


@pytest.mark.parametrize("flags", [(), ("--dry-run",)])
def test_a_payable_that_changes_its_role_is_listed_and_not_taken(
    terminal: Terminal, flags: Sequence[str]
) -> None:
    def payable(role: str, amount: str) -> str:
        record = {"connectionId": "conn_1", "invoiceDate": "2026-01-05", "amount": amount}
        record["status"] = "APPROVED"
        line = {"type": "payable", "id": "pay_1", **record, "role": role}
        return terminal.file("payables.jsonl", json.dumps(line))

    terminal.good("import", payable("payer", "1.00"))
    refused = terminal.run("import", payable("payee", "2.00"), "--json", *flags)

    assert refused.code == 4
    assert refused.json["records"] == {}
    (bad,) = refused.json["bad"]
    assert (bad["line"], bad["column"], bad["value"]) == (1, "role", "pay_1")
    assert bad["reason"].startswith("The role of a payable cannot change: delete the payable")


def test_a_table_of_other_columns_is_mapped(terminal: Terminal) -> None:
    path = terminal.file("p.csv", "Who,No,When,Worth,Extra,More\nAcme,1,2026-01-05,1.00,x,y\n")
    columns = [
        "vendor_name=Who", "invoice_number=No", "payment_date=When", "amount=Worth",
        "description=Extra", "description=More",
    ]  # fmt: skip
    options = [word for column in columns for word in ("--map", column)]

    told = terminal.good("import", path, *options[:8], "--json").json

    assert told["records"]["payables"] == {"created": 1}
    assert told["unusedColumns"] == ["Extra", "More"]
    assert terminal.good("import", path, *options, "--json").json["unusedColumns"] == []


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--map", "Who"],
        ["--map", "vendor=Who"],
        ["--map", "vendor_name=Nobody"],
        ["--date", "yesterday"],
        ["--date-format", "sideways"],
        ["--decimal", "semicolon"],
        ["--encoding", "klingon"],
        ["--same-document", "pay_1", "--other-document", "pay_1"],
    ],
)
def test_what_does_not_fit_is_a_matter_of_usage(terminal: Terminal, options: list[str]) -> None:
    path = terminal.file("p.csv", "Who,No,When,Worth\nAcme,1,2026-01-05,1.00\n")

    said = terminal.run("import", path, *options)

    assert said.code == 2
    assert "Traceback" not in said.err


def test_json_lines_take_no_explanation_of_columns(terminal: Terminal) -> None:
    path = terminal.file("records.jsonl", "")

    assert terminal.run("import", path, "--date", "2026-01-31").code == 2
    assert terminal.run("import", path.replace(".jsonl", ".pdf")).code == 2


def test_a_held_document_is_shown_settled_and_remembered(terminal: Terminal) -> None:
    def rent(*days: str) -> str:
        rows = "".join(f"Acme,RENT,{day},100.00,Rent\n" for day in days)
        return terminal.file("rent.csv", HEADER + rows)

    terminal.good("import", rent("2026-01-15"))
    held = terminal.run("import", rent("2026-02-15"), "--json")
    shown = terminal.run("import", rent("2026-02-15"))

    assert (held.code, shown.code) == (4, 4)
    (one,) = held.json["held"]
    assert one["vendor"] == "Acme"
    assert one["amount"] == {"amount": "100.00", "currency": "USD"}
    assert [each["invoiceDate"] for each in one["alike"]] == ["2026-01-15"]
    assert one["id"] in shown.out
    assert "--other-document" in shown.err

    settled = terminal.good("import", rent("2026-02-15"), "--other-document", one["id"], "--json")
    assert settled.json["records"]["payables"] == {"created": 1}
    months = [f"2026-{month:02}-15" for month in range(1, 13)]
    year = terminal.good("import", rent(*months), "--json").json
    assert year["records"]["payables"] == {"unchanged": 2, "created": 10}


def test_bad_rows_are_told_by_kind_with_their_values(terminal: Terminal) -> None:
    rows = "".join(f"Acme,{at},2026-01-15,abc{at % 2},x\n" for at in range(50))
    path = terminal.file("p.csv", HEADER + rows + "Bolt,1,2026-01-15,1.00,x\n,2,,1.00,\n")

    said, told = terminal.run("import", path), terminal.run("import", path, "--json").json

    assert said.code == 4
    assert "51 rows not taken" in said.out
    for part in ("not an amount", "50", "“Net Amount”", "abc0, abc1", "no vendor name"):
        assert part in said.out
    assert len(told["bad"]) == 51
    assert told["badRows"] == 51
    assert told["records"]["payables"] == {"unchanged": 1}


def test_what_was_understood_of_a_file_is_said(terminal: Terminal) -> None:
    path = terminal.file(
        "p.csv", f'Spend\n{HEADER}Acme,1,03/04/2026,"1,234",x\nB,2,15/01/2026,0.5,\nTotal,,,9,\n'
    )

    said = terminal.good("import", path, "--dry-run")

    for part in ("“Spend”", "Supplier", "day first", "decimal point", "total rows: 1"):
        assert part in said.err


def test_a_workbook_is_taken_like_a_table(terminal: Terminal) -> None:
    path = write_workbook(
        terminal.folder / "spend.xlsx",
        {"Spend": [HEADER.strip().split(","), ["Acme", 7, date(2026, 1, 5), 12.5, "Rope"]]},
    )

    assert terminal.good("import", str(path), "--json").json["records"]["payables"] == {
        "created": 1
    }


def test_a_file_without_numbers_and_dates_is_known_again(terminal: Terminal) -> None:
    path = terminal.file("p.csv", "Payee,What,Amount\nAcme,Gas,5.00\nAcme,Water,6.00\n")
    options = ["--number-from", "What", "--date", "2026-01-31", "--json"]

    first = terminal.good("import", path, *options).json
    again = terminal.good("import", path, *options).json

    assert first["records"]["payables"] == {"created": 2}
    assert again["records"]["payables"] == {"unchanged": 2}


def test_how_far_a_long_file_is_read_is_said_without_a_terminal(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cleo_accounting.cli.taking._TOLD_EVERY_SECONDS", 0.0)
    path = terminal.file("p.csv", HEADER + "Acme,1,2026-01-15,1.00,x\n")

    said = terminal.good("import", path)

    assert "Reading p.csv: 100 %" in said.err
    assert "Taking in p.csv: 100 %" in said.err


def test_lists_that_are_long_are_cut_for_people_and_whole_for_programs(
    terminal: Terminal,
) -> None:
    count = intake.SHOWN_MAX + 5
    rows = [f"V{at},1,2026-01-15,{at + 1}.00,x\n" for at in range(count)]
    path = terminal.file("p.csv", HEADER + "".join(rows))
    terminal.good("import", path)
    amended = terminal.file("p.csv", HEADER + "".join(rows).replace(",x", ",y"))

    said = terminal.good("import", amended, "--dry-run")
    told = terminal.good("import", amended, "--dry-run", "--json").json

    assert f"{count} updated" in said.out
    assert "--json lists them all" in said.err
    assert len(told["updated"]) == count
