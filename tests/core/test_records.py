"""Amounts of money are exact, and equal values have equal fingerprints."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleo_accounting.core.records import Money, canonical, exponent, fingerprint, total
from cleo_accounting.core.render import lines_total
from tests.core.given import currencies, decimals, line, money, payable, payables


@given(money)
def test_an_amount_survives_its_decimal(amount: Money) -> None:
    assert Money.of(amount.decimal, amount.currency) == amount
    assert Money.of(str(amount.decimal), amount.currency) == amount
    assert amount.decimal.as_tuple().exponent == -exponent(amount.currency)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("0.01", "USD", 1),
        ("1234567890123456789012345678.91", "USD", 123456789012345678901234567891),
        (12, "USD", 1200),
        ("12", "JPY", 12),
        ("1.234", "KWD", 1234),
        ("-0.10", "EUR", -10),
        ("1.10", "XXX", 110),
    ],
)
def test_a_decimal_becomes_whole_minor_units(amount: str, currency: str, minor: int) -> None:
    assert Money.of(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize("amount", ["0.001", "1e-3", "NaN", "Infinity", "", "1,00", "ten"])
def test_what_is_no_exact_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match=r"decimals|not an amount"):
        Money.of(amount, "USD")


def test_a_currency_without_cents_takes_none() -> None:
    with pytest.raises(ValueError, match="more decimals than JPY allows"):
        Money.of("1.5", "JPY")


@given(decimals, currencies)
def test_rounding_goes_half_up_and_never_further_than_half_a_unit(
    amount: Decimal, currency: str
) -> None:
    rounded = Money.rounded(amount, currency)

    apart = Fraction(rounded.minor) - Fraction(amount) * 10 ** exponent(currency)
    assert abs(apart) <= Fraction(1, 2)
    if abs(apart) == Fraction(1, 2):
        assert abs(rounded.minor) == abs(
            amount.scaleb(exponent(currency)).quantize(1, ROUND_HALF_UP)
        )


@pytest.mark.parametrize(
    ("quantity", "unit_price", "cents"),
    [
        ("1", "0.005", 1),
        ("3", "0.335", 101),
        ("1.5", "-0.01", -2),
        # 0.00499…: slightly less than half a cent.
        ("0.0499999999", "0.1000000001", 0),
        ("99999999999.9999999999", "99999999999.9999999999", 10**24 - 2 * 10**3),
    ],
)
def test_a_line_is_rounded_once_and_half_up(quantity: str, unit_price: str, cents: int) -> None:
    exact = Fraction(quantity) * Fraction(unit_price) * 100
    assert abs(exact - cents) <= Fraction(1, 2)

    assert line(quantity, unit_price).amount("USD") == Money(cents, "USD")


@given(st.lists(st.builds(Money, st.integers(), st.just("USD"))))
def test_sums_are_exact(amounts: list[Money]) -> None:
    assert total(amounts, "USD").minor == sum(one.minor for one in amounts)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="cannot add EUR to USD"):
        total([Money(1, "EUR")], "USD")


def test_amounts_are_written_for_people() -> None:
    assert str(Money(123456789, "USD")) == "1,234,567.89 USD"
    assert str(Money(-5, "JPY")) == "-5 JPY"


def test_lines_add_up_line_by_line() -> None:
    thirds = payable(lines=(line("1", "0.335"), line("1", "0.335"), line("1", "0.335")))

    assert lines_total(thirds) == Money(102, "USD")
    assert lines_total(payable()) == Money(1000, "USD")


@given(payables(), payables())
def test_fingerprints_tell_exactly_whether_values_are_equal(one: object, other: object) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (one == other)
    assert fingerprint(one) == fingerprint(replace(one))  # type: ignore[type-var]


@given(decimals, st.integers(0, 12))
def test_trailing_zeros_are_no_difference(number: Decimal, zeros: int) -> None:
    padded = Decimal(f"{number:f}" + ("" if "." in f"{number:f}" else ".") + "0" * zeros)

    assert canonical(padded) == canonical(number)


@given(st.integers(10**28, 10**40))
def test_long_numbers_that_differ_in_their_last_digit_differ(number: int) -> None:
    assert canonical(Decimal(number)) == f'"{number}"'
    assert canonical(Decimal(number)) != canonical(Decimal(number + 1))


def test_zero_has_no_sign_and_a_moment_no_zone() -> None:
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)

    assert canonical(Decimal("-0.00")) == canonical(Decimal(0))
    assert canonical(noon.astimezone(timezone(timedelta(hours=-7)))) == canonical(noon)


def test_the_order_of_names_is_no_difference_and_a_missing_value_is_none() -> None:
    assert canonical({"b": 1, "a": Money(5, "USD")}) == '{"a":{"currency":"USD","minor":5},"b":1}'
    assert "memo" not in canonical(payable())


def test_what_has_no_canonical_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no canonical form"):
        canonical(object())
