"""What a company's administrator decided: country, currency, tracking, numbering, closing date."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CompanySettings:
    """One company's preferences, as far as the books depend on them."""

    country: str = "US"
    currency: str = "USD"
    multicurrency: bool = False
    classes_per_line: bool = True
    classes_per_transaction: bool = False
    departments: bool = True
    account_numbers: bool = False
    custom_sales_numbers: bool = False
    """Whether people number invoices by hand; otherwise QuickBooks counts."""
    custom_purchase_numbers: bool = False
    sales_tax: bool = False
    """US only: whether sales tax is set up. Elsewhere every line needs a tax code."""
    closing_date: str | None = None
    """The last day of the closed period, `YYYY-MM-DD`."""
    subscription_lapsed: bool = False
    billable_expenses: bool = True
    fiscal_year_start_month: str = "January"
    administrator: str = "Pat Bookkeeper"
    """Who is told to have finished before you when an object is stale."""

    @property
    def taxed_by_line(self) -> bool:
        """Outside the US each line must carry a tax code."""
        return self.country != "US"


CURRENCIES = {
    "AUD": "Australian Dollar",
    "CAD": "Canadian Dollar",
    "CHF": "Swiss Franc",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
    "HKD": "Hong Kong Dollar",
    "INR": "Indian Rupee",
    "JPY": "Japanese Yen",
    "MXN": "Mexican Peso",
    "NZD": "New Zealand Dollar",
    "SGD": "Singapore Dollar",
    "USD": "United States Dollar",
}
