"""Endpoints to steer an integration: page sessions, confirming the company, pause and resume."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from cleo_accounting.errors import Forbidden
from cleo_accounting.flows.admin import session
from cleo_accounting.flows.company import steer
from cleo_accounting.store.access import Rank
from cleo_accounting.web import shown
from cleo_accounting.web.access import BEARER, CallerHere, Guarded, HouseHere, needs
from cleo_accounting.web.answers import errors, say
from cleo_accounting.web.page_schemas import SessionBody, SessionLink, SessionsEnded
from cleo_accounting.web.paths import BASE, ONE, BusinessId, IntegrationId
from cleo_accounting.web.schemas import IntegrationOut, Line

router = APIRouter(route_class=Guarded, dependencies=[BEARER])


@router.post(
    f"{BASE}/session",
    tags=["Pages"],
    status_code=201,
    response_model=SessionLink,
    responses=errors(400, 413, 415),
)
@needs(Rank.ADMIN)
def invite(
    house: HouseHere, caller: CallerHere, business_id: BusinessId, body: SessionBody
) -> Response:
    """Create a one-time link to the page, valid for one minute."""
    if caller.rank is not Rank.PLATFORM and body.user_id not in (None, caller.user_id):
        raise Forbidden("Only a platform token may name another user. Leave it out.")
    made = session.invite(
        house,
        business_id,
        user_id=body.user_id or caller.user_id,
        role=Rank(body.role),
        zone=body.time_zone,
        by=caller.user_id,
        within=caller.rank,
    )
    return say(SessionLink(url=made.url, expires_at=made.expires_at), 201)


@router.delete(f"{BASE}/sessions", tags=["Pages"], response_model=SessionsEnded, responses=errors())
@needs(Rank.ADMIN)
def end_sessions(
    house: HouseHere,
    caller: CallerHere,
    business_id: BusinessId,
    user_id: Annotated[
        Line | None,
        Query(
            alias="userId",
            min_length=1,
            max_length=115,
            description="Only sessions of this person, by the `userId` that they were created for.",
            examples=["jane@example.com"],
        ),
    ] = None,
) -> Response:
    """End the page sessions and links of a business, or of one person."""
    ended = session.sign_out(house, business_id, user_id, by=caller.user_id)
    return say(SessionsEnded(ended=ended))


@router.post(
    f"{ONE}/confirm", tags=["Connect"], response_model=IntegrationOut, responses=errors(409)
)
@needs(Rank.ADMIN)
def confirm(
    house: HouseHere, caller: CallerHere, business_id: BusinessId, integration_id: IntegrationId
) -> Response:
    """Confirm the connected company; the page requires it before the first sync."""
    one = steer.confirm(house, business_id, integration_id, caller.user_id)
    return say(shown.integration(one))


@router.post(f"{ONE}/pause", tags=["Sync"], response_model=IntegrationOut, responses=errors(409))
@needs(Rank.BOOKKEEPER)
def pause(
    house: HouseHere, caller: CallerHere, business_id: BusinessId, integration_id: IntegrationId
) -> Response:
    """Pause sending until it is resumed.

    Runs wait, requests in progress finish, and previews still run.
    """
    one = steer.pause(house, business_id, integration_id, caller.user_id)
    return say(shown.integration(one))


@router.post(f"{ONE}/resume", tags=["Sync"], response_model=IntegrationOut, responses=errors(409))
@needs(Rank.BOOKKEEPER)
def resume(
    house: HouseHere, caller: CallerHere, business_id: BusinessId, integration_id: IntegrationId
) -> Response:
    """Resume paused runs."""
    one = steer.resume(house, business_id, integration_id, caller.user_id)
    return say(shown.integration(one))
