"""Fuzzing every interface: a short run finds nothing, and planted bugs are found."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

from proof.fuzz import hostile
from proof.fuzz.pace import Pace, Size

_DOORS = ("API", "page", "callback", "import")


def _told(*arguments: str) -> tuple[int, str]:
    """Run the command for some seconds, and return its exit code and output."""
    done = subprocess.run(
        [sys.executable, "-m", "proof.fuzz", "--seed", "3", "--minutes", "0.12", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_short_run_asks_at_every_door_and_finds_nothing() -> None:
    code, told = _told()

    assert code == 0, told
    assert "Every promise was kept." in told
    for door in _DOORS:
        assert f"│ {door} " in told


def test_planted_mistakes_are_found() -> None:
    """A handler that raises, one that sleeps for six seconds, and one that shows a traceback."""
    code, told = _told("--plant=raises", "--plant=sleeps", "--plant=tells")

    assert code == 1
    assert "answered 500" in told
    assert "an exception in the log" in told
    assert "s of its own)" in told
    assert "the answer shows “Traceback" in told


def test_a_service_that_ends_by_itself_is_found() -> None:
    code, told = _told("--plant=dies")

    assert code == 1, told
    assert "the process has ended" in told
    assert "Traceback" not in told


def test_memory_that_keeps_growing_is_told_and_warming_up_is_not() -> None:
    warm = [100_000_000] * 200 + [300_000_000] * 1_800
    leaking = [300_000_000 + half * 100_000 for half in range(2_000)]

    assert Size(bytes=warm).grew() == []
    assert "memory grew" in " ".join(Size(bytes=leaking).grew())
    assert Size(bytes=leaking[:500]).grew() == [], "too short to tell"


def test_what_the_machine_took_is_not_the_service_s() -> None:
    pace = Pace(at=[float(second) for second in range(100)], took=[0.01] * 50 + [0.51] * 50)
    size = Size(at=[0.0, 10.0, 20.0, 30.0], waited=[0.0, 0.0, 4.0, 4.0])

    assert pace.stalled(10, 12) == 0
    assert pace.stalled(80, 85) == pytest.approx(0.5)
    assert size.starved(1, 9) == 0
    assert size.starved(12, 15) == pytest.approx(4)


def test_the_same_seed_gives_the_same_hostile_values() -> None:
    first, second = (hostile.mutated(random.Random(7), b"a,b,c\n1,2,3\n") for _ in range(2))

    assert first == second
