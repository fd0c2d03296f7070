"""A worker is suspended (its machine sleeps, its disk hangs) and wakes up long afterwards."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import cast

import psycopg
import pytest
from sqlalchemy import text

from cleo_accounting.store import workers
from cleo_accounting.store.database import RESTING_SECONDS_MAX, Database
from tests.crash.given import cents, exactly, feed, marks, owed, wait_until
from tests.processes import Process, Stage, free_port, stage

BILLS = 900


def _worker(on: Stage) -> Process:
    worker = Process(["cleo_accounting", "work"], on.service.environment, r"(Working)")
    worker.start()
    return worker


def _signal(worker: Process, number: signal.Signals) -> None:
    assert worker.started is not None
    os.kill(worker.started.pid, number)


def test_a_worker_that_wakes_up_after_its_lease_writes_nothing_twice(
    new_postgres: Callable[[], str],
) -> None:
    with stage(new_postgres(), free_port()) as on:
        on.service.arguments = [*on.service.arguments, "--no-worker"]
        on.connect()
        workers = [_worker(on)]
        try:
            on.choose_expense_account()
            feed(on, BILLS)
            on.ask("POST", f"{on.one}/sync", json={})
            wait_until(lambda: on.counted("Bill") >= BILLS // 3)
            _signal(workers[0], signal.SIGSTOP)
            stopped_at = on.counted("Bill")
            workers.append(_worker(on))
            wait_until(lambda: on.counted("Bill") > stopped_at + 60)
            _signal(workers[0], signal.SIGCONT)
            told = on.finish(90)
        finally:
            for worker in workers:
                _signal(worker, signal.SIGCONT)
                worker.kill()

        assert told["state"] == "succeeded", told
        assert marks(on) == exactly(BILLS)
        assert cents(on) == owed(BILLS)


def test_the_one_worker_of_a_file_goes_on_when_it_wakes_up(new_sqlite: Callable[[], str]) -> None:
    bills = 300
    with stage(new_sqlite(), free_port()) as on:
        on.connect()
        on.choose_expense_account()
        feed(on, bills)
        on.ask("POST", f"{on.one}/sync", json={})
        wait_until(lambda: marks(on))
        _signal(on.service, signal.SIGSTOP)
        time.sleep(3)  # longer than the lease
        second = Process(["cleo_accounting", "work"], on.service.environment, r"(Working)")
        with pytest.raises(AssertionError, match="Another process already works"):
            second.start()
        _signal(on.service, signal.SIGCONT)

        assert on.finish(60)["state"] == "succeeded"
        assert marks(on) == exactly(bills)


def test_who_rests_in_a_transaction_is_ended_by_the_server(
    new_postgres: Callable[[], str],
) -> None:
    suspended, other = Database(url := new_postgres()), Database(url)
    resting = suspended.engine.connect()
    try:
        allowed = resting.execute(text("show idle_in_transaction_session_timeout")).scalar()
        assert allowed == f"{RESTING_SECONDS_MAX}s"
        resting.execute(text("set idle_in_transaction_session_timeout = '200ms'"))
        resting.execute(text("insert into workers values ('w1', now(), now())"))

        with other.transaction() as tx:  # it would wait for the suspended worker's row
            tx.execute(text("set local lock_timeout = '20s'"))
            tx.execute(text("insert into workers values ('w1', now(), now())"))
    finally:
        resting.invalidate()
        other.close()
        suspended.close()


def test_a_worker_that_is_taken_for_dead_loses_what_it_had_begun(
    new_postgres: Callable[[], str],
) -> None:
    suspended, other = Database(url := new_postgres()), Database(url)
    suspended.sign("worker-1")
    resting = suspended.engine.connect()
    # Several statements are sent as a pipeline; no timeout of the server applies while it lasts.
    pipeline = cast("psycopg.Connection", resting.connection.driver_connection).pipeline()
    try:
        with pipeline as sent:
            resting.execute(text("insert into workers values ('w1', now(), now())"))
            sent.sync()
            with other.transaction() as tx:
                tx.execute(text("set local lock_timeout = '20s'"))
                workers.cut_off(tx, "worker-1")
                tx.execute(text("insert into workers values ('w1', now(), now())"))
    except psycopg.OperationalError:
        pass
    finally:
        resting.invalidate()
        with other.reading() as tx:
            assert workers.living(tx) == ["w1"]
        other.close()
        suspended.close()
