"""A campaign comes to the same however many processes share it."""

from __future__ import annotations

from proof.simulation.bench import bench
from proof.simulation.campaign import Tally, judged, judged_by_many

_SEEDS = range(20, 26)


def test_seeds_judged_by_two_processes_come_to_what_one_makes_of_them_in_the_same_order() -> None:
    alone, together = Tally(), Tally()
    with bench() as table:
        for one in judged(_SEEDS, table):
            alone.take(one)

    told = list(judged_by_many(iter(_SEEDS), 2))
    for one in told:
        together.take(one)

    assert [one.seed for one in told] == list(_SEEDS)
    assert together == alone
    assert alone.requests > alone.effects > 0
