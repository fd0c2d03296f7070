"""`preview`, `sync`, `retry`, `status`, `runs`, `items`, `cancel`: request runs, and watch them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from cleo_accounting.cli import paper, progress
from cleo_accounting.cli.codes import Code
from cleo_accounting.cli.desk import (
    AsJson,
    Business,
    DatabaseUrl,
    Desk,
    DryRun,
    Limit,
    Offset,
    Yes,
    opened,
    worked,
)
from cleo_accounting.core.kinds import ENTITY_TYPES
from cleo_accounting.core.states import RunState, Trigger
from cleo_accounting.errors import Missing
from cleo_accounting.flows.reporting.progress import RunStatus, list_runs
from cleo_accounting.flows.reporting.progress import items as read_items
from cleo_accounting.flows.reporting.progress import status as read_status
from cleo_accounting.flows.run import sync as syncing
from cleo_accounting.store.integrations import Status
from cleo_accounting.store.runs import OPEN

EntityTypes = Annotated[
    list[str] | None,
    typer.Argument(
        help=f"The entity types: any of {', '.join(ENTITY_TYPES)}. Default: all.",
        show_default=False,
    ),
]
NoWait = Annotated[
    bool, typer.Option("--no-wait", help="Queue the run and exit; a worker carries it out.")
]
RunId = Annotated[
    str | None, typer.Option("--run", help="The id of the run. Default: the latest run.")
]


def preview(
    *,
    business: Business,
    entity_types: EntityTypes = None,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show exactly what a sync would write, without writing anything."""
    with opened(business, database) as desk:
        status = watched(desk, entity_types or [], dry_run=True)
        finish(desk, status, as_json=as_json)


def sync(
    *,
    business: Business,
    entity_types: EntityTypes = None,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Send new and changed records, each exactly once, and show progress."""
    with opened(business, database) as desk:
        status = watched(desk, entity_types or [], dry_run=dry_run, wait=not no_wait)
        finish(desk, status, as_json=as_json)


def retry(
    *,
    business: Business,
    run: RunId = None,
    item: Annotated[int | None, typer.Option("--item", help="Retry only this item.")] = None,
    code: Annotated[str | None, typer.Option(help="Only records with this cause.")] = None,
    no_wait: NoWait = False,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Retry only the records of a run that need attention."""
    with opened(business, database) as desk:
        past = _status(desk, run)
        if past.run is None:
            raise Missing("There is no sync yet, so there is nothing to retry.")
        status = watched(
            desk,
            past.run.entity_types,
            wait=not no_wait,
            failed_only_of=past.run.id,
            item_id=item,
            code=code,
        )
        finish(desk, status, as_json=as_json)


def status(
    *,
    business: Business,
    run: RunId = None,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show the connection and the progress of the latest sync."""
    with opened(business, database) as desk:
        integration = desk.integration()
        found = _status(desk, run)
        if as_json:
            paper.data(
                {
                    "connection": integration.status,
                    "company": integration.company_name,
                    "sync": progress.told(found),
                }
            )
        else:
            _say_connection(desk)
            progress.show(found)
        if integration.status is not Status.CONNECTED:
            raise typer.Exit(Code.RECONNECT)


def runs(
    *,
    business: Business,
    state: Annotated[RunState | None, typer.Option(help="Only runs in this state.")] = None,
    limit: Limit = 20,
    offset: Offset = 0,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first."""
    with opened(business, database) as desk:
        found, total = list_runs(
            desk.house, business, desk.integration().id, state=state, limit=limit, offset=offset
        )
    if as_json:
        paper.data({"items": found, "total": total})
        return
    rows = [
        (
            one.id,
            "preview" if one.dry_run else one.state,
            ", ".join(one.entity_types),
            paper.moment(one.created_at),
            one.asked_by,
            one.usage.get("requests", 0),
        )
        for one in found
    ]
    paper.table("", ["run", "state", "what", "asked", "by", "#requests"], rows)
    paper.note(f"[dim]{len(found)} of {total}[/]")


def items(
    *,
    business: Business,
    run: RunId = None,
    attention: Annotated[
        bool, typer.Option("--attention", help="Only items that need attention.")
    ] = False,
    kind: Annotated[
        str | None, typer.Option(help=f"Only this entity type: {', '.join(ENTITY_TYPES)}.")
    ] = None,
    code: Annotated[str | None, typer.Option(help="Only records with this cause.")] = None,
    search: Annotated[
        str | None, typer.Option(help="Only items with this text in the name or number.")
    ] = None,
    limit: Limit = 50,
    offset: Offset = 0,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """List the result of each record in a run, with the cause and how to fix it."""
    with opened(business, database) as desk:
        of = _status(desk, run).run
        if of is None:
            raise Missing("There is no sync yet.")
        found, total = read_items(
            desk.house,
            business,
            of.integration_id,
            of.id,
            entity_type=kind,
            needs_attention=attention,
            code=code,
            search=search,
            limit=limit,
            offset=offset,
        )
    if as_json:
        paper.data({"run": of.id, "items": found, "total": total})
        return
    paper.table(
        "",
        ["#item", "kind", "record", "#amount", "became", "why and what to do"],
        [progress.row(one) for one in found],
    )
    paper.note(f"[dim]{len(found)} of {total}[/]")


def cancel(
    *,
    business: Business,
    run: RunId = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    database: DatabaseUrl = None,
) -> None:
    """Cancel a run once its current requests finish. Records already sent stay in QuickBooks."""
    with opened(business, database) as desk:
        of = _status(desk, run).run
        if of is None:
            raise Missing("There is no run to cancel.")
        paper.note(f"Run {of.id} is {of.state}; records it has sent stay in QuickBooks.")
        if dry_run:
            return
        if not yes:
            typer.confirm(f"Cancel run {of.id}?", abort=True, err=True)
        ended = syncing.cancel(desk.house, business, of.integration_id, of.id, desk.by)
    paper.say(f"Run {ended.id}: {ended.state}{', ending' if ended.cancel else ''}.")


def watched(
    desk: Desk,
    entity_types: Sequence[str],
    *,
    dry_run: bool = False,
    wait: bool = True,
    trigger: Trigger = Trigger.COMMAND,
    failed_only_of: str | None = None,
    item_id: int | None = None,
    code: str | None = None,
) -> RunStatus:
    """Request a run and watch it to its end."""
    integration = desk.integration()
    run = syncing.request(
        desk.house,
        integration,
        entity_types or list(ENTITY_TYPES),
        dry_run=dry_run,
        trigger=trigger,
        by=desk.by,
        failed_only_of=failed_only_of,
        item_id=item_id,
        code=code,
    )
    if not wait:
        return _status(desk, run.id)
    try:
        with worked(desk):
            return progress.watch(desk, run)
    except KeyboardInterrupt:
        paper.note(f"Run {run.id} continues as soon as a worker runs: “cleo-accounting work”.")
        raise


def _status(desk: Desk, run_id: str | None) -> RunStatus:
    return read_status(desk.house, desk.business_id, desk.integration().id, run_id)


def finish(desk: Desk, status: RunStatus, *, as_json: bool) -> None:
    """Print the results of a run, and exit with its code."""
    if as_json:
        paper.data(progress.told(status))
    else:
        progress.show(status)
    code = _code(desk, status)
    if code:
        raise typer.Exit(code)


def _code(desk: Desk, status: RunStatus) -> Code:
    if status.run is None or status.state in (RunState.SUCCEEDED, *OPEN):
        return Code.OK
    if desk.integration().status is not Status.CONNECTED:
        return Code.RECONNECT
    return Code.UPSTREAM if status.run.code else Code.PARTIAL


def _say_connection(desk: Desk) -> None:
    integration = desk.integration()
    colour = "green" if integration.status is Status.CONNECTED else "yellow"
    paper.say(
        f"[{colour}]{integration.status.replace('_', ' ')}[/] ·"
        f" [bold]{paper.clean(integration.company_name)}[/] ·"
        f" since {paper.moment(integration.connected_at)}"
    )
