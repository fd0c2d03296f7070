"""Amounts of money: decimals on the wire, whole cents internally, halves rounded up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

Number = int | Decimal


def cents(amount: Number | float) -> int:
    """Return the amount in whole cents; half a cent is rounded away from zero.

    A float is expected to stand for whole cents, as those that `amount` returns do.
    """
    if isinstance(amount, int):
        return amount * 100
    if isinstance(amount, float):
        return round(amount * 100)
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


def amount(whole_cents: int) -> float:
    """Return the amount as Intuit prints it; exact to the cent up to 15 digits."""
    return whole_cents / 100


def product_cents(quantity: Number, price: Number) -> int:
    """Return quantity times unit price in cents, rounded half up."""
    return cents(Decimal(quantity) * price)


def converted(whole_cents: int, rate: Number) -> int:
    """Convert cents of a foreign currency to cents of the home currency."""
    if rate == 1:
        return whole_cents
    product = Decimal(whole_cents) * rate
    return int(product.quantize(Decimal(1), ROUND_HALF_UP))


def share(whole_cents: int, percent: Number) -> int:
    """Return this percentage of an amount, in cents."""
    return cents((Decimal(whole_cents) * percent).scaleb(-4))
