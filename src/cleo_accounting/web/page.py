"""The OAuth redirect URI (the doorway), and the plain pages that a sign-in can end on.

The doorway finds the business by the state alone, renders no page itself, and redirects the browser
to an address without code, state or company id.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cleo_accounting.errors import AccountingError, Forbidden
from cleo_accounting.flows import DOORWAY, House
from cleo_accounting.flows.admin import receipt, session
from cleo_accounting.flows.company import connect, offer
from cleo_accounting.web.access import HouseHere
from cleo_accounting.web.pages import connecting, guard, render

if TYPE_CHECKING:
    from cleo_accounting.store.authorizations import Authorization

router = APIRouter(tags=["Pages"])

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
)
_LONGEST = 2048  # longer than anything Intuit sends; the flow checks the exact bounds

Note = Annotated[str, Query(alias="receipt", description="The receipt that the callback returned.")]
_HTML: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}}
}
_SENT_ON: dict[int | str, dict[str, Any]] = {
    303: {"description": "Redirects the user to the next page; the URL contains no secret."}
}


@router.get(
    DOORWAY,
    status_code=303,
    response_class=RedirectResponse,
    responses=_SENT_ON,
    name="doorway",
)
def doorway(
    request: Request,
    house: HouseHere,
    state: Annotated[str, Query(description="As returned by QuickBooks.")] = "",
    code: Annotated[str, Query(description="As returned by QuickBooks.")] = "",
    realm_id: Annotated[str, Query(alias="realmId", description="As returned by QuickBooks.")] = "",
    error: Annotated[str, Query(description="As returned by QuickBooks.")] = "",
    issuer: Annotated[str, Query(alias="iss", description="As returned by QuickBooks.")] = "",
) -> Response:
    """Receive the user from Intuit (the OAuth 2.0 redirect URI), and redirect the browser.

    Finds the business by `state`. The company is not connected yet: a person of the business
    confirms the connection on the page, in the same browser.
    """
    if max(map(len, (state, code, realm_id, error, issuer))) > _LONGEST:
        state = ""
    started = session.sign_in(house, state)
    back = connecting.person(request, house, started)
    try:
        if started and started.user_id.startswith(session.PERSON) and back is None:
            raise Forbidden(
                "This sign-in was started in another browser, or your session has ended."
            )
        if error:
            connect.deny(house, state=state, reason=error, issuer=issuer)
            raise Forbidden(
                "You declined the connection, so nothing was connected.", code="access_denied"
            )
        secret = offer.receive(house, state=state, code=code, company_id=realm_id, issuer=issuer)
    except AccountingError as refusal:
        back = back or connecting.anybody(request, house)
        if back:
            return connecting.returned(house, back, refusal)
        return _not_connected(house, refusal.code, refusal.message)
    answer = _to_finish(request, house, started)
    connecting.keep_offer(answer, house, secret)
    return answer


@router.get("/to-confirm", response_class=HTMLResponse, responses=_HTML)
def to_confirm(request: Request, house: HouseHere) -> Response:
    """Show which company is about to be connected to which business."""
    return render.plain(
        house,
        request.state.request_id,
        "to_confirm.html",
        offer=offer.find(house, connecting.offer_secret(request, house)),
        platform=house.platform_page_url,
    )


@router.get("/not-connected", response_class=HTMLResponse, responses=_HTML)
def not_connected(house: HouseHere, note: Note = "") -> Response:
    """Show that no company was connected, and why."""
    found = receipt.read(house, note)
    return _page("not_connected.html", message=found.message if found else "")


def _to_finish(request: Request, house: House, started: Authorization | None) -> Response:
    """Redirect to the page where a person of the business accepts the company."""
    if started and guard.visitor(request, house, started.business_id):
        return _sent_on(house.public_url + guard.place(started.business_id) + connecting.FINISH)
    if house.return_url:
        return _sent_on(house.return_url, status="to_confirm")
    return _sent_on(f"{house.public_url}/to-confirm")


def _not_connected(house: House, code: str, message: str) -> Response:
    if house.return_url:
        return _sent_on(house.return_url, status="not_connected", code=code)
    note = receipt.write(house, message)
    return _sent_on(f"{house.public_url}/not-connected", receipt=note)


def _sent_on(url: str, **facts: str) -> Response:
    return RedirectResponse(connecting.with_query(url, **facts), status_code=303)


def _page(template: str, **facts: str) -> Response:
    return HTMLResponse(_TEMPLATES.get_template(template).render(**facts))
