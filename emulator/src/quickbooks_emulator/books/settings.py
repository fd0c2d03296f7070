"""A company's settings: country, currency, tracking, numbering, closing date."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CompanySettings:
    """The settings of one company that its books depend on."""

    country: str = "US"
    currency: str = "USD"
    multicurrency: bool = False
    classes_per_line: bool = True
    classes_per_transaction: bool = False
    departments: bool = True
    account_numbers: bool = False
    custom_sales_numbers: bool = False
    """Whether people number invoices by hand; otherwise QuickBooks assigns the numbers."""
    custom_purchase_numbers: bool = False
    sales_tax: bool = False
    """US only: whether sales tax is set up. In other countries every line needs a tax code."""
    closing_date: str | None = None
    """The last day of the closed period, `YYYY-MM-DD`."""
    subscription_lapsed: bool = False
    billable_expenses: bool = True
    fiscal_year_start_month: str = "January"
    administrator: str = "Pat Bookkeeper"
    """The name of the user that a stale object error says changed the object."""

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise ValueError(f"the currency {self.currency!r} is not modelled")

    @property
    def taxed_by_line(self) -> bool:
        """Whether each line must have a tax code, as it must outside the US."""
        return self.country != "US"


CURRENCIES = {
    "AED": "United Arab Emirates Dirham",
    "AUD": "Australian Dollar",
    "BRL": "Brazilian Real",
    "CAD": "Canadian Dollar",
    "CHF": "Swiss Franc",
    "CNY": "Chinese Yuan",
    "DKK": "Danish Krone",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
    "HKD": "Hong Kong Dollar",
    "ILS": "Israeli Shekel",
    "INR": "Indian Rupee",
    "JPY": "Japanese Yen",
    "KRW": "South Korean Won",
    "MXN": "Mexican Peso",
    "MYR": "Malaysian Ringgit",
    "NOK": "Norwegian Krone",
    "NZD": "New Zealand Dollar",
    "PHP": "Philippine Peso",
    "PLN": "Polish Zloty",
    "SEK": "Swedish Krona",
    "SGD": "Singapore Dollar",
    "THB": "Thai Baht",
    "USD": "United States Dollar",
    "ZAR": "South African Rand",
}
