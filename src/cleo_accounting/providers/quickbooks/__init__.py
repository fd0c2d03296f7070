"""The accounting provider for QuickBooks Online."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import quote

from cleo_accounting.core.addresses import is_safe
from cleo_accounting.errors import Misconfigured
from cleo_accounting.providers.quickbooks.client.calls import Calls
from cleo_accounting.providers.quickbooks.client.pacer import Fleet, Limits, Pacer
from cleo_accounting.providers.quickbooks.client.wire import Wire
from cleo_accounting.providers.quickbooks.company import QuickBooksCompany
from cleo_accounting.providers.quickbooks.oauth import OAuth

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

    from cleo_accounting.core.clock import Clock
    from cleo_accounting.providers import Company, Grant, GrantKeeper

__all__ = ["QuickBooksProvider", "quickbooks"]

# Intuit documents neither the hosts nor the pages below; both are common practice. A wrong id only
# opens a page that does not show the entry.
_HOSTS = {
    "https://quickbooks.api.intuit.com": "https://qbo.intuit.com",
    "https://sandbox-quickbooks.api.intuit.com": "https://sandbox.qbo.intuit.com",
}
_PAGES = {
    "bill": "bill?txnId",
    "expense": "check?txnId",
    "invoice": "invoice?txnId",
    "bill_payment": "billpayment?txnId",
    "payment": "recvpayment?txnId",
    "vendor_credit": "vendorcredit?txnId",
    "credit_memo": "creditmemo?txnId",
    "vendor": "vendordetail?nameId",
    "customer": "customerdetail?nameId",
}


class QuickBooksProvider:
    """The provider for QuickBooks Online. Thread-safe; a company opened twice shares its pacer."""

    name = "quickbooks"

    def __init__(
        self,
        *,
        oauth: OAuth,
        wire: Wire,
        api_url: str,
        app_url: str,
        random: Callable[[], float],
        limits: Limits,
        batch_size: int,
        fleet: Fleet | None = None,
    ) -> None:
        self._fleet = fleet
        self._oauth = oauth
        self._wire = wire
        self._api_url = api_url
        self._app_url = app_url or _HOSTS.get(api_url, "")
        self._random = random
        self._limits = limits
        self._batch_size = batch_size
        self._pacers: dict[str, Pacer] = {}
        self._opening = Lock()

    def authorization_url(self, state: str, redirect_uri: str) -> str:
        """Return the URL of Intuit's consent page."""
        return self._oauth.authorization_url(state, redirect_uri)

    def answers_as(self, issuer: str) -> bool:
        """Return whether a callback with this issuer can come from Intuit."""
        return self._oauth.answers_as(issuer)

    def exchange(self, code: str, redirect_uri: str, state: str) -> Grant:
        """Exchange the callback's code for a grant."""
        return self._oauth.exchange(code, redirect_uri, state)

    def refresh(self, grant: Grant) -> Grant:
        """Exchange the refresh token for a new grant."""
        return self._oauth.refresh(grant)

    def revoke(self, grant: Grant) -> None:
        """Revoke the grant."""
        self._oauth.revoke(grant)

    def open(self, company_id: str, keeper: GrantKeeper) -> Company:
        """Open a company's books."""
        with self._opening:
            pacer = self._pacers.get(company_id)
            if pacer is None:
                pacer = Pacer(self._limits, self._wire.clock, company_id, self._fleet)
                self._pacers[company_id] = pacer
        calls = Calls(
            wire=self._wire,
            pacer=pacer,
            keeper=keeper,
            random=self._random,
            api_url=self._api_url,
            company_id=company_id,
        )
        return QuickBooksCompany(
            company_id,
            calls,
            self._wire.clock,
            batch_size=self._batch_size,
            batches_at_once=self._limits.batches_at_once,
        )

    def address_of(self, kind: str, remote_id: str) -> str | None:
        """Return the QuickBooks page of a remote; it opens in the company the browser has open."""
        host, page = self._app_url, _PAGES.get(kind)
        return f"{host}/app/{page}={quote(remote_id, safe='')}" if host and page else None

    def close(self) -> None:
        """Close the connections to Intuit."""
        self._wire.close()


def quickbooks(
    *,
    client_id: str,
    client_secret: str,
    discovery_url: str,
    api_url: str,
    app_url: str = "",
    clock: Clock,
    random: Callable[[], float],
    requests_per_minute: int = 500,
    requests_per_second: int = 10,
    batches_per_minute: int = 40,
    batches_at_once: int = 4,
    batch_size: int = 30,
    timeout_seconds: float = 130.0,
    answer_bytes_max: int = 10_000_000,
    transport: httpx2.BaseTransport | None = None,
    fleet: Fleet | None = None,
) -> QuickBooksProvider:
    """Build the provider.

    `random` returns numbers from 0 to 1. Without a `transport`, real connections are used. The
    processes that share a `fleet` count each company's requests against common limits.

    Raises:
        Misconfigured: a URL is neither https nor on this machine.
    """
    _make_sure_of(API=api_url, app=app_url or api_url)
    wire = Wire(
        clock=clock,
        timeout_seconds=timeout_seconds,
        answer_bytes_max=answer_bytes_max,
        transport=transport,
    )
    oauth = OAuth(
        client_id=client_id, client_secret=client_secret, discovery_url=discovery_url, wire=wire
    )
    return QuickBooksProvider(
        oauth=oauth,
        wire=wire,
        api_url=api_url,
        app_url=app_url.rstrip("/"),
        random=random,
        limits=Limits(
            requests_per_minute, requests_per_second, batches_per_minute, batches_at_once
        ),
        batch_size=batch_size,
        fleet=fleet,
    )


def _make_sure_of(**urls: str) -> None:
    for what, url in urls.items():
        if not is_safe(url):
            raise Misconfigured(f"the QuickBooks {what} URL must begin with https://")
