"""The pages to connect a company, finish the sign-in, confirm the company, and disconnect.

A company that comes back from QuickBooks is kept as an offer until a person of the business accepts
it on the page `connect/finish`, in the same browser (`flows.company.offer`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from cleo_accounting.core.kinds import ENTITY_TYPES
from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import AccountingError
from cleo_accounting.flows.admin import session
from cleo_accounting.flows.admin.session import PERSON, Note
from cleo_accounting.flows.company import connect, offer, steer
from cleo_accounting.flows.run import sync
from cleo_accounting.store.access import Rank
from cleo_accounting.web.pages import guard, render
from cleo_accounting.web.pages.guard import PLACE, Shown, VisitHere, held

if TYPE_CHECKING:
    from cleo_accounting.flows import House
    from cleo_accounting.store.authorizations import Authorization
    from cleo_accounting.store.integrations import Integration
    from cleo_accounting.store.sessions import Session
    from cleo_accounting.web.pages.guard import Visit

router = APIRouter(route_class=Shown, include_in_schema=False)

FINISH = "/connect/finish"


@router.post(f"{PLACE}/connect")
def begin(visit: VisitHere) -> Response:
    """Begin a sign-in; go on by a page of ours, as the CSP keeps forms from leading elsewhere."""
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
    """Send the browser on to QuickBooks, or back to the operator's page."""
    url = session.unseal(visit.house, to, "onward", visit.session.id)
    if not url:
        return render.go(visit, "")
    back = bool(visit.house.return_url) and url.startswith(visit.house.return_url)
    return render.show(visit, "onward.html", url=url, back=back, badges={})


@router.get(f"{PLACE}/connect/failed")
def failed(visit: VisitHere, why: Annotated[str, Query(max_length=4000)] = "") -> Response:
    """Show why nothing was connected, and what to do."""
    plain = session.unseal(visit.house, why, "failed", visit.business_id)
    code, message = msgspec.json.decode(plain, type=tuple[str, str]) if plain else ("", "")
    return render.show(visit, "connect_failed.html", tab="overview", code=code, message=message)


@router.get(f"{PLACE}/connect/finish")
def ask_to_finish(visit: VisitHere) -> Response:
    """Ask whether to connect the offered company to this business."""
    found = offer.find(visit.house, offer_secret(visit.request, visit.house), visit.business_id)
    refusal = connect.over() if found is None else offer.objection(visit.house, found)
    if found is None or refusal is not None:
        return render.show(
            visit,
            "connect_failed.html",
            tab="overview",
            code=refusal.code if refusal else "",
            message=refusal.message if refusal else "",
        )
    return render.show(visit, "connect_finish.html", offer=found)


@router.post(f"{PLACE}/connect/finish")
def finish(visit: VisitHere) -> Response:
    """Connect the offered company and start a preview; nothing is written to QuickBooks."""
    visit.must(Rank.ADMIN)
    secret = offer_secret(visit.request, visit.house)
    found = offer.find(visit.house, secret, visit.business_id)
    try:
        one = offer.accept(visit.house, secret, visit.business_id, visit.by)
    except AccountingError as refusal:
        return returned(visit.house, visit.session, refusal)
    if one.confirmed_at is None:
        _confirm(visit, one)
    begun_here = found is None or found.started.user_id.startswith(PERSON)
    answer = render.go(visit, "" if begun_here else _onward(visit, one.id))
    forget_offer(answer, visit.house)
    return answer


@router.post(f"{PLACE}/connect/decline")
def decline(visit: VisitHere) -> Response:
    """Decline the offered company."""
    visit.must(Rank.ADMIN)
    secret = offer_secret(visit.request, visit.house)
    offer.decline(visit.house, secret, visit.business_id, visit.by)
    answer = render.go(visit, "", Note("Nothing was connected."))
    forget_offer(answer, visit.house)
    return answer


def _onward(visit: Visit, integration_id: str) -> str:
    """Return the path to which the browser goes after a sign-in that was begun over the API."""
    if not visit.house.return_url:
        return ""
    url = with_query(
        visit.house.return_url, status="connected", accountingIntegrationId=integration_id
    )
    to = session.seal(visit.house, url, "onward", visit.session.id)
    return "/connect/onward?" + urlencode({"to": to})


@router.post(f"{PLACE}/confirm")
def confirm(visit: VisitHere) -> Response:
    """Confirm the connected company and start a preview; nothing is written to QuickBooks."""
    visit.must(Rank.ADMIN)
    _confirm(visit, held(visit))
    return render.go(visit, "")


def _confirm(visit: Visit, one: Integration) -> None:
    one = steer.confirm(visit.house, visit.business_id, one.id, visit.by)
    sync.request(
        visit.house, one, list(ENTITY_TYPES), dry_run=True, trigger=Trigger.PAGE, by=visit.by
    )


@router.get(f"{PLACE}/disconnect")
def ask(visit: VisitHere) -> Response:
    """Show what a disconnect stops and what it keeps, and ask for confirmation."""
    return render.show(visit, "disconnect.html", tab="settings")


@router.post(f"{PLACE}/disconnect")
def disconnect(visit: VisitHere) -> Response:
    """Disconnect the company."""
    visit.must(Rank.ADMIN)
    connect.disconnect(visit.house, visit.business_id, visit.by)
    return render.go(visit, "", Note("Disconnected. Everything that was sent stays in QuickBooks."))


def person(request: Request, house: House, started: Authorization | None) -> Session | None:
    """Return the session of the person who began a sign-in on our page, if in this browser."""
    if started is None or not started.user_id.startswith(PERSON):
        return None
    found = guard.visitor(request, house, started.business_id)
    return found if found and found.user_id == started.user_id else None


def anybody(request: Request, house: House) -> Session | None:
    """Return this browser's session if it has exactly one, for a sign-in that is unknown."""
    found = open_to(request, house)
    return found[0] if len(found) == 1 else None


def open_to(request: Request, house: House) -> list[Session]:
    """Return the page sessions that this browser has."""
    return session.opened(
        house, [value for name, value in request.cookies.items() if guard.is_ours(name)]
    )


def returned(house: House, found: Session, refusal: AccountingError | None = None) -> Response:
    """Redirect to the business's page or, for an error, to a page that shows it.

    The error is sealed in the URL, which reveals nothing.
    """
    where = guard.place(found.business_id)
    if refusal:
        why = msgspec.json.encode((refusal.code, refusal.message)).decode()
        sealed = session.seal(house, why, "failed", found.business_id)
        where += "/connect/failed?" + urlencode({"why": sealed})
    return RedirectResponse(house.public_url + where, status_code=303)


def with_query(url: str, **facts: str) -> str:
    """Return a URL with more parameters in its query."""
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *facts.items()])
    return urlunsplit(parts._replace(query=query))


def offer_secret(request: Request, house: House) -> str:
    """Return the secret of the offer from the browser's cookie; empty if there is none."""
    return request.cookies.get(_offer_cookie(house), "")


def keep_offer(response: Response, house: House, secret: str) -> None:
    """Set the cookie that holds the secret of the browser's offer."""
    response.set_cookie(
        _offer_cookie(house),
        secret,
        max_age=int(offer.LIFE.total_seconds()),
        path="/",
        secure=house.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def forget_offer(response: Response, house: House) -> None:
    """Delete the cookie of an offer that was accepted or declined."""
    response.delete_cookie(
        _offer_cookie(house),
        path="/",
        secure=house.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def _offer_cookie(house: House) -> str:
    return "__Host-cleo-offer" if house.public_url.startswith("https:") else "cleo-offer"
