"""Sign in with a one-time link, and sign out.

Opening a link only asks for confirmation; submitting that form signs in. Otherwise an attacker who
makes a browser follow a link could have the person act, and connect their company, in the
attacker's business (login CSRF).
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
    """Show which person a link would sign in to which business; changes nothing."""
    found = session.look(house, link)
    return render.plain(house, request.state.request_id, "enter.html", found=found, link=link)


@router.post("/enter")
async def enter(request: Request, house: HouseHere) -> Response:
    """Use up a link, set the session cookie, and redirect to an address without the link."""
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
    """Sign out of this session; QuickBooks stays connected, and runs in progress continue."""
    session.leave(visit.house, visit.session)
    return _left(visit)


@inside.post(f"{PLACE}/sign-out")
def sign_out(visit: VisitHere) -> Response:
    """Sign this person out of this business in all browsers."""
    user_id = visit.by.removeprefix(session.PERSON)
    session.sign_out(visit.house, visit.business_id, user_id, by=visit.by)
    return _left(visit)


def _left(visit: guard.Visit) -> Response:
    answer = render.plain(visit.house, visit.request.state.request_id, "left.html")
    answer.headers["Clear-Site-Data"] = '"cache"'
    answer.delete_cookie(guard.cookie_name(visit.house, visit.business_id), path="/")
    return answer
