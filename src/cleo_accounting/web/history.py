"""Endpoints over all runs: issues, activity, timelines of records, weeks and the audit log."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from cleo_accounting.core.kinds import KINDS
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.reporting import history
from cleo_accounting.store.access import Rank
from cleo_accounting.web import history_shown, sheets
from cleo_accounting.web.access import BEARER, Guarded, HouseHere, needs
from cleo_accounting.web.answers import PagingHere, errors, page, say
from cleo_accounting.web.page_schemas import (
    AuditEntryOut,
    EntryOut,
    IssuesOut,
    TimelineOut,
    WeeksOut,
)
from cleo_accounting.web.paths import BASE, ONE, BusinessId, IntegrationId, RecordId, Search
from cleo_accounting.web.schemas import Line, OneOf, Page
from cleo_accounting.web.tables import CSV, FormatHere, sheet, wants_csv
from cleo_accounting.web.teller import Teller

router = APIRouter(route_class=Guarded, dependencies=[BEARER], tags=["Sync"])

Outcome = Literal["sent", "changed", "linked", "waiting", "left", "in_doubt"]
Kind = Annotated[str, OneOf(tuple(kind.remote.value for kind in KINDS if kind.entity_type))]


@router.get(f"{ONE}/issues", response_model=IssuesOut, responses={**CSV, **errors()})
@needs(Rank.VIEWER)
def list_issues(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    format_: FormatHere = "json",
) -> Response:
    """List what needs attention now, across all runs, by cause.

    To list each record, get the activity with the outcome `waiting`.
    """
    if wants_csv(request, format_):
        connect.integration(house, business_id, integration_id)
        tell = Teller("UTC", house.clock.now())
        rows = sheets.waiting(house, business_id, integration_id, tell)
        return sheet("issues", sheets.ACTIVITY, rows)
    found = history.issues(house, business_id, integration_id)
    return say(history_shown.issues(found))


@router.get(f"{ONE}/activity", response_model=Page[EntryOut], responses={**CSV, **errors()})
@needs(Rank.VIEWER)
def list_activity(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    paging: PagingHere,
    outcome: Annotated[Outcome | None, Query(description="Only entries with this outcome.")] = None,
    kind: Annotated[Kind | None, Query(description="Only entries for this kind.")] = None,
    since: Annotated[date | None, Query(description="Only from this day on (UTC).")] = None,
    until: Annotated[date | None, Query(description="Only up to this day (UTC).")] = None,
    search: Search = None,
    format_: FormatHere = "json",
) -> Response:
    """List activity across all runs, newest first. Previews are not included."""
    wanted: dict[str, Any] = {
        "outcome": outcome,
        "kind": kind,
        "search": search,
        "since": since,
        "until": until,
    }
    if wants_csv(request, format_):
        connect.integration(house, business_id, integration_id)
        tell = Teller("UTC", house.clock.now())
        return sheet(
            "activity",
            sheets.ACTIVITY,
            sheets.activity(house, business_id, integration_id, tell, wanted),
        )
    found, total = history.acts(
        house,
        business_id,
        integration_id,
        limit=paging.limit,
        offset=paging.offset,
        **wanted,
    )
    return page(request, [history_shown.entry(one) for one in found], total, paging)


@router.get(f"{ONE}/activity/{{kind}}/{{recordId}}", response_model=TimelineOut, responses=errors())
@needs(Rank.VIEWER)
def get_timeline(
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    kind: Annotated[
        Kind, Path(description="What the record became in QuickBooks.", examples=["bill"])
    ],
    record_id: RecordId,
) -> Response:
    """Get the timeline of a record, newest entry first, with the changes of each entry."""
    told = history.timeline(house, business_id, integration_id, kind, record_id)
    return say(history_shown.timeline(told))


@router.get(f"{ONE}/weeks", response_model=WeeksOut, responses=errors())
@needs(Rank.VIEWER)
def list_weeks(
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    number: Annotated[int, Query(ge=1, le=53, description="Number of weeks.")] = history.WEEKS,
) -> Response:
    """List documents and amounts of recent weeks by outcome, including empty weeks."""
    weeks = history.weeks(house, business_id, integration_id, number)
    return say(WeeksOut(weeks=[history_shown.week(one) for one in weeks]))


@router.get(f"{BASE}/audit", response_model=Page[AuditEntryOut], responses=errors())
@needs(Rank.VIEWER)
def list_audit(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    paging: PagingHere,
    by: Annotated[
        Line | None, Query(max_length=120, description="Only actions of this person.")
    ] = None,
    what: Annotated[
        str | None,
        Query(pattern=r"^[a-z_]{1,60}$", description="Only this action.", examples=["mapped"]),
    ] = None,
    subject: Annotated[
        Line | None, Query(max_length=160, description="Only actions on this subject.")
    ] = None,
) -> Response:
    """List the audit log, newest entry first. Each entry is chained to the previous one."""
    found, total = history.audited(
        house,
        business_id,
        by=by,
        what=what,
        subject=subject,
        limit=paging.limit,
        offset=paging.offset,
    )
    return page(request, [history_shown.audited(one) for one in found], total, paging)
