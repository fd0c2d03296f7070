"""The comparison page: differences between our records and QuickBooks, and removing duplicates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response

from cleo_accounting.core.decision import Decision
from cleo_accounting.core.kinds import ENTRIES
from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.admin.session import Note
from cleo_accounting.flows.mapping import choose
from cleo_accounting.flows.reporting import reconcile
from cleo_accounting.flows.run import sync
from cleo_accounting.flows.work import errands
from cleo_accounting.store.access import Rank
from cleo_accounting.store.errands import Verb
from cleo_accounting.web.pages.guard import PLACE, Shown, VisitHere, held
from cleo_accounting.web.pages.render import go, show
from cleo_accounting.web.teller import counted

router = APIRouter(route_class=Shown, include_in_schema=False)

ROWS = 50
_DECISIONS = (
    (Decision.KEEP_THEIRS, "Keep QuickBooks version"),
    (Decision.SEND_OURS, "Send Cleo Pay version"),
    (Decision.CREATE_AGAIN, "Create it again"),
    (Decision.LEAVE_OUT, "Leave it out"),
    (Decision.REMOVE_THERE, "Remove it in QuickBooks"),
    (Decision.UNLINK, "Unlink"),
)
_DECIDED: Mapping[str, str] = {
    Decision.KEEP_THEIRS: "The QuickBooks version is kept and no longer reported as a difference.",
    Decision.SEND_OURS: "The Cleo Pay version is being sent.",
    Decision.CREATE_AGAIN: "It is being created again.",
    Decision.LEAVE_OUT: "It is left out.",
    Decision.REMOVE_THERE: (
        "It is being removed from QuickBooks, unless it was paid or changed there."
    ),
    Decision.UNLINK: "It is no longer linked.",
}
_SENDS = (Decision.SEND_OURS, Decision.CREATE_AGAIN, Decision.REMOVE_THERE)


@router.get(f"{PLACE}/compare")
def compare(visit: VisitHere, page: Annotated[int, Query(ge=1, le=100_000)] = 1) -> Response:
    """Show the result of the latest comparison."""
    one = held(visit)
    compared = reconcile.compared(visit.house, visit.business_id, one.id)
    differing = compared.differing
    return show(
        visit,
        "compare.html",
        tab="activity",
        integration=one,
        compared=compared,
        whole=compared.summary,
        decisions=_DECISIONS,
        rows=ROWS,
        some=differing[(page - 1) * ROWS : page * ROWS],
        page=page,
        pages=-(-len(differing) // ROWS),
        address_of=visit.house.provider.address_of,
    )


@router.post(f"{PLACE}/compare")
def compare_now(visit: VisitHere) -> Response:
    """Request a new comparison of all documents and payments."""
    visit.must(Rank.BOOKKEEPER)
    errands.ask_to(visit.house, visit.business_id, held(visit).id, Verb.RECONCILE)
    return go(visit, "/compare", Note("A new comparison has started."))


@router.post(f"{PLACE}/compare/decide")
def decide(visit: VisitHere) -> Response:
    """Save a decision about a differing document or payment, and sync if the decision sends it."""
    visit.must(Rank.BOOKKEEPER)
    one = held(visit)
    word = visit.form.one("decision")
    kind = next((each for each in ENTRIES if each.value == visit.form.one("kind")), None)
    if word not in _DECIDED or kind is None:
        raise Invalid("There is no such choice.")
    value = "It was deleted or voided in QuickBooks." if word == Decision.LEAVE_OUT else ""
    record_id = visit.form.one("record")
    where = (visit.house, visit.business_id, one.id)
    choose.decide(*where, kind, record_id, word, value, visit.by)
    if word in _SENDS:
        sync.request(visit.house, one, ["invoices"], trigger=Trigger.REPAIR, by=visit.by)
    return go(visit, "/compare", Note(_DECIDED[word]))


@router.post(f"{PLACE}/compare/remove-copies")
def remove_copies(visit: VisitHere) -> Response:
    """Mark the duplicates for removal, and start a sync that removes them."""
    visit.must(Rank.BOOKKEEPER)
    one = held(visit)
    number = reconcile.remove_duplicates(visit.house, visit.business_id, one.id, visit.by)
    if number:
        sync.request(visit.house, one, ["invoices"], trigger=Trigger.REPAIR, by=visit.by)
    goes = counted(number, "copy is", "copies are")
    return go(visit, "/compare", Note(f"{goes} being removed, unless it was paid or changed."))
