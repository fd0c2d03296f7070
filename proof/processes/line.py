"""A hostile line between the service and QuickBooks: it cuts, delays, doubles and swaps requests.

It stands in for a proxy, a gateway or a bad network, and speaks HTTP over real sockets.
"""

from __future__ import annotations

import random
import socket
import struct
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Lock, Thread
from typing import Literal, get_args

import httpx2

Fate = Literal["cut_before", "cut_after", "late", "too_late", "twice", "swapped", "half", "drip"]
FATES: tuple[Fate, ...] = get_args(Fate)
_CHANCE = 0.4  # of a request to the books to be harmed
_LATE_SECONDS = (0.1, 0.8)  # within the quiescence of the stage, which is a second
_TOO_LATE_SECONDS = (1.2, 3.0)
_PARTNER_SECONDS = 0.3  # how long an answer waits for another one to be swapped with
_BOOKS = "/v3/company/"
_PASSED_ON = ("authorization", "content-type", "accept", "accept-encoding", "user-agent")
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    content_type: str
    packing: str
    body: bytes


@dataclass
class Line:
    """The hostile line: what it does to requests, and how often it did each."""

    far_url: str
    dice: random.Random
    url: str = ""
    met: Counter[str] = field(default_factory=Counter)
    calm: bool = True  # while it is set, everything passes unharmed
    _lock: Lock = field(default_factory=Lock)
    _swapping: Condition = field(default_factory=Condition)
    _offered: list[list[_Answer]] = field(default_factory=list)

    def fate(self, path: str) -> Fate | None:
        """Draw what happens to a request; None if it passes unharmed."""
        with self._lock:
            if self.calm or not path.startswith(_BOOKS) or self.dice.random() >= _CHANCE:
                return None
            drawn = self.dice.choice(FATES)
            self.met[drawn] += 1
            return drawn

    def between(self, seconds: tuple[float, float]) -> float:
        """Draw for how long a request is delayed."""
        with self._lock:
            return self.dice.uniform(*seconds)

    def carry(self, handler: _Passage, body: bytes) -> _Answer:
        """Pass a request on to QuickBooks, and return its answer."""
        headers = {name: handler.headers[name] for name in _PASSED_ON if handler.headers[name]}
        with (
            httpx2.Client(timeout=60) as far,
            far.stream(
                handler.command, self.far_url + handler.path, headers=headers, content=body or None
            ) as answer,
        ):
            told = answer.headers
            return _Answer(
                answer.status_code,
                told.get("content-type", "application/json"),
                told.get("content-encoding", ""),
                b"".join(answer.iter_raw()),
            )

    def swap(self, mine: _Answer) -> _Answer:
        """Swap an answer with another request's, if one comes in time; else return this one."""
        with self._swapping:
            if self._offered:
                theirs = self._offered.pop()
                answer = theirs[0]
                theirs[0] = mine
                self._swapping.notify_all()
                return answer
            place = [mine]
            self._offered.append(place)
            self._swapping.wait_for(lambda: place[0] is not mine, _PARTNER_SECONDS)
            if place in self._offered:
                self._offered.remove(place)
            return place[0]


class _Passage(BaseHTTPRequestHandler):
    """One request on its way, and the harm that is done to it."""

    protocol_version = "HTTP/1.1"
    line: Line
    connection: socket.socket

    def do_GET(self) -> None:
        """Pass a read on, or harm it."""
        self._pass()

    def do_POST(self) -> None:
        """Pass a write on, or harm it."""
        self._pass()

    def log_message(self, *_: object) -> None:
        """Print nothing: the campaign counts the requests."""

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        fate = self.line.fate(self.path)
        if fate == "cut_before":
            self._cut()
        elif fate in ("late", "too_late"):
            self._cut()
            time.sleep(self.line.between(_LATE_SECONDS if fate == "late" else _TOO_LATE_SECONDS))
            self.line.carry(self, body)
        elif fate == "twice":
            again = Thread(target=self.line.carry, args=(self, body))
            again.start()
            self._answer(self.line.carry(self, body))
            again.join()
        else:
            self._answer_badly(fate, self.line.carry(self, body))

    def _answer_badly(self, fate: Fate | None, answer: _Answer) -> None:
        if fate == "cut_after":
            self._cut()
        elif fate == "swapped":
            self._answer(self.line.swap(answer))
        elif fate == "half":
            self._answer(answer, answer.body[: len(answer.body) // 2])
            self.connection.shutdown(socket.SHUT_WR)
            self.close_connection = True
        elif fate == "drip":
            for at in range(0, len(answer.body), 512):
                self._answer(answer, answer.body[at : at + 512], head=at == 0)
                time.sleep(0.01)
        else:
            self._answer(answer)

    def _answer(self, answer: _Answer, part: bytes | None = None, *, head: bool = True) -> None:
        if head:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            if answer.packing:
                self.send_header("Content-Encoding", answer.packing)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
        self.wfile.write(answer.body if part is None else part)

    def _cut(self) -> None:
        """Reset the connection, so that the service gets no answer."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.rfile.close()  # else it keeps the socket open
        self.connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Print nothing: a killed process closes its connection in the middle of a request."""


@contextmanager
def hostile_line(far_url: str, seed: int) -> Iterator[Line]:
    """Serve the line between the service and the emulator on a local address."""
    line = Line(far_url, random.Random(f"hostile line {seed}"))
    passage = type("_PassageOfLine", (_Passage,), {"line": line})
    with _Server(("127.0.0.1", 0), passage) as server:
        line.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, name="hostile-line", daemon=True)
        thread.start()
        try:
            yield line
        finally:
            server.shutdown()
            thread.join()
