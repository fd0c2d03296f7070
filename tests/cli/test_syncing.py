"""The command line from an imported file to books that agree to the cent."""

from __future__ import annotations

import json

import pytest

from cleo_accounting.core.kinds import ENTITY_TYPES
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.company.connect import latest
from cleo_accounting.flows.run import sync as syncing
from tests.cli.terminal import BUSINESS, Terminal

CSV = """vendor_name,invoice_number,payment_date,amount,account,department,currency
Café O'Neill,1,2026-01-05,10.50,Repairs,North,USD
Café O'Neill,1,2026-01-05,4.50,Paint,North,USD
Café O'Neill,2,2026-01-06,7.25,Repairs,South,USD
Smith\\Jones,1,2026-01-07,100.00,Paint,South,USD
Smith\\Jones,2,2026-01-07,3.00,Paint,South,EUR
"""


@pytest.fixture
def ready(terminal: Terminal) -> Terminal:
    """A terminal whose business is connected, with payables and an expense account chosen."""
    terminal.connect()
    terminal.good("import", terminal.file("payables.csv", CSV))
    terminal.good("preview", "vendors")
    terminal.good("map", "fields", "--expense-account", "Supplies")
    return terminal


def test_a_file_is_synced_once_and_agrees_to_the_cent(ready: Terminal) -> None:
    first = ready.run("sync", "--json")
    again = ready.run("sync", "--json")
    reconciled = ready.run("reconcile", "--json")
    compared = reconciled.json

    assert first.code == 4  # the payable in another currency waits for a person
    assert first.json["entityTypes"]["invoices"]["created"] == 3
    assert first.json["entityTypes"]["vendors"]["created"] == 2
    assert again.json["entityTypes"]["invoices"]["created"] == 0
    assert again.json["entityTypes"]["invoices"]["unchanged"] == 3
    bills = compared["kinds"][0]
    assert reconciled.code == 4  # all sent documents are equal, but one was not sent
    assert (compared["outcome"], compared["agrees"]) == ("unsent", False)
    assert compared["headline"] == (
        "All sent documents are equal; 1 document worth 3.00 EUR is not sent."
    )
    assert bills["equal"] == 3
    assert bills["ours"] == bills["theirs"] == {"USD": 12225}
    assert bills["waiting"] == {"EUR": 300}
    found = ready.intuit.company.books.records["Bill"]
    assert len(found) == 3


def test_a_preview_writes_nothing_and_says_what_would_be(ready: Terminal) -> None:
    told = ready.good("preview", "--json").json

    assert told["sums"] == [{"kind": "bill", "currency": "USD", "number": 3, "amountMinor": 12225}]
    assert not ready.intuit.company.books.records["Bill"]
    assert ready.good("sync", "vendors", "--dry-run").out.startswith("✓ Preview")


def test_what_needs_somebody_is_shown_with_cause_and_fix(ready: Terminal) -> None:
    ready.run("sync")

    shown = ready.good("items", "--attention", "--json").json

    (item,) = shown["items"]
    assert item["label"] == "2"
    assert item["code"] == "currency_differs"
    assert "EUR" in item["cause"]
    assert item["fix"]
    assert "in EUR" in ready.good("items", "--attention").out


def test_deciding_settles_a_record_and_retry_tries_only_what_failed(ready: Terminal) -> None:
    ready.run("sync")
    (item,) = ready.good("items", "--attention", "--json").json["items"]

    ready.good("decide", str(item["id"]), "leave_out", "entered by hand")
    told = ready.good("retry", "--json").json

    assert told["state"] == "succeeded"
    assert told["entityTypes"]["invoices"]["skipped"] == 1
    assert told["entityTypes"]["invoices"]["total"] == 1


def test_a_bill_that_a_person_entered_is_shown_with_its_id_and_linked(ready: Terminal) -> None:
    ready.run("sync", "vendors")
    company = ready.intuit.company
    (vendor,) = [one for one in company.all("Vendor") if one["DisplayName"].startswith("Café")]
    (account,) = [one for one in company.all("Account") if one["Name"] == "Supplies"]
    detail = {"AccountRef": {"value": account["Id"]}}
    line = {"DetailType": "AccountBasedExpenseLineDetail", "Amount": 15}
    typed = {
        "VendorRef": {"value": vendor["Id"]},
        "TxnDate": "2026-01-05",
        "Line": [{**line, "AccountBasedExpenseLineDetail": detail}],
    }
    remote_id = company.create("Bill", typed)["Id"]
    ready.run("sync")
    told = ready.good("items", "--code", "possible_duplicate", "--json").json
    (item,) = told["items"]
    assert [one["remoteId"] for one in item["twins"]] == [remote_id]
    assert f"id {remote_id}" in ready.good("items", "--code", "possible_duplicate").out

    ready.good("decide", str(item["id"]), "link_to", str(remote_id))

    assert ready.run("sync", "--json").json["entityTypes"]["invoices"]["linked"] == 1


@pytest.mark.parametrize(
    ("trouble", "door", "said"),
    [
        ("drop_before_commit", "batch", "QuickBooks did not confirm some records"),
        ("throttled", "batch", "QuickBooks asked us to slow down"),
        ("error_before_commit", "", "QuickBooks is not responding"),
    ],
)
def test_a_run_that_waits_says_why_and_until_when(
    ready: Terminal, trouble: str, door: str, said: str
) -> None:
    emulator, realm = ready.intuit.emulator, ready.intuit.realm_id
    emulator.add_fault(trouble, path=f"*/{realm}/{door}*", times=None)
    try:
        with ready.house() as house:
            integration = latest(house, BUSINESS)
            assert integration
            run = syncing.request(
                house, integration, [*ENTITY_TYPES], trigger=Trigger.PAGE, by="test"
            )
            while not syncing.advance(house, run.id).wait_until:
                pass
    finally:
        emulator.act("clear_faults", {})

    headline = ready.good("status").out
    assert said in headline
    assert "goes on at" in headline


def test_all_of_a_cause_are_decided_at_once(ready: Terminal) -> None:
    ready.run("sync")

    first = ready.good("decide", "--all-of", "currency_differs", "leave_out", "abroad")
    second = ready.good("decide", "--all-of", "currency_differs", "leave_out", "abroad", "--json")

    assert "Decided for 1 of 1" in first.out
    assert second.json["decided"] == 0
    assert ready.good("sync", "--json").json["state"] == "succeeded"


def test_several_items_are_decided_at_once_and_taken_back(ready: Terminal) -> None:
    ready.run("sync")
    (item,) = ready.good("items", "--attention", "--json").json["items"]
    number = str(item["id"])

    told = ready.good("decide", number, "999999", "leave_out", "abroad", "--json").json

    assert told["decided"] == 1
    assert [one["refused"] for one in told["items"]] == [None, "There is no such item."]
    assert "Undone for 1" in ready.good("decide", "--undo", told["at"]).out
    assert ready.run("decide", "--undo", told["at"]).code != 0


@pytest.mark.parametrize(
    "typed",
    [
        ["1", "no_such_word"],
        ["leave_out", "nothing named"],
        ["--all-of", "look_alike"],
        ["1", "leave_out", "two", "words"],
        ["--undo", "yesterday"],
        ["1"],
    ],
)
def test_what_cannot_be_decided_is_refused_in_words(ready: Terminal, typed: list[str]) -> None:
    refused = ready.run("decide", *typed)

    assert refused.code != 0
    assert "Traceback" not in refused.out + refused.err


def test_a_number_is_given_by_its_decision_and_one_that_does_not_fit_says_why(
    ready: Terminal,
) -> None:
    ready.run("sync")
    (item,) = ready.good("items", "--attention", "--json").json["items"]

    refused = ready.run("decide", str(item["id"]), "number_as", "9" * 22)

    assert refused.code != 0
    assert "21 characters" in " ".join((refused.out + refused.err).split())
    assert "Decided" in ready.good("decide", str(item["id"]), "number_as", "2-2").out


def test_a_document_changed_by_hand_is_found_by_reconcile(ready: Terminal) -> None:
    ready.run("sync")
    bill_id = next(iter(ready.intuit.company.books.records["Bill"]))
    ready.intuit.emulator.act(
        "person",
        {"realm_id": ready.intuit.realm_id, "deed": "delete", "kind": "Bill", "id": bill_id},
    )

    compared = ready.run("reconcile", "--json")

    assert compared.code == 4
    (differing,) = compared.json["kinds"][0]["discrepancies"]
    assert differing["finding"] == "missing"
    assert "missing" in ready.run("reconcile").out


def test_a_payment_that_somebody_voided_is_found_by_reconcile(ready: Terminal) -> None:
    accounts = ready.intuit.company.all("Account")
    bank = next(one["Name"] for one in accounts if one["AccountType"] == "Bank")
    records = [
        {"type": "fundingSource", "id": "fs_1", "name": bank, "accountType": "checking"},
        {"type": "connection", "id": "conn_1", "connectedBusinessName": "Acme", "status": "active"},
        {
            "type": "payable",
            "id": "pay_1",
            "connectionId": "conn_1",
            "amount": "108.25",
            "invoiceDate": "2026-01-05",
            "invoiceNumber": "1042",
            "status": "APPROVED",
        },
        {
            "type": "payment",
            "id": "pmt_1",
            "payableId": "pay_1",
            "fundingSourceId": "fs_1",
            "amount": "15.00",
            "status": "completed",
            "paymentDate": "2026-01-20",
        },
    ]
    lines = "\n".join(json.dumps(one) for one in records)
    ready.good("import", ready.file("more.jsonl", lines))
    ready.run("sync")
    books = ready.intuit.company.books.records["BillPayment"]
    (there,) = books
    deed = {"realm_id": ready.intuit.realm_id, "deed": "void", "kind": "BillPayment", "id": there}
    ready.intuit.emulator.act("person", deed)

    compared = ready.run("reconcile", "--json")

    told = {one["kind"]: one for one in compared.json["kinds"]}
    (differing,) = told["bill_payment"]["discrepancies"]
    assert (differing["finding"], differing["said"]) == ("missing", "It was voided in QuickBooks.")
    (balance,) = told["bill"]["open"]["differing"]
    assert balance["theirs"]["USD"] - balance["ours"]["USD"] == 1500
    assert "Acme" in ready.run("reconcile").out


def test_status_runs_and_mappings_tell_what_happened(ready: Terminal) -> None:
    ready.run("sync")

    assert "connected" in ready.good("status").out
    runs = ready.good("runs", "--json").json
    assert [one["dryRun"] for one in runs["items"]] == [False, True]
    assert "run_" in ready.good("runs").out
    mapped = ready.good("map", "list", "vendor", "--json").json
    assert {one["label"] for one in mapped["items"]} == {"Café O'Neill", "Smith\\Jones"}
    assert "Café" in ready.good("map", "list", "vendor").out


def test_a_connection_is_mapped_by_hand_to_a_vendor_by_name(ready: Terminal) -> None:
    open_ = ready.good("map", "list", "vendor", "--unmapped", "--json").json["items"]
    ours = next(one for one in open_ if one["label"] == "Smith\\Jones")["recordId"]
    theirs = ready.good("map", "theirs", "vendor", "--limit", "1", "--json").json["items"][0]

    said = ready.good("map", "set", "vendor", ours, theirs["name"])
    told = ready.run("sync", "--json").json

    assert theirs["name"] in said.out
    assert told["entityTypes"]["vendors"]["created"] == 1
    ready.good("map", "remove", "vendor", ours)
    assert ready.run("map", "remove", "vendor", ours).code == 2


def test_a_clearing_account_is_named_as_such_when_it_is_mapped(ready: Terminal) -> None:
    record = {"type": "fundingSource", "id": "fs_1", "name": "Payouts", "accountType": "checking"}
    ready.good("import", ready.file("accounts.jsonl", json.dumps(record)))
    banks = ready.good("map", "theirs", "account", "--search", "check", "--json").json["items"]

    cleared = ready.good("map", "set", "bank", "fs_1", "Prepaid Expenses")
    bank = ready.good("map", "set", "bank", "fs_1", banks[0]["id"])

    assert "not a bank account (Other Current Asset)" in cleared.err
    assert bank.err == ""


def test_invoice_fields_are_chosen_one_by_one(ready: Terminal) -> None:
    ready.good("map", "fields", "--memo", "{memo} ({number})", "--go-live", "2026-01-06")
    ready.good("map", "fields", "--record-payments", "processing", "--quick-pay", "on")
    told = ready.good("map", "fields", "--custom", "account=description", "--json").json

    assert told["memoTemplate"] == "{memo} ({number})"
    assert told["goLive"] == "2026-01-06"
    assert (told["recordPayments"], told["quickPay"]) == ("processing", "on")
    assert told["customFields"] == [["account", "description"]]
    lands = {one["payableField"]: one["quickbooksField"] for one in told["mappings"]}
    assert lands["invoiceNumber"] == "DocNumber"
    assert lands["customFields.account"] == "Line.Description"
    assert "DocNumber" in ready.good("map", "fields").out
    assert told["expenseAccountId"]
    assert ready.good("map", "fields", "--go-live", "-", "--json").json["goLive"] is None
    refused = ready.run("map", "fields", "--expense-account", "Nowhere")
    assert refused.code == 2
    assert "Nowhere" in refused.err


def test_disconnecting_asks_and_then_nothing_is_sent(ready: Terminal) -> None:
    assert "stay" in ready.good("disconnect", "--dry-run").err
    ready.good("sync", "vendors")

    ready.good("disconnect", "--yes")

    assert ready.run("status").code == 3
    assert ready.run("sync").code in (2, 3)
    assert ready.run("disconnect", "--yes").code == 2


def test_many_that_need_somebody_are_told_by_cause(ready: Terminal) -> None:
    csv = "vendor_name,invoice_number,payment_date,amount,currency\n" + "".join(
        f"{name},{number},2026-01-05,1.00,EUR\n"
        for name in ("Café O'Neill", "A:B")
        for number in "78"
    )
    ready.good("import", ready.file("more.csv", csv))

    told = ready.run("sync", "--json").json

    assert {one["code"]: one["number"] for one in told["causes"]} == {
        "currency_differs": 5,
        "name_not_allowed": 1,
    }
    assert "Different currency" in ready.good("status").out
