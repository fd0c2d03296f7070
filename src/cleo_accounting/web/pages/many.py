"""Bulk decisions on issues: one choice for all or selected records of a cause, and its undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Response

from cleo_accounting.core.decision import Decision
from cleo_accounting.core.kinds import ENTITY_TYPES
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.admin.session import Note
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.mapping import bulk
from cleo_accounting.flows.run import sync
from cleo_accounting.store.access import Rank
from cleo_accounting.web.pages.guard import PLACE, Shown, VisitHere, held, whole
from cleo_accounting.web.pages.render import go
from cleo_accounting.web.teller import counted, short

router = APIRouter(route_class=Shown, include_in_schema=False)

# The choices that make sense for many records of a cause, besides leaving them out.
CHOICES: Mapping[str, Sequence[tuple[str, str]]] = {
    "look_alike": (
        (bulk.LINK_SUGGESTED, "Link each to its first suggestion"),
        (bulk.CREATE_NEW, "Create each as new"),
    ),
    "name_shared": (
        (bulk.LINK_SUGGESTED, "Use the same one for both"),
        (bulk.CREATE_PROPOSED, "Create each under the proposed name"),
    ),
    "merged_away": ((bulk.LINK_SUGGESTED, "Use the merged one for each"),),
    "name_taken": ((bulk.CREATE_PROPOSED, "Create each under the proposed name"),),
    "name_not_allowed": ((bulk.CREATE_PROPOSED, "Create each under the proposed name"),),
    "possible_duplicate": (
        (bulk.LINK_SUGGESTED, "Link each to its suggestion"),
        (Decision.ANOTHER_ONE, "Send each as a separate document"),
    ),
    "duplicate_number": (
        (Decision.ANOTHER_ONE, "Send each with its number as a separate document"),
    ),
    "changed_there": (
        (Decision.KEEP_THEIRS, "Keep QuickBooks version"),
        (Decision.SEND_OURS, "Send Cleo Pay version"),
    ),
    "deleted_there": ((Decision.CREATE_AGAIN, "Create again"),),
    "already_paid_there": ((bulk.LINK_SUGGESTED, "Link each to its suggestion"),),
    "payment_changed": ((Decision.KEEP_THEIRS, "Keep QuickBooks version"),),
    "total_differs": ((Decision.KEEP_THEIRS, "Accept as is"),),
}
_TOLD = 3  # at most, of the records that the choice does not fit, are named


@router.post(f"{PLACE}/issues/decide-many")
def decide_many(visit: VisitHere) -> Response:
    """Decide on all records of a cause or the selected ones, and sync what waited for them."""
    visit.must(Rank.BOOKKEEPER)
    one = held(visit)
    word, code = visit.form.one("decision"), visit.form.one("code")
    ticked = [number for text in visit.form.every("item") if (number := whole(text))]
    every = visit.form.one("which") == "all"
    if not every and not ticked:
        return go(visit, f"/issues?code={code}", Note("No records were selected.", "bad"))
    done = bulk.decide(
        visit.house,
        visit.business_id,
        one.id,
        code=code if every else None,
        item_ids=() if every else ticked,
        word=word,
        value=visit.form.one("value").strip(),
        by=visit.by,
    )
    if done.number:
        connected = connect.integration(visit.house, visit.business_id, one.id)
        sync.request(visit.house, connected, list(ENTITY_TYPES), trigger=Trigger.PAGE, by=visit.by)
    return go(visit, "/issues", _note(word, done))


@router.post(f"{PLACE}/issues/decide-many/undo")
def undo(visit: VisitHere) -> Response:
    """Undo the decisions and links of one bulk decision."""
    visit.must(Rank.BOOKKEEPER)
    at = visit.form.moment("at")
    number = bulk.undo(visit.house, visit.business_id, held(visit).id, at, visit.by)
    note = Note(f"Undone for {counted(number, 'record')}. They will be included in the next sync.")
    return go(visit, "/issues", note)


def choices(code: str) -> Sequence[tuple[str, str]]:
    """Return the bulk choices for a cause: each decision and the label of its button."""
    return CHOICES.get(code, ())


def _note(word: str, done: bulk.Decided) -> Note:
    said = [f"{counted(done.number, 'record')} decided. {bulk.WORDS[word]}"] if done.number else []
    if done.refused:
        names = "; ".join(
            f"{short(one.label, 40)}: {short(one.refused or '', 100)}"
            for one in done.refused[:_TOLD]
        )
        said.append(f"Not decided for {counted(len(done.refused), 'record')}: {names}")
    if not said:
        said.append("No records are waiting for this reason any more.")
    undone = word in bulk.CAN_BE_UNDONE and done.number
    return Note(
        " ".join(said),
        "good" if done.number else "bad",
        "/issues/decide-many/undo" if undone else "",
        (("at", done.at.isoformat()),) if undone else (),
    )
