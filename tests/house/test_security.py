"""docs/security.md lists every check once, with its state and the tests that verify it."""

from __future__ import annotations

import re
from collections import Counter

from tests.house.test_house import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("| SEC-")
]
SECTIONS = [line for line in TEXT.splitlines() if re.match(r"\| V\d", line)]
STATES = ("pass", "part", "fail", "not applicable")


def test_every_check_is_there_once() -> None:
    assert [row[0] for row in ROWS] == [f"SEC-{number:02}" for number in range(1, 68)]


def test_a_check_that_passes_names_its_test_and_another_says_why_not() -> None:
    for check, _, state, shown, why in ROWS:
        assert state in STATES, check
        assert state != "pass" or "::test_" in shown, check
        assert state == "pass" or len(why) > len("–"), check


def test_the_numbers_above_the_tables_are_theirs() -> None:
    checks = Counter(row[2] for row in ROWS)
    sections = Counter(line.split("|")[4].strip() for line in SECTIONS)

    assert (
        "**{} pass, {} in part, {} fail, {} are not applicable.**".format(
            *(checks[state] for state in STATES)
        )
        in TEXT
    )
    assert (
        "**{} sections pass, {} in part, {} are not applicable.**".format(
            *(sections[state] for state in STATES if state != "fail")
        )
        in TEXT
    )
