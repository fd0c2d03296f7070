"""One HTTP exchange, bounded in time and size; what came of it is a value, never an exception.

The transport is driven directly: no redirect is followed, no cookie is kept, no proxy or
certificate is taken from the environment, and TLS is always verified.
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

_TID_LENGTH_MAX = 64  # Intuit's have 36; whoever answers in its name gets no more room


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that came whole."""

    status: int
    headers: Mapping[str, str] = field(repr=False)  # names in lower case
    body: bytes = field(repr=False)

    @property
    def tid(self) -> str | None:
        """Intuit's number for the exchange; its header is spelled in two ways."""
        given = self.headers.get("intuit_tid") or self.headers.get("intuit-tid")
        return given[:_TID_LENGTH_MAX] if given else None


@dataclass(frozen=True, slots=True)
class Unsent:
    """Certainly nothing left this machine."""

    message: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """It may have been done: no answer, or none that can be trusted."""

    message: str
    tid: str | None = None
    too_large: bool = False


class Wire:
    """Sends requests and reads their answers. Threads may share it."""

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
        """Send one request, once; answered within the deadline, or not answered.

        A process may be suspended at any moment: nothing leaves from `leaves_by` on.
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
        """Let the connections go."""
        self._transport.close()

    def _receive(self, response: httpx2.Response, deadline: float) -> Reply | Unclear:
        # A transport gives the raw stream: packed, and not yet read.
        assert isinstance(response.stream, httpx2.SyncByteStream)
        headers = {name.lower(): value for name, value in response.headers.items()}
        reply = Reply(response.status_code, headers, b"")
        if reply.status == TOO_MANY:  # its head says it all, even late and with a spoilt body
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
    """Collects an answer's body, unpacked, and stops at the limit whatever it was packed from."""

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
    """Write query parameters, every character that could mean something escaped."""
    return str(httpx2.QueryParams(list(parts)))
