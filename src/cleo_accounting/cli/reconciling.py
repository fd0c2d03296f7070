"""`reconcile`: compare our records with QuickBooks, document by document, payment by payment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from cleo_accounting.cli import paper
from cleo_accounting.cli.codes import Code
from cleo_accounting.cli.desk import AsJson, Business, DatabaseUrl, Desk, opened
from cleo_accounting.core import kinds
from cleo_accounting.core.headline import amounts, summary
from cleo_accounting.core.kinds import ENTRIES
from cleo_accounting.core.reconciliation import (
    Apart,
    Discrepancy,
    Open,
    Outcome,
    Reconciliation,
    outcome_of,
)
from cleo_accounting.flows.reporting import reconcile as flow

_SHOWN = 50
_COLORS = {Outcome.EQUAL: "green", Outcome.UNSENT: "yellow", Outcome.DIFFERS: "red"}
_MARKS = {Outcome.EQUAL: "✓", Outcome.UNSENT: "○", Outcome.DIFFERS: "✗"}


def reconcile(*, business: Business, database: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Compare every document and payment with our records; nothing is changed in QuickBooks.

    Exits with 0 only if everything is sent and equal; with 4 if something is not sent or differs.
    """
    with opened(business, database) as desk:
        found = _compare(desk)
        flow.record(desk.house, desk.integration(), found)
    outcome = outcome_of(found)
    if as_json:
        paper.data(_told(found))
    else:
        show(found)
    if outcome is not Outcome.EQUAL:
        raise typer.Exit(Code.PARTIAL)


def _compare(desk: Desk) -> Sequence[Reconciliation]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,}"))
    with Progress(*columns, console=paper.err(), transient=True) as progress:
        tasks = {
            kind: progress.add_task(f"Reading {kinds.entry(kind).plural}", total=None)
            for kind in ENTRIES
        }
        return flow.reconcile(
            desk.house,
            desk.business_id,
            desk.integration().id,
            watch=lambda kind, count: progress.advance(tasks[kind], count),
        )


def _told(found: Sequence[Reconciliation]) -> Mapping[str, object]:
    """Return a comparison as data: the overall result, and the result of each kind."""
    whole = summary(found)
    told = [
        {
            "outcome": one.outcome,
            **paper.plain(replace(one, evidence={}, instead=[])),
            "discrepancies": [
                {**paper.plain(each), "decisions": each.decisions} for each in one.discrepancies
            ],
        }
        for one in found
    ]
    return {
        "outcome": whole.outcome,
        "agrees": whole.outcome is Outcome.EQUAL,
        "headline": whole.headline,
        "kinds": told,
    }


def show(found: Sequence[Reconciliation]) -> None:
    """Print the result, the totals of both sides, what is not sent, and what differs."""
    whole = summary(found)
    rows = [
        (
            kinds.entry(one.kind).plural,
            one.equal,
            amounts(one.ours),
            amounts(one.theirs),
            len(one.discrepancies),
            one.not_sent,
            amounts(one.waiting),
            one.changes,
        )
        for one in found
    ]
    columns = [
        "",
        "#equal",
        "#ours",
        "#QuickBooks",
        "#differing",
        "#not sent",
        "#worth",
        "#changes",
    ]
    paper.table("", columns, rows)
    _show_open(whole.opens)
    _show_apart("Not sent", whole.unsent)
    _show_apart("Changed here since", whole.changed)
    _show_apart("Not to be sent", whole.kept_out)
    differing = [each for one in found for each in one.discrepancies]
    if differing:
        rows_of = [_row(each) for each in differing[:_SHOWN]]
        columns = ["", "=record", "number", "#ours", "#theirs", "what", "QuickBooks ids", "decide"]
        paper.table(f"{len(differing):,} differ", columns, rows_of)
        paper.note(
            "Settle one with “cleo-accounting decide RECORD DECISION”; have copies removed"
            " on the page, or by the API."
        )
    paper.say(f"[{_COLORS[whole.outcome]}]{_MARKS[whole.outcome]} {whole.headline}[/]")


def _row(one: Discrepancy) -> tuple[object, ...]:
    return (
        one.finding.value,
        f"{one.kind.value}/{one.record_id}",
        one.label,
        one.ours,
        one.theirs,
        one.said,
        ", ".join(one.remote_ids),
        " · ".join(one.decisions),
    )


def _show_open(opens: Sequence[Open]) -> None:
    """Print the open balances of all vendors and customers, and of each where the sides differ."""
    rows = [
        (f"all {kinds.party(one.party).plural}", amounts(one.total.ours), amounts(one.total.theirs))
        for one in opens
        if one.parties
    ]
    rows += [
        (each.name, amounts(each.ours), amounts(each.theirs))
        for one in opens
        for each in one.differing[:_SHOWN]
    ]
    if rows:
        paper.table("Open", ["", "#ours", "#QuickBooks"], rows)


def _show_apart(title: str, groups: Sequence[Apart]) -> None:
    if groups:
        rows = [
            (one.title, one.code, f"{one.sort}s", one.number, amounts(one.worth)) for one in groups
        ]
        paper.table(title, ["why", "code", "", "#number", "#worth"], rows)
