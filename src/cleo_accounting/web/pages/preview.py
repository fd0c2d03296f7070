"""The preview page: exactly what a sync would create, update, link and skip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from cleo_accounting.core.kinds import ENTITY_TYPES
from cleo_accounting.core.states import Action, ItemState, RunState, Trigger
from cleo_accounting.errors import Missing
from cleo_accounting.flows.admin import acts
from cleo_accounting.flows.reporting import progress, survey
from cleo_accounting.flows.reporting.progress import Item
from cleo_accounting.flows.run import sync
from cleo_accounting.store.access import Rank
from cleo_accounting.store.runs import OPEN
from cleo_accounting.web import sheets
from cleo_accounting.web.pages.guard import PLACE, Shown, VisitHere, held
from cleo_accounting.web.pages.render import go, show, teller
from cleo_accounting.web.pages.words import to_send
from cleo_accounting.web.tables import sheet

router = APIRouter(route_class=Shown, include_in_schema=False)

ROWS = 50
PARTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "create": ("Create", {"actions": [Action.CREATE]}),
    "change": ("Update", {"actions": [Action.UPDATE, Action.REMOVE]}),
    "link": ("Link", {"actions": [Action.LINK]}),
    "look": ("Needs attention", {"needs_attention": True}),
    "left": ("Skipped", {"states": [ItemState.LEFT], "quiet": True}),
}


@router.get(f"{PLACE}/preview")
def preview(
    visit: VisitHere,
    part: Annotated[str, Query(max_length=20)] = "create",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show the newest preview."""
    one = held(visit)
    found = survey.survey(visit.house, visit.business_id, preview_too=True)
    chosen = part if part in PARTS else "create"
    items: list[Item] = []
    numbers: dict[str, int] = dict.fromkeys(PARTS, 0)
    run = found.preview.run
    if run is not None and run.state == RunState.SUCCEEDED:
        numbers = dict(found.preview.parts)
        items, _ = progress.items(
            visit.house,
            visit.business_id,
            one.id,
            run.id,
            limit=ROWS,
            offset=(page - 1) * ROWS,
            documents_first=True,
            **PARTS[chosen][1],
        )
    return show(
        visit,
        "preview.html",
        tab="overview",
        badges={"mapping": found.todo.total, "issues": found.issues.total},
        integration=one,
        found=found,
        run=run,
        is_open=run is not None and run.state in OPEN,
        is_old=found.preview_is_old,
        part=chosen,
        parts_of=PARTS,
        numbers=numbers,
        items=items,
        told=to_send(found.preview, teller(visit, one)),
        page=page,
        pages=-(-numbers[chosen] // ROWS),
        link=f"?{urlencode({'part': chosen})}&",
    )


@router.post(f"{PLACE}/preview")
def make(visit: VisitHere) -> Response:
    """Start a new preview."""
    visit.must(Rank.BOOKKEEPER)
    sync.request(
        visit.house,
        held(visit),
        list(ENTITY_TYPES),
        dry_run=True,
        trigger=Trigger.PAGE,
        by=visit.by,
    )
    return go(visit, "/preview")


@router.get(f"{PLACE}/preview.csv")
def as_sheet(visit: VisitHere) -> Response:
    """Download the newest preview as CSV."""
    found = survey.survey(visit.house, visit.business_id, preview_too=True)
    if found.preview.run is None:
        raise Missing("There is no preview yet.")
    visit.house.rates.spend("sheets", visit.business_id)
    acts.note(visit.house, visit.business_id, by=visit.by, what="exported", subject="preview.csv")
    rows = sheets.items(visit.house, visit.business_id, held(visit).id, found.preview.run.id)
    return sheet("preview", sheets.ITEMS, rows)
