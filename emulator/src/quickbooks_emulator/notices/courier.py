"""Post webhook notices to apps; the only module that makes outgoing HTTP requests."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Event, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from quickbooks_emulator.notices.webhooks import ANSWER_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from quickbooks_emulator.notices.webhooks import Notice

CONNECTIONS: dict[str, type[HTTPConnection]] = {"http": HTTPConnection, "https": HTTPSConnection}


def post(notice: Notice) -> int | None:
    """Post a notice; returns the HTTP status, or None if there was no response in time."""
    parts = urlsplit(notice.url)
    connect = CONNECTIONS.get(parts.scheme)
    if connect is None or not parts.hostname:
        return None
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        connection = connect(parts.hostname, parts.port, timeout=ANSWER_SECONDS)
        try:
            connection.request("POST", target, body=notice.body, headers=notice.headers)
            return connection.getresponse().status
        finally:
            connection.close()
    except (OSError, HTTPException, ValueError):
        return None


class Courier:
    """A thread that delivers due notices until it is stopped."""

    def __init__(self, deliver: Callable[[], object], pause_seconds: float = 0.2) -> None:
        self._deliver, self._pause_seconds = deliver, pause_seconds
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread, once the delivery in progress has finished."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._pause_seconds):
            self._deliver()
