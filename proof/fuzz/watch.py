"""Judge the answers of the service's doors, and find violations in them.

A violation is an answer of 5xx that the contract does not have, no answer or a late one, the text
of an exception or a secret in a body, and an exception in the service's log.
"""

from __future__ import annotations

import re
import threading
import time
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import httpx2

from proof.fuzz.pace import Pace, Size

LATE_SECONDS = 2.0
QUICKBOOKS_SECONDS = 3.0  # how long the service waits for one answer of QuickBooks in this run
# A sign-in asks QuickBooks for the discovery document, the tokens, the company, and a revocation.
SIGN_IN_SECONDS = LATE_SECONDS + 4 * QUICKBOOKS_SECONDS
GIVEN_UP_SECONDS = 40.0
_REST_SECONDS = 2.0
_FINDINGS_MAX = 50
_SHOWN = 1_500
_SLOWEST = 12
_TELLTALES = re.compile(
    rb"Traceback \(most recent|File \"/|site-packages|sqlalchemy|psycopg|sqlite3\.|<class '"
    rb"|object at 0x|Error\(\"|Error\('"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation, and the request that shows it."""

    door: str
    said: str
    request: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the route under which it is counted, and how a person sends it again."""

    door: str
    route: str
    text: str
    asks_quickbooks: bool = False


@dataclass(slots=True)
class Figures:
    """The answers of one door."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: array[float] = field(default_factory=lambda: array("d"))
    late: int = 0
    waited: int = 0  # for QuickBooks
    excused: int = 0  # because of the machine

    def at(self, share: float) -> float:
        """Return the time within which this share of the answers came."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Watch:
    """Records every answer, from the threads of all doors."""

    def __init__(self, pace: Pace, size: Size, secrets: Sequence[str]) -> None:
        self.figures: dict[str, Figures] = {}
        self.findings: list[Finding] = []
        self.slowest: list[tuple[float, float, str]] = []
        self._pace = pace
        self._size = size
        self._secrets = [one.encode() for one in secrets]
        self._slow: list[tuple[Asked, float, float]] = []
        self._seen: set[tuple[str, str]] = set()
        self._guard = threading.Lock()

    def answered(
        self, asked: Asked, status: int, body: bytes, began: float, ended: float, code: str = ""
    ) -> None:
        """Record an answer; `code` is the code of its error, if it has one."""
        with self._guard:
            figures = self.figures.setdefault(asked.door, Figures())
            figures.statuses[status] += 1
            figures.seconds.append(ended - began)
            if ended - began > LATE_SECONDS:
                self._slow.append((asked, began, ended))
        if status >= 500 and not _is_documented(asked, status, code):
            self.found(asked, f"answered {status} {code}".strip())
        if hint := _TELLTALES.search(body):
            self.found(asked, f"the answer shows “{hint[0].decode()}”")
        if any(secret in body for secret in self._secrets):
            self.found(asked, "the answer shows a secret")

    def imported(self, asked: Asked, code: int, said: bytes, seconds: float) -> None:
        """Record the exit code and output of a command, which has no limit of two seconds."""
        with self._guard:
            figures = self.figures.setdefault(asked.door, Figures())
            figures.statuses[code] += 1
            figures.seconds.append(seconds)
        if b"Traceback (most recent" in said:
            self.found(asked, "the command shows a traceback")
        if any(secret in said for secret in self._secrets):
            self.found(asked, "the command shows a secret")

    def failed(self, asked: Asked, why: str) -> None:
        """Record a request that was not answered."""
        with self._guard:
            self.figures.setdefault(asked.door, Figures()).statuses[0] += 1
        self.found(asked, why)

    def found(self, asked: Asked, said: str) -> None:
        """Record a violation, once for each route."""
        with self._guard:
            key = (asked.route, said)
            if key not in self._seen and len(self.findings) < _FINDINGS_MAX:
                self._seen.add(key)
                self.findings.append(Finding(asked.door, said, asked.text[:_SHOWN]))

    def judge_times(self) -> None:
        """Find the late answers, now that the pace of the machine at that time is known."""
        with self._guard:
            slow, self._slow = self._slow, []
        for asked, began, ended in slow:
            own = ended - began - self._pace.stalled(began, ended)
            own -= self._size.starved(began, ended)
            self.slowest = sorted([*self.slowest, (ended - began, own, asked.route)])[-_SLOWEST:]
            figures = self.figures[asked.door]
            if own <= LATE_SECONDS:
                figures.excused += 1
                continue
            if asked.asks_quickbooks and own <= SIGN_IN_SECONDS:
                figures.waited += 1
                continue
            figures.late += 1
            self.found(asked, f"answered after {ended - began:.1f} s ({own:.1f} s of its own)")


def _is_documented(asked: Asked, status: int, code: str) -> bool:
    """Return whether a sign-in reports that QuickBooks does not answer, as its contract allows.

    Nothing else may: the database is always available in this run, and no other request asks
    QuickBooks.
    """
    return asked.asks_quickbooks and status == 503 and code != "database_away"


class Caller:
    """Sends the requests of one door, over connections of its own."""

    def __init__(self, watch: Watch, door: str, url: str) -> None:
        self.door = door
        self._watch = watch
        self.client = httpx2.Client(
            base_url=url,
            timeout=GIVEN_UP_SECONDS,
            follow_redirects=False,
            trust_env=False,
            # The service closes a connection that is idle for 5 s; a request on it would then fail.
            limits=httpx2.Limits(keepalive_expiry=_REST_SECONDS),
        )

    def ask(
        self,
        method: str,
        path: str,
        *,
        route: str = "",
        asks_quickbooks: bool = False,
        first_byte_only: bool = False,
        **more: object,
    ) -> httpx2.Response | None:
        """Send a request and record its answer; None if none came or it could not be sent."""
        asked = Asked(
            self.door, f"{method} {route or path}", _told(method, path, more), asks_quickbooks
        )
        moments = [time.monotonic()]
        try:
            answer, body = self._sent(method, path, more, moments, first_byte_only=first_byte_only)
        except (httpx2.InvalidURL, UnicodeError, ValueError):
            return None  # it cannot be expressed in HTTP
        except httpx2.TimeoutException:
            self._watch.failed(asked, f"no answer in {GIVEN_UP_SECONDS:.0f} s")
            return None
        except httpx2.LocalProtocolError:
            return None
        except httpx2.TransportError as trouble:
            self._watch.failed(asked, f"the connection broke ({type(trouble).__name__})")
            return None
        began, ended = longest(moments)
        self._watch.answered(asked, answer.status_code, body, began, ended, code_of(answer, body))
        return answer

    def _sent(
        self,
        method: str,
        path: str,
        more: dict[str, object],
        moments: list[float],
        *,
        first_byte_only: bool,
    ) -> tuple[httpx2.Response, bytes]:
        """Send, and note the moments between which the service may not take too long."""
        with self.client.stream(method, path, **more) as answer:  # type: ignore[arg-type]
            if first_byte_only and answer.status_code == 200:
                body = next(answer.iter_raw(), b"")
            elif answer.headers.get("content-type", "").startswith("text/csv"):
                pieces = []
                for piece in answer.iter_bytes():
                    moments.append(time.monotonic())
                    pieces.append(piece)
                body = b"".join(pieces)
            else:
                body = answer.read()
            moments.append(time.monotonic())
            return answer, body


def longest(moments: Sequence[float]) -> tuple[float, float]:
    """Return the two consecutive moments that are furthest apart."""
    return max(pairwise(moments), key=lambda pair: pair[1] - pair[0])


def code_of(answer: httpx2.Response, body: bytes) -> str:
    """Return the code of an error in JSON, or `database_away` for the page that says so."""
    if answer.status_code < 400:
        return ""
    if b"The service is temporarily unavailable" in body:
        return "database_away"
    found = re.search(rb'"code":"([a-z_]+)"[^{}]*\}?$', body)
    return found[1].decode() if found else ""


def _told(method: str, path: str, more: dict[str, object]) -> str:
    kept = {
        name: _without_token(value) if name == "headers" else value for name, value in more.items()
    }
    return f"{method} {path} {kept!r}" if kept else f"{method} {path}"


def _without_token(headers: object) -> object:
    if not isinstance(headers, dict):
        return headers
    return {
        name: value.split(" ")[0] + " …" if name.lower() == "authorization" else value
        for name, value in headers.items()
        if isinstance(value, str)
    }
