"""Carries notices to apps over HTTP; the only place that reaches out."""

from __future__ import annotations

import urllib.error
import urllib.request
from threading import Event, Thread
from typing import TYPE_CHECKING

from quickbooks_emulator.webhooks import ANSWER_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from quickbooks_emulator.webhooks import Notice


def post(notice: Notice) -> int | None:
    """Post a notice; its status, or nothing when there was no answer in time."""
    if not notice.url.startswith(("http://", "https://")):
        return None
    request = urllib.request.Request(  # noqa: S310  the scheme was looked at
        notice.url, data=notice.body, headers=notice.headers, method="POST"
    )
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=ANSWER_SECONDS) as response:
            status: int = response.status
            return status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is no acknowledgement."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Never follow."""


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
