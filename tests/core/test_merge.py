"""Nobody's change is lost: what one side changed is kept, what both changed is asked about."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cleo_accounting.core.links import Document, DocumentLine, Party
from cleo_accounting.core.merge import merge, says
from cleo_accounting.core.records import Money
from tests.core.given import DAY, days

few = st.sampled_from(["one", "two", "three"])
parties = st.builds(Party, few, st.none() | few, st.none() | few)
amounts = st.sampled_from([Money(100, "USD"), Money(101, "USD")])
documents = st.builds(
    Document,
    party_id=few,
    number=few,
    dated=days,
    lines=st.lists(st.builds(DocumentLine, few, amounts), max_size=2).map(tuple),
    total=amounts,
    note=few,
    marker=st.just("CleoPay:pay_1"),
    due=st.none() | days,
    ap_account_id=st.none() | few,
    department_id=st.none() | few,
    terms_id=st.none() | few,
)
triples = st.tuples(parties, parties, parties) | st.tuples(documents, documents, documents)
pairs = st.tuples(parties, parties) | st.tuples(documents, documents)

BILL = Document("9", "1042", DAY, (), Money(1000, "USD"), "", "CleoPay:pay_1")


@given(triples)
def test_each_field_comes_from_whoever_changed_it(triple: tuple[Party, Party, Party]) -> None:
    base, ours, theirs = triple

    merged = merge(base, ours, theirs)

    disputed = 0
    for one in dataclasses.fields(ours):
        before, mine, other = (getattr(side, one.name) for side in triple)
        got = getattr(merged.content, one.name)
        if mine == before:
            assert got == other
        elif other in (before, mine):
            assert got == mine
        else:
            disputed += 1
            assert got == mine  # what is written only if a person says so
    assert len(merged.conflicts) == disputed


@given(pairs)
def test_without_a_base_every_difference_is_asked_about(pair: tuple[Party, Party]) -> None:
    ours, theirs = pair

    merged = merge(None, ours, theirs)

    differing = [
        one
        for one in dataclasses.fields(ours)
        if getattr(ours, one.name) != getattr(theirs, one.name)
    ]
    assert merged.content == ours
    assert len(merged.conflicts) == len(differing)


@given(pairs)
def test_what_only_one_side_changed_is_no_conflict(pair: tuple[Party, Party]) -> None:
    base, changed = pair

    assert merge(base, changed, base) == merge(base, base, changed) == merge(base, changed, changed)
    assert merge(base, changed, base).content == changed
    assert not merge(base, changed, base).conflicts


@given(triples)
def test_who_asks_makes_no_difference_to_what_is_in_dispute(
    triple: tuple[Party, Party, Party],
) -> None:
    base, ours, theirs = triple

    assert merge(base, ours, theirs).conflicts == merge(base, theirs, ours).conflicts


def test_conflicts_are_named_as_people_call_them() -> None:
    ours, theirs = replace(BILL, note="ours", due=DAY), replace(BILL, note="theirs", due=DAY)

    assert merge(BILL, ours, theirs).conflicts == ("the note",)


def test_what_we_left_open_may_be_filled_in_over_there() -> None:
    line = DocumentLine("Hours", Money(1000, "USD"), account_id="7")
    ours = replace(BILL, lines=(line,))
    filled = replace(ours, due=DAY, ap_account_id="33", lines=(replace(line, class_id="2"),))

    assert says(filled, ours)
    assert not says(replace(filled, number="1043"), ours)
    assert not says(replace(filled, lines=()), ours)
    assert not says(None, ours)
