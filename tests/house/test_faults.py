"""docs/faults.md lists every fault once, with the tests that exercise it or the reason for none."""

from __future__ import annotations

from collections import Counter

from tests.house.test_house import ROOT

TEXT = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("| F")
]
ROWS = [row for row in ROWS if row[0] != "Fault"]
STATES = ("covered", "part", "not yet", "not applicable")


def test_every_fault_is_there_once() -> None:
    told = [row[0].partition(".")[0] for row in ROWS]

    assert told == [f"F{number:02}" for number in range(1, 117)]


def test_a_fault_that_is_covered_names_a_test_and_another_says_why_not() -> None:
    for fault, state, exercised, note in ROWS:
        assert state in STATES, fault
        assert state not in ("covered", "part") or "`tests/" in exercised, fault
        assert state == "covered" or len(note) > len("–"), fault


def test_the_numbers_above_the_tables_are_theirs() -> None:
    states = Counter(row[1] for row in ROWS)

    assert (
        "**{} covered, {} in part, {} not yet, {} not applicable.**".format(
            *(states[state] for state in STATES)
        )
        in TEXT
    )
