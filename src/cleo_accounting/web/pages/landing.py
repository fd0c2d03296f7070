"""The public pages to which QuickBooks sends people: launch, reconnect and disconnected.

Anybody can open them with any parameters: without a session they reveal nothing about any company,
and `realmId` only chooses among businesses that this browser may see anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from cleo_accounting.errors import Missing
from cleo_accounting.flows.company import connect
from cleo_accounting.web.access import HouseHere
from cleo_accounting.web.pages import connecting, guard, render
from cleo_accounting.web.pages.guard import PLACE, Shown, VisitHere

if TYPE_CHECKING:
    from cleo_accounting.flows import House
    from cleo_accounting.store.integrations import Integration
    from cleo_accounting.store.sessions import Session

router = APIRouter(include_in_schema=False)
inside = APIRouter(route_class=Shown, include_in_schema=False)

RealmId = Annotated[str, Query(alias="realmId", max_length=200)]


@router.get("/launch")
def launch(request: Request, house: HouseHere, realm_id: RealmId = "") -> Response:
    """Open the business's page from QuickBooks."""
    return _landed(request, house, realm_id, "launch", "")


@router.get("/reconnect")
def reconnect(request: Request, house: HouseHere, realm_id: RealmId = "") -> Response:
    """Open the page with the reconnect button."""
    return _landed(request, house, realm_id, "reconnect", "/reconnect")


@router.get("/disconnected")
def disconnected(request: Request, house: HouseHere, realm_id: RealmId = "") -> Response:
    """Show what a disconnect in QuickBooks stopped and what it kept; changes nothing."""
    visits = [where for where, _ in _chosen(request, house, realm_id)]
    return _page(request, house, "disconnected", visits, "/reconnect")


@inside.get(f"{PLACE}/reconnect")
def again(visit: VisitHere) -> Response:
    """Show the reconnect button of a business, whatever its connection status."""
    one = connect.latest(visit.house, visit.business_id)
    return render.show(visit, "reconnect.html", tab="settings", integration=one)


@router.get("/brand/{name}")
def brand(house: HouseHere, name: str) -> Response:
    """Serve an image of Intuit's connect button from the operator's folder.

    Raises:
        Missing: the operator has no such image.
    """
    found = [one for one in house.connect_button or () if one.name == name]
    if not found:
        raise Missing("There is no such image.")
    return FileResponse(found[0], headers={"Cache-Control": "public, max-age=86400"})


def _landed(request: Request, house: House, realm_id: str, which: str, path: str) -> Response:
    visits = _chosen(request, house, realm_id)
    if len(visits) == 1:
        where = guard.place(visits[0][0].business_id) + path
        return RedirectResponse(where, status_code=303, headers=dict(render.headers(house)))
    return _page(request, house, which, [where for where, _ in visits], path)


def _chosen(
    request: Request, house: House, realm_id: str
) -> list[tuple[Session, Integration | None]]:
    """Return the browser's sessions; if any is of the company with this id, only those."""
    visits = [
        (one, connect.latest(house, one.business_id)) for one in connecting.open_to(request, house)
    ]
    same = [each for each in visits if each[1] is not None and each[1].company_id == realm_id]
    return same or visits


def _page(request: Request, house: House, which: str, visits: list[Session], path: str) -> Response:
    return render.plain(
        house,
        request.state.request_id,
        "landing.html",
        which=which,
        places=[(one.business_id, guard.place(one.business_id) + path) for one in visits],
        platform=house.platform_page_url,
    )
