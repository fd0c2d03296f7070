"""Set a document or payment in QuickBooks beside what our record says, field by field."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from cleo_accounting.core.contrast import Contrast, compared_value
from cleo_accounting.core.links import Document, DocumentLine, Entry, RemoteKind, Settlement
from cleo_accounting.core.numbers import number_key

NameOf = Callable[[RemoteKind, str], str]


@dataclass(frozen=True, slots=True)
class Ours:
    """What our record says: rendered now, and as it was last written.

    `changed`: the record changed since it was written, so that what was written may stand there
    still. `parties` are the ids that its vendor or customer may have: the one it was written for,
    and the one its connection is matched with now. `free`: fields that are not ours to say.
    """

    now: Entry
    written: Entry | None = None
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
_CALLED_OF_PAYMENTS = {
    "dated": "the date",
    "total": "the amount",
    "account_id": "the bank account",
}


def set_beside(ours: Ours, theirs: Entry, party: RemoteKind, name_of: NameOf) -> Beside:
    """Compare vendor or customer, dates, total and currency, and what is of the sort.

    That is the number and every line of a document, and the bank account of a payment and what it
    pays. What our record leaves open, QuickBooks may have filled in: that is no difference.
    """
    if isinstance(theirs, Settlement):
        expected: Entry = ours.written or ours.now  # nothing of it is ever changed
        called_of, parts = _CALLED_OF_PAYMENTS, _parts_differing
    else:
        expected, called_of, parts = _expected(ours), _CALLED, _lines_differing
    accepted = [expected, ours.written] if ours.changed and ours.written else [expected]
    found: list[Contrast] = []
    words: list[str] = []

    def differs(field: str, called: str) -> None:
        before, other, mine = (
            compared_value(field, getattr(one, field, None), party, name_of)
            for one in (ours.written, theirs, expected)
        )
        if isinstance(theirs, Settlement):
            mine = None  # we would write nothing over it
        both = ours.changed and mine is not None and before != other
        found.append(Contrast(field, before, other, mine, both=both))
        words.append(called)

    if theirs.party_id not in ours.parties and "party_id" not in ours.free:
        differs("party_id", f"the {party.value}")
    for field, called in called_of.items():
        if field not in ours.free and not any(_says(theirs, one, field) for one in accepted):
            differs(field, called)
    field, told = parts(accepted, theirs)
    if field not in ours.free and all(told):
        differs(field, told[0])
    return Beside(tuple(found), f"It differs in {_joined(words)}." if words else "")


def _lines_differing(accepted: Sequence[Entry], theirs: Entry) -> tuple[str, list[str]]:
    """Say for each that may stand there in which lines it differs."""
    assert isinstance(theirs, Document)
    found = [
        lines_differing(one.lines, theirs.lines) for one in accepted if isinstance(one, Document)
    ]
    return "lines", ["; ".join(told) for told in found]


def _parts_differing(accepted: Sequence[Entry], theirs: Entry) -> tuple[str, list[str]]:
    """Say for each that may stand there whether it pays something else."""
    found = [set(_pays(one)) != set(_pays(theirs)) for one in accepted]
    return "applied", ["what it pays" if differs else "" for differs in found]


def _pays(entry: Entry) -> Sequence[tuple[str, bool, str, int]]:
    """The documents that a payment pays and the credits it uses, each once with its amount."""
    found: dict[tuple[str, bool, str], int] = {}
    for one in entry.applied if isinstance(entry, Settlement) else ():
        place = (one.document_id, one.is_credit, one.amount.currency)
        found[place] = found.get(place, 0) + one.amount.minor
    return [(*place, minor) for place, minor in found.items()]


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


def _expected(ours: Ours) -> Entry:
    """What should stand there: as the record says now, booked and described as it was written.

    An account or item chosen since is for documents still to come; without knowledge of what was
    written, none is expected.
    """
    if not isinstance(ours.now, Document):
        return ours.now
    written = ours.written.lines if isinstance(ours.written, Document) else ()
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


def _says(theirs: Entry, ours: Entry, field: str) -> bool:
    mine, other = getattr(ours, field), getattr(theirs, field)
    if mine is None:
        return True
    return number_key(mine) == number_key(other) if field == "number" else bool(mine == other)


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
