"""A service and an emulator to be fuzzed: two businesses, with companies, tokens and records."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import psutil  # type: ignore[import-untyped]

from proof.fuzz.liar import CONTROL, liar
from proof.fuzz.watch import QUICKBOOKS_SECONDS
from proof.processes.stage import BUSINESS, PATIENCE_SECONDS, Stage, stage, until
from quickbooks_emulator.testing import consent

OTHER = "biz_other"
RANKS = ("viewer", "bookkeeper", "admin", "feeder")
_MANY = str(10**9)
_SETTINGS: Mapping[str, str] = {
    # An answer of 429 tests nothing else; the limits have tests of their own.
    "CLEO_LIMIT_TOKEN_PER_MINUTE": _MANY,
    "CLEO_LIMIT_ADDRESS_PER_MINUTE": _MANY,
    "CLEO_LIMIT_SHEETS_PER_HOUR": _MANY,
    "CLEO_QUICKBOOKS_TIMEOUT_SECONDS": f"{QUICKBOOKS_SECONDS:.0f}",
}
_ACCOUNTING = "/integrations/accounting"


class Unwell(Exception):
    """The service does not answer as it should, before or after the fuzzing."""


@dataclass
class Place:
    """The running service, and what the doors need to know about it."""

    on: Stage
    pid: int
    log: Path
    books_url: str  # the liar's
    tokens: Mapping[str, str]  # by role, for the first business; “other …” for the second
    token_ids: set[str]
    companies: Mapping[str, str]  # by business
    integrations: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The URL of the service."""
        return f"http://127.0.0.1:{self.on.port}"

    @property
    def secrets(self) -> list[str]:
        """The secrets that no answer may contain."""
        keys = ("CLEO_ENCRYPTION_KEYS", "CLEO_QUICKBOOKS_CLIENT_SECRET")
        return [*(self.on.environment[key] for key in keys), *self.tokens.values()]

    def is_alive(self) -> bool:
        """Return whether the process of the service is running; a zombie is not."""
        with suppress(psutil.NoSuchProcess):
            return bool(psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE)
        return False

    def ask(
        self,
        method: str,
        path: str,
        business: str = BUSINESS,
        **more: Any,  # noqa: ANN401  httpx2's own
    ) -> httpx2.Response:
        """Call the API as the platform, to set up or look up something."""
        headers = {"authorization": f"Bearer {self.on.token}", **more.pop("headers", {})}
        url = f"{self.url}/api/businesses/{business}{_ACCOUNTING}{path}"
        return httpx2.request(method, url, headers=headers, timeout=PATIENCE_SECONDS, **more)

    def emulator(self, method: str, path: str, /, **facts: Any) -> Any:  # noqa: ANN401  JSON
        """Call the emulator's control interface."""
        url = f"{self.on.intuit_url}/_emulator/{path}"
        answer = httpx2.request(method, url, timeout=PATIENCE_SECONDS, json=facts or None)
        answer.raise_for_status()
        return answer.json()

    def lie(self, chance: float, seed: int = 0) -> None:
        """Have a share of the answers about the books be falsified."""
        told = {"upstream": self.on.intuit_url, "chance": chance, "seed": seed}
        httpx2.put(self.books_url + CONTROL, json=told).raise_for_status()

    def consented(self, authorization_url: str, business: str) -> dict[str, str]:
        """Consent at QuickBooks as a person does; return the parameters of the callback."""
        with httpx2.Client(follow_redirects=False, trust_env=False) as browser:
            back = consent(browser, authorization_url, self.companies[business])
        return dict(parse_qsl(urlsplit(back).query))

    def connect(self, business: str) -> bool:
        """Connect a business to its company; return whether it is connected now."""
        where = {
            "redirectUri": self.on.environment["CLEO_PUBLIC_URL"] + f"/api{_ACCOUNTING}/callback"
        }
        begun = self.ask("POST", "/connect", business, json=where)
        if begun.status_code != 200:
            return False
        came = self.consented(begun.json()["authorizationUrl"], business)
        if self.ask("GET", "/callback", business, params=came).status_code != 200:
            return False
        return self.look_up(business)

    def look_up(self, business: str) -> bool:
        """Note the integration of a business; return whether it is connected.

        Raises:
            Unwell: the service does not answer with 200.
        """
        answer = self.ask("GET", "", business)
        if answer.status_code != 200:
            raise Unwell(f"its integrations are answered with {answer.status_code} {answer.text}")
        items = answer.json()["items"]
        if items:
            self.integrations[business] = items[0]["id"]
        return bool(items) and items[0]["status"] == "connected"

    def one(self, business: str = BUSINESS) -> str:
        """Return the path of the integration of a business."""
        return f"/{self.integrations[business]}"

    def runs(self, business: str) -> list[str]:
        """Return the ids of the latest runs."""
        answer = self.ask("GET", f"{self.one(business)}/runs", business, params={"limit": 10})
        return [one["id"] for one in answer.json()["items"]] if answer.status_code == 200 else []

    def set_right(self) -> None:
        """Connect and resume the first business, and choose an existing account for its lines."""
        if not self.look_up(BUSINESS):
            self.connect(BUSINESS)
        self.ask("POST", f"{self.one()}/confirm")
        self.ask("POST", f"{self.one()}/resume")
        fields = self.ask("GET", f"{self.one()}/invoice-fields")
        accounts = self.on.all("Account")
        account = next(one["Id"] for one in accounts if one["AccountType"] == "Expense")
        self.ask(
            "PUT",
            f"{self.one()}/invoice-fields",
            json={"expenseAccountId": account},
            headers={"if-match": fields.headers.get("etag", "*")},
        )

    def feed(self, dice: random.Random, number: int) -> None:
        """Send records as a platform does: some new ones, some changed ones."""
        records: list[dict[str, Any]] = []
        for one in range(5):
            name = f"conn_{dice.randrange(40)}"
            records += [
                {
                    "type": "connection",
                    "id": name,
                    "record": {"connectedBusinessName": f"Vendor {name} {dice.randrange(3)}"},
                },
                payable(f"pay_{number + one - dice.randrange(30)}", name, dice.randint(1, 10**6)),
            ]
        self.ask("POST", "/records/bulk", json={"records": records})


def payable(name: str, connection: str, cents: int) -> dict[str, Any]:
    """Return a payable as the platform sends it."""
    return {
        "type": "payable",
        "id": name,
        "record": {
            "connectionId": connection,
            "amount": f"{cents // 100}.{cents % 100:02}",
            "invoiceNumber": name.upper(),
            "invoiceDate": "2026-01-05",
            "status": "APPROVED",
        },
    }


@contextmanager
def place(
    database_url: str, folder: Path, seed: int, planted: Sequence[str] = ()
) -> Iterator[Place]:
    """Start everything, connect both businesses, and serve and work in one process."""
    with liar() as books, stage(database_url, folder, seed, _SETTINGS) as on:
        (door,) = on.living
        second = httpx2.post(
            f"{on.intuit_url}/_emulator/companies", json={"name": "Other Company"}, timeout=60
        ).json()["realm_id"]
        tokens, ids = _tokens(on)
        on.kill(door)
        on.environment = {**on.environment, "CLEO_QUICKBOOKS_API_URL": books}
        pid = on.bear("serve", f"--port={on.port}", says="at http", planted=planted)
        companies = {BUSINESS: on.realm_id, OTHER: second}
        made = Place(on, pid, on.living[pid], books, tokens, ids, companies)
        made.lie(0)
        made.look_up(BUSINESS)
        until(lambda: made.connect(OTHER))
        made.set_right()
        made.feed(random.Random(seed), 30)
        yield made


def _tokens(on: Stage) -> tuple[Mapping[str, str], set[str]]:
    """Create a token of every role for both businesses, and return them with their ids."""
    made, ids = {"platform": on.token}, set[str]()
    url = f"http://127.0.0.1:{on.port}/api/integrations/accounting/tokens"
    head = {"authorization": f"Bearer {on.token}"}
    for business, prefix in ((BUSINESS, ""), (OTHER, "other ")):
        for rank in RANKS:
            body = {"businessId": business, "role": rank, "name": f"fuzz {rank}"}
            told = httpx2.post(url, json=body, headers=head, timeout=60).json()
            made[prefix + rank] = told["token"]
    listed = httpx2.get(url, params={"limit": 100}, headers=head, timeout=60).json()["items"]
    ids.update(str(one["id"]) for one in listed)
    return made, ids


def work_goes_on(here: Place, seconds: float = PATIENCE_SECONDS) -> str:
    """Check that a new payable reaches QuickBooks without faults; return the problem, if any."""
    here.emulator("DELETE", "faults")
    here.lie(0)
    try:
        here.set_right()
        return _last_payable(here, seconds)
    except Unwell as unwell:
        return str(unwell)
    except httpx2.TransportError as trouble:
        return f"the service does not answer ({type(trouble).__name__})"


def _last_payable(here: Place, seconds: float) -> str:
    """Feed one more payable; return the problem if it does not reach QuickBooks in time."""
    name = f"pay_last_{time.monotonic_ns()}"
    records = [
        {"type": "connection", "id": "conn_last", "record": {"connectedBusinessName": "The Last"}},
        payable(name, "conn_last", 4_200),
    ]
    fed = here.ask("POST", "/records/bulk", json={"records": records})
    if fed.status_code != 200:
        return f"records were answered with {fed.status_code}"
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        here.ask("POST", f"{here.one()}/sync", json={})
        time.sleep(1.0)
        if here.on.ours("Bill")[0][name]:
            return ""
    return f"{name} did not reach QuickBooks within {seconds:.0f} s"
