"""What a kind of record has to declare, so that the rest of the house can follow from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from cleo_accounting.core.links import Content, Profile, RemoteKind
from cleo_accounting.core.records import RecordKind, Role

if TYPE_CHECKING:
    from cleo_accounting.core.fields import InvoiceFields
    from cleo_accounting.core.links import Applied, DocumentLine
    from cleo_accounting.core.records import LineItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of what an accounting product keeps.

    `entity_type`: the platform's word under which it is synced; none: it is only read.
    `record`: the kind of our records that become one; None: it is not made from single records.
    `content`: the class of what the service writes of it; None: it writes none.
    `needs`: the kinds that have to be synced before it.
    `is_listed`: the product has a list of all their names, which is read once and then followed.
    `is_matched`: records of ours are linked to what the list has, so that it is read before a plan.
    `is_only_linked`: the service never makes one.
    `shares_names`: no two of these kinds may have the same name, as vendors, customers and
    employees of QuickBooks (its error 6240).
    `is_credit`: payables below zero become one. Its amounts are above zero there, and count below
    zero wherever sums are made.
    """

    remote: RemoteKind
    noun: str
    plural: str
    article: str = "a"
    entity_type: str = ""
    record: RecordKind | None = None
    role: Role | None = None
    needs: tuple[RemoteKind, ...] = ()
    content: type[Content] | None = None
    is_listed: bool = False
    is_matched: bool = False
    is_only_linked: bool = False
    shares_names: bool = False
    is_credit: bool = False

    @property
    def sign(self) -> int:
        """What its amounts are multiplied by in sums."""
        return -1 if self.is_credit else 1

    @property
    def title(self) -> str:
        """The noun as it begins a sentence."""
        return self.noun.capitalize()

    @property
    def titles(self) -> str:
        """The plural as it begins a sentence."""
        return self.plural.capitalize()

    @property
    def one(self) -> str:
        """The noun with its indefinite article."""
        return f"{self.article} {self.noun}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyKind(Kind):
    """A vendor or a customer: what a connection becomes.

    `role`: the business's role in the payables for which it is needed.
    `by_default`: a connection that no payable names becomes one, too.
    `document`: the kind of document that names it as its party.
    `needed`: the cause of a document that waits for it.
    """

    role: Role
    document: RemoteKind
    needed: str
    by_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountKind(Kind):
    """Accounts that funding sources are linked to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKind(Kind):
    """What invoice lines sell: made for all records together."""


@dataclass(frozen=True, slots=True)
class Removal:
    """How people call the removal of a kind of entry, and the cause that tells of it."""

    done: str  # of a copy: "it was …"
    there: str  # of an entry: how it begins a sentence
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKind(Kind):
    """A document, a payment or an expense: it carries our marker, a number, a date and a total.

    `party`: the kind of party that it names. `sort`: how people call it, in the singular; sums of
    one sort are never added to sums of another.
    """

    sort: ClassVar[str] = "entry"
    role: Role
    party: RemoteKind
    removal: Removal


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind(EntryKind):
    """A bill, an invoice or a credit: what a payable becomes.

    `needs_approval`: it waits for the approval in Cleo Pay, unless the business chose otherwise.
    `booked_to`: what its lines are booked to, from the fields that were chosen and the item that
    is sold; None: nothing was chosen yet, which is the cause `choice_needed`.
    `line`: the parts of a line that only this kind has. `header`: those of the document.
    `numbers_itself`: whether a company gives these documents numbers of its own.
    """

    sort: ClassVar[str] = "document"
    choice_needed: str
    booked_to: Callable[[InvoiceFields, str | None], str | None]
    line: Callable[[DocumentLine, LineItem | None, str | None], DocumentLine]
    header: Callable[[InvoiceFields], Mapping[str, str | None]] = field(default=lambda _: {})
    needs_approval: bool = False
    numbers_itself: Callable[[Profile], bool] = field(default=lambda _: False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpenseKind(EntryKind):
    """A payment that settles no document: it is booked to an account at once.

    `booked_to`: that account, from the fields that were chosen; None: nothing was chosen yet,
    which is the cause `choice_needed`.
    """

    sort: ClassVar[str] = "payment"
    choice_needed: str
    booked_to: Callable[[InvoiceFields], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentKind(EntryKind):
    """A payment of documents, from or into an account that a funding source is mapped to.

    `document`: the kind of document that it settles. `credit`: the kind that may pay a part of it.
    """

    sort: ClassVar[str] = "payment"
    document: RemoteKind
    credit: RemoteKind

    def applies_to(self, part: Applied) -> RemoteKind:
        """The kind of document that a part of such a payment is applied to."""
        return self.credit if part.is_credit else self.document
