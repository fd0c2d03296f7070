"""Revoke grants that will not be used: of sign-ins that were refused, or never accepted.

QuickBooks keeps a grant alive for months, so an unused one is a risk. But it treats all grants of
a company as one: revoking one while another business uses the company, or while a sign-in for it
is in progress, would end the other one, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core.links import Profile
from cleo_accounting.errors import AccountingError
from cleo_accounting.flows.company.books import from_plain_json, to_plain_json
from cleo_accounting.providers import Grant
from cleo_accounting.store import authorizations, integrations
from cleo_accounting.store.integrations import Status

if TYPE_CHECKING:
    from cleo_accounting.flows import House
    from cleo_accounting.store.authorizations import Authorization

_AT_ONCE = 5


def seal(house: House, started: Authorization, company: Profile | str, grant: Grant) -> str:
    """Encrypt the result of a sign-in: a company, or the id of a refused one, and the grant."""
    return house.vault.seal(to_plain_json((company, grant)), _place(started))


def unseal(house: House, started: Authorization, sealed: str) -> tuple[Profile | str, Grant]:
    """Decrypt the result of a sign-in."""
    opened = house.vault.open(sealed, _place(started))
    return from_plain_json(opened, tuple[Profile | str, Grant])


def later(house: House, started: Authorization, state: str, company_id: str, grant: Grant) -> None:
    """Queue the grant of a refused sign-in to be revoked by a worker.

    Until then it is stored encrypted, as an expired offer whose secret nobody has: nobody can
    accept it.
    """
    sealed = seal(house, started, company_id, grant)
    with house.database.of(started.business_id).transaction() as tx:
        now = house.clock.now()
        kept = authorizations.offer(
            tx, started.business_id, state, house.new_secret(), sealed, until=now
        )
    if not kept:  # voided in the meantime: there is no row left to store it in
        at_once(house, started, company_id, grant)


def at_once(house: House, started: Authorization, company_id: str, grant: Grant) -> None:
    """Revoke a grant, unless that would end a grant that is in use, or about to be."""
    now = house.clock.now()
    with house.database.across.reading() as tx:
        holder = integrations.holder(tx, started.provider, company_id)
        used = holder is not None and holder.status is Status.CONNECTED
        concerned = {started.business_id, *([holder.business_id] if holder else [])}
        anew = any(authorizations.under_way(tx, business, now) for business in concerned)
    if used or anew:
        return
    try:
        house.provider.revoke(grant)
    except AccountingError:
        return  # it expires by itself; nothing here uses it


def stale(house: House) -> int:
    """Revoke the grants of refused sign-ins and of offers that nobody accepted in time.

    Returns how many were deleted here.
    """
    now = house.clock.now()
    with house.database.across.reading() as tx:
        found = authorizations.stale(tx, now=now, limit=_AT_ONCE)
    forgotten = 0
    for name, started, sealed in found:
        with house.database.of(started.business_id).transaction() as tx:
            if not authorizations.forget_stale(tx, started.business_id, name):
                continue  # another worker was faster
        forgotten += 1
        company, grant = unseal(house, started, sealed)
        company_id = company if isinstance(company, str) else company.company_id
        at_once(house, started, company_id, grant)
    return forgotten


def _place(started: Authorization) -> tuple[str, ...]:
    return ("offer", started.business_id, started.provider, started.user_id)
