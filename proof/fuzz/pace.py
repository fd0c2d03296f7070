"""Measure the speed of the machine by a request of fixed cost, and the growth of the service.

Only the service is judged, not other processes on the machine. So two things are subtracted from
the time of an answer: how long a thread of the service was ready to run without a processor (the
kernel counts that), and how much longer than at its best a small server took to answer a request
after a fixed amount of work. The second also shows where the fuzzing process itself was slow.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from statistics import median

import httpx2
import psutil  # type: ignore[import-untyped]

EVERY_SECONDS = 0.2
_ROUNDS = 10_000  # about ten milliseconds
_GROWTH_MAX = 0.15
_GROWTH_BYTES_MAX = 24_000_000
_WEIGHED_EVERY_SECONDS = 0.5
_SAMPLES_MIN = 600  # five minutes, after which caches are warm
_AROUND_SECONDS = 0.5


@dataclass(slots=True)
class Pace:
    """The times that the request of fixed cost took, and when."""

    at: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)

    def stalled(self, began: float, ended: float) -> float:
        """Return the longest extra time of that request between two moments."""
        first = bisect_left(self.at, began)
        some = self.took[first : bisect_right(self.at, ended + _AROUND_SECONDS)]
        return max(some, default=self.best) - self.best

    @property
    def best(self) -> float:
        """The shortest time of the request."""
        return min(self.took, default=1.0)

    def at_share(self, share: float) -> float:
        """Return the time within which this share of the requests was answered."""
        ordered = sorted(self.took)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@dataclass(slots=True)
class Size:
    """The size of a process, twice a second, and the time for which it had no processor."""

    bytes: list[int] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)  # seconds without a processor, in all
    files: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)

    def starved(self, began: float, ended: float) -> float:
        """Return how long the process was ready to run without a processor between two moments."""
        if not self.at:
            return 0.0
        first = max(0, bisect_right(self.at, began) - 1)
        last = min(len(self.at) - 1, bisect_left(self.at, ended))
        return self.waited[last] - self.waited[first]

    def grew(self) -> Sequence[str]:
        """Return what grew from the first half of the run to the second, beyond its bound.

        The first fifth, in which caches fill, is left out; a short run is not judged.
        """
        told = []
        for name, some, least in (
            ("memory", self.bytes, _GROWTH_BYTES_MAX),
            ("open files", self.files, 50),
            ("threads", self.threads, 30),
        ):
            warm = some[len(some) // 5 :]
            if len(some) < _SAMPLES_MIN:
                continue
            first, second = median(warm[: len(warm) // 2]), median(warm[len(warm) // 2 :])
            if second - first > max(first * _GROWTH_MAX, least):
                told.append(f"{name} grew from {first:,.0f} to {second:,.0f}")
        return told


class _Fixed(BaseHTTPRequestHandler):
    """Answers each request after the same amount of work."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Work, then answer."""
        hashlib.pbkdf2_hmac("sha256", b"pace", b"pace", _ROUNDS)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Log nothing."""


@contextmanager
def measured(pid: int) -> Iterator[tuple[Pace, Size]]:
    """Measure the machine and a process until the block ends."""
    pace, size, stop = Pace(), Size(), threading.Event()
    process = subprocess.Popen(
        [sys.executable, "-m", "proof.fuzz.pace"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    url = process.stdout.readline().strip()
    threads = [
        threading.Thread(target=_keep_pace, args=(url, pace, stop)),
        threading.Thread(target=_weigh, args=(psutil.Process(pid), size, stop)),
    ]
    for one in threads:
        one.start()
    try:
        yield pace, size
    finally:
        stop.set()
        for one in threads:
            one.join()
        with process:
            process.kill()


def _keep_pace(url: str, pace: Pace, stop: threading.Event) -> None:
    with httpx2.Client(timeout=60, trust_env=False) as client:
        while not stop.is_set():
            began = time.monotonic()
            client.get(url)
            ended = time.monotonic()
            pace.at.append(ended)
            pace.took.append(ended - began)
            stop.wait(EVERY_SECONDS)


def _note_waiting(size: Size, pid: int, before: dict[str, int]) -> dict[str, int]:
    """Note the time without a processor of the thread that waited longest since the last note."""
    now = {}
    for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):  # the thread has just ended
            now[path.parent.name] = int(path.read_text().split()[1])
    longest = max((now[name] - before.get(name, now[name]) for name in now), default=0)
    size.at.append(time.monotonic())
    size.waited.append((size.waited[-1] if size.waited else 0.0) + longest / 1e9)
    return now


def _weigh(process: psutil.Process, size: Size, stop: threading.Event) -> None:
    before: dict[str, int] = {}
    while not stop.is_set():
        try:
            before = _note_waiting(size, process.pid, before)
            memory = process.memory_info()
            # Pages of mapped files (of SQLite's, too) are cache, which the system takes back.
            size.bytes.append(memory.rss - memory.shared)
            size.files.append(process.num_fds())
            size.threads.append(process.num_threads())
        except psutil.Error:
            return  # it is gone, which the doors notice
        stop.wait(_WEIGHED_EVERY_SECONDS)


def main() -> None:
    """Serve the request of fixed cost; print the URL."""
    with HTTPServer(("127.0.0.1", 0), _Fixed) as server:
        print(f"http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
