"""Every row of `docs/field-reports.md` has a source, an input, the right outcome and a test."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "field-reports.md").read_text(encoding="utf-8")

_SOURCE = re.compile(r"\[[^\]]+\]\(https://[^)\s]+\)")
_GITHUB = re.compile(r"\[([\w.-]+/[\w.-]+) #(\d+)\]\(https://github\.com/\1/(?:issues|pull)/\2\)")
_TEST = re.compile(r"^`(test_\w+)`$")


def _rows() -> list[list[str]]:
    """Return the cells of every row that describes a report."""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    cells = [[each.strip() for each in line.strip().strip("|").split(" | ")] for line in lines]
    return [row for row in cells if row[0] != "Report"]


def _tests() -> Counter[str]:
    """Return how many tests have each name."""
    files = (ROOT / "tests").rglob("test_*.py")
    return Counter(name for path in files for name in _names(path))


def _names(path: Path) -> list[str]:
    """Return the names of the tests in a file."""
    return re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_field_report_has_a_source_an_input_and_what_is_right() -> None:
    rows = _rows()

    assert len(rows) >= 31
    assert [row for row in rows if len(row) != 4 or not all(row)] == []
    assert [row[0] for row in rows if not _SOURCE.fullmatch(row[0])] == []


def test_a_source_on_github_leads_to_the_report_that_it_names() -> None:
    numbered = [row[0] for row in _rows() if re.search(r" #\d+\]", row[0])]

    assert len(numbered) >= 20
    assert [source for source in numbered if not _GITHUB.fullmatch(source)] == []


def test_every_field_report_names_one_test_that_exists_and_no_source_comes_twice() -> None:
    known = _tests()
    named = [_TEST.match(row[-1]) for row in _rows()]

    assert [row for row, name in zip(_rows(), named, strict=True) if not name] == []
    assert [name[1] for name in named if name and known[name[1]] != 1] == []
    assert [source for source, n in Counter(row[0] for row in _rows()).items() if n > 1] == []


def test_every_test_of_a_story_is_told_on_the_page() -> None:
    stories = Path(__file__).parent
    files = [path for path in stories.glob("test_*.py") if path != Path(__file__)]

    assert [name for path in files for name in _names(path) if f"`{name}`" not in PAGE] == []
