"""HTTP requests and responses as values, and how a response is to be delivered.

The emulator's core is a function of these values. Adapters (ASGI, in process) turn real traffic
into a `Request` and send a `Response` in the way its `Delivery` describes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an adapter sends a response; by default it arrives whole and at once."""

    delay_seconds: float = 0.0
    """How long the client waits for the first byte."""
    dropped: bool = False
    """Whether the connection closes before any byte of the response."""
    reset_after_bytes: int | None = None
    """After how many bytes of the announced body the connection is reset; None means never."""
    bytes_per_second: int | None = None
    """How fast the body is sent; None means all at once."""


WHOLE = Delivery()


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; header names are in lower case, the query is decoded and in order."""

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def param(self, name: str) -> str | None:
        """Return the first query parameter of this name; names are case-sensitive, as at Intuit."""
        for key, value in self.query:
            if key == name:
                return value
        return None

    def header(self, name: str) -> str:
        """Return the header of this lower-case name, or an empty string."""
        return self.headers.get(name, "")

    def json(self) -> Any:  # noqa: ANN401  a client's document has no type yet
        """Return the body parsed as JSON; raises ValueError if it is not JSON."""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """Return the body parsed as a form; the first value of a repeated name counts."""
        pairs = parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return dict(reversed(pairs))


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response; the adapter adds the content length."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    delivery: Delivery = WHOLE

    def json(self) -> Any:  # noqa: ANN401  the caller knows the shape
        """Return the body parsed as JSON."""
        return json.loads(self.body)


def encode_json(document: object) -> bytes:
    """Encode a document as Intuit does: compact JSON in UTF-8, members in the order given."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def request_to(
    method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Request:
    """Build a request from a URL, ignoring the URL's host."""
    parts = urlsplit(url)
    return Request(
        method=method,
        path=parts.path,
        query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in (headers or {}).items()},
        body=body,
    )
