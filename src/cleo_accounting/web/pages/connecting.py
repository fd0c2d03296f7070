"""Connect, come back, say that it is the right company, disconnect; and every way it may fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from cleo_accounting.core.plan import ENTITY_TYPES
from cleo_accounting.errors import AccountingError
from cleo_accounting.flows import connect, session, steer, sync
from cleo_accounting.flows.session import PERSON, Note
from cleo_accounting.store.access import Rank
from cleo_accounting.web.pages import guard, render
from cleo_accounting.web.pages.guard import PLACE, Shown, VisitHere, held

if TYPE_CHECKING:
    from cleo_accounting.flows import House
    from cleo_accounting.store.authorizations import Authorization
    from cleo_accounting.store.sessions import Session

router = APIRouter(route_class=Shown, include_in_schema=False)


@router.post(f"{PLACE}/connect")
def begin(visit: VisitHere) -> Response:
    """Begin a sign-in; the browser goes on by a page of ours, as no form may lead elsewhere."""
    visit.must(Rank.ADMIN)
    switch = visit.form.one("switch_company") == "yes"
    begun = connect.begin(
        visit.house,
        visit.business_id,
        visit.by,
        visit.house.doorway_url,
        switch_company=switch,
    )
    to = session.seal(visit.house, begun.authorization_url, "onward", visit.session.id)
    return render.go(visit, "/connect/onward?" + urlencode({"to": to}))


@router.get(f"{PLACE}/connect/onward")
def onward(visit: VisitHere, to: Annotated[str, Query(max_length=4000)] = "") -> Response:
    """Take the browser to QuickBooks."""
    url = session.unseal(visit.house, to, "onward", visit.session.id)
    if not url:
        return render.go(visit, "")
    return render.show(visit, "onward.html", url=url, badges={})


@router.get(f"{PLACE}/connect/failed")
def failed(visit: VisitHere, why: Annotated[str, Query(max_length=4000)] = "") -> Response:
    """Say why nothing was connected, and what to do."""
    plain = session.unseal(visit.house, why, "failed", visit.business_id)
    code, message = msgspec.json.decode(plain, type=tuple[str, str]) if plain else ("", "")
    return render.show(visit, "connect_failed.html", tab="overview", code=code, message=message)


@router.post(f"{PLACE}/confirm")
def confirm(visit: VisitHere) -> Response:
    """Take the company for the right one; a preview is made ready at once, nothing is written."""
    visit.must(Rank.ADMIN)
    one = steer.confirm(visit.house, visit.business_id, held(visit).id, visit.by)
    sync.request(visit.house, one, list(ENTITY_TYPES), dry_run=True, trigger="page", by=visit.by)
    return render.go(visit, "")


@router.get(f"{PLACE}/disconnect")
def ask(visit: VisitHere) -> Response:
    """Say what stops and what stays, before anything happens."""
    return render.show(visit, "disconnect.html", tab="settings")


@router.post(f"{PLACE}/disconnect")
def disconnect(visit: VisitHere) -> Response:
    """Let go of the company."""
    visit.must(Rank.ADMIN)
    connect.disconnect(visit.house, visit.business_id, visit.by)
    return render.go(visit, "", Note("Disconnected. Everything that was sent stays in QuickBooks."))


def person(request: Request, house: House, started: Authorization | None) -> Session | None:
    """Say who at our page comes back from a sign-in, if it was begun there, in this browser."""
    if started is None or not started.user_id.startswith(PERSON):
        return None
    found = guard.visitor(request, house, started.business_id)
    return found if found and found.user_id == started.user_id else None


def anybody(request: Request, house: House) -> Session | None:
    """Say who has a page of ours open in this browser, when a sign-in is no longer known."""
    found = open_to(request, house)
    return found[0] if len(found) == 1 else None


def open_to(request: Request, house: House) -> list[Session]:
    """Return the sessions that this browser has at our pages."""
    return session.opened(
        house, [value for name, value in request.cookies.items() if guard.is_ours(name)]
    )


def returned(house: House, found: Session, refusal: AccountingError | None = None) -> Response:
    """Send whoever came back to the page, to an address that tells nobody anything."""
    where = guard.place(found.business_id)
    if refusal:
        why = msgspec.json.encode((refusal.code, refusal.message)).decode()
        sealed = session.seal(house, why, "failed", found.business_id)
        where += "/connect/failed?" + urlencode({"why": sealed})
    return RedirectResponse(house.public_url + where, status_code=303)
