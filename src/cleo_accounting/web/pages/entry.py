"""Getting in and out: a link becomes a cookie, a cookie ends; and the platform asks for links."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from cleo_accounting.flows import session
from cleo_accounting.web.access import HouseHere
from cleo_accounting.web.pages import guard, render
from cleo_accounting.web.pages.guard import PLACE, Shown, VisitHere

router = APIRouter(include_in_schema=False)
inside = APIRouter(route_class=Shown, include_in_schema=False)


@router.get("/enter")
def enter(
    request: Request, house: HouseHere, link: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Use a link up, and send the browser on to an address without it."""
    request.state.visit = None
    found, cookie = session.enter(house, link)
    answer = RedirectResponse(
        guard.place(found.business_id), status_code=303, headers=dict(render.headers(house))
    )
    guard.set_cookie(answer, house, found, cookie)
    return answer


@inside.post(f"{PLACE}/leave")
def leave(visit: VisitHere) -> Response:
    """End the visit; QuickBooks stays connected, and what was begun goes on."""
    session.leave(visit.house, visit.session)
    answer = render.plain(visit.house, visit.request.state.request_id, "left.html")
    answer.headers["Clear-Site-Data"] = '"cache"'
    answer.delete_cookie(guard.cookie_name(visit.house, visit.business_id), path="/")
    return answer
