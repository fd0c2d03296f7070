"""A campaign's result does not depend on the number of processes, and its page reports it."""

from __future__ import annotations

from pathlib import Path

from proof.page import written
from proof.record import keep, kept, of_here, of_seeds
from proof.simulation.campaign import judged
from proof.tally import Tally

_SEEDS = range(20, 23)


def test_seeds_judged_by_two_processes_come_to_what_one_makes_of_them_in_the_same_order() -> None:
    alone, together = Tally(), Tally()
    for one in judged(_SEEDS):
        alone.take(one)

    told = list(judged(_SEEDS, jobs=2))
    for one in told:
        together.take(one)

    assert [one.seed for one in told] == list(_SEEDS)
    assert together == alone
    assert alone.requests > alone.effects > 0


def test_a_page_shows_every_record_that_is_kept_with_all_that_broke(tmp_path: Path) -> None:
    told = {**of_seeds(Tally(seeds=7), 3, 3600.0, 2), "broken": ["seed 4: I1 pay_0: twice"]}
    keep(of_here("Seeds", "python -m proof.simulation", **told), tmp_path / "2-seeds.json")
    keep(of_here("Kills", "python -m proof.kills", figures={"kills": "9"}), tmp_path / "3.json")

    page = written(kept(tmp_path))

    assert page.index("## Seeds") < page.index("seed 4: I1 pay_0: twice") < page.index("## Kills")
    assert "| seeds played | 7 (from 3) |" in page
    assert "| rate | 7 an hour, 2 at once |" in page
    assert "| kills | 9 |" in page
    assert "100,000 seeds were wanted, 7 are told of above" in page
