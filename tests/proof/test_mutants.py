"""Mutants are made where behaviour can change, planted in a copy, and detected by tests."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from proof.mutants import changed, reaching, trying
from proof.mutants.__main__ import main
from proof.mutants.making import Mutant, equivalents, made, places_of, planted
from proof.mutants.reaching import who
from proof.mutants.trying import Trial, Tried
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


def _nobody(_: Mutant) -> Sequence[str]:
    return []


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
        trial = Trial(_nobody, lambda _, test=test: [test])
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

    trial = Trial(_nobody, _nobody)
    tried = trial.of(_mutants_of_merge()[0], simulate_always=True)
    trial.close()

    assert (tried.run, tried.seen) == (False, False)


def test_who_runs_a_line_is_still_known_when_lines_before_it_change(
    monkeypatch: pytest.MonkeyPatch, source: Path
) -> None:
    monkeypatch.setattr(reaching, "SOURCE", source)
    returns = {"larger|return one is not None and one > other": ["12", "3"]}
    (source / "module.py").write_text(f'"""Longer."""\n\nLIMIT = 3\n{MODULE}')

    assert who({"module.py": returns}, "module.py", 21) == ["3", "12"]


def test_a_changed_line_is_run_by_whoever_ran_the_line_before_it(
    monkeypatch: pytest.MonkeyPatch, source: Path
) -> None:
    monkeypatch.setattr(reaching, "SOURCE", source)
    known = {'larger|log.info("compared", number=1)': ["7"], "larger|return False": []}

    assert who({"module.py": known}, "module.py", 18) == ["7"]
    (source / "module.py").write_text(
        MODULE.replace("return one is not None", "return False\n    #")
    )
    assert who({"module.py": known}, "module.py", 18) == []


def test_a_constant_is_run_by_whoever_runs_a_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, source: Path
) -> None:
    monkeypatch.setattr(reaching, "SOURCE", source)
    (source / "module.py").write_text(
        "LIMIT = 3\n\n\ndef small(one: int) -> bool:\n    return one < LIMIT\n"
    )
    known = {"|LIMIT = 3": [], "small|return one < LIMIT": ["5"]}

    assert who({"module.py": known}, "module.py", 1) == ["5"]


def test_a_change_fails_only_if_clearly_too_little_of_it_is_seen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (mutant, *_) = _mutants_of_merge()
    seen, unseen, unrun = (Tried(mutant, None, one) for one in (True, False, None))

    assert changed.judged([seen, seen, unseen, unseen], 4) == 0
    assert changed.judged([seen, unseen, unseen, unseen], 4) == 1
    assert changed.judged([unseen, unseen, unseen], 3) == 0  # too few to judge
    assert changed.judged([unseen, unseen, unseen, unseen], 12) == 0  # time ran out
    assert changed.judged([seen, seen, unseen, unseen, unrun, unrun], 6) == 0
    assert f"run by nobody who was asked: {mutant}" in capsys.readouterr().out


def test_a_clone_without_a_parent_has_nothing_to_compare_with(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    said = ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--allow-empty", "-m"]
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", *said, "first"], check=True, capture_output=True)

    assert main(["--changed"]) == 0
    assert "There is no HEAD^ here" in capsys.readouterr().out
    subprocess.run(["git", *said, "second"], check=True, capture_output=True)
    assert main(["--changed"]) == 0
    assert "no line was changed" in capsys.readouterr().out


def test_every_mutant_that_is_excused_can_be_made_and_has_a_reason() -> None:
    excused, source = equivalents(), ROOT / "src"
    for path in {path for path, _, _ in excused}:
        lines = ["", *(source / path).read_text().splitlines()]
        wanted = {(before, after) for of, before, after in excused if of == path}
        stands = {before for before, _ in wanted}
        places = [one for one in places_of(source, path) if lines[one.line].strip() in stands]
        found = {(one.before, one.after) for place in places if (one := made(source, place))}

        assert wanted <= found, path
    assert all(why.endswith(".") for why in excused.values())
