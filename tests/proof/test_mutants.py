"""Mutants are made where behaviour can change, planted in a copy, and seen by who runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from proof.mutants import trying
from proof.mutants.making import Mutant, equivalents, is_equivalent, made, places_of, planted
from proof.mutants.trying import Trial
from tests.house.test_house import ROOT

MODULE = '''"""A module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Sequence

log = structlog.get_logger(__name__)


def larger(one: int | None, other: int = 3) -> bool:
    """Say whether one is larger."""
    log.info("compared", number=1)
    return one is not None and one > other
'''
MERGE = "cleo_accounting/core/merge.py"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "module.py").write_text(MODULE)
    return tmp_path


def test_each_slip_is_made_once_and_only_where_behaviour_is(source: Path) -> None:
    found = [made(source, place) for place in places_of(source, "module.py")]

    stands = "return one is not None and one > other"
    assert {one.before for one in found if one} == {stands}
    assert {one.after for one in found if one} == {
        "return one is not None and one >= other",
        "return one is not None and one < other",
        "return one is None and one > other",
        "return one is not None or one > other",
    }


def test_a_mutant_differs_from_the_module_in_its_one_line(source: Path) -> None:
    (first, *_) = [one for place in places_of(source, "module.py") if (one := made(source, place))]

    code = planted(source, first)

    assert code == MODULE.replace(first.before, first.after)


def _mutants_of_merge() -> list[Mutant]:
    source = ROOT / "src"
    return [one for place in places_of(source, MERGE) if (one := made(source, place))]


def test_a_slip_that_harms_the_books_is_seen_by_a_test_and_leaves_no_trace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(trying, "WORK", tmp_path)
    mutant = next(one for one in _mutants_of_merge() if one.after == "return theirs != ours")
    untouched = (ROOT / "src" / MERGE).read_text()
    seen = {}
    for test in ("tests/core/test_merge.py", "tests/core/test_numbers.py"):
        trial = Trial({}, {MERGE: {mutant.line: [test]}})
        seen[test] = trial.of(mutant, simulate_always=False).seen
        trial.close()

    assert seen == {"tests/core/test_merge.py": True, "tests/core/test_numbers.py": False}
    assert (ROOT / "src" / MERGE).read_text() == untouched
    assert list(tmp_path.iterdir()) == []


def test_a_mutant_whose_line_nobody_runs_is_not_seen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(trying, "WORK", tmp_path)

    assert not Trial({}, {}).of(_mutants_of_merge()[0], simulate_always=True).seen


def test_every_mutant_that_is_excused_can_be_made_and_has_a_reason() -> None:
    for (path, before, after), why in equivalents().items():
        source = ROOT / "src"
        found = [made(source, place) for place in places_of(source, path)]
        excused = [one for one in found if one and (one.before, one.after) == (before, after)]

        assert excused, (path, before, after)
        assert all(is_equivalent(one) for one in excused)
        assert why.endswith(".")
