"""Let a business connect its company: begin, come back, be sure whose books these are, let go.

A company counts as connected only after it described itself to the new grant; until then nothing
is stored but the hash of a state that works once, for ten minutes.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cleo_accounting.core.fields import InvoiceFields
from cleo_accounting.errors import (
    Conflict,
    Flaw,
    Forbidden,
    Invalid,
    Missing,
    Reconnect,
    Throttled,
)
from cleo_accounting.flows.books import heed, refuse_while_silent, seal
from cleo_accounting.store import access, audit, authorizations, errands, integrations, runs
from cleo_accounting.store.access import Rank
from cleo_accounting.store.authorizations import Authorization
from cleo_accounting.store.errands import Verb
from cleo_accounting.store.integrations import Integration, Status

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
    """Where to send the user, and until when that works."""

    authorization_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Fresh:
    """Keeps a grant that is not stored yet: there is nothing newer."""

    house: House
    company_id: str
    grant: Grant

    def current(self) -> Grant:
        """Give it, unless somebody was told to leave the company alone for now."""
        with self.house.database.reading() as tx:
            until = integrations.silent_until(tx, self.house.provider.name, self.company_id)
        refuse_while_silent(self.house, until)
        return self.grant

    def renew(self, refused: Grant) -> Grant:  # noqa: ARG002  the contract's argument
        """Refuse: a grant that is refused at once does not open these books."""
        raise Reconnect("The company did not accept the new grant.", code="company_unconfirmed")


def begin(
    house: House,
    business_id: str,
    user_id: str,
    redirect_uri: str,
    *,
    switch_company: bool = False,
) -> Begun:
    """Begin a sign-in and say where to send the user.

    Raises:
        Invalid: the redirect URI is not, letter for letter, one of those allowed.
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
    business_id: str | None = None,
    user_id: str | None = None,
) -> Integration:
    """Finish a sign-in: exchange the code, ask the company who it is, then hold it.

    Raises:
        Invalid: the state, the code or the company id is not what we can finish with.
        Conflict: the company is connected elsewhere, or is another one than before.
        Unavailable: the accounting product gives no sensible answer; begin again.
    """
    started = _take(house, state, business_id, user_id)
    if not 0 < len(code) <= CODE_LENGTH_MAX or not _COMPANY_ID.fullmatch(company_id):
        raise Invalid("The callback is incomplete; begin again.", code="callback_incomplete")
    grant = _exchange(house, code, started)
    profile = _confirm(house, company_id, grant)
    now = house.clock.now()
    with house.database.transaction() as tx:
        integration = _hold(house, tx, started, profile, now)
        integrations.replace_grant(
            tx, integration.id, seal(house, integration, grant), expires_at=grant.expires_at
        )
        # To give an older grant back now would end the new one: the product knows them as one.
        errands.drop(tx, integration.id, Verb.REVOKE, now=now)
        errands.add(tx, integration.id, Verb.LOOK, now=now)
        audit.note(
            tx,
            started.business_id,
            by=started.user_id,
            what="connected",
            subject=integration.id,
            now=now,
            facts={"company_id": profile.company_id, "company_name": profile.name},
        )
        return integrations.by_id(tx, integration.id)


def deny(
    house: House,
    *,
    state: str,
    reason: str,
    business_id: str | None = None,
    user_id: str | None = None,
) -> None:
    """Note that the user said no at the accounting product; the state is used up."""
    started = _take(house, state, business_id, user_id)
    with house.database.transaction() as tx:
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
    """Let go of the company: its books close at once, open runs are told to end.

    Raises:
        Missing: nothing is connected.
    """
    now = house.clock.now()
    with house.database.transaction() as tx:
        integration = integrations.live(tx, business_id, house.provider.name)
        if integration is None:
            raise Missing("No accounting integration is connected.")
        _let_go(tx, integration, by, now)
        return integrations.by_id(tx, integration.id)


def connected(house: House, business_id: str) -> Sequence[Integration]:
    """Give the integrations that are connected, or were and need a person."""
    with house.database.reading() as tx:
        return [one for one in integrations.of_business(tx, business_id) if one.live]


def latest(house: House, business_id: str) -> Integration | None:
    """Give the integration that a business has, or had last."""
    with house.database.reading() as tx:
        return integrations.live(tx, business_id, house.provider.name) or integrations.latest(
            tx, business_id, house.provider.name
        )


def integration(house: House, business_id: str, integration_id: str) -> Integration:
    """Give one integration of a business.

    Raises:
        Missing: the business has none of this id.
    """
    with house.database.reading() as tx:
        return integrations.get(tx, business_id, integration_id)


def _take(house: House, state: str, business_id: str | None, user_id: str | None) -> Authorization:
    now = house.clock.now()
    with house.database.transaction() as tx:
        started = authorizations.take(tx, state, now=now, business_id=business_id, user_id=user_id)
        may = started is not None and _still_may(tx, started)
    if started is None:
        raise Invalid(
            "This sign-in is unknown, used or older than ten minutes; begin again.",
            code="state_invalid",
        )
    if not may:
        raise Forbidden("Whoever began this sign-in may no longer connect this business.")
    return started


def _exchange(house: House, code: str, started: Authorization) -> Grant:
    try:
        return house.provider.exchange(code, started.redirect_uri)
    except Invalid as refusal:
        raise Invalid(refusal.message, code="code_refused") from None


def _still_may(tx: Transaction, started: Authorization) -> bool:
    """Whether the one who began still has the right; a JWT's bearer we cannot ask again."""
    kind, _, token_id = started.user_id.partition(":")
    if kind != "token":
        return True
    token = access.by_id(tx, token_id)
    return (
        token is not None
        and token.revoked_at is None
        and token.rank.covers(Rank.ADMIN)
        and token.business_id in (None, started.business_id)
    )


def _confirm(house: House, company_id: str, grant: Grant) -> Profile:
    """Ask the company itself who it is: the id in a callback may be anybody's."""
    refusal = Invalid(
        "QuickBooks did not confirm this company; begin again.", code="company_unconfirmed"
    )
    try:
        profile = house.provider.open(company_id, Fresh(house, company_id, grant)).describe()
    except Reconnect:
        raise refusal from None
    except Throttled as told:  # whoever works there knows nothing of it yet
        heed(house, company_id, told)
        raise
    if profile.company_id != company_id:
        raise refusal
    return profile


def _hold(
    house: House, tx: Transaction, started: Authorization, profile: Profile, now: datetime
) -> Integration:
    """Find or make the integration that holds this company for this business from now on."""
    business_id, provider = started.business_id, started.provider
    holder = integrations.holder(tx, provider, profile.company_id)
    if holder is not None and holder.business_id != business_id:
        raise integrations.taken()
    live = integrations.live(tx, business_id, provider)
    before = live or integrations.latest(tx, business_id, provider)
    if before is not None and before.company_id != profile.company_id:
        if not started.switch_company:
            raise Conflict(
                f"This business was connected to “{before.company_name}”, and “{profile.name}” is"
                " another company. Choose the same one, or, to change companies on purpose, begin"
                " with switchCompany.",
                code="another_company",
            )
        if live is not None:
            _let_go(tx, live, started.user_id, now)
    known = integrations.of_company(tx, business_id, provider, profile.company_id)
    if known is not None:
        integrations.connect_again(tx, known.id, profile, by=started.user_id, now=now)
        return known
    made = _new(house, started, profile, now)
    integrations.add(tx, made)
    return made


def _new(house: House, started: Authorization, profile: Profile, now: datetime) -> Integration:
    return Integration(
        id=house.new_id("acctint"),
        business_id=started.business_id,
        provider=started.provider,
        company_id=profile.company_id,
        company_name=profile.name,
        status=Status.CONNECTED,
        status_reason=None,
        profile=profile,
        fields=InvoiceFields(),
        fields_version=1,
        grant_version=0,
        names_cursor=None,
        connected_at=now,
        connected_by=started.user_id,
        disconnected_at=None,
    )


def _let_go(tx: Transaction, integration: Integration, by: str, now: datetime) -> None:
    integrations.disconnect(tx, integration.id, by=by, now=now)
    runs.ask_to_cancel(tx, integration.id)
    runs.end_queued(tx, integration.id, now)
    errands.drop(tx, integration.id, Verb.LOOK, now=now)
    errands.add(tx, integration.id, Verb.REVOKE, now=now)
    audit.note(
        tx,
        integration.business_id,
        by=by,
        what="disconnected",
        subject=integration.id,
        now=now,
        facts={"company_id": integration.company_id, "company_name": integration.company_name},
    )
