"""The emulator and the service as processes that can be killed, and requests to both over HTTP."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from proof.processes.birth import Nursery, lives, nursery, running
from proof.processes.journal import Effects
from proof.processes.line import Line, hostile_line
from quickbooks_emulator.testing import consent

BUSINESS = "biz_kills"
PATIENCE_SECONDS = 120.0
_CLIENT_ID = "ABkillsClientId"
# Derived: Hypothesis draws strings that stand in source files, and an answer may quote what it
# was sent, which the fuzzing would then take for a leak.
_CLIENT_SECRET = hashlib.sha256(b"the client secret of the killed service").hexdigest()
_MANY = str(10**9)
_DOORWAY = "/api/integrations/accounting/callback"


class Stuck(Exception):
    """A condition was not met in time."""


@dataclass
class Stage:
    """One database, one company, and the living processes that work for them."""

    nursery: Nursery
    folder: Path
    intuit_url: str
    line: Line
    environment: Mapping[str, str]
    port: int
    realm_id: str
    token: str = ""
    integration_id: str = ""
    born: int = 0
    living: dict[int, Path] = field(default_factory=dict)
    effects: Effects = field(init=False)

    def __post_init__(self) -> None:
        self.effects = Effects(self.intuit_url)

    def bear(self, *arguments: str, says: str = "", planted: Sequence[str] = ()) -> int:
        """Start a process of the service; with `says`, wait until it prints that text."""
        self.born += 1
        log = self.folder / f"{self.born}.log"
        child = self.nursery.bear(arguments, self.environment, log, planted)
        self.living[child] = log
        if says:
            until(lambda: self._said(child, says))
        return child

    def work(self, *, ready: bool = True) -> int:
        """Start a worker."""
        return self.bear("work", says="Working" if ready else "")

    def serve(self) -> int:
        """Start the web server, which does no work of runs."""
        return self.bear("serve", "--no-worker", f"--port={self.port}", says="at http")

    def kill(self, child: int) -> None:
        """Kill a process, and wait until it is gone."""
        del self.living[child]
        os.kill(child, signal.SIGKILL)
        until(lambda: not lives(child))

    def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:  # noqa: ANN401  httpx2's own
        """Call our API."""
        url = f"http://127.0.0.1:{self.port}/api/businesses/{BUSINESS}{path}"
        headers = {"authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return httpx2.request(method, url, headers=headers, timeout=30, **more)

    @property
    def one(self) -> str:
        """The path of our integration."""
        return f"/integrations/accounting/{self.integration_id}"

    @property
    def records(self) -> str:
        """The path of the business's records."""
        return "/integrations/accounting/records"

    @property
    def bank_name(self) -> str:
        """The name of a bank account of the company."""
        accounts = self.all("Account")
        return next(str(one["Name"]) for one in accounts if one["AccountType"] == "Bank")

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Return all entities of a kind in the company."""
        url = f"{self.intuit_url}/_emulator/companies/{self.realm_id}/records/{kind}"
        return list(httpx2.get(url, params={"limit": 10**6}, timeout=60).json()[kind])

    def ours(self, *kinds: str) -> tuple[Counter[str], dict[str, int]]:
        """Return the number of entries of each of our records, and the amount in cents."""
        found = [one for kind in kinds for one in self.all(kind)]
        ours = [one for one in found if "CleoPay:" in one.get("PrivateNote", "")]
        marks = [one["PrivateNote"].rsplit("CleoPay:", 1)[-1] for one in ours]
        cents = [round(float(one["TotalAmt"]) * 100) for one in ours]
        return Counter(marks), dict(zip(marks, cents, strict=True))

    def ever_created(self, *kinds: str) -> Counter[str]:
        """Return how many entries were ever created for each record, by the emulator's journal."""
        return self.effects.ever_created(*kinds)

    def _said(self, child: int, words: str) -> bool:
        said = self.living[child].read_text() if self.living[child].exists() else ""
        if not lives(child):
            raise Stuck(f"a process ended by itself: {said[-2000:]}")
        return words in said


def until(holds: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until a condition holds.

    Raises:
        Stuck: it did not hold in time.
    """
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise Stuck(f"waited {seconds:.0f} seconds in vain")
        time.sleep(0.01)


@contextmanager
def stage(
    database_url: str, folder: Path, seed: int, settings: Mapping[str, str] | None = None
) -> Iterator[Stage]:
    """Start the emulator, the line and the web server, and connect; all end with the block."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    with (
        running(_emulator(port, seed)) as intuit,
        nursery() as kept,
        hostile_line(url := _address(intuit), seed) as line,
    ):
        (company,) = httpx2.get(f"{url}/_emulator/companies").json()
        chosen = {**_settings(database_url, url, line.url, port), **(settings or {})}
        made = Stage(kept, folder, url, line, chosen, port, company["realm_id"])
        try:
            _open(made)
            line.calm = False
            yield made
        finally:
            for child in list(made.living):
                made.kill(child)


def _open(on: Stage) -> None:
    """Create a token, connect as a person would, and choose the account for bills."""
    migrated = on.bear("migrate")
    until(lambda: not lives(migrated))
    issued = on.bear("token", "issue", "--role=platform", "--name=kills")
    until(lambda: not lives(issued))
    on.token = on.living[issued].read_text().strip().splitlines()[-1]
    on.living.clear()
    on.serve()
    where = {"redirectUri": on.environment["CLEO_PUBLIC_URL"] + _DOORWAY}
    begun = on.ask("POST", "/integrations/accounting/connect", json=where).json()
    with httpx2.Client(follow_redirects=False) as browser:
        back = urlsplit(consent(browser, begun["authorizationUrl"], on.realm_id))
    came = dict(parse_qsl(back.query))
    on.ask("GET", "/integrations/accounting/callback", params=came).raise_for_status()
    on.integration_id = on.ask("GET", "/integrations/accounting").json()["items"][0]["id"]
    worker = on.work()
    until(lambda: on.ask("GET", f"{on.one}/bank-accounts").json()["total"])
    on.kill(worker)
    account = next(one for one in on.all("Account") if one["AccountType"] == "Expense")
    fields = on.ask("GET", f"{on.one}/invoice-fields")
    on.ask(
        "PUT",
        f"{on.one}/invoice-fields",
        json={"expenseAccountId": account["Id"]},
        headers={"if-match": fields.headers["etag"]},
    ).raise_for_status()


def _settings(database_url: str, intuit_url: str, line_url: str, port: int) -> Mapping[str, str]:
    return {
        "CLEO_DATABASE_URL": database_url,
        "CLEO_PUBLIC_URL": f"http://localhost:{port}",
        "CLEO_ENCRYPTION_KEYS": base64.b64encode(bytes(range(32))).decode(),
        "CLEO_AUDIT_KEYS": base64.b64encode(bytes(range(32))).decode(),
        "CLEO_QUICKBOOKS_CLIENT_ID": _CLIENT_ID,
        "CLEO_QUICKBOOKS_CLIENT_SECRET": _CLIENT_SECRET,
        "CLEO_QUICKBOOKS_DISCOVERY_URL": (f"{intuit_url}/.well-known/openid_sandbox_configuration"),
        "CLEO_QUICKBOOKS_API_URL": line_url,
        "CLEO_PACE_REQUESTS_PER_MINUTE": _MANY,
        "CLEO_LIMIT_PLATFORM_PER_MINUTE": _MANY,
        "CLEO_LIMIT_BUSINESS_PER_MINUTE": _MANY,
        "CLEO_LIMIT_SYNCS_PER_HOUR": _MANY,
        "CLEO_LIMIT_RECONCILIATIONS_PER_HOUR": _MANY,
        "CLEO_LIMIT_LOOKS_PER_HOUR": _MANY,
        "CLEO_PACE_REQUESTS_PER_SECOND": _MANY,
        "CLEO_PACE_BATCHES_PER_MINUTE": _MANY,
        "CLEO_PACE_BATCH_SIZE": "5",  # more boundaries
        "CLEO_WORKER_LEASE_SECONDS": "2",
        "CLEO_QUIESCENCE_SECONDS": "1",
        "CLEO_LOG_LEVEL": "ERROR",
    }


def _emulator(port: int, seed: int) -> Sequence[str]:
    return (
        "-m",
        "quickbooks_emulator",
        "--port=0",
        "--unlimited",
        f"--seed={seed}",
        f"--client-id={_CLIENT_ID}",
        f"--client-secret={_CLIENT_SECRET}",
        f"--redirect-uri=http://localhost:{port}{_DOORWAY}",
    )


def _address(intuit: subprocess.Popen[str]) -> str:
    assert intuit.stdout
    for line in intuit.stdout:
        if found := re.search(r"at (http://\S+)", line):
            return found[1]
    raise Stuck("the emulator did not start")
