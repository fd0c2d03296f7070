"""Set a document in QuickBooks beside what our record says, field by field and line by line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from cleo_accounting.core.contrast import Contrast, compared_value
from cleo_accounting.core.links import Document, DocumentLine, RemoteKind
from cleo_accounting.core.numbers import number_key

NameOf = Callable[[RemoteKind, str], str]


@dataclass(frozen=True, slots=True)
class Ours:
    """What our record says: rendered now, and as it was last written.

    `changed`: the record changed since it was written, so that what was written may stand there
    still. `parties` are the ids that its vendor or customer may have: the one it was written for,
    and the one its connection is matched with now. `free`: fields that are not ours to say.
    """

    now: Document
    written: Document | None = None
    changed: bool = False
    parties: Collection[str] = ()
    free: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """On which fields both sides differ, with both values; and in words which."""

    fields: tuple[Contrast, ...] = ()
    said: str = ""


_CALLED = {
    "number": "the number",
    "dated": "the date",
    "due": "the due date",
    "total": "the total",
}


def set_beside(ours: Ours, theirs: Document, party: RemoteKind, name_of: NameOf) -> Beside:
    """Compare vendor or customer, number, dates, total and currency, and every line.

    What our record leaves open, QuickBooks may have filled in: that is no difference.
    """
    expected = _expected(ours)
    accepted = [expected, ours.written] if ours.changed and ours.written else [expected]
    found: list[Contrast] = []
    words: list[str] = []

    def differs(field: str, called: str) -> None:
        before, other, mine = (
            compared_value(field, getattr(one, field, None), party, name_of)
            for one in (ours.written, theirs, expected)
        )
        both = ours.changed and before != other
        found.append(Contrast(field, before, other, mine, both=both))
        words.append(called)

    if theirs.party_id not in ours.parties and "party_id" not in ours.free:
        differs("party_id", f"the {party.value}")
    for field, called in _CALLED.items():
        if field not in ours.free and not any(_says(theirs, one, field) for one in accepted):
            differs(field, called)
    if "lines" not in ours.free:
        told = [lines_differing(one.lines, theirs.lines) for one in accepted]
        if all(told):
            differs("lines", "; ".join(told[0]))
    return Beside(tuple(found), f"It differs in {_joined(words)}." if words else "")


def lines_differing(ours: Sequence[DocumentLine], theirs: Sequence[DocumentLine]) -> list[str]:
    """Say which lines differ and in what; lines may stand in any order."""
    left = list(enumerate(ours, 1))
    others = list(theirs)
    for at, line in list(left):
        if same := next((one for one in others if not _line_differs(line, one)), None):
            left.remove((at, line))
            others.remove(same)
    others = [one for one in others if one.amount.minor or one.account_id or one.item_id]
    told = [
        f"{' and '.join(_line_differs(line, other))} of line {at}"
        for (at, line), other in zip(left, others, strict=False)
    ]
    told += [f"line {at}, which is not there" for at, _ in left[len(others) :]]
    more = len(others) - len(left)
    if more > 0:
        told.append("a line that is not ours" if more == 1 else f"{more} lines that are not ours")
    return told


def _line_differs(ours: DocumentLine, theirs: DocumentLine) -> list[str]:
    checks = (
        ("the amount", ours.amount != theirs.amount),
        ("the account", ours.account_id not in (None, theirs.account_id)),
        ("the product or service", ours.item_id not in (None, theirs.item_id)),
        ("the description", ours.description.split() not in ([], theirs.description.split())),
    )
    return [called for called, differs in checks if differs]


def _expected(ours: Ours) -> Document:
    """What should stand there: as the record says now, booked and described as it was written.

    An account or item chosen since is for documents still to come; without knowledge of what was
    written, none is expected.
    """
    written = ours.written.lines if ours.written else ()
    known = written if len(written) == len(ours.now.lines) else ()
    lines = tuple(
        replace(
            line,
            account_id=known[at].account_id if known else None,
            item_id=known[at].item_id if known else None,
            description=known[at].description if known else "",
        )
        for at, line in enumerate(ours.now.lines)
    )
    return replace(ours.now, lines=lines)


def _says(theirs: Document, ours: Document, field: str) -> bool:
    mine, other = getattr(ours, field), getattr(theirs, field)
    if mine is None:
        return True
    return number_key(mine) == number_key(other) if field == "number" else bool(mine == other)


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
