"""Requests over real sockets: bounded in time, independent of the environment, only with TLS."""

from __future__ import annotations

import socket
import ssl
import struct
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cleo_accounting.bootstrap import SystemClock
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.errors import Unavailable
from cleo_accounting.providers import Doubtful, Written
from quickbooks_emulator.testing import CLIENT_ID, CLIENT_SECRET, served
from tests.providers.sides import held
from tests.providers.world import SameGrant, bill, key, orders, provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cleo_accounting.providers import Company

DONE = (
    b'{"BatchItemResponse":[{"bId":"1","Bill":{"Id":"1","SyncToken":"0","TotalAmt":100,'
    b'"PrivateNote":"CleoPay:pay_1001"}}]}'
)
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(DONE)
)


@contextmanager
def listening(
    answer: Callable[[socket.socket, Event], None], wrap: ssl.SSLContext | None = None
) -> Iterator[tuple[int, list[bytes]]]:
    """Run a server of one connection at a time; yields its port and the requests it received."""
    heard: list[bytes] = []
    over = Event()

    def serve(listener: socket.socket) -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                if wrap:
                    connection = wrap.wrap_socket(connection, server_side=True)
                with connection:
                    heard.append(connection.recv(1_000_000))
                    answer(connection, over)
            except OSError:
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve, args=(listener,))
        thread.start()
        try:
            yield listener.getsockname()[1], heard
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextmanager
def company(port: int, scheme: str = "http", **more: Any) -> Iterator[Company]:
    """Yield a company whose Intuit listens on a local port."""
    url = f"{scheme}://127.0.0.1:{port}"
    books = provider(None, SystemClock(), api_url=url, discovery_url=url, **more)
    try:
        yield books.open("1", SameGrant())
    finally:
        books.close()


def write(books: Company) -> Any:
    (outcome,) = books.write(orders(books, RemoteKind.BILL, [bill()]), key=key())
    return outcome


def dripping(text: bytes, gone: list[bytes]) -> Callable[[socket.socket, Event], None]:
    """Return a server function that sends twenty bytes a second and records them in `gone`."""

    def drip(connection: socket.socket, over: Event) -> None:
        for at in range(len(text)):
            if over.wait(0.05):
                return
            connection.sendall(text[at : at + 1])
            gone.append(text[at : at + 1])

    return drip


def sending(*parts: bytes) -> Callable[[socket.socket, Event], None]:
    def send(connection: socket.socket, _: Event) -> None:
        for part in parts:
            connection.sendall(part)

    return send


def rest_of_request(connection: socket.socket) -> None:
    """Read the rest of a request, until nothing more comes."""
    connection.settimeout(0.2)
    with suppress(TimeoutError):
        while connection.recv(1_000_000):
            pass
    connection.settimeout(None)


def test_an_answer_that_comes_whole_is_taken() -> None:
    with listening(sending(HEAD, DONE)) as (port, _), company(port) as books:
        assert isinstance(write(books), Written)


@pytest.mark.parametrize("text", [HEAD + DONE, b"HTTP/1.1 100 Continue\r\n\r\n" * 20])
def test_an_answer_that_drips_even_in_its_headers_is_given_up(text: bytes) -> None:
    gone: list[bytes] = []
    with (
        listening(dripping(text, gone)) as (port, _),
        company(port, timeout_seconds=0.3) as books,
    ):
        assert isinstance(write(books), Doubtful)
    assert len(gone) < len(HEAD) // 2  # the client gave up long before the headers were complete


def test_an_answer_cut_short_is_doubtful() -> None:
    with listening(sending(HEAD, DONE[:40])) as (port, _), company(port) as books:
        assert isinstance(write(books), Doubtful)


def test_a_connection_closed_without_an_answer_is_doubtful() -> None:
    with listening(sending()) as (port, _), company(port) as books:
        assert isinstance(write(books), Doubtful)


def test_a_connection_that_rested_is_not_written_to_as_its_server_may_be_closing_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cleo_accounting.providers.quickbooks.client.sockets._IDLE_SECONDS_MAX", 0)
    kept = HEAD.replace(b"Connection: close", b"Connection: keep-alive")

    def answer_then_reset(connection: socket.socket, _: Event) -> None:
        """Respond, and reset the connection as soon as anything more is sent on it."""
        rest_of_request(connection)
        connection.sendall(kept + DONE)
        if connection.recv(1):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with listening(answer_then_reset) as (port, heard), company(port) as books:
        outcomes = [write(books) for _ in range(3)]

    assert [type(one) for one in outcomes] == [Written] * 3
    assert len(heard) == 3


def test_a_port_where_nobody_listens_was_certainly_not_written_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with company(port) as books, pytest.raises(Unavailable):
        write(books)


class _SleepsOnceConnected(SystemClock):
    """The clock of a process that is suspended for 100 s once it is connected."""

    def __init__(self, connected: Event) -> None:
        self._connected = connected

    def monotonic(self) -> float:
        slept = self._connected.wait(0.3)  # the server sets it when it accepts the connection
        return super().monotonic() + (100.0 if slept else 0.0)


@pytest.mark.parametrize("leaves_within", [90.0, 110.0])
def test_who_is_suspended_just_before_the_bytes_leave_sends_them_in_time_or_not_at_all(
    leaves_within: float,
) -> None:
    heard: list[bytes] = []
    connected = Event()
    clock = _SleepsOnceConnected(connected)

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connected.set()
            heard.append(connection.recv(1_000_000))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        (thread := Thread(target=serve, args=(listener,))).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        books = provider(None, clock, api_url=url, discovery_url=url)
        opened = books.open("1", SameGrant())
        order = orders(opened, RemoteKind.BILL, [bill()])
        leaves_by = clock.monotonic() + leaves_within

        (outcome,) = opened.write(order, key=key(), leaves_by=leaves_by)

        books.close()
        thread.join()

    assert isinstance(outcome, Doubtful)
    assert bool(heard[0]) is (leaves_within > 100)


def test_what_comes_too_late_to_leave_was_certainly_not_written() -> None:
    clock = SystemClock()
    with listening(sending(HEAD, DONE)) as (port, heard), company(port) as books:
        order = orders(books, RemoteKind.BILL, [bill()])
        with pytest.raises(Unavailable, match="held up"):
            books.write(order, key=key(), leaves_by=clock.monotonic())
        assert heard == []


def test_a_server_that_cannot_prove_itself_is_told_nothing(tmp_path: Path) -> None:
    with (
        listening(sending(HEAD, DONE), self_signed(tmp_path)) as (port, heard),
        company(port, "https") as books,
    ):
        with pytest.raises(Unavailable):
            write(books)
        assert heard == []


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with listening(sending(HEAD, DONE)) as (port, _), company(port) as books:
        assert isinstance(write(books), Written)


def test_the_books_are_written_and_read_over_http() -> None:
    with served() as intuit:
        clock = SystemClock()
        books = provider(
            None,
            clock,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            api_url=intuit.url,
            discovery_url=f"{intuit.url}/.well-known/openid_configuration",
        )
        keeper = SameGrant()
        keeper.grant = books.refresh(held(intuit.authorize(), clock))  # type: ignore[arg-type]
        opened = books.open(intuit.realm_id, keeper)
        vendor = next(opened.all(RemoteKind.VENDOR))
        account = next(
            one for one in opened.all(RemoteKind.ACCOUNT) if "Exp" in one.details["type"]
        )
        content = bill(party_id=vendor.id, account_id=account.id)

        (outcome,) = opened.write(orders(opened, RemoteKind.BILL, [content]), key=key())

        assert isinstance(outcome, Written)
        assert list(opened.read(RemoteKind.BILL, [outcome.remote_id])) == [outcome.remote_id]
        books.revoke(keeper.grant)
        books.close()


def self_signed(folder: Path) -> ssl.SSLContext:
    """Return a TLS context with a self-signed certificate for this machine."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(secret, hashes.SHA256())
    )
    path = folder / "self-signed.pem"
    path.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
