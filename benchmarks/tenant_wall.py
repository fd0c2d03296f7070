"""Measure the cost of row-level security on PostgreSQL: the service's role and one exempt from it.

    python -m benchmarks.tenant_wall [BILLS [ROUNDS]]

A first sync, a sync without changes, and a page's queries about a run are measured, each on a new
database of a server that does not wait for the disk. The roles alternate; the results are the best
of all rounds, which other load on the machine affects least. “In statements” is how long the sync
waited for PostgreSQL.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from rich.console import Console
from rich.table import Table
from sqlalchemy import event
from sqlalchemy.engine import make_url

from cleo_accounting.flows.reporting import progress
from cleo_accounting.store import roles, schema
from cleo_accounting.store.database import Database
from proof.kills.postgres import Server, server
from tests.world import BUSINESS, World, connection, payable, world

ROLE = "cleo_service"
VENDORS = 40
ASKED = 40


def main(bills: int = 2_000, rounds: int = 5) -> None:
    """Measure both roles alternately and print the comparison."""
    found: dict[str, dict[bool, list[float]]] = defaultdict(lambda: {True: [], False: []})
    with server() as own:
        own.wait_for_no_disk()
        with psycopg.connect(own.wheel.get_uri(), autocommit=True) as admin:
            admin.execute(f"create role {ROLE} login".encode())
        for number in range(rounds * 2):
            walled = number % 2 == 1
            for name, seconds in measure(_url(own, walled=walled), bills).items():
                found[name][walled].append(seconds)
    table = Table(title=f"{bills:,} bills, {rounds} rounds: milliseconds")
    for name in ("", "above the wall", "as the service", "ratio"):
        table.add_column(name, justify="right" if name else "left")
    for name, both in found.items():
        above, service = (min(both[one]) * 1_000 for one in (False, True))
        table.add_row(name, f"{above:,.1f}", f"{service:,.1f}", f"{service / above:.2f}")
    Console().print(table)


def _url(own: Server, *, walled: bool) -> str:
    """Return the URL of a new database with the service's tables, for one of the two roles."""
    url = own.new_database()
    database = Database(url)
    schema.upgrade(database)
    roles.grant(database, service=ROLE)
    database.close()
    return make_url(url).set(username=ROLE).render_as_string() if walled else url


def measure(url: str, bills: int) -> dict[str, float]:
    """Return how long each operation takes, in seconds."""
    database = Database(url)
    assert bool(roles.trouble(database)) is (ROLE not in url)
    with world(database) as here:
        here.open_for_business()
        here.feed(*(connection(number) for number in range(VENDORS)))
        here.feed(*(payable(number, to=number % VENDORS) for number in range(bills)))
        with _in_statements(database) as waited:
            found = {"first sync": _timed(here.sync)}
            found["of it in statements"] = waited[0]
            run = progress.list_runs(here.house, BUSINESS, here.integration_id, limit=1)[0][0].id
        found["sync without changes"] = _timed(here.sync)
        for name, ask in _questions(here, run).items():
            ask()
            found[name] = min(_timed(ask) for _ in range(ASKED))
    database.close()
    return found


def _questions(here: World, run: str) -> dict[str, Callable[[], object]]:
    """Return the queries that pages make about a run."""
    where = (here.house, BUSINESS, here.integration_id, run)
    return {
        "how far a run is": lambda: progress.status(*where),
        "the items of a run": lambda: progress.items(*where, limit=20, offset=0),
        "what needs attention": lambda: progress.items(
            *where, limit=20, offset=0, needs_attention=True
        ),
    }


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


@contextmanager
def _in_statements(database: Database) -> Iterator[list[float]]:
    """Sum up the seconds from sending each statement to PostgreSQL until its response."""
    waited, began = [0.0], [0.0]

    def before(*_: object) -> None:
        began[0] = time.perf_counter()

    def after(*_: object) -> None:
        waited[0] += time.perf_counter() - began[0]

    event.listen(database.engine, "before_cursor_execute", before)
    event.listen(database.engine, "after_cursor_execute", after)
    try:
        yield waited
    finally:
        event.remove(database.engine, "before_cursor_execute", before)
        event.remove(database.engine, "after_cursor_execute", after)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
