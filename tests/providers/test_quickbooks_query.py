"""Any name in a query stays one string literal."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cleo_accounting.providers.quickbooks.translate import query

CONTROL = [chr(code) for code in (*range(32), *range(127, 160))]
names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60)


def read_back(statement: str, at: int) -> tuple[str, int]:
    """Parse the string literal at a position as Intuit documents it; return its text and end."""
    assert statement[at] == "'"
    at += 1
    said = ""
    while statement[at] != "'":
        at += statement[at] == "\\"
        said += statement[at]
        at += 1
    return said, at + 1


@given(names)
@example("O'Brien")
@example("Trailing\\")
@example("\\'")
@example("') OR ('1' = '1")
@example("100% “curly” – dash & # +")
def test_a_name_is_read_back_as_it_was_written(name: str) -> None:
    statement = query.select("Vendor", [query.one_of("DisplayName", [name])])

    head = "SELECT * FROM Vendor WHERE DisplayName IN ("
    said, end = read_back(statement, len(head))
    assert statement.startswith(head)
    assert said == name
    assert statement[end:] == ") ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000"


@given(st.lists(names, min_size=1, max_size=30))
def test_many_names_stay_as_many(some: list[str]) -> None:
    statement = query.one_of("DisplayName", some)

    at = len("DisplayName IN (")
    for name in some:
        said, at = read_back(statement, at)
        assert said == name
        at += 1
    assert at == len(statement)
    assert statement.endswith("')")


@given(names, st.sampled_from(CONTROL), names)
def test_control_characters_are_refused(head: str, control: str, tail: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        query.one_of("DisplayName", [head + control + tail])


def test_an_empty_choice_is_refused_rather_than_everything_asked_for() -> None:
    with pytest.raises(ValueError, match="empty"):
        query.one_of("Id", [])
