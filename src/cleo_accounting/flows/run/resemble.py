"""Look for a document that a person already entered, before a record is first written.

The look happens outside of transactions, and also in previews. What people decided about the
documents found determines whether the record is created, linked, or left to a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.kinds import DOCUMENTS
from cleo_accounting.core.links import Document, Remote, RemoteKind
from cleo_accounting.core.match import name_key
from cleo_accounting.core.numbers import number_key
from cleo_accounting.core.parties import NEW
from cleo_accounting.core.past import is_copy
from cleo_accounting.core.plan import Create, Leave, Operation, Remove
from cleo_accounting.core.records import Connection, Payable, RecordKind
from cleo_accounting.core.repeats import Repeats, owned
from cleo_accounting.core.twins import DAYS_APART_MAX, Twins, Words, settle
from cleo_accounting.flows.run import propose
from cleo_accounting.providers import Sought
from cleo_accounting.store import decisions, earlier, identities, links, records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cleo_accounting.flows.run.desk import Desk
    from cleo_accounting.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Resembling:
    """What was found of documents about to be created, and what people decided about them."""

    twins: Twins = field(default_factory=lambda: Twins((), ()))
    named: Mapping[str, Remote] = field(default_factory=dict)
    words: Words = field(default_factory=Words)


def look_for_twins(desk: Desk, kind: RemoteKind, planned: Sequence[Operation]) -> Resembling:
    """Read the documents that resemble those about to be created; nothing else costs a read.

    A vendor that this run created has no documents yet.
    """
    creates = [one for one in planned if isinstance(one, Create)]
    if kind not in DOCUMENTS or not creates:
        return Resembling()
    party = kinds.document(kind).party
    with desk.house.database.reading() as tx:
        said = decisions.words_of(tx, desk.integration.id, kind)
        fresh = earlier.made(tx, desk.run.id, party)
    words = Words.about(creates, said.verdicts, said.others)
    named = desk.company.read(kind, list(words.same.values())) if words.same else {}
    sought = [
        _sought(one.record_id, one.content)
        for one in creates
        if isinstance(one.content, Document)
        and one.record_id not in words.same
        and one.content.party_id not in fresh
        and not one.content.party_id.startswith(NEW)
    ]
    seen = desk.company.resembling(kind, sought, days=DAYS_APART_MAX) if sought else iter(())
    return Resembling(Twins(creates, seen), named, words)


def in_view_of_twins(
    desk: Desk,
    tx: Transaction,
    planned: Sequence[Operation],
    found: Resembling,
    repeats: Repeats,
) -> Iterator[Operation]:
    """Yield the plan with every create decided: create it, link it, or ask which document it is.

    `repeats` holds the creates of earlier pages, and collects those of this page.
    """
    creates = [one for one in planned if isinstance(one, Create)]
    repeats.remove(
        one.record_id for one in planned if isinstance(one, Remove) and not is_copy(one.facts)
    )
    if not creates or creates[0].kind not in DOCUMENTS:
        yield from planned
        return
    ids = sorted({*found.twins.ids, *found.named})
    owners = links.owners_of(tx, desk.integration.id, creates[0].kind, ids)
    for record_id, remote_id in found.words.same.items():
        owners.setdefault(remote_id, record_id)  # it is linked by this plan
    by_date = _told_apart_by_date(desk, tx, creates)
    decided = [
        _decided(one, found, owners, repeats, is_by_date=one.record_id in by_date)
        if isinstance(one, Create)
        else one
        for one in planned
    ]
    yield from _with_numbers(desk, tx, creates[0].kind, decided)


def _told_apart_by_date(desk: Desk, tx: Transaction, creates: Sequence[Create]) -> set[str]:
    """Return the records for which each date under their vendor and number is a separate document.

    A person decided this when a file with them was imported, and is not asked a second time.
    """
    ids = [one.record_id for one in creates]
    payables = records.get(tx, desk.run.business_id, RecordKind.PAYABLE, ids)
    parties = sorted({one.connection_id for one in payables.values() if isinstance(one, Payable)})
    vendors = records.get(tx, desk.run.business_id, RecordKind.CONNECTION, parties)
    keys = {
        one.id: identities.key(name_key(vendor.name), number_key(one.number))
        for one in payables.values()
        if isinstance(one, Payable)
        and one.number
        and isinstance(vendor := vendors.get(one.connection_id), Connection)
    }
    said = identities.remembered(tx, desk.run.business_id, sorted({*keys.values()}))
    return {record_id for record_id, key in keys.items() if key in said and said[key].others}


def _decided(
    create: Create,
    found: Resembling,
    owners: Mapping[str, str],
    repeats: Repeats,
    *,
    is_by_date: bool,
) -> Operation:
    """Decide about one create; a match that a person entered comes before our own documents."""
    content = create.content
    assert isinstance(content, Document)
    decided = settle(create, found.twins, found.named, found.words, owners)
    if not isinstance(decided, Create):
        return decided
    said = found.words.others.get(create.record_id, ())
    written = owned(found.twins.numbered(content), owners)
    return repeats.settle(decided, written, said, is_by_date=is_by_date)


def _with_numbers(
    desk: Desk, tx: Transaction, kind: RemoteKind, decided: Sequence[Operation]
) -> Iterator[Operation]:
    """Propose another number for every document whose number may be taken."""
    shared = [
        (one.record_id, one.label, one.label)
        for one in decided
        if isinstance(one, Leave)
        and (
            one.code == "duplicate_number"
            or any(each["same_number"] for each in one.facts.get("twins", ()))
        )
    ]
    proposed = propose.numbers(tx, desk.integration, kind, shared) if shared else {}
    for one in decided:
        if isinstance(one, Leave) and one.record_id in proposed:
            yield replace(one, facts={**one.facts, "proposed": proposed[one.record_id]})
        else:
            yield one


def _sought(record_id: str, content: Document) -> Sought:
    return Sought(record_id, number=content.number, party_id=content.party_id, dated=content.dated)
