"""Connect a business to its company: begin a sign-in, complete it, and disconnect.

A company counts as connected only after it has described itself to the new grant, and after the
user who began, or a person at the page (`flows.offer`), has confirmed it. Until then nothing is
stored but the hash of a state that works once, for ten minutes.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cleo_accounting.errors import (
    AccountingError,
    Flaw,
    Forbidden,
    Invalid,
    Missing,
    Reconnect,
    Throttled,
)
from cleo_accounting.flows.company import give_back
from cleo_accounting.flows.company.books import heed, refuse_while_silent
from cleo_accounting.flows.company.hold import Proven, hold, let_go, look_at_holder
from cleo_accounting.store import access, audit, authorizations, integrations
from cleo_accounting.store.access import Rank
from cleo_accounting.store.authorizations import Authorization
from cleo_accounting.store.integrations import Integration
from cleo_accounting.store.tenancy import across

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cleo_accounting.core.links import Profile
    from cleo_accounting.flows import House
    from cleo_accounting.providers import Grant
    from cleo_accounting.store.database import Transaction

STATE_LIFE = timedelta(minutes=10)
CODE_LENGTH_MAX = 512  # Intuit, OAuth: authorization codes
_COMPANY_ID = re.compile(r"[A-Za-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class Begun:
    """The address to send the user to, and until when it works."""

    authorization_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Fresh:
    """Keeps a grant that is not stored yet, so that there is none newer."""

    house: House
    company_id: str
    grant: Grant

    def current(self) -> Grant:
        """Return the grant, unless the company asked us to wait."""
        with self.house.database.across.reading() as tx:
            until = integrations.silent_until(tx, self.house.provider.name, self.company_id)
        refuse_while_silent(self.house, until)
        return self.grant

    def renew(self, refused: Grant) -> Grant:  # noqa: ARG002  the signature of the protocol
        """Raise `Reconnect`: a new grant that is refused does not open these books."""
        raise Reconnect(
            "QuickBooks did not accept the new authorization.", code="company_unconfirmed"
        )


def begin(
    house: House,
    business_id: str,
    user_id: str,
    redirect_uri: str,
    *,
    switch_company: bool = False,
) -> Begun:
    """Begin a sign-in and return the address to send the user to.

    Raises:
        Invalid: the redirect URI is not exactly one of those allowed.
    """
    if redirect_uri not in (house.doorway_url, *house.redirect_uris):
        flaw = Flaw(
            "redirectUri",
            "is not an allowed address: use one that is set up for this service, letter for letter",
            "not_allowed",
        )
        raise Invalid("The redirect URI is not allowed.", [flaw])
    now = house.clock.now()
    state = base64.urlsafe_b64encode(house.random(32)).decode().rstrip("=")
    url = house.provider.authorization_url(state, redirect_uri)
    started = Authorization(
        business_id=business_id,
        user_id=user_id,
        provider=house.provider.name,
        redirect_uri=redirect_uri,
        switch_company=switch_company,
        created_at=now,
        expires_at=now + STATE_LIFE,
    )
    with house.database.transaction() as tx:
        authorizations.add(tx, state, started)
        audit.note(
            tx,
            business_id,
            by=user_id,
            what="connect_begun",
            subject=house.provider.name,
            now=now,
            facts={"switch_company": switch_company},
        )
    return Begun(url, started.expires_at)


def complete(
    house: House,
    *,
    state: str,
    code: str,
    company_id: str,
    business_id: str,
    user_id: str,
    issuer: str = "",
) -> Integration:
    """Complete a sign-in for the user who began it: exchange the code, verify and hold the company.

    `issuer` is the `iss` of the callback, if it has one. If the sign-in is refused after the
    exchange, a worker revokes the grant.

    Raises:
        Invalid: the state, the code or the company id is not valid.
        Conflict: the company is connected elsewhere, or differs from the previous one.
        Unavailable: the accounting product gives no usable response; begin again.
    """
    started = take(house, state, business_id, user_id, issuer=issuer)
    proven = prove(house, started, state, code, company_id)
    try:
        with house.database.transaction() as tx:
            if not authorizations.end(tx, started.business_id, state):
                raise over()
            return hold(house, tx, started, proven, by=user_id)
    except AccountingError:
        with house.database.transaction() as tx:
            look_at_holder(tx, started, proven.profile, house.clock.now())
        give_back.later(house, started, state, company_id, proven.grant)
        raise


def take(
    house: House,
    state: str,
    business_id: str | None = None,
    user_id: str | None = None,
    *,
    issuer: str = "",
) -> Authorization:
    """Use up a sign-in's state, and return the sign-in.

    `issuer` is the `iss` of the callback that carried the state. If it is not the product's, the
    state is used up all the same, because another service has seen it.

    Raises:
        Invalid: the state is unknown, used, expired, or belongs to another business or user; or
            another service than the accounting product answered.
        Forbidden: the token that began the sign-in was revoked.
    """
    now = house.clock.now()
    with house.database.across.transaction() as tx:
        started = authorizations.take(tx, state, now=now, business_id=business_id, user_id=user_id)
        may = started is not None and still_may(tx, started, now)
    if started is None:
        raise over()
    if not may:
        raise barred()
    if not house.provider.answers_as(issuer):
        raise Invalid(
            "Another service than QuickBooks answered. Nothing was connected; begin again.",
            code="wrong_issuer",
        )
    return started


def prove(house: House, started: Authorization, state: str, code: str, company_id: str) -> Proven:
    """Exchange a sign-in's code for a grant, and verify the company by its own description.

    If that fails, a worker revokes the grant.

    Raises:
        Invalid: the code or the company id is not valid.
        Unavailable: the accounting product gives no usable response; begin again.
    """
    if not 0 < len(code) <= CODE_LENGTH_MAX or not _COMPANY_ID.fullmatch(company_id):
        raise Invalid("The callback is incomplete; start again.", code="callback_incomplete")
    grant = _exchange(house, code, started, state)
    try:
        return Proven(_confirm(house, company_id, grant), grant)
    except AccountingError:
        give_back.later(house, started, state, company_id, grant)
        raise


def deny(
    house: House,
    *,
    state: str,
    reason: str,
    business_id: str | None = None,
    user_id: str | None = None,
    issuer: str = "",
) -> None:
    """Record that the user declined at the accounting product; the state is used up."""
    started = take(house, state, business_id, user_id, issuer=issuer)
    with house.database.of(started.business_id).transaction() as tx:
        audit.note(
            tx,
            started.business_id,
            by=started.user_id,
            what="connect_denied",
            subject=started.provider,
            now=house.clock.now(),
            facts={"reason": reason[:100]},
        )


def disconnect(house: House, business_id: str, by: str) -> Integration:
    """Disconnect the company: its books close at once, and open runs are asked to end.

    Raises:
        Missing: no company is connected.
    """
    now = house.clock.now()
    with house.database.transaction() as tx:
        integration = integrations.live(tx, business_id, house.provider.name)
        if integration is None:
            raise Missing("No accounting integration is connected.")
        let_go(tx, integration, by, now)
        # A sign-in that began earlier must not reconnect what was disconnected on purpose.
        authorizations.void(tx, business_id, now)
        return integrations.by_id(tx, integration.id)


def connected(house: House, business_id: str) -> Sequence[Integration]:
    """Return the integrations that are connected, or that need a person to reconnect."""
    with house.database.reading() as tx:
        return [one for one in integrations.of_business(tx, business_id) if one.live]


def latest(house: House, business_id: str) -> Integration | None:
    """Return the current or the most recent integration of a business."""
    with house.database.reading() as tx:
        return integrations.live(tx, business_id, house.provider.name) or integrations.latest(
            tx, business_id, house.provider.name
        )


def integration(house: House, business_id: str, integration_id: str) -> Integration:
    """Return one integration of a business.

    Raises:
        Missing: the business has no integration with this id.
    """
    with house.database.reading() as tx:
        return integrations.get(tx, business_id, integration_id)


def over() -> Invalid:
    """Return the error for a sign-in that cannot be completed, whatever the reason."""
    return Invalid(
        "This sign-in is unknown, used or older than ten minutes; begin again.",
        code="state_invalid",
    )


def barred() -> Forbidden:
    """Return the error for a sign-in whose initiator has lost the right to connect."""
    return Forbidden("The person who started this sign-in may no longer connect this business.")


def _exchange(house: House, code: str, started: Authorization, state: str) -> Grant:
    try:
        return house.provider.exchange(code, started.redirect_uri, state)
    except Invalid as refusal:
        raise Invalid(refusal.message, code="code_refused") from None


def still_may(tx: Transaction, started: Authorization, now: datetime) -> bool:
    """Return whether the token that began a sign-in still has the right to connect.

    People and JWTs prove their own right when they complete it: at the page, or at the callback.
    """
    kind, _, token_id = started.user_id.partition(":")
    if kind != "token":
        return True
    with across(tx):  # a platform token belongs to no business
        token = access.by_id(tx, token_id)
    return (
        token is not None
        and token.revoked_at is None
        and token.expires_at > now
        and token.rank.covers(Rank.ADMIN)
        and token.business_id in (None, started.business_id)
    )


def _confirm(house: House, company_id: str, grant: Grant) -> Profile:
    """Verify with the company itself who it is: the id in a callback may be forged."""
    refusal = Invalid(
        "QuickBooks did not confirm this company; begin again.", code="company_unconfirmed"
    )
    try:
        profile = house.provider.open(company_id, Fresh(house, company_id, grant)).describe()
    except Reconnect:
        raise refusal from None
    except Throttled as told:  # not stored for this company yet
        heed(house, company_id, told)
        raise
    if profile.company_id != company_id:
        raise refusal
    return profile
