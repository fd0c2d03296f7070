"""Rules for vendors, customers and employees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics import faults
from quickbooks_emulator.books.rules.naming import settle_name
from quickbooks_emulator.books.settings import CURRENCIES

if TYPE_CHECKING:
    from quickbooks_emulator.books.draft import Draft

_NO_BALANCE: tuple[Any, ...] = (None, "", 0, "0")
_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")


def complete_vendor(draft: Draft) -> None:
    """Complete a vendor: name, masked tax identifier, account and currency."""
    _complete_name(draft)
    document = draft.document
    _mask(document, "TaxIdentifier", "XXXXXXX", draft)
    document.setdefault("Vendor1099", False)
    account = document.get("APAccountRef")
    if account is not None:
        _demand_account(draft, account["value"], "Accounts Payable")
    _settle_currency(draft)


def complete_customer(draft: Draft) -> None:
    """Complete a customer, which may be below another one."""
    _complete_name(draft)
    document = draft.document
    level = draft.label.count(":")
    if level:
        document["Level"] = level
    else:
        document.pop("Level", None)
    document.setdefault("Job", bool(level))
    document.setdefault("BillWithParent", False)
    document.setdefault("Taxable", False)
    document.setdefault("PreferredDeliveryMethod", "Print")
    document["IsProject"] = False
    _mask(document, "PrimaryTaxIdentifier", "XXXXXXX", draft)
    account = document.get("ARAccountRef")
    if account is not None:
        _demand_account(draft, account["value"], "Accounts Receivable")
    _settle_currency(draft)


def complete_employee(draft: Draft) -> None:
    """Complete an employee."""
    _complete_name(draft)
    _mask(draft.document, "SSN", "XXX-XX-", draft)
    draft.document.setdefault("BillableTime", False)


def _complete_name(draft: Draft) -> None:
    document, books = draft.document, draft.books
    if draft.record is None and draft.raw.get("Balance") not in _NO_BALANCE:
        raise faults.NotModelled("an opening Balance of a name")
    name = document.get("DisplayName") or " ".join(
        document[part] for part in _PARTS if part in document
    )
    if not name:
        message = "Name is required"
        detail = (
            "At least one of the fields Title, GivenName, MiddleName, FamilyName, "
            "DisplayName, Suffix must be supplied."
        )
        raise faults.refused("6080", message, detail, "DisplayName")
    if len(name) > books.switches.name_length_max:
        length_max = books.switches.name_length_max
        raise faults.Refusal(faults.wrong_length("DisplayName", length_max, len(name)))
    address = document.get("PrimaryEmailAddr", {}).get("Address")
    if address is not None and ("@" not in address or "." not in address):
        raise faults.Refusal(faults.invalid_email("PrimaryEmailAddr", address))
    document["DisplayName"] = settle_name(draft, name)
    document.setdefault("PrintOnCheckName", document.get("CompanyName") or name)


def _mask(document: dict[str, Any], name: str, mask: str, draft: Draft) -> None:
    """Keep only the last four characters; a masked value sent in an update changes nothing."""
    value = document.get(name)
    if value is None:
        return
    if value.startswith("X") and draft.before is not None:
        document[name] = draft.before.get(name, value)
    else:
        document[name] = mask + value[-4:]


def _demand_account(draft: Draft, account_id: str, account_type: str) -> None:
    account = draft.books.records["Account"][account_id]
    if draft.books.stored(account).get("AccountType") != account_type:
        detail = f"Invalid account type used: {account_type} is needed"
        raise faults.refused("6430", "Invalid account type", detail)


def _settle_currency(draft: Draft) -> None:
    """Set a name's currency, which cannot change after its creation."""
    books, document = draft.books, draft.document
    home = books.settings.currency
    wanted = document.get("CurrencyRef", {}).get("value", home)
    if draft.before is not None:
        document["CurrencyRef"] = draft.before["CurrencyRef"]
        return
    heard = draft.options.person or books.switches.vendor_currency == "honoured"
    if wanted != home and not (books.settings.multicurrency and heard):
        wanted = home
    document["CurrencyRef"] = {"value": wanted, "name": CURRENCIES.get(wanted, wanted)}
