"""Say what our runs asked of the accounting product; Intuit meters reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.store import integrations, runs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cleo_accounting.flows import House


COUNTED = ("requests", "batches", "reads", "throttled")


def spent(
    house: House, business_id: str, integration_id: str, since: datetime
) -> Mapping[str, int]:
    """Add up what the runs of an integration asked since a moment."""
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        return runs.usage_since(tx, integration_id, since)
