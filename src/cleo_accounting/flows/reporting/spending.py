"""Report the requests that runs and errands made to the accounting product; reads are metered."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cleo_accounting.store import errands, integrations, runs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cleo_accounting.flows import House


COUNTED = ("requests", "batches", "reads", "throttled")


def spent(
    house: House, business_id: str, integration_id: str, since: datetime
) -> Mapping[str, int]:
    """Sum the usage of an integration's runs, refreshes and reconciliations since a given time."""
    summed: Counter[str] = Counter()
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        for room in (runs, errands):
            for usage in room.usage_since(tx, integration_id, since):
                summed.update(usage)
    return summed
