"""Bills, vendor credits, purchases and journal entries."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.bookkeeper import Bookkeeper


@pytest.fixture
def books() -> Bookkeeper:
    return Bookkeeper()


def test_a_bill_is_owed_to_its_vendor(books: Bookkeeper) -> None:
    bill = books.bill(100.5)

    assert bill["TotalAmt"] == bill["Balance"] == 100.5
    assert bill["APAccountRef"]["name"] == "Accounts Payable (A/P)"
    assert bill["TxnDate"] == bill["DueDate"] == "2026-01-05"
    assert bill["Line"][0]["Id"] == "1"
    assert books.get(f"vendor/{books.vendor}")["Balance"] == 100.5
    assert books.balance(books.rent) == 10050


@pytest.mark.parametrize("absent", ["VendorRef", "Line"])
def test_what_a_bill_must_have_is_named_when_missing(books: Bookkeeper, absent: str) -> None:
    document = {"VendorRef": {"value": books.vendor}, "Line": [books.line()]}
    document.pop(absent)

    error = books.fault("bill", document)

    assert error["code"] == "2020"
    assert error["Detail"] == f"Required parameter {absent} is missing in the request"
    assert error["element"] == absent


def test_a_document_number_that_is_taken_tells_who_has_it(books: Bookkeeper) -> None:
    bill = books.bill(DocNumber="AA_2025")

    document = {
        "VendorRef": {"value": books.vendor},
        "Line": [books.line()],
        "DocNumber": "aa_2025",
    }
    error = books.fault("bill", document)

    assert error["code"] == "6140"
    assert f"is assigned to TxnType=Bill with TxnId={bill['Id']}" in error["Detail"]


def test_a_doubled_number_passes_when_asked_for(books: Bookkeeper) -> None:
    books.bill(DocNumber="A1")
    document = {"VendorRef": {"value": books.vendor}, "Line": [books.line()], "DocNumber": "A1"}

    again = books.post("bill", document, include="allowduplicatedocnum")

    assert again["DocNumber"] == "A1"


def test_a_doubled_number_passes_where_the_company_does_not_warn() -> None:
    books = Bookkeeper(switches={"duplicate_numbers": "allowed"})
    books.bill(DocNumber="A1")

    assert books.bill(DocNumber="A1")["DocNumber"] == "A1"


def test_the_switch_for_equal_names_is_about_numbers_too() -> None:
    books = Bookkeeper(switches={"equal_names": "but_for_case_blanks_and_form"})
    books.bill(DocNumber="A 1")
    document = {"VendorRef": {"value": books.vendor}, "Line": [books.line()]}

    assert books.fault("bill", {**document, "DocNumber": "a  1"})["code"] == "6140"
    assert books.bill(DocNumber="A1")["DocNumber"] == "A1"


def test_a_number_is_free_again_when_its_bill_is_deleted(books: Bookkeeper) -> None:
    bill = books.bill(DocNumber="A1")
    books.post("bill", {"Id": bill["Id"], "SyncToken": "0"}, operation="delete")

    assert books.bill(DocNumber="A1")["Id"] != bill["Id"]


def test_bills_are_never_numbered_by_the_server(books: Bookkeeper) -> None:
    assert "DocNumber" not in books.bill()


@pytest.mark.parametrize(("name", "length"), [("DocNumber", 21), ("PrivateNote", 4000)])
def test_texts_have_their_longest_length(books: Bookkeeper, name: str, length: int) -> None:
    books.bill(**{name: "x" * length})

    document = {"VendorRef": {"value": books.vendor}, "Line": [books.line()]}
    error = books.fault("bill", {**document, name: "y" * (length + 1)})

    assert error["code"] == "2050"
    assert f"Max:{length} supported. Supplied length:{length + 1}" in error["Detail"]


def test_an_amount_is_quantity_times_price_rounded_half_up(books: Bookkeeper) -> None:
    vendor = {"VendorRef": {"value": books.vendor}}

    error = books.fault("bill", {**vendor, "Line": [books.item_line(1861.07, 1, 1861.075)]})
    exact = books.post("bill", {**vendor, "Line": [books.item_line(1861.08, 1, 1861.075)]})

    assert exact["TotalAmt"] == 1861.08
    assert error["code"] == "6070"
    assert error["Detail"] == "Amount is not equal to UnitPrice * Qty. Supplied value:1,861.07"


def test_what_the_server_computes_is_overwritten_in_silence(books: Bookkeeper) -> None:
    bill = books.bill(100, TotalAmt=1, Balance=5, SyncToken="9", MetaData={"CreateTime": "x"})

    assert (bill["TotalAmt"], bill["Balance"], bill["SyncToken"]) == (100, 100, "0")


def test_amounts_may_be_sent_as_texts_of_digits(books: Bookkeeper) -> None:
    assert books.bill("19.99")["TotalAmt"] == 19.99


@pytest.mark.parametrize(
    ("reference", "listing"),
    [("VendorRef", "Names"), ("AccountRef", "Accounts"), ("ClassRef", "Klasses")],
)
def test_a_reference_to_nothing_is_refused_with_2500(
    books: Bookkeeper, reference: str, listing: str
) -> None:
    line = books.line()
    document: dict[str, Any] = {"VendorRef": {"value": books.vendor}, "Line": [line]}
    nothing = {"value": "9999"}
    if reference == "VendorRef":
        document[reference] = nothing
    else:
        line["AccountBasedExpenseLineDetail"][reference] = nothing

    error = books.fault("bill", document)

    assert error["code"] == "2500"
    assert error["Detail"] == f"Invalid Reference Id : {listing} element id 9999 not found"


@pytest.mark.parametrize("code", ["610", "2500"])
def test_a_reference_to_something_inactive_is_refused(code: str) -> None:
    books = Bookkeeper(switches={"inactive_reference": code})
    vendor = books.get(f"vendor/{books.vendor}")
    books.post("vendor", {**vendor, "Active": False})

    error = books.fault("bill", {"VendorRef": {"value": books.vendor}, "Line": [books.line()]})

    assert error["code"] == code
    assert "has been made inactive" in error["Detail"]


def test_a_sparse_update_replaces_all_lines(books: Bookkeeper) -> None:
    lines = [books.line(10, Description="one"), books.line(20, Description="two")]
    bill = books.bill(Line=lines)
    first = bill["Line"][0]["Id"]

    changed = books.post(
        "bill",
        {
            "Id": bill["Id"],
            "SyncToken": "0",
            "sparse": True,
            "VendorRef": {"value": books.vendor},
            "Line": [books.line(15, Id=first)],
        },
    )

    assert [line["Id"] for line in changed["Line"]] == [first]
    assert "Description" not in changed["Line"][0]
    assert changed["TotalAmt"] == 15
    assert books.balance(books.rent) == 1500


def test_a_sparse_update_of_a_bill_still_demands_its_vendor(books: Bookkeeper) -> None:
    bill = books.bill()

    error = books.fault(
        "bill", {"Id": bill["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "n"}
    )

    assert (error["code"], error["element"]) == ("2020", "VendorRef")


def test_known_lines_keep_their_ids_and_others_get_new_ones(books: Bookkeeper) -> None:
    bill = books.bill(Line=[books.line(1), books.line(2), books.line(3)])
    second = bill["Line"][1]

    changed = books.post(
        "bill",
        {**bill, "Line": [second, books.line(4), books.line(5, Id="77"), books.line(6, Id="-1")]},
    )

    assert [line["Id"] for line in changed["Line"]] == ["2", "4", "5", "6"]


def test_billed_status_cannot_be_set_by_a_client(books: Bookkeeper) -> None:
    line = books.line()
    line["AccountBasedExpenseLineDetail"]["BillableStatus"] = "HasBeenBilled"

    error = books.fault("bill", {"VendorRef": {"value": books.vendor}, "Line": [line]})

    assert (error["code"], error["Detail"]) == ("2170", "Invalid Enumeration : HasBeenBilled")


def test_a_deletion_must_say_of_what(books: Bookkeeper) -> None:
    assert books.fault("bill", {"SyncToken": "0"}, operation="delete")["element"] == "Id"
    assert books.fault("bill", {"Id": "1"}, operation="delete")["code"] == "610"
    books.bill()
    assert books.fault("bill", {"Id": "1"}, operation="delete")["element"] == "SyncToken"


def test_a_deleted_bill_leaves_no_trace_but_610(books: Bookkeeper) -> None:
    bill = books.bill()

    stub = books.post("bill", {"Id": bill["Id"], "SyncToken": "0"}, operation="delete")
    response = books.send("GET", f"bill/{bill['Id']}")

    assert stub == {"status": "Deleted", "domain": "QBO", "Id": bill["Id"]}
    assert response.status == 400
    assert "Another user has deleted this transaction" in response.body.decode()
    assert books.company.trial_balance() == {}


def test_a_void_of_a_bill_is_a_200_with_a_system_fault(books: Bookkeeper) -> None:
    bill = books.bill()

    response = books.send("POST", "bill", {"Id": bill["Id"], "SyncToken": "0"}, operation="void")

    assert response.status == 200
    fault = response.json()["Fault"]
    assert fault["type"] == "SystemFault"
    assert fault["Error"][0]["code"] == "10000"
    assert books.get(f"bill/{bill['Id']}")["TotalAmt"] == 100


def test_a_void_of_a_journal_entry_answers_200_and_does_nothing(books: Bookkeeper) -> None:
    response = books.send("POST", "journalentry", {"Id": "1", "SyncToken": "0"}, operation="void")

    assert response.status == 200
    assert response.json()["BatchItemResponse"] == []


@pytest.mark.parametrize("kind", ["purchase", "billpayment"])
def test_a_void_of_a_purchase_or_bill_payment_by_that_path_is_500(
    books: Bookkeeper, kind: str
) -> None:
    error = books.fault(kind, {"Id": "1", "SyncToken": "0"}, operation="void")

    assert error["code"] == "500"
    assert error["Detail"] == "Operation void is not supported."


def test_a_vendor_credit_lowers_what_is_owed(books: Bookkeeper) -> None:
    books.bill(100)

    credit = books.post(
        "vendorcredit", {"VendorRef": {"value": books.vendor}, "Line": [books.line(30)]}
    )

    assert credit["Balance"] == 30
    assert books.get(f"vendor/{books.vendor}")["Balance"] == 70


@pytest.mark.parametrize(("custom", "numbered"), [(False, True), (True, False)])
def test_vendor_credits_are_numbered_unless_people_do_it(custom: bool, numbered: bool) -> None:
    books = Bookkeeper(custom_purchase_numbers=custom)

    credit = books.post(
        "vendorcredit", {"VendorRef": {"value": books.vendor}, "Line": [books.line(30)]}
    )

    assert ("DocNumber" in credit) is numbered


def test_a_purchase_is_paid_at_once(books: Bookkeeper) -> None:
    purchase = books.post(
        "purchase",
        {
            "PaymentType": "Check",
            "AccountRef": {"value": books.checking},
            "EntityRef": {"value": books.vendor, "type": "Vendor"},
            "Line": [books.line(12.34)],
        },
    )

    assert purchase["TotalAmt"] == 12.34
    assert purchase["EntityRef"]["type"] == "Vendor"
    assert books.balance(books.checking) == -1234


@pytest.mark.parametrize("absent", ["PaymentType", "AccountRef"])
def test_a_purchase_must_tell_how_it_was_paid_on_every_write(
    books: Bookkeeper, absent: str
) -> None:
    document = {
        "PaymentType": "Cash",
        "AccountRef": {"value": books.checking},
        "Line": [books.line()],
    }
    purchase = books.post("purchase", document)
    change = {"Id": purchase["Id"], "SyncToken": "0", "sparse": True, **document}
    change.pop(absent)

    assert books.fault("purchase", change)["element"] == absent


def test_a_card_refund_is_a_credit(books: Bookkeeper) -> None:
    books.post(
        "purchase",
        {
            "PaymentType": "CreditCard",
            "Credit": True,
            "AccountRef": {"value": books.card},
            "Line": [books.line(8)],
        },
    )

    assert books.balance(books.card) == 800
    assert books.balance(books.rent) == -800


def test_the_wrong_type_of_account_is_refused_with_6430(books: Bookkeeper) -> None:
    document = {
        "PaymentType": "Check",
        "AccountRef": {"value": books.rent},
        "Line": [books.line()],
    }

    assert books.fault("purchase", document)["code"] == "6430"


def journal_line(account: str, kind: str, amount: float, **detail: Any) -> dict[str, Any]:
    return {
        "Amount": amount,
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": {
            "PostingType": kind,
            "AccountRef": {"value": account},
            **detail,
        },
    }


def test_a_journal_entry_must_balance(books: Bookkeeper) -> None:
    lines = [
        journal_line(books.rent, "Debit", 10),
        journal_line(books.checking, "Credit", 10),
    ]

    entry = books.post("journalentry", {"Line": lines, "DocNumber": "J1"})
    lines[1]["Amount"] = 9.99
    error = books.fault("journalentry", {"Line": lines})

    assert entry["TotalAmt"] == 10
    assert error["code"] == "2300"


def test_a_journal_entry_on_payables_needs_a_vendor(books: Bookkeeper) -> None:
    payable = books.accounts["Accounts Payable (A/P)"]
    entity = {"Type": "Vendor", "EntityRef": {"value": books.vendor, "type": "Vendor"}}
    debit = journal_line(books.rent, "Debit", 10)

    error = books.fault("journalentry", {"Line": [debit, journal_line(payable, "Credit", 10)]})
    books.post(
        "journalentry", {"Line": [debit, journal_line(payable, "Credit", 10, Entity=entity)]}
    )

    assert error["code"] == "6000"
    assert books.get(f"vendor/{books.vendor}")["Balance"] == 10
