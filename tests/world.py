"""A small world for tests: a business, its `House`, and the emulator in the same process."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from cleo_accounting.core.records import (
    Connection,
    FundingSource,
    LineItem,
    Money,
    Payable,
    PayableStatus,
    Record,
    Role,
)
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows import House
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.mapping import choose
from cleo_accounting.flows.reporting.progress import Item, RunStatus, status
from cleo_accounting.flows.run import sync
from cleo_accounting.providers.quickbooks import quickbooks
from cleo_accounting.store import incoming, integrations
from cleo_accounting.store.database import Database
from cleo_accounting.store.integrations import Integration
from cleo_accounting.store.signer import Signer
from cleo_accounting.store.vault import Vault
from quickbooks_emulator.testing import Intuit, consent, emulator

if TYPE_CHECKING:
    from cleo_accounting.core.clock import Clock
    from cleo_accounting.providers import Provider

BUSINESS = "biz_one"
KEY = base64.b64encode(bytes(range(32))).decode()
REDIRECT_URI = "http://localhost:8000/api/integrations/accounting/callback"


@dataclass
class Time:
    """The emulator's virtual clock in the form of our `Clock`."""

    intuit: Intuit
    start: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.start = self.now()

    def now(self) -> datetime:
        return self.intuit.emulator.clock.now()

    def monotonic(self) -> float:
        return (self.now() - self.start).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.intuit.emulator.advance(seconds)


@dataclass
class World:
    """A business and its QuickBooks; the methods do what people and the platform do."""

    house: House
    intuit: Intuit
    business_id: str = BUSINESS
    integration_id: str = ""

    def __post_init__(self) -> None:
        self.house = self.house.of(self.business_id)

    @property
    def integration(self) -> Integration:
        with self.house.database.reading() as tx:
            return integrations.by_id(tx, self.integration_id)

    def connect(self, *, decision: str = "allow", **options: Any) -> Integration:
        """Consent as the company's administrator, and complete the callback."""
        begun = connect.begin(self.house, self.business_id, "user_1", REDIRECT_URI, **options)
        back = self.consent(begun.authorization_url, decision)
        done = connect.complete(
            self.house,
            state=back["state"],
            code=back["code"],
            company_id=back["realmId"],
            business_id=self.business_id,
            user_id="user_1",
        )
        self.integration_id = done.id
        return done

    def consent(self, url: str, decision: str = "allow") -> dict[str, str]:
        """Decide on the consent page as a browser would; return the parameters of the redirect."""
        with httpx2.Client(transport=self.intuit.transport()) as browser:
            back = consent(browser, url, self.intuit.realm_id, decision)
        return dict(parse_qsl(urlsplit(back).query))

    def choose(self, **fields: Any) -> None:
        """Set these invoice fields and keep the others."""
        with self.house.database.transaction() as tx:
            now = integrations.by_id(tx, self.integration_id)
            integrations.set_fields(
                tx, now.id, replace(now.fields, **fields), version=now.fields_version
            )

    def feed(self, *given: Record) -> None:
        with self.house.database.transaction() as tx:
            incoming.upsert(tx, self.business_id, given, self.house.clock.now())

    def sync(self, *entity_types: str, **options: Any) -> RunStatus:
        """Request a run, work on it to its end, and return its status."""
        wanted = entity_types or ("vendors", "bankAccounts", "invoices")
        run = sync.request(
            self.house, self.integration, wanted, trigger=Trigger.PAGE, by="tester", **options
        )
        self.work(run.id)
        return status(self.house, self.business_id, self.integration_id, run.id)

    def sync_meanwhile(self, happens: Callable[[], object]) -> RunStatus:
        """Sync documents, and call `happens` after they are planned and before any is written."""
        self.intuit.emulator.add_fault("drop_before_commit", times=1, path="*/batch")
        run = sync.request(
            self.house, self.integration, ["invoices"], trigger=Trigger.PAGE, by="tester"
        )
        while not (progress := sync.advance(self.house, run.id)).wait_until:
            assert not progress.done, "it never wrote a batch"
        happens()
        self.work(run.id)
        return status(self.house, self.business_id, self.integration_id, run.id)

    def work(self, run_id: str) -> None:
        """Work on a run until it has ended, or until it waits for a person to resume it."""
        while not (progress := sync.advance(self.house, run_id)).done:
            if progress.parked and progress.wait_until is None:
                return
            if progress.wait_until:
                now = self.house.clock.now()
                self.house.clock.sleep(max(0.0, (progress.wait_until - now).total_seconds()))

    def open_for_business(self, **fields: Any) -> None:
        """Connect, and choose the accounts that bills and invoices need."""
        self.connect()
        chosen = {
            "expense_account_id": self.account("Expense"),
            "income_account_id": self.account("Income"),
        }
        self.choose(**{**chosen, **fields})

    def account(self, account_type: str) -> str:
        """Return the id of the company's first account of this type."""
        found = [one for one in self.books("Account") if one["AccountType"] == account_type]
        return str(found[0]["Id"])

    @property
    def bank(self) -> str:
        """The name of the first bank account that the company has."""
        found = [one["Name"] for one in self.books("Account") if one["AccountType"] == "Bank"]
        return str(found[0])

    def vendor(self, name: str = "One") -> str:
        """Return the id of the only vendor with this name."""
        (found,) = [one["Id"] for one in self.books("Vendor") if one["DisplayName"] == name]
        return str(found)

    def booked(self, amount: Decimal | int) -> dict[str, Any]:
        """Return a line of a bill or an expense that somebody enters, in the company's currency."""
        return {
            "Amount": amount,
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": self.account("Expense")}},
        }

    def ours(self, kind: str = "Bill") -> list[dict[str, Any]]:
        """Return the documents in QuickBooks that carry our marker."""
        return [one for one in self.books(kind) if "CleoPay:" in one.get("PrivateNote", "")]

    def numbered(self, number: str, kind: str = "Bill") -> list[dict[str, Any]]:
        """Return the documents in QuickBooks with this number."""
        return [one for one in self.books(kind) if one.get("DocNumber") == number]

    def books(self, kind: str) -> list[dict[str, Any]]:
        """Return the entries of a kind that the company really holds, read from the emulator."""
        self.intuit.emulator.catch_up()  # apply the late commits that are due by now
        return [dict(one) for one in self.intuit.company.all(kind)]


def asked(told: RunStatus, code: str) -> Item:
    """Return the one record of a run that waits for a person, and check its code."""
    (item,) = told.errors
    assert item.code == code, item
    return item


def decide(here: World, item: Item, verdict: str, value: str = "") -> None:
    """Decide, as a person, about a record that waits."""
    house, one = here.house, here.integration_id
    choose.decide_item(house, here.business_id, one, item.id, verdict, value, "user:jane")


@contextmanager
def world(database: Database, **options: Any) -> Iterator[World]:
    """Yield a world with a house on this database and an emulator that share one clock."""
    with (
        emulator(redirect_uris=(REDIRECT_URI,), **options) as intuit,
        house(database, intuit) as built,
    ):
        yield World(built, intuit)


@contextmanager
def house(
    database: Database,
    intuit: Intuit,
    seed: int = 11,
    *,
    transport: httpx2.BaseTransport | None = None,
) -> Iterator[House]:
    """Yield a house on this database that works with this emulator and its clock."""
    time = Time(intuit)
    provider = quickbooks(
        client_id=intuit.app.client_id,
        client_secret=intuit.app.client_secret,
        discovery_url=f"{intuit.url}/.well-known/openid_sandbox_configuration",
        api_url=intuit.url,
        app_url="https://sandbox.qbo.intuit.com",
        clock=time,
        random=random.Random(7).random,
        transport=transport or intuit.transport(),
    )
    yield house_of(database, provider, time, seed)
    provider.close()


def house_of(database: Database, provider: Provider, clock: Clock, seed: int = 11) -> House:
    """Return a house on this database that works with an accounting product."""
    dice = random.Random(seed)
    database.sign_acts_with(Signer([KEY]))
    return House(
        database=database,
        provider=provider,
        vault=Vault([KEY], dice.randbytes),
        clock=clock,
        random=dice.randbytes,
        public_url="http://localhost:8000",
    )


def connection(number: int, name: str | None = None, **more: Any) -> Connection:
    return Connection(id=f"conn_{number}", name=name or f"Vendor {number}", **more)


def source(number: int, name: str, last_four: str | None = None) -> FundingSource:
    return FundingSource(f"fs_{number}", name, "checking", last_four)


def payable(
    index: int,
    cents: int = 10_000,
    *,
    to: int = 1,
    role: Role = Role.PAYER,
    status: PayableStatus = PayableStatus.APPROVED,
    lines: Sequence[tuple[str, str, str]] = (),
    **more: Any,
) -> Payable:
    return Payable(
        id=f"pay_{index}",
        connection_id=f"conn_{to}",
        role=role,
        status=status,
        amount=Money(cents, more.pop("currency", "USD")),
        issued_on=more.pop("issued_on", date(2026, 1, 5)),
        number=more.pop("number", f"INV-{index}"),
        lines=tuple(LineItem(text, Decimal(q), Decimal(p)) for text, q, p in lines),
        **more,
    )
