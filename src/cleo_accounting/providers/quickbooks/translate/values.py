"""Values of Intuit's documents: amounts, numbers and days, read and written exactly."""

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
    """An amount in the document's own currency; None when it is not there or not exact."""
    try:
        return Money.of(text(raw, name), reference(raw, "CurrencyRef") or home)
    except ValueError:
        return None


def is_voided(raw: Json) -> bool:
    """Was it voided? Its note says so in the company's language; its amounts say so in numbers."""
    amounts = [decimal(raw, "TotalAmt"), *(decimal(line, "Amount") for line in lines(raw))]
    return "TotalAmt" in raw and not any(amounts)


def lines(raw: Json) -> Sequence[Json]:
    """A document's lines, without the subtotals that Intuit adds."""
    return [line for line in objects(raw.get("Line")) if text(line, "DetailType") != SUBTOTAL]


def decimal(raw: Json, name: str) -> Decimal | None:
    """A number of sensible size; None when it is not there or none."""
    try:
        number = Decimal(text(raw, name))
    except InvalidOperation:
        return None
    return number if is_bounded(number) else None


def day(written: str) -> date | None:
    """The date that a text begins with; None when it is none."""
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        return None


def number(value: Decimal) -> msgspec.Raw:
    """A JSON number with exactly these digits: never a float, never an exponent."""
    digits = format(value, "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return msgspec.Raw(digits.encode())
