"""Records from the platform are accepted exactly, or refused with every reason at once."""

from __future__ import annotations

import contextlib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleo_accounting.core.records import (
    Connection,
    ConnectionStatus,
    FundingSource,
    LineItem,
    Money,
    Payable,
    PayableStatus,
    Payment,
    PaymentStatus,
    Record,
    Role,
)
from cleo_accounting.errors import Invalid
from cleo_accounting.platform import shape

PAYABLE: dict[str, Any] = {
    "connectionId": "conn_1",
    "amount": 108.25,
    "invoiceDate": "2026-01-31",
    "status": "APPROVED",
}


def read(
    kind: type[shape.Body], value: object, *, amounts_in: str = "dollars", currency: str = "USD"
) -> Record:
    return shape.read(kind, "id_1", value, amounts_in=amounts_in, currency=currency)


def refusal(kind: type[shape.Body], value: object, **how: str) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        read(kind, value, **how)
    return {flaw.field: flaw.message for flaw in refused.value.flaws}


def test_a_connection_carries_the_other_business_name() -> None:
    taken = read(
        shape.ConnectionBody,
        {
            "id": "id_1",
            "status": "active",
            "alias": "the plumber",
            "tags": ["a"],
            "settings": {"netTerms": 30},
            "businessName": "Us Inc",
            "connectedBusinessName": " O'Brien \\ Söhne ",
            "email": "pay@example.com",
        },
    )

    assert taken == Connection(
        id="id_1",
        name=" O'Brien \\ Söhne ",
        status=ConnectionStatus.ACTIVE,
        alias="the plumber",
        email="pay@example.com",
        net_terms_days=30,
        tags=("a",),
    )


def test_an_alias_names_a_connection_that_has_no_business_name() -> None:
    taken = read(shape.ConnectionBody, {"alias": "The plumber", "connectedBusinessName": "  "})

    assert isinstance(taken, Connection)
    assert taken.name == "The plumber"


def test_a_connection_without_any_name_is_refused() -> None:
    assert "connectedBusinessName" in refusal(shape.ConnectionBody, {"status": "active"})


def test_a_funding_source_keeps_four_digits_only() -> None:
    body = {"name": "Operating", "accountType": "checking", "lastFour": "4321", "default": True}

    assert read(shape.FundingSourceBody, body) == FundingSource(
        "id_1", "Operating", "checking", "4321", is_default=True, verified=True
    )
    assert "lastFour" in refusal(shape.FundingSourceBody, {**body, "lastFour": "123454321"})
    assert "verified" in refusal(shape.FundingSourceBody, {**body, "verified": "yes"})


def test_a_payable_is_taken_whole() -> None:
    taken = read(
        shape.PayableBody,
        {
            **PAYABLE,
            "role": "payee",
            "currency": "CAD",
            "dueDate": "2026-03-02",
            "invoiceNumber": "INV-7",
            "memo": "January",
            "lineItems": [{"description": "Pipe", "quantity": 3, "unitPrice": "36.083333"}],
            "attachments": [{"url": "https://example.com/a.pdf"}],
            "customFields": {"zone": "north", "floor": 2, "urgent": True, "none": None},
            "createdAt": "2026-02-01T09:00:00Z",
        },
    )

    assert taken == Payable(
        id="id_1",
        connection_id="conn_1",
        role=Role.PAYEE,
        status=PayableStatus.APPROVED,
        amount=Money(10825, "CAD"),
        issued_on=date(2026, 1, 31),
        number="INV-7",
        due_on=date(2026, 3, 2),
        memo="January",
        lines=(LineItem("Pipe", Decimal(3), Decimal("36.083333")),),
        custom_fields=(("floor", "2"), ("urgent", "true"), ("zone", "north")),
    )


def test_a_payable_without_an_invoice_date_is_dated_by_its_creation() -> None:
    body = {**PAYABLE, "createdAt": "2026-02-01T23:59:00-08:00"}
    del body["invoiceDate"]

    taken = read(shape.PayableBody, body)

    assert isinstance(taken, Payable)
    assert taken.issued_on == date(2026, 2, 1)


def test_a_payable_without_any_date_is_refused() -> None:
    body = {name: value for name, value in PAYABLE.items() if name != "invoiceDate"}

    assert "invoiceDate" in refusal(shape.PayableBody, body)


def test_a_payment_is_taken() -> None:
    body = {
        "payableId": "pay_1",
        "fundingSourceId": "fs_1",
        "amount": "10.00",
        "status": "completed",
        "paymentDate": "2026-02-03",
    }

    assert read(shape.PaymentBody, body) == Payment(
        "id_1",
        "fs_1",
        Money(1000, "USD"),
        PaymentStatus.COMPLETED,
        "pay_1",
        paid_on=date(2026, 2, 3),
    )


@given(st.integers(-9_999_999_999_999, 9_999_999_999_999))
def test_no_amount_changes_on_its_way_in(minor: int) -> None:
    text = Money(minor, "USD").decimal

    taken = read(shape.PayableBody, {**PAYABLE, "amount": str(text)})

    assert isinstance(taken, Payable)
    assert taken.amount == Money(minor, "USD")


@given(st.integers(-99_999_999_999, 99_999_999_999))
def test_a_json_number_is_taken_by_its_shortest_text(minor: int) -> None:
    taken = read(shape.PayableBody, {**PAYABLE, "amount": minor / 100})

    assert isinstance(taken, Payable)
    assert taken.amount == Money(minor, "USD")


@pytest.mark.parametrize(
    "amount",
    [
        float("nan"),
        float("inf"),
        "NaN",
        "1,234.00",
        "1e3",
        "",
        " 1",
        "٣",
        True,
        None,
        [1],
        10**12,
        "100000000000",
        0.1 + 0.2,
        108.255,
        "108.251",
    ],
)
def test_what_is_no_exact_amount_is_refused(amount: object) -> None:
    assert list(refusal(shape.PayableBody, {**PAYABLE, "amount": amount})) == ["amount"]


def test_decimals_are_counted_by_the_currency() -> None:
    yen = {**PAYABLE, "currency": "JPY"}

    assert read(shape.PayableBody, {**yen, "amount": 108}).amount == Money(108, "JPY")  # type: ignore[union-attr]
    assert "JPY" in refusal(shape.PayableBody, {**yen, "amount": 108.5})["amount"]


def test_cents_are_whole_and_prices_shift_with_them() -> None:
    body = {**PAYABLE, "amount": 10825, "lineItems": [{"quantity": 2, "unitPrice": 5412.5}]}

    taken = read(shape.PayableBody, body, amounts_in="cents")

    assert isinstance(taken, Payable)
    assert taken.amount == Money(10825, "USD")
    assert taken.lines[0].amount("USD") == taken.amount
    assert "amount" in refusal(shape.PayableBody, {**body, "amount": 1.5}, amounts_in="cents")


def test_every_flaw_is_told_at_once_with_its_place() -> None:
    told = refusal(
        shape.PayableBody,
        {
            "connectionId": "not an id",
            "amount": "ten",
            "invoiceDate": "2026-02-30",
            "dueDate": 20260131,
            "memo": "a\x00b",
            "status": "approved",
            "lineItems": [{"unitPrice": 1}, {"quantity": 1, "price": 2}],
            "invoice_number": "7",
        },
    )

    assert set(told) == {
        "connectionId",
        "amount",
        "invoiceDate",
        "dueDate",
        "memo",
        "status",
        "lineItems[1].unitPrice",
        "invoice_number",
    }


def test_a_record_is_not_taken_under_another_id() -> None:
    assert set(refusal(shape.PayableBody, {**PAYABLE, "id": "other"})) == {"id"}


@pytest.mark.parametrize("value", [[], "text", 1, None])
def test_what_is_no_object_is_refused(value: object) -> None:
    assert refusal(shape.PayableBody, value) == {"": "must be a JSON object"}


def test_half_characters_are_refused() -> None:
    assert set(refusal(shape.PayableBody, {**PAYABLE, "memo": "\ud800"})) == {"memo"}
    assert read(shape.PayableBody, {**PAYABLE, "\udfff": 1}) == read(shape.PayableBody, PAYABLE)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ),
    st.sampled_from(["amount", "dueDate", "lineItems", "customFields", "status", "attachments"]),
)
def test_anything_is_either_taken_or_refused_as_invalid(value: object, member: str) -> None:
    with contextlib.suppress(Invalid):
        assert isinstance(read(shape.PayableBody, {**PAYABLE, member: value}), Payable)
