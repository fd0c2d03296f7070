"""Tables on the terminal never truncate an id or a word, whatever their width."""

from __future__ import annotations

import re

import pytest

from cleo_accounting.cli import paper

_ID = "bill/pay_0123456789abcdef01234567"


@pytest.mark.parametrize("words", ["short", "word " * 40, "x" * 200])
def test_an_id_stays_on_one_line_beside_long_words(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    paper.table("", ["", "=record", "what", "decide"], [["differing", _ID, words, "keep_theirs"]])

    said = capsys.readouterr().out
    assert _ID in said
    assert "…" not in said


def test_a_word_wider_than_its_column_is_folded(capsys: pytest.CaptureFixture[str]) -> None:
    paper.table("", ["name"], [["x" * 500]])

    assert len(re.findall("x", capsys.readouterr().out)) == 500
