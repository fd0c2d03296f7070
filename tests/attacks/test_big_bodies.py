"""Large, slow and half-sent requests are refused or cut off, and delay no other request."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence

import pytest
from fastapi._compat import ModelField

from cleo_accounting.platform import strict
from cleo_accounting.store.database import Database
from cleo_accounting.web import bodies, connections
from tests.attacks.listening import listening
from tests.service import Service, served
from tests.world import BUSINESS, World, world


@pytest.fixture(scope="module")
def here(new_sqlite: object) -> Iterator[World]:
    """A business that has not connected: none of these requests gets that far."""
    database = Database(new_sqlite())  # type: ignore[operator]
    with world(database) as made:
        yield made
    database.close()


@pytest.fixture(scope="module")
def service(here: World) -> Iterator[Service]:
    """The API of that business."""
    yield from served(here)


RECORD = f"/api/businesses/{BUSINESS}/integrations/accounting/records/connections/conn_1"
BULK = f"/api/businesses/{BUSINESS}/integrations/accounting/records/bulk"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"[]," * 3_300_000 + b"[]]",
        b'{"records": [' + b"1," * 4_900_000 + b"1]}",
        json.dumps({f"unknown{at}": 0 for at in range(500_000)}).encode(),
        json.dumps({f"unknown{at}": 0 for at in range(1_001)}).encode(),
    ],
    ids=["lists", "numbers", "members", "an object"],
)
def test_a_body_of_too_many_values_is_refused_before_it_is_parsed(
    service: Service, body: bytes
) -> None:
    answer = service.ask("POST", BULK, as_="feeder", content=body, headers=JSON)

    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_json"
    assert "holds" in answer.json()["message"]


def test_commas_within_texts_are_no_values(service: Service) -> None:
    body = {"connectedBusinessName": "Acme", "somethingElse": ',[{\\"' * 200_000}
    answer = service.ask("PUT", RECORD, as_="feeder", json=body)

    assert answer.status_code == 201
    with pytest.raises(strict.NotJson):
        strict.parse(b'["a,b", 1, 2, 3]', values_max=3)
    assert strict.parse(b'["a,b\\",c", 1, 2]', values_max=3) == ['a,b",c', 1, 2]


def test_of_many_flaws_a_hundred_are_told(service: Service) -> None:
    records = [{"odd": 1, "odder": 2} for _ in range(500)]
    answer = service.ask("POST", BULK, as_="feeder", json={"records": records})

    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 100
    assert "100 of 2,500 errors are shown." in answer.json()["message"]
    assert len(answer.content) < 64_000


def test_no_body_is_validated_on_the_event_loop(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    validate, seen = ModelField.validate, []

    def watched(self: ModelField, value: object, *rest: object, **more: object) -> object:
        seen.append((type(value), threading.current_thread().name))
        return validate(self, value, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ModelField, "validate", watched)
    body = {"records": [{"type": "connection", "id": "c", "record": {}}] * 2}
    assert service.ask("POST", BULK, as_="feeder", json=body).status_code == 200
    assert service.ask("POST", BULK, as_="feeder", json={"records": 1}).status_code == 422

    plain = [name for kind, name in seen if kind is dict]
    assert len(plain) == 2
    assert all("AnyIO worker" in name for name in plain), plain


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/livez", {"Cookie": "; ".join(f"c{at}=v" for at in range(3_000))}),
        ("/livez", {f"X-Header-{at}": "v" * 100 for at in range(200)}),
        ("/launch?" + "a=b&" * 5_000, {}),
    ],
    ids=["cookies", "headers", "address"],
)
def test_heads_beyond_sixteen_kilobytes_are_refused(
    service: Service, path: str, headers: dict[str, str]
) -> None:
    answer = service.ask("GET", path, as_=None, headers=headers)

    assert answer.status_code == 431
    assert answer.json()["code"] == "headers_too_large"


def _opened(address: tuple[str, int], *said: bytes) -> list[socket.socket]:
    opened = []
    for text in said:
        one = socket.create_connection(address, timeout=5)
        one.sendall(text)
        opened.append(one)
    return opened


def _heard(of: Sequence[socket.socket]) -> list[bytes]:
    """Return what each connection receives until the server closes it; staying open is an error."""
    heard = []
    for one in of:
        text = b""
        try:
            while part := one.recv(65_536):
                text += part
        except ConnectionResetError:
            pass
        one.close()
        heard.append(text)
    return heard


def test_connections_that_say_nothing_or_half_a_request_are_closed(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS_MAX", 0.3)
    monkeypatch.setattr(connections, "_LINGER_SECONDS", 0.3)
    monkeypatch.setattr(bodies, "BODY_SECONDS_MAX", 0.3)
    head = b"POST /enter HTTP/1.1\r\nHost: localhost\r\n"
    form = b"Origin: http://localhost:8000\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with listening(here.house, 40) as address:
        began = time.monotonic()
        silent = _opened(address, *[b""] * 5, *[b"GET /livez HTTP/1.1\r\nX-Half"] * 5)
        slow = _opened(address, *[head + form + b"Content-Length: 100\r\n\r\nlink="] * 3)
        heard = _heard([*silent, *slow])

        assert heard[:10] == [b""] * 10
        for answer in heard[10:]:
            assert answer.startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began < 4
        (good,) = _opened(address, b"GET /livez HTTP/1.1\r\nConnection: close\r\nHost: x\r\n\r\n")
        assert _heard([good])[0].startswith(b"HTTP/1.1 200 ")


def test_connections_beyond_the_limit_are_answered_at_once(here: World) -> None:
    with listening(here.house, 40) as address:
        held = _opened(address, *[b""] * 40)
        (late,) = _opened(address, b"GET /livez HTTP/1.1\r\nConnection: close\r\nHost: x\r\n\r\n")

        assert _heard([late])[0].startswith(b"HTTP/1.1 503 ")
        for one in held:
            one.close()
