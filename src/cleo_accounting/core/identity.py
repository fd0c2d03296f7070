"""Match the documents of a file, which have no ids of their own, with those we have.

A document is identified by its vendor, its number and its date. With another date and another
amount, it is a different document. With the same amount and another date it may be either; a person
decides that once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from cleo_accounting.core.numbers import number_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import date
    from decimal import Decimal

    from cleo_accounting.core.records import LineItem, Part, Payable, Payment

_IMPORTED = re.compile(r"pay_[0-9a-f]{24}")


class Word(StrEnum):
    """The decision of a person about a document with a known amount and another date."""

    SAME = "same"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Remembered:
    """The earlier decisions about one vendor and number."""

    others: bool = False  # every other date is a different document
    earlier: Collection[date] = field(default_factory=frozenset)  # former dates of documents


@dataclass(frozen=True, slots=True)
class New:
    """The document is not known yet."""

    payable: Payable
    word: Word | None = None  # the decision to store


@dataclass(frozen=True, slots=True)
class Same:
    """The document is known; `payable` is its new state."""

    payable: Payable
    word: Word | None = None
    earlier: date | None = None  # its former date


@dataclass(frozen=True, slots=True)
class Kept:
    """The document is known and stays as it is."""

    payable: Payable
    word: Word | None = None
    earlier: date | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The document cannot be matched: it may be one of `alike` or a new one."""

    payable: Payable
    alike: tuple[Payable, ...]
    why: str


Verdict = New | Same | Kept | Held


def identify(
    given: Sequence[Payable],
    known: Sequence[Payable],
    remembered: Remembered,
    said: Callable[[Payable], Word | None],
) -> list[tuple[Payable, Verdict]]:
    """Match each document of one vendor and number with the known ones.

    `given` has at most one document per date; the result does not depend on its order.
    """
    standing = {one.id: one for one in known}
    verdicts: list[tuple[Payable, Verdict]] = []
    days = {one.issued_on for one in known}
    for one in sorted(given, key=lambda one: (one.issued_on not in days, one.issued_on)):
        verdict = _identify(one, list(standing.values()), remembered, said(one))
        if isinstance(verdict, New | Same):
            standing[verdict.payable.id] = verdict.payable
        verdicts.append((one, verdict))
    return verdicts


def _identify(
    one: Payable, standing: Sequence[Payable], remembered: Remembered, said: Word | None
) -> Verdict:
    of_day = [each for each in standing if each.issued_on == one.issued_on]
    if len(of_day) > 1:
        return Held(one, tuple(of_day), "several")
    if of_day:
        return _amended(one, of_day[0])
    if standing and one.issued_on in remembered.earlier and said is None:
        return Kept(one)
    alike = [each for each in standing if each.amount == one.amount]
    verdict = New(one) if not alike or remembered.others else _settled(one, alike, said)
    # The id derived from this date may belong to a document whose date changed since.
    taken = tuple(each for each in standing if each.id == one.id)
    return Held(one, taken, "date") if isinstance(verdict, New) and taken else verdict


def _settled(one: Payable, alike: Sequence[Payable], said: Word | None) -> Verdict:
    """Apply a person's current decision about a document with a known amount and another date."""
    if said is Word.OTHER:
        return New(one, Word.OTHER)
    if said is Word.SAME and len(alike) == 1:
        return _dated_anew(one, alike[0])
    return Held(one, tuple(alike), "date")


def _amended(one: Payable, ours: Payable) -> Verdict:
    if _is_imported(ours):
        return Same(_taken_over(one, ours))
    return Kept(ours) if one.amount == ours.amount else Held(one, (ours,), "platform")


def _dated_anew(one: Payable, ours: Payable) -> Verdict:
    if _is_imported(ours):
        return Same(_taken_over(one, ours), Word.SAME, ours.issued_on)
    return Kept(ours, Word.SAME, one.issued_on)


def payment_said(one: Payment, ours: Payment) -> Payment:
    """Update a payment with the data of a file; data that a file cannot contain stays.

    The return of a payment stays only while its status does. The order of the payables is ignored.
    """
    is_same = _in_any_order(one.paid) == _in_any_order(ours.paid)
    are_same = _in_any_order(one.credits or ()) == _in_any_order(ours.credits or ())
    stands = one.status is ours.status
    return replace(
        ours,
        funding_source_id=one.funding_source_id,
        amount=one.amount,
        status=one.status,
        payable_id=ours.payable_id if is_same else one.payable_id,
        parts=ours.parts if is_same else one.parts,
        credits=ours.credits if are_same else one.credits or ours.credits,
        paid_on=one.paid_on or ours.paid_on,
        return_code=one.return_code or (ours.return_code if stands else None),
        returned_on=one.returned_on or (ours.returned_on if stands else None),
        connection_id=one.connection_id or ours.connection_id,
    )


def _in_any_order(parts: Sequence[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: part.payable_id)


def _is_imported(payable: Payable) -> bool:
    """Return whether a document has only the id that an import generated for it."""
    return _IMPORTED.fullmatch(payable.id) is not None


def _taken_over(one: Payable, ours: Payable) -> Payable:
    """Update a document with the data of a file; data that a file cannot contain stays."""
    fields = dict(ours.custom_fields) | dict(one.custom_fields)
    same_lines = sorted(one.lines, key=_in_order) == sorted(ours.lines, key=_in_order)
    same_fields = one.custom_fields == ours.custom_fields or {
        name: _words(text) for name, text in fields.items()
    } == {name: _words(text) for name, text in ours.custom_fields}
    return replace(
        ours,
        amount=one.amount,
        issued_on=one.issued_on,
        number=ours.number if _is_one_number(one, ours) else one.number,
        due_on=one.due_on or ours.due_on,
        lines=ours.lines if same_lines else one.lines,
        custom_fields=ours.custom_fields if same_fields else tuple(sorted(fields.items())),
    )


def _is_one_number(one: Payable, ours: Payable) -> bool:
    return number_key(one.number or "") == number_key(ours.number or "")


def _in_order(line: LineItem) -> tuple[str, Decimal, Decimal]:
    return line.description, line.quantity, line.unit_price


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split("; "))
