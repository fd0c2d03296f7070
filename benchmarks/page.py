"""How fast the page answers with 10,000 vendors and 50,000 items: p50 and p95 of every view.

.venv/bin/python -m benchmarks.page [vendors] [items]
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import timedelta

import httpx2

from cleo_accounting.core.links import Link, Origin, Remote, RemoteKind
from cleo_accounting.flows import steer
from cleo_accounting.store import links, operations, runs, schema
from cleo_accounting.store.database import Database, Transaction
from cleo_accounting.store.operations import Row
from cleo_accounting.store.runs import Run, Stage
from tests.page.house import Place, served
from tests.world import BUSINESS, World, connection, payable

ASKED = 40
LIMIT_MILLISECONDS = 300
VIEWS = (
    "",
    "/mapping/vendors",
    "/mapping/vendors?show=unmapped",
    "/mapping/vendors?search=harbor+9",
    "/mapping/vendors/conn_9000",
    "/mapping/vendors/conn_9000?search=summit",
    "/mapping/fields",
    "/preview",
    "/issues",
    "/issues?code=duplicate_number",
    "/activity",
    "/activity?search=INV-123",
    "/activity?outcome=waiting",
    "/activity/bill/pay_77",
    "/activity/runs",
    "/settings",
)
_FIRST = "Harbor Summit Pioneer Lakeside Kestrel Olive Tidewater Bright Northwind Granite".split()
_SECOND = "Supply Legal Printing Janitorial Courier Catering Electric Clinic Traders Works".split()


def main() -> int:
    """Fill a house, ask for every view, print a table; say whether every view is within bounds."""
    vendors = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    items = int(sys.argv[2]) if len(sys.argv) > 2 else 50_000
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/page.sqlite")
        schema.upgrade(database)
        with served(database) as place:
            began = time.perf_counter()
            fill(place, vendors, items)
            print(f"{vendors:,} vendors, {items:,} items, in {time.perf_counter() - began:.0f} s")
            slow = ask(place)
        database.close()
    return 1 if slow else 0


def fill(place: Place, vendors: int, items: int) -> None:
    """Connect, and put into our memory what a long life would have left there."""
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
            _run(tx, world, items, dry_run=dry)


def _run(tx: Transaction, world: World, items: int, *, dry_run: bool) -> None:
    now = world.house.clock.now()
    run = Run(
        id=world.house.new_id("run"),
        integration_id=world.integration_id,
        business_id=BUSINESS,
        entity_types=("vendors", "bankAccounts", "invoices"),
        dry_run=dry_run,
        trigger="bench",
        asked_by="user:bench",
        state="queued",
        created_at=now,
    )
    runs.add(tx, run)
    runs.start(tx, run.id, now)
    for kind in (RemoteKind.VENDOR, RemoteKind.BILL):
        runs.put_stage(tx, run.id, Stage(kind.value, planned=True, unchanged=0))
    rows = [_row(at, dry_run=dry_run) for at in range(items)]
    operations.add(tx, run.id, world.integration_id, 0, rows)
    runs.finish(
        tx, run.id, "succeeded" if dry_run else "partly_failed", now + timedelta(seconds=90)
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
    """A name that a thousand others share a word with."""
    return f"{_FIRST[at % 10]} {_SECOND[at // 10 % 10]} {at}"


def ask(place: Place) -> list[str]:
    """Ask for every view many times; give those that are too slow."""
    visitor = place.visitor()
    slow: list[str] = []
    print(f"{'view':<45}{'p50':>8}{'p95':>8}  ms")
    for view in VIEWS:
        spent = sorted(_spent(visitor, place.page + view) for _ in range(ASKED))
        half, most = spent[ASKED // 2], spent[ASKED * 95 // 100]
        if most > LIMIT_MILLISECONDS:
            slow.append(view)
        mark = "" if most <= LIMIT_MILLISECONDS else "  TOO SLOW"
        print(f"{view or '/':<45}{half:>8.0f}{most:>8.0f}{mark}")
    return slow


def _spent(visitor: httpx2.Client, url: str) -> float:
    began = time.perf_counter()
    answer = visitor.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
