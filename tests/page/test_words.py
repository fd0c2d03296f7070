"""The page uses plain words, and internal terms only in the technical details."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from cleo_accounting.core.causes import CAUSES
from tests.page import states
from tests.page.house import Place
from tests.page.test_states import VIEWS

INSIDE = re.compile(
    r"\b(realm\w*|sync ?token|QBO|QB|tenant|invalid_grant|webhook|payload|[0-9]{4} fault)\b",
    re.IGNORECASE,
)

GRADE_MAX = 8.0


def seen(html: str) -> str:
    """Return the text that is visible without opening the technical details."""
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


@pytest.mark.parametrize("state", states.STATES)
def test_each_state_is_told_in_the_words_of_the_eighth_grade(
    looked_at: Callable[[str], Place], state: str
) -> None:
    text = looked_at(state).visitor().get(looked_at(state).page).text
    found = re.search(r"data-sentence>([^<]*)<", text)

    assert found
    assert grade(found[1]) <= GRADE_MAX, found[1]


def test_the_causes_are_told_in_the_words_of_the_eighth_grade() -> None:
    told = " ".join(f"{cause.text} {cause.fix}" for cause in CAUSES.values())

    assert grade(re.sub(r"\{\w+\}", "it", told)) <= GRADE_MAX


def test_what_is_hard_to_read_has_a_higher_grade() -> None:
    assert grade("The authorization could not be reconciled subsequently.") > GRADE_MAX


def grade(text: str) -> float:
    """Return the US school grade at which a text is easily read (Flesch-Kincaid)."""
    sentences = [part for part in re.split(r"[.!?:;]\s", f"{text} ") if re.search(r"\w", part)]
    words = re.findall(r"[a-z’']+", text.lower())
    spoken = sum(map(syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * spoken / len(words) - 15.59


def syllables(word: str) -> int:
    """Count the groups of vowels, except a silent e at the end."""
    said = re.sub(r"(?<![lsxzcgtd])e[sd]?$|(?<=[gcst])e$", "", word)
    return max(1, len(re.findall(r"[aeiouy]+", said)))
