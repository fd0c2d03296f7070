"""Initial data of a company, the same for the same seed.

Every company starts with the accounts that QuickBooks creates itself (`found`); a furnished one
gets the chart of accounts, names, items, terms, classes and locations of a small US business.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.books.seed_lists import (
    CHART,
    CITIES,
    CLASSES,
    CUSTOMERS,
    DEPARTMENTS,
    EMPLOYEES,
    ITEMS,
    OWN_ACCOUNTS,
    PAYMENT_METHODS,
    STREETS,
    TERMS,
    VENDORS,
)

if TYPE_CHECKING:
    from quickbooks_emulator.books.company import Company

BANKS = (
    ("Operating Checking", "Checking"),
    ("Payroll Checking", "Checking"),
    ("Business Savings", "Savings"),
    ("Money Market", "MoneyMarket"),
)
CARDS = ("Business Visa", "Corporate Mastercard")


def found(company: Company) -> None:
    """Create the accounts without which no document can be posted, and the tax codes."""
    with company.silence():
        for name, account_type, subtype in OWN_ACCOUNTS:
            _account(company, name, account_type, subtype)
        if company.settings.taxed_by_line:
            _tax(company)
        else:
            _sales_tax(company)


def furnish(company: Company, seed: int) -> None:
    """Fill the lists of a company as those of an established business."""
    random = Random(f"{seed}/{company.realm_id}")  # noqa: S311  reproducible on purpose
    company.about.address = _address(random)
    with company.silence():
        _lists(company)
        _accounts(company, random)
        _items(company)
        _names(company, random)


def _account(
    company: Company, name: str, account_type: str, subtype: str, parent: str | None = None
) -> str:
    document: dict[str, Any] = {
        "Name": name,
        "AccountType": account_type,
        "AccountSubType": subtype,
    }
    if parent is not None:
        document["ParentRef"] = {"value": parent}
    identity: str = company.create("Account", document)["Id"]
    return identity


def _accounts(company: Company, random: Random) -> None:
    for name, subtype in BANKS:
        digits = f"{random.randrange(10_000):04d}"
        _account(company, f"{name} {digits}", "Bank", subtype)
    for name in CARDS:
        digits = f"{random.randrange(10_000):04d}"
        _account(company, f"{name} {digits}", "Credit Card", "CreditCard")
    made: dict[str, str] = {}
    for name, account_type, subtype in CHART:
        parent, _, own = name.rpartition(":")
        made[name] = _account(company, own, account_type, subtype, made.get(parent))


def _lists(company: Company) -> None:
    for name, days in TERMS:
        company.create("Term", {"Name": name, "DueDays": days})
    for name in CLASSES:
        company.create("Class", {"Name": name})
    for name in DEPARTMENTS:
        company.create("Department", {"Name": name})
    for name, kind in PAYMENT_METHODS:
        company.create("PaymentMethod", {"Name": name, "Type": kind})


def _items(company: Company) -> None:
    accounts = {each["FullyQualifiedName"]: each["Id"] for each in company.all("Account")}
    for name, income, expense, price in ITEMS:
        document: dict[str, Any] = {"Name": name, "Type": "Service", "UnitPrice": price}
        document["IncomeAccountRef"] = {"value": accounts[income]}
        if expense is not None:
            document["ExpenseAccountRef"] = {"value": accounts[expense]}
        company.create("Item", document)


def _names(company: Company, random: Random) -> None:
    terms = company.all("Term")
    for name in VENDORS:
        document = _party(name, random)
        document["BillAddr"] = _address(random)
        document["AcctNum"] = f"{random.randrange(10**6):06d}"
        document["TermRef"] = {"value": random.choice(terms)["Id"]}
        company.create("Vendor", document)
    for name in CUSTOMERS:
        document = _party(name, random)
        document["BillAddr"] = document["ShipAddr"] = _address(random)
        document["SalesTermRef"] = {"value": random.choice(terms)["Id"]}
        company.create("Customer", document)
    for given, family in EMPLOYEES:
        company.create("Employee", {"GivenName": given, "FamilyName": family})


def _party(name: str, random: Random) -> dict[str, Any]:
    domain = "".join(each for each in name.lower() if each.isalnum())[:20]
    phone = f"(555) {random.randrange(100, 999)}-{random.randrange(10_000):04d}"
    return {
        "DisplayName": name,
        "CompanyName": name,
        "PrimaryEmailAddr": {"Address": f"billing@{domain}.example"},
        "PrimaryPhone": {"FreeFormNumber": phone},
    }


def _address(random: Random) -> dict[str, str]:
    city, state, code = random.choice(CITIES)
    return {
        "Line1": f"{random.randrange(1, 9999)} {random.choice(STREETS)}",
        "City": city,
        "CountrySubDivisionCode": state,
        "PostalCode": code,
    }


def _sales_tax(company: Company) -> None:
    """Create the US tax codes: the two for lines, which are words, and one for documents."""
    for code, taxable in (("TAX", True), ("NON", False)):
        company.create_as("TaxCode", code, {"Name": code, "Taxable": taxable, "TaxGroup": False})
    _tax_code(company, "California", "8")


def _tax(company: Company) -> None:
    """Create tax codes for a company outside the US: standard, reduced and zero rate."""
    rates = {"CA": ("5", "0"), "GB": ("20", "5"), "AU": ("10", "0")}
    standard, reduced = rates.get(company.settings.country, ("20", "10"))
    for name, percent in (("Standard", standard), ("Reduced", reduced), ("Zero", "0")):
        _tax_code(company, name, percent)


def _tax_code(company: Company, name: str, percent: str) -> None:
    rate = company.create("TaxRate", {"Name": f"{name} rate", "RateValue": percent})
    detail = {
        "TaxRateRef": {"value": rate["Id"]},
        "TaxTypeApplicable": "TaxOnAmount",
        "TaxOrder": 0,
    }
    document = {
        "Name": name,
        "Description": f"{percent}%",
        "Taxable": True,
        "TaxGroup": True,
        "SalesTaxRateList": {"TaxRateDetail": [detail]},
        "PurchaseTaxRateList": {"TaxRateDetail": [detail]},
    }
    company.create("TaxCode", document)
