"""Rate limiting: budgets per token, visit, business and address, reported in headers.

The headers are those of the IETF's draft “RateLimit header fields for HTTP”: `RateLimit-Policy`
states each budget and its window in seconds, `RateLimit` what is left and when it is full again.
"""

from __future__ import annotations

from functools import partial
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from fastapi.concurrency import run_in_threadpool

from cleo_accounting.errors import Exceeded, Mend
from cleo_accounting.store.database import AWAY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastapi import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from cleo_accounting.errors import AccountingError, Standing
    from cleo_accounting.flows import House

HEAD_BYTES_MAX = 16_384  # of a request's address and headers, its cookies among them
# Paths that count against a token or a visit instead, and cheap ones that must always answer.
_NOT_BY_ADDRESS = ("/api/businesses/", "/businesses/", "/static/", "/livez")
_PREFIX_BITS = 64  # of an IPv6 address: one customer's network


class Flood:
    """Middleware that bounds request heads and rate limits the open paths by client address."""

    def __init__(
        self, app: ASGIApp, *, house: House, refuse: Callable[[Scope, AccountingError], ASGIApp]
    ) -> None:
        self._app = app
        self._house = house
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it because its head is too large or the budget is spent."""
        app = self._app
        if scope["type"] == "http":
            try:
                _check_head(scope)
                if not scope["path"].startswith(_NOT_BY_ADDRESS):
                    await _spend(scope, self._house, "address", address(scope))
            except (Mend, Exceeded) as refusal:
                app = self._refuse(scope, refusal)
        await app(scope, receive, send)


async def spend(request: Request, name: str, who: str) -> None:
    """Count a request against a budget, and keep the budget's state for the response headers.

    Raises:
        Exceeded: the budget is used up.
    """
    await _spend(request.scope, request.app.state.door.house, name, who)


def address(scope: Scope) -> str:
    """Return the client's address; for IPv6 its /64 network, which belongs to one customer."""
    host = scope["client"][0] if scope.get("client") else ""
    try:
        parsed = ip_address(host)
    except ValueError:
        return host
    if not isinstance(parsed, IPv6Address):
        return host
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> _PREFIX_BITS << _PREFIX_BITS)}/{_PREFIX_BITS}"


def headers(standings: Sequence[Standing]) -> dict[str, str]:
    """Return the response headers that report the state of budgets."""
    if not standings:
        return {}
    return {
        "RateLimit-Policy": ", ".join(
            f'"{one.name}";q={one.amount};w={one.seconds}' for one in standings
        ),
        "RateLimit": ", ".join(
            f'"{one.name}";r={one.left};t={one.reset_seconds}' for one in standings
        ),
    }


def remember(scope: Scope, standing: Standing) -> None:
    """Keep the state of a budget for the response headers."""
    scope.setdefault("state", {}).setdefault("standings", []).append(standing)


def _check_head(scope: Scope) -> None:
    size = len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"])
    size += sum(len(name) + len(value) for name, value in scope["headers"])
    if size > HEAD_BYTES_MAX:
        raise Mend(
            f"The address and the headers of a request may have {HEAD_BYTES_MAX:,} bytes.",
            code="headers_too_large",
        )


async def _spend(scope: Scope, house: House, name: str, who: str) -> None:
    take = partial(house.rates.spend, name, who)
    try:
        standing = await run_in_threadpool(take) if house.rates.asks_database else take()
    except AWAY:
        return  # the handler itself reports better what a missing database means
    if standing is not None:
        remember(scope, standing)
