"""The flows: each is an operation of the service that opens its own transactions.

Every flow receives the `House`, the dependencies that bootstrap builds once: the database, the
accounting product, the clock and the source of randomness.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import Lock

from cleo_accounting.core.clock import Clock
from cleo_accounting.flows.denials import Denials
from cleo_accounting.flows.rates import Rates, StreamBounds
from cleo_accounting.flows.shelves import Shelves
from cleo_accounting.providers import Provider
from cleo_accounting.store.database import Database
from cleo_accounting.store.vault import Vault

# A worker reads times that another worker wrote. A request lives for up to 120 s, a query lags by
# as much, and two clocks that are each this far from the database's are 60 s apart: 300 s in all.
CLOCK_OFF_MAX = timedelta(seconds=30)
DOORWAY = "/api/integrations/accounting/callback"


class Locks:
    """One lock per name, for work that must not run twice at once inside this process."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)

    def of(self, name: str) -> Lock:
        """Return the lock of this name."""
        with self._guard:
            return self._locks[name]


@dataclass(frozen=True, slots=True)
class Trust:
    """The issuer whose signed tokens (JWT) we accept.

    `read_keys` fetches the issuer's key set (RFC 7517) as parsed JSON, bounded in time and size,
    and raises ValueError if it cannot be fetched.
    """

    issuer: str
    audience: str
    read_keys: Callable[[], object] = field(repr=False)
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    life_max: timedelta = timedelta(minutes=15)  # longer-lived tokens are refused


@dataclass(frozen=True, slots=True)
class House:
    """The dependencies of all flows, the API and the page; built once, in bootstrap."""

    database: Database
    provider: Provider
    vault: Vault
    clock: Clock
    random: Callable[[int], bytes] = field(repr=False)  # cryptographically random bytes
    public_url: str  # the service's public address, without a trailing slash
    redirect_uris: tuple[str, ...] = ()  # redirect URIs allowed besides the callback
    return_url: str = ""  # where the callback finally sends the user; empty: our own page
    platform_page_url: str = ""  # the platform's page from which people open ours
    connect_button: tuple[Path, Path] | None = None  # Intuit's images: normal, hovered
    embed_origins: tuple[str, ...] = ()  # origins that may show the page in a frame
    amounts_in: str = "dollars"
    page_idle: timedelta = timedelta(minutes=60)  # a page session idle for longer ends
    quiescence: timedelta = timedelta(seconds=300)  # see CLOCK_OFF_MAX
    heads_path: Path | None = None  # file for the heads of audit chains, outside the database
    token_life: timedelta = timedelta(days=90)  # of our own API tokens, by default
    trust: Trust | None = None
    locks: Locks = field(default_factory=Locks)
    shelves: Shelves = field(default_factory=Shelves)
    denials: Denials = field(default_factory=Denials)
    rates: Rates = field(default_factory=Rates)  # unlimited, unless bootstrap sets bounds
    stream_bounds: StreamBounds = field(default_factory=StreamBounds)

    @property
    def doorway_url(self) -> str:
        """The callback address, to which the accounting product may always return a user."""
        return self.public_url + DOORWAY

    def of(self, business_id: str) -> House:
        """Return this house for work on one business; see `Database.of`."""
        return replace(self, database=self.database.of(business_id))

    def new_id(self, prefix: str) -> str:
        """Return a new random id with a prefix, such as `acctint_…`."""
        return f"{prefix}_{self.random(16).hex()}"

    def new_secret(self) -> str:
        """Return a secret for a browser or a link to carry: 256 random bits, as text."""
        return base64.urlsafe_b64encode(self.random(32)).decode().rstrip("=")

    def close(self) -> None:
        """Close all connections to the accounting product and to the database."""
        self.provider.close()
        self.database.close()
