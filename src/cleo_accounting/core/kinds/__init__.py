"""The kinds of record that are kept in step: one module each, and no list of kinds elsewhere.

A new kind is one module here and its line in `_DECLARED`. The order in which kinds are synced, and
what belongs to which of the platform's entity types, follow from what the kinds declare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import TypeVar

from cleo_accounting.core.kinds.bank_account import BANK_ACCOUNT
from cleo_accounting.core.kinds.bill import BILL
from cleo_accounting.core.kinds.customer import CUSTOMER
from cleo_accounting.core.kinds.invoice import INVOICE
from cleo_accounting.core.kinds.item import ITEM
from cleo_accounting.core.kinds.kind import DocumentKind, Kind, PartyKind
from cleo_accounting.core.kinds.lists import CLASS, DEPARTMENT, EMPLOYEE, TERM
from cleo_accounting.core.kinds.vendor import VENDOR
from cleo_accounting.core.links import Content, RemoteKind
from cleo_accounting.core.records import RecordKind, Role

__all__ = [
    "BANK_ACCOUNT",
    "BILL",
    "CUSTOMER",
    "DOCUMENTS",
    "ENTITY_TYPES",
    "INVOICE",
    "ITEM",
    "KINDS",
    "NAME_LISTS",
    "PARTIES",
    "VENDOR",
    "DocumentKind",
    "Kind",
    "PartyKind",
    "counterparts",
    "document",
    "document_for",
    "of",
    "party",
    "party_of",
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
)
_BY_REMOTE: Mapping[RemoteKind, Kind] = {kind.remote: kind for kind in _DECLARED}


def _in_order() -> Iterator[Kind]:
    order = TopologicalSorter({kind.remote: kind.needs for kind in _DECLARED})
    order.prepare()
    while order.is_active():
        ready = sorted(order.get_ready(), key=list(_BY_REMOTE).index)
        yield from (_BY_REMOTE[remote] for remote in ready)
        order.done(*ready)


KINDS: Sequence[Kind] = tuple(_in_order())  # what a kind needs stands before it
NAME_LISTS = tuple(kind.remote for kind in KINDS if kind.is_listed)
PARTIES = tuple(kind.remote for kind in KINDS if kind.shares_names)
DOCUMENTS = tuple(kind.remote for kind in KINDS if isinstance(kind, DocumentKind))
# The platform's entity types, in the order in which they are synced, and what each is made of.
ENTITY_TYPES: Mapping[str, Sequence[RemoteKind]] = {
    name: tuple(kind.remote for kind in KINDS if kind.entity_type == name)
    for name in dict.fromkeys(kind.entity_type for kind in KINDS if kind.entity_type)
}


def of(remote: RemoteKind) -> Kind:
    """Return what a kind declares."""
    return _BY_REMOTE[remote]


def party(remote: RemoteKind) -> PartyKind:
    """Return what a kind of party declares.

    Raises:
        TypeError: the kind is not a party.
    """
    return _typed(remote, PartyKind)


def document(remote: RemoteKind) -> DocumentKind:
    """Return what a kind of document declares.

    Raises:
        TypeError: the kind is not a document.
    """
    return _typed(remote, DocumentKind)


def party_of(remote: RemoteKind) -> PartyKind:
    """Return the kind of party that a document names; of a party, the kind itself.

    Raises:
        TypeError: the kind is neither a document nor a party.
    """
    kind = of(remote)
    return party(kind.party if isinstance(kind, DocumentKind) else remote)


def document_for(role: Role) -> DocumentKind:
    """Return the kind of document that payables of a role become."""
    return next(document(kind) for kind in DOCUMENTS if of(kind).role is role)


def written(remote: RemoteKind) -> type[Content]:
    """Return the class of what the service writes of a kind.

    Raises:
        TypeError: it writes none.
    """
    content = of(remote).content
    if content is None:
        raise TypeError(f"nothing of {remote} is written")
    return content


def counterparts(record: RecordKind) -> Sequence[RemoteKind]:
    """Return the kinds that a record of ours may become."""
    return tuple(kind.remote for kind in KINDS if kind.record is record)


def _typed(remote: RemoteKind, wanted: type[_K]) -> _K:
    kind = of(remote)
    if not isinstance(kind, wanted):
        raise TypeError(f"{remote} is not declared as a {wanted.__name__}")
    return kind
