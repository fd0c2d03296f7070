"""Threads write to a SQLite file in turn, and waiting writers leave the connections free."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text

from cleo_accounting.store import database as store
from cleo_accounting.store.database import AWAY, Database

WRITERS = 40  # more than the number of connections


def test_all_who_wait_to_write_do_so_and_leave_the_connections_to_readers(
    new_sqlite: Callable[[], str],
) -> None:
    database = Database(new_sqlite())
    with database.transaction() as tx:
        tx.execute(text("create table written (number integer)"))
    waiting = threading.Semaphore(0)

    def write(number: int) -> None:
        waiting.release()
        with database.transaction() as tx:
            tx.execute(text("insert into written values (:number)"), {"number": number})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    with database.transaction():
        for thread in threads:
            thread.start()
            assert waiting.acquire(timeout=10)
        with database.reading() as tx:
            seen_meanwhile = tx.execute(text("select count(*) from written")).scalar_one()
    for thread in threads:
        thread.join()
    with database.reading() as tx:
        seen = tx.execute(text("select count(*), count(distinct number) from written")).one()
    database.close()

    assert seen_meanwhile == 0
    assert tuple(seen) == (WRITERS, WRITERS)


def test_who_waits_too_long_to_write_is_told_that_the_database_is_busy(
    new_sqlite: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_BUSY_TIMEOUT_MS", 50)
    database = Database(new_sqlite())
    told: list[Exception] = []

    def write() -> None:
        try:
            with database.transaction():
                pass
        except AWAY as trouble:
            told.append(trouble)

    with database.transaction():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    write()
    database.close()

    assert len(told) == 1
