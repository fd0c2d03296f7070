"""The issues page: the records that wait for a person, by cause, each with its fix in the row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response

from cleo_accounting.core.cause import Cause
from cleo_accounting.core.causes import CAUSES
from cleo_accounting.core.decision import Decision
from cleo_accounting.core.kinds import ENTITY_TYPES, PARTIES, counterparts
from cleo_accounting.core.records import RecordKind
from cleo_accounting.core.states import ItemState, Trigger
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.admin.session import Note
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.mapping import choose
from cleo_accounting.flows.reporting import history, reconcile
from cleo_accounting.flows.reporting.history import Entry, Group
from cleo_accounting.flows.reporting.progress import Item
from cleo_accounting.flows.run import sync
from cleo_accounting.store.access import Rank
from cleo_accounting.web.pages import many
from cleo_accounting.web.pages.guard import PLACE, Shown, Visit, VisitHere, held, whole
from cleo_accounting.web.pages.mapping import tab_of
from cleo_accounting.web.pages.reasons import MENDED_BY
from cleo_accounting.web.pages.render import go, show
from cleo_accounting.web.teller import short

router = APIRouter(route_class=Shown, include_in_schema=False)

FIRST = 5  # of each cause
ROWS = 25
_RETRIED_MAX = 1000
_DECIDED_MAX = 500
# Causes of records that wait for others. Those others did not fail, so only a full sync sends them.
_WAIT_FOR_OTHERS = ("connection_unknown", "vendor_needed", "customer_needed")
# The decisions that can be undone later: their description, and the label of the button for it.
_DECIDED: Mapping[str, Sequence[tuple[str, str]]] = {
    Decision.LEAVE_OUT: [("Left out", "Bring back")],
    Decision.NUMBER_AS: [("Sent with the number", "Use its own number")],
    Decision.LINK_TO: [("Linked to the one in QuickBooks", "Unlink")],
}
_SAID: Mapping[str, str] = {
    Decision.CREATE_AS: "It will be created under this name.",
    Decision.SAME_AS: "Both connections use the same one in QuickBooks.",
    Decision.NUMBER_AS: "It will be sent with this number.",
    Decision.LEAVE_OUT: "Left out.",
    Decision.BRING_BACK: "Brought back.",
    Decision.CREATE_AGAIN: "It will be created again.",
    Decision.KEEP_THEIRS: "The QuickBooks version is kept.",
    Decision.SEND_OURS: "The Cleo Pay version will be sent.",
    Decision.LINK_TO: "It will be linked to the one in QuickBooks.",
    Decision.ANOTHER_ONE: "It will be sent as a separate document.",
    Decision.UNLINK: "It is no longer linked.",
    Decision.REMOVE_THERE: (
        "It is being removed from QuickBooks, unless it was paid or changed there."
    ),
}
_CONSEQUENCES = {
    "deleted_there": "It is not in QuickBooks any more.",
    "already_paid_there": "Nothing was recorded for it.",
    "payment_changed": "QuickBooks keeps the payment as it was recorded.",
    "unapplied": "What it was to pay is still open.",
    "matched_withdrawn": "It stays in QuickBooks until then.",
    "two_found": "It is in QuickBooks more than once.",
    "unanswered": "As far as we know, nothing changed in QuickBooks.",
}


@router.get(f"{PLACE}/issues")
def issues(
    visit: VisitHere,
    code: Annotated[str, Query(pattern="^[a-z_]{0,40}$")] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show the first issues of each cause or, with a code, all issues of one cause."""
    one = held(visit)
    found = history.issues(visit.house, visit.business_id, one.id)
    compared = reconcile.compared(visit.house, visit.business_id, one.id)
    groups = [group for group in found.groups if not code or group.code == code]
    entries = _entries(visit, one.id, code, page)
    shown = [
        (group, CAUSES.get(group.code, CAUSES["rejected"]), entries.get(group.code, ()))
        for group in groups
    ]
    number = groups[0].number if code and groups else 0
    return show(
        visit,
        "issues.html",
        tab="issues",
        badges={"issues": found.total},
        integration=one,
        found=found,
        shown=_first_primary(shown, elsewhere=bool(compared.removable) and not code),
        code=code,
        page=page,
        pages=-(-number // ROWS) if code else 1,
        consequence=consequence,
        tab_of=tab_of,
        choices_of=many.choices,
        mended_by=MENDED_BY,
        decided=_decided(visit, one.id),
        compared=compared,
        address_of=visit.house.provider.address_of,
    )


def _entries(
    visit: Visit, integration_id: str, code: str, page: int
) -> Mapping[str, Sequence[Entry]]:
    house, business_id = visit.house, visit.business_id
    if not code:
        return history.first_waiting(house, business_id, integration_id, FIRST)
    return {
        code: history.waiting_for(
            house, business_id, integration_id, code=code, limit=ROWS, offset=(page - 1) * ROWS
        )
    }


@router.post(f"{PLACE}/issues/decide")
def decide(visit: VisitHere) -> Response:
    """Save the decision about an issue, and sync the records that waited for it."""
    visit.must(Rank.BOOKKEEPER)
    one = held(visit)
    word, value = visit.form.one("decision"), visit.form.one("value").strip()
    if word not in _SAID:
        raise Invalid("There is no such choice.")
    item = whole(visit.form.one("item"))
    choose.decide_item(visit.house, visit.business_id, one.id, item, word, value, visit.by)
    connected = connect.integration(visit.house, visit.business_id, one.id)
    sync.request(visit.house, connected, list(ENTITY_TYPES), trigger=Trigger.PAGE, by=visit.by)
    undo = (("item", str(item)), ("decision", Decision.BRING_BACK)) if word in _DECIDED else ()
    where = "/issues/decide" if undo else ""
    note = Note(
        f"{_SAID[word]} Records that were waiting for this are being retried.", "good", where, undo
    )
    return go(visit, "/issues", note)


@router.post(f"{PLACE}/issues/retry")
def retry(visit: VisitHere) -> Response:
    """Retry one record, or all records of a cause."""
    visit.must(Rank.BOOKKEEPER)
    one = held(visit)
    run, item, code = (visit.form.one(name) for name in ("run", "item", "code"))
    if visit.form.one("cause") in _WAIT_FOR_OTHERS or code in _WAIT_FOR_OTHERS:
        run = ""
    elif code:
        some = history.waiting_for(
            visit.house, visit.business_id, one.id, code=code, limit=_RETRIED_MAX, offset=0
        )
        runs = {entry.item.run_id for entry in some}
        # If they come from several runs, a full sync retries all of them and costs no more.
        run = runs.pop() if len(runs) == 1 else ""
    else:
        history.run_of(visit.house, visit.business_id, one.id, run)
    sync.request(
        visit.house,
        one,
        list(ENTITY_TYPES),
        trigger=Trigger.RETRY,
        by=visit.by,
        failed_only_of=run or None,
        item_id=whole(item) if item and run else None,
        code=code if code and run else None,
    )
    return go(visit, "/issues", Note("Retrying. This list updates when it is done."))


_OF_PAYMENTS = counterparts(RecordKind.PAYMENT)


def consequence(item: Item) -> str:
    """Return the sentence that states what holds until an issue is resolved."""
    stands = item.remote_id is not None
    follows = (
        (item.code in _CONSEQUENCES, _CONSEQUENCES.get(item.code or "", "")),
        (item.state == ItemState.WRITTEN, "It is in QuickBooks."),
        (item.kind == "account" and stands, "It stays matched with that account until then."),
        (item.kind == "account", "It is not matched with any account."),
        (item.code == "removal_asks", "It stays in QuickBooks until then."),
        (item.state == ItemState.IN_DOUBT, "We check whether it is in QuickBooks."),
        (stands, "QuickBooks keeps the earlier version until then."),
        (item.kind in PARTIES, "Its documents wait until this is resolved."),
        (item.kind in _OF_PAYMENTS, "The payment is not recorded in QuickBooks."),
    )
    told = (words for holds, words in follows if holds)
    return next(told, "It is not in QuickBooks yet.")


Told = tuple[Group, Cause, Sequence[Entry]]


def _first_primary(
    shown: list[Told], *, elsewhere: bool
) -> list[tuple[Group, Cause, Sequence[Entry], bool]]:
    """Mark the first cause for the page's one primary button, unless that is `elsewhere`."""
    return [
        (group, cause, some, at == 0 and not elsewhere)
        for at, (group, cause, some) in enumerate(shown)
    ]


def _decided(visit: Visit, integration_id: str) -> list[tuple[str, str, str, str, str]]:
    """Return the decisions that can be undone: kind, record, description, person and button."""
    found, _ = choose.decided(
        visit.house, visit.business_id, integration_id, limit=_DECIDED_MAX, offset=0
    )
    return [
        (kind.value, record_id, f"{said}: {short(word.value, 200)}", word.by, undo)
        for kind, record_id, word in found
        for said, undo in _DECIDED.get(word.verdict, ())
    ]


@router.post(f"{PLACE}/issues/bring-back")
def bring_back(visit: VisitHere) -> Response:
    """Undo the decision about a record."""
    visit.must(Rank.BOOKKEEPER)
    one = held(visit)
    kind = next((each for each in choose.DECIDABLE if each.value == visit.form.one("kind")), None)
    if kind is None:
        raise Invalid("There is no such record.")
    choose.decide(
        visit.house,
        visit.business_id,
        one.id,
        kind,
        visit.form.one("record"),
        Decision.BRING_BACK,
        "",
        visit.by,
    )
    return go(visit, "/issues", Note("Brought back. It will be included in the next sync."))
