"""Read a company's changes by the change log, once in a run that needs it: reads are metered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from cleo_accounting.core.kinds import DOCUMENTS, ENTITY_TYPES
from cleo_accounting.errors import Reconnect, Wait
from cleo_accounting.flows.apart import tried
from cleo_accounting.flows.company import follow
from cleo_accounting.flows.company.books import heed
from cleo_accounting.flows.company.open_balances import follow_balances
from cleo_accounting.store import integrations

if TYPE_CHECKING:
    from cleo_accounting.flows.run.desk import Desk

log = structlog.get_logger(__name__)

_AGAIN_AFTER = timedelta(minutes=1)


def look_for_run(desk: Desk) -> Desk:
    """Return the desk with the current lists; read them unless this run has already done so.

    If the documents of the run depend on them, it also reads the company's settings: whether it
    tracks classes and locations. A preview has already read them.

    Raises:
        Wait, Reconnect: the company cannot be read now.
    """
    run, house = desk.run, desk.house
    with house.database.reading() as tx:
        integration = integrations.by_id(tx, desk.integration.id)
    chosen, seen = integration.fields, integration.names_cursor
    if not run.dry_run and (chosen.class_id or chosen.department_id):
        integration = follow.describe(house, integration, desk.company)
    if seen is None or seen < run.created_at:
        integration = follow.look(house, integration, desk.company)
    return replace(desk, integration=integration)


def look_for_names(desk: Desk) -> None:
    """Read the lists, at most once a minute, so that a refusal can name what was made inactive.

    If the company cannot be read now, the refusal is reported without names.
    """
    house = desk.house
    with house.database.reading() as tx:
        integration = integrations.by_id(tx, desk.integration.id)
    seen = integration.names_cursor
    fresh = seen is not None and seen > desk.run.created_at
    if fresh and seen and house.clock.now() - seen <= _AGAIN_AFTER:
        return
    try:
        follow.look(house, integration, desk.company)
    except Wait as wait:
        heed(house, integration.company_id, wait)
    except Reconnect:
        return  # the next step finds out by itself


def look_at_open_balances(desk: Desk) -> None:
    """Read the open balances of linked documents at the end of a run.

    If the company cannot be read now, the run ends anyway: the known balance of a document keeps
    the time at which it was read.
    """
    house, synced = (
        desk.house,
        {each for one in desk.run.entity_types for each in ENTITY_TYPES[one]},
    )
    if desk.run.dry_run or not synced & {*DOCUMENTS}:
        return
    with house.database.reading() as tx:
        integration = integrations.by_id(tx, desk.integration.id)

    def aside(trouble: Exception) -> None:
        log.error("balances_not_read", exc_info=trouble, integration_id=integration.id)

    try:
        tried(lambda: follow_balances(house, integration, desk.company), aside)
    except Wait as wait:
        heed(house, integration.company_id, wait)
    except Reconnect:
        return  # the next run finds out by itself
