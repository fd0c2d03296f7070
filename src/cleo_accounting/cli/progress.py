"""Show a run: a progress bar per kind while it works, and its results at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from cleo_accounting.cli import paper
from cleo_accounting.cli.desk import Desk
from cleo_accounting.core.contrast import Changed, Value
from cleo_accounting.core.kinds import ENTITY_TITLES
from cleo_accounting.core.merge import SAID
from cleo_accounting.core.states import ItemState, RunState
from cleo_accounting.flows.reporting.progress import Item, RunStatus, Tally
from cleo_accounting.flows.reporting.progress import status as read_status
from cleo_accounting.store.runs import OPEN, Run

_PARTS = ("created", "updated", "linked", "unchanged", "skipped", "failed", "in_doubt", "pending")
_STATES = {
    RunState.SUCCEEDED: "[green]✓ Done[/]",
    RunState.PARTLY_FAILED: "[yellow]! Done, but some records need you[/]",
    RunState.FAILED: "[red]✗ Failed[/]",
    RunState.CANCELLED: "[yellow]Cancelled[/]",
    RunState.QUEUED: "Waiting for its turn",
    RunState.RUNNING: "Working",
    RunState.WAITING: "Waiting for QuickBooks",
    "never_run": "Nothing was synced yet",
}
_WAITS = {
    "in_doubt": "QuickBooks did not confirm some records: we look there before sending them again",
    "upstream_unavailable": "QuickBooks is not responding",
}
_SLOWED = "QuickBooks asked us to slow down"
_POLL_SECONDS = 0.2


def watch(desk: Desk, run: Run) -> RunStatus:
    """Show a run's progress until it is over."""
    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[said]}"),
    )
    with Progress(*columns, console=paper.err(), transient=True) as bars:
        tasks: dict[str, TaskID] = {}
        told = ""
        while True:
            status = read_status(desk.house, desk.business_id, run.integration_id, run.id)
            _draw(bars, tasks, status)
            if (wait := _wait(status.run)) and wait != told:
                told = wait
                bars.console.print(f"[dim]{wait}.[/]")
            if status.state not in OPEN:
                return status
            desk.house.clock.sleep(_POLL_SECONDS)


def _draw(bars: Progress, tasks: dict[str, TaskID], status: RunStatus) -> None:
    for name, tally in status.tallies.items():
        if name not in tasks:
            tasks[name] = bars.add_task(ENTITY_TITLES.get(name, name), total=None, said="")
        done = tally.total - tally.pending - tally.in_doubt
        bars.update(tasks[name], total=tally.total or None, completed=done, said=_said(tally))


def _wait(run: Run | None) -> str:
    """Return what a run waits for and until when; empty if it does not wait."""
    if run is None or run.waiting_until is None:
        return ""
    return f"{_WAITS.get(run.code or '', _SLOWED)}; goes on at {paper.moment(run.waiting_until)}"


def _said(tally: Tally) -> str:
    parts = [(name, getattr(tally, name)) for name in ("created", "linked", "failed")]
    return "  ".join(f"{count:,} {name}" for name, count in parts if count)


def show(status: RunStatus) -> None:
    """Print the results of a run: counts, sums, and the first records that need attention."""
    paper.say(_headline(status))
    if status.run is None:
        return
    rows = [
        [ENTITY_TITLES.get(name, name), tally.total, *(getattr(tally, part) for part in _PARTS)]
        for name, tally in status.tallies.items()
    ]
    columns = ["", "#total", *(f"#{part.replace('_', ' ')}" for part in _PARTS)]
    paper.table("", columns, rows)
    word = "to be written" if status.run.dry_run else "written"
    for each in status.sums:
        amount = paper.money(each.amount_minor, each.currency)
        plural = "" if each.number == 1 else "s"
        paper.say(f"  {each.number:,} {each.kind}{plural} {word}: [bold]{amount}[/]")
    if status.run.dry_run and any(one.updated for one in status.tallies.values()):
        paper.say(
            f"  What would change, field by field: cleo-accounting items --run {status.run.id}"
        )
    if status.errors:
        title = f"{status.errors_total:,} need attention"
        if len(status.causes) > 1:
            causes = [(each.number, each.title, each.code) for each in status.causes]
            paper.table(title, ["#records", "why", "code"], causes)
            title = f"The first {len(status.errors)}"
        paper.table(
            title,
            ["#item", "kind", "record", "#amount", "became", "why and what to do"],
            [row(one) for one in status.errors],
        )
        if status.errors_total > len(status.errors):
            paper.note("… and more: cleo-accounting items --attention")


def _headline(status: RunStatus) -> str:
    run = status.run
    if run is None:
        return _STATES["never_run"]
    text = _STATES.get(run.state, run.state)
    if run.dry_run and run.state == RunState.SUCCEEDED:
        text = "[green]✓ Preview[/] – nothing was written"
    if run.state == RunState.WAITING and run.waiting_until is None:
        text = "Paused: goes on when the business is resumed"
    text = _wait(run) or text
    if run.message:
        text += f": {paper.clean(run.message)}"
    requests = run.usage.get("requests")
    cost = f" · {requests:,} requests" if requests else ""
    return f"{text} [dim]({run.id}{cost})[/]"


def row(item: Item) -> Sequence[object]:
    """Return an item as a table row."""
    amount = (
        paper.money(item.amount_minor, item.currency)
        if item.amount_minor is not None and item.currency
        else ""
    )
    ids = ", ".join(one.remote_id for one in item.twins)
    twins = f"(In QuickBooks: id {ids}.)" if ids else ""
    changes = "; ".join(_change(one) for one in item.changes)
    why = " ".join(part for part in (item.cause, item.fix, twins, changes) if part)
    became = {ItemState.LEFT: "not sent"}.get(item.state, item.state.replace("_", " "))
    return (item.id, item.kind, item.label, amount, became, why)


def _change(one: Changed) -> str:
    """Return a field's value before and after an update."""
    before, after = (_value(each) or "nothing" for each in (one.before, one.after))
    return f"{SAID.get(one.field, one.field)}: {before} → {after}"


def _value(value: Value | None) -> str:
    if value is None:
        return ""
    if value.minor is not None and value.currency:
        return paper.money(value.minor, value.currency)
    lines = (
        f"{line.description or 'no text'} {paper.money(line.minor, line.currency)}"
        for line in value.lines
    )
    return ", ".join(lines) or value.text


def told(status: RunStatus) -> Mapping[str, Any]:
    """Return a run's status as data for programs."""
    return {
        "state": status.state,
        "run": paper.plain(status.run),
        "entityTypes": {
            name: {**paper.plain(tally), "total": tally.total}
            for name, tally in status.tallies.items()
        },
        "sums": paper.plain(status.sums),
        "errors": paper.plain(status.errors),
        "errorsTotal": status.errors_total,
        "causes": paper.plain(status.causes),
    }
