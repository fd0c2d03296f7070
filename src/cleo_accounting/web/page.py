"""What a browser comes back to: the doorway, and a plain page that says how it ended.

The doorway finds the business by the state alone, answers no page of its own, and sends the
browser on to an address without code, state or company id.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cleo_accounting.errors import AccountingError, Forbidden
from cleo_accounting.flows import DOORWAY, House, connect, receipt, session
from cleo_accounting.web.access import HouseHere
from cleo_accounting.web.pages import connecting

router = APIRouter(tags=["Pages"])

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
)
_LONGEST = 2048  # longer than anything Intuit sends; the flow knows the true bounds

Note = Annotated[str, Query(alias="receipt", description="From the doorway.")]
_HTML: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}}
}
_SENT_ON: dict[int | str, dict[str, Any]] = {
    303: {"description": "Where the user goes on; the address says nothing secret."}
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
    state: Annotated[str, Query(description="As it came back.")] = "",
    code: Annotated[str, Query(description="As it came back.")] = "",
    realm_id: Annotated[str, Query(alias="realmId", description="As it came back.")] = "",
    error: Annotated[str, Query(description="As it came back.")] = "",
) -> Response:
    """Where Intuit hands every user back; finds the business by `state` and sends the user on."""
    if max(map(len, (state, code, realm_id, error))) > _LONGEST:
        state = ""
    started = session.sign_in(house, state)
    back = connecting.person(request, house, started)
    try:
        if started and started.user_id.startswith(session.PERSON) and back is None:
            raise Forbidden("This sign-in was begun in another browser, or your visit has ended.")
        if error:
            connect.deny(house, state=state, reason=error)
            raise Forbidden("You did not allow it, so nothing was connected.", code="access_denied")
        held = connect.complete(house, state=state, code=code, company_id=realm_id)
    except AccountingError as refusal:
        back = back or connecting.anybody(request, house)
        if back:
            return connecting.returned(house, back, refusal)
        return _not_connected(house, refusal.code, refusal.message)
    if back:
        return connecting.returned(house, back)
    if house.return_url:
        return _sent_on(house.return_url, status="connected", accountingIntegrationId=held.id)
    note = receipt.write(house, company_name=held.company_name)
    return _sent_on(f"{house.public_url}/connected", receipt=note)


@router.get("/connected", response_class=HTMLResponse, responses=_HTML)
def connected(house: HouseHere, note: Note = "") -> Response:
    """Say that a company is connected, and which."""
    found = receipt.read(house, note)
    return _page("connected.html", company_name=found.company_name if found else "")


@router.get("/not-connected", response_class=HTMLResponse, responses=_HTML)
def not_connected(house: HouseHere, note: Note = "") -> Response:
    """Say that no company was connected, why, and what to do."""
    found = receipt.read(house, note)
    return _page("not_connected.html", message=found.message if found else "")


def _not_connected(house: House, code: str, message: str) -> Response:
    if house.return_url:
        return _sent_on(house.return_url, status="not_connected", code=code)
    note = receipt.write(house, message=message)
    return _sent_on(f"{house.public_url}/not-connected", receipt=note)


def _sent_on(url: str, **facts: str) -> Response:
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *facts.items()])
    return RedirectResponse(urlunsplit(parts._replace(query=query)), status_code=303)


def _page(template: str, **facts: str) -> Response:
    return HTMLResponse(_TEMPLATES.get_template(template).render(**facts))
