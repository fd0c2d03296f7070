"""Every test that the documentation names exists."""

from __future__ import annotations

import re

import pytest

from tests.house.test_house import ROOT

NAMED = sorted(
    {
        named
        for document in (ROOT / "docs").rglob("*.md")
        for named in re.findall(
            r"`(tests/[\w/]+\.py)(?:::(\w+))?`", document.read_text(encoding="utf-8")
        )
    }
)


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_a_document_names_is_there(path: str, name: str) -> None:
    file = ROOT / path

    assert file.is_file()
    assert not name or f"\ndef {name}(" in file.read_text(encoding="utf-8")
