"""The end of an integration that nobody of its business disconnected."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import update

from cleo_accounting.store.integrations import Status
from cleo_accounting.store.tables import integrations

if TYPE_CHECKING:
    from datetime import datetime

    from cleo_accounting.store.database import Transaction


class Ended(StrEnum):
    """Why an integration was disconnected, if nobody of its business did it."""

    CONNECTED_ELSEWHERE = "connected_elsewhere"
    RELEASED = "released"


def end_elsewhere(tx: Transaction, integration_id: str, *, by: str, now: datetime) -> bool:
    """Disconnect an integration whose company is connected elsewhere, and delete its grant.

    Returns False and changes nothing unless the integration needs to be reconnected at this moment:
    a worker may have renewed its grant, or another business may have connected the company.
    """
    done = tx.execute(
        update(integrations)
        .where(
            integrations.c.id == integration_id,
            integrations.c.status == Status.NEEDS_RECONNECT,
        )
        .values(
            status=Status.DISCONNECTED,
            status_reason=Ended.CONNECTED_ELSEWHERE,
            disconnected_at=now,
            disconnected_by=by,
            grant_sealed=None,
            grant_version=integrations.c.grant_version + 1,
            grant_expires_at=None,
        )
    )
    return done.rowcount == 1
