"""Create, update, delete and void entities: from the document sent to the stored record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics import faults
from quickbooks_emulator.books import recording, references
from quickbooks_emulator.books.draft import Draft, Options
from quickbooks_emulator.books.properties import Reading, read_object
from quickbooks_emulator.books.rules import COMPLETE, REMOVE, VOID

if TYPE_CHECKING:
    from quickbooks_emulator.books.books import Books, Record
    from quickbooks_emulator.books.entities import Entity

__all__ = ["Options", "create", "delete", "locate", "update", "void"]

_NAMES_THAT_STAY = ("DisplayName", "PrintOnCheckName", "Name")
"""Properties that a sparse update cannot remove."""


def create(
    books: Books,
    entity: Entity,
    raw: dict[str, Any],
    options: Options,
    record_id: str | None = None,
) -> Record:
    """Create an entity, with the next id unless one is given; raises Refusal."""
    _guard(books, entity, options)
    document = _read(books, entity, raw, entity.required)
    identity = record_id or recording.next_id(books, entity)
    draft = Draft(books, entity, identity, raw, document, options)
    COMPLETE[entity.name](draft)
    return recording.record_new(draft)


def update(books: Books, entity: Entity, raw: dict[str, Any], options: Options) -> Record:
    """Update an entity, in full or sparsely; raises Refusal."""
    _guard(books, entity, options)
    record = locate(books, entity, raw)
    sparse = raw.get("sparse") in (True, "true")
    before = books.stored(record)
    if sparse:
        absent = [each for each in entity.sparse_required if each not in raw]
        if absent:
            raise faults.Refusal(*(faults.missing(each) for each in absent))
        document = _read(books, entity, raw, ())
        kept = {
            name: value
            for name, value in before.items()
            if name not in raw or (name in _NAMES_THAT_STAY and name not in document)
        }
        document = {**kept, **document}
    else:
        document = _read(books, entity, raw, entity.required)
    draft = Draft(books, entity, record.id, raw, document, options, record, before)
    COMPLETE[entity.name](draft)
    return recording.record_change(draft)


def delete(books: Books, entity: Entity, raw: dict[str, Any], options: Options) -> dict[str, Any]:
    """Delete an entity; returns the stub that the API answers with."""
    _guard(books, entity, options)
    if not entity.deletable:
        raise faults.unsupported("delete")
    record = locate(books, entity, raw)
    draft = _draft_of(books, entity, record, raw, options)
    REMOVE[entity.name](draft)
    recording.record_removal(draft)
    return {"domain": "QBO", "status": "Deleted", "Id": record.id}


def void(books: Books, entity: Entity, raw: dict[str, Any], options: Options) -> Record:
    """Void a document: it remains, with its amounts and lines emptied."""
    _guard(books, entity, options)
    make_void = VOID.get(entity.name)
    if make_void is None:
        raise faults.unsupported("void")
    record = locate(books, entity, raw)
    draft = _draft_of(books, entity, record, raw, options)
    if books.switches.void_note == "taken" and _given(raw.get("PrivateNote")):
        draft.document["PrivateNote"] = str(raw["PrivateNote"])
    make_void(draft)
    return recording.record_change(draft, "Void")


def locate(books: Books, entity: Entity, raw: dict[str, Any]) -> Record:
    """Return the record to update, delete or void; raises Refusal if the SyncToken is stale."""
    if raw.get("Id") in (None, ""):
        raise faults.Refusal(faults.missing("Id"))
    record_id = str(raw["Id"])
    if not record_id.isdecimal():
        raise faults.invalid_id(record_id)
    record = books.find(entity.name, record_id)
    if record is None:
        if record_id in books.gone[entity.name]:
            raise faults.transaction_deleted()
        raise faults.object_not_found()
    token = raw.get("SyncToken")
    if token is None or token == "":
        raise faults.Refusal(faults.missing("SyncToken"))
    if str(token) != str(record.token):
        raise faults.stale(books.settings.administrator)
    return record


def _guard(books: Books, entity: Entity, options: Options) -> None:
    if books.settings.subscription_lapsed and not options.person:
        raise faults.subscription_lapsed()
    if not entity.writable and not options.person:
        raise faults.NotModelled(f"writing {entity.name} (its service is not modelled)")


def _read(
    books: Books, entity: Entity, raw: dict[str, Any], required: tuple[str, ...]
) -> dict[str, Any]:
    reading = Reading(keeps_unknown=books.switches.unknown_properties == "kept")
    document = read_object(entity.readers, raw, entity.name, reading)
    absent = [faults.missing(each) for each in required if not _given(document.get(each))]
    if absent or reading.problems:
        raise faults.Refusal(*absent, *reading.problems)
    references.resolve(books, reading)
    return document


def _given(value: object) -> bool:
    return value is not None and value != []


def _draft_of(
    books: Books, entity: Entity, record: Record, raw: dict[str, Any], options: Options
) -> Draft:
    draft = Draft(books, entity, record.id, raw, books.stored(record), options, record)
    draft.before = books.stored(record)
    draft.label, draft.active = record.label, record.active
    return draft
