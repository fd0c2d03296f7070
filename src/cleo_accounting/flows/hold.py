"""Let a business hold the company that proved itself, and let it go: one at a time, for good.

No company is held by two businesses, and no business holds two companies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.core.fields import InvoiceFields
from cleo_accounting.errors import Conflict
from cleo_accounting.flows.books import seal
from cleo_accounting.store import audit, errands, integrations, runs
from cleo_accounting.store.errands import Verb
from cleo_accounting.store.integrations import Integration, Status

if TYPE_CHECKING:
    from datetime import datetime

    from cleo_accounting.core.links import Profile
    from cleo_accounting.flows import House
    from cleo_accounting.providers import Grant
    from cleo_accounting.store.authorizations import Authorization
    from cleo_accounting.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Proven:
    """A company as it described itself to a new grant, and that grant."""

    profile: Profile
    grant: Grant


def hold(
    house: House, tx: Transaction, started: Authorization, proven: Proven, *, by: str
) -> Integration:
    """Let a business hold a company from now on; `by` is the user who said so last.

    Raises:
        Conflict: the company is connected elsewhere, or is another one than before.
    """
    profile, grant, now = proven.profile, proven.grant, house.clock.now()
    refusal = objection(tx, started, profile)
    if refusal is not None:
        raise refusal
    integration = _held(house, tx, started, profile, by, now)
    integrations.replace_grant(
        tx, integration.id, seal(house, integration, grant), expires_at=grant.expires_at
    )
    # To give an older grant back now would end the new one: the product knows them as one.
    errands.drop(tx, integration.id, Verb.REVOKE, now=now)
    errands.add(tx, integration.id, Verb.LOOK, now=now)
    facts = {"company_id": profile.company_id, "company_name": profile.name}
    audit.note(
        tx,
        started.business_id,
        by=by,
        what="connected",
        subject=integration.id,
        now=now,
        facts=facts if by == started.user_id else {**facts, "begun_by": started.user_id},
    )
    return integrations.by_id(tx, integration.id)


def objection(tx: Transaction, started: Authorization, profile: Profile) -> Conflict | None:
    """Return why this business cannot hold this company, if it cannot."""
    holder = integrations.holder(tx, started.provider, profile.company_id)
    if holder is not None and holder.business_id != started.business_id:
        return integrations.taken()
    before = _before(tx, started)
    if before is None or before.company_id == profile.company_id or started.switch_company:
        return None
    return Conflict(
        f"This business was connected to “{before.company_name}”, and “{profile.name}” is"
        " another company. Choose the same one, or, to change companies on purpose, begin"
        " with switchCompany.",
        code="another_company",
    )


def let_go(tx: Transaction, integration: Integration, by: str, now: datetime) -> None:
    """Close the books of a company at once; the grant is given back, open runs are told to end."""
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


def _held(
    house: House,
    tx: Transaction,
    started: Authorization,
    profile: Profile,
    by: str,
    now: datetime,
) -> Integration:
    """Find or make the integration that holds this company for this business from now on."""
    business_id, provider = started.business_id, started.provider
    live = integrations.live(tx, business_id, provider)
    if live is not None and live.company_id != profile.company_id:
        let_go(tx, live, by, now)
    known = integrations.of_company(tx, business_id, provider, profile.company_id)
    if known is not None:
        integrations.connect_again(tx, known.id, profile, by=by, now=now)
        return known
    made = _new(house, started, profile, by, now)
    integrations.add(tx, made)
    return made


def _before(tx: Transaction, started: Authorization) -> Integration | None:
    """Return the integration that the business has, or had last."""
    return integrations.live(tx, started.business_id, started.provider) or integrations.latest(
        tx, started.business_id, started.provider
    )


def _new(
    house: House, started: Authorization, profile: Profile, by: str, now: datetime
) -> Integration:
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
        connected_by=by,
        disconnected_at=None,
    )
