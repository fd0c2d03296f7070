"""Several documents of ours with the same number: different ones, or one entered twice.

A supplier may put the same number on every bill. A document with another date and another total is
a different document; with the same date or the same total it may have been entered twice in Cleo
Pay.
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

_OURS = "ours:"  # prefix of record ids in lists that also hold ids of documents in QuickBooks
_TOLD = 3  # the number of documents described in one question
_NAMED_MAX = 100  # per question; the next sync asks about further ones


@dataclass(frozen=True, slots=True)
class Own:
    """A document of ours: its record, its date and total, and whether it is in QuickBooks."""

    record_id: str
    dated: date
    total: Money
    written: bool

    def described(self, beside: Document) -> str:
        """Describe the document for a person who compares it with another one."""
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
    """The documents that a run plans to create, by party and number, across all pages."""

    def __init__(self) -> None:
        self._planned: dict[tuple[str, str], dict[str, Own]] = defaultdict(dict)
        self._removed: set[str] = set()

    def remove(self, record_ids: Iterable[str]) -> None:
        """Note the records whose documents this run removes, so that their numbers are free."""
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

        `written` are those in QuickBooks; `said` names the documents that a person decided it is
        not. `is_by_date`: a person decided that every date under this number is a different
        document.
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
    """Create a document with the same number as `others`, or ask a person.

    It is a different document if both its date and its total differ, or if a person decided so: for
    this document, or (`is_by_date`) for every date under this number.
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
    """Return whether documents with the same number are certainly two different ones."""
    return ours.dated != dated and ours.total != total


def is_said(others: Mapping[str, Verdict], one: str, another: str) -> bool:
    """Return whether a person decided about one of two records that it is not the other."""
    pairs = ((one, another), (another, one))
    return any(named(b) in others[a].value.split() for a, b in pairs if a in others)


def named(record_id: str) -> str:
    """Return the id of a record as it appears among ids of documents in QuickBooks."""
    return f"{_OURS}{record_id}"


def owned(numbered: Iterable[Remote], owners: Mapping[str, str]) -> list[Own]:
    """Return the live documents in QuickBooks that belong to records of ours.

    Such a document is linked to a record (`owners`) or has its marker.
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
