"""A worker is replaced in the middle of a sync: by a restart, or by one with newer code."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

import cleo_accounting
from tests.crash.given import cents, exactly, feed, marks, owed, wait_until
from tests.processes import Process, free_port, stage

pytestmark = pytest.mark.both


BILLS = 600
_STEP = "                nap = advance(run_id, fence)\n"


def test_a_service_that_is_told_to_end_does_so_in_time_and_goes_on_at_the_next_start(
    database_url: str,
) -> None:
    with stage(database_url, free_port()) as on:
        on.connect()
        on.choose_expense_account()
        feed(on, BILLS)
        slow = {"kind": "delay", "path": "*/batch", "seconds": 0.5, "times": None}
        httpx2.post(f"{on.intuit_url}/_emulator/faults", json=slow).raise_for_status()
        on.ask("POST", f"{on.one}/sync", json={})
        wait_until(lambda: len(marks(on)) >= BILLS // 4)
        began = time.monotonic()
        assert on.service.stop() == 0
        ended = time.monotonic() - began
        halfway = len(marks(on))
        assert "Traceback" not in "".join(on.service.said)
        on.come_back()

        assert on.finish(60)["state"] == "succeeded"
        assert ended < 20  # seconds; a little less than container platforms give
        assert halfway < BILLS
        assert marks(on) == exactly(BILLS)
        assert cents(on) == owed(BILLS)


def test_newer_code_takes_over_what_older_code_began(
    new_postgres: Callable[[], str], tmp_path: Path
) -> None:
    newer = tmp_path / "cleo_accounting"
    shutil.copytree(Path(cleo_accounting.__file__).parent, newer)
    jobs = (newer / "jobs.py").read_text()
    assert _STEP in jobs
    (newer / "jobs.py").write_text(jobs.replace(_STEP, f"                assert run_id\n{_STEP}"))
    with stage(new_postgres(), free_port()) as on:
        on.service.arguments = [*on.service.arguments, "--no-worker"]
        on.connect()
        work = ["cleo_accounting", "work"]
        older = Process(work, on.service.environment, r"(Working)")
        replaced = {**on.service.environment, "PYTHONPATH": str(tmp_path)}
        newest = Process(work, replaced, r"(Working)")
        older.start()
        try:
            on.choose_expense_account()
            feed(on, BILLS)
            on.ask("POST", f"{on.one}/sync", json={})
            wait_until(lambda: len(marks(on)) >= BILLS // 4)
            older.kill()
            assert len(marks(on)) < BILLS
            newest.start()
            told = on.finish(60)
        finally:
            for one in (older, newest):
                if one.started:
                    one.kill()

        assert told["state"] == "succeeded", told
        assert marks(on) == exactly(BILLS)
