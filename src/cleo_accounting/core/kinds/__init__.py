"""The kinds of record that are kept in step, one module each.

A new kind needs one module here and one line in `_DECLARED`; there is no other list of kinds. The
order in which kinds are synced, and the kinds that belong to each of the platform's entity types,
follow from what the kinds declare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import TypeVar

from cleo_accounting.core.kinds.bank_account import BANK_ACCOUNT
from cleo_accounting.core.kinds.bill import BILL
from cleo_accounting.core.kinds.bill_payment import BILL_PAYMENT
from cleo_accounting.core.kinds.credit_memo import CREDIT_MEMO
from cleo_accounting.core.kinds.customer import CUSTOMER
from cleo_accounting.core.kinds.customer_payment import CUSTOMER_PAYMENT
from cleo_accounting.core.kinds.expense import EXPENSE
from cleo_accounting.core.kinds.invoice import INVOICE
from cleo_accounting.core.kinds.item import ITEM
from cleo_accounting.core.kinds.kind import (
    BankAccountKind,
    DocumentKind,
    EntryKind,
    ExpenseKind,
    ItemKind,
    Kind,
    PartyKind,
    PaymentKind,
)
from cleo_accounting.core.kinds.lists import CLASS, DEPARTMENT, EMPLOYEE, TERM
from cleo_accounting.core.kinds.vendor import VENDOR
from cleo_accounting.core.kinds.vendor_credit import VENDOR_CREDIT
from cleo_accounting.core.links import Content, RemoteKind
from cleo_accounting.core.records import Payable, RecordKind

__all__ = [
    "BANK_ACCOUNT",
    "BILL",
    "BILL_PAYMENT",
    "CREDIT_MEMO",
    "CUSTOMER",
    "CUSTOMER_PAYMENT",
    "DOCUMENTS",
    "ENTITY_TITLES",
    "ENTITY_TYPES",
    "ENTRIES",
    "EXPENSE",
    "EXPENSES",
    "INVOICE",
    "ITEM",
    "KINDS",
    "NAME_LISTS",
    "PARTIES",
    "PAYMENTS",
    "VENDOR",
    "VENDOR_CREDIT",
    "BankAccountKind",
    "DocumentKind",
    "EntryKind",
    "ExpenseKind",
    "ItemKind",
    "Kind",
    "PartyKind",
    "PaymentKind",
    "counterparts",
    "document",
    "document_for",
    "entry",
    "expense",
    "of",
    "party",
    "party_of",
    "payment",
    "payment_of",
    "written",
]

_K = TypeVar("_K", bound=Kind)

_DECLARED: Sequence[Kind] = (
    VENDOR,
    CUSTOMER,
    EMPLOYEE,
    BANK_ACCOUNT,
    ITEM,
    TERM,
    CLASS,
    DEPARTMENT,
    BILL,
    INVOICE,
    VENDOR_CREDIT,
    CREDIT_MEMO,
    BILL_PAYMENT,
    CUSTOMER_PAYMENT,
    EXPENSE,
)
_BY_REMOTE: Mapping[RemoteKind, Kind] = {kind.remote: kind for kind in _DECLARED}


def _in_order() -> Iterator[Kind]:
    order = TopologicalSorter({kind.remote: kind.needs for kind in _DECLARED})
    order.prepare()
    while order.is_active():
        ready = sorted(order.get_ready(), key=list(_BY_REMOTE).index)
        yield from (_BY_REMOTE[remote] for remote in ready)
        order.done(*ready)


KINDS: Sequence[Kind] = tuple(_in_order())  # a kind comes after the kinds that it needs
NAME_LISTS = tuple(kind.remote for kind in KINDS if kind.is_listed)
PARTIES = tuple(kind.remote for kind in KINDS if kind.shares_names)
DOCUMENTS = tuple(kind.remote for kind in KINDS if isinstance(kind, DocumentKind))
PAYMENTS = tuple(kind.remote for kind in KINDS if isinstance(kind, PaymentKind))
EXPENSES = tuple(kind.remote for kind in KINDS if isinstance(kind, ExpenseKind))
ENTRIES = tuple(kind.remote for kind in KINDS if isinstance(kind, EntryKind))
# The platform's entity types, in the order in which they are synced, and the kinds of each.
ENTITY_TYPES: Mapping[str, Sequence[RemoteKind]] = {
    name: tuple(kind.remote for kind in KINDS if kind.entity_type == name)
    for name in dict.fromkeys(kind.entity_type for kind in KINDS if kind.entity_type)
}

# The title of each entity type, for people.
ENTITY_TITLES: Mapping[str, str] = {
    "vendors": "Vendors and customers",
    "bankAccounts": "Bank accounts",
    "invoices": "Bills, invoices, credits and payments",
}


def of(remote: RemoteKind) -> Kind:
    """Return the declaration of a kind."""
    return _BY_REMOTE[remote]


def party(remote: RemoteKind) -> PartyKind:
    """Return the declaration of a kind of party.

    Raises:
        TypeError: the kind is not a party.
    """
    return _typed(remote, PartyKind)


def document(remote: RemoteKind) -> DocumentKind:
    """Return the declaration of a kind of document.

    Raises:
        TypeError: the kind is not a document.
    """
    return _typed(remote, DocumentKind)


def payment(remote: RemoteKind) -> PaymentKind:
    """Return the declaration of a kind of payment.

    Raises:
        TypeError: the kind is not a payment.
    """
    return _typed(remote, PaymentKind)


def expense(remote: RemoteKind) -> ExpenseKind:
    """Return the declaration of a kind of expense.

    Raises:
        TypeError: the kind is not an expense.
    """
    return _typed(remote, ExpenseKind)


def entry(remote: RemoteKind) -> EntryKind:
    """Return the declaration of a kind of document, payment or expense.

    Raises:
        TypeError: the kind is none of these.
    """
    return _typed(remote, EntryKind)


def party_of(remote: RemoteKind) -> PartyKind:
    """Return the kind of party that an entry names; for a kind of party, the kind itself.

    Raises:
        TypeError: the kind is none of these.
    """
    kind = of(remote)
    return party(kind.party if isinstance(kind, EntryKind) else remote)


def document_for(payable: Payable) -> DocumentKind:
    """Return the kind of document that a payable becomes, by its role and the sign of its total."""
    return next(
        kind
        for kind in map(document, DOCUMENTS)
        if kind.role is payable.role and kind.is_credit is (payable.amount.minor < 0)
    )


def payment_of(document: RemoteKind) -> PaymentKind:
    """Return the kind of payment that settles a kind of document, or uses a kind of credit."""
    return next(kind for kind in map(payment, PAYMENTS) if document in (kind.document, kind.credit))


def written(remote: RemoteKind) -> type[Content]:
    """Return the class of the content that the service writes for a kind.

    Raises:
        TypeError: the service does not write this kind.
    """
    content = of(remote).content
    if content is None:
        raise TypeError(f"nothing of {remote} is written")
    return content


def counterparts(record: RecordKind) -> Sequence[RemoteKind]:
    """Return the kinds of remote that a kind of record may become."""
    return tuple(kind.remote for kind in KINDS if kind.record is record)


def _typed(remote: RemoteKind, wanted: type[_K]) -> _K:
    kind = of(remote)
    if not isinstance(kind, wanted):
        raise TypeError(f"{remote} is not declared as a {wanted.__name__}")
    return kind
