"""Amounts: decimals on the wire, whole cents inside, halves rounded up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

Number = int | Decimal


def cents(amount: Number | float) -> int:
    """The amount in whole cents; half a cent counts as one, away from zero.

    A float is one of our own, made of whole cents.
    """
    if isinstance(amount, int):
        return amount * 100
    if isinstance(amount, float):
        return round(amount * 100)
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


def amount(whole_cents: int) -> float:
    """The number as Intuit prints it; exact to the cent up to 15 digits."""
    return whole_cents / 100


def product_cents(quantity: Number, price: Number) -> int:
    """Quantity times unit price, rounded half up to cents."""
    return cents(Decimal(quantity) * price)


def converted(whole_cents: int, rate: Number) -> int:
    """Foreign cents in home cents."""
    if rate == 1:
        return whole_cents
    product = Decimal(whole_cents) * rate
    return int(product.quantize(Decimal(1), ROUND_HALF_UP))


def share(whole_cents: int, percent: Number) -> int:
    """So many percent of an amount."""
    return cents((Decimal(whole_cents) * percent).scaleb(-4))
