"""Every sentence of a document's history is true in random lives, and a false one is detected."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from proof.lives.__main__ import main
from proof.simulation.bench import Bench, bench
from proof.simulation.campaign import judge
from proof.simulation.lives import coded, lives
from proof.zoo.hunt import hunt
from proof.zoo.saying import BUGS

_SEEDS = range(6)  # `python -m proof.lives` plays any number, about a thousand an hour


@pytest.fixture(scope="module")
def table() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.mark.parametrize("seed", _SEEDS)
def test_every_sentence_of_a_random_life_is_true(table: Bench, seed: int) -> None:
    assert judge(lives(seed), table).violations == []


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: str(bug.name))
def test_a_planted_falsehood_is_seen(table: Bench, bug: object) -> None:
    caught = hunt(bug, table)  # type: ignore[arg-type]

    assert caught.by
    assert {"I19", "I20"} & set(caught.invariants)


def test_coding_a_line_breaks_no_promise(table: Bench) -> None:
    assert judge(coded(0), table).violations == []


def test_a_campaign_says_how_many_lives_it_played(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "3", "--runs", "1"]) == 0
    assert "1 lives, 0 broken" in capsys.readouterr().out
