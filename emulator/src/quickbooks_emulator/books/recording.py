"""Write a validated draft and all its consequences into the books, in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quickbooks_emulator.books.books import Effect, Record, encode
from quickbooks_emulator.books.linking import unlink_payments
from quickbooks_emulator.books.versions import rewrite, seal, settle

if TYPE_CHECKING:
    from quickbooks_emulator.books.books import Books, Operation, Postings
    from quickbooks_emulator.books.draft import Draft
    from quickbooks_emulator.books.entities import Entity

NAME_SPACES = {"Vendor": "party", "Customer": "party", "Employee": "party"}


def next_id(books: Books, entity: Entity) -> str:
    """Return the id that the next record of this kind will get, without reserving it."""
    return str(books.sequences.get(entity.sequence, 0) + 1)


def record_new(draft: Draft) -> Record:
    """Write a new entity from its draft."""
    books = draft.books
    if draft.id.isdecimal():
        books.sequences[draft.entity.sequence] = int(draft.id)
    moment = books.moment()
    record = Record(
        kind=draft.entity.name,
        id=draft.id,
        token=0,
        body=b"",
        label=draft.label,
        active=draft.active,
        created=moment,
        updated=moment,
        names_seen=books.names_age,
        postings=_flat(draft),
    )
    books.records[record.kind][record.id] = record
    seal(books, record, draft.document, moment)
    _index(draft, record)
    _post(books, record.postings, 1)
    _apply(draft)
    books.on_effect(Effect(record.kind, record.id, "Create", None, record.body, draft.options.by))
    return record


def record_change(draft: Draft, operation: Operation = "Update") -> Record:
    """Replace an entity's state with its draft."""
    books, record = draft.books, draft.record
    assert record is not None
    if draft.unlink_wanted:
        unlink_payments(books, record.id, draft.options.by)
    before = record.body
    _unindex(draft, record)
    _post(books, record.postings, -1)
    record.postings = _flat(draft)
    _post(books, record.postings, 1)
    if record.label != draft.label or record.active != draft.active:
        _renamed(draft, record)
    record.token += 1
    seal(books, record, draft.document, books.moment())
    _index(draft, record)
    _apply(draft)
    books.on_effect(
        Effect(record.kind, record.id, operation, before, record.body, draft.options.by)
    )
    return record


def record_removal(draft: Draft) -> None:
    """Remove an entity from the books; only the change log keeps its deletion."""
    books, record = draft.books, draft.record
    assert record is not None
    if draft.unlink_wanted:
        unlink_payments(books, record.id, draft.options.by)
    _unindex(draft, record)
    _post(books, record.postings, -1)
    draft.applications = {}
    _apply(draft)
    moment = books.moment()
    del books.records[record.kind][record.id]
    books.gone[record.kind][record.id] = moment
    books.changes[record.kind].note(moment, record.id)
    if record.kind == "Attachable":
        books.files.pop(record.id, None)
    books.on_effect(Effect(record.kind, record.id, "Delete", record.body, None, draft.options.by))


def _flat(draft: Draft) -> Postings:
    assert sum(cents for _, cents, _ in draft.postings) == 0, draft.postings
    return tuple(part for posting in draft.postings for part in posting)


def _post(books: Books, postings: Postings, sign: int) -> None:
    balances, parties = books.balances, books.party_balances
    for position in range(0, len(postings), 3):
        account, cents, party = postings[position : position + 3]
        assert isinstance(account, str)
        assert isinstance(cents, int)
        balances[account] = balances.get(account, 0) + sign * cents
        if party is not None:
            assert isinstance(party, str)
            parties[party] = parties.get(party, 0) + sign * cents


def _party_of(draft: Draft, document: dict[str, Any]) -> str | None:
    reference = document.get(draft.entity.party) if draft.entity.party else None
    return reference["value"] if reference else None


def _name_space(draft: Draft) -> dict[str, tuple[str, str]]:
    space = NAME_SPACES.get(draft.entity.name, draft.entity.name)
    return draft.books.names.setdefault(space, {})


def _index(draft: Draft, record: Record) -> None:
    books, entity = draft.books, draft.entity
    record.label, record.active = draft.label, draft.active
    if entity.title is not None:
        _name_space(draft)[record.label.casefold()] = (record.kind, record.id)
        parent = draft.document.get("ParentRef")
        if parent is not None:
            books.children.setdefault((record.kind, parent["value"]), []).append(record.id)
        if record.kind == "Account":
            books.forget_special()
        return
    if record.label:
        books.numbers[record.kind].setdefault(record.label.casefold(), []).append(record.id)
    party = _party_of(draft, draft.document)
    if party is not None:
        books.of_party[record.kind].setdefault(party, {})[record.id] = None


def _unindex(draft: Draft, record: Record) -> None:
    books, entity = draft.books, draft.entity
    before = draft.before or {}
    if entity.title is not None:
        _name_space(draft).pop(record.label.casefold(), None)
        parent = before.get("ParentRef")
        if parent is not None:
            books.children[record.kind, parent["value"]].remove(record.id)
        return
    if record.label:
        holders = books.numbers[record.kind][record.label.casefold()]
        holders.remove(record.id)
        if not holders:
            del books.numbers[record.kind][record.label.casefold()]
    party = _party_of(draft, before)
    if party is not None:
        books.of_party[record.kind][party].pop(record.id, None)


def _renamed(draft: Draft, record: Record) -> None:
    """Mark the names in references as outdated, and rename the records below in the hierarchy."""
    books = draft.books
    if draft.entity.title is None:
        return
    books.names_age += 1
    old, new = record.label, draft.label
    space = _name_space(draft)
    for each in books.descendants(record.kind, record.id):
        child = books.records[record.kind][each]
        space.pop(child.label.casefold(), None)
        child.label = new + child.label[len(old) :]
        space[child.label.casefold()] = (child.kind, child.id)
        document = books.stored(child)
        document["FullyQualifiedName"] = child.label
        child.body = encode(document)


def _apply(draft: Draft) -> None:
    """Update the documents that this one pays: links, balances and new versions."""
    if draft.entity.title is not None:
        return  # names have ids of their own, which may equal a payment's id
    books, source = draft.books, draft.id
    former = books.paying.get(source, {})
    kinds = {**former, **{each: a.kind for each, a in draft.applications.items()}}
    for target, kind in kinds.items():
        links = books.applied.get(target, {})
        new = draft.applications.get(target)
        if new is not None and links.get(source) == (new.cents, new.link_type):
            continue
        if new is None:
            links.pop(source, None)
        else:
            books.applied.setdefault(target, links)[source] = (new.cents, new.link_type)
        if not links:
            books.applied.pop(target, None)
        record = books.records[kind].get(target)
        if record is not None:
            document = books.stored(record)
            settle(books, kind, target, document)
            rewrite(books, record, document, draft.options.by)
    if draft.applications:
        books.paying[source] = {each: a.kind for each, a in draft.applications.items()}
    else:
        books.paying.pop(source, None)
