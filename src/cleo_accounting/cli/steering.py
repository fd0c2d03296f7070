"""Steer an integration: `confirm`, `pause`, `resume`, `refresh`, `usage`, `remove-duplicates`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from cleo_accounting.cli import paper, syncing
from cleo_accounting.cli.desk import AsJson, Business, DatabaseUrl, DryRun, Yes, opened, worked
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.company import steer
from cleo_accounting.flows.reporting import reconcile, spending
from cleo_accounting.flows.work import errands
from cleo_accounting.store.errands import Verb
from cleo_accounting.store.integrations import Integration
from cleo_accounting.web import shown

_LOOK_AGAIN_SECONDS = 0.2
Days = Annotated[int, typer.Option(min=1, max=366, help="Number of days.")]


def confirm(*, business: Business, database: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Confirm the connected company. The page requires this before the first sync."""
    with opened(business, database) as desk:
        one = steer.confirm(desk.house, business, desk.integration().id, desk.by)
    _tell(one, f"“{one.company_name}” is confirmed.", as_json=as_json)


def pause(*, business: Business, database: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Pause sending until it is resumed. Requests in progress finish; previews still run."""
    with opened(business, database) as desk:
        one = steer.pause(desk.house, business, desk.integration().id, desk.by)
    _tell(one, "Paused: nothing is written until “cleo-accounting resume”.", as_json=as_json)


def resume(*, business: Business, database: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Resume paused runs."""
    with opened(business, database) as desk:
        one = steer.resume(desk.house, business, desk.integration().id, desk.by)
    _tell(one, "Resumed: runs go on where they were paused.", as_json=as_json)


def refresh(*, business: Business, database: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Refresh the lists of vendors, customers, accounts and so on from QuickBooks."""
    with opened(business, database) as desk:
        integration_id = desk.integration().id
        errands.ask_to(desk.house, business, integration_id, Verb.LOOK)
        with worked(desk):
            while errands.looking(desk.house, integration_id):
                desk.house.clock.sleep(_LOOK_AGAIN_SECONDS)
        one = desk.integration()
    _tell(one, f"Known as of {paper.moment(one.names_cursor)}.", as_json=as_json)


def usage(
    *, business: Business, days: Days = 30, database: DatabaseUrl = None, as_json: AsJson = False
) -> None:
    """Show how many requests runs, refreshes and comparisons made to QuickBooks."""
    with opened(business, database) as desk:
        since = desk.house.clock.now() - timedelta(days=days)
        spent = spending.spent(desk.house, business, desk.integration().id, since)
    counted = {name: spent.get(name, 0) for name in spending.COUNTED}
    if as_json:
        paper.data({"days": days, **counted})
        return
    paper.table(f"In {days} days", [f"#{name}" for name in counted], [list(counted.values())])


def remove_duplicates(
    *,
    business: Business,
    yes: Yes = False,
    dry_run: DryRun = False,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Remove duplicates found by the latest reconciliation, unless they were paid or changed.

    If there is nothing to remove, the command reports that and does nothing.
    """
    with opened(business, database) as desk:
        integration_id = desk.integration().id
        found = reconcile.compared(desk.house, business, integration_id).removable
        rows = [(one.said.label, one.said.record_id, one.remote_id) for one in found]
        if not as_json:
            paper.table("Too often in QuickBooks", ["number", "record", "id there"], rows)
        if not found or dry_run:
            paper.note(f"{len(found)} to remove, by the latest reconciliation.")
            return
        if not yes:
            typer.confirm(f"Remove {len(found)} from QuickBooks?", abort=True, err=True)
        reconcile.remove_duplicates(desk.house, business, integration_id, desk.by)
        status = syncing.watched(desk, ["invoices"], trigger=Trigger.REPAIR)
        syncing.finish(desk, status, as_json=as_json)


def _tell(one: Integration, said: str, *, as_json: bool) -> None:
    if as_json:
        paper.data(shown.integration(one).model_dump(mode="json", by_alias=True))
    else:
        paper.say(paper.clean(said))
