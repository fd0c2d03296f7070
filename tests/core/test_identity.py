"""Which of our documents a document in a file is, regardless of the order of the files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleo_accounting.core.identity import (
    Held,
    Kept,
    New,
    Remembered,
    Same,
    Word,
    identify,
)
from cleo_accounting.core.records import LineItem, Money, Payable, PayableStatus, Role

JAN, FEB, MAR = date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15)


def document(day: date, cents: int, id: str | None = None, text: str = "Rent") -> Payable:  # noqa: A002
    return Payable(
        id=id or f"pay_{day.toordinal():024x}",
        connection_id="conn_1",
        role=Role.PAYER,
        status=PayableStatus.APPROVED,
        amount=Money(cents, "USD"),
        issued_on=day,
        number="RENT",
        lines=(LineItem(text, Decimal(1), Decimal(cents).scaleb(-2)),),
    )


OLD = document(JAN, 100, id="pay_" + "a" * 24)  # imported when ids contained no date


def verdict(
    one: Payable,
    *known: Payable,
    remembered: Remembered = Remembered(),  # noqa: B008  an immutable value
    said: Word | None = None,
) -> New | Same | Kept | Held:
    ((_, found),) = identify([one], known, remembered, lambda _: said)
    return found


def test_another_date_and_another_amount_are_another_document() -> None:
    assert verdict(document(FEB, 120), OLD) == New(document(FEB, 120))


def test_the_same_document_again_is_ours_under_the_id_that_it_has() -> None:
    assert verdict(document(JAN, 100), OLD) == Same(OLD)


def test_other_lines_at_the_same_date_amend_our_document() -> None:
    found = verdict(document(JAN, 130, text="Rent and heating"), OLD)

    assert isinstance(found, Same)
    assert found.payable.id == OLD.id
    assert found.payable.amount == Money(130, "USD")


def test_what_a_file_cannot_say_stays() -> None:
    ours = replace(OLD, status=PayableStatus.PAID, memo="by hand", due_on=MAR, number=" rent")

    assert verdict(document(JAN, 100), ours) == Same(ours)


def test_the_order_of_lines_and_of_joined_words_is_no_change() -> None:
    lines = (LineItem("A", Decimal(1), Decimal(60)), LineItem("B", Decimal(1), Decimal(40)))
    ours = replace(OLD, lines=lines, custom_fields=(("account", "A; B"),))
    theirs = replace(document(JAN, 100), lines=lines[::-1], custom_fields=(("account", "B; A"),))

    assert verdict(theirs, ours) == Same(ours)


def test_the_same_amount_with_another_date_is_held() -> None:
    assert verdict(document(FEB, 100), OLD) == Held(document(FEB, 100), (OLD,), "date")


def test_another_document_is_taken_and_never_asked_for_again() -> None:
    found = verdict(document(FEB, 100), OLD, said=Word.OTHER)

    assert found == New(document(FEB, 100), Word.OTHER)
    assert verdict(document(MAR, 100), OLD, remembered=Remembered(others=True)) == New(
        document(MAR, 100)
    )


def test_the_same_document_is_dated_anew_and_its_earlier_date_is_known() -> None:
    found = verdict(document(FEB, 100), OLD, said=Word.SAME)

    assert isinstance(found, Same)
    assert (found.payable.id, found.payable.issued_on) == (OLD.id, FEB)
    assert (found.word, found.earlier) == (Word.SAME, JAN)
    again = Remembered(earlier=frozenset({JAN}))
    assert isinstance(verdict(document(JAN, 100), found.payable, remembered=again), Kept)


def test_which_of_several_is_the_same_cannot_be_said() -> None:
    others = (OLD, document(FEB, 100))

    assert isinstance(verdict(document(MAR, 100), *others, said=Word.SAME), Held)


def test_two_of_ours_on_one_date_are_never_guessed_between() -> None:
    twins = (OLD, replace(OLD, id="pay_" + "b" * 24))

    assert verdict(document(JAN, 130), *twins) == Held(document(JAN, 130), twins, "several")


def test_a_record_of_the_platform_is_not_amended_by_a_file() -> None:
    theirs = document(JAN, 100, id="pay_platform_1")

    assert verdict(document(JAN, 100, text="otherwise"), theirs) == Kept(theirs)
    assert verdict(document(JAN, 130), theirs) == Held(document(JAN, 130), (theirs,), "platform")
    assert verdict(document(FEB, 100), theirs, said=Word.SAME) == Kept(theirs, Word.SAME, FEB)


DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 12))
FILES = st.lists(
    st.dictionaries(DAYS, st.sampled_from([100, 120, 130]), min_size=1, max_size=4),
    min_size=1,
    max_size=3,
)


def imported(
    files: Sequence[dict[date, int]], remembered: Remembered
) -> tuple[dict[str, Payable], int]:
    """Import files one after another; return our documents and how many rows were held."""
    have: dict[str, Payable] = {}
    held = 0
    for file in files:
        documents = [document(day, cents) for day, cents in file.items()]
        for _, found in identify(documents, list(have.values()), remembered, lambda _: None):
            held += isinstance(found, Held)
            if isinstance(found, New | Same):
                have[found.payable.id] = found.payable
    return have, held


@given(FILES)
def test_files_of_different_days_give_the_same_in_any_order(files: list[dict[date, int]]) -> None:
    seen: set[date] = set()
    apart = [
        {day: file[day] for day in file if not (day in seen or seen.add(day))} for file in files
    ]  # type: ignore[func-returns-value]
    told = Remembered(others=True)

    results = [imported(order, told) for order in permutations(apart)]

    whole = imported([{day: cents for file in apart for day, cents in file.items()}], told)
    assert all(result == whole for result in results)
    assert whole[1] == 0
    assert len(whole[0]) == len(seen)


@given(FILES)
def test_in_any_order_as_many_are_taken_and_none_is_written_over_by_another_date(
    files: list[dict[date, int]],
) -> None:
    seen: set[date] = set()
    apart = [
        {day: file[day] for day in file if not (day in seen or seen.add(day))} for file in files
    ]  # type: ignore[func-returns-value]
    amounts = {cents for file in apart for cents in file.values()}

    for order in permutations(apart):
        have, held = imported(order, Remembered())
        assert sorted(one.amount.minor for one in have.values()) == sorted(amounts)
        assert held == len(seen) - len(amounts)
        again, _ = imported([*order, *order], Remembered())
        assert again == have


@pytest.mark.parametrize("said", [None, Word.SAME, Word.OTHER])
def test_the_order_of_rows_makes_no_difference(said: Word | None) -> None:
    rows = [document(day, 100) for day in (MAR, JAN, FEB)]

    answers = [
        sorted(
            (str(one.issued_on), repr(found))
            for one, found in identify(order, (), Remembered(), lambda _: said)
        )
        for order in permutations(rows)
    ]

    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("word", [Word.SAME, Word.OTHER])
def test_a_document_never_takes_the_place_of_one_that_was_dated_anew(word: Word) -> None:
    dated_anew = document(FEB, 4_200, id=document(JAN, 4_200).id)
    other = document(MAR, 4_200)
    said = Remembered(others=True, earlier=frozenset({JAN}))

    ((_, verdict),) = identify([document(JAN, 4_200)], [dated_anew, other], said, lambda _: word)

    assert isinstance(verdict, Held)
    assert verdict.alike == (dated_anew,)
