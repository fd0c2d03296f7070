"""Measure how long small businesses wait while others are large, paused or throttled.

    python -m benchmarks.fairness [--small 500] [--documents 100000] [--every 0.5]
    python -m benchmarks.fairness --small 10 --documents 2000      (takes a minute)

The worker is the real one, with its durable engine and Intuit's limits, on SQLite or PostgreSQL;
the emulator is a process of its own. Small businesses request a sync one after the other: first
with no other load, then, in equal number, while one business has many documents to send, some are
paused and some are throttled.
"""

from __future__ import annotations

import argparse
import logging
import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx2
import structlog
from rich.console import Console
from rich.table import Table

from cleo_accounting import bootstrap, settings
from cleo_accounting.core.records import Connection, Money, Payable, PayableStatus, Role
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows import House
from cleo_accounting.flows.company import connect, steer
from cleo_accounting.flows.reporting import progress
from cleo_accounting.flows.run import sync
from cleo_accounting.jobs import Engine, working
from cleo_accounting.store import incoming, integrations, runs, schema
from cleo_accounting.store.integrations import Integration
from cleo_accounting.store.runs import OPEN, Run
from proof.kills.postgres import server
from quickbooks_emulator.testing import consent
from tests.processes import CLIENT_ID, CLIENT_SECRET, Process, variables

BILLS_OF_SMALL = 2
PAGE = 1_000
PATIENCE_SECONDS = 600.0
_DOORWAY = "http://localhost:8000/api/integrations/accounting/callback"


@dataclass(frozen=True, slots=True)
class Waits:
    """The sorted times from the request of runs to their start and to their end, in seconds."""

    begun: Sequence[float]
    done: Sequence[float]


@dataclass(slots=True)
class Town:
    """The service, and the emulator with one company for each business."""

    house: House
    intuit_url: str
    made: int = 0
    expense_account_id: str = ""

    def settle(self, bills: int) -> Integration:
        """Add a business with a connected company of its own and this many bills to send."""
        self.made += 1
        business_id = f"biz_{self.made}"
        realm_id = self._post("companies", name=f"Company {self.made}")["realm_id"]
        begun = connect.begin(self.house, business_id, "user_1", _DOORWAY)
        with httpx2.Client() as browser:
            back = consent(browser, begun.authorization_url, realm_id)
        told = dict(parse_qsl(urlsplit(back).query))
        one = connect.complete(
            self.house,
            state=told["state"],
            code=told["code"],
            company_id=realm_id,
            business_id=business_id,
            user_id="user_1",
        )
        self._furnish(one, bills)
        return one

    def throttle(self, one: Integration) -> None:
        """Make the emulator answer every request about a company with 429."""
        self._post("faults", kind="throttled", path=f"/v3/company/{one.company_id}/*", times=None)

    def _furnish(self, one: Integration, bills: int) -> None:
        now = self.house.clock.now()
        with self.house.database.transaction() as tx:
            fields = replace(one.fields, expense_account_id=self._account(one.company_id))
            integrations.set_fields(tx, one.id, fields, version=one.fields_version)
            incoming.upsert(tx, one.business_id, [Connection(id="conn_1", name="Supplier")], now)
        for at in range(0, bills, PAGE):
            some = [_payable(number) for number in range(at, min(at + PAGE, bills))]
            with self.house.database.transaction() as tx:
                incoming.upsert(tx, one.business_id, some, now)

    def _account(self, realm_id: str) -> str:
        """Return the id of an expense account, which is the same in every new company."""
        if not self.expense_account_id:
            url = f"{self.intuit_url}/_emulator/companies/{realm_id}/records/Account"
            found = httpx2.get(url, params={"limit": 1_000}).json()["Account"]
            self.expense_account_id = next(
                one["Id"] for one in found if one["AccountType"] == "Expense"
            )
        return self.expense_account_id

    def _post(self, where: str, /, **facts: object) -> dict[str, str]:
        answer = httpx2.post(f"{self.intuit_url}/_emulator/{where}", json=facts, timeout=60)
        assert answer.status_code == 200, answer.text
        told: dict[str, str] = answer.json()
        return told


def _payable(number: int) -> Payable:
    return Payable(
        id=f"pay_{number}",
        connection_id="conn_1",
        role=Role.PAYER,
        status=PayableStatus.APPROVED,
        amount=Money(100 + number, "USD"),
        issued_on=date(2026, 1, 5),
        number=f"F-{number}",
    )


@contextmanager
def town(*, postgresql: bool) -> Iterator[Town]:
    """Start a service and an emulator, without any businesses."""
    emulator = Process(
        [
            "quickbooks_emulator",
            "--port=0",
            "--unlimited",
            f"--client-id={CLIENT_ID}",
            f"--client-secret={CLIENT_SECRET}",
            f"--redirect-uri={_DOORWAY}",
        ],
        {},
        r"(?s)at (http://\S+).*books",
    )
    url = emulator.start()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        own = stack.enter_context(server()) if postgresql else None
        database = own.wheel.get_uri() if own else f"sqlite:///{Path(folder) / 'fairness.sqlite'}"
        chosen = settings.read(variables(database, "http://localhost:8000", url))
        house = bootstrap.build(chosen)
        schema.upgrade(house.database)
        try:
            with working(house, Engine(bootstrap.engine_url(chosen))):
                yield Town(house, url)
        finally:
            house.close()
            emulator.kill()


def ask(here: Town, one: Integration) -> Run:
    """Request a sync for a business."""
    wanted = ["vendors", "invoices"]
    return sync.request(here.house, one, wanted, trigger=Trigger.API, by="benchmark")


def measure(here: Town, small: Sequence[Integration], every: float) -> Waits:
    """Request a sync for one business every `every` seconds, and wait until all have succeeded."""
    asked: list[Run] = []
    for one in small:
        asked.append(ask(here, one))
        time.sleep(every)
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        with here.house.database.reading() as tx:
            told = [run for one in asked if (run := runs.get(tx, one.id))]
        if all(run.state not in OPEN for run in told):
            break
        assert time.monotonic() < end, "some small business is not done"
        time.sleep(0.2)
    assert {run.state for run in told} == {"succeeded"}
    return Waits(
        sorted((run.started_at - run.created_at).total_seconds() for run in told if run.started_at),
        sorted(
            (run.finished_at - run.created_at).total_seconds() for run in told if run.finished_at
        ),
    )


def crowd(here: Town, documents: int, paused: int, throttled: int) -> Integration:
    """Request syncs for a large, some paused and some throttled businesses; return the large."""
    large = here.settle(documents)
    held = [here.settle(BILLS_OF_SMALL) for _ in range(paused + throttled)]
    for one in held[:paused]:
        steer.pause(here.house, one.business_id, one.id, "benchmark")
    for one in held[paused:]:
        here.throttle(one)
    for one in (large, *held):
        ask(here, one)
    patience = time.monotonic() + PATIENCE_SECONDS
    while any(_state(here, one) != "waiting" for one in held) or _state(here, large) == "queued":
        assert time.monotonic() < patience, "the others did not begin"
        time.sleep(0.1)
    return large


def end(here: Town, large: Integration) -> str:
    """Cancel the large business's run, wait until it ends, and return its state before that."""
    run = progress.status(here.house, large.business_id, large.id).run
    assert run is not None
    sync.cancel(here.house, large.business_id, large.id, run.id, "benchmark")
    while _state(here, large) in OPEN:
        time.sleep(0.2)
    return run.state


def _state(here: Town, one: Integration) -> str:
    return progress.status(here.house, one.business_id, one.id).state


def at(sorted_values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    return sorted_values[max(0, math.ceil(share * len(sorted_values)) - 1)]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fairness", description=__doc__)
    parser.add_argument("--small", type=int, default=500, help="how many small businesses")
    parser.add_argument("--documents", type=int, default=100_000, help="of the large business")
    parser.add_argument("--every", type=float, default=0.5, help="seconds between two that ask")
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    parser.add_argument("--paused", type=int, default=4)
    parser.add_argument("--throttled", type=int, default=4)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with town(postgresql=asked.postgresql) as here:
        first, second = ([here.settle(BILLS_OF_SMALL) for _ in range(asked.small)] for _ in "ab")
        alone = measure(here, first, asked.every)
        large = crowd(here, asked.documents, asked.paused, asked.throttled)
        beside = measure(here, second, asked.every)
        still = end(here, large)
    table = Table(title=f"{asked.small:,} small businesses, one asks every {asked.every} s")
    for name in ("", "wait p50", "wait p95", "wait max", "done p50", "done p95", "done max"):
        table.add_column(name, justify="right" if name else "left")
    others = f"1 with {asked.documents:,} documents, {asked.paused} paused, {asked.throttled}"
    for name, waits in (("by themselves", alone), (f"beside {others} throttled", beside)):
        figures = [
            at(each, share) for each in (waits.begun, waits.done) for share in (0.5, 0.95, 1)
        ]
        table.add_row(name, *(f"{each:.1f} s" for each in figures))
    Console(width=140).print(table, f"The large business was {still} at the end.")


if __name__ == "__main__":
    main()
