"""Carries notices to apps over HTTP; the only place that reaches out."""

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
    """Post a notice; its status, or nothing when there was no answer in time."""
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
    """A thread that delivers what is due until it is stopped."""

    def __init__(self, deliver: Callable[[], object], pause_seconds: float = 0.2) -> None:
        self._deliver, self._pause_seconds = deliver, pause_seconds
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, once the delivery under way is done."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._pause_seconds):
            self._deliver()
