"""Exchange rates: a fixed table against the US dollar, unless a rate was set for a day."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics import faults
from quickbooks_emulator.basics.moments import read_date
from quickbooks_emulator.books.entities.lists import EXCHANGE_RATE
from quickbooks_emulator.books.properties import Reading, read_object
from quickbooks_emulator.books.settings import CURRENCIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quickbooks_emulator.basics.money import Number
    from quickbooks_emulator.books.books import Books
    from quickbooks_emulator.books.statement import Condition

_DOLLARS_PER_UNIT = {
    "AED": Decimal("0.2723"),
    "AUD": Decimal("0.6592"),
    "BRL": Decimal("0.1865"),
    "CAD": Decimal("0.7284"),
    "CHF": Decimal("1.2514"),
    "CNY": Decimal("0.1407"),
    "DKK": Decimal("0.1565"),
    "EUR": Decimal("1.1683"),
    "GBP": Decimal("1.3472"),
    "HKD": Decimal("0.1284"),
    "ILS": Decimal("0.3075"),
    "INR": Decimal("0.0112"),
    "JPY": Decimal("0.0064"),
    "KRW": Decimal("0.0007"),
    "MXN": Decimal("0.0553"),
    "MYR": Decimal("0.2419"),
    "NOK": Decimal("0.0992"),
    "NZD": Decimal("0.5791"),
    "PHP": Decimal("0.0170"),
    "PLN": Decimal("0.2761"),
    "SEK": Decimal("0.1068"),
    "SGD": Decimal("0.7765"),
    "THB": Decimal("0.0309"),
    "USD": Decimal(1),
    "ZAR": Decimal("0.0583"),
}


def rate_of(books: Books, currency: str, day: str) -> Number:
    """Return home units per unit of a currency: the last rate set up to the day, or the table's."""
    home = books.settings.currency
    if currency == home:
        return 1
    known = [each for each in books.rates.get(currency, {}) if each <= day]
    if known:
        return books.rates[currency][max(known)]
    return round(_DOLLARS_PER_UNIT[currency] / _DOLLARS_PER_UNIT[home], 7)


def shown_rate(books: Books, currency: str | None, day: str | None) -> dict[str, Any]:
    """Return the ExchangeRate entity of a currency on a day (by default today)."""
    if not books.settings.multicurrency:
        detail = "Multicurrency is not enabled for this company."
        raise faults.refused("5030", "Feature Not Supported Error", detail)
    if not currency:
        raise faults.Refusal(faults.missing("sourcecurrencycode"))
    if currency not in CURRENCIES:
        detail = f"Invalid currency code. Supplied value:{currency}"
        raise faults.refused("2220", "Invalid Currency Type", detail)
    try:
        as_of = books.today() if day is None else read_date(day)
    except ValueError:
        raise faults.Refusal(faults.invalid_date("asofdate", str(day))) from None
    return {
        "SourceCurrencyCode": currency,
        "TargetCurrencyCode": books.settings.currency,
        "Rate": rate_of(books, currency, as_of),
        "AsOfDate": as_of,
        "domain": "QBO",
        "sparse": False,
        "MetaData": {"LastUpdatedTime": books.stamp(books.moment())},
    }


def set_rate(books: Books, document: dict[str, Any]) -> dict[str, Any]:
    """Set a currency's rate from a day on, and return the ExchangeRate entity."""
    reading = Reading()
    sent = read_object(EXCHANGE_RATE, document, "ExchangeRate", reading)
    absent = [faults.missing(each) for each in ("SourceCurrencyCode", "Rate") if each not in sent]
    if absent or reading.problems:
        raise faults.Refusal(*absent, *reading.problems)
    currency, day = sent["SourceCurrencyCode"], sent.get("AsOfDate", books.today())
    shown_rate(books, currency, day)
    books.rates.setdefault(currency, {})[day] = sent["Rate"]
    return shown_rate(books, currency, day)


def asked_rates(books: Books, conditions: Iterable[Condition]) -> list[dict[str, Any]]:
    """Return the rates that a query selects; by default those of all the company's currencies."""
    day: str | None = None
    wanted: tuple[str, ...] | None = None
    for each in conditions:
        column = each.column.lower()
        if column == "asofdate" and each.operator == "=":
            day = each.values[0]
        elif column == "sourcecurrencycode" and each.operator in {"=", "IN"}:
            wanted = each.values
        else:
            raise faults.NotModelled(f"a query for ExchangeRate by {each.column} {each.operator}")
    if wanted is None:
        own = books.records["CompanyCurrency"].values()
        wanted = tuple(each.label for each in own if each.active)
    return [shown_rate(books, currency, day) for currency in wanted]
