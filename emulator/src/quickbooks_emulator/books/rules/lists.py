"""Rules for accounts, items, terms and the other lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quickbooks_emulator.basics import faults
from quickbooks_emulator.books.rules.account_types import CLASSIFICATIONS, FIRST_SUBTYPE, TYPE_OF
from quickbooks_emulator.books.rules.naming import settle_name
from quickbooks_emulator.books.settings import CURRENCIES

if TYPE_CHECKING:
    from quickbooks_emulator.books.draft import Draft

DUE_DAYS_MAX = 999
DAY_OF_MONTH_MAX = 31


def complete_account(draft: Draft) -> None:
    """Complete an account; its type and subtype can be derived from each other."""
    document, books = draft.document, draft.books
    _settle_types(draft)
    parent_reference = document.get("ParentRef")
    if parent_reference is not None:
        parent = books.stored(books.records["Account"][parent_reference["value"]])
        if parent["AccountType"] != document["AccountType"]:
            detail = "The parent account must be of the same account type."
            raise faults.refused("6150", "Invalid ParentRef", detail, "ParentRef")
    number = document.get("AcctNum")
    if number is not None:
        for other in books.records["Account"].values():
            if other.id != draft.id and books.stored(other).get("AcctNum") == number:
                raise faults.duplicate_name("Another account is already using this number.")
    document["Name"] = settle_name(draft, document["Name"])
    document["SubAccount"] = parent_reference is not None
    document["Classification"] = CLASSIFICATIONS[document["AccountType"]]
    home = books.settings.currency
    wanted = document.get("CurrencyRef", {}).get("value", home)
    if wanted != home and not books.settings.multicurrency:
        wanted = home
    document["CurrencyRef"] = {"value": wanted, "name": CURRENCIES[wanted]}


def _settle_types(draft: Draft) -> None:
    document = draft.document
    account_type = document.get("AccountType")
    subtype = document.get("AccountSubType")
    if account_type is None and subtype is None:
        detail = "AccountType or AccountSubType needs to be specified."
        raise faults.refused("6010", "Invalid account type", detail, "AccountType")
    if account_type is not None and account_type not in CLASSIFICATIONS:
        raise faults.Refusal(faults.invalid_choice("AccountType", account_type))
    if subtype is None:
        subtype = FIRST_SUBTYPE[str(account_type)]
    elif subtype not in TYPE_OF:
        raise faults.NotModelled(f"AccountSubType {subtype}")
    if account_type is None:
        account_type = TYPE_OF[subtype]
    elif TYPE_OF[subtype] != account_type:
        detail = f"Invalid account type/subtype: {subtype} does not belong to {account_type}"
        raise faults.refused("6010", "Invalid account type", detail, "AccountSubType")
    document["AccountType"], document["AccountSubType"] = account_type, subtype


def complete_item(draft: Draft) -> None:
    """Complete an item: a product, a service or a category."""
    document = draft.document
    kind = document.setdefault("Type", "Service")
    if kind in {"Inventory", "Group"}:
        raise faults.NotModelled(f"Item of Type {kind}")
    accounts = {"IncomeAccountRef", "ExpenseAccountRef"}
    if kind != "Category" and accounts.isdisjoint(document):
        raise faults.Refusal(faults.missing("IncomeAccountRef"))
    document["Name"] = settle_name(draft, document["Name"])
    level = draft.label.count(":")
    document["SubItem"] = bool(level)
    document["Level"] = level
    document.setdefault("Taxable", False)
    document.setdefault("TrackQtyOnHand", False)
    if kind != "Category":
        document.setdefault("UnitPrice", 0)
        document.setdefault("PurchaseCost", 0)


def complete_term(draft: Draft) -> None:
    """Complete payment terms: a number of days, or a day of the month."""
    document = draft.document
    days, day_of_month = document.get("DueDays"), document.get("DayOfMonthDue")
    if days is None and day_of_month is None:
        raise faults.Refusal(faults.missing("DueDays"))
    if day_of_month is not None:
        if not 1 <= day_of_month <= DAY_OF_MONTH_MAX:
            raise faults.Refusal(faults.out_of_range("DayOfMonthDue", str(day_of_month)))
        document["Type"] = "DATE_DRIVEN"
    elif days is not None:
        if not 0 <= days <= DUE_DAYS_MAX:
            raise faults.Refusal(faults.out_of_range("DueDays", str(days)))
        document["Type"] = "STANDARD"
    document["Name"] = settle_name(draft, document["Name"])


def complete_class(draft: Draft) -> None:
    """Complete a class."""
    draft.document["Name"] = settle_name(draft, draft.document["Name"])
    draft.document["SubClass"] = ":" in draft.label


def complete_department(draft: Draft) -> None:
    """Complete a location."""
    draft.document["Name"] = settle_name(draft, draft.document["Name"])
    draft.document["SubDepartment"] = ":" in draft.label


def complete_payment_method(draft: Draft) -> None:
    """Complete a payment method."""
    draft.document["Name"] = settle_name(draft, draft.document["Name"])
    draft.document.setdefault("Type", "NON_CREDIT_CARD")


def complete_tax(draft: Draft) -> None:
    """Complete a tax code or tax rate."""
    draft.document["Name"] = settle_name(draft, draft.document["Name"])


def complete_currency(draft: Draft) -> None:
    """Complete a currency that the company uses."""
    document, books = draft.document, draft.books
    if not books.settings.multicurrency:
        detail = "Multicurrency is not enabled for this company."
        raise faults.refused("5030", "Feature Not Supported Error", detail)
    if document["Code"] not in CURRENCIES:
        detail = f"Invalid currency code. Supplied value:{document['Code']}"
        raise faults.refused("2220", "Invalid Currency Type", detail, "Code")
    document.setdefault("Name", CURRENCIES[document["Code"]])
    settle_name(draft, document["Code"])
    draft.label = document["Code"]
