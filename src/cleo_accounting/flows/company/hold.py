"""Assign a verified company to a business, and release it: one holder at a time.

No company is held by two businesses, and no business holds two companies. A business whose
connection works keeps its company. One that needs reconnecting loses it to another business that
completes a sign-in at QuickBooks: consent for the company counts for more than having had it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.core.fields import InvoiceFields
from cleo_accounting.errors import Conflict
from cleo_accounting.flows.company.books import seal
from cleo_accounting.store import audit, ended, errands, integrations, runs
from cleo_accounting.store.ended import Ended
from cleo_accounting.store.errands import Verb
from cleo_accounting.store.integrations import Integration, Status
from cleo_accounting.store.tenancy import across

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
    """Assign a company to a business; `by` is the user who confirmed it last.

    Raises:
        Conflict: the company has a working connection elsewhere, or differs from the previous one.
    """
    profile, grant, now = proven.profile, proven.grant, house.clock.now()
    refusal = objection(tx, started, profile)
    if refusal is not None:
        raise refusal
    won = _win(tx, started, profile, now)
    integration = _held(house, tx, started, profile, by, now)
    integrations.replace_grant(
        tx, integration.id, seal(house, integration, grant), expires_at=grant.expires_at
    )
    # Revoking an older grant now would end the new one, too: the product treats them as one.
    errands.drop(tx, integration.id, Verb.REVOKE, now=now)
    errands.add(tx, integration.id, Verb.LOOK, now=now)
    facts: dict[str, object] = {"company_id": profile.company_id, "company_name": profile.name}
    if won:
        facts["won_back"] = True
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
    """Return why this business cannot hold this company; None if it can."""
    rival = _rival(tx, started, profile)
    if rival is not None and rival.status is not Status.NEEDS_RECONNECT:
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


def wins(tx: Transaction, started: Authorization, profile: Profile) -> bool:
    """Return whether the company would be taken from a business that needs reconnecting."""
    rival = _rival(tx, started, profile)
    return rival is not None and rival.status is Status.NEEDS_RECONNECT


def look_at_holder(
    tx: Transaction, started: Authorization, profile: Profile, now: datetime
) -> None:
    """Queue a check whether the business that holds a company can still open its books.

    If its grant was ended in QuickBooks, it then needs reconnecting, and the next sign-in of
    another business wins the company.
    """
    rival = _rival(tx, started, profile)
    if rival is not None and rival.status is Status.CONNECTED:
        with across(tx):
            errands.add(tx, rival.id, Verb.LOOK, now=now)


def let_go(
    tx: Transaction,
    integration: Integration,
    by: str,
    now: datetime,
    reason: Ended | None = None,
) -> None:
    """Disconnect a company at once; queue its grant to be revoked, and ask open runs to end."""
    integrations.disconnect(tx, integration.id, by=by, now=now, reason=reason)
    _stop(tx, integration, now)
    errands.add(tx, integration.id, Verb.REVOKE, now=now)
    facts = {"company_id": integration.company_id, "company_name": integration.company_name}
    audit.note(
        tx,
        integration.business_id,
        by=by,
        what="disconnected",
        subject=integration.id,
        now=now,
        facts={**facts, "reason": reason} if reason else facts,
    )


def _win(tx: Transaction, started: Authorization, profile: Profile, now: datetime) -> bool:
    """Take a company from a business that needs reconnecting; False if no other one holds it.

    The integration of that business ends, with a reason that does not name the other business. Its
    plan stays as it is, with everything in doubt. Its grant is deleted but not revoked: QuickBooks
    treats all grants of a company as one, and would end the new one, too.

    Raises:
        Conflict: the integration works again, or another business was faster.
    """
    rival = _rival(tx, started, profile)
    if rival is None:
        return False
    with across(tx):
        if not ended.end_elsewhere(tx, rival.id, by=audit.WORKER, now=now):
            raise integrations.taken()
        _stop(tx, rival, now)
        audit.note(
            tx,
            rival.business_id,
            by=audit.WORKER,
            what="connected_elsewhere",
            subject=rival.id,
            now=now,
            facts={"company_id": rival.company_id, "company_name": rival.company_name},
        )
    return True


def _stop(tx: Transaction, integration: Integration, now: datetime) -> None:
    """Ask the open runs of an integration to end, and drop its queued reads of the books."""
    runs.ask_to_cancel(tx, integration.id)
    runs.end_queued(tx, integration.id, now)
    for verb in (Verb.LOOK, Verb.RECONCILE):
        errands.drop(tx, integration.id, verb, now=now)


def _rival(tx: Transaction, started: Authorization, profile: Profile) -> Integration | None:
    """Return the integration of another business that holds the company."""
    with across(tx):
        holder = integrations.holder(tx, started.provider, profile.company_id)
    return holder if holder and holder.business_id != started.business_id else None


def _held(
    house: House,
    tx: Transaction,
    started: Authorization,
    profile: Profile,
    by: str,
    now: datetime,
) -> Integration:
    """Return the integration by which this business now holds the company; create it if new."""
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
    """Return the current or the most recent integration of the business."""
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
