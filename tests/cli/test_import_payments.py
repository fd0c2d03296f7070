"""`import` of payments in a table: which payable a row pays, and reports of bad rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from cleo_accounting.core.records import Money, Part, Payment, PaymentStatus, RecordKind
from cleo_accounting.store import records
from tests.cli.terminal import BUSINESS, Terminal
from tests.platform.books import write_workbook

HEADER = (
    "Payment ID,Payable ID,Vendor,Invoice No,Amount,Currency,Payment Date,Status,Bank account,"
    "Return code,Return date\n"
)
BOOKS = [
    {"type": "connection", "id": "conn_1", "connectedBusinessName": "Acme Ltd"},
    {"type": "connection", "id": "conn_2", "connectedBusinessName": "Other"},
    {"type": "fundingSource", "id": "fs_1", "name": "Operating", "accountType": "checking",
     "lastFour": "4321"},
    {"type": "fundingSource", "id": "fs_2", "name": "Box", "accountType": "savings",
     "lastFour": "0042"},
    *(
        {"type": "payable", "id": id_, "connectionId": connection, "amount": "100.00",
         "invoiceDate": "2026-01-05", "invoiceNumber": number, "status": "APPROVED"}
        for id_, connection, number in (
            ("pay_1", "conn_1", "A-1"), ("pay_2", "conn_1", "A-2"), ("pay_3", "conn_2", "A-1"),
            ("pay_4", "conn_2", "B-1"), ("pay_5", "conn_2", "b-1"),
        )
    ),
]  # fmt: skip


def lines(*given: object) -> str:
    return "".join(json.dumps(one) + "\n" for one in given)


@pytest.fixture
def platform(terminal: Terminal) -> Terminal:
    """A terminal whose business has vendors, payables and bank accounts."""
    terminal.good("import", terminal.file("books.jsonl", lines(*BOOKS)))
    return terminal


def imported(terminal: Terminal, rows: str, *options: str, header: str = HEADER) -> Sequence[str]:
    """Import a table without bad rows and return the outcomes of its payments."""
    path = terminal.file("payments.csv", header + rows)
    told = terminal.good("import", path, *options, "--json").json
    return sorted(told["records"]["payments"])


def kept(terminal: Terminal, business: str = BUSINESS) -> list[Payment]:
    with terminal.house() as house, house.of(business).database.reading() as tx:
        page = records.page(tx, business, RecordKind.PAYMENT)
    return [one for _, one in page if isinstance(one, Payment)]


def test_a_table_and_json_lines_give_the_same_payments(platform: Terminal) -> None:
    rows = (
        "pmt_1,,acme ltd,a-1,60.00,USD,2026-02-01,Completed,Operating,,\n"
        "pmt_2,pay_1,,,40,,02/28/2026,failed,••4321,R01,2026-03-02\n"
        "pmt_3,,Acme Ltd,A-2,70.00,USD,,pending,fs_2,,\n"
        "pmt_3,pay_1,,,30.00,USD,,pending,fs_2,,\n"
    )
    same = [
        {"type": "payment", "id": "pmt_1", "payableId": "pay_1", "amount": "60.00",
         "paymentDate": "2026-02-01", "status": "completed", "fundingSourceId": "fs_1"},
        {"type": "payment", "id": "pmt_2", "payableId": "pay_1", "amount": 40,
         "paymentDate": "2026-02-28", "status": "failed", "fundingSourceId": "fs_1",
         "returnCode": "R01", "returnedOn": "2026-03-02"},
        {"type": "payment", "id": "pmt_3", "amount": "100.00", "status": "pending",
         "fundingSourceId": "fs_2", "payables": [
            {"payableId": "pay_2", "amount": 70}, {"payableId": "pay_1", "amount": 30}]},
    ]  # fmt: skip

    assert imported(platform, rows) == ["created"]
    platform.good("import", platform.file("p.jsonl", lines(*same)), "--business", "biz_json")

    assert kept(platform) == kept(platform, "biz_json")
    assert kept(platform)[2].parts == (
        Part("pay_2", Money(70_00, "USD")),
        Part("pay_1", Money(30_00, "USD")),
    )
    # Importing the same payments the other way, or in another order, changes nothing.
    again = platform.good("import", platform.file("p.jsonl", lines(*same)), "--json").json
    assert again["records"] == {"payments": {"unchanged": 3}}
    assert imported(platform, "".join(reversed(rows.splitlines(keepends=True)))) == ["unchanged"]


def test_rows_below_zero_are_credits_that_the_payment_uses(platform: Terminal) -> None:
    rows = (
        "pmt_1,,Acme Ltd,A-1,60.00,,2026-02-01,completed,fs_1,,\n"
        "pmt_1,pay_9,,,(20.00),,2026-02-01,completed,fs_1,,\n"
    )
    same = {
        "type": "payment", "id": "pmt_1", "payableId": "pay_1", "amount": 40,
        "paymentDate": "2026-02-01", "status": "completed", "fundingSourceId": "fs_1",
        "credits": [{"payableId": "pay_9", "amount": 20}],
    }  # fmt: skip

    imported(platform, rows)
    platform.good("import", platform.file("p.jsonl", lines(same)), "--business", "biz_json")

    assert kept(platform) == kept(platform, "biz_json")
    assert imported(platform, rows) == ["unchanged"]
    # A table that states only the amount removes no credit.
    assert imported(platform, "pmt_1,pay_1,,,40,,,completed,fs_1,,\n") == ["unchanged"]


@pytest.mark.parametrize(
    ("called", "id_"),
    [
        ("fs_2", "fs_2"),
        ("  BOX ", "fs_2"),
        ("0042", "fs_2"),
        ("Box 0042", "fs_2"),
        ("xxxx4321", "fs_1"),
        ("Operating (••4321)", "fs_1"),
    ],
)
def test_a_funding_source_is_found_by_id_name_or_last_digits(
    platform: Terminal, called: str, id_: str
) -> None:
    imported(platform, f"pmt_1,pay_1,,,1,,2026-02-01,completed,{called},,\n")

    assert [one.funding_source_id for one in kept(platform)] == [id_]


@pytest.mark.parametrize(
    ("row", "kind", "told"),
    [
        ("pmt_2,,Acme Ltd,A-9,1,,,completed,fs_1,,", "payable", "import it first"),
        ("pmt_2,,Other,B-1,1,,,completed,fs_1,,", "payable", "one of pay_4, pay_5"),
        ("pmt_2,,Other,,1,,,completed,fs_1,,", "no_payable", "give its payable_id"),
        ("pmt_2,pay_2,,,1,,,completed,Bo 0042,,", "funding_source", "fs_2 (Box ••0042)"),
        ("pmt_2,pay_2,,,1,,,completed,,,", "funding_source", "which funding source"),
        ("pmt_2,pay_2,,,1,,,cleared,fs_1,,", "status", "pending, processing, completed"),
        ("pmt_2,pay_2,,,one,,,completed,fs_1,,", "amount", "no amount"),
        ("pmt_2,pay_2,,,1,,2026-02-30,completed,fs_1,,", "date", "2026-02-30"),
        (",pay_2,,,1,,,completed,fs_1,,", "no_payment", "no payment id"),
        ("1.2E+15,pay_2,,,1,,,completed,fs_1,,", "shortened", "spreadsheet"),
        ("pmt 2,pay_2,,,1,,,completed,fs_1,,", "rule", "letters, digits"),
        (
            "pmt_2,pay_2,,,1,,,failed,fs_1,R01 insufficient funds,",
            "rule",
            "too long: at most 20 characters",
        ),
    ],
)
def test_a_row_that_cannot_be_taken_says_why_and_harms_no_other(
    platform: Terminal, row: str, kind: str, told: str
) -> None:
    good = "pmt_1,pay_1,,,1,,,completed,fs_1,,\n"
    path = platform.file("payments.csv", HEADER + good + row + "\n")

    said = platform.run("import", path, "--json")

    assert said.code == 4
    assert said.json["records"] == {"payments": {"created": 1}}
    (bad,) = said.json["bad"]
    assert (bad["line"], bad["kind"], said.json["badRows"]) == (3, kind, 1)
    assert told in bad["reason"]
    assert "^" not in bad["reason"]  # no regular expression
    assert platform.run("import", path).code == 4  # the same without --json


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ("pmt_1,pay_2,,,1,USD,2026-02-02,completed,fs_1,,", "payment date"),
        ("pmt_1,pay_2,,,1,USD,2026-02-01,failed,fs_1,,", "status"),
        ("pmt_1,pay_2,,,1,USD,2026-02-01,completed,fs_2,,", "funding source"),
        ("pmt_1,pay_2,,,1,CAD,2026-02-01,completed,fs_1,,", "currency"),
        ("pmt_1,pay_2,,,1,USD,2026-02-01,completed,fs_1,R01,", "return code"),
        ("pmt_1,pay_2,,,1,USD,2026-02-01,completed,fs_1,,2026-02-03", "return date"),
        ("pmt_1,pay_1,,,1,USD,2026-02-01,completed,fs_1,,", "put both amounts together"),
        ("pmt_1,pay_2,,,x,USD,2026-02-01,completed,fs_1,,", "no amount"),
        ("pmt_1,pay 2,,,1,USD,2026-02-01,completed,fs_1,,", "letters, digits"),
    ],
)
def test_rows_of_one_payment_that_contradict_each_other_are_left_out_together(
    platform: Terminal, second: str, told: str
) -> None:
    first = "pmt_1,pay_1,,,1,USD,2026-02-01,completed,fs_1,,\n"
    path = platform.file("payments.csv", HEADER + first + second + "\n")

    said = platform.run("import", path, "--json")

    assert (said.code, said.json["badRows"], kept(platform)) == (4, 2, [])
    assert said.json["bad"][0]["line"] == 3
    assert told in said.json["bad"][0]["reason"]


def test_what_a_table_cannot_say_of_a_payment_stays(platform: Terminal) -> None:
    sent = {
        "type": "payment", "id": "pmt_1", "amount": 5, "status": "failed", "returnCode": "R01",
        "fundingSourceId": "fs_1", "completedAt": "2026-02-01T10:00:00Z",
        "clearingSpeed": "same_day",
        "payables": [{"payableId": "pay_1", "amount": 5}],
    }  # fmt: skip
    platform.good("import", platform.file("p.jsonl", lines(sent)))
    before = kept(platform)

    assert imported(platform, "pmt_1,pay_1,,,5,,,failed,fs_1,,\n") == ["unchanged"]
    assert kept(platform) == before
    assert imported(platform, "pmt_1,pay_1,,,6,,,completed,fs_1,,\n") == ["updated"]

    (now,) = kept(platform)
    assert (now.amount.minor, now.status) == (600, PaymentStatus.COMPLETED)
    assert (now.return_code, now.clearing_speed) == (None, "same_day")
    assert now.completed_at == before[0].completed_at


def test_columns_of_both_kinds_are_asked_about_and_an_option_says_which(
    platform: Terminal,
) -> None:
    header = "payment_id,vendor_name,invoice_number,amount,payment_date,status,account\n"
    row = "pmt_1,Acme Ltd,A-1,100.00,2026-02-01,completed,Operating\n"
    path = platform.file("both.csv", header + row)

    asked = platform.run("import", path)
    assert asked.code == 2
    assert "--type payables or --type payments" in " ".join(asked.err.split())
    assert kept(platform) == []

    assert imported(platform, row, "--type", "payments", header=header) == ["created"]
    told = platform.run("import", path, "--type", "payables", "--dry-run", "--json").json
    assert told["records"]["payables"] == {"held": 1}  # it has the amount of pay_1
    assert platform.run("import", path, "--type", "bills").code == 2


def test_a_table_of_payables_with_the_number_of_its_payment_stays_one(platform: Terminal) -> None:
    path = platform.file(
        "spending.csv",
        "Supplier,Invoice No,Amount,Date Paid,Payment No\nAcme Ltd,N-1,5.00,2026-02-01,77\n",
    )

    said = platform.good("import", path, "--json").json

    assert said["records"]["payables"] == {"created": 1}
    assert any("--type payments" in note for note in said["notes"])


def test_payments_without_ids_are_known_again_by_what_makes_their_ids(platform: Terminal) -> None:
    header = "Vendor,Invoice No,Amount,Paid on,Status,Paid from\n"
    rows = "Acme Ltd,A-1,60,2026-02-01,completed,4321\nAcme Ltd,A-1,40,2026-02-08,completed,4321\n"
    options = ["--type", "payments", "--number-from", "Invoice No", "--number-from", "Paid on"]

    assert imported(platform, rows, *options, header=header) == ["created"]
    assert imported(
        platform, rows.replace("2026-02-01", "1 Feb 2026"), *options, header=header
    ) == ["unchanged"]
    assert [one.amount.minor for one in kept(platform)] == [6000, 4000]


def test_a_workbook_of_payments_is_taken_like_a_table(platform: Terminal, tmp_path: Path) -> None:
    rows = [
        ["Payments of February"],
        ["Payment ID", "Payable ID", "Amount", "Payment Date", "Status", "Funding source"],
        [20_260_201, "pay_1", 60.5, date(2026, 2, 1), "completed", "Operating"],
    ]
    path = write_workbook(tmp_path / "payments.xlsx", {"Paid": rows})

    assert platform.good("import", str(path), "--json").json["records"] == {
        "payments": {"created": 1}
    }
    (one,) = kept(platform)
    assert (one.id, one.amount.minor, one.paid_on) == ("20260201", 6050, date(2026, 2, 1))


def test_a_dry_run_of_payments_says_what_would_change_and_takes_nothing(
    platform: Terminal,
) -> None:
    imported(platform, "pmt_1,pay_1,,,5,,,processing,fs_1,,\n")
    path = platform.file("p.csv", HEADER + "pmt_1,pay_1,,,5,,2026-02-02,completed,fs_1,,\n")

    told = platform.good("import", path, "--dry-run", "--json").json

    assert [(one["field"], one["after"]) for one in told["updated"][0]["changes"]]
    assert kept(platform)[0].status is PaymentStatus.PROCESSING


def test_words_about_held_documents_do_not_apply_to_payments(platform: Terminal) -> None:
    path = platform.file("p.csv", HEADER + "pmt_1,pay_1,,,5,,,completed,fs_1,,\n")

    assert platform.run("import", path, "--same-document", "all").code == 2
    assert kept(platform) == []
