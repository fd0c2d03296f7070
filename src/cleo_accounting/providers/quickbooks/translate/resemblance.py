"""Build the queries that find entries which resemble others: few, because reads are metered."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeVar

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.providers.quickbooks.translate import query
from cleo_accounting.providers.quickbooks.translate.entities import name_property, party_property

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cleo_accounting.providers import Sought

NUMBERS_PER_QUERY = 100  # each has at most 21 characters
PARTIES_PER_QUERY = 30
# Periods this close are queried together, because a page of a thousand documents is one read.
_GAP_MAX = timedelta(days=31)

_T = TypeVar("_T")


def questions(kind: RemoteKind, sought: Sequence[Sought], *, days: int) -> Iterator[Sequence[str]]:
    """Yield the conditions of each query for entries that have a party and a date.

    Documents are queried by party and number, and by party and date; expenses by total and date,
    because Intuit documents no query for expenses by party.
    """
    if kind is RemoteKind.EXPENSE:
        yield from _by_total(sought, timedelta(days=days))
        return
    placed = sorted((one for one in sought if one.party_id), key=_party)
    yield from _by_number(kind, placed)
    parties = list(dict.fromkeys(_party(one) for one in placed))
    for some in _parts(parties, PARTIES_PER_QUERY):
        dates = [one.dated for one in placed if one.dated and one.party_id in some]
        for first, last in _periods(dates, timedelta(days=days)):
            yield [
                query.one_of(party_property(kind), some),
                *query.between("TxnDate", first, last),
            ]


def dated(kind: RemoteKind, sought: Sequence[Sought]) -> Iterator[Sequence[str]]:
    """Yield the conditions of each query for the entries that have a sought party and date.

    Expenses are queried by date alone.
    """
    dates = sorted({one.dated.isoformat() for one in sought if one.party_id and one.dated})
    if not dates:
        return
    on = query.one_of("TxnDate", dates)
    if kind is RemoteKind.EXPENSE:
        yield [on]
        return
    parties = sorted({one.party_id for one in sought if one.party_id and one.dated})
    for some in _parts(parties, PARTIES_PER_QUERY):
        yield [query.one_of(party_property(kind), some), on]


def _by_total(sought: Sequence[Sought], around: timedelta) -> Iterator[Sequence[str]]:
    dates = [one.dated for one in sought if one.dated and one.total]
    for first, last in _periods(dates, around):
        totals = {
            format(one.total.decimal, "f")
            for one in sought
            if one.total and one.dated and first <= one.dated <= last
        }
        for some in _parts(sorted(totals), NUMBERS_PER_QUERY):
            yield [query.one_of("TotalAmt", some), *query.between("TxnDate", first, last)]


def _by_number(kind: RemoteKind, placed: Sequence[Sought]) -> Iterator[Sequence[str]]:
    """Yield the conditions for numbers and their parties; QuickBooks ignores the numbers' case."""
    numbers = dict.fromkeys(
        (_party(one), number) for one in placed for number in _forms(one.number or "")
    )
    plain = [(party, number) for party, number in numbers if query.is_plain(number)]
    for some in _parts(plain, NUMBERS_PER_QUERY):
        yield [
            query.one_of(party_property(kind), sorted({party for party, _ in some})),
            query.one_of(name_property(kind), sorted({number for _, number in some})),
        ]
    for party, number in numbers:
        if not query.is_plain(number):
            yield [
                query.one_of(party_property(kind), [party]),
                query.resembles(name_property(kind), number),
            ]


def _forms(number: str) -> Sequence[str]:
    """Return the spellings of a number: as it is, and with single spaces in NFC and in NFD."""
    plain = " ".join(number.split())
    forms = (number, unicodedata.normalize("NFC", plain), unicodedata.normalize("NFD", plain))
    return list(dict.fromkeys(one for one in forms if one))


def _periods(dates: Iterable[date], around: timedelta) -> Iterator[tuple[date, date]]:
    """Yield the periods around dates; periods that lie close together are merged."""
    first: date | None = None
    last = date.min
    for dated in sorted(set(dates)):
        if first is not None and dated - around > last + _GAP_MAX:
            yield first, last
            first = None
        first = first or dated - around
        last = dated + around
    if first is not None:
        yield first, last


def _parts(values: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _party(one: Sought) -> str:
    return one.party_id or ""
