"""Shared by the tests of providers: clocks, keepers of grants, documents and a scripted Intuit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

import httpx2
import msgspec
from pydantic import SecretStr

from cleo_accounting.core.links import Document, DocumentLine, Party, RemoteKind
from cleo_accounting.core.records import Money
from cleo_accounting.errors import Reconnect
from cleo_accounting.providers import Grant, Order
from cleo_accounting.providers.quickbooks import QuickBooksProvider, quickbooks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cleo_accounting.providers import Company, Provider

START = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
REALM = "9130350000000000001"


class Steered(Protocol):
    """A clock that can be advanced, such as the emulator's."""

    def now(self) -> datetime: ...
    def advance(self, seconds: float) -> None: ...


@dataclass
class Hands:
    """A clock that only moves when a caller sleeps."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class VirtualTime:
    """A virtual clock: sleeping advances the clock that the emulator reads, too."""

    steered: Steered = field(default_factory=Hands)

    def now(self) -> datetime:
        return self.steered.now()

    def monotonic(self) -> float:
        return (self.steered.now() - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.steered.advance(seconds)


class SameGrant:
    """A keeper of one grant that has no newer one."""

    def __init__(self, token: str = "access-1") -> None:
        self.grant = grant(token)
        self.renewals = 0

    def current(self) -> Grant:
        return self.grant

    def renew(self, refused: Grant) -> Grant:
        self.renewals += 1
        assert refused == self.grant
        raise Reconnect("no newer grant")


class RefreshedGrant(SameGrant):
    """A keeper that renews its grant with the provider, as a real one does."""

    def __init__(self, provider: Provider, held: Grant) -> None:
        super().__init__()
        self.provider = provider
        self.grant = held

    def renew(self, refused: Grant) -> Grant:
        self.renewals += 1
        self.grant = self.provider.refresh(refused)
        return self.grant


def grant(token: str) -> Grant:
    return Grant(
        SecretStr(token),
        SecretStr("refresh-1"),
        START + timedelta(hours=1),
        START + timedelta(days=100),
    )


@dataclass
class Script:
    """An Intuit that gives one scripted response per request, and repeats the last one."""

    answers: Sequence[Callable[[httpx2.Request], httpx2.Response]]
    asked: list[httpx2.Request] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        self.asked.append(request)
        return self.answers[min(len(self.asked), len(self.answers)) - 1](request)


def reply(
    status: int = 200, document: Any = None, **headers: str
) -> Callable[[httpx2.Request], httpx2.Response]:
    """Return a scripted JSON response."""
    written = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx2.Response(status, json=document, headers=written)


def text(
    status: int, body: bytes | str, content_type: str, **headers: str
) -> Callable[[httpx2.Request], httpx2.Response]:
    """Return a scripted response with any body and content type."""
    content = body.encode() if isinstance(body, str) else body
    written = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx2.Response(
        status, content=content, headers={"content-type": content_type, **written}
    )


def failing(error: type[httpx2.TransportError]) -> Callable[[httpx2.Request], httpx2.Response]:
    """Return a scripted failure of the network."""

    def fail(request: httpx2.Request) -> httpx2.Response:
        raise error("as told", request=request)

    return fail


def provider(transport: httpx2.BaseTransport | None, clock: Any, **more: Any) -> QuickBooksProvider:
    """Return the QuickBooks provider with a transport."""
    given = {
        "client_id": "client",
        "client_secret": "secret-of-the-client",
        "discovery_url": "https://intuit.test/.well-known/openid_configuration",
        "api_url": "https://intuit.test",
        "clock": clock,
        "random": lambda: 0.5,
        "transport": transport,
    }
    return quickbooks(**{**given, **more})


def scripted(
    *answers: Callable[[httpx2.Request], httpx2.Response], keeper: Any = None, **more: Any
) -> tuple[Company, Script, VirtualTime]:
    """Return a company with a scripted Intuit, its script and its clock."""
    script, clock = Script(answers), VirtualTime()
    books = provider(httpx2.MockTransport(script), clock, **more)
    return books.open(REALM, keeper or SameGrant()), script, clock


def bill(
    number: str = "1001",
    *,
    party_id: str = "56",
    account_id: str = "7",
    amount: str = "100.00",
    record_id: str | None = None,
    **more: Any,
) -> Document:
    """Return a bill of one line."""
    marker = f"CleoPay:{record_id or 'pay_' + number}"
    money = Money.of(amount, "USD")
    return Document(
        **{
            "party_id": party_id,
            "number": number,
            "dated": date(2026, 1, 5),
            "lines": (DocumentLine("Oat milk", money, account_id=account_id),),
            "total": money,
            "note": f"As agreed\n{marker}",
            "marker": marker,
            **more,
        }
    )


def invoice(
    number: str = "1001",
    *,
    party_id: str = "58",
    item_id: str = "19",
    quantity: str = "3",
    unit_price: str = "33.335",
    **more: Any,
) -> Document:
    """Return an invoice of one line."""
    money = Money.rounded(Decimal(quantity) * Decimal(unit_price), "USD")
    line = DocumentLine(
        "Hours",
        money,
        item_id=item_id,
        quantity=Decimal(quantity),
        unit_price=Decimal(unit_price),
    )
    return bill(number, party_id=party_id, lines=(line,), total=money, **more)


def party(name: str) -> Party:
    return Party(name, company_name=name, email="books@example.com")


def orders(company: Company, kind: RemoteKind, contents: Sequence[Any]) -> Sequence[Order]:
    """Return orders to create these contents, numbered by their place in the batch."""
    return [
        Order(str(at), kind, company.render(kind, content), "USD")
        for at, content in enumerate(contents, 1)
    ]


_KEYS = count(1)


def key() -> str:
    """Return a new key for a batch."""
    return f"{next(_KEYS):032x}"


def sent(request: httpx2.Request) -> Any:
    """Return the decoded JSON body of a request."""
    return msgspec.json.decode(request.content)
