"""What we know of the other side: remotes, and the links between our records and them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cleo_accounting.core.records import Money


class RemoteKind(StrEnum):
    """What an accounting product keeps that concerns us."""

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


FIRST_VERSION = "0"  # of what was made, and changed by nobody since


@dataclass(frozen=True, slots=True)
class Party:
    """What we write of a connection: a vendor or a customer. Names as the product shows them."""

    name: str
    company_name: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """The thing that invoice lines sell, and the income account it books to."""

    name: str
    income_account_id: str


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One line of a bill (account) or of an invoice (item, quantity and price)."""

    description: str
    amount: Money
    account_id: str | None = None
    item_id: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    class_id: str | None = None
    id: str | None = None  # the line's own id over there, where we know it
    seal: str | None = None  # a fingerprint of all that is not ours on the line over there


@dataclass(frozen=True, slots=True)
class Document:
    """A bill, an invoice or a credit as we write it; ids are the other side's."""

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
    """So much of a payment that is applied to one document; the id is the other side's.

    `is_credit`: the document is a credit, which pays the others besides the money.
    """

    document_id: str
    amount: Money
    is_credit: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """A payment as we write it: money from or into an account that settles documents.

    What it applies to documents, less what it applies of credits, is its total.
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
        """What it applies to documents, by money and credits together."""
        return tuple(one for one in self.applied if not one.is_credit)


@dataclass(frozen=True, slots=True)
class Expense:
    """Money out of an account as we write it, booked to another account and paid to a vendor."""

    party_id: str
    account_id: str
    expense_account_id: str
    number: str
    dated: date
    total: Money
    note: str
    marker: str


# In the books: it carries our marker, a number, a date and a total.
Entry = Document | Settlement | Expense
Content = Party | Item | Document | Settlement | Expense


@dataclass(frozen=True, slots=True)
class Remote:
    """Something over there, as last seen.

    `details` holds what the kind needs and the name does not say: an account's `type`, `subtype`,
    `currency` and `balance`, a party's `email` and `company_name`, a document's `number`, `note`,
    `party_id`, `total` and `balance` (decimal strings), `dated`, `due`, `marker`, and `payments`
    (the ids of those that pay it). What stands below a parent has its `full_name` there.
    """

    kind: RemoteKind
    id: str
    version: str
    name: str
    active: bool = True
    gone: bool = False
    details: Mapping[str, str] = field(default_factory=dict)
    content: Content | None = None
    source: Any = field(default=None, compare=False, repr=False)  # for its provider only

    @property
    def full_name(self) -> str:
        """The name below those of its parents, such as `Supplies:Job Materials`."""
        return self.details.get("full_name") or self.name


@dataclass(frozen=True, slots=True)
class Base:
    """What our last write left: what our record said then, and how it stood there afterwards.

    `answered` holds what QuickBooks filled in, and of fields that a person changed what stood
    there before that: whatever differs from it now was changed by a person.
    """

    written: Content | None = None
    answered: Content | None = None


class Origin(StrEnum):
    """How a link came to be."""

    CREATED = "created"  # we wrote the remote
    LINKED = "linked"  # found by its name, and said so
    MAPPED = "mapped"  # a person chose it
    MATCHED = "matched"  # a person entered the document, and said that it is this record


@dataclass(frozen=True, slots=True)
class Link:
    """Our record and its counterpart: their id and version, and what we last wrote."""

    record_id: str
    kind: RemoteKind
    remote_id: str
    version: str
    origin: Origin
    # Of our record as last written, or as it was when a person's document was linked to it.
    fingerprint: str | None = None
    remote_name: str = ""
    gone: bool = False  # a person deleted the remote; we do not write it again


@dataclass(frozen=True, slots=True)
class Profile:
    """A company as it describes itself; what the plan has to respect."""

    company_id: str
    name: str
    country: str
    currency: str
    multicurrency: bool = False
    closed_until: date | None = None
    own_invoice_numbers: bool = True  # the company lets us choose invoice numbers
    own_credit_numbers: bool = True  # and those of vendor credits
    line_classes: bool = False
    departments: bool = False
    read_only: bool = False  # the subscription has ended
    names_by_kind: bool = False  # a vendor may have the name of a customer

    @property
    def needs_tax_codes(self) -> bool:
        """Whether each line of a document must name a tax code: everywhere but in the US."""
        return self.country not in ("US", "USA", "")
