"""Payments in both directions, deposits, invoices and credit memos."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.bookkeeper import Bookkeeper


@pytest.fixture
def books() -> Bookkeeper:
    return Bookkeeper()


def receipt(books: Bookkeeper, total: float, *links: tuple[str, str, float]) -> dict[str, Any]:
    return {
        "CustomerRef": {"value": books.customer},
        "TotalAmt": total,
        "Line": [
            {"Amount": amount, "LinkedTxn": [{"TxnId": identity, "TxnType": kind}]}
            for kind, identity, amount in links
        ],
    }


def test_a_bill_payment_lowers_the_bill_and_links_both_ways(books: Bookkeeper) -> None:
    bill = books.bill(100)

    payment = books.post("billpayment", books.payment_of((bill["Id"], 40)))
    paid = books.get(f"bill/{bill['Id']}")

    assert paid["Balance"] == 60
    assert paid["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "BillPaymentCheck"}]
    assert paid["SyncToken"] == "1"
    assert payment["Line"][0]["LinkedTxn"] == [{"TxnId": bill["Id"], "TxnType": "Bill"}]
    assert payment["CheckPayment"]["PrintStatus"] == "NotSet"
    assert books.balance(books.checking) == -4000
    assert books.get(f"vendor/{books.vendor}")["Balance"] == 60


def test_a_card_payment_is_linked_as_such(books: Bookkeeper) -> None:
    bill = books.bill(100)
    document = books.payment_of((bill["Id"], 100))
    document |= {"PayType": "CreditCard", "CheckPayment": None}
    document["CreditCardPayment"] = {"CCAccountRef": {"value": books.card}}

    books.post("billpayment", document)

    links = books.get(f"bill/{bill['Id']}")["LinkedTxn"]
    assert links[0]["TxnType"] == "BillPaymentCreditCard"


def test_a_paid_bill_knows_of_the_payment_in_time(books: Bookkeeper) -> None:
    bill = books.bill(100)
    books.clock.advance(3600)

    books.post("billpayment", books.payment_of((bill["Id"], 100)))

    stamps = books.get(f"bill/{bill['Id']}")["MetaData"]
    assert stamps["LastUpdatedTime"] == "2026-01-05T10:00:00-08:00"
    assert stamps["CreateTime"] == "2026-01-05T09:00:00-08:00"


def test_a_deleted_payment_opens_the_bill_again(books: Bookkeeper) -> None:
    bill = books.bill(100)
    payment = books.post("billpayment", books.payment_of((bill["Id"], 100)))

    books.post("billpayment", {"Id": payment["Id"], "SyncToken": "0"}, operation="delete")

    opened = books.get(f"bill/{bill['Id']}")
    assert opened["Balance"] == 100
    assert "LinkedTxn" not in opened
    assert opened["SyncToken"] == "2"


def test_a_voided_bill_payment_stays_with_nothing_in_it(books: Bookkeeper) -> None:
    bill = books.bill(100)
    payment = books.post(
        "billpayment", {**books.payment_of((bill["Id"], 100)), "PrivateNote": "ACH 1"}
    )

    voided = books.post(
        "billpayment",
        {"Id": payment["Id"], "SyncToken": "0", "sparse": True},
        operation="update",
        include="void",
    )

    assert voided["TotalAmt"] == 0
    assert voided["Line"] == []
    assert voided["PrivateNote"].startswith("Voided")
    assert voided["PrivateNote"].endswith("ACH 1")
    assert voided["SyncToken"] == "1"
    assert books.get(f"bill/{bill['Id']}")["Balance"] == 100
    assert books.balance(books.checking) == 0
    assert books.effects[-1].operation == "Void"


def test_two_equal_payments_of_one_bill_are_not_blocked(books: Bookkeeper) -> None:
    bill = books.bill(100)

    for _ in range(2):
        books.post("billpayment", books.payment_of((bill["Id"], 100)))

    paid = books.get(f"bill/{bill['Id']}")
    assert paid["Balance"] == 0
    assert len(paid["LinkedTxn"]) == 2
    assert books.get(f"vendor/{books.vendor}")["Balance"] == -100


def test_a_payment_for_more_than_its_bills_leaves_a_credit(books: Bookkeeper) -> None:
    bill = books.bill(100)

    books.post("billpayment", books.payment_of((bill["Id"], 100), total=130))

    assert books.get(f"bill/{bill['Id']}")["Balance"] == 0
    assert books.get(f"vendor/{books.vendor}")["Balance"] == -30


def test_a_payment_for_less_than_its_lines_leaves_the_bill_open(books: Bookkeeper) -> None:
    bill = books.bill(100)

    books.post("billpayment", books.payment_of((bill["Id"], 100), total=70))

    assert books.get(f"bill/{bill['Id']}")["Balance"] == 30


def test_a_payment_may_use_a_vendor_credit(books: Bookkeeper) -> None:
    bill = books.bill(100)
    credit = books.post(
        "vendorcredit", {"VendorRef": {"value": books.vendor}, "Line": [books.line(30)]}
    )
    document = books.payment_of((bill["Id"], 100), total=70)
    document["Line"].append(
        {"Amount": 30, "LinkedTxn": [{"TxnId": credit["Id"], "TxnType": "VendorCredit"}]}
    )

    books.post("billpayment", document)

    assert books.get(f"bill/{bill['Id']}")["Balance"] == 0
    assert books.get(f"vendorcredit/{credit['Id']}")["Balance"] == 0
    assert books.get(f"vendor/{books.vendor}")["Balance"] == 0
    assert books.balance(books.checking) == -7000


def owed_by_journal(books: Bookkeeper, amount: float) -> dict[str, Any]:
    def line(account: str, kind: str) -> dict[str, Any]:
        party = {"Type": "Vendor", "EntityRef": {"value": books.vendor, "type": "Vendor"}}
        detail = {"PostingType": kind, "AccountRef": {"value": account}, "Entity": party}
        return {
            "Amount": amount,
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": detail,
        }

    payable = books.accounts["Accounts Payable (A/P)"]
    lines = [line(books.rent, "Debit"), line(payable, "Credit")]
    made: dict[str, Any] = books.post("journalentry", {"Line": lines})
    return made


def test_a_payment_may_settle_a_journal_entry(books: Bookkeeper) -> None:
    entry = owed_by_journal(books, 40)
    document = books.payment_of((entry["Id"], 40))
    document["Line"][0]["LinkedTxn"][0]["TxnType"] = "JournalEntry"

    payment = books.post("billpayment", document)

    linked = books.get(f"journalentry/{entry['Id']}")
    assert linked["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "BillPaymentCheck"}]
    assert books.get(f"vendor/{books.vendor}")["Balance"] == 0
    token = {"Id": entry["Id"], "SyncToken": linked["SyncToken"]}
    books.post("journalentry", token, operation="delete")
    assert books.get(f"billpayment/{payment['Id']}")["Line"] == []


def test_a_payment_without_lines_is_accepted(books: Bookkeeper) -> None:
    payment = books.post("billpayment", books.payment_of(total=25))

    assert payment["Line"] == []


def test_all_that_a_payment_pays_must_be_of_its_vendor(books: Bookkeeper) -> None:
    bill = books.bill(100)
    other = books.post("vendor", {"DisplayName": "Zeta"})
    document = {**books.payment_of((bill["Id"], 100)), "VendorRef": {"value": other["Id"]}}

    assert books.fault("billpayment", document)["code"] == "6000"


def test_a_payment_of_a_bill_that_is_gone_is_refused_with_610(books: Bookkeeper) -> None:
    assert books.fault("billpayment", books.payment_of(("4711", 5)))["code"] == "610"


def test_a_negative_payment_is_refused_with_2290(books: Bookkeeper) -> None:
    assert books.fault("billpayment", books.payment_of(total=-5))["code"] == "2290"


def test_a_bill_that_has_payments_is_not_deleted(books: Bookkeeper) -> None:
    bill = books.bill(100)
    books.post("billpayment", books.payment_of((bill["Id"], 100)))

    error = books.fault("bill", {"Id": bill["Id"], "SyncToken": "1"}, operation="delete")

    assert error["code"] == "6000"


@pytest.mark.parametrize(
    ("void_note", "note"), [("kept", "Voided - March"), ("taken", "Voided - Returned")]
)
def test_a_void_keeps_the_note_or_takes_the_one_that_is_sent(void_note: str, note: str) -> None:
    books = Bookkeeper(switches={"void_note": void_note})
    paid = books.payment_of((books.bill(100)["Id"], 100))
    payment = books.post("billpayment", {**paid, "PrivateNote": "March"})

    void = {"Id": payment["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "Returned"}
    voided = books.post("billpayment", void, operation="update", include="void")

    assert voided["PrivateNote"] == note


@pytest.mark.parametrize(("taken", "code"), [("bank", "6430"), ("bank_or_current_asset", "")])
def test_a_check_is_drawn_on_a_bank_account_or_on_a_current_asset_too(
    taken: str, code: str
) -> None:
    books = Bookkeeper(switches={"check_account": taken})
    paid = books.payment_of((books.bill(100)["Id"], 100))
    made = books.post("account", {"Name": "Payouts", "AccountType": "Other Current Asset"})
    drawn = {**paid, "CheckPayment": {"BankAccountRef": {"value": made["Id"]}}}

    if code:
        assert books.fault("billpayment", drawn)["code"] == code
    else:
        books.post("billpayment", drawn)
        assert books.balance(made["Id"]) == -10_000


def test_the_switch_lets_a_paid_bill_be_deleted_and_frees_the_payment() -> None:
    books = Bookkeeper(switches={"paid_bill_deletion": "unlinked"})
    bill = books.bill(100)
    payment = books.post("billpayment", books.payment_of((bill["Id"], 100)))

    books.post("bill", {"Id": bill["Id"], "SyncToken": "1"}, operation="delete")

    freed = books.get(f"billpayment/{payment['Id']}")
    assert freed["Line"] == []
    assert freed["SyncToken"] == "1"
    assert books.get(f"vendor/{books.vendor}")["Balance"] == -100


def test_editing_a_paid_bill_keeps_its_payment(books: Bookkeeper) -> None:
    bill = books.bill(100)
    books.post("billpayment", books.payment_of((bill["Id"], 60)))
    current = books.get(f"bill/{bill['Id']}")

    changed = books.post("bill", {**current, "Line": [books.line(90)]})

    assert changed["Balance"] == 30
    assert len(changed["LinkedTxn"]) == 1


def test_a_changed_payment_moves_its_money(books: Bookkeeper) -> None:
    first, second = books.bill(100), books.bill(50)
    payment = books.post("billpayment", books.payment_of((first["Id"], 50)))

    books.post(
        "billpayment",
        {**books.payment_of((second["Id"], 50)), "Id": payment["Id"], "SyncToken": "0"},
    )

    assert books.get(f"bill/{first['Id']}")["Balance"] == 100
    assert books.get(f"bill/{second['Id']}")["Balance"] == 0


def test_an_invoice_gets_a_subtotal_line_and_a_number(books: Bookkeeper) -> None:
    invoice = books.invoice(100)

    assert invoice["Line"][-1]["DetailType"] == "SubTotalLineDetail"
    assert invoice["Line"][-1]["Amount"] == 100
    assert invoice["DocNumber"] == "1001"
    assert books.invoice(100)["DocNumber"] == "1002"
    assert books.get(f"customer/{books.customer}")["Balance"] == 200


def test_an_invoice_is_not_numbered_where_people_number_by_hand() -> None:
    books = Bookkeeper(custom_sales_numbers=True)

    assert "DocNumber" not in books.invoice(100)


def test_an_invoice_sent_back_as_it_was_read_stays_the_same(books: Bookkeeper) -> None:
    invoice = books.invoice(100)

    again = books.post("invoice", invoice)

    assert again["TotalAmt"] == 100
    assert again["Line"] == invoice["Line"]


def test_an_invoice_to_be_mailed_needs_an_address(books: Bookkeeper) -> None:
    document = {
        "CustomerRef": {"value": books.customer},
        "Line": [books.sale_line()],
        "EmailStatus": "NeedToSend",
    }

    assert books.fault("invoice", document)["code"] == "6420"


def test_a_percentage_is_taken_off_the_subtotal(books: Bookkeeper) -> None:
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
    }

    invoice = books.invoice(Line=[books.sale_line(50), discount])

    assert invoice["TotalAmt"] == 45


def test_a_us_line_is_tax_or_non(books: Bookkeeper) -> None:
    document = {
        "CustomerRef": {"value": books.customer},
        "Line": [books.sale_line(TaxCodeRef={"value": "5"})],
    }

    assert books.invoice()["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    assert books.fault("invoice", document)["code"] == "6100"


def test_a_voided_invoice_stays_with_nothing_in_it_and_frees_its_payment(
    books: Bookkeeper,
) -> None:
    invoice = books.invoice(100)
    payment = books.post("payment", receipt(books, 100, ("Invoice", invoice["Id"], 100)))

    voided = books.post("invoice", {"Id": invoice["Id"], "SyncToken": "1"}, operation="void")

    assert (voided["TotalAmt"], voided["Balance"], voided["Line"]) == (0, 0, [])
    freed = books.get(f"payment/{payment['Id']}")
    assert freed["UnappliedAmt"] == 100
    assert freed["Line"] == []


def test_a_payment_settles_an_invoice(books: Bookkeeper) -> None:
    invoice = books.invoice(100)

    payment = books.post("payment", receipt(books, 120, ("Invoice", invoice["Id"], 100)))

    paid = books.get(f"invoice/{invoice['Id']}")
    assert paid["Balance"] == 0
    assert paid["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "Payment"}]
    assert payment["UnappliedAmt"] == 20
    assert payment["DepositToAccountRef"]["name"] == "Undeposited Funds"


def test_a_payment_of_another_customers_invoice_stays_unapplied(books: Bookkeeper) -> None:
    invoice = books.invoice(100)
    other = books.company.all("Customer")[1]["Id"]
    document = receipt(books, 100, ("Invoice", invoice["Id"], 100))

    payment = books.post("payment", {**document, "CustomerRef": {"value": other}})

    assert payment["UnappliedAmt"] == 100
    assert books.get(f"invoice/{invoice['Id']}")["Balance"] == 100


def test_a_credit_memo_can_be_used_in_a_payment(books: Bookkeeper) -> None:
    invoice = books.invoice(100)
    memo = books.post(
        "creditmemo",
        {"CustomerRef": {"value": books.customer}, "Line": [books.sale_line(30)]},
    )
    assert memo["RemainingCredit"] == 30

    books.post(
        "payment",
        receipt(books, 70, ("Invoice", invoice["Id"], 100), ("CreditMemo", memo["Id"], 30)),
    )

    assert books.get(f"invoice/{invoice['Id']}")["Balance"] == 0
    assert books.get(f"creditmemo/{memo['Id']}")["RemainingCredit"] == 0
    assert books.get(f"customer/{books.customer}")["Balance"] == 0


def deposit(books: Bookkeeper, payment: str, amount: float) -> dict[str, Any]:
    return {
        "DepositToAccountRef": {"value": books.checking},
        "Line": [
            {"Amount": amount, "LinkedTxn": [{"TxnId": payment, "TxnType": "Payment"}]},
        ],
    }


def test_a_deposit_takes_payments_to_the_bank(books: Bookkeeper) -> None:
    payment = books.post("payment", receipt(books, 80))

    made = books.post("deposit", deposit(books, payment["Id"], 80))

    assert made["TotalAmt"] == 80
    assert books.balance(books.checking) == 8000
    links = books.get(f"payment/{payment['Id']}")["LinkedTxn"]
    assert links == [{"TxnId": made["Id"], "TxnType": "Deposit"}]


@pytest.mark.parametrize("how", ["update", "delete", "void"])
def test_a_deposited_payment_cannot_be_changed(books: Bookkeeper, how: str) -> None:
    payment = books.post("payment", receipt(books, 80))
    books.post("deposit", deposit(books, payment["Id"], 80))
    document = {**receipt(books, 90), "Id": payment["Id"], "SyncToken": "1"}
    query = {
        "update": {},
        "delete": {"operation": "delete"},
        "void": {"operation": "update", "include": "void"},
    }[how]

    assert books.fault("payment", document, **query)["code"] == "6540"


def test_a_payment_is_deposited_once(books: Bookkeeper) -> None:
    payment = books.post("payment", receipt(books, 80))
    books.post("deposit", deposit(books, payment["Id"], 80))

    assert books.fault("deposit", deposit(books, payment["Id"], 80))["code"] == "6000"


def test_what_is_owed_on_a_credit_card_is_shown_positive(books: Bookkeeper) -> None:
    card = books.post("account", {"Name": "Company card", "AccountType": "Credit Card"})
    document = {
        "PaymentType": "CreditCard",
        "AccountRef": {"value": card["Id"]},
        "Line": [books.line()],
    }

    bought = books.post("purchase", document)

    assert books.get(f"account/{card['Id']}")["CurrentBalance"] == bought["TotalAmt"]


def test_a_name_with_the_id_of_a_payment_leaves_the_payment_alone(books: Bookkeeper) -> None:
    bill = [books.bill(100) for _ in range(60)][-1]
    payment = books.post("billpayment", books.payment_of((bill["Id"], 100)))

    vendors = [books.post("vendor", {"DisplayName": f"Vendor {n}"})["Id"] for n in range(30)]

    assert payment["Id"] in vendors  # each list has its own sequence of ids
    assert books.get(f"bill/{bill['Id']}")["Balance"] == 0
