"""What happens, in order: every flow is a verb, opens its own transactions, and gets the house.

The house is what bootstrap built once: our memory, the accounting product, the time, the chance.
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

# A worker counts from moments that another one wrote down. A request lives for 120 s, a query lags
# for as long, and clocks that are each so far from the database's are 60 s apart: 300 s in all.
CLOCK_OFF_MAX = timedelta(seconds=30)
DOORWAY = "/api/integrations/accounting/callback"


class Locks:
    """One lock a name, for what must not happen twice at once inside this process."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)

    def of(self, name: str) -> Lock:
        """Give the lock of this name."""
        with self._guard:
            return self._locks[name]


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose signed tokens (JWT) we believe.

    `read_keys` fetches the issuer's key set (RFC 7517) as parsed JSON, bounded in time and size,
    and raises ValueError where there is none to be had.
    """

    issuer: str
    audience: str
    read_keys: Callable[[], object] = field(repr=False)
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    life_max: timedelta = timedelta(minutes=15)  # longer-lived tokens are refused


@dataclass(frozen=True, slots=True)
class House:
    """All that flows and doors are given; built once, in bootstrap."""

    database: Database
    provider: Provider
    vault: Vault
    clock: Clock
    random: Callable[[int], bytes] = field(repr=False)  # so many bytes nobody can guess
    public_url: str  # where the world reaches us, without a slash at the end
    redirect_uris: tuple[str, ...] = ()  # what a connect may name besides the doorway
    return_url: str = ""  # where the doorway sends the user in the end; empty: our own page
    platform_page_url: str = ""  # where people open our page from
    connect_button: tuple[Path, Path] | None = None  # Intuit's images: at rest, hovered
    embed_origins: tuple[str, ...] = ()  # who may show the page in a frame
    amounts_in: str = "dollars"
    page_idle: timedelta = timedelta(minutes=60)  # a page session that rests so long is over
    quiescence: timedelta = timedelta(seconds=300)  # see CLOCK_OFF_MAX
    heads_path: Path | None = None  # where heads of chains of acts are kept, outside the database
    token_life: timedelta = timedelta(days=90)  # of our own API tokens, unless said otherwise
    trust: Trust | None = None
    locks: Locks = field(default_factory=Locks)
    shelves: Shelves = field(default_factory=Shelves)
    denials: Denials = field(default_factory=Denials)
    rates: Rates = field(default_factory=Rates)  # without bounds, unless bootstrap sets them
    stream_bounds: StreamBounds = field(default_factory=StreamBounds)

    @property
    def doorway_url(self) -> str:
        """The one address at which the accounting product may always hand a user back."""
        return self.public_url + DOORWAY

    def of(self, business_id: str) -> House:
        """Return this house for work on one business; see `Database.of`."""
        return replace(self, database=self.database.of(business_id))

    def new_id(self, prefix: str) -> str:
        """Make an id nobody can guess, such as `acctint_…`."""
        return f"{prefix}_{self.random(16).hex()}"

    def new_secret(self) -> str:
        """Make a secret that a browser or a link carries: 256 random bits, as text."""
        return base64.urlsafe_b64encode(self.random(32)).decode().rstrip("=")

    def close(self) -> None:
        """Let every connection go: to the accounting product, and to our memory."""
        self.provider.close()
        self.database.close()
