"""Real connections with a deadline for the whole HTTP exchange, headers included.

With a timeout for each read alone, a server that sends a byte now and then can hold a thread
forever. Here every read and write may take no longer than the time left for the exchange.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from threading import local
from typing import TYPE_CHECKING, Any

import httpcore2
import httpx2

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

    from cleo_accounting.core.clock import Clock

_CONNECTIONS_MAX = 100
_IDLE_MAX = 20
# A server may close an idle connection just as a batch is being sent, and then it is unknown
# whether the batch was read. No common server does so within five seconds; we close it before that.
_IDLE_SECONDS_MAX = 3.0


class SocketTransport(httpx2.HTTPTransport):
    """httpx2's transport with verified TLS and `Deadlines`; it ignores the environment."""

    def __init__(self, deadlines: Deadlines) -> None:
        super().__init__(verify=_trusted(), trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_trusted(),
            max_connections=_CONNECTIONS_MAX,
            max_keepalive_connections=_IDLE_MAX,
            keepalive_expiry=_IDLE_SECONDS_MAX,
            network_backend=_Backend(deadlines),
        )


@cache  # reading all authorities takes longer than most of the rest of a command
def _trusted() -> ssl.SSLContext:
    """Return the TLS context that verifies servers against the machine's authorities."""
    return httpx2.create_ssl_context(trust_env=False)


class Deadlines:
    """The deadlines of each thread's current HTTP exchange."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._threads = local()

    @contextmanager
    def until(self, moment: float, leaves_by: float) -> Iterator[None]:
        """Set the thread's deadlines within the block: `moment` to receive, `leaves_by` to send."""
        self._threads.moment, self._threads.leaves_by = moment, min(moment, leaves_by)
        try:
            yield
        finally:
            del self._threads.moment, self._threads.leaves_by

    def seconds_left(self, timeout: float | None, *, leaving: bool = False) -> float:
        """Return the seconds that a single read or write may take.

        Raises:
            httpcore2.ReadTimeout: the deadline has passed.
        """
        moment: float = self._threads.leaves_by if leaving else self._threads.moment
        left = moment - self._clock.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the exchange took too long")
        return left if timeout is None else min(left, timeout)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream, deadlines: Deadlines) -> None:
        self._inner = inner
        self._deadlines = deadlines

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadlines.seconds_left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadlines.seconds_left(timeout, leaving=True))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, timeout)
        return _Stream(inner, self._deadlines)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  httpcore2's protocol
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, deadlines: Deadlines) -> None:
        self._inner = httpcore2.SyncBackend()
        self._deadlines = deadlines

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        inner = self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(inner, self._deadlines)
