"""Read and write the amounts, numbers and dates of Intuit's JSON exactly."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import msgspec

from cleo_accounting.core.records import Money, is_bounded
from cleo_accounting.providers.quickbooks.translate.entities import (
    SUBTOTAL,
    objects,
    reference,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    Json = Mapping[str, Any]


def amount(raw: Json, name: str, home: str) -> Money | None:
    """Return an amount in the document's own currency; None if it is missing or not exact."""
    try:
        return Money.of(text(raw, name), reference(raw, "CurrencyRef") or home)
    except ValueError:
        return None


def is_voided(raw: Json) -> bool:
    """Return whether an entry was voided: all of its amounts are zero.

    Its note says so too, but in the company's language.
    """
    amounts = [decimal(raw, "TotalAmt"), *(decimal(line, "Amount") for line in lines(raw))]
    return "TotalAmt" in raw and not any(amounts)


def lines(raw: Json) -> Sequence[Json]:
    """Return a document's lines, without the subtotals that Intuit adds."""
    return [line for line in objects(raw.get("Line")) if text(line, "DetailType") != SUBTOTAL]


def decimal(raw: Json, name: str) -> Decimal | None:
    """Return a member as a number; None if it is missing, no number or out of bounds."""
    try:
        number = Decimal(text(raw, name))
    except InvalidOperation:
        return None
    return number if is_bounded(number) else None


def day(written: str) -> date | None:
    """Return the date that a text begins with; None if it begins with none."""
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        return None


def number(value: Decimal) -> msgspec.Raw:
    """Return a JSON number with exactly these digits: never a float, never an exponent."""
    digits = format(value, "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return msgspec.Raw(digits.encode())
