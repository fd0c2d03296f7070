"""Measure the page with 10,000 vendors and 50,000 items: p50 and p95 of every view.

    python -m benchmarks.page [vendors] [items] [--database postgresql]

The API's lists of the same data are requested, too. The last two columns hardly depend on the
machine's other load: processor time (of service and client) and the number of SQL statements.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx2
from sqlalchemy import event, text

from cleo_accounting.core.links import Link, Origin, Remote, RemoteKind
from cleo_accounting.core.reconciliation import Discrepancy, Finding, Reconciliation
from cleo_accounting.core.records import Money
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.admin import access
from cleo_accounting.flows.company import steer
from cleo_accounting.store import links, operations, reconciliations, runs, schema
from cleo_accounting.store.access import Rank
from cleo_accounting.store.database import Database
from cleo_accounting.store.operations import Row
from cleo_accounting.store.runs import Run, Stage
from proof.kills import postgres
from tests.page.house import Place, served
from tests.world import BUSINESS, World, connection, payable

ASKED = 40
LIMIT_MILLISECONDS = 300
VIEWS = (
    "",
    "/mapping/vendors",
    "/mapping/vendors?show=unmapped",
    "/mapping/vendors?show=todo",
    "/mapping/vendors?search=harbor+summit",
    "/mapping/vendors?search=nobody",
    "/mapping/vendors/{unmapped}",
    "/mapping/vendors/{unmapped}?search=summit",
    "/mapping/fields",
    "/preview",
    "/issues",
    "/issues?code=duplicate_number",
    "/activity",
    "/activity?search=INV-123",
    "/activity?outcome=waiting",
    "/activity?outcome=sent&kind=bill",
    "/activity?since=2026-01-01&least=200",
    "/activity?page=500",
    "/activity/bill/pay_77",
    "/activity/runs",
    "/compare",
    "/compare?page=2",
    "/settings",
)
LISTS = (
    "/sync/status",
    "/vendors?search=summit",
    "/vendors/mappings",
    "/vendors/suggestions",
    "/issues",
    "/activity",
    "/weeks",
    "/reconciliation",
)
_AT_ONCE = 5_000
_FIRST = "Harbor Summit Pioneer Lakeside Kestrel Olive Tidewater Bright Northwind Granite".split()
_SECOND = "Supply Legal Printing Janitorial Courier Catering Electric Clinic Traders Works".split()


def main() -> int:
    """Fill a database, measure every view and print a table; returns 1 if a view is too slow."""
    wanted = argparse.ArgumentParser(description="How fast the page answers.")
    wanted.add_argument("vendors", type=int, nargs="?", default=10_000)
    wanted.add_argument("items", type=int, nargs="?", default=50_000)
    wanted.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    given = wanted.parse_args()
    with fresh(given.database) as database, served(database) as place:
        began = time.perf_counter()
        fill(place, given.vendors, given.items)
        print(
            f"{given.vendors:,} vendors, {given.items:,} items, on {given.database},"
            f" in {time.perf_counter() - began:.0f} s"
        )
        slow = ask(place, {"unmapped": f"conn_{given.vendors - 1}"})
    return 1 if slow else 0


@contextmanager
def fresh(sort: str) -> Iterator[Database]:
    """Yield an empty database of this type, which exists until the end of the block."""
    if sort == "postgresql":
        with postgres.server() as server:
            yield from _migrated(server.wheel.get_uri())
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield from _migrated(f"sqlite:///{folder}/page.sqlite")


def _migrated(url: str) -> Iterator[Database]:
    database = Database(url)
    schema.upgrade(database)
    yield database
    database.close()


def fill(place: Place, vendors: int, items: int) -> None:
    """Connect an integration and store the data of one that has been in use for long."""
    world = place.world
    world.connect()
    place.look()
    world.choose(expense_account_id=world.account("Expense"))
    world.feed(*(connection(at, name_of(at)) for at in range(vendors)))
    for first in range(0, items, 10_000):
        last = min(items, first + 10_000)
        world.feed(*(payable(at, 10_000 + at, to=at % vendors) for at in range(first, last)))
    steer.confirm(world.house, BUSINESS, world.integration_id, "user:bench")
    now = world.house.clock.now()
    with world.house.database.transaction() as tx:
        some = [Remote(RemoteKind.VENDOR, f"v{at}", "0", name_of(at)) for at in range(vendors)]
        links.see(tx, world.integration_id, some, now)
        made = [
            Link(f"conn_{at}", RemoteKind.VENDOR, f"v{at}", "0", Origin.LINKED, None, name_of(at))
            for at in range(vendors * 4 // 5)
        ]
        links.put_links(tx, world.integration_id, made, by="bench", now=now)
    for dry in (True, False):
        _run(world, vendors, items, dry_run=dry)
    _compare(world, items)
    if not world.house.database.is_file:  # as autovacuum would do soon
        with world.house.database.engine.connect() as connected:
            connected.execution_options(isolation_level="AUTOCOMMIT").execute(
                text("vacuum analyze")
            )


def _run(world: World, vendors: int, items: int, *, dry_run: bool) -> None:
    database, now = world.house.database, world.house.clock.now()
    run = Run(
        id=world.house.new_id("run"),
        integration_id=world.integration_id,
        business_id=BUSINESS,
        entity_types=("vendors", "bankAccounts", "invoices"),
        dry_run=dry_run,
        trigger=Trigger.API,
        asked_by="user:bench",
        state="queued",
        created_at=now,
    )
    with database.transaction() as tx:
        runs.add(tx, run)
        runs.start(tx, run.id, now)
        for kind in (RemoteKind.VENDOR, RemoteKind.BILL):
            runs.add_stage(tx, run.id, Stage(kind.value, planned=True, unchanged=0))
    rows = [_unsure(at) for at in range(vendors * 9 // 10, vendors)]
    rows += [_row(at, dry_run=dry_run) for at in range(items)]
    for first in range(0, len(rows), _AT_ONCE):
        with database.transaction() as tx:
            some = rows[first : first + _AT_ONCE]
            operations.add(tx, run.id, world.integration_id, first, some)
    with database.transaction() as tx:
        runs.finish(
            tx, run.id, "succeeded" if dry_run else "partly_failed", now + timedelta(seconds=90)
        )


def _compare(world: World, items: int) -> None:
    """Store a comparison in which one document in five is in QuickBooks twice, without a link."""
    found = Reconciliation(RemoteKind.BILL, equal=items * 4 // 5)
    found.discrepancies = [
        Discrepancy(
            RemoteKind.BILL,
            f"pay_{at}",
            f"INV-{at}",
            Finding.TWICE,
            "It is there 2 times.",
            ours=Money(10_000 + at, "USD"),
            theirs=Money(10_000 + at, "USD"),
            remote_ids=(f"{at}", f"{items + at}"),
        )
        for at in range(0, items, 5)
    ]
    with world.house.database.transaction() as tx:
        now = world.house.clock.now()
        reconciliations.put(tx, world.integration_id, [found], now)


def _unsure(at: int) -> Row:
    return Row(
        kind=RemoteKind.VENDOR,
        record_id=f"conn_{at}",
        label=name_of(at),
        action="leave",
        state="left",
        code="look_alike",
    )


def _row(at: int, *, dry_run: bool) -> Row:
    waits = at % 50 == 0
    return Row(
        kind=RemoteKind.BILL,
        record_id=f"pay_{at}",
        label=f"INV-{at}",
        action="leave" if waits else "create",
        state="left" if waits else "planned" if dry_run else "written",
        amount_minor=None if waits else 10_000 + at,
        currency=None if waits else "USD",
        code="duplicate_number" if waits else None,
    )


def name_of(at: int) -> str:
    """Return a vendor's name, of which each word is shared by a tenth of all vendors."""
    return f"{_FIRST[at % 10]} {_SECOND[at // 10 % 10]} {at}"


def ask(place: Place, names: dict[str, str]) -> list[str]:
    """Request every view many times; returns those that are too slow. `names` fill the paths."""
    world = place.world
    visitor = place.visitor()
    _, token = access.issue(
        world.house, business_id=BUSINESS, rank=Rank.VIEWER, name="bench", by="bench"
    )
    headers = {"Authorization": f"Bearer {token}"}
    api = f"{place.url}/api/businesses/{BUSINESS}/integrations/accounting/{world.integration_id}"
    filled = [view.format(**names) for view in VIEWS]
    views = {view or "/": place.page + view for view in filled}
    views |= {f"API {path}": api + path for path in LISTS}
    print(f"{'view':<45}{'p50':>6}{'p95':>6}  ms{'CPU':>6}  ms  statements")
    return [name for name, url in views.items() if not _quick(place, visitor, headers, name, url)]


def _quick(
    place: Place, visitor: httpx2.Client, headers: dict[str, str], name: str, url: str
) -> bool:
    sent = {} if name.startswith("/") else headers
    with asked_of(place.world.house.database) as statements:
        _spent(visitor, url, sent)
    began = time.process_time()
    spent = sorted(_spent(visitor, url, sent) for _ in range(ASKED))
    processor = (time.process_time() - began) / ASKED * 1000
    half, most = spent[ASKED // 2], spent[ASKED * 95 // 100]
    mark = "" if most <= LIMIT_MILLISECONDS else "  TOO SLOW"
    print(f"{name:<45}{half:>6.0f}{most:>6.0f}{processor:>10.0f}{len(statements):>16}{mark}")
    return not mark


@contextmanager
def asked_of(database: Database) -> Iterator[list[tuple[str, object]]]:
    """Yield the list of SQL statements that run within the block, each with its parameters."""
    found: list[tuple[str, object]] = []

    def note(*told: object) -> None:
        statement, parameters = told[2:4]
        if statement != "BEGIN":
            found.append((str(statement), parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def _spent(visitor: httpx2.Client, url: str, headers: dict[str, str]) -> float:
    began = time.perf_counter()
    answer = visitor.get(url, headers=headers)
    assert answer.status_code == 200, (url, answer.status_code)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
