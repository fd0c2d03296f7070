"""Open a company's books, and keep their grant: renew it once, and never lose the newest.

Three guards make concurrent refreshes one: a lock in this process, one active run per company,
and compare-and-swap on the stored version. A new grant is stored before it is used.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import msgspec

from cleo_accounting.errors import Reconnect, Throttled, Unavailable
from cleo_accounting.providers import Grant
from cleo_accounting.store import integrations
from cleo_accounting.store.integrations import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cleo_accounting.flows import House
    from cleo_accounting.providers import Company
    from cleo_accounting.store.integrations import Integration, SealedGrant

T = TypeVar("T")

RENEW_BEFORE = timedelta(minutes=2)
SECOND_LOOK_SECONDS = 2.0  # another process may have its new grant, but not have stored it yet


def open_books(house: House, integration: Integration) -> Company:
    """Open the books of an integration's company; its grant is looked up for every request."""
    return house.provider.open(integration.company_id, Keeper(house, integration.id))


def spent(company: Company) -> Mapping[str, int]:
    """Return the usage of a company's books since they were opened."""
    return {name: count for name, count in asdict(company.usage()).items() if count}


def seal(house: House, integration: Integration, grant: Grant) -> str:
    """Encrypt a grant for its integration."""
    return house.vault.seal(to_plain_json(grant), integration.place)


def unseal(house: House, integration: Integration, sealed: SealedGrant) -> Grant:
    """Decrypt a grant of an integration."""
    return from_plain_json(house.vault.open(sealed.text, integration.place), Grant)


def to_plain_json(value: object) -> str:
    """Return a grant, or a value that holds one, as JSON with its tokens: only for encryption."""
    return msgspec.json.encode(value, enc_hook=lambda secret: secret.get_secret_value()).decode()


def from_plain_json(text: str, kind: type[T]) -> T:
    """Return the value that `to_plain_json` wrote."""
    return msgspec.json.decode(text, type=kind, dec_hook=lambda secret, plain: secret(plain))


def need_reconnect(house: House, integration_id: str, reason: str) -> None:
    """Mark an integration as needing a person to reconnect, such as after access was revoked."""
    with house.database.transaction() as tx:
        integrations.need_reconnect(tx, integration_id, reason)


def heed(house: House, company_id: str, *told: object) -> None:
    """Store until when a company asks us not to call it; all processes heed it, without a fence."""
    moments = [one.until for one in told if isinstance(one, Throttled)]
    if moments:
        with house.database.across.transaction() as tx:
            integrations.be_silent(tx, house.provider.name, company_id, max(moments))


def refuse_while_silent(house: House, until: datetime | None) -> None:
    """Refuse to call a company that asked us to slow down, also if another process was told.

    Raises:
        Throttled: it may be called again only then.
    """
    if until is not None and house.clock.now() < until:
        raise Throttled("QuickBooks asked us to slow down", until)


class Keeper:
    """Keeps the grant of one integration; several keepers may serve the same integration."""

    def __init__(self, house: House, integration_id: str) -> None:
        self._house = house
        self._id = integration_id
        self._opened: tuple[str, Grant] | None = None  # the newest grant seen, and its ciphertext

    def current(self) -> Grant:
        """Return the newest grant; renew it first if its access token is about to expire."""
        _, grant, _ = self._stored()
        now = self._house.clock.now()
        if grant.expires_at - now > RENEW_BEFORE:
            return grant
        try:
            return self.renew(grant)
        except Unavailable:
            if grant.expires_at > now:
                return grant  # still valid for a moment
            raise

    def renew(self, refused: Grant) -> Grant:
        """Return a grant newer than one that was refused.

        Raises:
            Reconnect: there is no newer grant.
        """
        with self._house.locks.of(f"grant {self._id}"):
            integration, grant, version = self._stored()
            if grant.access_token != refused.access_token:
                return grant
            try:
                newer = self._house.provider.refresh(grant)
            except Reconnect as refusal:
                return self._second_look(integration, grant, version, refusal)
            return self._store(integration, newer, version)

    def _second_look(
        self, integration: Integration, grant: Grant, version: int, refusal: Reconnect
    ) -> Grant:
        """Treat a grant as ended only if nobody renewed it, and the product refuses it twice."""
        self._house.clock.sleep(SECOND_LOOK_SECONDS)
        _, latest, latest_version = self._stored()
        if latest_version != version:
            return latest
        try:
            newer = self._house.provider.refresh(grant)
        except Reconnect:
            with self._house.database.transaction() as tx:
                over = integrations.need_reconnect(tx, self._id, refusal.code, version=version)
            if over:
                raise
            _, latest, _ = self._stored()
            return latest
        return self._store(integration, newer, version)

    def _store(self, integration: Integration, grant: Grant, version: int) -> Grant:
        sealed = seal(self._house, integration, grant)
        with self._house.database.transaction() as tx:
            stored = integrations.put_grant(
                tx, self._id, sealed, version=version, expires_at=grant.expires_at
            )
            if stored:  # the process that gave the old grant up did not know of this one
                integrations.need_no_reconnect(tx, self._id, Reconnect.code)
        # The stored state decides: it may be another process's newer grant, or a disconnect.
        _, newest, _ = self._stored()
        return newest

    def _stored(self) -> tuple[Integration, Grant, int]:
        with self._house.database.reading() as tx:
            integration, sealed = integrations.with_grant(tx, self._id)
        if integration.status is Status.DISCONNECTED or sealed is None:
            raise Reconnect("QuickBooks is disconnected; connect it again.", code="disconnected")
        if integration.status is Status.NEEDS_RECONNECT:
            raise Reconnect(
                f"The connection to “{integration.company_name}” has ended; connect it again.",
                code=integration.status_reason or "needs_reconnect",
            )
        refuse_while_silent(self._house, integration.silent_until)
        opened = self._opened
        if opened is None or opened[0] != sealed.text:
            opened = self._opened = (sealed.text, unseal(self._house, integration, sealed))
        return integration, opened[1], sealed.version
