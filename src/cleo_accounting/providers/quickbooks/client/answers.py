"""Classify Intuit's responses by their error codes, whatever their status, shape and language.

Faults come in three shapes: `Fault` from the accounting service (also within HTTP 200), lower-case
`fault` from the gateway, and XML although JSON was requested. All are converted to the first shape.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from html import unescape
from typing import TYPE_CHECKING, Any

import msgspec

from cleo_accounting.core.records import NUMBER_DIGITS_MAX
from cleo_accounting.providers.quickbooks.client.wire import TOO_MANY, Reply, Unclear

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Json = Mapping[str, Any]

_OK = 200
_UNAUTHORISED = 401
_SERVER_FAULT = 500
_THROTTLED = "3001"
_NUMBER_LENGTH_MAX = 100  # characters of a JSON number; Intuit's longest have about 20
_XML_LENGTH_MAX = 65_536  # characters of an XML fault that are read; Intuit's have about 600
_XML_ERRORS_MAX = 20
# Codes of Intuit's internal errors, although some come with HTTP 400. 500 is "Unsupported
# Operation", which Intuit has returned during whole outages for requests that are otherwise valid.
_THEIR_TROUBLE = frozenset({"500", "600", "6002", "10000"})


@dataclass(frozen=True, slots=True)
class Answered:
    """A successful response with its JSON document."""

    document: Json = field(repr=False)
    tid: str | None = None


@dataclass(frozen=True, slots=True)
class Faulted:
    """A rejected request, which did nothing. `fault` is in the accounting service's shape."""

    status: int
    fault: Json = field(repr=False)
    tid: str | None = None

    @property
    def codes(self) -> frozenset[str]:
        """The error codes of the fault, as Intuit numbers them."""
        return frozenset(str(error["code"]) for error in self.fault["Error"])

    @property
    def unauthorised(self) -> bool:
        """Whether Intuit rejected the access token (HTTP 401)."""
        return self.status == _UNAUTHORISED


@dataclass(frozen=True, slots=True)
class Slowed:
    """A request that Intuit throttled; it did nothing."""

    seconds: float | None
    tid: str | None = None


def classify(reply: Reply, now: datetime) -> Answered | Faulted | Slowed | Unclear:
    """Return what a response means: success, rejection, throttling or an unknown outcome."""
    document = parsed(reply)
    fault = _fault(document) or _xml_fault(reply)
    codes = {error["code"] for error in fault["Error"]} if fault else set()
    if reply.status == TOO_MANY or _THROTTLED in codes:
        return Slowed(_retry_after(reply, now), reply.tid)
    broken = fault is not None and (codes & _THEIR_TROUBLE or fault["type"] == "SystemFault")
    if reply.status >= _SERVER_FAULT or broken:
        return Unclear(f"Intuit answered with an error of its own ({reply.status})", reply.tid)
    if fault is not None:
        return Faulted(reply.status, fault, reply.tid)
    if reply.status == _UNAUTHORISED:
        return Faulted(reply.status, {"Error": [], "type": ""}, reply.tid)
    if reply.status == _OK and document is not None:
        return Answered(document, reply.tid)
    return Unclear(f"the answer ({reply.status}) is none that QuickBooks gives", reply.tid)


def parsed(reply: Reply) -> Json | None:
    """Parse the body as a JSON object with exact numbers; return None if it is anything else."""
    if "json" not in reply.headers.get("content-type", "").lower():
        return None
    try:
        document = _DECODER.decode(reply.body)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def plain_fault(raw: object) -> Json | None:
    """Convert a fault of either JSON shape to the common one; return None if it is no fault."""
    if not isinstance(raw, dict):
        return None
    errors = raw.get("Error", raw.get("error"))
    if isinstance(errors, dict):
        errors = [errors]
    if not isinstance(errors, list):
        return None
    plain = [_plain_error(error) for error in errors if isinstance(error, dict)]
    return {"Error": plain, "type": str(raw.get("type") or "")}


def _exact(text: str) -> Decimal:
    """Parse a JSON number exactly.

    Raises:
        ValueError: it is longer or larger than any number in accounting. Arithmetic on such a
            number can take minutes, so the whole response counts as unreadable.
    """
    if len(text) > _NUMBER_LENGTH_MAX:
        raise ValueError("a number is too long")
    number = Decimal(text)
    if abs(number.adjusted()) > NUMBER_DIGITS_MAX:
        raise ValueError("a number is too large")
    return number


_DECODER = msgspec.json.Decoder(float_hook=_exact)


def _fault(document: Json | None) -> Json | None:
    if document is None:
        return None
    return plain_fault(document.get("Fault", document.get("fault")))


def _plain_error(error: Json) -> Json:
    def text(*names: str) -> str:
        return next((str(error[name]) for name in names if error.get(name) is not None), "")

    return {
        "code": _plain_code(text("code")),
        "Message": text("Message", "message"),
        "Detail": text("Detail", "detail"),
        "element": text("element"),
    }


def _plain_code(code: str) -> str:
    return code.strip().lstrip("0") or code.strip()


def _xml_fault(reply: Reply) -> Json | None:
    """Extract the errors of an XML fault by text search, because XML parsers can be attacked.

    The search takes time in proportion to the response's length, whatever its content.
    """
    text = reply.body[:_XML_LENGTH_MAX].decode("utf-8", "replace")
    if "xml" not in reply.headers.get("content-type", "").lower() or "<Fault" not in text:
        return None
    _, _, fault = text.partition("<Fault")
    opening, _, inside = fault.partition(">")
    errors = [
        {
            "code": _plain_code(_attribute(attributes, "code")),
            "Message": _element(children, "Message"),
            "Detail": _element(children, "Detail"),
            "element": _attribute(attributes, "element"),
        }
        for attributes, children in _xml_errors(inside)
    ]
    return {"Error": errors, "type": _attribute(opening, "type")}


def _xml_errors(text: str) -> Iterator[tuple[str, str]]:
    """Yield the attributes and the children of each `<Error>`, at most `_XML_ERRORS_MAX`."""
    for _ in range(_XML_ERRORS_MAX):
        _, opened, text = text.partition("<Error")
        attributes, _, rest = text.partition(">")
        children, closed, text = rest.partition("</Error>")
        if not opened or not closed:
            return
        yield attributes, children


def _attribute(text: str, name: str) -> str:
    _, _, after = text.partition(f' {name}="')
    value, closed, _ = after.partition('"')
    return unescape(value) if closed else ""


def _element(text: str, name: str) -> str:
    _, _, after = text.partition(f"<{name}>")
    value, closed, _ = after.partition(f"</{name}>")
    return unescape(value) if closed else ""


def _retry_after(reply: Reply, now: datetime) -> float | None:
    """Return the seconds of `Retry-After`; a date in it is relative to the server's `Date`."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    moment = _http_date(text)
    if moment is None:
        return None
    return max(0.0, (moment - (_http_date(reply.headers.get("date", "")) or now)).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
