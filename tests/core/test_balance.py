"""The open balance of a document in QuickBooks, and which of two readings of it is believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cleo_accounting.core.balance import Balance, PaymentState, believed, read
from cleo_accounting.core.records import Money

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
QUIESCENCE = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)


def bill(version: int = 3, at: datetime = NOW, **more: object) -> Balance:
    return Balance("57", version, at, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("balance", "state"),
    [
        ("100.00", PaymentState.UNPAID),
        ("99.99", PaymentState.PARTLY_PAID),
        ("0.01", PaymentState.PARTLY_PAID),
        ("0", PaymentState.PAID),
        ("-5.00", PaymentState.PAID),
        ("", PaymentState.UNKNOWN),
    ],
)
def test_the_state_follows_from_what_is_open(balance: str, state: PaymentState) -> None:
    details = {"currency": "USD", "total": "100.00", "balance": balance, "payments": "7 8"}

    found = read("57", "3", details, NOW)

    assert found.payment_state is state
    assert (found.total, found.payments) == (Money(10_000, "USD"), ("7", "8"))


def test_of_what_is_gone_or_not_known_nothing_is_said() -> None:
    paid = {"total": Money(5, "USD"), "open": Money(0, "USD")}

    assert bill(**paid).payment_state is PaymentState.PAID
    assert bill(**paid, gone=True).payment_state is PaymentState.UNKNOWN
    assert bill(**paid, known=False).payment_state is PaymentState.UNKNOWN


@pytest.mark.parametrize(
    ("before", "found", "is_believed"),
    [
        (None, bill(), True),
        (bill(), bill(), True),
        (bill(), bill(version=4, at=NOW + MINUTE), True),
        (bill(), bill(version=4, at=NOW - MINUTE), False),  # it began before the known reading
        (bill(known=False), bill(at=NOW - MINUTE), False),
        # A list may show a bill as it was before our payment, but not for long.
        (bill(version=4, known=False), bill(at=NOW + QUIESCENCE), False),
        (bill(version=4, known=False), bill(at=NOW + QUIESCENCE + MINUTE), True),
        (bill(version=4), bill(version=0, at=NOW + MINUTE, gone=True), True),
    ],
)
def test_a_reading_replaces_what_is_older(
    before: Balance | None, found: Balance, *, is_believed: bool
) -> None:
    assert believed(before, found, QUIESCENCE) is is_believed
