"""`reconcile`: our records beside what QuickBooks holds, per document, to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from cleo_accounting.cli import paper
from cleo_accounting.cli.codes import Code
from cleo_accounting.cli.desk import AsJson, Business, DatabaseUrl, Desk, opened
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.reconciliation import Reconciliation
from cleo_accounting.flows.reconcile import reconcile as compare

_SHOWN = 50


def reconcile(*, business: Business, database: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Compare every bill and invoice with our records. Only looks; changes nothing."""
    with opened(business, database) as desk:
        found = _compare(desk)
    if as_json:
        paper.data({"agrees": all(one.agrees for one in found), "kinds": found})
    else:
        show(found)
    if not all(one.agrees for one in found):
        raise typer.Exit(Code.PARTIAL)


def _compare(desk: Desk) -> Sequence[Reconciliation]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,}"))
    with Progress(*columns, console=paper.err(), transient=True) as progress:
        tasks = {
            kind: progress.add_task(f"Reading {kind.value}s", total=None)
            for kind in (RemoteKind.BILL, RemoteKind.INVOICE)
        }
        return compare(
            desk.house,
            desk.business_id,
            desk.integration().id,
            watch=lambda kind, count: progress.advance(tasks[kind], count),
        )


def show(found: Sequence[Reconciliation]) -> None:
    """Say for each kind what both sides add up to, and list what differs."""
    rows = [
        (
            f"{one.kind.value}s",
            one.equal,
            sums(one.ours),
            sums(one.theirs),
            len(one.discrepancies),
            one.not_sent,
            sums(one.waiting),
        )
        for one in found
    ]
    columns = ["", "#equal", "#ours", "#QuickBooks", "#differing", "#not sent", "#worth"]
    paper.table("", columns, rows)
    differing = [each for one in found for each in one.discrepancies]
    if differing:
        listed = [
            (
                each.finding.value,
                each.kind.value,
                each.label,
                each.ours,
                each.theirs,
                each.said,
                ", ".join(each.remote_ids),
            )
            for each in differing[:_SHOWN]
        ]
        columns = ["", "kind", "record", "#ours", "#theirs", "what", "QuickBooks ids"]
        paper.table(f"{len(differing):,} differ", columns, listed)
    elif all(one.agrees for one in found):
        paper.say("[green]✓ Equal to the cent.[/]")


def sums(by_currency: Mapping[str, int]) -> str:
    """Write sums by currency for people."""
    return ", ".join(
        paper.money(minor, currency) for currency, minor in sorted(by_currency.items())
    )
