"""Bound the server's connections: their number, and the time each may take for its next request.

A connection that sends nothing, or sends a request byte by byte, is closed. Otherwise enough such
connections would use up all that the process may open, and lock everybody else out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from cleo_accounting.web.flood import HEAD_BYTES_MAX

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from starlette.types import ASGIApp

HEAD_SECONDS_MAX = 10.0
_LINGER_SECONDS = 5.0  # for a client to read the response while its unread body still arrives
_IDLE_SECONDS = 5  # between two requests
_GOODBYE_SECONDS = 10  # for requests in progress when the process is told to stop


class Bounded(H11Protocol):
    """HTTP/1.1 in which each request head must be complete within `HEAD_SECONDS_MAX`."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer for the first request head."""
        super().connection_made(transport)
        self._wait_for_head(HEAD_SECONDS_MAX)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Start the timer for the next request head."""
        super().on_response_complete()
        unread = self.conn.their_state is h11.SEND_BODY
        self._wait_for_head(_LINGER_SECONDS if unread else HEAD_SECONDS_MAX)

    def _wait_for_head(self, seconds: float) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            self._timer = self.loop.call_later(seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        answered = self.cycle is None or self.cycle.response_complete
        if answered and self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self.transport.close()


def configured(app: ASGIApp, connections_max: int, proxies: Sequence[str]) -> uvicorn.Config:
    """Return uvicorn's configuration; X-Forwarded headers are trusted only from `proxies`."""
    facts: dict[str, Any] = {
        "http": Bounded,
        "ws": "none",
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "h11_max_incomplete_event_size": HEAD_BYTES_MAX,
        "limit_concurrency": connections_max,
        "timeout_keep_alive": _IDLE_SECONDS,
        "timeout_graceful_shutdown": _GOODBYE_SECONDS,
        "proxy_headers": bool(proxies),
        "forwarded_allow_ips": list(proxies),
    }
    return uvicorn.Config(app, **facts)
