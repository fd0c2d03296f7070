"""Write the singletons: CompanyInfo, Preferences and exchange rates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics import faults
from quickbooks_emulator.books.about import company_info, preferences
from quickbooks_emulator.books.books import Effect, encode
from quickbooks_emulator.books.entities.parts import ADDRESS
from quickbooks_emulator.books.exchange import set_rate
from quickbooks_emulator.books.properties import Reading, read_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quickbooks_emulator.books.company import Company

_SETTABLE = {
    ("AccountingInfoPrefs", "ClassTrackingPerTxn"): "classes_per_transaction",
    ("AccountingInfoPrefs", "ClassTrackingPerTxnLine"): "classes_per_line",
    ("AccountingInfoPrefs", "TrackDepartments"): "departments",
    ("SalesFormsPrefs", "CustomTxnNumbers"): "custom_sales_numbers",
    ("VendorAndPurchasesPrefs", "BillableExpenseTracking"): "billable_expenses",
}
_READ_ONLY = frozenset(
    {
        "AutoApplyCredit",
        "BookCloseDate",
        "CustomField",
        "ETransactionEnabledStatus",
        "EstimateMessage",
        "FirstMonthOfFiscalYear",
        "HomeCurrency",
        "IPNSupportEnabled",
        "MultiCurrencyEnabled",
        "POCustomField",
        "PartnerTaxEnabled",
        "TPAREnabled",
        "TaxForm",
        "TaxGroupCodeRef",
        "TaxYearMonth",
        "UseAccountNumbers",
        "UsingPriceLevels",
        "UsingProgressInvoicing",
        "UsingSalesTax",
    }
)
"""Preferences that only people can set; values that a client sends are ignored."""
_EMPTY: tuple[Any, ...] = (None, "", [], {}, False)
"""Values that well-known clients send for members that they never received."""
_ENVELOPE = frozenset({"Id", "SyncToken", "MetaData", "domain", "sparse"})


def write_company_info(company: Company, document: dict[str, Any], tid: str) -> dict[str, Any]:
    """Update the company's names, address, e-mail or phone, and return CompanyInfo."""
    before = company_info(company.books, company.about)
    _demand_current(company, "CompanyInfo", document)
    about = company.about
    for name, value in document.items():
        if name == "CompanyName":
            about.name = str(value)
        elif name == "LegalName":
            about.legal_name = str(value)
        elif name == "Email":
            about.email = str(_object(name, value).get("Address", ""))
        elif name == "PrimaryPhone":
            about.phone = str(_object(name, value).get("FreeFormNumber", ""))
        elif name == "CompanyAddr":
            shown = read_object(ADDRESS, value, name, Reading())
            about.address = {each: shown[each] for each in shown if each not in {"Id", "Country"}}
        elif name not in before:
            raise faults.unknown_property(name)
        elif name not in _ENVELOPE and value != before[name]:
            raise faults.NotModelled(f"changing CompanyInfo.{name}")
    return _changed(company, "CompanyInfo", before, company_info, tid)


def _object(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise faults.wrong_type(name, "an object")
    return value


def write_preferences(company: Company, document: dict[str, Any], tid: str) -> dict[str, Any]:
    """Update the preferences that the books depend on, and return Preferences."""
    before = preferences(company.books, company.about)
    _demand_current(company, "Preferences", document)
    choices: dict[str, Any] = {}
    for group, members in document.items():
        if group in _ENVELOPE:
            continue
        if group not in before:
            if members in _EMPTY:
                continue
            raise faults.unknown_property(group)
        if members is None:
            continue
        for name, value in _object(group, members).items():
            if (group, name) in _SETTABLE and type(value) is bool:
                choices[_SETTABLE[group, name]] = value
            elif name not in _READ_ONLY and value not in (before[group].get(name), *_EMPTY):
                raise faults.NotModelled(f"changing Preferences.{group}.{name}")
    company.books.settings = replace(company.books.settings, **choices)
    return _changed(company, "Preferences", before, preferences, tid)


def write_exchange_rate(company: Company, document: dict[str, Any], _tid: str) -> dict[str, Any]:
    """Set an exchange rate, and return the ExchangeRate entity."""
    return set_rate(company.books, document)


def _demand_current(company: Company, kind: str, document: dict[str, Any]) -> None:
    if company.books.settings.subscription_lapsed:
        raise faults.subscription_lapsed()
    token = document.get("SyncToken")
    if token is None:
        raise faults.Refusal(faults.missing("SyncToken"))
    if str(token) != str(company.about.tokens[kind]):
        raise faults.stale(company.books.settings.administrator)


def _changed(
    company: Company,
    kind: str,
    before: dict[str, Any],
    show: Callable[..., dict[str, Any]],
    tid: str,
) -> dict[str, Any]:
    company.about.tokens[kind] += 1
    company.about.updated[kind] = company.books.moment()
    shown = show(company.books, company.about)
    effect = Effect(kind, "1", "Update", encode(before), encode(shown), tid)
    company.books.on_effect(effect)
    return shown


SINGLETONS: Mapping[str, Callable[[Company, dict[str, Any], str], dict[str, Any]]] = {
    "companyinfo": write_company_info,
    "preferences": write_preferences,
    "exchangerate": write_exchange_rate,
}
SINGLETON_NAMES = {
    "companyinfo": "CompanyInfo",
    "preferences": "Preferences",
    "exchangerate": "ExchangeRate",
}
