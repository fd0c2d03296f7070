"""A draft: an entity that is being written, with its former state and its consequences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quickbooks_emulator.books.books import Books, Record
    from quickbooks_emulator.books.entities import Entity


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a write."""

    by: str
    """The intuit_tid of the request, or `person`."""
    duplicate_number_allowed: bool = False
    person: bool = False
    """Whether a person acts in QuickBooks itself, who may do more than the API allows."""


@dataclass(frozen=True, slots=True)
class Application:
    """The amount of a payment that is applied to one document."""

    kind: str
    cents: int
    link_type: str


@dataclass(slots=True)
class Draft:
    """One entity while the rules complete and validate it, changing `document` in place."""

    books: Books
    entity: Entity
    id: str
    raw: dict[str, Any]
    document: dict[str, Any]
    options: Options
    record: Record | None = None
    before: dict[str, Any] | None = None
    postings: list[tuple[str, int, str | None]] = field(default_factory=list)
    applications: dict[str, Application] = field(default_factory=dict)
    active: bool = True
    label: str = ""

    unlink_wanted: bool = False
    """Whether the payments of this document are unlinked when it is written."""

    def unlink(self) -> None:
        """Request that payments of this document are unlinked when it is written."""
        self.unlink_wanted = True

    def post(self, account: Record, cents: int, party: str | None = None) -> None:
        """Debit an account, or credit it if the cents are negative."""
        if cents:
            self.postings.append((account.id, cents, party))
