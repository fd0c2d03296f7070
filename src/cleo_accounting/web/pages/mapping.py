"""The mapping pages: match connections and funding sources with QuickBooks, with suggestions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import HTMLResponse

from cleo_accounting.core import kinds
from cleo_accounting.core.decision import Decision
from cleo_accounting.core.kinds import ENTITY_TYPES
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import Conflict, Invalid
from cleo_accounting.flows.admin.session import Note
from cleo_accounting.flows.mapping import choose, matching, pair
from cleo_accounting.flows.mapping.matching import Choice
from cleo_accounting.flows.mapping.pair import BANK_ACCOUNT, CUSTOMER, VENDOR, Target
from cleo_accounting.flows.reporting import survey
from cleo_accounting.flows.run import sync
from cleo_accounting.flows.work import errands
from cleo_accounting.store.access import Rank
from cleo_accounting.store.errands import Verb
from cleo_accounting.web.pages.guard import PLACE, Shown, Visit, VisitHere, held
from cleo_accounting.web.pages.render import fragment, go, show
from cleo_accounting.web.teller import counted, short

if TYPE_CHECKING:
    from cleo_accounting.store.integrations import Integration

router = APIRouter(route_class=Shown, include_in_schema=False)

ROWS = 25
FOUND = 12
TARGETS: Mapping[str, Target] = {"vendors": VENDOR, "customers": CUSTOMER, "banks": BANK_ACCOUNT}
_TABS = {target.remote_kind: tab for tab, target in TARGETS.items()}
SHOWS = (
    ("todo", "To do"),
    ("unmapped", "Not matched"),
    ("mapped", "Matched"),
    ("left_out", "Left out"),
    ("all", "All"),
)

Tab = Annotated[str, Path(pattern="^(vendors|customers|banks)$")]
RecordId = Annotated[str, Path(alias="recordId", pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
Words = Annotated[str, Query(max_length=100)]
At = Annotated[int, Query(ge=1, le=100_000)]


def tab_of(kind: str) -> str:
    """Return the tab that matches a kind of record, or the vendor or customer that it names."""
    one = kinds.of(RemoteKind(kind))
    party = one.party if isinstance(one, kinds.EntryKind) else one.remote
    return _TABS.get(party, "vendors")


@router.get(f"{PLACE}/mapping")
def mapping(visit: VisitHere) -> Response:
    """Redirect to the first tab on which something is left to do."""
    todo = survey.todo(visit.house, held(visit))
    fields = todo.expense_account or todo.income
    tabs = (("fields", fields), ("vendors", todo.vendors), ("customers", todo.customers))
    tab = next((name for name, number in tabs if number), "banks" if todo.bank_accounts else "")
    return go(visit, f"/mapping/{tab}?show=todo" if tab else "/mapping/vendors")


@router.get(f"{PLACE}/mapping/{{tab}}")
def table(
    visit: VisitHere,
    tab: Tab,
    show_: Annotated[str, Query(alias="show")] = "all",
    search: Words = "",
    page: At = 1,
) -> Response:
    """Show the table of vendors, customers or bank accounts."""
    one = held(visit)
    wanted = show_ if show_ in matching.SHOWS else "all"
    rows, total = matching.table(
        visit.house,
        visit.business_id,
        one.id,
        TARGETS[tab],
        show=wanted,
        search=search.strip() or None,
        limit=ROWS,
        offset=(page - 1) * ROWS,
    )
    facts: dict[str, Any] = {
        "rows": rows,
        "total": total,
        "page": page,
        "pages": -(-total // ROWS),
        "subtab": tab,
        "shown": wanted,
        "search": search,
        "called": TARGETS[tab].called,
        "link": f"?{urlencode({'show': wanted, 'search': search})}&",
        "may": visit.may(Rank.BOOKKEEPER),
    }
    if visit.request.headers.get("x-part") == "results":
        return HTMLResponse(fragment(visit, "mapping_rows.html", one, **facts))
    todo = survey.todo(visit.house, one)
    return show(
        visit,
        "mapping.html",
        tab="mapping",
        badges={"mapping": todo.total},
        integration=one,
        todo=todo,
        shows=SHOWS,
        **facts,
    )


@router.post(f"{PLACE}/mapping/{{tab}}/accept")
def accept(visit: VisitHere, tab: Tab) -> Response:
    """Accept the selected suggestions together."""
    visit.must(Rank.BOOKKEEPER)
    chosen = [_choice(text) for text in visit.form.every("accept")]
    if not chosen:
        note = Note("No rows were selected, so nothing was matched.", "bad")
        return go(visit, f"/mapping/{tab}?show=unmapped", note)
    one = held(visit)
    done = matching.accept(visit.house, visit.business_id, one.id, TARGETS[tab], chosen, visit.by)
    text = f"Matched {counted(done.number, TARGETS[tab].called)}."
    if done.late:
        names = ", ".join(short(name, 40) for name in done.late[:3])
        text += f" Someone else matched {names} first. Review their choice."
    back = (("at", done.at.isoformat()),) if done.number else ()
    note = Note(text, "bad" if done.late else "good", _undo(tab) if back else "", back)
    return go(visit, f"/mapping/{tab}?show=unmapped", note)


@router.post(f"{PLACE}/mapping/{{tab}}/undo")
def undo(visit: VisitHere, tab: Tab) -> Response:
    """Undo the matches that were accepted together."""
    visit.must(Rank.BOOKKEEPER)
    at = visit.form.moment("at")
    number = matching.undo(
        visit.house, visit.business_id, held(visit).id, TARGETS[tab], at, visit.by
    )
    return go(
        visit, f"/mapping/{tab}", Note(f"Undone: {counted(number, 'match', 'matches')} removed.")
    )


@router.get(f"{PLACE}/mapping/{{tab}}/{{recordId}}")
def case(
    visit: VisitHere,
    tab: Tab,
    record_id: RecordId,
    search: Words = "",
    to: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Show one record with its suggestions, search, other choices and history."""
    one = held(visit)
    found = matching.case(visit.house, visit.business_id, one.id, TARGETS[tab], record_id)
    listed, total = pair.listed(
        visit.house,
        visit.business_id,
        one.id,
        TARGETS[tab],
        search=search.strip() or None,
        active=None,
        limit=FOUND,
        offset=0,
    )
    facts: dict[str, Any] = {
        "case": found,
        "listed": listed if search.strip() or tab == "banks" else (),
        "total": total,
        "search": search,
        "subtab": tab,
        "called": TARGETS[tab].called,
        "may": visit.may(Rank.BOOKKEEPER),
    }
    if visit.request.headers.get("x-part") == "results":
        return HTMLResponse(fragment(visit, "case_results.html", one, **facts))
    asked = next((each for each in listed if each.remote.id == to), None)
    clearing = asked.remote.full_name if asked and asked.clearing else found.clearing
    history = [(entry, _what(json.loads(entry.facts), entry.what)) for entry in found.history]
    return show(
        visit,
        "case.html",
        tab="mapping",
        integration=one,
        asked=asked,
        clearing=clearing,
        history=history,
        **facts,
    )


@router.post(f"{PLACE}/mapping/{{tab}}/{{recordId}}/map")
def map_to(
    visit: VisitHere,
    tab: Tab,
    record_id: RecordId,
) -> Response:
    """Map one record; a bank account needs a confirmation first."""
    visit.must(Rank.BOOKKEEPER)
    one = held(visit)
    remote_id = visit.form.one("to")
    if tab == "banks" and visit.form.one("sure") != "yes":
        return go(visit, f"/mapping/banks/{record_id}?{urlencode({'to': remote_id})}")
    choice = Choice(record_id, remote_id, visit.form.one("was"))
    done = matching.accept(visit.house, visit.business_id, one.id, TARGETS[tab], [choice], visit.by)
    if done.late:
        raise Conflict(
            "Someone else matched this record first. Go back and reload to see their choice.",
            code="stale",
        )
    _go_on(visit, one)
    note = Note("Matched.", "good", _undo(tab), (("at", done.at.isoformat()),))
    return go(visit, f"/mapping/{tab}/{record_id}", note)


@router.post(f"{PLACE}/mapping/{{tab}}/{{recordId}}/unmap")
def unmap(
    visit: VisitHere,
    tab: Tab,
    record_id: RecordId,
) -> Response:
    """Remove a mapping; nothing changes in QuickBooks."""
    visit.must(Rank.BOOKKEEPER)
    one = held(visit)
    pair.unpair(visit.house, visit.business_id, one.id, TARGETS[tab], record_id, visit.by)
    return go(visit, f"/mapping/{tab}/{record_id}", Note("The match was removed."))


@router.post(f"{PLACE}/mapping/{{tab}}/{{recordId}}/decide")
def decide(
    visit: VisitHere,
    tab: Tab,
    record_id: RecordId,
) -> Response:
    """Create the record as a new entry, leave it out, or bring it back."""
    visit.must(Rank.BOOKKEEPER)
    one = held(visit)
    word, value = visit.form.one("decision"), visit.form.one("value").strip()
    said: dict[str, str] = {
        Decision.CREATE_AS: f"It will be created as {short(value)} in the next sync.",
        Decision.LEAVE_OUT: "Left out.",
        Decision.BRING_BACK: "Brought back.",
    }
    if word not in said:
        raise Invalid("There is no such choice.")
    kind = TARGETS[tab].remote_kind
    choose.decide(visit.house, visit.business_id, one.id, kind, record_id, word, value, visit.by)
    _go_on(visit, one)
    back = (("decision", Decision.BRING_BACK),) if word == Decision.LEAVE_OUT else ()
    note = Note(said[word], "good", f"/mapping/{tab}/{record_id}/decide" if back else "", back)
    return go(visit, f"/mapping/{tab}/{record_id}", note)


@router.post(f"{PLACE}/refresh")
def refresh(visit: VisitHere) -> Response:
    """Request a refresh of the lists from QuickBooks."""
    visit.must(Rank.BOOKKEEPER)
    errands.ask_to(visit.house, visit.business_id, held(visit).id, Verb.LOOK)
    note = Note("The lists are being refreshed. Reload this page in a few seconds.")
    back = visit.form.one("back")
    return go(visit, f"/mapping/{back}" if back in TARGETS else "/mapping/vendors", note)


def _go_on(visit: Visit, one: Integration) -> None:
    """Renew the preview, if there is one and nothing was synced yet, to include a change."""
    found = survey.survey(visit.house, visit.business_id)
    if not found.ever_synced and found.preview.run is not None:
        sync.request(
            visit.house, one, list(ENTITY_TYPES), dry_run=True, trigger=Trigger.PAGE, by=visit.by
        )


def _choice(text: str) -> Choice:
    record_id, _, rest = text.partition("|")
    remote_id, _, was = rest.partition("|")
    return Choice(record_id, remote_id, was)


def _undo(tab: str) -> str:
    return f"/mapping/{tab}/undo"


def _what(facts: Mapping[str, str], what: str) -> str:
    """Describe an entry of the record's history in words."""
    if what == "mapped":
        return f"matched it with {short(facts.get('remote_name') or '')}"
    if what == "unmapped":
        return "removed the match"
    said: dict[str, str] = {
        Decision.CREATE_AS: f"chose to create it as {short(facts.get('value', ''))}",
        Decision.SAME_AS: "marked it as the same as another connection",
        Decision.LEAVE_OUT: f"left it out: {short(facts.get('value', ''), 200)}",
        Decision.BRING_BACK: "brought it back",
    }
    return said.get(facts.get("decision", ""), "made a decision")
