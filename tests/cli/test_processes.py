"""At a terminal, as processes: the demo tells its story, the service starts and ends in order."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import Process
from tests.world import KEY

ENVIRONMENT = {
    "CLEO_ENCRYPTION_KEYS": KEY,
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
    assert "Mend one" in told.stdout
    assert "0 written" in told.stdout
    assert "equal to the cent" in told.stdout


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
