"""The database is killed, full or locked in the middle of a sync, and recovers."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import text

from cleo_accounting.store import schema
from cleo_accounting.store.database import Database
from proof.kills.postgres import Server, server
from tests.crash.given import cents, exactly, feed, marks, owed, wait_until
from tests.processes import Stage, free_port, stage

BILLS = 600


@pytest.fixture
def own_postgres() -> Iterator[Server]:
    """A PostgreSQL server for this test alone, which may kill it."""
    with server() as made:
        yield made


def _asked(on: Stage, method: str, path: str, **more: object) -> httpx2.Response:
    """Call our API and return the response, even if it is an error."""
    headers = {"authorization": f"Bearer {on.token}"}
    return httpx2.request(method, on.base + path, headers=headers, timeout=60, **more)  # type: ignore[arg-type]


def _kept(url: str, prefix: str) -> set[str]:
    """Return the ids of the records in our database that start with a prefix."""
    opened = Database(url)
    try:
        with opened.reading() as tx:
            return {
                row.id
                for row in tx.execute(text("select id from records"))
                if row.id.startswith(prefix)
            }
    finally:
        opened.close()


def _ready(on: Stage) -> int:
    return httpx2.get(f"{on.url}/readyz", timeout=60).status_code


def _refuses_politely(answer: httpx2.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["code"] == "database_away"
    assert "Traceback" not in answer.text
    assert "sqlalchemy" not in answer.text.lower()


def _payable(name: str) -> dict[str, object]:
    return {
        "connectionId": "conn_1",
        "amount": "7.00",
        "invoiceNumber": name,
        "invoiceDate": "2026-01-05",
        "status": "APPROVED",
    }


def test_postgresql_is_killed_and_comes_back_in_the_middle_of_a_sync(own_postgres: Server) -> None:
    url = own_postgres.new_database()
    migrated = Database(url)
    schema.upgrade(migrated)
    migrated.close()
    with stage(url, free_port()) as on:
        on.connect()
        on.choose_expense_account()
        feed(on, BILLS)
        on.ask("POST", f"{on.one}/sync", json={})
        for part in (4, 2):
            wait_until(lambda part=part: len(marks(on)) >= BILLS // part)
            own_postgres.kill()
            wait_until(lambda: _ready(on) == 503)
            _refuses_politely(_asked(on, "GET", f"{on.one}/sync/status"))
            _refuses_politely(
                _asked(
                    on,
                    "PUT",
                    f"{on.records}/payables/pay_lost",
                    json=_payable("L-1"),
                )
            )
            page = httpx2.get(f"{on.base}{on.one}/overview", headers={"accept": "text/html"})
            assert "Traceback" not in page.text
            own_postgres.start()
            wait_until(lambda: _ready(on) == 200)

        assert on.finish(60)["state"] == "succeeded"
        assert marks(on) == exactly(BILLS)
        assert cents(on) == owed(BILLS)
        assert not _kept(url, "pay_lost")


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """Yield a disk of 24 MB; mounting it needs root, and the checks of a change run as root."""
    place = folder / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("A disk that is full needs root to mount one: run this as root.")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)],
        check=False,
        capture_output=True,
        text=True,
    )
    if made.returncode:
        pytest.skip(f"A disk that is full cannot be had here: {made.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def _fill(disk: Path) -> None:
    """Fill all the space that is left on a disk."""
    with (disk / "ballast").open("ab", buffering=0) as ballast:
        for size in (1_000_000, 4096, 1):
            try:
                while True:
                    ballast.write(b"x" * size)
            except OSError:
                continue


def test_a_full_disk_takes_nothing_and_loses_nothing(
    new_sqlite: Callable[[], str], tmp_path: Path
) -> None:
    with _small_disk(tmp_path) as disk:
        shutil.copy(new_sqlite().removeprefix("sqlite:///"), disk / "cleo.sqlite")
        url = f"sqlite:///{disk}/cleo.sqlite"
        with stage(url, free_port()) as on:
            on.connect()
            on.choose_expense_account()
            feed(on, BILLS)
            on.ask("POST", f"{on.one}/sync", json={})
            wait_until(lambda: len(marks(on)) >= BILLS // 4)
            _fill(disk)
            answers = {
                n: _asked(
                    on,
                    "PUT",
                    f"{on.records}/payables/full_{n}",
                    json=_payable(f"F-{n}"),
                )
                for n in range(200)
            }
            refused = {n for n, one in answers.items() if one.status_code >= 300}
            assert refused, "the disk was not full"
            for n in refused:
                _refuses_politely(answers[n])
            (disk / "ballast").unlink()

            told = on.finish(60)
            assert _kept(url, "full_") == {f"full_{n}" for n in answers.keys() - refused}
            assert told["state"] == "succeeded"
            assert {name for name in marks(on) if name.startswith("pay_")} == exactly(BILLS).keys()
            assert set(marks(on).values()) == {1}
            assert _ready(on) == 200


def test_a_file_that_somebody_else_locks_is_waited_for(new_sqlite: Callable[[], str]) -> None:
    url = new_sqlite()
    with stage(url, free_port(), CLEO_LOG_LEVEL="WARNING") as on:
        on.connect()
        on.choose_expense_account()
        feed(on, 200)
        on.ask("POST", f"{on.one}/sync", json={})
        wait_until(lambda: marks(on))
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as foreign:
            foreign.isolation_level = None
            foreign.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            answer = _asked(
                on,
                "PUT",
                f"{on.records}/payables/pay_locked",
                json=_payable("L-1"),
            )
            waited = time.monotonic() - began
            readable = _asked(on, "GET", f"{on.one}/sync/status")
            foreign.execute("ROLLBACK")

        _refuses_politely(answer)
        assert waited >= 5  # a lock of another process is usually short
        assert readable.status_code == 200
        assert on.finish(60)["state"] == "succeeded"
        assert marks(on) == exactly(200)
        assert not _kept(url, "pay_locked")
