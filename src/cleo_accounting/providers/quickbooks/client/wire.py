"""Perform one HTTP exchange, bounded in time and size; the outcome is a value, not an exception.

The transport is used directly: no redirect is followed, no cookie is kept, no proxy or certificate
is taken from the environment, and TLS is always verified.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2

from cleo_accounting.providers.quickbooks.client.sockets import Deadlines, SocketTransport

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cleo_accounting.core.clock import Clock

CONNECT_SECONDS_MAX = 10.0
TOO_MANY = 429
_USER_AGENT = "cleo-accounting"
_GZIP = 31  # zlib's number for a gzip stream with the largest window

_TID_LENGTH_MAX = 64  # Intuit's have 36; bounds what a forged response can put into it


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete HTTP response."""

    status: int
    headers: Mapping[str, str] = field(repr=False)  # names in lower case
    body: bytes = field(repr=False)

    @property
    def tid(self) -> str | None:
        """Intuit's transaction id of the exchange; its header is spelled in two ways."""
        given = self.headers.get("intuit_tid") or self.headers.get("intuit-tid")
        return given[:_TID_LENGTH_MAX] if given else None


@dataclass(frozen=True, slots=True)
class Unsent:
    """The request certainly did not leave this machine."""

    message: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """The request may have been processed: there is no response, or no trustworthy one."""

    message: str
    tid: str | None = None
    too_large: bool = False


class Wire:
    """Sends HTTP requests and reads their responses. Thread-safe."""

    def __init__(
        self,
        *,
        clock: Clock,
        timeout_seconds: float,
        answer_bytes_max: int,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.clock = clock
        self.timeout_seconds = timeout_seconds
        self._answer_bytes_max = answer_bytes_max
        self._deadlines = Deadlines(clock)
        self._transport = transport or SocketTransport(self._deadlines)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        leaves_by: float | None = None,
    ) -> Reply | Unsent | Unclear:
        """Send a request once; return its response, if it arrives within the deadline.

        Nothing is sent from `leaves_by` on, even if the process was suspended in the meantime.
        """
        now = self.clock.monotonic()
        deadline = now + self.timeout_seconds
        leaves_by = deadline if leaves_by is None else leaves_by
        if now >= leaves_by:
            return Unsent("the request was held up here for too long")
        connect = min(CONNECT_SECONDS_MAX, self.timeout_seconds)
        timeout = httpx2.Timeout(self.timeout_seconds, connect=connect)
        request = httpx2.Request(
            method,
            url,
            headers={"User-Agent": _USER_AGENT, "Accept-Encoding": "gzip", **headers},
            content=body or None,
            extensions={"timeout": timeout.as_dict()},
        )
        try:
            with self._deadlines.until(deadline, leaves_by):
                response = self._transport.handle_request(request)
                try:
                    return self._receive(response, deadline)
                finally:
                    response.close()
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout):
            return Unsent("Intuit could not be reached")
        except httpx2.TimeoutException:
            return Unclear("no answer in time")
        except httpx2.TransportError:
            return Unclear("the connection broke before the answer was complete")

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _receive(self, response: httpx2.Response, deadline: float) -> Reply | Unclear:
        # The transport returns the raw stream: compressed, and not yet read.
        assert isinstance(response.stream, httpx2.SyncByteStream)
        headers = {name.lower(): value for name, value in response.headers.items()}
        reply = Reply(response.status_code, headers, b"")
        if reply.status == TOO_MANY:  # the head suffices, even if the body is late or broken
            return reply
        body = _Body(headers.get("content-encoding", ""), self._answer_bytes_max)
        if body.flaw is None:
            for chunk in response.stream:
                body.take(chunk)
                if body.flaw is not None:
                    break
                if self.clock.monotonic() > deadline:
                    return Unclear("the answer took too long", reply.tid)
        flaw = body.flaw or body.unfinished()
        if flaw is not None:
            return Unclear(flaw, reply.tid, too_large=body.too_large)
        return Reply(response.status_code, headers, body.whole())


class _Body:
    """Collects and decompresses a response body, up to a limit on its decompressed size."""

    def __init__(self, encoding: str, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._parts: list[bytes] = []
        self._size = 0
        self._unzip = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
        self.too_large = False
        self.flaw: str | None = None
        if encoding not in {"", "identity", "gzip"}:
            self.flaw = "the answer is packed in a way that was not asked for"

    def take(self, chunk: bytes) -> None:
        room = self._bytes_max - self._size + 1
        if self._unzip is not None:
            try:
                chunk = self._unzip.decompress(chunk, room)
            except zlib.error:
                self.flaw = "the answer cannot be unpacked"
                return
        self._parts.append(chunk)
        self._size += len(chunk)
        if self._size > self._bytes_max:
            self.too_large = True
            self.flaw = "the answer is larger than we take"

    def unfinished(self) -> str | None:
        if self._unzip is not None and self._size and not self._unzip.eof:
            return "the answer is cut short"
        return None

    def whole(self) -> bytes:
        return b"".join(self._parts)


def joined(parts: Iterable[tuple[str, str]]) -> str:
    """Return the parameters as a query string, with every special character escaped."""
    return str(httpx2.QueryParams(list(parts)))
