"""The overview page: the live state of a business, and the next thing to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import asdict
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from cleo_accounting.core.kinds import ENTITY_TYPES
from cleo_accounting.core.states import RunState, Trigger
from cleo_accounting.errors import Conflict
from cleo_accounting.flows.admin.session import Note
from cleo_accounting.flows.company import steer
from cleo_accounting.flows.reporting import reconcile, survey
from cleo_accounting.flows.reporting.document import PaymentCounts, payment_counts
from cleo_accounting.flows.reporting.reconcile import Compared
from cleo_accounting.flows.reporting.survey import BusinessState, Survey
from cleo_accounting.flows.run import sync
from cleo_accounting.store.access import Rank
from cleo_accounting.store.runs import OPEN
from cleo_accounting.web.pages.guard import (
    BY_ITSELF,
    PLACE,
    Shown,
    Visit,
    VisitHere,
    held,
    still_here,
)
from cleo_accounting.web.pages.render import go, show, teller
from cleo_accounting.web.pages.words import INTUIT_STATUS, done_of, todo_lines, words
from cleo_accounting.web.streams import Streams

router = APIRouter(route_class=Shown, include_in_schema=False)

_MOVING = (
    BusinessState.CONNECTING,
    BusinessState.SYNCING,
    BusinessState.WAITING,
    BusinessState.UPSTREAM_DOWN,
    BusinessState.PAUSED_BY_USER,
)


@router.get(PLACE)
def overview(visit: VisitHere) -> Response:
    """Show the state of the business."""
    found = survey.survey(visit.house, visit.business_id)
    one = found.integration
    done, total = done_of(found.sync)
    return show(
        visit,
        "overview.html",
        tab="overview",
        badges={"mapping": found.todo.total, "issues": found.issues.total},
        integration=one,
        found=found,
        words=words(found, teller(visit, one)),
        todo=todo_lines(found.todo),
        done=done,
        total=total,
        payments=payment_counts(visit.house, visit.business_id, one.id) if one else PaymentCounts(),
        compared=reconcile.compared(visit.house, visit.business_id, one.id) if one else Compared(),
        is_moving=_is_moving(found),
        outside_status=INTUIT_STATUS,
        entity_types=ENTITY_TYPES,
    )


async def _followed(visit: VisitHere) -> AsyncIterator[AsyncIterator[Survey]]:
    """Reserve a stream and yield the state of the business until the session ends."""
    streams: Streams = visit.request.app.state.streams
    poll = partial(survey.survey, visit.house, visit.business_id)
    with streams.seat(visit.session.id, visit.business_id):
        key, may = ("page", visit.business_id), partial(still_here, visit)
        async with aclosing(streams.follow(key, poll, may)) as followed:
            yield followed


@router.get(PLACE + BY_ITSELF, response_class=EventSourceResponse)
async def events(
    visit: VisitHere, followed: Annotated[AsyncIterator[Survey], Depends(_followed)]
) -> AsyncIterator[ServerSentEvent]:
    """Stream the state of the business whenever it changes."""
    before, number = None, 0
    async for found in followed:
        told = _told(visit, found)
        if told != before:
            yield ServerSentEvent(data=told, event="state", id=str(number))
        before, number = told, number + 1


@router.post(f"{PLACE}/sync")
def sync_now(visit: VisitHere) -> Response:
    """Start a sync of everything or of one kind.

    The first sync requires a recent preview, or an explicit choice to skip it.
    """
    visit.must(Rank.BOOKKEEPER)
    found = survey.survey(visit.house, visit.business_id)
    one = held(visit)
    if not found.ever_synced:
        previewed = found.preview.state == RunState.SUCCEEDED and not found.preview_is_old
        if not previewed and visit.form.one("skip_preview") != "yes":
            raise Conflict("Review the preview before the first sync.", code="preview_first")
        if one.confirmed_at is None:
            raise Conflict("Confirm the company first.", code="confirm_first")
    wanted = visit.form.one("kind")
    kinds = [wanted] if wanted else list(ENTITY_TYPES)
    sync.request(visit.house, one, kinds, trigger=Trigger.PAGE, by=visit.by)
    return go(visit, "")


@router.post(f"{PLACE}/cancel")
def cancel(visit: VisitHere) -> Response:
    """Cancel the run in progress."""
    visit.must(Rank.BOOKKEEPER)
    run_id = visit.form.one("run")
    sync.cancel(visit.house, visit.business_id, held(visit).id, run_id, visit.by)
    return go(
        visit,
        "",
        Note("The sync stops after its current requests. Records already sent stay in QuickBooks."),
    )


@router.post(f"{PLACE}/pause")
def pause(visit: VisitHere) -> Response:
    """Pause sending."""
    visit.must(Rank.BOOKKEEPER)
    steer.pause(visit.house, visit.business_id, held(visit).id, visit.by)
    return go(visit, "")


@router.post(f"{PLACE}/resume")
def resume(visit: VisitHere) -> Response:
    """Resume sending."""
    visit.must(Rank.BOOKKEEPER)
    steer.resume(visit.house, visit.business_id, held(visit).id, visit.by)
    return go(visit, "", Note("Sending resumed."))


def _told(visit: Visit, found: Survey) -> dict[str, object]:
    said = words(found, teller(visit, found.integration))
    done, total = done_of(found.sync)
    return {
        "state": found.state,
        "key": _key(found),
        "title": said.title,
        "sentence": said.sentence,
        "done": done,
        "total": total,
        "todo": found.todo.total,
        "issues": found.issues.total,
        "tallies": {name: asdict(tally) for name, tally in found.sync.tallies.items()},
    }


def _key(found: Survey) -> str:
    """Return the key whose change makes the page reload; numbers are updated in place."""
    return f"{found.state}:{found.preview.state}"


def _is_moving(found: Survey) -> bool:
    return found.state in _MOVING or found.preview.state in OPEN
