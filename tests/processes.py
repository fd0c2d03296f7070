"""The service and the emulator as separate processes that tests use, kill and restart."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from proof.processes.birth import PLAIN, Nursery, lives
from quickbooks_emulator.testing import consent

CLIENT_ID, CLIENT_SECRET = "ABprocessesClientId", "processesSecret"
BUSINESS = "biz_crash"
READY_SECONDS_MAX = 60.0
_FAST = str(10**9)


@dataclass
class Process:
    """A process that is ready once its output matches the pattern `ready`."""

    arguments: Sequence[str]
    environment: dict[str, str]
    ready: str
    started: subprocess.Popen[str] | None = None
    said: list[str] = field(default_factory=list)

    def start(self) -> str:
        """Start the process, wait until it is ready, and return what `ready` captured."""
        self.said.clear()
        self.started = subprocess.Popen(
            [sys.executable, "-m", *self.arguments],
            env={**PLAIN, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        end = time.monotonic() + READY_SECONDS_MAX
        while not (found := re.search(self.ready, "".join(self.said))):
            assert self.started.poll() is None, "".join(self.said)
            assert time.monotonic() < end, "".join(self.said)
            time.sleep(0.01)
        return found[1]

    def lives(self) -> bool:
        """Return whether the process has started and not ended yet."""
        return self.started is not None and self.started.poll() is None

    def kill(self) -> None:
        """Kill the process without warning (SIGKILL)."""
        assert self.started is not None
        self.started.kill()
        self.started.wait()

    def stop(self) -> int:
        """Ask the process to shut down (SIGTERM), and return its exit code."""
        assert self.started is not None
        self.started.terminate()
        return self.started.wait(timeout=60)

    def _listen(self) -> None:
        assert self.started is not None
        assert self.started.stdout is not None
        with self.started.stdout as lines:
            self.said.extend(lines)


@dataclass(kw_only=True)
class Forked(Process):
    """A process of the service forked from a nursery, which makes a start ten times faster."""

    nursery: Nursery
    folder: Path
    child: int = 0
    births: int = 0

    def start(self) -> str:
        """Start the process, wait until it is ready, and return what `ready` captured."""
        self.births += 1
        log = self.folder / f"{self.births}.log"
        self.child = self.nursery.bear(self.arguments[1:], self.environment, log)
        end = time.monotonic() + READY_SECONDS_MAX
        while not (found := re.search(self.ready, log.read_text() if log.exists() else "")):
            assert self.lives(), log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.01)
        return found[1]

    def lives(self) -> bool:
        """Return whether the process has started and not ended yet."""
        return bool(self.child) and lives(self.child)

    def kill(self) -> None:
        """Kill the process without warning (SIGKILL)."""
        os.kill(self.child, signal.SIGKILL)
        while self.lives():
            time.sleep(0.01)


def forked(process: Process, nursery: Nursery, folder: Path) -> Forked:
    """Return the same process of the service, forked from a nursery, with its logs in a folder."""
    return Forked(
        process.arguments, process.environment, process.ready, nursery=nursery, folder=folder
    )


@dataclass
class Stage:
    """The service and the emulator as processes, with a client of each."""

    intuit: Process
    intuit_url: str
    service: Process
    realm_id: str
    integration_id: str = ""
    business: str = BUSINESS
    url: str = ""
    token: str = ""

    @property
    def base(self) -> str:
        return f"{self.url}/api/businesses/{self.business}"

    @property
    def records(self) -> str:
        """The path of the business's records in the API."""
        return "/integrations/accounting/records"

    def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """Call our API and return the response; an error response fails the test."""
        headers = {"authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        answer = httpx2.request(method, self.base + path, headers=headers, timeout=60, **more)
        assert answer.status_code < 400, answer.text
        return answer

    def see(self, path: str, **query: Any) -> Any:
        """Send a GET request to the emulator's control API and return the JSON."""
        answer = httpx2.get(f"{self.intuit_url}/_emulator/{path}", params=query, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def do(self, path: str, **facts: Any) -> Any:
        """Send a POST request to the emulator's control API and return the JSON."""
        answer = httpx2.post(f"{self.intuit_url}/_emulator/{path}", json=facts, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def counted(self, kind: str) -> int:
        """Return how many entries of a kind the company holds."""
        found: dict[str, int] = self.see(f"companies/{self.realm_id}/records")
        return found.get(kind, 0)

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Return every entry of a kind that the company holds."""
        found = self.see(f"companies/{self.realm_id}/records/{kind}", limit=10**6)
        return list(found[kind])

    def connect(self) -> None:
        """Start our service, issue a token, and connect as a person would."""
        self.url = self.service.start().replace("localhost", "127.0.0.1")
        self.token = self.command("token", "issue", "--role=platform", "--name=test").strip()
        begun = self.ask(
            "POST", "/integrations/accounting/connect", json={"redirectUri": self.doorway}
        ).json()
        with httpx2.Client(follow_redirects=False) as browser:
            back = urlsplit(consent(browser, begun["authorizationUrl"], self.realm_id))
        done = self.ask(
            "GET", "/integrations/accounting/callback", params=dict(parse_qsl(back.query))
        ).json()
        assert done["status"] == "connected"
        self.integration_id = self.ask("GET", "/integrations/accounting").json()["items"][0]["id"]

    @property
    def doorway(self) -> str:
        return self.service.environment["CLEO_PUBLIC_URL"] + "/api/integrations/accounting/callback"

    @property
    def one(self) -> str:
        """The path of our integration in the API."""
        return f"/integrations/accounting/{self.integration_id}"

    def choose_expense_account(self) -> None:
        """Set the account that bill lines book to, once the company's lists have been read."""
        account = next(one for one in self.all("Account") if one["AccountType"] == "Expense")
        end = time.monotonic() + 60
        while not self.ask("GET", f"{self.one}/bank-accounts").json()["total"]:
            assert time.monotonic() < end
            time.sleep(0.1)
        fields = self.ask("GET", f"{self.one}/invoice-fields")
        self.ask(
            "PUT",
            f"{self.one}/invoice-fields",
            json={"expenseAccountId": account["Id"]},
            headers={"if-match": fields.headers["etag"]},
        )

    def finish(self, seconds_max: float) -> dict[str, Any]:
        """Wait until the latest sync ends by itself, and return its status."""
        end = time.monotonic() + seconds_max
        while True:
            told: dict[str, Any] = self.ask("GET", f"{self.one}/sync/status").json()
            if told["state"] not in ("queued", "running", "waiting"):
                return told
            assert time.monotonic() < end, told
            time.sleep(0.1)

    def command_json(self, *words: str) -> Any:
        """Run our command line with `--json` and return the parsed output."""
        return json.loads(self.command(*words, "--json"))

    def command(self, *words: str, allowed: Sequence[int] = (0,)) -> str:
        """Run our command line in the service's environment, and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "cleo_accounting", *words],
            env={**PLAIN, **self.service.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in allowed, done.stderr
        return done.stdout

    def come_back(self) -> None:
        """Start the service again, at the same address, after it was killed."""
        self.service.start()


def variables(database_url: str, public_url: str, intuit_url: str) -> dict[str, str]:
    """Return the environment variables that a service needs to start against the emulator."""
    key = base64.b64encode(bytes(range(32))).decode()
    return {
        "CLEO_DATABASE_URL": database_url,
        "CLEO_PUBLIC_URL": public_url,
        "CLEO_ENCRYPTION_KEYS": key,
        "CLEO_AUDIT_KEYS": key,
        "CLEO_QUICKBOOKS_CLIENT_ID": CLIENT_ID,
        "CLEO_QUICKBOOKS_CLIENT_SECRET": CLIENT_SECRET,
        "CLEO_QUICKBOOKS_DISCOVERY_URL": f"{intuit_url}/.well-known/openid_sandbox_configuration",
        "CLEO_QUICKBOOKS_API_URL": intuit_url,
    }


@contextmanager
def stage(database_url: str, port: int, **settings: str) -> Iterator[Stage]:
    """Yield an emulator and a service, not yet started, on this database; end both afterwards."""
    public_url = f"http://localhost:{port}"
    intuit = Process(
        [
            "quickbooks_emulator",
            "--port=0",
            "--unlimited",
            f"--client-id={CLIENT_ID}",
            f"--client-secret={CLIENT_SECRET}",
            f"--redirect-uri={public_url}/api/integrations/accounting/callback",
        ],
        {},
        r"(?s)at (http://\S+).*books",
    )
    intuit_url = intuit.start()
    environment = {
        **variables(database_url, public_url, intuit_url),
        "CLEO_PACE_REQUESTS_PER_MINUTE": _FAST,
        "CLEO_LIMIT_PLATFORM_PER_MINUTE": _FAST,
        "CLEO_LIMIT_BUSINESS_PER_MINUTE": _FAST,
        "CLEO_LIMIT_SYNCS_PER_HOUR": _FAST,
        "CLEO_LIMIT_RECONCILIATIONS_PER_HOUR": _FAST,
        "CLEO_LIMIT_LOOKS_PER_HOUR": _FAST,
        "CLEO_PACE_REQUESTS_PER_SECOND": _FAST,
        "CLEO_PACE_BATCHES_PER_MINUTE": _FAST,
        "CLEO_WORKER_LEASE_SECONDS": "2",
        "CLEO_QUIESCENCE_SECONDS": "1",
        **settings,
    }
    service = Process(
        ["cleo_accounting", "serve", f"--port={port}"], environment, r"at (http://\S+)"
    )
    made = Stage(intuit, intuit_url, service, "")
    made.realm_id = made.see("")["companies"][0]["realm_id"]
    try:
        yield made
    finally:
        for process in (made.service, intuit):
            if process.lives():
                process.kill()


def free_port() -> int:
    """Return a port of this machine that is free."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
