"""Look at the company once in a run that needs it: by the change log, for reads are metered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cleo_accounting.flows import follow
from cleo_accounting.store import integrations

if TYPE_CHECKING:
    from cleo_accounting.flows.desk import Desk


def look_for_run(desk: Desk) -> Desk:
    """Give the desk with what the lists say now, unless this run has looked at them already.

    Where the documents of the run depend on them, it also asks for the company's settings: whether
    it tracks classes and locations. A preview has asked for them already.

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
