"""Reports over all runs: `issues`, `activity`, `document`, `weeks`, `decisions`, `audit`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Annotated, Any

import typer

from cleo_accounting.cli import paper, progress
from cleo_accounting.cli.desk import AsJson, Business, DatabaseUrl, Desk, Limit, Offset, opened
from cleo_accounting.core.records import Money
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.admin import acts
from cleo_accounting.flows.mapping import choose
from cleo_accounting.flows.reporting import history
from cleo_accounting.flows.reporting.document import document_status
from cleo_accounting.flows.reporting.history import Amounts, Entry
from cleo_accounting.web import documents, history_shown, sheets
from cleo_accounting.web.teller import Teller

AsCsv = Annotated[
    bool, typer.Option("--csv", help="Print the whole list as CSV, like the download on the page.")
]
Day = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="A day (UTC); the day itself is included."),
]
_COLUMNS = ["when", "kind", "record", "#amount", "became", "why and what to do", "by"]


def issues(
    *,
    business: Business,
    code: Annotated[str | None, typer.Option(help="List the records with this cause.")] = None,
    limit: Limit = 20,
    offset: Offset = 0,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Show what needs attention now, across all runs, by cause."""
    with opened(business, database) as desk:
        where = (desk.house, business, desk.integration().id)
        if as_csv:
            _note_export(desk, "issues.csv")
            _write(sheets.ACTIVITY, sheets.waiting(*where, _teller(desk), code))
            return
        found = history.issues(*where)
        listed = history.waiting_for(*where, code=code, limit=limit, offset=offset) if code else []
    if as_json:
        told = history_shown.issues(found).model_dump(mode="json", by_alias=True)
        items = [_plain(one) for one in listed]
        paper.data({**told, "items": items} if code else told)
        return
    if code:
        _table(listed)
        return
    rows = [
        (one.code, one.number, _sums(one.on_hold), _sums(one.payments_on_hold))
        for one in found.groups
    ]
    columns = ["cause", "#records", "#on hold", "#payments on hold"]
    paper.table(f"{found.total:,} need attention", columns, rows)
    paper.note("List the records of a cause with --code; decide with “cleo-accounting decide”.")


def activity(
    *,
    business: Business,
    record: Annotated[
        str | None,
        typer.Argument(
            help="Show the timeline of this record, such as bill/pay_1.", show_default=False
        ),
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(help=f"Only this outcome: {', '.join(history.OUTCOMES)}.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="Only this kind: bill, invoice, vendor, customer…")
    ] = None,
    search: Annotated[
        str | None, typer.Option(help="Only entries with this text in the name or number.")
    ] = None,
    since: Day = None,
    until: Day = None,
    limit: Limit = 20,
    offset: Offset = 0,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List activity, newest first, or show the timeline of one record."""
    wanted: dict[str, Any] = {
        "outcome": outcome,
        "kind": kind,
        "search": search,
        "since": _day(since),
        "until": _day(until),
    }
    with opened(business, database) as desk:
        where = (desk.house, business, desk.integration().id)
        if record:
            _timeline(desk, record, as_json=as_json)
            return
        if as_csv:
            _note_export(desk, "activity.csv")
            _write(sheets.ACTIVITY, sheets.activity(*where, _teller(desk), wanted))
            return
        found, total = history.acts(*where, limit=limit, offset=offset, **wanted)
    if as_json:
        paper.data({"items": [_plain(one) for one in found], "total": total})
        return
    _table(found)
    paper.note(f"[dim]{len(found)} of {total}[/]")


def document(
    payable: Annotated[str, typer.Argument(help="The id of the payable.", show_default=False)],
    *,
    business: Business,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show the status of a payable in QuickBooks: its document, open balance and payments."""
    with opened(business, database) as desk:
        found = document_status(desk.house, business, desk.integration().id, payable)
    if as_json:
        paper.data(documents.shown(found).model_dump(mode="json", by_alias=True))
        return
    number = found.there.number or found.payable.number or payable
    is_open = f"{found.open} of {found.total}" if found.as_of else "not known"
    rows = [(number, found.there.kind, found.there.state, is_open, found.payment_state)]
    columns = ["document", "kind", "state", "#open in QuickBooks", "payment"]
    paper.table("", columns, rows)
    if found.as_of:
        paper.note(f"As of {paper.moment(found.as_of)}.")
    if found.payments or found.others:
        ours = [
            (one.payment.id, str(one.amount), one.payment.status, one.there.state)
            for one in found.payments
        ]
        theirs = [("–", "", "–", f"payment {one.remote_id}") for one in found.others]
        columns = ["payment", "#amount", "in Cleo Pay", "in QuickBooks"]
        paper.table("", columns, [*ours, *theirs])
    if found.payment_is_missing:
        paper.note("Paid on Cleo Pay; the payment has not been received yet.")


def weeks(
    *,
    business: Business,
    number: Annotated[int, typer.Option(min=1, max=53, help="Number of weeks.")] = history.WEEKS,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show documents, payments and amounts of recent weeks by outcome."""
    with opened(business, database) as desk:
        found = history.weeks(desk.house, business, desk.integration().id, number)
    if as_json:
        told = [history_shown.week(one).model_dump(mode="json", by_alias=True) for one in found]
        paper.data({"weeks": told})
        return
    rows = [
        (one.monday, name, many, _sums(one.amounts.get(name, ())))
        for one in found
        for name, many in sorted(one.numbers.items())
    ]
    paper.table("", ["week of", "became", "#number", "#amount"], rows)


def decisions(
    *,
    business: Business,
    limit: Limit = 20,
    offset: Offset = 0,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """List the decisions in effect."""
    with opened(business, database) as desk:
        found, total = choose.decided(
            desk.house, business, desk.integration().id, limit=limit, offset=offset
        )
    items = [
        {
            "kind": kind.value,
            "recordId": record_id,
            "decision": word.verdict,
            "value": word.value,
            "by": word.by,
        }
        for kind, record_id, word in found
    ]
    if as_json:
        paper.data({"items": items, "total": total})
        return
    columns = ["kind", "record", "decision", "value", "by"]
    paper.table("", columns, [list(one.values()) for one in items])
    paper.note(f"[dim]{len(found)} of {total}[/]")


def audit(
    *,
    business: Business,
    by: Annotated[str | None, typer.Option(help="Only actions of this person.")] = None,
    what: Annotated[str | None, typer.Option(help="Only this action, such as mapped.")] = None,
    subject: Annotated[str | None, typer.Option(help="Only actions on this subject.")] = None,
    limit: Limit = 20,
    offset: Offset = 0,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """List the audit log, newest entry first: who did what, and when.

    `verify-audit` verifies that no entry was changed.
    """
    with opened(business, database) as desk:
        found, total = history.audited(
            desk.house, business, by=by, what=what, subject=subject, limit=limit, offset=offset
        )
    if as_json:
        told = [history_shown.audited(one).model_dump(mode="json", by_alias=True) for one in found]
        paper.data({"items": told, "total": total})
        return
    rows = [
        (one.number, paper.moment(one.at), one.by, one.what, one.subject, one.facts)
        for one in found
    ]
    paper.table("", ["#entry", "when", "by", "what", "about", "facts"], rows)
    paper.note(f"[dim]{len(found)} of {total}[/]")


def _timeline(desk: Desk, record: str, *, as_json: bool) -> None:
    kind, slash, record_id = record.partition("/")
    if not slash:
        raise Invalid("Give the record with its kind, such as bill/pay_1.")
    told = history.timeline(desk.house, desk.business_id, desk.integration().id, kind, record_id)
    if as_json:
        paper.data(history_shown.timeline(told).model_dump(mode="json", by_alias=True))
        return
    _table([one.entry for one in told])
    changed = [
        (paper.moment(one.entry.at), each.field, each.before, each.after)
        for one in told
        for each in one.differences
    ]
    paper.table("What each changed", ["when", "field", "before", "after"], changed)


def _table(entries: Sequence[Entry]) -> None:
    rows = [(paper.moment(one.at), *progress.row(one.item)[1:], one.asked_by) for one in entries]
    paper.table("", _COLUMNS, rows)


def _plain(one: Entry) -> dict[str, Any]:
    return history_shown.entry(one).model_dump(mode="json", by_alias=True)


def _sums(amounts: Amounts) -> str:
    return " + ".join(str(Money(minor, currency)) for currency, minor in amounts)


def _teller(desk: Desk) -> Teller:
    return Teller("UTC", desk.house.clock.now(), desk.integration().profile.currency)


def _write(header: Sequence[str], rows: Iterator[list[sheets.Cell]]) -> None:
    for text in sheets.written(header, rows):
        sys.stdout.write(text)


def _note_export(desk: Desk, sheet: str) -> None:
    acts.note(desk.house, desk.business_id, by=desk.by, what="exported", subject=sheet)


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None
