"""Exchange rates: a fixed table against the US dollar, unless somebody set another for a day."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quickbooks_emulator.books import Books
    from quickbooks_emulator.money import Number

_DOLLARS_PER_UNIT = {
    "AUD": Decimal("0.6592"),
    "CAD": Decimal("0.7284"),
    "CHF": Decimal("1.2514"),
    "EUR": Decimal("1.1683"),
    "GBP": Decimal("1.3472"),
    "HKD": Decimal("0.1284"),
    "INR": Decimal("0.0112"),
    "JPY": Decimal("0.0064"),
    "MXN": Decimal("0.0553"),
    "NZD": Decimal("0.5791"),
    "SGD": Decimal("0.7765"),
    "USD": Decimal(1),
}


def rate_of(books: Books, currency: str, day: str) -> Number:
    """Home units for one unit of a currency: the latest one set up to that day, or the table's."""
    home = books.settings.currency
    if currency == home:
        return 1
    known = [each for each in books.rates.get(currency, {}) if each <= day]
    if known:
        return books.rates[currency][max(known)]
    return round(_DOLLARS_PER_UNIT[currency] / _DOLLARS_PER_UNIT[home], 7)
