"""The CompanyInfo and Preferences entities of a company."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.books.settings import CURRENCIES

if TYPE_CHECKING:
    from quickbooks_emulator.books.books import Books

ALPHA_3 = {"US": "USA", "CA": "CAN", "GB": "GBR", "AU": "AUS", "IN": "IND", "FR": "FRA"}


_FIXED: dict[str, dict[str, Any]] = {
    "ProductAndServicesPrefs": {
        "ForSales": True,
        "ForPurchase": True,
        "QuantityWithPriceAndRate": True,
        "QuantityOnHand": False,
        "RevenueRecognition": False,
    },
    "SalesFormsPrefs": {
        "AllowDeposit": False,
        "AllowDiscount": True,
        "AllowEstimates": False,
        "AllowServiceDate": True,
        "AllowShipping": False,
        "AutoApplyCredit": False,
        "AutoApplyPayments": False,
        "EmailCopyToCompany": False,
        "IPNSupportEnabled": False,
        "UsingPriceLevels": False,
        "UsingProgressInvoicing": False,
        "CustomField": [],
    },
    "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
    "TimeTrackingPrefs": {
        "UseServices": True,
        "BillCustomers": True,
        "ShowBillRateToAll": False,
        "WorkWeekStartDate": "Monday",
        "MarkTimeEntriesBillable": False,
    },
}
"""Preferences that are the same in every company, because the books do not depend on them."""


@dataclass(slots=True)
class About:
    """Facts about a company that its books do not depend on."""

    name: str
    legal_name: str
    founded: str
    email: str
    phone: str
    started: float
    address: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=lambda: {"CompanyInfo": 0, "Preferences": 0})
    updated: dict[str, float] = field(default_factory=dict)


def company_info(books: Books, about: About) -> dict[str, Any]:
    """Return the CompanyInfo entity; its id is always 1."""
    settings = books.settings
    country = ALPHA_3.get(settings.country, settings.country)
    address = {"Id": "1", **about.address, "Country": country}
    return {
        "CompanyName": about.name,
        "LegalName": about.legal_name,
        "CompanyAddr": address,
        "CustomerCommunicationAddr": address,
        "LegalAddr": address,
        "PrimaryPhone": {"FreeFormNumber": about.phone},
        "CompanyStartDate": about.founded,
        "FiscalYearStartMonth": settings.fiscal_year_start_month,
        "Country": settings.country,
        "Email": {"Address": about.email},
        "WebAddr": {},
        "SupportedLanguages": "en",
        "NameValue": [
            {"Name": "NeoEnabled", "Value": "true"},
            {"Name": "IndustryType", "Value": "Professional services"},
            {"Name": "CompanyType", "Value": "Corporation"},
            {
                "Name": "SubscriptionStatus",
                "Value": "EXPIRED" if settings.subscription_lapsed else "PAID",
            },
            {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
        ],
        **_envelope(books, about, "CompanyInfo"),
    }


def preferences(books: Books, about: About) -> dict[str, Any]:
    """Return the Preferences entity."""
    settings = books.settings
    home = settings.currency
    accounting: dict[str, Any] = {
        "UseAccountNumbers": settings.account_numbers,
        "TrackDepartments": settings.departments,
        "ClassTrackingPerTxn": settings.classes_per_transaction,
        "ClassTrackingPerTxnLine": settings.classes_per_line,
        "FirstMonthOfFiscalYear": settings.fiscal_year_start_month,
        "TaxYearMonth": "January",
        "CustomerTerminology": "Customers",
        "DepartmentTerminology": "Location",
        "TaxForm": "6",
    }
    if settings.closing_date is not None and books.switches.closing_date_readable:
        accounting["BookCloseDate"] = settings.closing_date
    return {
        "AccountingInfoPrefs": accounting,
        "ProductAndServicesPrefs": _FIXED["ProductAndServicesPrefs"],
        "SalesFormsPrefs": {
            "CustomTxnNumbers": settings.custom_sales_numbers,
            **_FIXED["SalesFormsPrefs"],
        },
        "VendorAndPurchasesPrefs": {
            "TrackingByCustomer": True,
            "BillableExpenseTracking": settings.billable_expenses,
            "TPAREnabled": False,
        },
        "TaxPrefs": {
            "UsingSalesTax": settings.sales_tax or settings.taxed_by_line,
            "PartnerTaxEnabled": False,
        },
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": settings.multicurrency,
            "HomeCurrency": {"value": home, "name": CURRENCIES.get(home, home)},
        },
        "ReportPrefs": _FIXED["ReportPrefs"],
        "TimeTrackingPrefs": _FIXED["TimeTrackingPrefs"],
        "OtherPrefs": {"NameValue": _other(books)},
        **_envelope(books, about, "Preferences"),
    }


def _other(books: Books) -> list[dict[str, str]]:
    settings = books.settings
    pairs: dict[str, str | bool] = {
        "SalesFormsPrefs.DefaultCustomerMessage": "Thank you for your business!",
        "VendorAndPurchasesPrefs.UseCustomTxnNumbers": settings.custom_purchase_numbers,
        "TrackDepartments": settings.departments,
        "ClassTrackingPerTxnLine": settings.classes_per_line,
    }
    return [
        {"Name": name, "Value": str(value).lower() if isinstance(value, bool) else str(value)}
        for name, value in pairs.items()
    ]


def _envelope(books: Books, about: About, kind: str) -> dict[str, Any]:
    return {
        "domain": "QBO",
        "sparse": False,
        "Id": "1",
        "SyncToken": str(about.tokens[kind]),
        "MetaData": {
            "CreateTime": books.stamp(about.started),
            "LastUpdatedTime": books.stamp(about.updated.get(kind, about.started)),
        },
    }
