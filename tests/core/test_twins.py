"""Which documents in QuickBooks may be ones of ours, and how people's decisions apply to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleo_accounting.core.links import Document, Remote, RemoteKind
from cleo_accounting.core.plan import Create, Leave, LinkTo
from cleo_accounting.core.records import Money
from cleo_accounting.core.twins import DAYS_APART_MAX, Twins, Words, settle, twin_of

DAY = date(2026, 1, 5)
DOLLARS = Money(10_000, "USD")


def bill(number: str = "1042", **more: Any) -> Document:
    return Document(
        party_id=more.pop("party_id", "50"),
        number=number,
        dated=more.pop("dated", DAY),
        lines=(),
        total=more.pop("total", DOLLARS),
        note="",
        marker="CleoPay:pay_1",
        **more,
    )


def theirs(remote_id: str = "7", *, gone: bool = False, marker: str = "", **more: Any) -> Remote:
    content = bill(**more)
    details = {"marker": marker, "balance": str(content.total.decimal)}
    told = {name: value for name, value in details.items() if value}
    return Remote(RemoteKind.BILL, remote_id, "0", "", gone=gone, details=told, content=content)


def create(content: Document | None = None, record_id: str = "pay_1") -> Create:
    return Create(RemoteKind.BILL, record_id, "1042", content or bill(), "mark")


OTHER = {"total": Money(1, "USD")}
FAR = {"number": "9"}


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        # Same number, regardless of date and total.
        (theirs(), "same number and total"),
        (theirs(**OTHER), "same number"),
        (theirs(dated=date(2019, 3, 1), **OTHER), "same number"),
        (theirs(number=" 1042 ", **OTHER), "same number"),
        (theirs(total=Money(10_000, "EUR")), "same number"),
        # Same total in the same currency, within seven days.
        (theirs(**FAR), "same total"),
        (theirs(number="", dated=DAY), "same total"),
        (theirs(dated=DAY + timedelta(days=7), **FAR), "same total"),
        (theirs(dated=DAY - timedelta(days=7), **FAR), "same total"),
        (theirs(dated=DAY + timedelta(days=8), **FAR), None),
        (theirs(dated=DAY - timedelta(days=8), **FAR), None),
        (theirs(total=Money(10_001, "USD"), **FAR), None),
        (theirs(total=Money(10_000, "EUR"), **FAR), None),
        # Other numbers, other vendors, voided, deleted, and documents with our mark.
        (theirs(number="01042", **OTHER), None),
        (theirs(number="1042-2", **OTHER), None),
        (theirs(party_id="51"), None),
        (theirs(total=Money(0, "USD")), None),
        (theirs(gone=True), None),
        (theirs(marker="CleoPay:pay_1"), None),
        (theirs(marker="CleoPay:pay_2"), None),
    ],
)
def test_a_document_resembles_by_its_number_or_by_its_total_of_the_same_days(
    seen: Remote, why: str | None
) -> None:
    found = twin_of(bill(), seen)

    assert (found and found.why) == why


@pytest.mark.parametrize(
    ("ours", "number"),
    [
        ("INV-7a", "inv-7A"),
        ("INV  7", "INV 7"),
        ("INV 7", " INV  7 "),
        ("Caf\u00e9-1", "Cafe\u0301-1"),
    ],
)
def test_numbers_are_equal_as_everywhere_else(ours: str, number: str) -> None:
    assert twin_of(bill(ours), theirs(number=number, **OTHER))


def test_two_documents_without_numbers_have_no_number_in_common() -> None:
    assert twin_of(bill(""), theirs(number="", **OTHER)) is None


@pytest.mark.parametrize(
    ("balance", "payment"), [("100.00", "open"), ("40.00", "part-paid"), ("0.00", "paid")]
)
def test_a_twin_says_whether_it_was_paid(balance: str, payment: str) -> None:
    found = twin_of(bill(), replace(theirs(), details={"balance": balance}))

    assert found is not None
    assert found.payment == payment


def decided(
    seen: list[Remote], words: Words | None = None, owners: dict[str, str] | None = None
) -> Create | LinkTo | Leave:
    named = {one.id: one for one in seen}
    return settle(create(), Twins([create()], seen), named, words or Words(), owners or {})


def test_the_best_evidence_comes_first() -> None:
    near = theirs("1", dated=DAY + timedelta(days=1), **FAR)
    number = theirs("2", dated=DAY - timedelta(days=90), **OTHER)
    both = theirs("3", dated=DAY + timedelta(days=30))

    left = decided([near, number, both])

    assert isinstance(left, Leave)
    assert [one["remote_id"] for one in left.facts["twins"]] == ["3", "2", "1"]
    assert left.facts["which"] == "3 bills"


def test_what_is_linked_to_another_record_is_not_offered() -> None:
    assert isinstance(decided([theirs()], owners={"7": "pay_9"}), Create)


def test_a_word_about_one_twin_does_not_count_for_another() -> None:
    said = Words(others={"pay_1": ["7"]})

    assert isinstance(decided([theirs("7")], said), Create)
    left = decided([theirs("7"), theirs("8", **OTHER)], said)
    assert isinstance(left, Leave)
    assert [one["remote_id"] for one in left.facts["twins"]] == ["8"]


def test_a_document_that_a_person_named_is_linked_whatever_it_says() -> None:
    linked = decided([theirs(dated=date(2020, 1, 1), number="9", **OTHER)], SAME)

    assert isinstance(linked, LinkTo)
    assert (linked.remote.id, linked.mark, linked.content) == ("7", "mark", bill())


SAME = Words(same={"pay_1": "7"})


@pytest.mark.parametrize(
    ("seen", "owners", "why"),
    [
        ([], {}, "no longer in QuickBooks"),
        ([theirs(gone=True)], {}, "no longer in QuickBooks"),
        ([theirs(total=Money(0, "USD"))], {}, "voided"),
        ([theirs(party_id="51")], {}, "another vendor"),
        ([theirs(marker="CleoPay:pay_2")], {}, "for another record"),
        ([theirs()], {"7": "pay_2"}, "linked to another record"),
    ],
)
def test_what_cannot_be_linked_is_told_and_nothing_is_sent(
    seen: list[Remote], owners: dict[str, str], why: str
) -> None:
    left = decided(seen, SAME, owners)

    assert isinstance(left, Leave)
    assert left.code == "cannot_link"
    assert why in left.facts["why"]


numbers = st.sampled_from(["1042", "1043", "", "A 1"])
bills = st.builds(
    bill,
    number=numbers,
    party_id=st.sampled_from(["50", "51"]),
    dated=st.integers(-20, 20).map(lambda days: DAY + timedelta(days=days)),
    total=st.builds(Money, st.sampled_from([0, 1, 10_000]), st.sampled_from(["USD", "EUR"])),
)
remotes = st.lists(
    st.builds(
        lambda content, at, marked: Remote(
            RemoteKind.BILL,
            str(at),
            "0",
            content.number,
            details={"marker": "CleoPay:pay_9"} if marked else {},
            content=content,
        ),
        bills,
        st.integers(1, 6),
        st.booleans(),
    ),
    max_size=6,
)


@given(bills, remotes)
def test_what_is_offered_is_what_the_rule_says_of_each(ours: Document, seen: list[Remote]) -> None:
    first = {one.id: one for one in reversed(seen)}
    found = {one.remote_id for one in Twins([create(ours)], seen).of(ours)}

    for remote in first.values():
        there = remote.content
        assert isinstance(there, Document)
        alike = bool(ours.number) and there.number == ours.number
        close = abs((there.dated - ours.dated).days) <= DAYS_APART_MAX
        rule = (
            there.party_id == ours.party_id
            and (alike or (there.total == ours.total and close))
            and there.total.minor != 0
            and not remote.details
        )
        assert (remote.id in found) == rule
