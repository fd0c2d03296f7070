"""The lines of one document at different times: which line is which, and what became of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from cleo_accounting.core.links import DocumentLine

DESCRIPTION = "description"
SUM = ("amount", "quantity", "unit_price")  # change together: amount = quantity × unit price
SAID = (DESCRIPTION, *SUM)  # the fields of a line that come from the record


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of our record before and now; None if the line did not or does not exist.

    `sure`: whether both are certainly the same line.
    """

    before: DocumentLine | None
    now: DocumentLine | None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line to write: the `fields` of the remote line `line.id`, or a new line if it has no id."""

    line: DocumentLine
    fields: tuple[str, ...] = ()
    removed: bool = False

    @property
    def money(self) -> bool:
        """Whether it changes the total of the document or the amount of a line."""
        whole = self.removed or self.line.id is None
        return bool(self.line.amount.minor) if whole else "amount" in self.fields


def said(line: DocumentLine) -> tuple[object, ...]:
    """Return the fields of a line that come from the record; account, item and class do not."""
    return tuple(getattr(line, name) for name in SAID)


def pairs(before: Sequence[DocumentLine], now: Sequence[DocumentLine]) -> list[Pair]:
    """Pair the lines of a record before and now, which have no ids of their own."""
    matching = _Matching(before, now)
    matching.by(said)
    matching.by(lambda line: line.description, only_one=True)
    alone = len(before) == len(now) == 1
    matching.by(
        lambda line: tuple(getattr(line, name) for name in SUM),
        only_one=True,
        sure=lambda at, other: alone or (len(before) == len(now) and at == other),
    )
    matching.by(lambda _: True, sure=lambda _at, _other: alone)
    return matching.pairs()


def with_ids(
    lines: Sequence[DocumentLine], there: Sequence[DocumentLine]
) -> tuple[DocumentLine, ...]:
    """Add the ids of the remote lines to lines of ours, where the match is certain."""
    known = {line.id for line in lines if line.id}
    free = [line for line in there if line.id not in known]
    alike = Counter(_look(line) for line in free)
    ours = Counter(_look(line) for line in lines if not line.id)
    ids: dict[Hashable, list[str | None]] = defaultdict(list)
    for line in free:
        ids[_look(line)].append(line.id)
    return tuple(
        line
        if line.id or alike[_look(line)] != ours[_look(line)]
        else replace(line, id=ids[_look(line)].pop(0))
        for line in lines
    )


def _look(line: DocumentLine) -> Hashable:
    """Return how a line looks to people, without what is chosen or filled in elsewhere."""
    return " ".join(line.description.split()), line.amount


def amended_lines(
    there: Sequence[DocumentLine], changes: Sequence[LineChange]
) -> tuple[DocumentLine, ...]:
    """Return the remote lines as they will be once the changes are written."""
    by_id: dict[str | None, LineChange] = {
        change.line.id: change for change in changes if change.line.id
    }
    kept: list[DocumentLine] = []
    for line in there:
        change = by_id.get(line.id)
        if change is None:
            kept.append(line)
        elif not change.removed:
            wrote = {name: getattr(change.line, name) for name in change.fields}
            kept.append(replace(line, **wrote))
    return (*kept, *(change.line for change in changes if change.line.id is None))


class _Matching:
    """Matches lines step by step, the most certain criterion first."""

    def __init__(self, before: Sequence[DocumentLine], now: Sequence[DocumentLine]) -> None:
        self._before, self._now = before, now
        self._left, self._right = dict(enumerate(before)), dict(enumerate(now))
        self._found: dict[int, tuple[int, bool]] = {}

    def by(
        self,
        key: Callable[[DocumentLine], Hashable],
        *,
        only_one: bool = False,
        sure: Callable[[int, int], bool] = lambda _at, _other: True,
    ) -> None:
        """Match the remaining lines that have the same key, in order."""
        left, right = _grouped(self._left.items(), key), _grouped(self._right.items(), key)
        for each, places in left.items():
            others = right.get(each, [])
            if only_one and not len(places) == len(others) == 1:
                continue
            for at, other in zip(places, others, strict=False):
                self._found[other] = (at, sure(at, other))
                del self._left[at], self._right[other]

    def pairs(self) -> list[Pair]:
        """Return all pairs in the order of the current lines, followed by the removed lines."""
        found = [
            Pair(self._before[self._found[at][0]], line, self._found[at][1])
            if at in self._found
            else Pair(None, line)
            for at, line in enumerate(self._now)
        ]
        return found + [Pair(line, None) for line in self._left.values()]


def _grouped(
    lines: Iterable[tuple[int, DocumentLine]], key: Callable[[DocumentLine], Hashable]
) -> dict[Hashable, list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for at, line in lines:
        groups[key(line)].append(at)
    return groups
