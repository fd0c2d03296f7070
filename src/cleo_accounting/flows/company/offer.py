"""Hold the result of a sign-in until a person at the page confirms it.

One person may begin a sign-in and send the link to another, who completes it. So it ends in the
browser that consented: only that browser gets the secret of the offer, and only a person who has
a page session of the business there can accept it (RFC 9700, section 4.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cleo_accounting.flows.company import connect, give_back, hold
from cleo_accounting.flows.company.hold import Proven
from cleo_accounting.store import audit, authorizations, integrations

if TYPE_CHECKING:
    from cleo_accounting.core.links import Profile
    from cleo_accounting.errors import Conflict
    from cleo_accounting.flows import House
    from cleo_accounting.store.authorizations import Authorization
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.integrations import Integration

LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Offer:
    """A company that may be connected to a business, and the sign-in that brought it."""

    started: Authorization
    profile: Profile
    replaced: str = ""  # the company that the business would give up for it
    wins: bool = False  # whether another business, which needs reconnecting, would lose it

    @property
    def business_id(self) -> str:
        """The business for which the sign-in was begun."""
        return self.started.business_id


def receive(house: House, *, state: str, code: str, company_id: str, issuer: str = "") -> str:
    """Process a callback, and store its result as an offer for ten minutes.

    `issuer` is the `iss` of the callback, if it has one.
    Returns the secret of the offer; give it only to the browser that made the callback.

    Raises:
        Invalid: the state, the code or the company id is not valid.
        Forbidden: the token that began the sign-in was revoked.
        Unavailable: the accounting product gives no usable response; begin again.
    """
    started = connect.take(house, state, issuer=issuer)
    proven = connect.prove(house, started, state, code, company_id)
    secret = house.new_secret()
    sealed = give_back.seal(house, started, proven.profile, proven.grant)
    with house.database.of(started.business_id).transaction() as tx:
        now = house.clock.now()
        kept = authorizations.offer(
            tx, started.business_id, state, secret, sealed, until=now + LIFE
        )
        hold.look_at_holder(tx, started, proven.profile, now)
    if not kept:  # voided while QuickBooks was asked
        give_back.at_once(house, started, company_id, proven.grant)
        raise connect.over()
    return secret


def find(house: House, secret: str, business_id: str | None = None) -> Offer | None:
    """Return the offer with this secret (of this business), while it can be accepted."""
    with house.database.across.reading() as tx:
        found = _open(house, tx, secret, business_id)
        if found is None:
            return None
        started, proven = found
        live = integrations.live(tx, started.business_id, started.provider)
        wins = hold.wins(tx, started, proven.profile)
    switches = live is not None and live.company_id != proven.profile.company_id
    return Offer(started, proven.profile, live.company_name if live and switches else "", wins)


def objection(house: House, offer: Offer) -> Conflict | None:
    """Return why the business of an offer cannot hold its company; None if it can."""
    with house.database.reading() as tx:
        return hold.objection(tx, offer.started, offer.profile)


def accept(house: House, secret: str, business_id: str, by: str) -> Integration:
    """Connect the company of an offer; `by` is the user who accepted it.

    Raises:
        Invalid: there is no such offer for this business, or it was accepted, declined or expired.
        Forbidden: the token that began the sign-in was revoked.
        Conflict: the company is connected elsewhere, or differs from the previous one.
    """
    with house.database.transaction() as tx:
        found = _open(house, tx, secret, business_id)
        if found is None or not authorizations.forget_offer(tx, business_id, secret):
            raise connect.over()
        started, proven = found
        if not connect.still_may(tx, started, house.clock.now()):
            raise connect.barred()
        return hold.hold(house, tx, started, proven, by=by)


def decline(house: House, secret: str, business_id: str, by: str) -> None:
    """Decline an offer; revoke its grant unless the company is connected to a business here."""
    with house.database.transaction() as tx:
        found = _open(house, tx, secret, business_id)
        if found is None or not authorizations.forget_offer(tx, business_id, secret):
            return
        started, proven = found
        audit.note(
            tx,
            business_id,
            by=by,
            what="connect_denied",
            subject=started.provider,
            now=house.clock.now(),
            facts={"reason": "declined", "company_name": proven.profile.name},
        )
    give_back.at_once(house, started, proven.profile.company_id, proven.grant)


def waits(house: House, business_id: str, user_id: str) -> bool:
    """Return whether a sign-in that this user began has an offer that nobody accepted yet."""
    with house.database.reading() as tx:
        return authorizations.waits(tx, business_id, user_id, now=house.clock.now())


def _open(
    house: House, tx: Transaction, secret: str, business_id: str | None
) -> tuple[Authorization, Proven] | None:
    if not secret:
        return None
    now = house.clock.now()
    found = authorizations.offered(tx, secret, now=now, business_id=business_id)
    if found is None:
        return None
    started, sealed = found
    company, grant = give_back.unseal(house, started, sealed)
    return None if isinstance(company, str) else (started, Proven(company, grant))
