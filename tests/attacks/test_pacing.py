"""All processes share a company's budget of requests, so that they do not get throttled."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.errors import Throttled
from cleo_accounting.store import paces
from cleo_accounting.store.database import Database
from cleo_accounting.store.paces import Paces
from cleo_accounting.store.tables import requests
from quickbooks_emulator.testing import CLIENT_ID, CLIENT_SECRET
from tests.providers.sides import DISCOVERY_URL, QuickBooksSide
from tests.providers.world import provider

IN_THE_AIR = timedelta(seconds=140)


def _fleet(side: QuickBooksSide, database: Database | None, size: int) -> list[Any]:
    """Return `size` processes that use one company's books, each with a pacer of its own."""
    known = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "discovery_url": DISCOVERY_URL}
    more = {"fleet": Paces(database, side.clock, IN_THE_AIR)} if database else {}
    return [
        provider(side.intuit.transport(), side.clock, **known, **more).open(
            side.intuit.realm_id, side.keeper
        )
        for _ in range(size)
    ]


def _ask_in_turn(fleet: list[Any], number: int) -> int:
    for at in range(number):
        fleet[at % len(fleet)].read(RemoteKind.VENDOR, ["1"])
    return sum(one.usage().throttled for one in fleet)


def test_five_processes_that_ask_for_one_company_never_meet_a_429(database: Database) -> None:
    with QuickBooksSide.opened(latency_seconds=0.01) as side:
        assert _ask_in_turn(_fleet(side, database, 5), 120) == 0


def test_without_a_shared_budget_they_would(database: Database) -> None:
    with QuickBooksSide.opened(latency_seconds=0.01) as side, pytest.raises(Throttled):
        _ask_in_turn(_fleet(side, None, 5), 120)


def test_a_company_s_minute_is_shared_and_no_other_company_waits(database: Database) -> None:
    with QuickBooksSide.opened(latency_seconds=0.0) as side:
        turns = Paces(database, side.clock, IN_THE_AIR)
        minute = [(3, 60.0, False)]
        for _ in range(3):
            turns.end(turns.take("company", minute, batch=False)[0])
        taken, seconds = turns.take("company", minute, batch=False)

        assert (taken, seconds) == (0, 60.0)
        assert turns.take("another", minute, batch=False)[0]
        side.clock.sleep(60)
        assert turns.take("company", minute, batch=False)[0]


def test_only_batches_wait_for_batches(database: Database) -> None:
    with QuickBooksSide.opened(latency_seconds=0.0) as side:
        turns = Paces(database, side.clock, IN_THE_AIR)
        at_once = [(1, 0.0, True)]
        first, _ = turns.take("company", at_once, batch=True)
        assert first
        assert turns.take("company", at_once, batch=True) == (0, 0.1)
        assert turns.take("company", [(9, 1.0, False)], batch=False)[0]
        turns.end(first)
        assert turns.take("company", at_once, batch=True)[0]


def test_the_turn_of_a_process_that_died_is_over_by_itself(database: Database) -> None:
    with QuickBooksSide.opened(latency_seconds=0.0) as side:
        turns = Paces(database, side.clock, IN_THE_AIR)
        assert turns.take("company", [(1, 1.0, False)], batch=False)[0]
        assert not turns.take("company", [(1, 1.0, False)], batch=False)[0]
        side.clock.sleep(IN_THE_AIR.total_seconds() + 1)

        assert turns.take("company", [(1, 1.0, False)], batch=False)[0]


def test_the_turn_of_a_worker_known_to_be_dead_is_over_soon(database: Database) -> None:
    with QuickBooksSide.opened(latency_seconds=0.0) as side:
        turns = Paces(database, side.clock, IN_THE_AIR)
        one_batch = [(1, 0.0, True)]
        assert turns.take("company", one_batch, batch=True)[0]
        with database.transaction() as tx:
            paces.end_of_lost(tx, side.clock, "single")
        assert not turns.take("company", one_batch, batch=True)[0]  # Intuit may still work on it
        side.clock.sleep(11)

        assert turns.take("company", one_batch, batch=True)[0]


def test_the_turns_of_the_living_workers_are_not_ended_with_those_of_a_dead_one(
    new_postgres: Callable[[], str],
) -> None:
    url, names = new_postgres(), ("worker-dead", "worker-alive")
    databases = [Database(url) for _ in names]
    for one, name in zip(databases, names, strict=True):
        one.sign(name)
        assert Paces(one, RealTime(), IN_THE_AIR).take("company", [], batch=True)[0]  # type: ignore[arg-type]
    with databases[1].transaction() as tx:
        paces.end_of_lost(tx, RealTime(), "worker-dead")  # type: ignore[arg-type]
        told = tx.execute(select(requests.c.holder, requests.c.ends_at, func.clock_timestamp()))
        seconds = {holder: (ends_at - now).total_seconds() for holder, ends_at, now in told}

    assert seconds["worker-dead"] <= 10
    assert seconds["worker-alive"] > 100
    for one in databases:
        one.close()


def test_a_database_that_is_away_keeps_nobody_from_the_books(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("", {}, Exception())

    with QuickBooksSide.opened(latency_seconds=0.01) as side:
        (books,) = _fleet(side, database, 1)
        monkeypatch.setattr(Database, "transaction", away)

        assert books.read(RemoteKind.VENDOR, ["1"])


@dataclass
class RealTime:
    """The machine's time, which on PostgreSQL is used only for waiting."""

    def now(self) -> Any:
        raise AssertionError("the database's clock counts")

    def monotonic(self) -> float:
        return time.monotonic()


def test_on_postgresql_the_database_s_clock_counts_however_many_ask_at_once(
    new_postgres: Callable[[], str],
) -> None:
    databases = [Database(url) for url in [new_postgres()] * 3]
    fleet = [Paces(one, RealTime(), IN_THE_AIR) for one in databases]  # type: ignore[arg-type]
    window = [(10, 30.0, False)]

    with ThreadPoolExecutor(6) as threads:
        taken = list(
            threads.map(lambda at: fleet[at % 3].take("company", window, batch=False), range(30))
        )

    assert sum(bool(turn) for turn, _ in taken) == 10
    for one in databases:
        one.close()
