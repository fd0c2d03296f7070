"""The accounting API of one company: turn a request that has passed the gateway into a response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from quickbooks_emulator.accounting import batch
from quickbooks_emulator.accounting.xml_body import read_xml
from quickbooks_emulator.accounting.xml_form import as_xml
from quickbooks_emulator.basics import faults
from quickbooks_emulator.basics.moments import stamp_to_the_millisecond
from quickbooks_emulator.basics.wire import Request, Response
from quickbooks_emulator.books import replay, writing
from quickbooks_emulator.books.about import company_info, preferences
from quickbooks_emulator.books.administration import SINGLETON_NAMES, SINGLETONS
from quickbooks_emulator.books.books import decode, encode
from quickbooks_emulator.books.capture import run_capture
from quickbooks_emulator.books.draft import Options
from quickbooks_emulator.books.entities import BY_PATH, NOT_MODELLED, Entity
from quickbooks_emulator.books.exchange import shown_rate
from quickbooks_emulator.books.upload import run_upload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quickbooks_emulator.books.books import Books
    from quickbooks_emulator.books.company import Company

OK, REFUSED, NOT_FOUND, NOT_MODELLED_STATUS = 200, 400, 404, 501


def answer(company: Company, request: Request, tid: str, address: str = "") -> Response:
    """Return the response to a `/v3/company/{realmId}/…` request that has passed the gateway."""
    segments = [each for each in request.path.split("/") if each][3:]
    company.books.address = address
    try:
        if request.method == "GET" and segments[:1] == ["download"] and len(segments) > 1:
            return _download_link(company, segments[1], tid)
        status, body = _answer(company, request, segments, tid)
    except faults.Refusal as refusal:
        status, body = refusal.status, b'"Fault":' + encode(refusal.document())
    except faults.NotModelled as gap:
        status, body = NOT_MODELLED_STATUS, b'"Fault":' + encode(gap.document())
    if not body.startswith(b"{"):
        body = _timed(company, body)
    if "json" in request.header("accept").lower():
        return Response(status, headers(tid), body)
    shown = as_xml(decode(body)).encode()
    return Response(status, {**headers(tid), "content-type": "application/xml"}, shown)


def _timed(company: Company, member: bytes) -> bytes:
    time = stamp_to_the_millisecond(company.books.clock.now())
    return b'{%s,"time":"%s"}' % (member, time.encode())


def _download_link(company: Company, record_id: str, tid: str) -> Response:
    """Return the temporary URL of an uploaded file, as plain text."""
    books = company.books
    if record_id not in books.files:
        raise faults.object_not_found()
    link = f"{books.address}{books.file_path(record_id)}".encode()
    return Response(OK, {**headers(tid), "content-type": "text/plain"}, link)


def file_response(company: Company, path: str) -> Response | None:
    """Return an uploaded file by its temporary path, or None if the path is not valid."""
    books = company.books
    record_id = path.split("/")[3] if path.count("/") > 3 else ""  # noqa: PLR2004  /files/realm/id/key
    record = books.find("Attachable", record_id)
    if record is None or record_id not in books.files or books.file_path(record_id) != path:
        return None
    content_type = books.stored(record).get("ContentType", "application/octet-stream")
    return Response(OK, {"content-type": content_type}, books.files[record_id])


def headers(tid: str) -> dict[str, str]:
    """Return the headers of every response of the accounting service."""
    return {
        "content-type": "application/json;charset=UTF-8",
        "intuit_tid": tid,
        "qbo-version": "1975.220",
        "cache-control": "max-age=0, no-cache, no-store, must-revalidate, private",
        "expires": "0",
    }


def _answer(company: Company, request: Request, segments: list[str], tid: str) -> tuple[int, bytes]:
    """Return status and body; the caller wraps a body that is only a member, with `time`."""
    if not segments:
        raise _no_such_resource(request.path)
    name = segments[0].lower()
    if request.method == "GET":
        return OK, _read(company, request, name, segments[1:])
    if request.method != "POST":
        raise faults.unsupported(request.method)
    if name == "query" and len(segments) == 1:
        statement = _text(request.body) or request.param("query") or ""
        return OK, b'"QueryResponse":' + company.query(statement)
    return _write_once(company, request, name, segments[1:], tid)


def _read(company: Company, request: Request, name: str, rest: list[str]) -> bytes:
    if request.param("include"):
        raise faults.NotModelled(f"include={request.param('include')} on a read")
    show = _SHOWN.get(name)
    if show is not None:
        return show(company, request)
    entity = _entity(name, request.path)
    if len(rest) != 1:
        if len(rest) > 1:
            raise faults.NotModelled(f"GET {name}/{{id}}/{rest[1]}")
        raise _no_such_resource(request.path)
    if not rest[0].isdecimal() and entity.name != "TaxCode":
        raise faults.invalid_id(rest[0])
    books = company.books
    record = books.find(entity.name, rest[0])
    if record is None:
        if rest[0] in books.gone[entity.name]:
            raise faults.transaction_deleted()
        raise faults.object_not_found()
    return b'"%s":%s' % (entity.name.encode(), books.body(record))


def _show_rate(company: Company, request: Request) -> bytes:
    currency, day = request.param("sourcecurrencycode"), request.param("asofdate")
    return b'"ExchangeRate":' + encode(shown_rate(company.books, currency, day))


def _show_changes(company: Company, request: Request) -> bytes:
    entities, since = request.param("entities"), request.param("changedSince")
    return b'"CDCResponse":' + run_capture(company.books, entities, since)


_SHOWN: Mapping[str, Callable[[Company, Request], bytes]] = {
    "query": lambda company, request: (
        b'"QueryResponse":' + company.query(request.param("query") or "")
    ),
    "cdc": _show_changes,
    "companyinfo": lambda company, _: (
        b'"CompanyInfo":' + encode(company_info(company.books, company.about))
    ),
    "preferences": lambda company, _: (
        b'"Preferences":' + encode(preferences(company.books, company.about))
    ),
    "exchangerate": _show_rate,
}


def _entity(name: str, path: str) -> Entity:
    entity = BY_PATH.get(name)
    if entity is not None:
        return entity
    if name in NOT_MODELLED:
        raise faults.NotModelled(f"entity {name}")
    if name in {"reports", "download"}:
        raise faults.NotModelled(name)
    raise _no_such_resource(path)


def _no_such_resource(path: str) -> faults.Refusal:
    error = faults.Error("Resource not found", f"No resource at {path}", "404")
    return faults.Refusal(error, kind="SystemFault", status=NOT_FOUND)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise faults.unsupported("with a body that is not UTF-8") from None


def _document(request: Request) -> Any:  # noqa: ANN401  any JSON
    if "xml" not in request.header("content-type").lower():
        return read_body(request.body)
    _text(request.body)
    return read_xml(request.body)[1]


def read_body(body: bytes) -> Any:  # noqa: ANN401  any JSON
    """Return the JSON document of a request's body; raises Refusal (2010) if it is unreadable."""
    _text(body)
    try:
        return decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise faults.unreadable_document() from None


def _write_once(
    company: Company, request: Request, name: str, rest: list[str], tid: str
) -> tuple[int, bytes]:
    """Perform a write, or return the stored answer if its request id is known."""
    request_id = request.param("requestid")
    document = _document(request) if name != "upload" else None
    items = batch.items_of(company.books, document) if name == "batch" else None
    if not request_id:
        return _write(company, request, name, rest, document, items, tid)
    item_ids = None if items is None else [str(each.get("bId", "")) for each in items]
    switches, now = company.books.switches, company.books.clock.now()
    if item_ids is not None and replay.is_too_long(switches, request_id, item_ids):
        return OK, _each_refused(item_ids, "You cannot enter more than 50 characters")
    key = replay.key_of(request_id, item_ids)
    known = company.replays.recall(switches, key, request.body, now.timestamp())
    if known is not None and item_ids is not None and switches.repeated_batch == "refused":
        return OK, _each_refused(item_ids, "Duplicate request id")
    if known is not None:
        return known
    try:
        status, body = _write(company, request, name, rest, document, items, tid)
    except faults.Refusal as refusal:
        if not switches.requestid_faults_replayed:
            raise
        status, body = refusal.status, b'"Fault":' + encode(refusal.document())
    if not body.startswith(b"{"):
        body = _timed(company, body)
    company.replays.remember(key, request.body, now.timestamp(), status, body)
    return status, body


def _each_refused(item_ids: list[str], detail: str) -> bytes:
    """Return a batch response in which every item has fault 6000."""
    fault = encode(faults.business(f"{detail} in the request_id field.").document())
    answers = (b'{"bId":%s,"Fault":%s}' % (encode(each), fault) for each in item_ids)
    return b'"BatchItemResponse":[' + b",".join(answers) + b"]"


def _write(
    company: Company,
    request: Request,
    name: str,
    rest: list[str],
    document: Any,  # noqa: ANN401  any JSON
    items: list[dict[str, Any]] | None,
    tid: str,
) -> tuple[int, bytes]:
    books = company.books
    if items is not None:
        answers, modelled = batch.run_batch(books, items, tid)
        status = OK if modelled else NOT_MODELLED_STATUS
        return status, b'"BatchItemResponse":' + answers
    if name == "upload":
        content_type = request.header("content-type")
        results = run_upload(books, content_type, request.body, Options(tid))
        return OK, b'"AttachableResponse":' + _uploaded(books, results)
    if name in SINGLETONS:
        return OK, _write_singleton(company, name, document, tid)
    entity = _entity(name, request.path)
    if rest:
        raise faults.NotModelled(f"POST {name}/{'/'.join(rest)}")
    if type(document) is not dict:
        raise faults.unreadable_document()
    return OK, _write_entity(company, request, entity, document, tid)


def _uploaded(books: Books, results: list[tuple[str, Any]]) -> bytes:
    shown = (
        b'{"%s":%s}' % (kind.encode(), books.body(it) if kind == "Attachable" else encode(it))
        for kind, it in results
    )
    return b"[" + b",".join(shown) + b"]"


def _write_singleton(company: Company, name: str, document: Any, tid: str) -> bytes:  # noqa: ANN401  any JSON
    if type(document) is not dict:
        raise faults.unreadable_document()
    shown = SINGLETONS[name](company, document, tid)
    return b'"%s":%s' % (SINGLETON_NAMES[name].encode(), encode(shown))


def _write_entity(
    company: Company, request: Request, entity: Entity, document: dict[str, Any], tid: str
) -> bytes:
    books = company.books
    operation = (request.param("operation") or "").lower()
    included = {
        each.strip().lower()
        for key, value in request.query
        if key == "include"
        for each in value.split(",")
    }
    unknown = included - {"void", "allowduplicatedocnum"}
    if unknown:
        raise faults.NotModelled(f"include={min(unknown)}")
    options = Options(tid, duplicate_number_allowed="allowduplicatedocnum" in included)
    name = entity.name.encode()
    if operation == "delete":
        return b'"%s":%s' % (name, encode(writing.delete(books, entity, document, options)))
    if operation == "void":
        if entity.name == "Invoice":
            record = writing.void(books, entity, document, options)
            return b'"%s":%s' % (name, books.body(record))
        return _void_that_is_none(entity)
    if operation not in {"", "create", "update"}:
        raise faults.unsupported(operation)
    if "void" in included and operation == "update":
        if entity.name == "Invoice":
            raise faults.NotModelled("include=void on an Invoice")
        record = writing.void(books, entity, document, options)
    elif document.get("Id") in (None, ""):
        record = writing.create(books, entity, document, options)
    else:
        record = writing.update(books, entity, document, options)
    return b'"%s":%s' % (name, books.body(record))


def _void_that_is_none(entity: Entity) -> bytes:
    """Answer `operation=void` for an entity without it, in the three ways observed at Intuit."""
    if entity.name == "Bill":
        error = faults.Error(
            "An application error has occurred while processing your request",
            "System Failure Error: java.lang.UnsupportedOperationException",
            "10000",
        )
        raise faults.Refusal(error, kind="SystemFault", status=OK)
    if entity.name == "JournalEntry":
        return b'"BatchItemResponse":[]'
    raise faults.unsupported("void")
