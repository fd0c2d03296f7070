"""Release a company from the business that holds it, on the operator's decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.errors import Missing
from cleo_accounting.flows.company import hold
from cleo_accounting.store import audit, authorizations, integrations
from cleo_accounting.store.ended import Ended

if TYPE_CHECKING:
    from cleo_accounting.flows import House
    from cleo_accounting.store.integrations import Integration


def holder(house: House, company_id: str) -> Integration:
    """Return the integration that holds a company, whichever business it belongs to.

    Raises:
        Missing: no business holds the company.
    """
    with house.database.across.reading() as tx:
        found = integrations.holder(tx, house.provider.name, company_id)
    if found is None:
        raise Missing(f"No business holds the company {company_id}: there is nothing to release.")
    return found


def release(house: House, held: Integration, *, by: str) -> None:
    """Disconnect a business from its company, as a disconnect does, and record the operator's act.

    Raises:
        Missing: the integration no longer holds the company.
    """
    now = house.clock.now()
    with house.database.across.transaction() as tx:
        found = integrations.holder(tx, held.provider, held.company_id)
        if found is None or found.id != held.id:
            raise Missing(
                "The company was disconnected in the meantime. Check which business holds it now."
            )
        hold.let_go(tx, found, by, now, Ended.RELEASED)
        # A sign-in that began earlier must not reconnect what was released on purpose.
        authorizations.void(tx, found.business_id, now)
        audit.note(
            tx,
            audit.PLATFORM,
            by=by,
            what="company_released",
            subject=found.id,
            now=now,
            facts={"business_id": found.business_id, "company_id": found.company_id},
        )
