"""The remote side: remotes as last read, and the links between our records and them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cleo_accounting.core.records import Money


class RemoteKind(StrEnum):
    """The kinds of object in an accounting product that the service reads or writes."""

    VENDOR = "vendor"
    CUSTOMER = "customer"
    EMPLOYEE = "employee"
    ACCOUNT = "account"
    ITEM = "item"
    TERM = "term"
    CLASS = "class"
    DEPARTMENT = "department"
    BILL = "bill"
    INVOICE = "invoice"
    VENDOR_CREDIT = "vendor_credit"
    CREDIT_MEMO = "credit_memo"
    BILL_PAYMENT = "bill_payment"
    PAYMENT = "payment"
    EXPENSE = "expense"


FIRST_VERSION = "0"  # of a remote that was created and never changed


@dataclass(frozen=True, slots=True)
class Party:
    """A vendor or a customer as we write it for a connection, named as the product shows it."""

    name: str
    company_name: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """The product or service that invoice lines sell, and its income account."""

    name: str
    income_account_id: str


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One line of a bill (with an account) or of an invoice (with item, quantity and price)."""

    description: str
    amount: Money
    account_id: str | None = None
    item_id: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    class_id: str | None = None
    id: str | None = None  # the id of the line in the remote document, if known
    seal: str | None = None  # a fingerprint of the remote line's fields that we do not write


@dataclass(frozen=True, slots=True)
class Document:
    """A bill, an invoice or a credit as we write it; all ids are remote ids."""

    party_id: str
    number: str
    dated: date
    lines: tuple[DocumentLine, ...]
    total: Money
    note: str
    marker: str
    due: date | None = None
    ap_account_id: str | None = None
    department_id: str | None = None
    terms_id: str | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """The part of a payment that is applied to one document; `document_id` is a remote id.

    `is_credit`: the document is a credit, which pays the other documents in addition to the money.
    """

    document_id: str
    amount: Money
    is_credit: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """A payment as we write it: money from or into an account that settles documents.

    Its total is what it applies to documents, less the credits that it applies.
    """

    party_id: str
    account_id: str
    number: str
    dated: date
    total: Money
    note: str
    marker: str
    applied: tuple[Applied, ...]

    @property
    def paid(self) -> tuple[Applied, ...]:
        """The documents that the payment pays, with amounts by money and credits together."""
        return tuple(one for one in self.applied if not one.is_credit)


@dataclass(frozen=True, slots=True)
class Expense:
    """Money out of an account, as we write it: paid to a vendor and booked to another account."""

    party_id: str
    account_id: str
    expense_account_id: str
    number: str
    dated: date
    total: Money
    note: str
    marker: str


# An entry in the books: it carries our marker, a number, a date and a total.
Entry = Document | Settlement | Expense
Content = Party | Item | Document | Settlement | Expense


@dataclass(frozen=True, slots=True)
class Remote:
    """An object in the provider's books, as last read.

    `details` holds further data by kind: an account's `type`, `subtype`, `currency` and `balance`,
    a party's `email` and `company_name`, a document's `number`, `note`, `party_id`, `total` and
    `balance` (decimal strings), `dated`, `due`, `marker`, and `payments` (the ids of the payments
    that pay it). An object below a parent also has its `full_name` there.
    """

    kind: RemoteKind
    id: str
    version: str
    name: str
    active: bool = True
    gone: bool = False
    details: Mapping[str, str] = field(default_factory=dict)
    content: Content | None = None
    source: Any = field(default=None, compare=False, repr=False)  # only the provider reads it

    @property
    def full_name(self) -> str:
        """The name with those of its parents before it, such as `Supplies:Job Materials`."""
        return self.details.get("full_name") or self.name


@dataclass(frozen=True, slots=True)
class Base:
    """The result of our last write: what we wrote, and how the remote stood afterwards.

    `answered` includes what QuickBooks filled in. Of fields that a person had changed, it holds the
    value from before that change. Any value that differs from `answered` now was changed by a
    person.
    """

    written: Content | None = None
    answered: Content | None = None


class Origin(StrEnum):
    """How a link was made."""

    CREATED = "created"  # we created the remote
    LINKED = "linked"  # matched by its name
    MAPPED = "mapped"  # a person chose it
    MATCHED = "matched"  # a person entered the document and linked it to the record


@dataclass(frozen=True, slots=True)
class Link:
    """A record and its remote: the remote's id and version, and the record as we last wrote it."""

    record_id: str
    kind: RemoteKind
    remote_id: str
    version: str
    origin: Origin
    # Of the record as last written, or as it was when a person's document was linked to it.
    fingerprint: str | None = None
    remote_name: str = ""
    gone: bool = False  # a person deleted the remote; it is not created again


@dataclass(frozen=True, slots=True)
class Profile:
    """The settings of a company that the plan has to respect, as the company reports them."""

    company_id: str
    name: str
    country: str
    currency: str
    multicurrency: bool = False
    closed_until: date | None = None
    own_invoice_numbers: bool = True  # we may choose the numbers of invoices
    own_credit_numbers: bool = True  # we may choose the numbers of vendor credits
    line_classes: bool = False
    departments: bool = False
    read_only: bool = False  # the subscription has ended
    names_by_kind: bool = False  # a vendor may have the name of a customer

    @property
    def needs_tax_codes(self) -> bool:
        """Whether every line of a document must have a tax code: true everywhere but in the US."""
        return self.country not in ("US", "USA", "")
