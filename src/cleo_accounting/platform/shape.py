"""The platform's records as JSON, and their conversion to the records of the core."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, JsonValue, ValidationError

from cleo_accounting.core.records import (
    Connection,
    ConnectionStatus,
    FundingSource,
    LineItem,
    Money,
    Part,
    Payable,
    PayableStatus,
    Payment,
    PaymentStatus,
    Record,
    RecordKind,
    Role,
    exponent,
)
from cleo_accounting.errors import Flaw, Invalid
from cleo_accounting.platform.exact import (
    Currency,
    Day,
    Days,
    Flag,
    Id,
    Moment,
    Name,
    Number,
    Plain,
    Text,
)
from cleo_accounting.platform.flaws import flaws
from cleo_accounting.platform.lenient import Lenient

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Unused = Annotated[JsonValue, Field(description="Accepted and ignored.")]


class Body(Lenient):
    """The common part of every record's JSON: its own id, if any."""

    kind: ClassVar[RecordKind]

    id: Id | None = None

    def record(self, id: str, *, amounts_in: str, currency: str) -> Record:  # noqa: A002  its name
        """Return the record that the service works with.

        Raises:
            Invalid: with every flaw that only shows in the whole record.
        """
        raise NotImplementedError

    def _own_id(self, given: str) -> list[Flaw]:
        if self.id is None or self.id == given:
            return []
        return [Flaw("id", "is not the id that this record is sent under: leave it out")]


class ConnectionSettings(Lenient):
    """The settings that a connection agrees on."""

    net_terms: Days | None = None


class ConnectionBody(Body):
    """A payer-payee relationship with another business."""

    kind = RecordKind.CONNECTION

    status: ConnectionStatus = ConnectionStatus.ACTIVE
    alias: Annotated[Text, Field(max_length=500)] | None = None
    tags: Annotated[list[Annotated[Text, Field(max_length=100)]], Field(max_length=50)] = Field(
        default_factory=list
    )
    settings: ConnectionSettings = ConnectionSettings()
    business_name: Unused = None
    connected_business_name: Annotated[Text, Field(max_length=500)] | None = None
    email: Annotated[Text, Field(max_length=320)] | None = None

    def record(self, id: str, *, amounts_in: str, currency: str) -> Connection:  # noqa: A002, ARG002
        """Return the connection, named after the other business or else by its alias."""
        name = _filled(self.connected_business_name) or _filled(self.alias)
        found = self._own_id(id)
        if name is None:
            found.append(
                Flaw("connectedBusinessName", "is required where there is no alias: name them")
            )
        if found or name is None:
            raise _invalid("connection", id, found)
        return Connection(
            id=id,
            name=name,
            status=self.status,
            alias=_filled(self.alias),
            email=_filled(self.email),
            net_terms_days=self.settings.net_terms,
            tags=tuple(self.tags),
        )


class FundingSourceBody(Body):
    """A bank account of the business, without its full number."""

    kind = RecordKind.FUNDING_SOURCE

    name: Name
    account_type: Literal["checking", "savings"]
    last_four: Annotated[str, Field(pattern=r"^[0-9]{4}$")] | None = None
    default: Flag = False
    verified: Flag = True

    def record(self, id: str, *, amounts_in: str, currency: str) -> FundingSource:  # noqa: A002, ARG002
        """Return the funding source."""
        if found := self._own_id(id):
            raise _invalid("funding source", id, found)
        return FundingSource(
            id=id,
            name=self.name,
            account_type=self.account_type,
            last_four=self.last_four,
            is_default=self.default,
            verified=self.verified,
        )


class LineItemBody(Lenient):
    """One line of a payable; its amount is quantity times unit price."""

    description: Annotated[Text, Field(max_length=4000)] = ""
    quantity: Number = Decimal(1)
    unit_price: Number


class PayableBody(Body):
    """An invoice to be paid; `role` is the business's own role in it."""

    kind = RecordKind.PAYABLE

    connection_id: Id
    role: Role = Role.PAYER
    amount: Number
    currency: Currency | None = None
    invoice_date: Day | None = None
    due_date: Day | None = None
    invoice_number: Annotated[Text, Field(max_length=200)] | None = None
    memo: Annotated[Text, Field(max_length=4000)] | None = None
    line_items: Annotated[list[LineItemBody], Field(max_length=1000)] = Field(default_factory=list)
    attachments: Unused = None
    custom_fields: Annotated[
        dict[Annotated[Text, Field(max_length=100)], Plain], Field(max_length=50)
    ] = Field(default_factory=dict)
    status: PayableStatus
    created_at: Moment | None = None

    def record(self, id: str, *, amounts_in: str, currency: str) -> Payable:  # noqa: A002
        """Return the payable without attachments, dated by the invoice or else by its creation."""
        named = self.currency or currency
        found = self._own_id(id)
        issued_on = self.invoice_date or (self.created_at.date() if self.created_at else None)
        if issued_on is None:
            found.append(Flaw("invoiceDate", "is required where there is no createdAt: date it"))
        amount = _money(self.amount, named, amounts_in, found)
        if found or issued_on is None or amount is None:
            raise _invalid("payable", id, found)
        return Payable(
            id=id,
            connection_id=self.connection_id,
            role=self.role,
            status=self.status,
            amount=amount,
            issued_on=issued_on,
            number=_filled(self.invoice_number),
            due_on=self.due_date,
            memo=_filled(self.memo),
            lines=tuple(_line(line, named, amounts_in) for line in self.line_items),
            custom_fields=tuple(
                sorted((name, value) for name, value in self.custom_fields.items() if value)
            ),
            created_at=None if self.invoice_date else self.created_at,
        )


class PartBody(Lenient):
    """The part of a payment that pays one payable, or the part of a credit that it uses."""

    payable_id: Id
    amount: Number


class PaymentBody(Body):
    """An ACH payment of a payable, or of several payables of one connection."""

    kind = RecordKind.PAYMENT

    payable_id: Annotated[
        Id | None, Field(description="Leave it out for a payment without a payable (Quick Pay).")
    ] = None
    connection_id: Annotated[
        Id | None,
        Field(description="The payee; required for a payment without a payable (Quick Pay)."),
    ] = None
    funding_source_id: Id
    amount: Number
    currency: Currency | None = None
    clearing_speed: Annotated[Text, Field(max_length=50)] | None = None
    status: PaymentStatus
    payment_date: Day | None = None
    created_at: Moment | None = None
    payables: Annotated[
        list[PartBody],
        Field(
            max_length=1000,
            description="The payables that the payment pays, if it pays several of one connection;"
            " leave payableId out then.",
        ),
    ] = Field(default_factory=list)
    credits: Annotated[
        list[PartBody],
        Field(
            max_length=1000,
            description="The credits (payables below zero) that the payment uses, each with an"
            " amount above zero. The amount of the payment is the money alone: the amounts of its"
            " payables less those of its credits.",
        ),
    ] = Field(default_factory=list)
    completed_at: Annotated[
        Moment | None, Field(description="Dates the payment if there is no paymentDate.")
    ] = None
    return_code: Annotated[
        Annotated[Text, Field(max_length=20)] | None,
        Field(description="The return code of the bank, such as R01."),
    ] = None
    returned_on: Day | None = None

    def record(self, id: str, *, amounts_in: str, currency: str) -> Payment:  # noqa: A002
        """Return the payment, dated by its payment date or completion, never by its creation."""
        found, named = self._own_id(id), self.currency or currency
        amount = _money(self.amount, named, amounts_in, found)
        parts, credited = (
            [
                Part(one.payable_id, paid)
                for one in bodies
                if (paid := _money(one.amount, named, amounts_in, found))
            ]
            for bodies in (self.payables, self.credits)
        )
        if self.payables and self.payable_id is not None:
            found.append(Flaw("payables", "names the payables: leave payableId out"))
        for name, some in (("payables", parts), ("credits", credited)):
            if len({one.payable_id for one in some}) < len(some):
                found.append(Flaw(name, "names a payable twice: add its amounts up"))
        if found or amount is None:
            raise _invalid("payment", id, found)
        return Payment(
            id=id,
            payable_id=self.payable_id,
            funding_source_id=self.funding_source_id,
            amount=amount,
            status=self.status,
            clearing_speed=_filled(self.clearing_speed),
            paid_on=self.payment_date,
            parts=tuple(parts),
            credits=tuple(credited) or None,
            completed_at=self.completed_at,
            return_code=_filled(self.return_code),
            returned_on=self.returned_on,
            connection_id=self.connection_id,
        )


# The names of the kinds in files, and the models that parse them.
TYPES: Mapping[str, type[Body]] = {
    "connection": ConnectionBody,
    "fundingSource": FundingSourceBody,
    "payable": PayableBody,
    "payment": PaymentBody,
}


def read(kind: type[Body], id: str, value: object, *, amounts_in: str, currency: str) -> Record:  # noqa: A002
    """Return the record in parsed JSON.

    Raises:
        Invalid: with every flaw found.
    """
    return parse(kind, id, value).record(id, amounts_in=amounts_in, currency=currency)


def parse(kind: type[Body], id: str, value: object) -> Body:  # noqa: A002
    """Return parsed JSON as the platform's model of a kind, before its conversion to a record.

    Raises:
        Invalid: with every flaw found.
    """
    try:
        return kind.model_validate(value)
    except ValidationError as refusal:
        raise _invalid(_called(kind), id, flaws(refusal.errors())) from None


def ignored(body: Body) -> list[tuple[str, str]]:
    """Return the unused fields that came with a record, each with the record's kind."""
    return [(body.kind.value, name) for name in sorted(set(body.ignored()))]


def _called(kind: type[Body]) -> str:
    return kind.kind.value.replace("_", " ")


def _filled(text: str | None) -> str | None:
    return text if text and text.strip() else None


def _money(number: Decimal, currency: str, amounts_in: str, found: list[Flaw]) -> Money | None:
    """Return an amount exactly, or add the reason why that is impossible to `found`."""
    if amounts_in == "cents":
        if number == number.to_integral_value():
            return Money(int(number), currency)
        found.append(Flaw("amount", "must be whole cents: the platform is set to send cents"))
        return None
    try:
        return Money.of(number, currency)
    except ValueError:
        decimals = exponent(currency)
        found.append(
            Flaw("amount", f"has more than the {decimals} decimals of {currency}: round it")
        )
        return None


def _line(line: LineItemBody, currency: str, amounts_in: str) -> LineItem:
    shift = -exponent(currency) if amounts_in == "cents" else 0
    return LineItem(line.description, line.quantity, line.unit_price.scaleb(shift))


def _invalid(what: str, id: str, found: Iterable[Flaw]) -> Invalid:  # noqa: A002
    every = tuple(found)
    told = "; ".join(
        f"{flaw.field} {flaw.message}" if flaw.field else flaw.message for flaw in every
    )
    return Invalid(f"The {what} {id} cannot be imported: {told}.", every)
