"""Which lines of two versions of a document correspond, and what an update may write to them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleo_accounting.core.amend import amend, settled
from cleo_accounting.core.lines import amended_lines, pairs
from cleo_accounting.core.links import Base, Document, DocumentLine
from cleo_accounting.core.records import Money
from tests.core.given import DAY

LATER = DAY.replace(month=6)


def _line(words: str, cents: int, number: str = "", seal: str = "as made") -> DocumentLine:
    known = {"id": number, "seal": seal} if number else {}
    return DocumentLine(words, Money(cents, "USD"), account_id="7", **known)  # type: ignore[arg-type]


def _bill(*lines: DocumentLine, **more: object) -> Document:
    total = Money(sum(line.amount.minor for line in lines), "USD")
    made = Document("9", "1042", DAY, lines, total, "note", "CleoPay:pay_1")
    return replace(made, **more)  # type: ignore[arg-type]


def _plain(document: Document) -> Document:
    lines = tuple(replace(line, id=None, seal=None) for line in document.lines)
    return replace(document, lines=lines)


STOOD = _bill(_line("Paper", 100, "1"), _line("Ink", 200, "2"), due=DAY, ap_account_id="33")
BASE = settled(Base(), _plain(replace(STOOD, due=None, ap_account_id=None)), STOOD)
OURS = _plain(replace(STOOD, due=None, ap_account_id=None))


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        (["a 1", "b 2"], ["b 2", "a 1"], ["1 sure", "0 sure"]),
        (["a 1", "b 2"], ["a 1", "b 3"], ["0 sure", "1 sure"]),
        (["a 1", "b 2"], ["a 1", "c 2"], ["0 sure", "1 sure"]),
        (["a 1", "b 2"], ["c 2", "a 1"], ["1 unsure", "0 sure"]),
        (["a 1"], ["b 2"], ["0 sure"]),
        (["a 1", "b 2"], ["a 1", "c 3"], ["0 sure", "1 unsure"]),
        (["a 1", "a 1"], ["a 1"], ["0 sure", "1 gone"]),
        (["a 1"], ["a 1", "a 1"], ["0 sure", "new"]),
        (["a 1", "b 2"], ["b 2"], ["1 sure", "0 gone"]),
        ([" 1", " 2"], [" 1", " 5"], ["0 sure", "1 sure"]),
    ],
)
def test_lines_are_paired_the_surest_way_first(
    before: list[str], now: list[str], found: list[str]
) -> None:
    old = [_read(words, str(at)) for at, words in enumerate(before)]

    told = []
    for pair in pairs(old, [_read(words) for words in now]):
        where = pair.before.id if pair.before else None
        kind = "gone" if pair.now is None else "sure" if pair.sure else "unsure"
        told.append(f"{where} {kind}" if where else "new")

    assert told == found


def _read(words: str, number: str = "") -> DocumentLine:
    text, _, cents = words.rpartition(" ")
    return _line(text, int(cents), number)


def test_nothing_is_written_where_our_record_changed_nothing() -> None:
    theirs = replace(STOOD, due=LATER, note="theirs", ap_account_id="34")

    assert amend(BASE, OURS, theirs).empty


def test_what_was_filled_in_may_be_written_over_and_what_a_person_chose_may_not() -> None:
    ours = replace(OURS, due=LATER)

    assert amend(BASE, ours, STOOD).fields == ("due",)
    chosen = replace(STOOD, due=DAY.replace(month=3))
    assert amend(BASE, ours, chosen).conflicts == ("due",)
    assert amend(BASE, ours, chosen, overrule=True).fields == ("due",)
    assert amend(BASE, ours, replace(STOOD, due=LATER)).empty


def test_another_default_account_changes_no_line_that_stands() -> None:
    lines = tuple(replace(line, account_id="8") for line in OURS.lines)

    assert amend(BASE, replace(OURS, lines=lines), STOOD).empty
    booked = amend(BASE, replace(OURS, lines=lines), STOOD, booked=True)
    assert [change.fields for change in booked.lines] == [("account_id",), ("account_id",)]


def test_a_line_keeps_its_id_and_a_new_one_has_none() -> None:
    ours = _bill(_line("Paper", 150), _line("Ink", 200), _line("Glue", 5))

    told = amend(BASE, ours, STOOD)

    assert [(one.line.id, one.fields[:1]) for one in told.lines] == [
        ("1", ("amount",)),
        (None, ("description",)),
    ]
    assert getattr(told.content, "total", None) == Money(355, "USD")


@pytest.mark.parametrize("seal", ["as made", "coded"])
def test_a_line_that_our_record_drops_goes_unless_a_person_worked_on_it(seal: str) -> None:
    theirs = replace(STOOD, lines=(STOOD.lines[0], replace(STOOD.lines[1], seal=seal)))
    told = amend(BASE, _bill(_line("Paper", 100)), theirs)

    assert told.conflicts == (("lines",) if seal == "coded" else ())
    assert [one.removed for one in told.lines] == ([] if seal == "coded" else [True])


def test_quantity_price_and_amount_are_written_together() -> None:
    sold = replace(_line("Hours", 200), quantity=Decimal(2), unit_price=Decimal(1))
    stood = _bill(replace(sold, id="1", seal="s"))
    base = settled(Base(), _bill(sold), stood)
    dearer = replace(sold, unit_price=Decimal(3), amount=Money(600, "USD"))

    told = amend(base, _bill(dearer), stood)

    assert [one.fields for one in told.lines] == [("amount", "quantity", "unit_price")]


def test_what_was_kept_of_a_person_stays_known_as_theirs() -> None:
    chosen = replace(STOOD, due=DAY.replace(month=3))
    first = replace(OURS, note="changed")
    update = amend(BASE, first, chosen)
    assert update.fields == ("note",)

    later = settled(BASE, update.content, replace(chosen, note="changed"))

    assert amend(later, first, replace(chosen, note="changed")).empty
    ours = replace(first, due=LATER)
    assert amend(later, ours, replace(chosen, note="changed")).conflicts == ("due",)


_LINES = st.lists(
    st.builds(_line, st.sampled_from(["", "Paper", "Ink"]), st.integers(1, 4)),
    min_size=1,
    max_size=4,
)


@given(before=_LINES, now=_LINES)
def test_an_update_whose_answer_was_lost_is_recognised_as_done(
    before: list[DocumentLine], now: list[DocumentLine]
) -> None:
    written = _bill(*before)
    stood = _stored(before)
    base, ours = settled(Base(), written, stood), _bill(*now)
    update = amend(base, ours, stood)
    assert not update.conflicts

    done = _stored(amended_lines(stood.lines, update.lines))

    assert amend(base, ours, done).empty


def test_a_line_that_stands_as_our_record_says_is_no_conflict_whoever_wrote_it() -> None:
    only = _bill(_line("", 5413))
    theirs = _bill(_line("", 5413, "1"))
    told = amend(BASE, only, theirs)

    assert told.empty
    assert [line.id for line in getattr(told.content, "lines", ())] == ["1"]
    other = _bill(_line("", 5414, "1"))
    assert amend(BASE, only, other).conflicts == ("lines",)


def _stored(lines: Sequence[DocumentLine]) -> Document:
    """Return a bill with the lines as QuickBooks stores them: each new line gets the next id."""
    fresh = itertools.count(1 + max(int(line.id or 0) for line in lines))
    ids = (line.id or str(next(fresh)) for line in lines)
    return _bill(*(replace(line, id=each, seal="s") for line, each in zip(lines, ids, strict=True)))


@pytest.mark.parametrize("known", [True, False])
def test_a_line_with_the_id_of_an_earlier_look_is_a_new_one_where_it_is_no_more(
    known: bool,
) -> None:
    """An update in doubt carries the ids of the lines that existed when it was planned."""
    stands = replace(STOOD, lines=STOOD.lines[:1], total=Money(100, "USD"))
    base = settled(Base(), _plain(stands), stands) if known else Base()

    told = amend(base, _bill(*STOOD.lines), stands, overrule=not known)

    assert [one.line.id for one in told.lines if one.line.description == "Ink"] == [None]
    assert getattr(told.content, "total", None) == Money(300, "USD")
