"""One rule decides which names are alike: from 95 % on, the plan asks a person."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleo_accounting.core.directory import Directory
from cleo_accounting.core.likeness import ALIKE_FROM, SIMILAR_FROM, Names
from cleo_accounting.core.links import Remote, RemoteKind
from cleo_accounting.flows.mapping.suggest import Shelf

WORDS = st.sampled_from(
    "Harbor Harbour Supply Supplys Inc Ltd GARTNER gartner 12 13 North Northern Çafé Cafe".split()
)
NAMES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join) | st.text(max_size=20)


def vendor(name: str, remote_id: str = "1") -> Remote:
    return Remote(RemoteKind.VENDOR, remote_id, "0", name)


def like(ours: str, theirs: str) -> bool:
    return bool(Directory([vendor(theirs)]).like(ours, None, RemoteKind.VENDOR))


# The near-duplicates among a city's payables, and more of each kind.
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GARTNER INC", "Gartner Inc."),
        ("4CT Limited", "4Ct Ltd"),
        ("ABL Health Ltd", "Abl Health"),
        ("THOMPSONS SOLICITORS", "Thompsons Solicitors LLP"),
        ("Tiddlywinks Day Nursery", "Tiddly Winks Day Nursery Ltd"),
        ("Manchester's Got Talent Communities", "Manchester\u0092s Got Talent Communities"),
        ("Antony Hodari Holding Ltd", "Antony Hodari Holdings Limited"),
        ("Kirwin Maclean Associates", "Kirwin McLean Associates"),
        ("BPP PROFESSIONAL EDUCATIO", "BPP Professional Education Ltd"),
        ("Harbor Supply", "Supply, Harbor"),
        ("Café Müller", "Cafe Muller"),
        ("Ac\u200bme Works", "Acme Works"),
        ("\uff21\uff23\uff2d\uff25", "Acme"),
    ],
)
def test_near_duplicates_are_alike_both_ways(one: str, other: str) -> None:
    assert like(one, other)
    assert like(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bolt", "Bold"),
        ("Acme", "Acme Works"),
        ("Primary School of North Manchester 12", "Primary School of North Manchester 13"),
        ("Harbor Supply", "Harvest Supply"),
        ("東京", "大阪"),
        ("", "Acme"),
        ("!!!", "???"),
    ],
)
def test_other_names_are_not(one: str, other: str) -> None:
    assert not like(one, other)


@given(NAMES, st.lists(NAMES, max_size=8))
def test_the_plan_asks_exactly_where_the_suggestions_are_sure(ours: str, theirs: list[str]) -> None:
    remotes = [vendor(name, str(at)) for at, name in enumerate(theirs)]
    names, shelf = Names(), Shelf(remotes)
    for remote in remotes:
        names.add(remote)

    asked = {one.remote.id for one in names.like(ours, limit=100)}

    suggested = shelf.parties(ours, None)
    assert asked >= {one.remote.id for one in suggested if ALIKE_FROM <= one.certainty < 100}
    for one in suggested:
        assert one.remote.id in asked or one.certainty < ALIKE_FROM or one.certainty == 100


@given(NAMES, NAMES)
def test_likeness_is_mutual_and_as_sure_from_either_side(one: str, other: str) -> None:
    def certainty(ours: str, theirs: str) -> list[int]:
        names = Names()
        names.add(vendor(theirs))
        return [each.certainty for each in names.like(ours, sure_from=SIMILAR_FROM)]

    assert certainty(one, other) == certainty(other, one)


def test_ten_thousand_vendors_are_not_all_compared_with_each_connection() -> None:
    """At most a fifth of all pairs is compared letter by letter; the rest differ in length."""
    dice = random.Random(7)
    words = ["".join(dice.choices("abcdefghijklmnop", k=dice.randint(2, 12))) for _ in range(900)]
    names = Names()
    for at in range(10_000):
        numbered = [str(at)] if at % 9 == 0 else []
        names.add(vendor(" ".join([*dice.choices(words, k=dice.randint(1, 4)), *numbered])))

    for _ in range(100):
        names.like(" ".join(dice.choices(words, k=dice.randint(1, 4))))

    assert names.compared < 100 * 10_000 / 5
