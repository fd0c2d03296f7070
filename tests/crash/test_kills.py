"""A sample of the kills of `python -m proof`: of whole processes, and at single steps."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from proof.kills.__main__ import real_kills
from proof.kills.points import FLOWS, MODES, Point
from proof.simulation.bench import Bench
from proof.simulation.campaign import judge


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_processes_are_killed_and_each_payable_has_one_bill(database: str) -> None:
    tally = real_kills(database, seed=2026, kills=8, seconds=300)

    assert tally.violations == []
    assert tally.kills >= 8
    assert tally.documents > 0


def test_a_worker_is_killed_at_some_steps_on_postgresql_too(
    new_postgres: Callable[[], str],
) -> None:
    dice = random.Random(2026)
    table = Bench(new_postgres())
    try:
        for flow in FLOWS:
            for at in dice.sample(range(1, 25), 2):
                point = Point(flow, dice.randrange(len(MODES)), (at,))
                assert judge(point.script(), table).violations == [], point
    finally:
        table.close()
