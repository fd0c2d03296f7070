"""Compare a document or payment in QuickBooks with our record, field by field."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from cleo_accounting.core.contrast import Contrast, compared_value
from cleo_accounting.core.links import Document, DocumentLine, Entry, RemoteKind, Settlement
from cleo_accounting.core.numbers import number_key

NameOf = Callable[[RemoteKind, str], str]


@dataclass(frozen=True, slots=True)
class Ours:
    """Our record, rendered as it is now and as it was last written.

    `changed`: the record changed since it was written, so the remote may still hold what was
    written. `parties` are the ids that its vendor or customer may have: the one it was written for,
    and the one its connection is matched with now. `free`: fields that we do not set and do not
    compare.
    """

    now: Entry
    written: Entry | None = None
    changed: bool = False
    parties: Collection[str] = ()
    free: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """The fields on which both sides differ, with both values, and a sentence that names them."""

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
    """Compare the vendor or customer, the dates, the total and the currency of an entry.

    A document is also compared by its number and lines, a payment by its bank account and what it
    pays. A field that our record leaves open may have been filled in by QuickBooks; that is no
    difference.
    """
    if isinstance(theirs, Settlement):
        expected: Entry = ours.written or ours.now  # a recorded payment is never updated
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
            mine = None  # we would not overwrite it
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
    """Describe, for each accepted content, which lines differ from the remote's."""
    assert isinstance(theirs, Document)
    found = [
        lines_differing(one.lines, theirs.lines) for one in accepted if isinstance(one, Document)
    ]
    return "lines", ["; ".join(told) for told in found]


def _parts_differing(accepted: Sequence[Entry], theirs: Entry) -> tuple[str, list[str]]:
    """Describe, for each accepted content, whether it pays something else than the remote."""
    found = [set(_pays(one)) != set(_pays(theirs)) for one in accepted]
    return "applied", ["what it pays" if differs else "" for differs in found]


def _pays(entry: Entry) -> Sequence[tuple[str, bool, str, int]]:
    """Return the documents that a payment pays and the credits it uses, with the amount of each."""
    found: dict[tuple[str, bool, str], int] = {}
    for one in entry.applied if isinstance(entry, Settlement) else ():
        place = (one.document_id, one.is_credit, one.amount.currency)
        found[place] = found.get(place, 0) + one.amount.minor
    return [(*place, minor) for place, minor in found.items()]


def lines_differing(ours: Sequence[DocumentLine], theirs: Sequence[DocumentLine]) -> list[str]:
    """Describe which lines differ, and in what; lines may be in any order."""
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
    """Return the expected content: the record as it is now, booked and described as last written.

    An account or item that was chosen later applies to new documents only. If it is not known what
    was written, no account, item or description is expected.
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
