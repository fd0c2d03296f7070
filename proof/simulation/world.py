"""A simulated world: tenants, their companies and processes of the service in virtual time."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from cleo_accounting.errors import AccountingError
from cleo_accounting.flows import House
from cleo_accounting.flows.company import connect
from cleo_accounting.providers.quickbooks import quickbooks
from cleo_accounting.store import integrations
from cleo_accounting.store.integrations import Integration
from cleo_accounting.store.signer import Signer
from cleo_accounting.store.vault import Vault
from proof.simulation.bench import Bench
from proof.simulation.history import History
from proof.simulation.narrow import WIDE, Sizes, narrowed
from proof.simulation.seams import Crash, Line, Memory, Process, Time
from quickbooks_emulator.basics.switches import Switches
from quickbooks_emulator.books.company import Company
from quickbooks_emulator.testing import Intuit, consent, emulator

_SETTLED_SECONDS = 600.0
_SPARE = 5
_CODES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "Wholesale": ("Class", {}),
    "Branch": ("Department", {}),
    "Net 15": ("Term", {"DueDays": 15}),
}
KEY = base64.b64encode(bytes(range(32))).decode()
PUBLIC_URL = "http://localhost:8000"
REDIRECT_URI = f"{PUBLIC_URL}/api/integrations/accounting/callback"


@dataclass(frozen=True, slots=True)
class Terms:
    """The parameters of a world, all of them drawn from the seed."""

    seed: int
    switches: Mapping[str, Any] = field(default_factory=dict)
    company: Mapping[str, Any] = field(default_factory=dict)
    tenants: int = 1
    batch_size: int = 3
    sizes: Sizes = WIDE
    skew_seconds: float = 0.0  # the skew of the second worker's clock
    leaves: bool = False  # whether the last business leaves at the end


@dataclass(slots=True)
class Tenant:
    """A business and its QuickBooks company."""

    number: int
    company: Company
    integration_id: str = ""
    ended: bool = False  # its connection ended without a disconnect
    accounts: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)  # its class, location and term

    @property
    def business_id(self) -> str:
        """The id of the business on the platform."""
        return f"biz_{self.number}"


@dataclass(slots=True)
class Life:
    """One process of the service, from its start to its end."""

    process: Process
    house: House
    memory: Memory

    def close(self) -> None:
        """Close its connections to QuickBooks."""
        self.house.provider.close()


class World:
    """The emulator, the database, the tenants and all processes of the service."""

    def __init__(self, terms: Terms, bench: Bench, intuit: Intuit) -> None:
        self.terms = terms
        self.bench = bench
        self.intuit = intuit
        self.emulator = intuit.emulator
        self.history = History(self.emulator)
        self.tenants = [Tenant(0, intuit.company)]
        for number in range(1, terms.tenants):
            company = self.emulator.add_company(
                f"Company {number}", seeded=False, **dict(terms.company)
            )
            self.tenants.append(Tenant(number, company))
        for tenant in self.tenants:
            _furnish(tenant)
            self._note(tenant)
        self.emulator.advance(_SETTLED_SECONDS)  # so that queries see what was there from the start
        self._lives: list[Life] = []
        self.web = self.live("web")

    def _note(self, tenant: Tenant) -> None:
        """Note the accounts and terms that a company has from the start, which no journal shows."""
        accounts = {
            one["Id"]: [one["Name"], one["AccountType"]] for one in tenant.company.all("Account")
        }
        terms = {one["Id"]: int(one["DueDays"]) for one in tenant.company.all("Term")}
        told = {"accounts": accounts, "terms": terms}
        self.history.note("furnished", business=tenant.business_id, **told)

    def live(self, name: str, skew: timedelta = timedelta()) -> Life:
        """Start a process, which shares only the database and Intuit with others."""
        process = Process(f"{name} {len(self._lives)}")
        memory = Memory(self.bench, process)
        clock = Time(self.emulator, process, skew)
        number = len(self._lives)
        dice = random.Random(f"{self.terms.seed}/{number}")
        provider = quickbooks(
            client_id=self.intuit.app.client_id,
            client_secret=self.intuit.app.client_secret,
            discovery_url=f"{self.intuit.url}/.well-known/openid_sandbox_configuration",
            api_url=self.intuit.url,
            clock=clock,
            random=dice.random,
            batches_at_once=1,  # one thread at a time, so that the same seed gives the same world
            batch_size=self.terms.batch_size,
            transport=Line(self.intuit.transport(), process, memory),
        )
        memory.sign_acts_with(Signer([KEY]))
        house = House(
            database=memory,
            provider=provider,
            vault=Vault([KEY], dice.randbytes),
            clock=clock,
            random=dice.randbytes,
            public_url=PUBLIC_URL,
        )
        life = Life(process, house, memory)
        self._lives.append(life)
        return life

    def close(self) -> None:
        """End every process."""
        for life in self._lives:
            life.close()

    def integration(self, tenant: Tenant) -> Integration:
        """Return the tenant's integration as the database has it."""
        with self.bench.database.reading() as tx:
            return integrations.by_id(tx, tenant.integration_id)

    def connect(self, tenant: Tenant, **options: Any) -> bool:  # noqa: ANN401  arguments of connect.begin
        """Connect with the consent of the company's administrator; return whether it worked."""
        house = self.web.house
        try:
            begun = connect.begin(house, tenant.business_id, "user_1", REDIRECT_URI, **options)
            back = self._consent(begun.authorization_url, tenant.company.realm_id)
            self.history.note("works", process=self.web.process.name)
            self.history.note("connecting", business=tenant.business_id)
            done = connect.complete(
                house,
                state=back["state"],
                code=back["code"],
                company_id=back["realmId"],
                business_id=tenant.business_id,
                user_id="user_1",
                issuer=back.get("iss", ""),
            )
        except (AccountingError, Crash) as error:
            self.history.note("not_connected", business=tenant.business_id, why=repr(error))
            return False
        tenant.integration_id = done.id
        self.history.note(
            "connected",
            business=tenant.business_id,
            realm=tenant.company.realm_id,
            integration=done.id,
        )
        return True

    def _consent(self, url: str, realm_id: str) -> dict[str, str]:
        with httpx2.Client(transport=self.intuit.transport()) as browser:
            return dict(parse_qsl(urlsplit(consent(browser, url, realm_id)).query))


def _furnish(tenant: Tenant) -> None:
    company = tenant.company
    with company.silence():
        for at in range(tenant.number * _SPARE):  # so that no id is the same in two companies
            for kind, more in _CODES.values():
                company.create(kind, {"Name": f"Spare {at}", **more})
            company.create("Account", {"Name": f"Spare {at}", "AccountType": "Expense"})
            company.create("Vendor", {"DisplayName": f"Spare vendor {at}"})
            company.create("Customer", {"DisplayName": f"Spare customer {at}"})
        for name, account_type in (
            ("Supplies", "Expense"),
            ("Repairs", "Expense"),
            ("Sales", "Income"),
            ("Checking 1111", "Bank"),
        ):
            made = company.create(
                "Account", {"Name": f"{name} {tenant.number}", "AccountType": account_type}
            )
            tenant.accounts[name] = made["Id"]
        for name, (kind, more) in _CODES.items():
            made = company.create(kind, {"Name": f"{name} {tenant.number}", **more})
            tenant.codes[name] = made["Id"]


@contextmanager
def world(terms: Terms, bench: Bench) -> Iterator[World]:
    """Open a world with these terms, on an emptied bench."""
    bench.empty()
    switches = Switches().changed(dict(terms.switches))
    with (
        narrowed(terms.sizes),
        emulator(
            seed=terms.seed,
            switches=switches,
            redirect_uris=(REDIRECT_URI,),
            seeded=False,
            **dict(terms.company),
        ) as intuit,
    ):
        made = World(terms, bench, intuit)
        try:
            yield made
        finally:
            made.close()
