"""The platform's records as values: money, connections, funding sources, payables, payments."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# ISO 4217: currencies whose minor unit is not a hundredth.
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"

# The largest power of ten of an amount or a quantity, on either side. It is far above what Intuit
# accepts (11 digits). Arithmetic with huge exponents can block a process for minutes.
NUMBER_DIGITS_MAX = 30

# Enough digits that nothing is rounded on the way: Python's default of 28 is too few for a product.
_EXACT = Context(prec=100)


class RecordKind(StrEnum):
    """The kinds of record that the platform keeps, in the platform's own words."""

    CONNECTION = "connection"
    FUNDING_SOURCE = "funding_source"
    PAYABLE = "payable"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in integer minor units (cents) of one currency (ISO 4217)."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Self:
        """Return a decimal amount as money, without rounding.

        Raises:
            ValueError: it is no number, or has more decimals than the currency.
        """
        try:
            number = Decimal(amount)
        except InvalidOperation:
            raise ValueError(f"{amount!r} is not an amount") from None
        if not is_bounded(number):
            raise ValueError("the number is not an amount: it has no sensible size")
        minor = _EXACT.scaleb(number, exponent(currency))
        if minor != minor.to_integral_value():
            raise ValueError(f"{amount} has more decimals than {currency} allows")
        return cls(int(minor), currency)

    @classmethod
    def rounded(cls, amount: Decimal, currency: str) -> Self:
        """Return a decimal amount rounded half up to minor units.

        QuickBooks rounds the amounts of lines in the same way (its error 6070).
        """
        minor = _EXACT.scaleb(amount, exponent(currency))
        return cls(int(minor.to_integral_value(ROUND_HALF_UP)), currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, with as many decimals as the currency has."""
        return _EXACT.scaleb(Decimal(self.minor), -exponent(self.currency))

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.minor + other.minor, self.currency)

    def __str__(self) -> str:
        return f"{self.decimal:,} {self.currency}"


def is_bounded(number: Decimal) -> bool:
    """Return whether a number is finite and of a size that arithmetic on amounts can handle."""
    return number.is_finite() and abs(number.adjusted()) <= NUMBER_DIGITS_MAX


@cache
def exponent(currency: str) -> int:
    """Return how many decimals a currency has (ISO 4217); two if the currency is unknown."""
    return 0 if currency in _WHOLE.split() else 3 if currency in _THOUSANDTHS.split() else 2


def total(amounts: Sequence[Money], currency: str) -> Money:
    """Return the sum of amounts in one currency; zero if there are none."""
    return sum(amounts, Money(0, currency))


class ConnectionStatus(StrEnum):
    """Whether a connection is in use."""

    ACTIVE = "active"
    PENDING = "pending"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Connection:
    """The relationship with another business: a vendor, a customer, or both."""

    id: str
    name: str
    status: ConnectionStatus = ConnectionStatus.ACTIVE
    alias: str | None = None
    email: str | None = None
    net_terms_days: int | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FundingSource:
    """A bank account of the business, by its name and last four digits; never its full number."""

    id: str
    name: str
    account_type: str
    last_four: str | None = None
    is_default: bool = False
    verified: bool = True


class Role(StrEnum):
    """The role of the business in a payable: it pays (a bill) or is paid (an invoice)."""

    PAYER = "payer"
    PAYEE = "payee"


class PayableStatus(StrEnum):
    """The status of a payable on the platform."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"
    PAID = "PAID"
    SCHEDULED = "SCHEDULED"


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of a payable.

    Its amount is quantity times unit price, rounded half up to minor units.
    """

    description: str
    quantity: Decimal
    unit_price: Decimal

    def amount(self, currency: str) -> Money:
        """Return the amount of the line."""
        return Money.rounded(_EXACT.multiply(self.quantity, self.unit_price), currency)


@dataclass(frozen=True, slots=True)
class Payable:
    """An invoice between the business and a connection.

    `created_at` is set only if the invoice has no date of its own; `issued_on` is then the day of
    its creation in UTC.
    """

    id: str
    connection_id: str
    role: Role
    status: PayableStatus
    amount: Money
    issued_on: date
    number: str | None = None
    due_on: date | None = None
    memo: str | None = None
    lines: tuple[LineItem, ...] = ()
    custom_fields: tuple[tuple[str, str], ...] = ()
    created_at: datetime | None = None

    def dated(self, zone: str) -> Self:
        """Return the payable, dated in a time zone if it only has a moment of creation.

        `zone`: the time zone of the business. A payable with a date of its own is returned as it
        is.
        """
        if self.created_at is None:
            return self
        return dataclasses.replace(
            self, issued_on=self.created_at.astimezone(ZoneInfo(zone)).date()
        )


class PaymentStatus(StrEnum):
    """The status of an ACH payment."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a payment that pays one payable."""

    payable_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Payment:
    """An ACH payment of payables, out of or into a funding source.

    `payable_id`: the only payable that the payment pays. None: the payment has `parts`, or it pays
    no payable (Quick Pay), in which case `connection_id` names the payee. `credits`: the payables
    below zero that pay a part of it, with positive amounts; `amount` is the money alone.
    `completed_at` dates a payment without `paid_on`. `return_code` and `returned_on`: why (such as
    R01) and when the bank returned the payment, if the platform reports it.
    """

    id: str
    funding_source_id: str
    amount: Money
    status: PaymentStatus
    payable_id: str | None = None
    clearing_speed: str | None = None
    paid_on: date | None = None
    parts: tuple[Part, ...] = ()
    completed_at: datetime | None = None
    return_code: str | None = None
    returned_on: date | None = None
    credits: tuple[Part, ...] | None = None  # None keeps fingerprints without credits valid
    connection_id: str | None = None

    @property
    def paid(self) -> tuple[Part, ...]:
        """The payables that the payment pays, each with its amount (money and credits together)."""
        if self.payable_id is None:
            return self.parts
        currency = self.amount.currency
        return (Part(self.payable_id, total([self.amount, *self.credited], currency)),)

    @property
    def credited(self) -> tuple[Money, ...]:
        """The amounts of the credits that the payment uses."""
        return tuple(one.amount for one in self.credits or ())


Record = Connection | FundingSource | Payable | Payment

KIND_OF: Mapping[type[Record], RecordKind] = {
    Connection: RecordKind.CONNECTION,
    FundingSource: RecordKind.FUNDING_SOURCE,
    Payable: RecordKind.PAYABLE,
    Payment: RecordKind.PAYMENT,
}


def canonical(value: Any) -> str:  # noqa: ANN401  any value made of our dataclasses
    """Return a value as JSON that is identical, byte for byte, for equal values."""
    return _CANONICAL.encode(value)


def fingerprint(value: Any) -> str:  # noqa: ANN401  as canonical()
    """Return a hash that shows whether a value changed: equal for equal values (SHA-256, hex)."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


@cache
def _fields(of: type[object]) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass; an empty tuple for any other class."""
    return tuple(one.name for one in dataclasses.fields(of)) if dataclasses.is_dataclass(of) else ()


def _plain(value: Any) -> Any:  # noqa: ANN401  the json module's own protocol
    if names := _fields(type(value)):  # type: ignore[arg-type]  # mypy: a class has a hash
        return {name: item for name in names if (item := getattr(value, name)) is not None}
    if isinstance(value, Decimal):
        plain = _EXACT.add(_EXACT.normalize(value), 0)  # 1.50 and 1.5 are the same price
        return format(plain, "f")
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).isoformat()  # the same moment in any time zone
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


_CANONICAL = json.JSONEncoder(
    default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False
)
