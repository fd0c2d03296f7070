"""A provider and its emulator as one thing that a test can hold: the books and the people there."""

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
        """A person changes something over there."""
        self.intuit.company.update(ENTITY[kind], remote_id, changes)

    def deletes(self, kind: RemoteKind, remote_id: str) -> None:
        """A person deletes a document over there."""
        self.intuit.company.delete(ENTITY[kind], remote_id)

    def inactivates(self, kind: RemoteKind, remote_id: str) -> None:
        """A person makes an entry of a list inactive."""
        self.edits(kind, remote_id, Active=False)

    def copies(self, kind: RemoteKind, remote_id: str) -> None:
        """A person copies a document, its note included."""
        entity = ENTITY[kind]
        original = self.intuit.company.get(entity, remote_id)
        assert original is not None
        kept = ("VendorRef", "CustomerRef", "TxnDate", "PrivateNote", "Line")
        copied = {name: original[name] for name in kept if name in original}
        self.intuit.company.create(entity, copied)

    def count(self, kind: RemoteKind) -> int:
        """How many there are over there."""
        return self.intuit.company.count(ENTITY[kind])

    def misfortune(self, kind: str, **more: Any) -> None:
        """Something goes wrong with the next write."""
        self.intuit.emulator.add_fault(kind, path="*/batch", **more)


def held(tokens: Tokens, clock: VirtualTime) -> Grant:
    """A grant as the token endpoint would have given it."""
    now = clock.now()
    return Grant(
        SecretStr(tokens.access_token),
        SecretStr(tokens.refresh_token),
        now + timedelta(seconds=tokens.expires_in),
        now + timedelta(seconds=tokens.refresh_expires_in),
    )
