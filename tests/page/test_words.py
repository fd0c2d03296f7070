"""The words of the page: plain, and none of the inside outside of the technical details."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.page import states
from tests.page.house import Place
from tests.page.test_states import VIEWS

INSIDE = re.compile(
    r"\b(realm\w*|sync ?token|QBO|QB|tenant|invalid_grant|webhook|payload|[0-9]{4} fault)\b",
    re.IGNORECASE,
)


def seen(html: str) -> str:
    """What a person reads without opening the technical details."""
    body = html.partition("<body")[2]
    plain = re.sub(r'<details class="technical">.*?</details>', " ", body, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", " ", plain)


@pytest.mark.parametrize("state", states.STATES)
def test_no_state_speaks_in_words_of_the_inside(
    looked_at: Callable[[str], Place], state: str
) -> None:
    place = looked_at(state)

    assert INSIDE.findall(seen(place.visitor().get(place.page).text)) == []


def test_no_other_view_does_either(looked_at: Callable[[str], Place]) -> None:
    place = looked_at("partial")
    visitor = place.visitor()

    for view in VIEWS:
        assert INSIDE.findall(seen(visitor.get(place.page + view).text)) == [], view


def test_a_stranger_reads_in_sixty_words_what_is_sent_read_and_never_touched(
    place: Place,
) -> None:
    text = place.visitor().get(place.page).text
    found = re.search(r"data-sentence>([^<]*)<", text)

    assert found
    assert len(found[1].split()) <= 60
    for word in ("send", "read", "never touch", "disconnect at any time"):
        assert word in " ".join(found[1].split())
