"""In docs/emulator.md every behaviour has a standing and an existing test."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from quickbooks_emulator.basics.switches import Switches

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "emulator.md").read_text()
STANDINGS = {"documented", "observed", "assumed"}


def rows() -> list[list[str]]:
    """Return the cells of every row that describes a behaviour."""
    lines = [line for line in TABLE.splitlines() if line.startswith("| ")]
    cells = [[each.strip() for each in line.strip("|").split(" | ")] for line in lines]
    return [each for each in cells if "test_" in each[-1]]


def test_every_row_has_a_standing_and_a_test_that_exists() -> None:
    tests = "".join(path.read_text() for path in (ROOT / "tests" / "emulator").glob("test_*.py"))
    known = set(re.findall(r"def (test_\w+)\(", tests))

    named = [row[-1].strip("` |") for row in rows()]

    assert len(named) > 80
    assert [name for name in named if name not in known] == []
    assert [row for row in rows() if len(row) == 4 and row[2] not in STANDINGS] == []


def test_every_switch_is_told_of() -> None:
    assert [one.name for one in fields(Switches) if f"`{one.name}`" not in TABLE] == []
