"""Parse amounts as files write them, without guessing the decimal mark."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from cleo_accounting.errors import Invalid

# The active currency codes of ISO 4217.
CURRENCIES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
    BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
    GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF
    KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN
    MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
    SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH
    UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
    """.split()
)
_DOLLARS = frozenset("USD CAD AUD NZD HKD SGD MXN TWD ARS CLP COP JMD TTD BSD BBD".split())
_SIGNS = {
    "US$": {"USD"}, "CA$": {"CAD"}, "C$": {"CAD"}, "AU$": {"AUD"}, "A$": {"AUD"},
    "NZ$": {"NZD"}, "HK$": {"HKD"}, "S$": {"SGD"}, "R$": {"BRL"}, "€": {"EUR"}, "£": {"GBP"},
    "₹": {"INR"}, "₩": {"KRW"}, "₺": {"TRY"}, "₪": {"ILS"}, "₫": {"VND"}, "฿": {"THB"},
    "₴": {"UAH"}, "zł": {"PLN"}, "Kč": {"CZK"}, "$": _DOLLARS, "¥": {"JPY", "CNY"},
    "kr": {"SEK", "NOK", "DKK", "ISK"},
}  # fmt: skip
_UNIT = re.compile(
    "|".join(re.escape(sign) for sign in _SIGNS) + r"|(?<![A-Za-z])[A-Za-z]{3}(?![A-Za-z])"
)
_MINUS = "-\u2212\u2010\u2011\u2012\u2013"
_CREDIT = re.compile(r"(?<=[\d\s)])cr\.?$", re.IGNORECASE)
_DEBIT = re.compile(r"(?<=[\d\s)])dr\.?$", re.IGNORECASE)
_BLANKS = re.compile(r"(?<=\d)[\s\u00a0\u202f\u2009'’](?=\d{3}(?!\d))")
_DIGITS = re.compile(r"[0-9.,]*[0-9][0-9.,]*")
_THOUSAND = 3
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]{1,2})?")


class Mark(StrEnum):
    """The mark between the whole part and the decimals."""

    POINT = "."
    COMMA = ","

    @property
    def other(self) -> Mark:
        """The mark that then separates the thousands."""
        return Mark.COMMA if self is Mark.POINT else Mark.POINT


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount, and the currencies that its sign may stand for (empty if it has no sign)."""

    number: Decimal
    currencies: frozenset[str] = frozenset()


@dataclass(slots=True)
class Evidence:
    """What the amounts of one file reveal about its decimal mark."""

    point: tuple[int, str] | None = None
    comma: tuple[int, str] | None = None
    open: tuple[int, str] | None = None

    def observe(self, line: int, cell: object) -> None:
        """Take one amount into account."""
        if not isinstance(cell, str) or (self.point and _PLAIN.fullmatch(cell)):
            return
        peeled = _peel(cell)
        if peeled is None or not _has_mark(peeled.digits):
            return
        marks = _marks(peeled.digits)
        if len(marks) > 1:
            self.open = self.open or (line, cell)
        elif Mark.POINT in marks:
            self.point = self.point or (line, cell)
        else:
            self.comma = self.comma or (line, cell)

    def mark(self, asked: Mark | None) -> Mark | None:
        """Return the decimal mark of the whole file; None if no amount depends on it.

        Raises:
            Invalid: an amount can be read both ways and nothing in the file says which.
        """
        if asked is not None or self.open is None:
            return asked
        if bool(self.point) == bool(self.comma):
            line, text = self.open
            raise Invalid(
                f"The amount “{text}” on line {line} can be read in two ways: say"
                " --decimal point (12.50) or --decimal comma (12,50)."
            )
        return Mark.POINT if self.point else Mark.COMMA

    def said(self, asked: Mark | None) -> list[str]:
        """Return a note on how ambiguous amounts were read."""
        shown = self.point or self.comma
        if self.open is None or asked is not None or shown is None:
            return []
        name = "point" if self.point else "comma"
        told = (
            f"Amounts such as “{self.open[1]}” are read with a decimal {name}, because line"
            f" {shown[0]} has “{shown[1]}”; --decimal says otherwise."
        )
        return [told]


@dataclass(frozen=True, slots=True)
class _Peeled:
    digits: str
    negative: bool
    currencies: frozenset[str]


def read(cell: object, mark: Mark | None) -> Amount | None:
    """Return the amount in a cell, or None if it is not an amount."""
    if isinstance(cell, Decimal):
        return Amount(cell)
    if not isinstance(cell, str):
        return None
    if _PLAIN.fullmatch(cell):
        return Amount(Decimal(cell))
    peeled = _peel(cell)
    if peeled is None:
        return None
    marks = _marks(peeled.digits)
    if len(marks) > 1 and mark is None and _has_mark(peeled.digits):
        return None
    chosen = mark if mark in marks else min(marks)
    number = Decimal(peeled.digits.replace(chosen.other, "").replace(chosen, "."))
    return Amount(-number if peeled.negative else number, peeled.currencies)


def currency(text: str, home: str) -> str | None:
    """Return the currency that a cell names by code or sign; a shared sign may be the home's."""
    found = _currencies(text)
    if len(found) == 1:
        return next(iter(found))
    return home if home in found else None


def _has_mark(digits: str) -> bool:
    return not digits.isdigit()


def _peel(text: str) -> _Peeled | None:
    """Strip signs, currency and brackets; None if the rest is not a number."""
    units = {_currencies(unit) for unit in _UNIT.findall(text)}
    rest = _UNIT.sub("", text).strip()
    if len(units) > 1 or frozenset() in units:
        return None
    without_credit = _CREDIT.sub("", rest)
    negatives = int(without_credit != rest)
    rest = _DEBIT.sub("", without_credit).strip()
    if rest.startswith("(") and rest.endswith(")"):
        rest, negatives = rest[1:-1].strip(), 1  # (12.00) CR is negative only once
    if rest[:1] and rest[0] in _MINUS:
        rest, negatives = rest[1:].strip(), negatives + 1
    elif rest[:1] == "+":
        rest = rest[1:].strip()
    if rest[-1:] and rest[-1] in _MINUS:
        rest, negatives = rest[:-1].strip(), negatives + 1
    digits = _BLANKS.sub("", rest)
    if negatives > 1 or not _DIGITS.fullmatch(digits) or not _marks(digits):
        return None
    return _Peeled(digits, negatives == 1, units.pop() if units else frozenset())


def _currencies(unit: str) -> frozenset[str]:
    """Return the currencies that a sign or code may stand for; empty if it is neither."""
    if unit in _SIGNS:
        return frozenset(_SIGNS[unit])
    return frozenset({unit.upper()} & CURRENCIES)


def _marks(digits: str) -> set[Mark]:
    """Return the decimal marks with which these digits form a number."""
    return {mark for mark in Mark if _fits(digits, mark)}


def _fits(digits: str, mark: Mark) -> bool:
    whole, parted, decimals = digits.partition(mark)
    if not decimals.isdigit() and parted and (decimals or not whole):
        return False
    groups = whole.split(mark.other)
    if len(groups) == 1:
        return whole.isdigit() or (not whole and bool(decimals))
    # 1,234,567 or, as in India, 12,34,567; the last group has three digits.
    return (
        all(group.isdigit() for group in groups)
        and 1 <= len(groups[0]) <= _THOUSAND
        and groups[0] != "0"
        and all(len(group) in (2, _THOUSAND) for group in groups[1:])
        and len(groups[-1]) == _THOUSAND
    )
