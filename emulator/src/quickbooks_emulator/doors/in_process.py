"""An httpx2 transport that passes requests to an emulator: no socket, no real waiting.

Needs httpx2 (`quickbooks-emulator[httpx2]`), which no other module of the package does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import httpx2

from quickbooks_emulator.basics.wire import Request, Response
from quickbooks_emulator.doors.answer import answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quickbooks_emulator.world.emulator import Emulator


class EmulatorTransport(httpx2.BaseTransport):
    """A transport that passes every request to the emulator and waits in virtual time."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Serve one request; raises the error that httpx2 would raise on a real network."""
        asked = Request(
            method=request.method,
            path=request.url.path,
            query=tuple(parse_qsl(request.url.query.decode(), keep_blank_values=True)),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.read(),
        )
        given = answer(self._emulator, asked)
        self._wait(request, given)
        if given.delivery.dropped:
            message = "Server disconnected without sending a response."
            raise httpx2.RemoteProtocolError(message, request=request)
        size = str(len(given.body))
        headers = [*given.headers.items(), ("content-length", size)]
        stream = _Body(given, request)
        return httpx2.Response(given.status, headers=headers, stream=stream, request=request)

    def _wait(self, request: httpx2.Request, answer: Response) -> None:
        """Move the clock forward by the response's delay, up to the client's read time-out."""
        delivery = answer.delivery
        pause = delivery.delay_seconds
        patience = request.extensions.get("timeout", {}).get("read")
        if patience is not None and pause > patience:
            self._emulator.wait(patience)
            raise httpx2.ReadTimeout("The read operation timed out", request=request)
        if delivery.bytes_per_second:
            pause += len(answer.body) / delivery.bytes_per_second
        self._emulator.wait(pause)


class _Body(httpx2.SyncByteStream):
    """A response body that may end in a connection reset."""

    def __init__(self, answer: Response, request: httpx2.Request) -> None:
        self._answer, self._request = answer, request

    def __iter__(self) -> Iterator[bytes]:
        cut = self._answer.delivery.reset_after_bytes
        if cut is None:
            yield self._answer.body
            return
        yield self._answer.body[:cut]
        raise httpx2.ReadError("[Errno 104] Connection reset by peer", request=self._request)
