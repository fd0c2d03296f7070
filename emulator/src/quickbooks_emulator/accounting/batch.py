"""Batches: up to thirty operations in order, each of which succeeds or fails by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics import faults
from quickbooks_emulator.books import writing
from quickbooks_emulator.books.books import decode, encode
from quickbooks_emulator.books.capture import run_capture
from quickbooks_emulator.books.draft import Options
from quickbooks_emulator.books.entities import ENTITIES, NOT_MODELLED, Entity
from quickbooks_emulator.books.query import run_query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quickbooks_emulator.basics.wire import Request
    from quickbooks_emulator.books.books import Books

_ITEM_MEMBERS = frozenset({"bId", "operation", "optionsData"})


def items_of(books: Books, document: Any) -> list[dict[str, Any]]:  # noqa: ANN401  any JSON
    """Return the items of a batch; raises Refusal if it is malformed or too large."""
    if type(document) is not dict:
        raise faults.unreadable_document()
    for name in document:
        if name != "BatchItemRequest":
            raise faults.unknown_property(name)
    items = document.get("BatchItemRequest")
    if type(items) is not list or not all(type(each) is dict for each in items):
        raise faults.Refusal(faults.missing("BatchItemRequest"))
    if len(items) > books.switches.batch_items_max:
        message = "Batch size exceeds allowed limit"
        detail = f"{message}. Max allowed:{books.switches.batch_items_max} Supplied:{len(items)}"
        raise faults.refused("1040", message, detail)
    return items


def begun(request: Request) -> Request:
    """Return the request with only the first half of its batch items, for `timeout_midway`."""
    if not request.path.lower().endswith("/batch"):
        return request
    document = decode(request.body)
    items = document.get("BatchItemRequest", []) if type(document) is dict else []
    half = {"BatchItemRequest": items[: (len(items) + 1) // 2]}
    return replace(request, body=encode(half))


def run_batch(books: Books, items: Sequence[dict[str, Any]], by: str) -> tuple[bytes, bool]:
    """Return the value of `BatchItemResponse`, and whether every item is modelled."""
    answers = []
    modelled = True
    for item in items:
        answer = b'{"bId":' + encode(str(item.get("bId", ""))) + b","
        try:
            answer += _run_item(books, item, by)
        except faults.Refusal as refusal:
            answer += b'"Fault":' + encode(refusal.document())
        except faults.NotModelled as gap:
            modelled = False
            answer += b'"Fault":' + encode(gap.document())
        answers.append(answer + b"}")
    if books.switches.batch_answers == "reversed":
        answers.reverse()
    return b"[" + b",".join(answers) + b"]", modelled


def _run_item(books: Books, item: dict[str, Any], by: str) -> bytes:
    """Run one item and return the member of its response that holds the result."""
    if "Query" in item:
        return b'"QueryResponse":' + run_query(books, str(item["Query"]))
    if "CDCQuery" in item:
        wanted = item["CDCQuery"]
        if type(wanted) is not dict:
            raise faults.wrong_type("CDCQuery", "an object")
        entities, since = (str(wanted.get(each) or "") for each in ("Entities", "ChangedSince"))
        return b'"CDCResponse":' + run_capture(books, entities, since)
    if "ReportQuery" in item:
        raise faults.NotModelled("ReportQuery in a batch")
    names = [name for name in item if name not in _ITEM_MEMBERS]
    if len(names) != 1:
        raise faults.Refusal(faults.missing("Entity"))
    entity = _entity(names[0])
    document = item[names[0]]
    if type(document) is not dict:
        raise faults.wrong_type(names[0], "an object")
    return _write(books, entity, str(item.get("operation", "")), document, item, by)


def _entity(name: str) -> Entity:
    entity = ENTITIES.get(name)
    if entity is not None:
        return entity
    if name.lower() in NOT_MODELLED:
        raise faults.NotModelled(f"entity {name}")
    raise faults.unknown_property(name)


def _write(
    books: Books,
    entity: Entity,
    operation: str,
    document: dict[str, Any],
    item: dict[str, Any],
    by: str,
) -> bytes:
    extra = {each.strip() for each in str(item.get("optionsData", "")).split(",")} - {""}
    unknown = extra - {"void", "allowduplicatedocnum"}
    if unknown:
        raise faults.NotModelled(f"optionsData {min(unknown)}")
    options = Options(by, duplicate_number_allowed="allowduplicatedocnum" in extra)
    name = entity.name.encode()
    if operation == "create":
        record = writing.create(books, entity, document, options)
    elif operation == "update" and "void" in extra:
        record = writing.void(books, entity, document, options)
    elif operation == "update":
        record = writing.update(books, entity, document, options)
    elif operation == "delete":
        stub = writing.delete(books, entity, document, options)
        return b'"%s":%s' % (name, encode(stub))
    else:
        raise faults.Refusal(faults.invalid_choice("operation", operation))
    return b'"%s":%s' % (name, books.body(record))
