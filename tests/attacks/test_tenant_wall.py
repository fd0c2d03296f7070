"""The second wall between businesses: row-level security stops a query without a business.

Tested on PostgreSQL, as the role of the service. Every condition on the business is removed from
every statement before it is executed, as if each query of the store had the same bug.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.exc import ProgrammingError

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.admin import session
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.reporting import reconcile
from cleo_accounting.flows.run import sync
from cleo_accounting.store import decisions, erasure, idempotency, identities, ignored
from cleo_accounting.store.access import Rank
from cleo_accounting.store.database import Database
from cleo_accounting.store.idempotency import Asked
from cleo_accounting.store.tables import integrations, metadata, runs
from cleo_accounting.store.tenancy import SHARED, across
from tests.flows.test_payments import payment
from tests.house.statements import forgetful
from tests.service import OTHER, Service, app_of, guarded_paths, served
from tests.world import BUSINESS, World, connection, payable, source, world

VICTIM, THIEF = BUSINESS, OTHER
SECRET = "Confidential Vendor"
TENANTS = [table for table in metadata.sorted_tables if table.name not in SHARED]
NAMED = {
    "collection": "payables",
    "entityType": "vendors",
    "field": "name",
    "itemId": "1",
    "kind": "vendor",
    "payableId": "pay_1",
    "recordId": "conn_1",
    "runId": "run_nowhere",
}


@dataclass
class Two:
    """Two businesses with data, seen as the role of the service and as a role above it."""

    here: World
    service: Service
    above: Database

    @property
    def database(self) -> Database:
        return self.here.house.database

    def rows(self, business: str | None = None) -> dict[str, int]:
        """Return how many rows each table really has, of one business or of all."""
        with self.above.reading() as tx:
            if business is not None:
                return dict(erasure.counts(tx, business))
            return {one.name: _count(tx, one) for one in TENANTS}


def _count(tx: Connection, table: Any) -> int:
    return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def _business(here: World, **more: Any) -> None:
    """Connect, feed, sync and reconcile, so that every table has a row of this business."""
    business = here.business_id
    here.open_for_business()
    here.feed(connection(1, more["name"]), payable(1), source(1, "Nowhere"), payment())
    here.sync()
    reconcile.keep(here.house, here.integration_id)
    with here.house.database.of(business).transaction() as tx:
        now = here.house.clock.now()
        ignored.note(tx, business, [("payable", "memo2")], now)
        idempotency.claim(tx, Asked(business, "u", "r", "k", "f"), now=now)
        identities.remember(
            tx, business, "key", identities.Word.OTHER, earlier=None, by="u", now=now
        )
        word = decisions.Verdict("leave_out", "", by="u")
        decisions.decide(tx, here.integration_id, RemoteKind.VENDOR, "conn_9", word, now)
    session.invite(here.house, business, user_id="ana", role=Rank.VIEWER, by="platform")
    connect.begin(here.house, business, "user_2", here.house.doorway_url)


@pytest.fixture(scope="module")
def two(new_postgres: Callable[[], str], as_service: Callable[[str], str]) -> Iterator[Two]:
    """Two businesses with rows in every table, used as the service's role."""
    url = new_postgres()
    above, database = Database(url), Database(as_service(url))
    with world(database) as here:
        _business(here, name=SECRET)
        company = here.intuit.emulator.add_company("Another Company")
        house = here.house.of(THIEF)
        _business(World(house, replace(here.intuit, company=company), THIEF), name="Our Vendor")
        for service in served(here):
            yield Two(here, service, above)
    database.close()
    above.close()


class _Undone(Exception):
    """Rolls a transaction back."""


@contextmanager
def undone(database: Database) -> Iterator[Connection]:
    """A transaction that is rolled back in the end, so that the next test finds all rows."""
    with suppress(_Undone), database.transaction() as tx:
        yield tx
        raise _Undone


@pytest.mark.parametrize("wall", [True, False], ids=["with the wall", "above it"])
def test_of_a_query_that_forgot_the_business_nothing_foreign_is_deleted(
    two: Two, wall: bool
) -> None:
    """All tables at once: erasing a business deletes rows by their business and nothing else."""
    database = two.database if wall else two.above
    before = two.rows(VICTIM)
    with undone(database.of(THIEF)) as tx:
        with forgetful(database) as taken:
            erasure.erase(tx, THIEF)
        with across(tx):
            left = erasure.counts(tx, VICTIM)

    assert {one.name for one in TENANTS} - set(before) == {"audit"}  # it is never erased
    assert len(taken) >= len(before)
    assert left == (before if wall else {})


@pytest.mark.parametrize("wall", [True, False], ids=["with the wall", "above it"])
def test_of_a_query_that_forgot_the_business_nothing_foreign_is_read(two: Two, wall: bool) -> None:
    """The other business reads every path of the API about itself."""
    database = two.database if wall else two.above
    service = two.service
    client = TestClient(app_of(replace(two.here.house, database=database)))
    headers = {"Authorization": f"Bearer {service.tokens[f'other {Rank.ADMIN}']}"}
    mine = connect.latest(two.here.house.of(THIEF), THIEF)
    assert mine is not None
    paths = {
        route.path.format(businessId=THIEF, accountingIntegrationId=mine.id, **NAMED)
        for route in guarded_paths()
        if "{businessId}" in route.path and "GET" in route.methods and "stream" not in route.path
    }
    with forgetful(database) as taken:
        told = {path: client.get(path, headers=headers) for path in sorted(paths)}

    shown = [path for path, answer in told.items() if SECRET in answer.text]
    assert len([one for one in told.values() if one.status_code == 200]) >= len(told) // 2
    assert "audit.business_id" in taken
    assert bool(shown) is not wall, shown


@pytest.mark.parametrize(
    ("table", "wall"),
    [
        pytest.param(table, wall, id=f"{table.name} {'with the wall' if wall else 'above it'}")
        for table in TENANTS
        for wall in (True, False)
        if not (wall and table.name == "audit")  # the service may change no audit entry at all
    ],
)
def test_a_change_of_every_row_changes_no_foreign_one(two: Two, table: Any, wall: bool) -> None:
    database = two.database if wall else two.above
    column = next(one for one in table.c if one.primary_key)
    with undone(database.of(THIEF)) as tx:
        touched = tx.execute(update(table).values({column.name: column})).rowcount
        with across(tx):
            mine = len(_of(tx, table, THIEF))

    assert (touched == mine) is wall


@pytest.mark.parametrize("table", TENANTS, ids=lambda one: one.name)
def test_no_row_is_made_for_another_business(two: Two, table: Any) -> None:
    with two.above.reading() as tx:
        foreign = dict(_of(tx, table, VICTIM)[0])
    with (
        two.database.of(THIEF).transaction() as tx,
        pytest.raises(ProgrammingError, match="row-level security"),
    ):
        tx.execute(table.insert().values(foreign))


def test_without_a_business_nothing_is_seen_also_after_one_was_named(two: Two) -> None:
    database = two.database
    for whose in (database.of(VICTIM), database.across):
        with undone(whose) as tx:
            assert all(_seen(tx).values())
        with Database.reading(_unsaid(database)) as tx:
            assert not any(_seen(tx).values())


def test_a_transaction_that_crossed_on_purpose_belongs_to_its_business_again(two: Two) -> None:
    with two.database.of(THIEF).reading() as tx:
        before = _seen(tx)
        with across(tx):
            assert all(_seen(tx)[name] > number for name, number in before.items())
        assert _seen(tx) == before
        with pytest.raises(_Undone), across(tx):
            raise _Undone
        assert _seen(tx) == before


def test_a_run_still_gives_way_to_that_of_another_business(two: Two) -> None:
    """Queries that cross businesses on purpose see beyond the wall."""
    mine, other = two.here, two.here.house.of(THIEF)
    run = sync.request(mine.house, mine.integration, ["vendors"], trigger=Trigger.PAGE, by="tester")
    fence = sync.take(mine.house, run.id)
    sync.advance(mine.house, run.id, fence)
    assert not sync.give_way(mine.house, run.id, fence)

    theirs = connect.latest(other, THIEF)
    assert theirs is not None
    waiting = sync.request(other, theirs, ["vendors"], trigger=Trigger.PAGE, by="tester")

    assert sync.give_way(mine.house, run.id, fence)
    mine.work(run.id)
    sync.cancel(other, THIEF, theirs.id, waiting.id, "tester")


@pytest.mark.parametrize("business", ["", "*"])
def test_no_business_has_the_name_of_none_or_of_all(two: Two, business: str) -> None:
    with pytest.raises(ValueError, match="a business"):
        two.database.of(business)


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set by = 'somebody else'",
        "delete from audit",
        "truncate audit",
        "truncate records",
        "drop table ignored_fields",
        "create table mine (id integer)",
        "alter table audit disable row level security",
        "drop policy one_business on audit",
        "create policy everything on audit using (true)",
        "alter role current_user bypassrls",
        "create role mine",
        "grant pg_read_all_data to current_user",
    ],
)
def test_the_role_of_the_service_changes_no_act_no_table_and_no_right(
    two: Two, statement: str
) -> None:
    with (
        two.database.across.transaction() as tx,
        pytest.raises(ProgrammingError) as refused,
    ):
        tx.execute(text(statement))

    assert isinstance(refused.value.orig, InsufficientPrivilege)


def _unsaid(database: Database) -> Database:
    """Return the same database for transactions that name no business."""
    unsaid = copy(database)
    unsaid._business = ""
    return unsaid


def _seen(tx: Connection) -> dict[str, int]:
    return {one.name: _count(tx, one) for one in TENANTS}


def _of(tx: Connection, table: Any, business: str) -> Any:
    """Return the rows of a business in a table, selected without the help of a policy."""
    if "business_id" in table.c:
        mine = table.c.business_id == business
    elif "integration_id" in table.c:
        of_business = select(integrations.c.id).where(integrations.c.business_id == business)
        mine = table.c.integration_id.in_(of_business)
    else:
        mine = table.c.run_id.in_(select(runs.c.id).where(runs.c.business_id == business))
    return tx.execute(select(table).where(mine)).mappings().all()
