"""The outermost middleware: request ids, security headers, metrics and unexpected errors."""

from __future__ import annotations

import re
from threading import Lock
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.requests import ClientDisconnect

from cleo_accounting.errors import traced
from cleo_accounting.web import flood

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from cleo_accounting.core.clock import Clock

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_log = structlog.get_logger(__name__)

REPORTS_PATH = "/csp-reports"
REPORT_TO = "report-to pages"  # the last directive of each policy
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
        f" form-action 'none'; frame-ancestors 'none'; {REPORT_TO}"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "Reporting-Endpoints": f'pages="{REPORTS_PATH}"',
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Counts:
    """The Prometheus metrics; no label names a business, a company or a record."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("route", "method", "status")
        self.requests = Counter(
            "acct_http_requests", "Requests answered", labels, registry=self.registry
        )
        self.seconds = Histogram(
            "acct_http_request_duration_seconds",
            "How long answers took",
            labels[:2],
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "acct_http_requests_in_flight", "Requests being answered", registry=self.registry
        )
        self.denied = Counter(
            "acct_denied",
            "Requests refused for who asked, by code",
            ("code",),
            registry=self.registry,
        )
        self.denials = Lines()
        self.violations = Counter(
            "acct_csp_violations",
            "What browsers kept our pages from doing, by directive",
            ("directive",),
            registry=self.registry,
        )
        self.violation_lines = Lines()
        self.integrations = Gauge(
            "acct_connections", "Integrations by status", ("state",), registry=self.registry
        )
        self.ignored_fields = Gauge(
            "acct_ignored_fields",
            "Records that had a field which is not used",
            ("kind", "field"),
            registry=self.registry,
        )


class Lines:
    """Limits how many lines of one kind the log gets per minute."""

    _LINES_MAX = 60
    _SECONDS = 60.0

    def __init__(self) -> None:
        self._guard = Lock()
        self._began = -self._SECONDS
        self._lines = self._held_back = 0

    def admit(self, now: float) -> int | None:
        """Return how many lines were held back before this one; None if this one is held back."""
        with self._guard:
            if now - self._began >= self._SECONDS:
                self._began, self._lines = now, 0
            if self._lines >= self._LINES_MAX:
                self._held_back += 1
                return None
            self._lines += 1
            before, self._held_back = self._held_back, 0
            return before


class Frame:
    """Middleware that adds our headers to every response and a request id to every error."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        counts: Counts,
        clock: Clock,
        random: Callable[[int], bytes],
        secure: bool,
        apology: Callable[[Scope, str], ASGIApp],
    ) -> None:
        self._app = app
        self._apology = apology
        self._counts = counts
        self._random = random
        self._monotonic = clock.monotonic
        self._headers = dict(HEADERS)
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, even if the app raises."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        answered: list[int] = []

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.append(message["status"])
                message = {**message, "headers": self._framed(message, scope["state"])}
            await send(message)

        began = self._monotonic()
        self._counts.in_flight.inc()
        try:
            await self._app(scope, receive, framed)
        except ClientDisconnect:
            return  # the client disconnected: there is nobody to answer, and nothing failed
        except Exception as error:  # the last resort: log where, and answer with the id
            _log.error(
                "request_failed",
                request_id=request_id,
                route=_route(scope),
                traceback=traced(error),  # no values: some are secret
            )
            if answered:
                raise  # half of the response is sent: only closing the connection shows the failure
            sorry = self._apology(scope, request_id)
            await sorry(scope, receive, framed)
        finally:
            self._counts.in_flight.dec()
            labels = (_route(scope), _method(scope))
            self._counts.requests.labels(*labels, str(answered[0] if answered else 499)).inc()
            self._counts.seconds.labels(*labels).observe(self._monotonic() - began)

    def _request_id(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            given = value.decode("latin-1")
            if name == b"x-request-id" and _REQUEST_ID.fullmatch(given):
                return str(given)
        return self._random(16).hex()

    def _framed(self, message: Message, state: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
        given = list(message.get("headers", ()))
        names = {name.lower() for name, _ in given}
        standings = flood.headers(state.get("standings", ()))
        ours = {**self._headers, **standings, "X-Request-Id": state["request_id"]}
        return given + [
            (name.lower().encode(), value.encode())
            for name, value in ours.items()
            if name.lower().encode() not in names
        ]


def _route(scope: Scope) -> str:
    """Return the pattern of the path; never the path itself, which contains ids."""
    return getattr(scope.get("route"), "path", "unknown")


def _method(scope: Scope) -> str:
    known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    return scope["method"] if scope["method"] in known else "other"
