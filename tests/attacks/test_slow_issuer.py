"""A slow, huge or malformed key set of the token issuer holds up no request."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from cleo_accounting import bootstrap, settings
from cleo_accounting.errors import Misconfigured, Unavailable
from cleo_accounting.flows import Trust
from cleo_accounting.settings import Settings
from cleo_accounting.web.issuer import RETRY_AFTER, Issuer
from tests.web.test_access import Keys, _claims, _signed, trust
from tests.world import KEY, World

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
BOMB = gzip.compress(b" " * 50_000_000)


def _drip(client: socket.socket) -> None:
    for byte in HEAD:
        client.sendall(bytes([byte]))
        time.sleep(1)


def _silence(client: socket.socket) -> None:
    client.recv(1)
    time.sleep(20)


def _bomb(client: socket.socket) -> None:
    length = f"content-length: {len(BOMB)}\r\n".encode()
    client.sendall(HEAD + b"content-encoding: gzip\r\n" + length + b"\r\n" + BOMB)


def _deep(client: socket.socket) -> None:
    body = b"[" * 200_000
    client.sendall(HEAD + f"content-length: {len(body)}\r\n\r\n".encode() + body)


@contextmanager
def _serving(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            try:
                client, _ = listener.accept()
                with client:
                    client.recv(4096)
                    answer(client)
            except OSError:
                return  # the client has closed the connection, as it should

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/jwks"


def _settings(url: str) -> Settings:
    given = {
        "CLEO_ENCRYPTION_KEYS": KEY,
        "CLEO_AUDIT_KEYS": KEY,
        "CLEO_QUICKBOOKS_CLIENT_ID": "client",
        "CLEO_QUICKBOOKS_CLIENT_SECRET": "secret",
        "CLEO_DATABASE_URL": "sqlite:////tmp/unused.sqlite",
        "CLEO_JWT_ISSUER": "https://id",
        "CLEO_JWT_AUDIENCE": "us",
        "CLEO_JWT_JWKS_URL": url,
    }
    return settings.read(given)


@pytest.mark.parametrize("answer", [_drip, _silence, _bomb, _deep])
def test_a_key_set_is_fetched_within_bounds(answer: Callable[[socket.socket], None]) -> None:
    with _serving(answer) as url:
        house = bootstrap.build(_settings(url))
        assert house.trust is not None
        began = time.monotonic()

        with pytest.raises(ValueError, match=r"fetched|nest|JSON"):
            house.trust.read_keys()

        assert time.monotonic() - began < 10
        house.close()


@pytest.mark.parametrize("url", ["http://id.example/jwks", "ftp://id/jwks", "jwks", "file:///x"])
def test_keys_are_taken_over_an_encrypted_way_only(url: str) -> None:
    with pytest.raises(Misconfigured, match="CLEO_JWT_JWKS_URL"):
        bootstrap.build(_settings(url))


def test_no_request_waits_for_the_keys_that_another_one_fetches(here: World) -> None:
    begun, go_on, keys = threading.Event(), threading.Event(), Keys()

    def slow() -> object:
        begun.set()
        go_on.wait(20)
        return keys()

    issuer = Issuer(replace(trust(keys), read_keys=slow), here.house.clock)
    token = _signed(_claims(here))
    first = threading.Thread(target=issuer.claims, args=(token,))
    first.start()
    begun.wait(10)

    with pytest.raises(Unavailable):
        issuer.claims(token)

    go_on.set()
    first.join()
    assert issuer.claims(token)


def test_a_failed_fetch_is_tried_again_soon(here: World) -> None:
    keys = Keys()
    keys.down = True
    issuer = Issuer(trust(keys), here.house.clock)
    token = _signed(_claims(here))
    assert issuer.claims(token) is None
    keys.down = False

    here.house.clock.sleep((RETRY_AFTER + timedelta(seconds=1)).total_seconds())

    assert issuer.claims(token)


@pytest.mark.parametrize("alg", [["RS256"], {"a": 1}, 5, "?"])
def test_a_malformed_key_spoils_no_other_key(here: World, alg: object) -> None:
    keys = Keys()
    keys.listed = [{**keys.listed[0], "kid": "odd", "alg": alg}, *keys.listed]
    issuer = Issuer(trust(keys), here.house.clock)

    assert issuer.claims(_signed(_claims(here)))


def test_a_key_set_that_is_none_is_no_error(here: World) -> None:
    for answer in (None, [], {"keys": {}}, {"keys": [None, 1, []]}):

        def read(answer: object = answer) -> object:
            return answer

        believed = Trust("https://id", "us", read, ("RS256",))
        assert Issuer(believed, here.house.clock).claims(_signed(_claims(here))) is None
