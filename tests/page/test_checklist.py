"""Every check in docs/experience.md has a verdict, and those that pass name existing tests."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "experience.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| UX-")
]
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
CHECKS = 54


def test_every_check_has_one_row_and_one_verdict() -> None:
    assert [row[0] for row in ROWS] == [f"UX-{at:02}" for at in range(1, CHECKS + 1)]
    assert {row[2] for row in ROWS} <= {"pass", "part", "fail", "n/a"}


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_what_passes_names_tests_that_exist(row: list[str]) -> None:
    named = NAMED.findall(row[3])

    assert named or row[2] in ("fail", "n/a")
    for file, test in named:
        path = ROOT / file if "/" in file else Path(__file__).parent / file
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert test in {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}
