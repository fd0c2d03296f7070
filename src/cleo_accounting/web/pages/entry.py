"""Getting in and out: a link asks who comes in, a click makes it a cookie, a cookie ends.

A link alone signs nobody in: whoever could make a browser follow one would have the person act,
and connect their company, in a business of somebody else's (login CSRF).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from cleo_accounting.errors import Forbidden, Unidentified
from cleo_accounting.flows import House
from cleo_accounting.flows.admin import session
from cleo_accounting.flows.company import offer
from cleo_accounting.web import denied
from cleo_accounting.web.access import HouseHere
from cleo_accounting.web.pages import connecting, guard, render
from cleo_accounting.web.pages.guard import PLACE, Form, Shown, VisitHere

router = APIRouter(include_in_schema=False)
inside = APIRouter(route_class=Shown, include_in_schema=False)

_LINK_LENGTH_MAX = 200
_LINK_FORM_BYTES_MAX = 1_000


@router.get("/enter")
def ask(
    request: Request,
    house: HouseHere,
    link: Annotated[str, Query(max_length=_LINK_LENGTH_MAX)] = "",
) -> Response:
    """Say who would be signed in to which business; changes nothing."""
    found = session.look(house, link)
    return render.plain(house, request.state.request_id, "enter.html", found=found, link=link)


@router.post("/enter")
async def enter(request: Request, house: HouseHere) -> Response:
    """Use a link up, and send the browser on to an address without it."""
    try:
        form = Form(await guard.pairs(request, house, bytes_max=_LINK_FORM_BYTES_MAX))
        link = form.one("link")[:_LINK_LENGTH_MAX]
        return await run_in_threadpool(_let_in, request, house, link)
    except (Forbidden, Unidentified) as refusal:
        await run_in_threadpool(denied.tell, request, refusal)
        raise


def _let_in(request: Request, house: House, link: str) -> Response:
    found, cookie = session.enter(house, link)
    secret = connecting.offer_secret(request, house)
    waits = offer.find(house, secret, found.business_id) is not None
    where = guard.place(found.business_id) + (connecting.FINISH if waits else "")
    answer = RedirectResponse(where, status_code=303, headers=dict(render.headers(house)))
    guard.set_cookie(answer, house, found, cookie)
    return answer


@inside.post(f"{PLACE}/leave")
def leave(visit: VisitHere) -> Response:
    """End the visit; QuickBooks stays connected, and what was begun goes on."""
    session.leave(visit.house, visit.session)
    return _left(visit)


@inside.post(f"{PLACE}/sign-out")
def sign_out(visit: VisitHere) -> Response:
    """End every visit of this person at this business, in whatever browser it is."""
    user_id = visit.by.removeprefix(session.PERSON)
    session.sign_out(visit.house, visit.business_id, user_id, by=visit.by)
    return _left(visit)


def _left(visit: guard.Visit) -> Response:
    answer = render.plain(visit.house, visit.request.state.request_id, "left.html")
    answer.headers["Clear-Site-Data"] = '"cache"'
    answer.delete_cookie(guard.cookie_name(visit.house, visit.business_id), path="/")
    return answer
