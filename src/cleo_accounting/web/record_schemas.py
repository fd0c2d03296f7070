"""Response schemas of the platform's records, in the platform's JSON: they can be sent again."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from cleo_accounting.core.records import (
    Connection,
    FundingSource,
    LineItem,
    Money,
    Part,
    Payable,
    Payment,
    Record,
    exponent,
)
from cleo_accounting.web.schemas import Amount, Out


class SettingsOut(Out):
    """The settings of a connection."""

    net_terms: int | None


class ConnectionRecord(Out):
    """A connection, as stored by this service."""

    id: str
    status: str
    alias: str | None
    tags: list[str]
    settings: SettingsOut
    connected_business_name: str
    email: str | None


class FundingSourceRecord(Out):
    """A funding source, as stored by this service."""

    id: str
    name: str
    account_type: str
    last_four: str | None
    default: bool
    verified: bool


class LineItemOut(Out):
    """One line of a payable."""

    description: str
    quantity: Amount
    unit_price: Amount


class PayableRecord(Out):
    """A payable, as stored by this service."""

    id: str
    connection_id: str
    role: str
    amount: Amount
    currency: str
    invoice_date: date | None = Field(
        description="The date of the invoice; null if the platform sent none, in which case"
        " `createdAt` dates it."
    )
    created_at: datetime | None
    due_date: date | None
    invoice_number: str | None
    memo: str | None
    line_items: list[LineItemOut]
    custom_fields: dict[str, str]
    status: str


class PaymentPartOut(Out):
    """The part of a payment that pays one payable, or that one credit pays."""

    payable_id: str
    amount: Amount


class PaymentRecord(Out):
    """A stored payment of one payable, of several of one connection, or of none (Quick Pay)."""

    id: str
    payable_id: str | None
    connection_id: str | None
    funding_source_id: str
    amount: Amount
    currency: str
    clearing_speed: str | None
    status: str
    payment_date: date | None
    payables: list[PaymentPartOut]
    credits: list[PaymentPartOut] = Field(
        description="The payables below zero that pay a part of it, each with an amount above zero."
    )
    completed_at: datetime | None
    return_code: str | None
    returned_on: date | None


AnyRecord = Annotated[
    ConnectionRecord | FundingSourceRecord | PayableRecord | PaymentRecord,
    Field(description="A record of the type that the collection contains."),
]


def document(record: Record, *, amounts_in: str) -> AnyRecord:
    """Return a record in the platform's JSON, with amounts in the unit that the platform uses."""
    match record:
        case Connection():
            return ConnectionRecord(
                id=record.id,
                status=record.status.value,
                alias=record.alias,
                tags=list(record.tags),
                settings=SettingsOut(net_terms=record.net_terms_days),
                connected_business_name=record.name,
                email=record.email,
            )
        case FundingSource():
            return FundingSourceRecord(
                id=record.id,
                name=record.name,
                account_type=record.account_type,
                last_four=record.last_four,
                default=record.is_default,
                verified=record.verified,
            )
        case Payable():
            return _payable(record, amounts_in)
        case Payment():
            return PaymentRecord(
                id=record.id,
                payable_id=record.payable_id,
                connection_id=record.connection_id,
                funding_source_id=record.funding_source_id,
                amount=_amount(record.amount, amounts_in),
                currency=record.amount.currency,
                clearing_speed=record.clearing_speed,
                status=record.status.value,
                payment_date=record.paid_on,
                payables=[_part(one, amounts_in) for one in record.parts],
                credits=[_part(one, amounts_in) for one in record.credits or ()],
                completed_at=record.completed_at,
                return_code=record.return_code,
                returned_on=record.returned_on,
            )


def _payable(record: Payable, amounts_in: str) -> PayableRecord:
    currency = record.amount.currency
    return PayableRecord(
        id=record.id,
        connection_id=record.connection_id,
        role=record.role.value,
        amount=_amount(record.amount, amounts_in),
        currency=currency,
        invoice_date=None if record.created_at else record.issued_on,
        created_at=record.created_at,
        due_date=record.due_on,
        invoice_number=record.number,
        memo=record.memo,
        line_items=[_line(one, currency, amounts_in) for one in record.lines],
        custom_fields=dict(record.custom_fields),
        status=record.status.value,
    )


def _part(part: Part, amounts_in: str) -> PaymentPartOut:
    return PaymentPartOut(payable_id=part.payable_id, amount=_amount(part.amount, amounts_in))


def _line(line: LineItem, currency: str, amounts_in: str) -> LineItemOut:
    shift = exponent(currency) if amounts_in == "cents" else 0
    return LineItemOut(
        description=line.description,
        quantity=_plain(line.quantity),
        unit_price=_plain(line.unit_price.scaleb(shift)),
    )


def _amount(amount: Money, amounts_in: str) -> str:
    return str(amount.minor) if amounts_in == "cents" else _plain(amount.decimal)


def _plain(number: Decimal) -> str:
    return format(number, "f")
