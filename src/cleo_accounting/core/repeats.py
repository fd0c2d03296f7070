"""Several documents of ours with one number: other documents, or one that was entered twice.

A supplier may put the same number on every bill. With another date and another total it is another
document; with the same date or the same total it may have been entered twice in Cleo Pay.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.links import Document
from cleo_accounting.core.numbers import number_key
from cleo_accounting.core.plan import Create, Leave
from cleo_accounting.core.render import record_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from cleo_accounting.core.links import Remote
    from cleo_accounting.core.plan import Verdict
    from cleo_accounting.core.records import Money

_OURS = "ours:"  # before the id of a record, where ids of documents in QuickBooks stand, too
_TOLD = 3  # of the documents that have the same number
_NAMED_MAX = 100  # in one question; about further ones the next sync asks


@dataclass(frozen=True, slots=True)
class Own:
    """A document of ours: its record, its date and total, and whether it is in QuickBooks."""

    record_id: str
    dated: date
    total: Money
    written: bool

    def described(self, beside: Document) -> str:
        """Describe it for a person who compares it with another document."""
        where = "in QuickBooks" if self.written else "not in QuickBooks yet"
        same = [
            name
            for name, equal in (
                ("date", self.dated == beside.dated),
                ("total", self.total == beside.total),
            )
            if equal
        ]
        day, shared = self.dated.isoformat(), " and ".join(same)
        return f"that of {day} over {self.total} ({where}; same {shared})"


class Repeats:
    """The documents that a run plans to create, by party and number, page after page."""

    def __init__(self) -> None:
        self._planned: dict[tuple[str, str], dict[str, Own]] = defaultdict(dict)
        self._removed: set[str] = set()

    def remove(self, record_ids: Iterable[str]) -> None:
        """Note records whose documents this run removes: their numbers are free."""
        self._removed.update(record_ids)

    def settle(
        self,
        create: Create,
        written: Iterable[Own],
        said: Collection[str],
        *,
        is_by_date: bool = False,
    ) -> Create | Leave:
        """Decide about a document whose number other documents of ours may have.

        `written` are those in QuickBooks; `said` names the documents that a person said it is not.
        `is_by_date`: a person said that under this number every date is another document.
        """
        content = create.content
        assert isinstance(content, Document)
        if not content.number:
            return create
        planned = self._planned[content.party_id, number_key(content.number)]
        there = {one.record_id: one for one in written if one.record_id not in self._removed}
        others = [*{**there, **planned}.values()]
        decided = settle(create, others, said, is_by_date=is_by_date)
        planned[create.record_id] = Own(
            create.record_id, content.dated, content.total, written=False
        )
        return decided


def settle(
    create: Create, others: Sequence[Own], said: Collection[str], *, is_by_date: bool = False
) -> Create | Leave:
    """Create a document beside `others` of its number, or leave it to a person.

    It is another document where date and total both differ, or where a person said so: of the
    document, or (`is_by_date`) of every date under this number.
    """
    content = create.content
    assert isinstance(content, Document)
    others = [one for one in others if one.record_id != create.record_id]
    alike = [
        one
        for one in others
        if not is_another(content, one.dated, one.total)
        and not (is_by_date and one.dated != content.dated)
    ]
    unsaid = [one for one in alike if named(one.record_id) not in said]
    if unsaid:
        return _ask(create, content, unsaid)
    return replace(create, number_again=True) if others else create


def is_another(ours: Document, dated: date, total: Money) -> bool:
    """Whether documents with one number differ so much that they are certainly two."""
    return ours.dated != dated and ours.total != total


def is_said(others: Mapping[str, Verdict], one: str, another: str) -> bool:
    """Whether a person said of one of two records that it is not the other."""
    pairs = ((one, another), (another, one))
    return any(named(b) in others[a].value.split() for a, b in pairs if a in others)


def named(record_id: str) -> str:
    """Give the name of a record of ours among ids of documents in QuickBooks."""
    return f"{_OURS}{record_id}"


def owned(numbered: Iterable[Remote], owners: Mapping[str, str]) -> list[Own]:
    """Give the live documents in QuickBooks that belong to records of ours.

    Such a document is linked to a record (`owners`), or carries its mark.
    """
    found: list[Own] = []
    for remote in numbered:
        theirs = remote.content
        if not isinstance(theirs, Document) or remote.gone or not theirs.total.minor:
            continue
        if record_id := owners.get(remote.id) or record_of(remote.details.get("marker", "")):
            found.append(Own(record_id, theirs.dated, theirs.total, written=True))
    return found


def _ask(create: Create, content: Document, alike: Sequence[Own]) -> Leave:
    kind = kinds.document(create.kind)
    party = kinds.of(kind.party).noun
    which = f"another {kind.noun}" if len(alike) == 1 else f"{len(alike)} other {kind.plural}"
    told = [one.described(content) for one in alike[:_TOLD]]
    if len(alike) > _TOLD:
        told.append(f"{len(alike) - _TOLD} more")
    whose = f"{which} of the same {party} from Cleo Pay"
    facts = {
        "number": content.number,
        "used": f"is also the number of {whose}: {'; '.join(told)}",
        "same": "leave this one out",
        "again": "with the same number, or ",
        "beside": [named(one.record_id) for one in alike[:_NAMED_MAX]],
    }
    return Leave(
        create.kind, create.record_id, create.label, "duplicate_number", facts, mark=create.mark
    )
