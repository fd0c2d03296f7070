"""Helpers for tests in Python: start an emulator in process or over HTTP in one line.

    with emulator() as intuit:
        client = httpx2.Client(transport=intuit.transport())

In process, nothing really waits: a delay moves the virtual clock, and a client whose time-out is
shorter than the delay gets its time-out at once.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from quickbooks_emulator.basics.clock import Clock, VirtualClock
from quickbooks_emulator.doors.app import Server
from quickbooks_emulator.sign_in.consent import DECIDE
from quickbooks_emulator.world.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import httpx2

    from quickbooks_emulator.accounting.throttle import Limits
    from quickbooks_emulator.basics.switches import Switches
    from quickbooks_emulator.books.company import Company
    from quickbooks_emulator.doors.in_process import EmulatorTransport
    from quickbooks_emulator.sign_in.apps import App
    from quickbooks_emulator.sign_in.grants import Tokens

CLIENT_ID = "ABexampleClientIdOfTheQuickBooksEmulatorForTests00"
CLIENT_SECRET = "exampleSecretOfTheQuickBooksEmulator0000"  # noqa: S105  made up
REDIRECT_URI = "http://localhost:8000/callback"
IN_PROCESS_URL = "https://intuit.test"
LATENCY_SECONDS = 0.2
"""The virtual time of a request in process, so that no test reaches ten a second by accident."""


@dataclass(frozen=True, slots=True)
class Intuit:
    """An emulator with one app and one company, ready to be connected."""

    emulator: Emulator
    app: App
    company: Company
    url: str

    @property
    def realm_id(self) -> str:
        """The company's id."""
        return self.company.realm_id

    def authorize(self, scopes: Sequence[str] = ("com.intuit.quickbooks.accounting",)) -> Tokens:
        """Grant the app consent to the company without a browser, and return the tokens."""
        return self.emulator.authorize(self.realm_id, self.app.client_id, scopes)

    def transport(self) -> EmulatorTransport:
        """Return an httpx2 transport that passes requests to this emulator, whatever the host."""
        from quickbooks_emulator.doors.in_process import EmulatorTransport  # noqa: PLC0415  an extra

        return EmulatorTransport(self.emulator)


@contextmanager
def emulator(
    *,
    seed: int = 0,
    clock: Clock | None = None,
    switches: Switches | None = None,
    limits: Limits | None = None,
    latency_seconds: float = LATENCY_SECONDS,
    redirect_uris: Sequence[str] = (REDIRECT_URI,),
    base_url: str = IN_PROCESS_URL,
    **company: Any,  # noqa: ANN401  see acts.add_company
) -> Iterator[Intuit]:
    """Create an emulator in process; in virtual time unless a clock is given."""
    whole = Emulator(
        seed,
        clock or VirtualClock(),
        switches,
        base_url=base_url,
        limits=limits,
        latency_seconds=latency_seconds,
    )
    yield _furnished(whole, redirect_uris, base_url, company)


@contextmanager
def served(
    *,
    seed: int = 0,
    clock: Clock | None = None,
    switches: Switches | None = None,
    limits: Limits | None = None,
    latency_seconds: float = 0.0,
    redirect_uris: Sequence[str] = (REDIRECT_URI,),
    port: int = 0,
    **company: Any,  # noqa: ANN401  see acts.add_company
) -> Iterator[Intuit]:
    """Serve an emulator over HTTP on a free port; in the machine's time unless a clock is given."""
    whole = Emulator(seed, clock, switches, limits=limits, latency_seconds=latency_seconds)
    server = Server(whole, port=port)
    intuit = _furnished(whole, redirect_uris, server.url, company)
    server.start()
    try:
        yield intuit
    finally:
        server.stop()


def consent(browser: httpx2.Client, link: str, realm_id: str, decision: str = "allow") -> str:
    """Submit the consent page as a browser does, and return the URL it redirects to."""
    page = browser.get(link)
    form = dict(re.findall(r'name="(ticket|user_id)" value="([^"]*)"', page.text))
    choice = {"realm_id": realm_id, "decision": decision}
    return browser.post(urljoin(link, DECIDE), data={**form, **choice}).headers["location"]


def _furnished(
    whole: Emulator, redirect_uris: Sequence[str], url: str, company: dict[str, Any]
) -> Intuit:
    app = whole.add_app(CLIENT_ID, CLIENT_SECRET, redirect_uris)
    return Intuit(whole, app, whole.add_company(**company), url)
