"""An entity on its way into the books: what was sent, what was before, what it will entail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quickbooks_emulator.books.books import Books, Record
    from quickbooks_emulator.books.entities import Entity


@dataclass(frozen=True, slots=True)
class Options:
    """How a write was asked for."""

    by: str
    """The intuit_tid of the request, or `person`."""
    duplicate_number_allowed: bool = False
    person: bool = False
    """A person in QuickBooks itself may do what the API may not."""


@dataclass(frozen=True, slots=True)
class Application:
    """So much of a payment goes to one document."""

    kind: str
    cents: int
    link_type: str


@dataclass(slots=True)
class Draft:
    """One entity while the rules complete and judge it; they change `document` in place."""

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
    """Whether the payments of this document are to be set free when it is written."""

    def unlink(self) -> None:
        """Set this document's payments free, once it is written."""
        self.unlink_wanted = True

    def post(self, account: Record, cents: int, party: str | None = None) -> None:
        """Debit an account, or credit it with negative cents."""
        if cents:
            self.postings.append((account.id, cents, party))
