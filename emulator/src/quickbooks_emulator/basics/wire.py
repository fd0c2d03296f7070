"""What crosses the wire: a request, a response, and how the response is to be delivered.

The emulator's core is a function of these values. Adapters (ASGI, in process) turn real traffic
into a `Request` and put a `Response` on the wire the way its `Delivery` says.
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
    """How an adapter puts a response on the wire; a plain one arrives whole and at once."""

    delay_seconds: float = 0.0
    """How long the client waits before the first byte."""
    dropped: bool = False
    """The connection closes before any byte of the answer."""
    reset_after_bytes: int | None = None
    """The connection is reset after so many bytes of the body that was announced."""
    bytes_per_second: int | None = None
    """The body drips this slowly."""


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
        """The first query parameter of this name, as Intuit reads them: names in exact case."""
        for key, value in self.query:
            if key == name:
                return value
        return None

    def header(self, name: str) -> str:
        """The header of this lower-case name, or nothing."""
        return self.headers.get(name, "")

    def json(self) -> Any:  # noqa: ANN401  a document from outside has no type yet
        """The body as JSON; raises ValueError when it is none."""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """The body as a submitted form; of a repeated name the first value counts."""
        pairs = parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return dict(reversed(pairs))


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response; the adapter adds the content length."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    delivery: Delivery = WHOLE

    def json(self) -> Any:  # noqa: ANN401  whoever asks knows the shape
        """The body as JSON."""
        return json.loads(self.body)


def encode_json(document: object) -> bytes:
    """JSON the way Intuit prints it: compact, UTF-8, members in the order they were given."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def request_to(
    method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Request:
    """Build a request from a URL, its host left aside."""
    parts = urlsplit(url)
    return Request(
        method=method,
        path=parts.path,
        query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in (headers or {}).items()},
        body=body,
    )
