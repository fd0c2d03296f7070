"""Give grants back that nothing here will use: of sign-ins that were refused, or never accepted.

QuickBooks keeps a grant alive for months, so one that nobody wants is a risk. But it knows all
grants of a company as one: to give one back while another business of ours uses the company, or
while a sign-in for it is under way, would end the other one, too.
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
    """Seal what a sign-in brought: a company, or the id of one that was refused, and the grant."""
    return house.vault.seal(to_plain_json((company, grant)), _place(started))


def unseal(house: House, started: Authorization, sealed: str) -> tuple[Profile | str, Grant]:
    """Open what a sign-in brought."""
    opened = house.vault.open(sealed, _place(started))
    return from_plain_json(opened, tuple[Profile | str, Grant])


def later(house: House, started: Authorization, state: str, company_id: str, grant: Grant) -> None:
    """Have a worker give the grant of a refused sign-in back; nobody can accept it any more.

    It is kept sealed until then, as an offer that is over and whose secret nobody was told.
    """
    sealed = seal(house, started, company_id, grant)
    with house.database.of(started.business_id).transaction() as tx:
        now = house.clock.now()
        kept = authorizations.offer(
            tx, started.business_id, state, house.new_secret(), sealed, until=now
        )
    if not kept:  # made void meanwhile: no row is left to keep it in
        at_once(house, started, company_id, grant)


def at_once(house: House, started: Authorization, company_id: str, grant: Grant) -> None:
    """Give a grant back, unless that would end one that is used, or is about to be."""
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
        return  # it ends by itself; nothing here uses it


def stale(house: House) -> int:
    """Give back the grants of refused sign-ins and of offers that nobody accepted in time.

    Returns how many were forgotten here.
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
