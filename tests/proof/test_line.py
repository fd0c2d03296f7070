"""The hostile line of the real kills treats requests as documented."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx2
import pytest

from proof.processes.line import Fate, Line, hostile_line

PATH = "/v3/company/1/batch"


@contextmanager
def far_side() -> Iterator[tuple[str, list[bytes]]]:
    """Run a server that echoes requests; yields its URL and the bodies it received, in order."""
    heard: list[bytes] = []

    class Echo(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            heard.append(body)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
        server.shutdown()
        thread.join()


@pytest.fixture
def sides() -> Iterator[tuple[Line, list[bytes]]]:
    with far_side() as (url, heard), hostile_line(url, seed=1) as line:
        yield line, heard


def _befalls(line: Line, monkeypatch: pytest.MonkeyPatch, fate: Fate | None) -> None:
    monkeypatch.setattr(line, "fate", lambda _path: fate)


def _ask(line: Line, body: bytes = b"a batch of bills") -> bytes:
    return httpx2.post(line.url + PATH, content=body, timeout=10).content


def _until(heard: list[bytes], number: int) -> None:
    end = time.monotonic() + 10
    while len(heard) < number:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_is_not_harmed_passes(sides: tuple[Line, list[bytes]]) -> None:
    line, heard = sides

    assert _ask(line) == b"a batch of bills"
    assert heard == [b"a batch of bills"]


@pytest.mark.parametrize(("fate", "arrives"), [("cut_before", 0), ("cut_after", 1), ("half", 1)])
def test_who_asks_gets_no_whole_answer_whether_or_not_the_request_arrives(
    sides: tuple[Line, list[bytes]], monkeypatch: pytest.MonkeyPatch, fate: Fate, arrives: int
) -> None:
    line, heard = sides
    _befalls(line, monkeypatch, fate)

    with pytest.raises(httpx2.TransportError):
        _ask(line)
    assert len(heard) == arrives


@pytest.mark.parametrize("fate", ["late", "too_late"])
def test_a_request_arrives_after_it_was_given_up(
    sides: tuple[Line, list[bytes]], monkeypatch: pytest.MonkeyPatch, fate: Fate
) -> None:
    line, heard = sides
    _befalls(line, monkeypatch, fate)

    with pytest.raises(httpx2.TransportError):
        _ask(line)
    assert heard == []
    _until(heard, 1)


def test_a_request_arrives_twice(
    sides: tuple[Line, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    line, heard = sides
    _befalls(line, monkeypatch, "twice")

    assert _ask(line) == b"a batch of bills"
    _until(heard, 2)


def test_two_get_the_answer_of_each_other(
    sides: tuple[Line, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    line, _ = sides
    _befalls(line, monkeypatch, "swapped")
    monkeypatch.setattr("proof.processes.line._PARTNER_SECONDS", 10)

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda body: _ask(line, body), [b"one", b"two"]))

    assert answers == [b"two", b"one"]


def test_an_answer_that_drips_comes_whole(
    sides: tuple[Line, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    line, _ = sides
    _befalls(line, monkeypatch, "drip")

    assert _ask(line, b"x" * 2000) == b"x" * 2000
