"""Vendors, customers, employees and the lists."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.bookkeeper import Bookkeeper


@pytest.fixture
def books() -> Bookkeeper:
    return Bookkeeper()


def test_a_new_vendor_comes_back_with_everything_the_server_adds(books: Bookkeeper) -> None:
    vendor = books.post("vendor", {"DisplayName": "Zeta Tools"})

    assert vendor["Id"].isdecimal()
    assert vendor["SyncToken"] == "0"
    assert vendor["domain"] == "QBO"
    assert vendor["sparse"] is False
    assert vendor["Active"] is True
    assert vendor["Balance"] == 0
    assert vendor["PrintOnCheckName"] == "Zeta Tools"
    assert vendor["CurrencyRef"] == {"value": "USD", "name": "United States Dollar"}
    assert vendor["MetaData"]["CreateTime"] == "2026-01-05T09:00:00-08:00"


def test_attributes_without_value_are_absent(books: Bookkeeper) -> None:
    vendor = books.post(
        "vendor", {"DisplayName": "Zeta", "Title": "", "Suffix": None, "BillAddr": {"Line1": ""}}
    )

    assert not {"Title", "Suffix", "BillAddr"} & vendor.keys()


def test_a_name_is_composed_of_its_parts_when_no_display_name_is_given(books: Bookkeeper) -> None:
    vendor = books.post("vendor", {"GivenName": "Ann", "FamilyName": "Lee"})

    assert vendor["DisplayName"] == "Ann Lee"


def test_a_nameless_vendor_is_refused_with_6080(books: Bookkeeper) -> None:
    assert books.fault("vendor", {"AcctNum": "1"})["code"] == "6080"


@pytest.mark.parametrize("kind", ["vendor", "customer", "employee"])
def test_a_name_is_taken_across_vendors_customers_and_employees(
    books: Bookkeeper, kind: str
) -> None:
    books.post("customer", {"DisplayName": "Nadia Novak"})

    error = books.fault(kind, {"DisplayName": "nadia NOVAK "})

    assert error["code"] == "6240"
    assert error["Message"] == "Duplicate Name Exists Error"
    assert "Another customer, vendor or employee is already using this name" in error["Detail"]


@pytest.mark.parametrize("bad", ["A:B", "A\tB", "A\nB"])
def test_colon_tab_and_newline_are_not_allowed_in_names(books: Bookkeeper, bad: str) -> None:
    assert books.fault("vendor", {"DisplayName": bad})["code"] == "2040"


def test_a_name_too_long_is_refused_with_its_length(books: Bookkeeper) -> None:
    error = books.fault("vendor", {"DisplayName": "x" * 501})

    assert error["code"] == "2050"
    assert "Max:500 supported. Supplied length:501" in error["Detail"]
    assert error["element"] == "DisplayName"


def test_the_switch_for_old_material_allows_names_of_100_only() -> None:
    books = Bookkeeper(switches={"name_length_max": 100})

    assert books.fault("vendor", {"DisplayName": "x" * 101})["code"] == "2050"


@pytest.mark.parametrize("other", ["acme  WORKS", "Acme\u00a0Works", "Acme Works "])
def test_the_switch_for_equal_names_decides_on_doubled_blanks(other: str) -> None:
    apart = Bookkeeper()
    one = Bookkeeper(switches={"equal_names": "but_for_case_blanks_and_form"})
    for books in (apart, one):
        books.post("vendor", {"DisplayName": "Acme Works"})

    assert one.fault("customer", {"DisplayName": other})["code"] == "6240"
    if other.strip() != other:
        assert apart.fault("customer", {"DisplayName": other})["code"] == "6240"
    else:
        assert apart.post("customer", {"DisplayName": other})["DisplayName"] == other


def test_the_switch_for_equal_names_decides_on_the_unicode_form() -> None:
    books = Bookkeeper(switches={"equal_names": "but_for_case_blanks_and_form"})
    vendor = books.post("vendor", {"DisplayName": "Cafe\u0301"})

    assert books.fault("vendor", {"DisplayName": "CAF\u00c9"})["code"] == "6240"
    assert books.post("vendor", {**vendor, "DisplayName": "Caf\u00e9"})["Id"] == vendor["Id"]


def test_an_email_without_at_sign_is_refused_with_2210(books: Bookkeeper) -> None:
    document = {"DisplayName": "Zeta", "PrimaryEmailAddr": {"Address": "zeta"}}

    assert books.fault("vendor", document)["code"] == "2210"


def test_a_tax_identifier_is_shown_masked_and_survives_being_sent_back(books: Bookkeeper) -> None:
    vendor = books.post("vendor", {"DisplayName": "Zeta", "TaxIdentifier": "123-45-6789"})
    assert vendor["TaxIdentifier"] == "XXXXXXX6789"

    again = books.post("vendor", vendor)

    assert again["TaxIdentifier"] == "XXXXXXX6789"


def test_an_unknown_property_is_refused_by_name(books: Bookkeeper) -> None:
    error = books.fault("vendor", {"DisplayName": "Zeta", "Colour": "red"})

    assert error["code"] == "2010"
    assert error["Detail"].startswith("Property Name:")
    assert "Colour" in error["Detail"]


def test_the_switch_keeps_properties_that_are_not_known() -> None:
    books = Bookkeeper(switches={"unknown_properties": "kept"})

    vendor = books.post("vendor", {"DisplayName": "Zeta", "Colour": "red", "GSTIN": "22AAAAA"})
    again = books.post("vendor", {**vendor, "sparse": True, "Notes": "n"})

    assert (again["Colour"], again["GSTIN"], again["Notes"]) == ("red", "22AAAAA", "n")


def test_a_documented_property_that_is_not_modelled_answers_501(books: Bookkeeper) -> None:
    response = books.send("POST", "vendor", {"DisplayName": "Zeta", "GSTIN": "22AAAAA0000A1Z5"})

    assert response.status == 501
    assert "GSTIN" in response.json()["Fault"]["Error"][0]["Detail"]


def test_a_full_update_clears_what_is_left_out(books: Bookkeeper) -> None:
    vendor = books.post("vendor", {"DisplayName": "Zeta", "AcctNum": "77", "Notes": "n"})

    full = books.post(
        "vendor", {"Id": vendor["Id"], "SyncToken": "0", "DisplayName": "Zeta", "AcctNum": "78"}
    )

    assert full["SyncToken"] == "1"
    assert full["AcctNum"] == "78"
    assert "Notes" not in full


def test_a_sparse_update_keeps_what_is_left_out(books: Bookkeeper) -> None:
    vendor = books.post("vendor", {"DisplayName": "Zeta", "AcctNum": "77", "Notes": "n"})

    sparse = books.post(
        "vendor", {"Id": vendor["Id"], "SyncToken": "0", "sparse": True, "Notes": ""}
    )

    assert sparse["AcctNum"] == "77"
    assert sparse["DisplayName"] == "Zeta"
    assert "Notes" not in sparse


@pytest.mark.parametrize("token", ["0", "2", 7])
def test_a_sync_token_that_is_not_current_is_refused_with_5010(
    books: Bookkeeper, token: Any
) -> None:
    vendor = books.post("vendor", {"DisplayName": "Zeta"})
    change = {"Id": vendor["Id"], "sparse": True, "AcctNum": "1"}
    books.post("vendor", {**change, "SyncToken": "0"})

    error = books.fault("vendor", {**change, "SyncToken": token})

    assert error["code"] == "5010"
    assert error["Detail"].startswith("Stale Object Error : You and ")


def test_a_deactivated_vendor_gets_a_suffix_and_frees_its_name(books: Bookkeeper) -> None:
    vendor = books.post("vendor", {"DisplayName": "Zeta"})

    gone = books.post(
        "vendor", {"Id": vendor["Id"], "SyncToken": "0", "sparse": True, "Active": False}
    )
    fresh = books.post("vendor", {"DisplayName": "Zeta"})

    assert gone["DisplayName"] == "Zeta (deleted)"
    assert fresh["DisplayName"] == "Zeta"
    assert books.get(f"vendor/{vendor['Id']}")["Active"] is False


def test_a_reactivated_vendor_loses_its_suffix(books: Bookkeeper) -> None:
    vendor = books.post("vendor", {"DisplayName": "Zeta"})
    step = {"Id": vendor["Id"], "sparse": True}
    books.post("vendor", {**step, "SyncToken": "0", "Active": False})

    back = books.post("vendor", {**step, "SyncToken": "1", "Active": True})

    assert back["DisplayName"] == "Zeta"


def test_references_show_the_names_of_today(books: Bookkeeper) -> None:
    bill = books.bill()
    vendor = books.get(f"vendor/{books.vendor}")

    books.post("vendor", {**vendor, "DisplayName": "Renamed Ltd"})

    assert books.get(f"bill/{bill['Id']}")["VendorRef"]["name"] == "Renamed Ltd"
    assert books.get(f"bill/{bill['Id']}")["SyncToken"] == "0"


def test_name_lists_cannot_be_deleted(books: Bookkeeper) -> None:
    error = books.fault("vendor", {"Id": books.vendor, "SyncToken": "0"}, operation="delete")

    assert error["code"] == "500"


def test_an_unknown_id_is_a_400_with_610(books: Bookkeeper) -> None:
    response = books.send("GET", "vendor/99999")

    assert response.status == 400
    assert response.json()["Fault"]["Error"][0]["code"] == "610"


def test_an_id_that_is_no_number_is_refused_with_2030(books: Bookkeeper) -> None:
    response = books.send("GET", "vendor/abc")

    assert response.json()["Fault"]["Error"][0]["code"] == "2030"


def test_an_account_gets_type_subtype_and_classification_from_each_other(
    books: Bookkeeper,
) -> None:
    by_type = books.post("account", {"Name": "Till", "AccountType": "Bank"})
    by_subtype = books.post("account", {"Name": "Purse", "AccountSubType": "CashOnHand"})

    assert (by_type["AccountSubType"], by_type["Classification"]) == ("Checking", "Asset")
    assert by_subtype["AccountType"] == "Bank"


def test_an_account_needs_a_type(books: Bookkeeper) -> None:
    assert books.fault("account", {"Name": "Till"})["code"] == "6010"


def test_account_names_are_unique_below_one_parent(books: Bookkeeper) -> None:
    assert books.fault("account", {"Name": "supplies", "AccountType": "Expense"})["code"] == "6240"

    child = {"Name": "Supplies", "AccountType": "Expense", "ParentRef": {"value": books.rent}}

    assert books.post("account", child)["FullyQualifiedName"] == "Rent or Lease:Supplies"


def test_renaming_a_parent_renames_all_below(books: Bookkeeper) -> None:
    parent = books.post("account", {"Name": "Cars", "AccountType": "Expense"})
    below = {"AccountType": "Expense", "ParentRef": {"value": parent["Id"]}}
    child = books.post("account", {"Name": "Fuel", **below})

    books.post("account", {**parent, "Name": "Vans"})

    shown = books.get(f"account/{child['Id']}")
    assert shown["FullyQualifiedName"] == "Vans:Fuel"


def test_there_are_at_most_five_levels(books: Bookkeeper) -> None:
    parent: dict[str, Any] = books.post("class", {"Name": "L1"})
    for level in range(2, 6):
        parent = books.post("class", {"Name": f"L{level}", "ParentRef": {"value": parent["Id"]}})

    document = {"Name": "L6", "ParentRef": {"value": parent["Id"]}}

    assert books.fault("class", document)["code"] == "6180"


def test_an_inactive_account_shows_no_balance(books: Bookkeeper) -> None:
    books.post("billpayment", books.payment_of((books.bill(50)["Id"], 50)))
    account = books.get(f"account/{books.checking}")
    assert account["CurrentBalance"] == -50

    gone = books.post("account", {**account, "Active": False})

    assert gone["CurrentBalance"] == 0
    assert gone["Name"].endswith(" (deleted)")
    assert books.balance(books.checking) == -5000


def test_terms_tell_when_a_bill_is_due(books: Bookkeeper) -> None:
    by_days = books.post("term", {"Name": "Net 45", "DueDays": 45})
    by_date = books.post("term", {"Name": "On the 10th", "DayOfMonthDue": 10})
    assert (by_days["Type"], by_date["Type"]) == ("STANDARD", "DATE_DRIVEN")

    first = books.bill(TxnDate="2026-01-20", SalesTermRef={"value": by_days["Id"]})
    second = books.bill(TxnDate="2026-01-20", SalesTermRef={"value": by_date["Id"]})

    assert first["DueDate"] == "2026-03-06"
    assert second["DueDate"] == "2026-02-10"


def test_term_days_have_bounds(books: Bookkeeper) -> None:
    assert books.fault("term", {"Name": "Never", "DueDays": 1000})["code"] == "2240"
    assert books.fault("term", {"Name": "Never", "DayOfMonthDue": 32})["code"] == "2240"


def test_jobs_stand_below_their_customers(books: Bookkeeper) -> None:
    parent = books.get(f"customer/{books.customer}")
    job = books.post(
        "customer",
        {"DisplayName": "Kitchen", "Job": True, "ParentRef": {"value": books.customer}},
    )

    assert job["FullyQualifiedName"] == f"{parent['DisplayName']}:Kitchen"
    assert job["Level"] == 1
