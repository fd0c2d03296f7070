"""The service and the emulator as processes of their own, to be used, killed and started again."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import httpx2

CLIENT_ID, CLIENT_SECRET = "ABprocessesClientId", "processesSecret"
BUSINESS = "biz_crash"
READY_SECONDS_MAX = 60.0
_FAST = str(10**9)


@dataclass
class Process:
    """One process we started, whose first lines say where it listens."""

    arguments: Sequence[str]
    environment: dict[str, str]
    ready: str
    started: subprocess.Popen[str] | None = None
    said: list[str] = field(default_factory=list)

    def start(self) -> str:
        """Start it, wait until it says that it is ready, and give what it said."""
        self.said.clear()
        self.started = subprocess.Popen(
            [sys.executable, "-m", *self.arguments],
            env={**os.environ, **self.environment},
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

    def kill(self) -> None:
        """End it without a word of warning (SIGKILL)."""
        assert self.started is not None
        self.started.kill()
        self.started.wait()

    def stop(self) -> int:
        """End it in good order (SIGTERM), and give its exit code."""
        assert self.started is not None
        self.started.terminate()
        return self.started.wait(timeout=60)

    def _listen(self) -> None:
        assert self.started is not None
        assert self.started.stdout is not None
        with self.started.stdout as lines:
            self.said.extend(lines)


@dataclass
class Stage:
    """Both processes, and a client of each."""

    intuit: Process
    intuit_url: str
    service: Process
    realm_id: str
    integration_id: str = ""
    url: str = ""
    token: str = ""

    @property
    def base(self) -> str:
        return f"{self.url}/api/businesses/{BUSINESS}"

    def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """Call our API; what it refuses is a mistake of the test."""
        headers = {"authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        answer = httpx2.request(method, self.base + path, headers=headers, timeout=60, **more)
        assert answer.status_code < 400, answer.text
        return answer

    def see(self, path: str, **query: Any) -> Any:
        """Look at the emulator as its owner."""
        answer = httpx2.get(f"{self.intuit_url}/_emulator/{path}", params=query, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def counted(self, kind: str) -> int:
        """How many of a kind the company holds."""
        found: dict[str, int] = self.see(f"companies/{self.realm_id}/records")
        return found.get(kind, 0)

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Everything of a kind that the company holds."""
        found = self.see(f"companies/{self.realm_id}/records/{kind}", limit=10**6)
        return list(found[kind])

    def connect(self) -> None:
        """Start our service, make a token, and connect as a person would."""
        self.url = self.service.start().replace("localhost", "127.0.0.1")
        self.token = self.command("token", "issue", "--role=platform", "--name=test").strip()
        begun = self.ask(
            "POST", "/integrations/accounting/connect", json={"redirectUri": self.doorway}
        ).json()
        with httpx2.Client(follow_redirects=False) as browser:
            page = browser.get(begun["authorizationUrl"])
            form = dict(re.findall(r'name="(ticket|user_id)" value="([^"]*)"', page.text))
            back = browser.post(
                urljoin(begun["authorizationUrl"], "/app/connect/oauth2/authorize"),
                data={**form, "realm_id": self.realm_id, "decision": "allow"},
            )
            done = browser.get(back.headers["location"].replace("localhost", "127.0.0.1"))
        assert done.status_code == 303, done.text
        status = self.ask("GET", "/integrations/accounting/status").json()
        assert status["status"] == "connected"
        self.integration_id = self.ask("GET", "/integrations/accounting").json()["items"][0]["id"]

    @property
    def doorway(self) -> str:
        return self.service.environment["CLEO_PUBLIC_URL"] + "/api/integrations/accounting/callback"

    def command(self, *words: str) -> str:
        """Run our command line beside the service, and give what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "cleo_accounting", *words],
            env={**os.environ, **self.service.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def come_back(self) -> None:
        """Start the service again after it was killed; its address stays."""
        self.service.start()


@contextmanager
def stage(database_url: str, port: int, **settings: str) -> Iterator[Stage]:
    """An emulator and (not yet started) a service on this database; both end with the block."""
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
        "CLEO_DATABASE_URL": database_url,
        "CLEO_PUBLIC_URL": public_url,
        "CLEO_ENCRYPTION_KEYS": base64.b64encode(bytes(range(32))).decode(),
        "CLEO_QUICKBOOKS_CLIENT_ID": CLIENT_ID,
        "CLEO_QUICKBOOKS_CLIENT_SECRET": CLIENT_SECRET,
        "CLEO_QUICKBOOKS_DISCOVERY_URL": f"{intuit_url}/.well-known/openid_sandbox_configuration",
        "CLEO_QUICKBOOKS_API_URL": intuit_url,
        "CLEO_PACE_REQUESTS_PER_MINUTE": _FAST,
        "CLEO_PACE_REQUESTS_PER_SECOND": _FAST,
        "CLEO_PACE_BATCHES_PER_MINUTE": _FAST,
        "CLEO_WORKER_LEASE_SECONDS": "2",
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
        for process in (service, intuit):
            if process.started and process.started.poll() is None:
                process.kill()
