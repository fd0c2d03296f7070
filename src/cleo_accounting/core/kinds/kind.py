"""The declarations of kinds of record, from which the rest of the service derives its behaviour."""

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
    """One kind of object in an accounting product.

    `entity_type`: the platform's entity type under which it is synced; empty: it is only read.

    `record`: the kind of record that becomes one; None: it is not made from single records.

    `content`: the class of what the service writes; None: the service does not write this kind.

    `needs`: the kinds that have to be synced before it.

    `is_listed`: the product has a complete list of names, which is read once and then kept current.

    `is_matched`: records are linked to entries of that list, so it is read before a plan is made.

    `is_only_linked`: the service never creates one.

    `shares_names`: no two objects of these kinds may have the same name, such as vendors, customers
    and employees in QuickBooks (its error 6240).

    `is_credit`: payables below zero become one. Its amounts are positive in the provider's books
    and count as negative in all sums.
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
        """The factor of its amounts in sums."""
        return -1 if self.is_credit else 1

    @property
    def title(self) -> str:
        """The noun, capitalized for the start of a sentence."""
        return self.noun.capitalize()

    @property
    def titles(self) -> str:
        """The plural, capitalized for the start of a sentence."""
        return self.plural.capitalize()

    @property
    def one(self) -> str:
        """The noun with its indefinite article."""
        return f"{self.article} {self.noun}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyKind(Kind):
    """A kind of party (vendor or customer), which connections become.

    `role`: the role of the business in the payables that need such a party.

    `by_default`: a connection without any payable becomes one, too.

    `document`: the kind of document that names it as its party.

    `needed`: the code of the cause of documents that wait for it.
    """

    role: Role
    document: RemoteKind
    needed: str
    by_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountKind(Kind):
    """The kind of account that funding sources are linked to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKind(Kind):
    """The kind of item that invoice lines sell; one item serves all records."""


@dataclass(frozen=True, slots=True)
class Removal:
    """The words for the removal of a kind of entry, and the code of the cause that reports it."""

    done: str  # for a copy, as in "it was …"
    there: str  # for an entry, as the start of a sentence
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKind(Kind):
    """A kind of document, payment or expense, which has our marker, a number, a date and a total.

    `party`: the kind of party that it names. `sort`: the singular noun that people use for it; sums
    of different sorts are never added up.
    """

    sort: ClassVar[str] = "entry"
    role: Role
    party: RemoteKind
    removal: Removal


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind(EntryKind):
    """A kind of document (bill, invoice or credit), which payables become.

    `needs_approval`: it waits for the approval in Cleo Pay, unless the business chose otherwise.
    `booked_to`: returns the account or item of its lines, from the chosen fields and the item that
    is sold; None: nothing is chosen yet, and the document waits with the cause `choice_needed`.
    `line` and `header` add the parts that only this kind has, to a line and to the document.
    `numbers_itself`: whether a company numbers these documents itself.
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
    """A kind of payment that settles no document and is booked directly to an account.

    `booked_to`: returns that account from the chosen fields; None: nothing is chosen yet, and the
    expense waits with the cause `choice_needed`.
    """

    sort: ClassVar[str] = "payment"
    choice_needed: str
    booked_to: Callable[[InvoiceFields], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentKind(EntryKind):
    """A kind of payment of documents, from or into the account that a funding source is mapped to.

    `document`: the kind of document that it settles. `credit`: the kind that may pay a part of it.
    """

    sort: ClassVar[str] = "payment"
    document: RemoteKind
    credit: RemoteKind

    def applies_to(self, part: Applied) -> RemoteKind:
        """Return the kind of document that a part of such a payment is applied to."""
        return self.credit if part.is_credit else self.document
