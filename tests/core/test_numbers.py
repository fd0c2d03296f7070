"""A replacement number for a document: free, recognisable, short, and used while it applies."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleo_accounting.core.links import Document
from cleo_accounting.core.numbers import candidates, flaw, free_number
from cleo_accounting.core.plan import Create, Keep, Operation, Update, Verdict
from cleo_accounting.core.records import Payable
from cleo_accounting.core.render import NUMBER_LENGTH_MAX, own_number
from tests.core.given import payable
from tests.core.test_plan import bill_link, one, planner

WORD = Verdict("number_as", "1042-2", "finance", about="1042")
BILL = payable(number="1042")


def test_the_first_number_that_nobody_has_is_proposed() -> None:
    assert free_number("1042", ()) == "1042-2"
    assert free_number("1042", {"1042-2", "1042-3"}) == "1042-4"
    assert free_number("Inv 1", {"INV  1-2"}) == "Inv 1-3"


@given(st.text(max_size=60), st.sets(st.integers(2, 40)))
def test_what_is_proposed_fits_and_is_free(number: str, gone: set[int]) -> None:
    taken = {one for at, one in enumerate(candidates(number), 2) if at in gone}

    proposed = free_number(number, taken)

    assert proposed not in taken
    assert len(proposed) <= NUMBER_LENGTH_MAX
    assert proposed not in (number, free_number(number, {*taken, proposed}))


def test_a_long_number_is_cut_and_still_ends_in_its_count() -> None:
    assert free_number("A" * 21, ()) == "A" * 19 + "-2"
    assert free_number("A" * 21, candidates("A" * 21)) == "A" * 18 + "-11"
    assert free_number("A" * 19 + "-2", ()) == "A" * 19 + "-3"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "required"),
        ("  ", "required"),
        ("1042\n2", "invisible"),
        ("1042\u202e2", "invisible"),
        ("1042\u200b2", "invisible"),
        ("1042\udcff", "invisible"),
        ("1" * 22, "longer than the 21"),
    ],
)
def test_a_number_that_does_not_do_says_what_to_do(typed: str, said: str) -> None:
    assert said in (flaw(typed) or "")


@pytest.mark.parametrize("typed", ["1042-2", " 1042-2 ", "Ü/7 #2", "<b>'\"", "=1+1", "1" * 21])
def test_whatever_prints_and_fits_is_a_number(typed: str) -> None:
    assert flaw(typed) is None


def _planned(record: Payable, word: Verdict = WORD, **known: str) -> Operation:
    link = bill_link(record)
    links = {record.id: replace(link, **known)} if known else {}  # type: ignore[arg-type]
    return one(list(planner(numbers={record.id: word}).plan([record], links)))


def test_a_document_is_written_with_the_number_that_a_person_gave_it() -> None:
    operation = _planned(BILL)

    assert isinstance(operation, Create)
    assert isinstance(operation.content, Document)
    assert operation.content.number == "1042-2"
    assert operation.content.marker == "CleoPay:pay_1"
    assert operation.content.note.endswith("Invoice number: 1042\nCleoPay:pay_1")
    assert operation.label == "1042"


def test_it_is_kept_under_it_and_keeps_it_when_something_else_changes() -> None:
    written = _planned(BILL)
    assert isinstance(written, Create)

    assert _planned(BILL, fingerprint=written.mark) == Keep("pay_1")
    later = _planned(replace(BILL, memo="changed"), fingerprint=written.mark)
    assert isinstance(later, Update)
    assert isinstance(later.content, Document)
    assert later.content.number == "1042-2"


@pytest.mark.parametrize("number", ["1043", "1042-2"])
def test_a_number_that_is_corrected_later_is_the_one_that_is_sent(number: str) -> None:
    written = _planned(BILL)
    assert isinstance(written, Create)

    corrected = _planned(replace(BILL, number=number), fingerprint=written.mark)

    assert isinstance(corrected, Update)
    assert isinstance(corrected.content, Document)
    assert corrected.content.number == number
    assert "Invoice number" not in corrected.content.note


def test_a_word_on_a_document_without_a_number_is_about_its_id() -> None:
    nameless = payable(number=None)
    word = replace(WORD, about=own_number(nameless))

    operation = _planned(nameless, word)

    assert isinstance(operation, Create)
    assert isinstance(operation.content, Document)
    assert operation.content.number == "1042-2"
