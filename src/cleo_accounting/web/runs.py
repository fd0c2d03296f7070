"""Endpoints for runs: list them, follow one live, list its items, cancel and retry."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from cleo_accounting.core import states
from cleo_accounting.core.kinds import ENTITY_TYPES
from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import Missing
from cleo_accounting.flows import House
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.reporting import history, progress, promise, spending
from cleo_accounting.flows.reporting.progress import RunStatus
from cleo_accounting.flows.run import sync
from cleo_accounting.store.access import Rank
from cleo_accounting.store.idempotency import Answer
from cleo_accounting.store.runs import OPEN
from cleo_accounting.web import sheets, shown
from cleo_accounting.web.access import (
    BEARER,
    Caller,
    CallerHere,
    Guarded,
    HouseHere,
    needs,
    still_admitted,
)
from cleo_accounting.web.answers import (
    KeyHeader,
    PagingHere,
    act_once,
    answer,
    errors,
    page,
    say,
    say_shared,
)
from cleo_accounting.web.paths import ONE, BusinessId, IntegrationId, RunId, Search, where_run
from cleo_accounting.web.run_schemas import (
    AgainstPreviewOut,
    EntityType,
    ItemOut,
    ItemState,
    RunOut,
    RunState,
    SyncStatusOut,
)
from cleo_accounting.web.schemas import NUMBER_MAX, Page, UsageOut
from cleo_accounting.web.streams import Streams
from cleo_accounting.web.tables import CSV, FormatHere, sheet, wants_csv

router = APIRouter(route_class=Guarded, dependencies=[BEARER], tags=["Sync"])

USAGE_DAYS = 30


@router.get(f"{ONE}/runs", response_model=Page[RunOut], responses=errors())
@needs(Rank.VIEWER)
def list_runs(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    paging: PagingHere,
    state: Annotated[RunState | None, Query(description="Only runs in this state.")] = None,
) -> Response:
    """List runs, newest first."""
    found, total = progress.list_runs(
        house,
        business_id,
        integration_id,
        state=states.RunState(state) if state else None,
        limit=paging.limit,
        offset=paging.offset,
    )
    return page(request, [shown.run(one) for one in found], total, paging)


@router.get(f"{ONE}/runs/{{runId}}", response_model=SyncStatusOut, responses=errors())
@needs(Rank.VIEWER)
async def get_run(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    run_id: RunId,
) -> Response:
    """Get a run and its progress."""
    return await say_shared(
        request,
        lambda: shown.sync_status(progress.status(house, business_id, integration_id, run_id)),
    )


@router.get(
    f"{ONE}/runs/{{runId}}/items", response_model=Page[ItemOut], responses={**CSV, **errors()}
)
@needs(Rank.VIEWER)
def list_items(
    request: Request,
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    run_id: RunId,
    paging: PagingHere,
    entity_type: Annotated[EntityType | None, Query(alias="entityType")] = None,
    state: Annotated[list[ItemState] | None, Query(max_length=7)] = None,
    code: Annotated[str | None, Query(pattern=r"^[a-z_]{1,40}$", examples=["look_alike"])] = None,
    needs_attention: Annotated[  # noqa: FBT002  a filter as it came
        bool, Query(alias="needsAttention", description="Only items that need attention.")
    ] = False,
    search: Search = None,
    format_: FormatHere = "json",
) -> Response:
    """List the result of each record of a run. Unchanged records are counted but not listed."""
    wanted: dict[str, Any] = {
        "entity_type": entity_type,
        "states": [states.ItemState(one) for one in state or ()],
        "code": code,
        "needs_attention": needs_attention,
        "search": search,
    }
    if wants_csv(request, format_):
        history.run_of(house, business_id, integration_id, run_id)
        rows = sheets.items(house, business_id, integration_id, run_id, wanted)
        return sheet("items", sheets.ITEMS, rows)
    found, total = progress.items(
        house,
        business_id,
        integration_id,
        run_id,
        limit=paging.limit,
        offset=paging.offset,
        **wanted,
    )
    return page(request, [shown.item(one) for one in found], total, paging)


@router.post(
    f"{ONE}/runs/{{runId}}/cancel", status_code=202, response_model=RunOut, responses=errors()
)
@needs(Rank.BOOKKEEPER)
def cancel_run(
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    run_id: RunId,
) -> Response:
    """Cancel a run once its current requests have finished.

    Records already sent stay in QuickBooks.
    """
    one = sync.cancel(house, business_id, integration_id, run_id, caller.user_id)
    return say(shown.run(one), 202)


@router.post(
    f"{ONE}/runs/{{runId}}/retry",
    status_code=202,
    response_model=RunOut,
    responses=errors(409),
)
@needs(Rank.BOOKKEEPER)
def retry_run(
    request: Request,
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    run_id: RunId,
    code: Annotated[
        str | None,
        Query(
            pattern=r"^[a-z_]{1,40}$",
            description="Only records with this cause.",
            examples=["name_taken"],
        ),
    ] = None,
    key: KeyHeader = None,
) -> Response:
    """Retry the failed records of a run, or only those with one cause."""

    def act(within: House) -> Answer:
        return _again(within, caller, business_id, integration_id, run_id, code=code)

    return act_once(request, house, caller, key, None, act)


@router.post(
    f"{ONE}/runs/{{runId}}/items/{{itemId}}/retry",
    status_code=202,
    response_model=RunOut,
    responses=errors(409),
)
@needs(Rank.BOOKKEEPER)
def retry_item(
    request: Request,
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    run_id: RunId,
    item_id: Annotated[int, Path(alias="itemId", ge=1, le=NUMBER_MAX, examples=[4711])],
    key: KeyHeader = None,
) -> Response:
    """Retry a failed item."""

    def act(within: House) -> Answer:
        return _again(within, caller, business_id, integration_id, run_id, item_id)

    return act_once(request, house, caller, key, None, act)


@router.get(
    f"{ONE}/runs/{{runId}}/against-preview",
    response_model=AgainstPreviewOut,
    responses=errors(),
)
@needs(Rank.VIEWER)
def against_preview(
    house: HouseHere, business_id: BusinessId, integration_id: IntegrationId, run_id: RunId
) -> Response:
    """Compare a finished sync with its preview."""
    found = promise.kept(house, business_id, integration_id, run_id)
    if found is None:
        raise Missing("This sync has no preview to compare with, or has not ended yet.")
    return say(shown.against_preview(found))


@router.get(f"{ONE}/usage", response_model=UsageOut, responses=errors())
@needs(Rank.VIEWER)
def usage(
    house: HouseHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    days: Annotated[int, Query(ge=1, le=366)] = USAGE_DAYS,
) -> Response:
    """Count the requests that runs, refreshes and comparisons made to QuickBooks.

    Intuit meters reads.
    """
    since = house.clock.now() - timedelta(days=days)
    spent = spending.spent(house, business_id, integration_id, since)
    counted = {name: spent.get(name, 0) for name in spending.COUNTED}
    return say(UsageOut(days=days, **counted))


async def _followed(
    request: Request,
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    integration_id: IntegrationId,
    run_id: RunId,
) -> AsyncIterator[AsyncIterator[RunStatus]]:
    """Reserve a stream and yield the run's status every second while the token may see it.

    A missing run is detected here, while the response can still be an error.
    """
    poll = partial(progress.status, house, business_id, integration_id, run_id)
    await run_in_threadpool(poll)
    may = partial(still_admitted, request, caller)
    streams: Streams = request.app.state.streams
    with streams.seat(caller.user_id, business_id):
        key = ("run", business_id, integration_id, run_id)
        async with aclosing(streams.follow(key, poll, may)) as followed:
            yield followed


@router.get(f"{ONE}/runs/{{runId}}/events", response_class=EventSourceResponse, responses=errors())
@needs(Rank.VIEWER)
async def follow_run(
    followed: Annotated[AsyncIterator[RunStatus], Depends(_followed)],
) -> AsyncIterator[ServerSentEvent]:
    """Stream a run's progress: a `progress` event for each change, and `done` at the end."""
    before, number = None, 0
    async for status in followed:
        body = shown.sync_status(status).model_dump(mode="json", by_alias=True)
        over = status.state not in OPEN
        if body != before or over:
            yield ServerSentEvent(data=body, event="done" if over else "progress", id=str(number))
        if over:
            return
        before, number = body, number + 1


def _again(
    house: House,
    caller: Caller,
    business_id: str,
    integration_id: str,
    run_id: str,
    item_id: int | None = None,
    code: str | None = None,
) -> Answer:
    one = connect.integration(house, business_id, integration_id)
    earlier = progress.status(house, business_id, integration_id, run_id).run
    run = sync.request(
        house,
        one,
        earlier.entity_types if earlier else tuple(ENTITY_TYPES),
        dry_run=False,
        trigger=Trigger.RETRY,
        by=caller.user_id,
        failed_only_of=run_id,
        item_id=item_id,
        code=code,
    )
    return answer(shown.run(run), 202, where_run(business_id, integration_id, run.id))
