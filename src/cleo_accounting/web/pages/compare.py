"""Compare: our documents beside QuickBooks', to the cent; and having copies of them removed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from cleo_accounting.flows import errands, reconcile, sync
from cleo_accounting.flows.session import Note
from cleo_accounting.store.access import Rank
from cleo_accounting.store.errands import Verb
from cleo_accounting.web.pages.guard import PLACE, Shown, VisitHere, held
from cleo_accounting.web.pages.render import go, show
from cleo_accounting.web.pages.teller import counted

router = APIRouter(route_class=Shown, include_in_schema=False)

ROWS = 50


@router.get(f"{PLACE}/compare")
def compare(visit: VisitHere, page: Annotated[int, Query(ge=1, le=100_000)] = 1) -> Response:
    """What the latest comparison found."""
    one = held(visit)
    compared = reconcile.compared(visit.house, visit.business_id, one.id)
    differing = compared.differing
    return show(
        visit,
        "compare.html",
        tab="activity",
        integration=one,
        compared=compared,
        some=differing[(page - 1) * ROWS : page * ROWS],
        page=page,
        pages=-(-len(differing) // ROWS),
        address_of=visit.house.provider.address_of,
    )


@router.post(f"{PLACE}/compare")
def compare_now(visit: VisitHere) -> Response:
    """Have everything compared again."""
    visit.must(Rank.BOOKKEEPER)
    errands.ask_to(visit.house, visit.business_id, held(visit).id, Verb.RECONCILE)
    return go(visit, "/compare", Note("Everything is read anew and compared."))


@router.post(f"{PLACE}/compare/remove-copies")
def remove_copies(visit: VisitHere) -> Response:
    """Have the next sync remove what is one too many."""
    visit.must(Rank.BOOKKEEPER)
    one = held(visit)
    number = reconcile.remove_duplicates(visit.house, visit.business_id, one.id, visit.by)
    if number:
        sync.request(visit.house, one, ["invoices"], trigger="repair", by=visit.by)
    goes = counted(number, "copy is", "copies are")
    return go(visit, "/compare", Note(f"{goes} removed now, unless somebody paid or changed it."))
