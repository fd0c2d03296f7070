"""A server between the service and the emulator that falsifies answers of QuickBooks.

It passes everything on until it is told to lie (`PUT /_lies`). Then some answers have values of
other types, another status, endless, compressed or broken bodies; requests are never changed.
"""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2

from proof.fuzz import hostile

CONTROL = "/_lies"
_PASSED_ON = ("authorization", "content-type", "accept", "user-agent")
_TIMEOUT_SECONDS = 15.0
_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1e308,
    10**30,
    "",
    [],
    {},
    [None],
    "9E80000",
    {"value": None},
    {"value": "999999"},
)
_JSON = "application/json;charset=UTF-8"


class _Liar(BaseHTTPRequestHandler):
    """Passes a request on, and its answer back, falsified or not."""

    protocol_version = "HTTP/1.1"
    upstream = ""
    chance = 0.0
    dice = random.Random(0)
    client = httpx2.Client(timeout=_TIMEOUT_SECONDS, trust_env=False)

    def do_GET(self) -> None:
        """Pass a read on."""
        self._pass(b"")

    def do_POST(self) -> None:
        """Pass a query or a write on."""
        self._pass(self._body())

    def do_PUT(self) -> None:
        """Set how often to lie."""
        told = json.loads(self._body())
        _Liar.upstream, _Liar.chance = told["upstream"], told["chance"]
        _Liar.dice = random.Random(told["seed"])
        self._answer(200, {"content-type": _JSON}, b"{}")

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def _pass(self, body: bytes) -> None:
        headers = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
        try:
            answer = self.client.request(
                self.command, self.upstream + self.path, headers=headers, content=body
            )
        except httpx2.TransportError:
            self.close_connection = True  # as the emulator's own faults do
            return
        told = {
            name: value
            for name, value in answer.headers.items()
            if name in ("content-type", "intuit_tid", "retry-after")
        }
        self._answer(*_made_up(self.dice, self.chance, answer.status_code, told, answer.content))

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Log nothing."""


def _made_up(
    dice: random.Random, chance: float, status: int, headers: dict[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """Return an answer, falsified with the given chance."""
    if dice.random() >= chance:
        return status, headers, body
    match dice.randrange(10):
        case 0 | 1 | 2 | 3 | 4 if body.startswith(b"{"):
            body = _changed(dice, body)
        case 5:
            body = hostile.mutated(dice, body)
        case 6:
            body = _monster(dice)
        case 7:
            body = gzip.compress(b" " * dice.choice((10, 30_000_000)) + body)
            headers = {**headers, "content-encoding": "gzip"}
        case 8:
            status = dice.choice((200, 201, 302, 400, 403, 404, 418, 500))
        case _:
            kind = dice.choice(("text/html", "application/xml", "", "application/json; charset=x"))
            headers = {**headers, "content-type": kind}
    return status, headers, body


def _changed(dice: random.Random, body: bytes) -> bytes:
    """Change some values anywhere in the document."""
    document = json.loads(body)
    for _ in range(dice.randint(1, 3)):
        at: Any = document
        while True:
            keys: list[Any] = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                break
            key = dice.choice(keys)
            if isinstance(at[key], dict | list) and dice.random() < 0.85:
                at = at[key]
                continue
            _spoil(dice, at, key)
            break
    return json.dumps(document).encode("utf-8", "surrogatepass")


def _spoil(dice: random.Random, at: Any, key: Any) -> None:  # noqa: ANN401  JSON
    match dice.randrange(4):
        case 0:
            del at[key]
        case 1 if isinstance(at, list):
            at.extend([at[key]] * dice.choice((1, 3, 1_200)))
        case 2:
            at[key] = hostile.text(dice)
        case _:
            at[key] = dice.choice(_VALUES)


def _monster(dice: random.Random) -> bytes:
    return dice.choice(
        (
            b"[" * 200_000,
            b'{"QueryResponse":' * 100_000,
            b'{"QueryResponse":{"Vendor":[{"Id":"1","Balance":9e999999999}]}}',
            b'{"a":' + b"9" * 200_000 + b"}",
            b"<Fault>" + b"<Error " * 100_000,
            b"\xff\xfe\x00" * 1_000,
            b" " * 11_000_000,
            b"",
        )
    )


class _Server(ThreadingHTTPServer):
    """Does not log that clients closed the connection."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Log nothing."""


@contextmanager
def liar() -> Iterator[str]:
    """Start a liar as its own process; yield its URL."""
    with subprocess.Popen(
        [sys.executable, "-m", "proof.fuzz.liar"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def main() -> None:
    """Serve; print the URL."""
    with _Server(("127.0.0.1", 0), _Liar) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
