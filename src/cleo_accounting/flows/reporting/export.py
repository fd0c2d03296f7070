"""Read long lists for an export page by page, so that no list is held in memory as a whole.

The ids of a list's operations are queried once and kept. What arrives while an export is written
neither repeats an operation nor hides one, and no filter is evaluated twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleo_accounting.core.kinds import ENTITY_TYPES
from cleo_accounting.flows.reporting.history import end_of, entry, midnight
from cleo_accounting.flows.reporting.progress import item
from cleo_accounting.store import integrations, runs
from cleo_accounting.store.views import history, listing, waiting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from cleo_accounting.flows import House
    from cleo_accounting.flows.reporting.history import Entry
    from cleo_accounting.flows.reporting.progress import Item

PAGE = 500


def acts(
    house: House,
    business_id: str,
    integration_id: str,
    *,
    since: date | None = None,
    until: date | None = None,
    limit: int,
    **wanted: Any,  # noqa: ANN401  the other filters of `history.acts`
) -> Iterator[Entry]:
    """Yield the operations on records, filtered, newest first."""
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        ids = history.newest_ids(
            tx,
            business_id,
            integration_id,
            since=midnight(house, since),
            until=end_of(house, until),
            limit=limit,
            **wanted,
        )
    for some in _pages(ids):
        with house.database.reading() as tx:
            rows = history.by_ids(tx, business_id, some)
        yield from map(entry, rows)


def waiting_for(
    house: House, business_id: str, integration_id: str, *, code: str | None, limit: int
) -> Iterator[Entry]:
    """Yield what waits for a person now, oldest first."""
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        ids = waiting.oldest_ids(tx, integration_id, code=code, limit=limit)
    for some in _pages(ids):
        with house.database.reading() as tx:
            rows = waiting.by_ids(tx, business_id, some)
        yield from map(entry, rows)


def items(
    house: House,
    business_id: str,
    integration_id: str,
    run_id: str,
    *,
    entity_type: str | None = None,
    limit: int,
    **wanted: Any,  # noqa: ANN401  the other filters of `progress.items`
) -> Iterator[Item]:
    """Yield a run's operations, filtered, in the order of the plan."""
    kinds = [kind.value for kind in ENTITY_TYPES.get(entity_type or "", ())]
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        runs.find(tx, integration_id, run_id)
        ids = listing.ids_of(tx, run_id, kinds=kinds, limit=limit, **wanted)
    for some in _pages(ids):
        with house.database.reading() as tx:
            rows = listing.by_ids(tx, some)
        yield from map(item, rows)


def _pages(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[first : first + PAGE] for first in range(0, len(ids), PAGE))
