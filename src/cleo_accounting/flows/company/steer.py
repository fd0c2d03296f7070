"""Steer an integration: confirm its company, pause it, resume it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.errors import Conflict
from cleo_accounting.store import audit, integrations

if TYPE_CHECKING:
    from cleo_accounting.flows import House
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.integrations import Integration


def confirm(house: House, business_id: str, integration_id: str, by: str) -> Integration:
    """Confirm that the connected company is the right one.

    Raises:
        Conflict: the integration is disconnected.
    """
    with house.database.transaction() as tx:
        one = _live(tx, business_id, integration_id)
        if one.confirmed_at is None:
            now = house.clock.now()
            integrations.confirm(tx, one.id, by=by, now=now)
            facts = {"company_name": one.company_name}
            audit.note(
                tx,
                business_id,
                by=by,
                what="company_confirmed",
                subject=one.id,
                now=now,
                facts=facts,
            )
        return integrations.by_id(tx, one.id)


def pause(house: House, business_id: str, integration_id: str, by: str) -> Integration:
    """Pause writing; requests in flight still complete.

    Raises:
        Conflict: the integration is disconnected.
    """
    with house.database.transaction() as tx:
        one = _live(tx, business_id, integration_id)
        if one.paused_at is None:
            now = house.clock.now()
            integrations.pause(tx, one.id, by=by, now=now)
            audit.note(tx, business_id, by=by, what="paused", subject=one.id, now=now)
        return integrations.by_id(tx, one.id)


def resume(house: House, business_id: str, integration_id: str, by: str) -> Integration:
    """Resume writing where it was paused.

    Raises:
        Conflict: the integration is disconnected.
    """
    with house.database.transaction() as tx:
        one = _live(tx, business_id, integration_id)
        if one.paused_at is not None:
            integrations.resume(tx, one.id)
            audit.note(
                tx, business_id, by=by, what="resumed", subject=one.id, now=house.clock.now()
            )
        return integrations.by_id(tx, one.id)


def _live(tx: Transaction, business_id: str, integration_id: str) -> Integration:
    one = integrations.get(tx, business_id, integration_id)
    if not one.live:
        raise Conflict(
            f"“{one.company_name}” is disconnected; connect it again.", code="disconnected"
        )
    return one
