"""The command line as processes: the demo runs to its end, the service starts and stops cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.terminal import BUSINESS, Terminal
from tests.processes import Process
from tests.world import KEY

ENVIRONMENT = {
    "CLEO_ENCRYPTION_KEYS": KEY,
    "CLEO_AUDIT_KEYS": KEY,
    "CLEO_QUICKBOOKS_CLIENT_ID": "client",
    "CLEO_QUICKBOOKS_CLIENT_SECRET": "secret",
}
SERVE = ("cleo_accounting", "serve", "--port", "0")
LISTENS = r"at (http://\S+)"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**ENVIRONMENT, "CLEO_DATABASE_URL": f"sqlite:///{tmp_path / 'cleo.sqlite'}"}


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLEO_")}
    return subprocess.run(
        [sys.executable, "-m", "cleo_accounting", *arguments],
        env={**kept, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_demo_tells_its_story_to_the_end() -> None:
    told = command("demo", "--exit")

    assert told.returncode == 0, told.stdout + told.stderr
    assert "463 taken, 0 refused" in told.stdout
    assert "is connected" in told.stdout
    assert "Fix one" in told.stdout
    assert "0 written" in told.stdout
    assert "39 payments were completed: 38 recorded, 302,717.39 USD" in told.stdout
    assert "1,572.31 USD    786.15 USD recorded" in told.stdout  # a bill's open and paid amounts
    assert "returned by the bank with the code R01" in told.stdout
    assert "All sent documents and payments are equal; 19 documents worth" in told.stdout


def test_the_service_serves_until_it_is_told_to_end(environment: dict[str, str]) -> None:
    service = Process(SERVE, environment, LISTENS)

    url = service.start()

    assert url.startswith("http://localhost:")
    assert service.stop() == 0


def test_a_second_worker_on_one_file_is_refused(environment: dict[str, str]) -> None:
    service = Process(SERVE, environment, LISTENS)
    service.start()
    try:
        refused = command("work", **environment)
        only_answers = Process((*SERVE, "--no-worker"), environment, LISTENS)
        only_answers.start()
        assert only_answers.stop() == 0
    finally:
        service.stop()

    assert refused.returncode == 2
    assert "Another process already works" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_port_that_is_taken_is_said_plainly(environment: dict[str, str]) -> None:
    service = Process(SERVE, environment, LISTENS)
    port = service.start().rpartition(":")[2]
    try:
        refused = command("serve", "--no-worker", "--port", port, **environment)
    finally:
        service.stop()

    assert refused.returncode == 2
    assert port in refused.stderr


def test_a_sync_that_is_interrupted_goes_on_where_it_stopped(terminal: Terminal) -> None:
    rows = "".join(f"Vendor {at},{at},2026-01-05,1.00\n" for at in range(300))
    terminal.connect()
    header = "vendor_name,invoice_number,payment_date,amount\n"
    terminal.good("import", terminal.file("many.csv", header + rows))
    books = terminal.intuit.company.books.records
    before = len(books["Vendor"])
    slow = {"CLEO_PACE_REQUESTS_PER_SECOND": "1", "CLEO_PACE_BATCHES_AT_ONCE": "1"}
    environment = {**terminal.environment, **slow}  # ten batches take ten seconds
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLEO_")}
    sync = subprocess.Popen(
        [sys.executable, "-m", "cleo_accounting", "sync", "vendors", "--business", BUSINESS],
        env={**kept, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # Tests that run in the background ignore Ctrl-C, and so would this process.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    while len(books["Vendor"]) == before:
        assert sync.poll() is None, sync.stderr
        time.sleep(0.01)
    sync.send_signal(signal.SIGINT)
    _, said = sync.communicate(timeout=60)
    halfway = len(books["Vendor"]) - before

    terminal.good("sync", "vendors")

    assert sync.returncode == 130, said
    assert "continues" in said
    assert "Traceback" not in said
    assert 0 < halfway <= 300
    assert len(books["Vendor"]) - before == 300
