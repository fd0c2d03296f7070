"""A provider and its emulator in one object for tests: the books and the people who edit them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from pydantic import SecretStr

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.providers import Grant
from quickbooks_emulator.testing import CLIENT_ID, CLIENT_SECRET, emulator
from tests.providers.world import RefreshedGrant, VirtualTime, provider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cleo_accounting.providers import Company
    from cleo_accounting.providers.quickbooks import QuickBooksProvider
    from quickbooks_emulator.sign_in.grants import Tokens
    from quickbooks_emulator.testing import Intuit

DISCOVERY_URL = "https://intuit.test/.well-known/openid_sandbox_configuration"
ENTITY = {
    RemoteKind.VENDOR: "Vendor",
    RemoteKind.CUSTOMER: "Customer",
    RemoteKind.BILL: "Bill",
    RemoteKind.INVOICE: "Invoice",
}


@dataclass
class QuickBooksSide:
    """QuickBooks, its emulator, and one connected company."""

    intuit: Intuit
    provider: QuickBooksProvider
    company: Company
    keeper: RefreshedGrant
    clock: VirtualTime
    vendor_id: str
    customer_id: str
    account_id: str
    item_id: str

    @classmethod
    @contextmanager
    def opened(cls, transport: Any = None, **more: Any) -> Iterator[Self]:
        """Open a company with some vendors, customers, accounts and items."""
        with emulator(**more) as intuit:
            clock = VirtualTime(intuit.emulator.clock)
            books = provider(
                transport(intuit) if transport else intuit.transport(),
                clock,
                client_id=CLIENT_ID,
                client_secret=CLIENT_SECRET,
                discovery_url=DISCOVERY_URL,
            )
            keeper = RefreshedGrant(books, held(intuit.authorize(), clock))
            kinds = {
                "Vendor": {},
                "Customer": {},
                "Account": {"AccountType": "Expense"},
                "Item": {},
            }
            ids = [
                next(row["Id"] for row in intuit.company.all(kind) if wanted.items() <= row.items())
                for kind, wanted in kinds.items()
            ]
            yield cls(intuit, books, books.open(intuit.realm_id, keeper), keeper, clock, *ids)

    def edits(self, kind: RemoteKind, remote_id: str, **changes: Any) -> None:
        """Change an object in QuickBooks, as a person does."""
        self.intuit.company.update(ENTITY[kind], remote_id, changes)

    def deletes(self, kind: RemoteKind, remote_id: str) -> None:
        """Delete a document in QuickBooks, as a person does."""
        self.intuit.company.delete(ENTITY[kind], remote_id)

    def inactivates(self, kind: RemoteKind, remote_id: str) -> None:
        """Make an entry of a list inactive, as a person does."""
        self.edits(kind, remote_id, Active=False)

    def copies(self, kind: RemoteKind, remote_id: str) -> None:
        """Copy a document including its note, as a person does."""
        entity = ENTITY[kind]
        original = self.intuit.company.get(entity, remote_id)
        assert original is not None
        kept = ("VendorRef", "CustomerRef", "TxnDate", "PrivateNote", "Line")
        copied = {name: original[name] for name in kept if name in original}
        self.intuit.company.create(entity, copied)

    def count(self, kind: RemoteKind) -> int:
        """Return how many objects of a kind QuickBooks has."""
        return self.intuit.company.count(ENTITY[kind])

    def misfortune(self, kind: str, **more: Any) -> None:
        """Add a fault to the next write."""
        self.intuit.emulator.add_fault(kind, path="*/batch", **more)


def held(tokens: Tokens, clock: VirtualTime) -> Grant:
    """Return a grant as the token endpoint would have issued it."""
    now = clock.now()
    return Grant(
        SecretStr(tokens.access_token),
        SecretStr(tokens.refresh_token),
        now + timedelta(seconds=tokens.expires_in),
        now + timedelta(seconds=tokens.refresh_expires_in),
    )
