"""The effects of a company's settings and of its people's actions on what apps see."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.bookkeeper import REALM, Bookkeeper


@pytest.fixture
def books() -> Bookkeeper:
    return Bookkeeper()


@pytest.mark.parametrize("code", ["6210", "6200"])
def test_closed_books_take_nothing(code: str) -> None:
    books = Bookkeeper(switches={"closed_books": code})
    bill = books.bill(TxnDate="2025-12-31")
    books.company.close_books("2025-12-31")
    document = {"VendorRef": {"value": books.vendor}, "Line": [books.line()]}

    new = books.fault("bill", {**document, "TxnDate": "2025-12-31"})
    moved = books.fault("bill", {**bill, "TxnDate": "2026-01-01"})
    removed = books.fault("bill", {"Id": bill["Id"], "SyncToken": "0"}, operation="delete")

    assert new["code"] == moved["code"] == removed["code"] == code
    assert "The account period has closed" in new["Detail"]
    assert books.bill(TxnDate="2026-01-01")["Id"]
    preferences = books.get("preferences")
    assert preferences["AccountingInfoPrefs"]["BookCloseDate"] == "2025-12-31"


def test_the_closing_date_may_be_kept_from_apps() -> None:
    books = Bookkeeper(switches={"closing_date_readable": False})
    books.company.close_books("2025-12-31")

    assert "BookCloseDate" not in books.get("preferences")["AccountingInfoPrefs"]


def test_after_the_subscription_lapsed_reads_go_on_and_writes_fail(books: Bookkeeper) -> None:
    bill = books.bill()
    books.company.configure(subscription_lapsed=True)

    error = books.fault("vendor", {"DisplayName": "Zeta"})

    assert error["code"] == "6190"
    assert books.get(f"bill/{bill['Id']}")["Id"] == bill["Id"]


def test_company_info_tells_the_country_in_three_letters(books: Bookkeeper) -> None:
    info = books.get(f"companyinfo/{REALM}")

    assert info["CompanyName"] == "Craig's Landscaping"
    assert info["CompanyAddr"]["Country"] == "USA"
    assert info["Country"] == "US"


def test_a_foreign_currency_is_refused_while_multicurrency_is_off(books: Bookkeeper) -> None:
    document = {
        "VendorRef": {"value": books.vendor},
        "Line": [books.line()],
        "CurrencyRef": {"value": "EUR"},
    }

    assert books.fault("bill", document)["code"] == "6000"
    assert books.bill(CurrencyRef={"value": "USD"})["CurrencyRef"]["value"] == "USD"


@pytest.fixture
def world() -> Bookkeeper:
    """A company with multicurrency and one vendor in euros."""
    books = Bookkeeper(multicurrency=True)
    vendor = {"DisplayName": "Zeta GmbH", "CurrencyRef": {"value": "EUR"}}
    books.vendor = books.company.create("Vendor", vendor)["Id"]
    return books


def test_the_document_has_its_vendors_currency(world: Bookkeeper) -> None:
    document = {"VendorRef": {"value": world.vendor}, "Line": [world.line()]}

    wrong = world.fault("bill", {**document, "CurrencyRef": {"value": "USD"}})
    rateless = world.fault("bill", {**document, "CurrencyRef": {"value": "EUR"}})
    silent = world.fault("bill", document)

    assert "You can only use one foreign currency per transaction." in wrong["Detail"]
    assert rateless["code"] == "2410"
    assert rateless["Message"] == "Curreny, ExchangeRate is missing."
    assert silent["element"] == "CurrencyRef"


def test_a_foreign_bill_is_posted_in_home_currency(world: Bookkeeper) -> None:
    bill = world.bill(100, CurrencyRef={"value": "EUR"}, ExchangeRate=1.1)

    assert bill["TotalAmt"] == 100
    assert bill["HomeBalance"] == 110
    assert world.balance(world.rent) == 11000


def test_paying_at_another_rate_leaves_a_gain_or_loss(world: Bookkeeper) -> None:
    euros = {"CurrencyRef": {"value": "EUR"}}
    bill = world.bill(100, ExchangeRate=1.1, **euros)

    world.post(
        "billpayment", {**world.payment_of((bill["Id"], 100)), "ExchangeRate": 1.25, **euros}
    )

    assert world.balance(world.accounts["Exchange Gain or Loss"]) == 1500
    assert world.balance(world.accounts["Accounts Payable (A/P)"]) == 0
    assert world.balance(world.checking) == -12500


@pytest.mark.parametrize(("switch", "currency"), [("ignored", "USD"), ("honoured", "EUR")])
def test_a_vendors_foreign_currency_is_ignored_or_honoured(switch: str, currency: str) -> None:
    books = Bookkeeper(switches={"vendor_currency": switch}, multicurrency=True)

    vendor = books.post("vendor", {"DisplayName": "Zeta", "CurrencyRef": {"value": "EUR"}})

    assert vendor["CurrencyRef"]["value"] == currency


def test_outside_the_us_every_line_needs_a_tax_code() -> None:
    books = Bookkeeper(country="CA", currency="CAD")
    document = {"VendorRef": {"value": books.vendor}, "Line": [books.line()]}

    error = books.fault("bill", document)

    assert error["code"] == "6000"
    assert "GST/HST rate" in error["Detail"]


def test_outside_the_us_tax_is_computed_from_the_codes_of_the_lines() -> None:
    books = Bookkeeper(country="GB", currency="GBP")
    line = books.line(100)
    line["AccountBasedExpenseLineDetail"]["TaxCodeRef"] = {"value": "1"}

    bill = books.post(
        "bill",
        {
            "VendorRef": {"value": books.vendor},
            "Line": [line],
            "GlobalTaxCalculation": "TaxExcluded",
        },
    )

    assert bill["TxnTaxDetail"]["TotalTax"] == 20
    assert bill["TotalAmt"] == 120
    assert books.balance(books.rent) == 10000


def test_tax_inclusive_lines_are_net_and_tell_their_gross() -> None:
    books = Bookkeeper(country="GB", currency="GBP")
    line = books.line(2.64)
    line["AccountBasedExpenseLineDetail"]["TaxCodeRef"] = {"value": "1"}

    bill = books.bill(Line=[line], GlobalTaxCalculation="TaxInclusive")

    assert bill["TotalAmt"] == 3.17
    assert bill["Line"][0]["AccountBasedExpenseLineDetail"]["TaxInclusiveAmt"] == 3.17


def test_us_sales_tax_follows_from_the_code_of_the_document() -> None:
    books = Bookkeeper(sales_tax=True)
    code = next(each["Id"] for each in books.company.all("TaxCode") if each["Name"] == "California")
    taxed = books.sale_line(100, TaxCodeRef={"value": "TAX"})

    invoice = books.invoice(
        Line=[taxed, books.sale_line(50)], TxnTaxDetail={"TxnTaxCodeRef": {"value": code}}
    )

    assert invoice["TxnTaxDetail"]["TotalTax"] == 8
    assert invoice["TotalAmt"] == 158
    assert books.balance(books.accounts["Sales Tax Payable"]) == -800


def test_where_there_is_no_sales_tax_its_detail_is_not_kept(books: Bookkeeper) -> None:
    assert "TxnTaxDetail" not in books.invoice(TxnTaxDetail={"TotalTax": 5})


def test_currencies_are_kept_where_there_are_several() -> None:
    books = Bookkeeper(multicurrency=True)

    made = books.post("companycurrency", {"Code": "SEK", "Name": "Swedish Krona"})

    assert made["Code"] == "SEK"
    assert books.fault("companycurrency", {"Code": "XXX"})["code"] == "2220"


def test_classes_and_locations_are_dropped_where_they_are_not_tracked() -> None:
    books = Bookkeeper(classes_per_line=False, departments=False)
    line = books.line()
    line["AccountBasedExpenseLineDetail"]["ClassRef"] = {"value": "1"}

    bill = books.bill(Line=[line], DepartmentRef={"value": "1"})

    assert "DepartmentRef" not in bill
    assert "ClassRef" not in bill["Line"][0]["AccountBasedExpenseLineDetail"]


def test_merging_vendors_moves_what_they_are_owed(books: Bookkeeper) -> None:
    other = books.post("vendor", {"DisplayName": "Zeta"})
    bill = books.bill(40)

    books.company.merge("Vendor", books.vendor, other["Id"])

    loser = books.get(f"vendor/{books.vendor}")
    assert loser["Active"] is False
    assert loser["Balance"] == 0
    assert books.get(f"vendor/{other['Id']}")["Balance"] == 40
    assert books.get(f"bill/{bill['Id']}")["VendorRef"] == {"value": other["Id"], "name": "Zeta"}
    found = books.query(f"select * from Bill where VendorRef = '{other['Id']}'")
    assert found["maxResults"] == 1
    merged = books.effects[-1]
    assert (merged.operation, merged.id, merged.merged_id) == ("Merge", other["Id"], books.vendor)


def test_merging_accounts_moves_their_balance(books: Bookkeeper) -> None:
    books.bill(40)

    books.company.merge("Account", books.rent, books.supplies)

    assert books.balance(books.supplies) == 4000
    assert books.balance(books.rent) == 0


def test_a_person_can_pay_edit_and_void_by_hand(books: Bookkeeper) -> None:
    bill = books.bill(40)

    payment = books.company.pay_bill(bill["Id"])
    assert books.get(f"bill/{bill['Id']}")["Balance"] == 0
    books.company.void("BillPayment", payment["Id"])
    edited = books.company.update("Bill", bill["Id"], {"PrivateNote": "by hand"})

    assert edited["SyncToken"] == "3"
    assert books.get(f"bill/{bill['Id']}")["Balance"] == 40
    assert {effect.by for effect in books.effects[1:]} == {"person"}


def test_a_person_can_enter_a_customers_payment(books: Bookkeeper) -> None:
    invoice = books.invoice(40)

    payment = books.company.receive_payment(invoice["Id"], books.checking)

    assert books.get(f"invoice/{invoice['Id']}")["Balance"] == 0
    assert payment["DepositToAccountRef"]["value"] == books.checking
    assert books.balance(books.checking) == 4000


def test_a_merge_is_seen_by_change_data_capture(books: Bookkeeper) -> None:
    other = books.post("vendor", {"DisplayName": "Zeta"})
    books.clock.advance(60)

    books.company.merge("Vendor", books.vendor, other["Id"])

    since = {"entities": "Vendor", "changedSince": "2026-01-05T09:00:30-08:00"}
    changed = books.get("cdc", **since)[0]["QueryResponse"][0]["Vendor"]
    assert {each["Id"] for each in changed} == {books.vendor, other["Id"]}


def test_every_write_tells_its_effects(books: Bookkeeper) -> None:
    bill: dict[str, Any] = books.bill(40)
    books.post("billpayment", books.payment_of((bill["Id"], 40)))

    told = [(effect.kind, effect.operation) for effect in books.effects]

    assert told == [("Bill", "Create"), ("Bill", "Update"), ("BillPayment", "Create")]
    assert books.effects[1].before is not None
    assert books.effects[1].after is not None


def test_two_companies_of_one_seed_are_equal() -> None:
    one, two = Bookkeeper(), Bookkeeper()
    for books in (one, two):
        books.bill(40, DocNumber="A1")

    for kind in one.company.books.records:
        assert one.company.all(kind) == two.company.all(kind)


def test_the_chart_of_accounts_is_believable(books: Bookkeeper) -> None:
    accounts = books.company.all("Account")
    banks = [each["Name"] for each in accounts if each["AccountType"] == "Bank"]

    assert len(accounts) >= 60
    assert len(banks) >= 3
    assert all(name[-4:].isdecimal() for name in banks)
