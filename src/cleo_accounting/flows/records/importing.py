"""Import the content of a file: find the record that each row means, and store it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cleo_accounting.core.amended import Change, changes
from cleo_accounting.core.identity import (
    Held,
    Kept,
    New,
    Remembered,
    Same,
    Verdict,
    Word,
    identify,
)
from cleo_accounting.core.match import name_key
from cleo_accounting.core.numbers import number_key
from cleo_accounting.core.records import (
    KIND_OF,
    Connection,
    ConnectionStatus,
    FundingSource,
    Payable,
    Record,
    RecordKind,
    Role,
)
from cleo_accounting.flows.admin import acts
from cleo_accounting.flows.records.feed import ROLE_STAYS
from cleo_accounting.platform.rows import Bad
from cleo_accounting.store import audit, identities, ignored, incoming, records

if TYPE_CHECKING:
    from datetime import datetime

    from cleo_accounting.flows import House
    from cleo_accounting.platform.rows import Group, Taken
    from cleo_accounting.store.database import Transaction

_WHY = {
    "date": (
        "its vendor, number and amount are known under another date: it may be the same document"
        " or another one"
    ),
    "several": "several documents here have its vendor, number and date: correct it there",
    "platform": (
        "the platform's own record of this vendor, number and date has another amount:"
        " correct it there"
    ),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome for a record of a file: created, updated, unchanged, or held with a reason."""

    line: int
    kind: RecordKind
    id: str
    label: str
    outcome: str
    changes: Sequence[Change] = ()
    why: str = ""
    alike: Sequence[Payable] = ()
    payable: Payable | None = None
    vendor: str = ""  # of a held document


@dataclass(frozen=True, slots=True)
class Settling:
    """A person's decisions about held documents: about all of them, or by their ids."""

    every: Word | None = None
    each: Mapping[str, Word] = field(default_factory=dict)

    def word(self, payable: Payable) -> Word | None:
        """Return the decision about a document, if there is one."""
        return self.each.get(payable.id, self.every)


@dataclass(slots=True)
class _Known:
    """What we have stored under the names and numbers of some documents."""

    vendors: dict[str, list[Connection]]
    payables: dict[str, list[Payable]]
    words: Mapping[str, Remembered]

    def vendor(self, name: str) -> Connection | None:
        """Return the connection with a name: the exact spelling first, else the oldest in use."""
        found = self.vendors.get(name_key(name), [])
        ranked = sorted(
            found, key=lambda one: (one.name != name, one.status is ConnectionStatus.ARCHIVED)
        )
        return next(iter(ranked), None)

    def documents(self, vendor: str, number: str) -> list[Payable]:
        """Return the bills that we have under a vendor and a number."""
        ids = {one.id for one in self.vendors.get(name_key(vendor), [])}
        return [
            one
            for one in self.payables.get(number_key(number), [])
            if one.connection_id in ids and one.role is Role.PAYER
        ]


def take_groups(
    house: House,
    business_id: str,
    groups: Sequence[Group],
    *,
    settling: Settling,
    by: str,
    dry_run: bool,
) -> list[Outcome]:
    """Import documents without ids; return an outcome for each, and for each new vendor."""
    now = house.clock.now()
    with opened(house, business_id, dry_run=dry_run) as tx:
        known = _look(tx, business_id, groups)
        keyed = [(_key(group), step) for group in groups for step in _steps(group, known, settling)]
        steps = [step for _, step in keyed]
        keep = incoming.foresee if dry_run else incoming.upsert
        became = keep(tx, business_id, [step.record for step in steps if step.is_kept], now)
        if not dry_run:
            fed = [step.record for step in steps if step.is_kept]
            acts.note_fed(tx, business_id, fed, became, by=by, now=now)
            _remember(tx, business_id, keyed, by, now)
    return _outcomes(steps, became)


def take_records(
    house: House, business_id: str, rows: Sequence[Taken], *, by: str, dry_run: bool
) -> list[Outcome | Bad]:
    """Import records with ids; return one outcome each, in order."""
    with opened(house, business_id, dry_run=dry_run) as tx:
        return keep_records(tx, business_id, rows, by=by, now=house.clock.now(), dry_run=dry_run)


def keep_records(
    tx: Transaction,
    business_id: str,
    rows: Sequence[Taken],
    *,
    by: str,
    now: datetime,
    dry_run: bool,
) -> list[Outcome | Bad]:
    """Store records with ids, or predict the result if `dry_run`; one outcome each, in order.

    A payable that arrives with another role than it has is refused.
    """
    given = [row.record for row in rows]
    before = _before(tx, business_id, given)
    keep = incoming.foresee if dry_run else incoming.upsert
    became = keep(tx, business_id, given, now)
    if not dry_run:
        acts.note_fed(tx, business_id, given, became, by=by, now=now)
        ignored.note(tx, business_id, (one for row in rows for one in row.ignored), now)
    outcomes: list[Outcome | Bad] = []
    for row, word in zip(rows, became, strict=True):
        if word == "other_role":
            reason = f"The role of a payable {ROLE_STAYS}."
            outcomes.append(Bad(row.line, reason, "role", "role", row.record.id))
            continue
        key = (KIND_OF[type(row.record)], row.record.id)
        outcomes.append(_outcome(row.line, row.record, word, before.get(key)))
        before[key] = row.record
    return outcomes


@contextmanager
def opened(house: House, business_id: str, *, dry_run: bool) -> Iterator[Transaction]:
    """Open a transaction that is the only writer of the business's records, or a read-only one."""
    if dry_run:
        with house.database.reading() as tx:
            yield tx
    else:
        with house.database.transaction() as tx:
            incoming.one_writer(tx, business_id)
            yield tx


def _look(tx: Transaction, business_id: str, groups: Sequence[Group]) -> _Known:
    vendors = {name_key(group.vendor.name) for group in groups}
    numbers = {_number(group): None for group in groups}
    keys = {_key(group) for group in groups}
    connections = records.labelled(tx, business_id, RecordKind.CONNECTION, sorted(vendors))
    payables = records.labelled(tx, business_id, RecordKind.PAYABLE, list(numbers))
    return _Known(
        {
            key: [one for one in found if isinstance(one, Connection)]
            for key, found in connections.items()
        },
        {
            key: [one for one in found if isinstance(one, Payable)]
            for key, found in payables.items()
        },
        identities.remembered(tx, business_id, sorted(keys)),
    )


def _number(group: Group) -> str:
    return number_key(group.documents[0].payable.number or "")


def _key(group: Group) -> str:
    return identities.key(name_key(group.vendor.name), _number(group))


@dataclass(frozen=True, slots=True)
class _Step:
    """One record of a file: before and after, and whether it is stored, held or left unchanged."""

    line: int
    record: Record
    before: Record | None = None
    verdict: Verdict | None = None
    is_kept: bool = False
    is_told: bool = True
    vendor: str = ""


def _steps(group: Group, known: _Known, settling: Settling) -> Iterator[_Step]:
    """Match the vendor and the documents of a group with what we have."""
    name, first = group.vendor.name, group.documents[0]
    vendor = known.vendor(name)
    if vendor is None:
        known.vendors[name_key(name)] = [vendor := group.vendor]
        yield _Step(first.line, vendor, is_kept=True, is_told=group.is_first)
    elif group.is_first:
        yield _Step(first.line, vendor, vendor)
    standing = known.documents(name, first.payable.number or "")
    before: dict[str, Record] = {one.id: one for one in standing}
    lines = {each.payable.issued_on: each.line for each in group.documents}
    given = [replace(each.payable, connection_id=vendor.id) for each in group.documents]
    words = known.words.get(_key(group), Remembered())
    for one, verdict in identify(given, standing, words, settling.word):
        record, line = verdict.payable, lines[one.issued_on]
        is_kept = isinstance(verdict, New | Same) and record != before.get(record.id)
        yield _Step(line, record, before.get(record.id), verdict, is_kept=is_kept, vendor=name)
        if is_kept:
            before[record.id] = record


def _outcomes(steps: Sequence[_Step], became: Sequence[str]) -> list[Outcome]:
    words = iter(became)
    outcomes: list[Outcome] = []
    for step in steps:
        word = next(words) if step.is_kept else "unchanged"
        if isinstance(step.verdict, Held):
            outcomes.append(_held(step.line, step.verdict, step.vendor))
        elif step.is_told:
            outcomes.append(_outcome(step.line, step.record, word, step.before))
    return outcomes


def _outcome(line: int, record: Record, word: str, before: Record | None) -> Outcome:
    told = changes(before, record) if word == "updated" and before is not None else ()
    return Outcome(line, KIND_OF[type(record)], record.id, _label(record), word, told)


def _held(line: int, verdict: Held, vendor: str) -> Outcome:
    payable = verdict.payable
    return Outcome(
        line,
        RecordKind.PAYABLE,
        payable.id,
        _label(payable),
        "held",
        why=_WHY[verdict.why],
        alike=verdict.alike,
        payable=payable,
        vendor=vendor,
    )


def _label(record: Record) -> str:
    match record:
        case Connection() | FundingSource():
            return record.name
        case Payable():
            return record.number or record.id
        case _:
            return record.id


def _before(
    tx: Transaction, business_id: str, given: Sequence[Record]
) -> dict[tuple[RecordKind, str], Record]:
    """Return what we have stored under the ids of some records."""
    found: dict[tuple[RecordKind, str], Record] = {}
    for kind in RecordKind:
        ids = [one.id for one in given if KIND_OF[type(one)] is kind]
        there = records.get(tx, business_id, kind, ids)
        found.update(((kind, id_), record) for id_, record in there.items())
    return found


def _remember(
    tx: Transaction,
    business_id: str,
    groups: Sequence[tuple[str, _Step]],
    by: str,
    now: datetime,
) -> None:
    """Remember what a person decided about some documents, so that they are asked only once."""
    for key, step in groups:
        verdict = step.verdict
        if not isinstance(verdict, New | Same | Kept) or verdict.word is None:
            continue
        earlier = None if isinstance(verdict, New) else verdict.earlier
        identities.remember(tx, business_id, key, verdict.word, earlier=earlier, by=by, now=now)
        facts = {"number": _label(step.record), "word": verdict.word.value}
        audit.note(
            tx, business_id, by=by, what="identified", subject=step.record.id, now=now, facts=facts
        )
