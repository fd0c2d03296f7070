"""Serve an emulator over HTTP: a raw ASGI app, and a server for it.

A response's delivery can include a reset connection. ASGI has no message for that, so the server's
protocol class passes its connection to the app through the scope's state.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from quickbooks_emulator.basics.wire import Request, Response
from quickbooks_emulator.control.api import CONTROL
from quickbooks_emulator.doors.answer import answer
from quickbooks_emulator.notices.courier import Courier

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from quickbooks_emulator.world.emulator import Emulator

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CONNECTION = "connection"
DRIPS_PER_SECOND = 4
ANSWERS_WITHOUT_BODY = (204, 304)


class App:
    """The emulator as an ASGI application."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        if scope["type"] != "http":
            return
        request = await _request(scope, receive)
        if request.path.startswith(CONTROL):
            # The control API may wait for the network (webhooks); clients must not wait for that.
            response = await asyncio.to_thread(answer, self._emulator, request)
        else:
            response = answer(self._emulator, request)
        await _deliver(response, request, scope, send)


async def _request(scope: Scope, receive: Receive) -> Request:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    query = scope["query_string"].decode("latin-1")
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        headers={
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        },
        body=b"".join(chunks),
    )


async def _deliver(response: Response, request: Request, scope: Scope, send: Send) -> None:
    """Send a response in the way its delivery describes."""
    delivery = response.delivery
    if delivery.delay_seconds:
        await asyncio.sleep(delivery.delay_seconds)
    if delivery.dropped:
        await _cut(scope)
        return
    headers = [(name.encode(), value.encode("latin-1")) for name, value in response.headers.items()]
    if response.status not in ANSWERS_WITHOUT_BODY:
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    body = b"" if request.method == "HEAD" else response.body
    if delivery.reset_after_bytes is not None:
        part = body[: delivery.reset_after_bytes]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        await _cut(scope)
        return
    if delivery.bytes_per_second:
        size = max(1, delivery.bytes_per_second // DRIPS_PER_SECOND)
        for start in range(0, len(body), size):
            part = body[start : start + size]
            await asyncio.sleep(len(part) / delivery.bytes_per_second)
            await send({"type": "http.response.body", "body": part, "more_body": True})
        body = b""
    await send({"type": "http.response.body", "body": body})


async def _cut(scope: Scope) -> None:
    """Reset the connection: what was sent before still arrives, and nothing after it."""
    protocol = scope.get("state", {}).get(CONNECTION)
    if protocol is None:
        raise ConnectionAbortedError("this server lends no connection to cut; it is to break off")
    await protocol.cut()


class Cuttable(H11Protocol):
    """A uvicorn connection that the app can reset."""

    def __init__(self, config: Any, server_state: Any, app_state: Any, _loop: Any = None) -> None:  # noqa: ANN401  uvicorn's own types
        state = {**app_state, CONNECTION: self}
        super().__init__(config, server_state, state, _loop)
        self._gone = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        """Record that the connection is closed."""
        super().connection_lost(exc)
        self._gone.set()

    async def cut(self) -> None:
        """Let written data be sent, reset the connection, and wait until the server has noticed."""
        transport = self.transport
        await asyncio.sleep(0.01)
        handle: socket.socket | None = transport.get_extra_info("socket")
        if handle is not None:
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        await self._gone.wait()


class Server:
    """An HTTP server for one emulator, on a port of its own and in a thread."""

    def __init__(self, emulator: Emulator, host: str = "127.0.0.1", port: int = 0) -> None:
        self.emulator = emulator
        # Unless the protocol is named, asyncio does not set TCP_NODELAY: small packets wait.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, port))
        self.url = f"http://{host}:{self._socket.getsockname()[1]}"
        if emulator.base_url is None:
            emulator.base_url = self.url
        self._server = _Quiet(
            uvicorn.Config(
                App(emulator),
                http=Cuttable,
                ws="none",
                lifespan="off",
                log_level="warning",
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._courier = Courier(emulator.deliver)
        self._thread = Thread(target=self.run, name="quickbooks-emulator", daemon=True)

    def run(self) -> None:
        """Serve until stopped."""
        self._courier.start()
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._courier.stop()
            self._socket.close()

    def start(self) -> Server:
        """Start the server in a thread; returns once it accepts connections."""
        self._thread.start()
        self._server.ready.wait()
        return self

    def stop(self) -> None:
        """Close all connections and wait for the thread to end."""
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join()


class _Quiet(uvicorn.Server):
    """A uvicorn server that reports when it is ready; in a thread it handles no signals."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()
