"""The activity pages: all entries with filters, weeks, runs, timelines of records, and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Response

from cleo_accounting.core import kinds
from cleo_accounting.core.kinds import DOCUMENTS
from cleo_accounting.core.records import Money
from cleo_accounting.core.states import ItemState
from cleo_accounting.errors import Missing
from cleo_accounting.flows.admin import acts
from cleo_accounting.flows.reporting import history, progress, promise
from cleo_accounting.flows.reporting.document import DocumentStatus, document_status
from cleo_accounting.flows.reporting.history import Chapter
from cleo_accounting.web import sheets
from cleo_accounting.web.pages import chart
from cleo_accounting.web.pages.guard import PLACE, Shown, Visit, VisitHere, held
from cleo_accounting.web.pages.render import show, teller
from cleo_accounting.web.tables import sheet

router = APIRouter(route_class=Shown, include_in_schema=False)

ROWS = 50
RUNS = 25
OUTCOMES = (
    ("sent", "Sent"),
    ("changed", "Changed"),
    ("linked", "Linked"),
    ("waiting", "Needs attention"),
    ("in_doubt", "Being checked"),
    ("left", "Skipped"),
)
KINDS = tuple((kind.remote.value, kind.titles) for kind in kinds.KINDS if kind.record)

TURNED_OUT = {  # compared with the preview
    "as_promised": "As in the preview",
    "other_amount": "Different amount",
    "otherwise": "Different action",
    "waits": "Waiting or being checked",
    "not_sent": "Not sent",
    "more": "Sent in addition",
}

PAYMENT_STATES = {  # of a document in QuickBooks
    "unpaid": "unpaid",
    "partly_paid": "partly paid",
    "paid": "paid",
}
PAYMENT_STATUSES = {  # of a payment in Cleo Pay
    "pending": "On its way",
    "processing": "On its way",
    "completed": "Completed",
    "failed": "Returned",
    "cancelled": "Cancelled",
}
STANDS = {  # of a payment in QuickBooks
    "written": "Recorded",
    "gone": "Deleted or voided there",
    "removed": "Voided by Cleo Pay",
    "waiting": "Needs attention",
    "in_doubt": "Being checked",
    "left": "Not recorded",
    "not_sent": "Not sent yet",
}

_AMOUNT_MAX = 10**12
At = Annotated[int, Query(ge=1, le=100_000)]
Id = Annotated[str, Path(alias="recordId", pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
Kind = Annotated[
    str, Path(pattern=f"^({'|'.join(kind.remote for kind in kinds.KINDS if kind.entity_type)})$")
]


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of the activity list: parsed, and as given, for the form and for links."""

    given: dict[str, str]
    wanted: dict[str, Any]
    wrong: str = ""


@router.get(f"{PLACE}/activity")
def activity(visit: VisitHere, page: At = 1) -> Response:
    """Show the filtered activity and the chart of recent weeks."""
    one = held(visit)
    chosen = _filters(visit, one.profile.currency)
    entries, total = history.acts(
        visit.house,
        visit.business_id,
        one.id,
        limit=ROWS,
        offset=(page - 1) * ROWS,
        **chosen.wanted,
    )
    weeks, issues = history.weeks_and_issues(visit.house, visit.business_id, one.id)
    return show(
        visit,
        "activity.html",
        tab="activity",
        badges={"issues": issues.total},
        integration=one,
        entries=entries,
        total=total,
        page=page,
        pages=-(-total // ROWS),
        given=chosen.given,
        wrong=chosen.wrong,
        query=urlencode(chosen.given),
        link=f"?{urlencode(chosen.given)}&",
        outcomes=OUTCOMES,
        kinds=KINDS,
        weeks=weeks,
        legend=chart.LEGEND,
        counts=chart.counts(weeks),
        money=chart.money(weeks, one.profile.currency),
        size=(chart.WIDTH, chart.HEIGHT),
        address_of=visit.house.provider.address_of,
    )


@router.get(f"{PLACE}/activity.csv")
def as_sheet(visit: VisitHere) -> Response:
    """Download the filtered activity as CSV."""
    one = held(visit)
    chosen = _filters(visit, one.profile.currency)
    visit.house.rates.spend("sheets", visit.business_id)
    acts.note(visit.house, visit.business_id, by=visit.by, what="exported", subject="activity.csv")
    rows = sheets.activity(
        visit.house, visit.business_id, one.id, teller(visit, one), chosen.wanted
    )
    return sheet("activity", sheets.ACTIVITY, rows)


@router.get(f"{PLACE}/activity/runs")
def runs(visit: VisitHere, page: At = 1) -> Response:
    """Show the list of all syncs and previews."""
    one = held(visit)
    found, total = progress.list_runs(
        visit.house, visit.business_id, one.id, limit=RUNS, offset=(page - 1) * RUNS
    )
    return show(
        visit,
        "runs.html",
        tab="activity",
        integration=one,
        runs=found,
        page=page,
        pages=-(-total // RUNS),
    )


@router.get(f"{PLACE}/activity/runs/{{runId}}")
def run(
    visit: VisitHere,
    run_id: Annotated[str, Path(alias="runId", pattern=r"^[A-Za-z0-9_.:-]{1,64}$")],
    page: At = 1,
) -> Response:
    """Show one run and the result of each record."""
    one = held(visit)
    status = progress.status(visit.house, visit.business_id, one.id, run_id)
    items, total = progress.items(
        visit.house, visit.business_id, one.id, run_id, limit=ROWS, offset=(page - 1) * ROWS
    )
    return show(
        visit,
        "run.html",
        tab="activity",
        integration=one,
        told=status,
        kept=promise.kept(visit.house, visit.business_id, one.id, run_id),
        turned_out=TURNED_OUT,
        items=items,
        page=page,
        pages=-(-total // ROWS),
    )


@router.get(f"{PLACE}/activity/{{kind}}/{{recordId}}")
def record(visit: VisitHere, kind: Kind, record_id: Id) -> Response:
    """Show the timeline of one record, with what each entry changed."""
    one = held(visit)
    told = history.timeline(visit.house, visit.business_id, one.id, kind, record_id)
    return show(
        visit,
        "record.html",
        tab="activity",
        integration=one,
        chapters=_told_once(told),
        newest=told[0].entry,
        document=_document(visit, one.id, record_id) if kind in DOCUMENTS else None,
        payment_states=PAYMENT_STATES,
        payment_statuses=PAYMENT_STATUSES,
        stands=STANDS,
        address_of=visit.house.provider.address_of,
    )


def _document(visit: Visit, integration_id: str, payable_id: str) -> DocumentStatus | None:
    """Return the status of a payable's document; None if the payable itself was deleted."""
    try:
        return document_status(visit.house, visit.business_id, integration_id, payable_id)
    except Missing:
        return None


def _told_once(chapters: Sequence[Chapter]) -> list[tuple[Chapter, int]]:
    """Merge entries in which later syncs skip a record for the same reason; count those syncs."""
    told: list[tuple[Chapter, int]] = []
    for chapter in reversed(chapters):
        item = chapter.entry.item
        before = told[-1][0].entry.item if told else None
        skipped = item.state == ItemState.LEFT and not item.needs_attention
        if before and skipped and (before.code, before.cause) == (item.code, item.cause):
            told[-1] = (told[-1][0], told[-1][1] + 1)
        else:
            told.append((chapter, 0))
    return told[::-1]


def _least(text: str, currency: str) -> int:
    amount = Decimal(text.replace(",", ""))
    if not amount.is_finite() or abs(amount) > _AMOUNT_MAX:
        raise ValueError("beyond what anybody pays")
    return Money.rounded(amount, currency).minor


def _filters(visit: Visit, currency: str) -> Filters:
    query = visit.request.query_params
    names = ("outcome", "kind", "search", "since", "until", "least")
    given = {name: query[name][:100] for name in names if query.get(name, "").strip()}
    wanted: dict[str, Any] = {}
    wrong = ""
    if given.get("outcome") in dict(OUTCOMES):
        wanted["outcome"] = given["outcome"]
    if given.get("kind") in dict(KINDS):
        wanted["kind"] = given["kind"]
    if "search" in given:
        wanted["search"] = given["search"].strip()
    try:
        for name in ("since", "until"):
            if name in given:
                wanted[name] = date.fromisoformat(given[name])
        if "least" in given:
            wanted["least_minor"] = _least(given["least"], currency)
    except (ValueError, InvalidOperation):
        wrong = "Give dates such as 2026-01-31, and an amount such as 100.00."
    return Filters(given, wanted, wrong)
