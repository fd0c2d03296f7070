"""Measure whether a fleet is throttled when many companies connect, sync and reconcile at once.

    python -m benchmarks.fleet_connect [companies]

Two API processes and three workers share one PostgreSQL database, against an emulator that applies
Intuit's limits: 500 requests a minute and 10 a second for each company. Every company starts its
sign-in at one process and its callback goes to the other; then its lists are read, and a sync and a
reconciliation are requested, so that different workers access the same books. Each 429 is caused by
the fleet itself, because there are no other clients.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
from rich.console import Console
from rich.table import Table

from proof.kills.postgres import server
from quickbooks_emulator.testing import consent
from tests.processes import CLIENT_ID, CLIENT_SECRET, Process, free_port, variables

APIS, WORKERS, COMPANIES = 2, 3, 20
PATIENCE_SECONDS = 300.0
CALLBACK = "/api/integrations/accounting/callback"


@dataclass(frozen=True, slots=True)
class Fleet:
    """The URLs of the emulator and of the API processes, and the token for the API."""

    emulator_url: str
    api_urls: list[str]
    token: str

    def ask(self, at: int, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401  JSON
        """Send a request to one of the API processes and return the JSON response."""
        url = self.api_urls[at % len(self.api_urls)] + path
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx2.request(method, url, headers=headers, timeout=60, **more)
        assert answer.status_code < 400, answer.text
        return answer.json() if answer.content else None

    def sees(self, path: str, **query: Any) -> Any:  # noqa: ANN401  JSON
        """Read from the emulator's control API."""
        answer = httpx2.get(f"{self.emulator_url}/_emulator/{path}", params=query, timeout=60)
        return answer.raise_for_status().json()


def main(companies: int) -> None:
    """Connect this many companies at once and print what the emulator received."""
    with fleet(companies) as made:
        realms = [one["realm_id"] for one in made.sees("companies")]
        began = time.perf_counter()
        with ThreadPoolExecutor(companies) as threads:
            list(threads.map(lambda one: connect(made, *one), enumerate(realms)))
        wall = time.perf_counter() - began
        entries = made.sees("journal", kind="request", limit=10**6)["entries"]
    print_table(companies, wall, entries)


def connect(made: Fleet, at: int, realm: str) -> None:
    """Connect one company, then read its lists, run a sync and request a reconciliation."""
    base = f"/api/businesses/biz_{at}/integrations/accounting"
    begun = made.ask(at, "POST", f"{base}/connect", json={"provider": "quickbooks"})
    with httpx2.Client(follow_redirects=False) as browser:
        back = urlsplit(consent(browser, begun["authorizationUrl"], realm))
    made.ask(at + 1, "GET", f"{base}/callback", params=dict(parse_qsl(back.query)))
    one = f"{base}/{made.ask(at, 'GET', base)['items'][0]['id']}"
    made.ask(at, "POST", f"{one}/reconciliation")
    made.ask(at, "POST", f"{one}/sync", json={})
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_settled(made, at, one):
        assert time.monotonic() < end, one
        time.sleep(0.5)


def is_settled(made: Fleet, at: int, one: str) -> bool:
    """Return whether a company's lists have been read and its sync has ended."""
    listed = made.ask(at, "GET", f"{one}/bank-accounts")["total"]
    state = made.ask(at, "GET", f"{one}/sync/status")["state"]
    return bool(listed) and state not in ("queued", "running", "waiting")


@contextmanager
def fleet(companies: int) -> Iterator[Fleet]:
    """Start all processes, each after the last one is ready; kill them at the end of the block."""
    public_url = f"http://localhost:{free_port()}"
    names = [f"--company=Company {at}" for at in range(companies)]
    app = [f"--client-id={CLIENT_ID}", f"--client-secret={CLIENT_SECRET}"]
    doorway = f"--redirect-uri={public_url}{CALLBACK}"
    emulator = Process(
        ["quickbooks_emulator", "--port=0", *app, doorway, *names],
        {},
        r"(?s)at (http://\S+).*books",
    )
    with server() as postgres, ExitStack() as ended:
        postgres.wait_for_no_disk()
        url = started(ended, emulator)
        environment = variables(postgres.new_database(), public_url, url)
        command(environment, "migrate")
        token = command(environment, "token", "issue", "--role=platform", "--name=fleet")
        serve = ["cleo_accounting", "serve", "--port=0", "--no-worker"]
        # Even with a public URL configured, `serve` prints the URL of its own port.
        apis = [
            started(ended, Process(serve, environment, r"at (http://\S+)")) for _ in range(APIS)
        ]
        for _ in range(WORKERS):
            started(ended, Process(["cleo_accounting", "work"], environment, r"(Working)"))
        yield Fleet(url, [one.replace("localhost", "127.0.0.1") for one in apis], token)


def started(ended: ExitStack, process: Process) -> str:
    """Start a process, register it to be killed at the end, and return what it announced."""
    said = process.start()
    ended.callback(process.kill)
    return said


def command(environment: dict[str, str], *words: str) -> str:
    """Run a command of the service and return its output."""
    done = subprocess.run(
        [sys.executable, "-m", "cleo_accounting", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def print_table(companies: int, wall: float, entries: list[dict[str, Any]]) -> None:
    """Print the requests that reached the accounting API."""
    asked = [one for one in entries if one["request"]["path"].startswith("/v3/company/")]
    refused = sum(one["response"]["status"] == 429 for one in asked)
    title = f"{APIS} API, {WORKERS} workers, {companies} companies connecting at once"
    table = Table(title=title)
    for name in ("requests to books", "most of a company in a second", "wall", "429"):
        table.add_column(name, justify="right")
    table.add_row(
        f"{len(asked):,}", str(busiest(asked)), f"{wall:.0f} s", f"{refused} × of our own making"
    )
    Console().print(table)


def busiest(asked: list[dict[str, Any]]) -> int:
    """Return the largest number of requests to one company within any second."""
    moments: dict[str, list[datetime]] = {}
    for one in asked:
        realm = one["request"]["path"].split("/")[3]
        moments.setdefault(realm, []).append(datetime.fromisoformat(one["at"]))
    most: Counter[str] = Counter()
    for realm, at in moments.items():
        at.sort()
        first = 0
        for last, moment in enumerate(at):
            while moment - at[first] >= timedelta(seconds=1):
                first += 1
            most[realm] = max(most[realm], last - first + 1)
    return max(most.values(), default=0)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COMPANIES)
