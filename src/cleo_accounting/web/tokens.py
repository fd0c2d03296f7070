"""Endpoints for API tokens: only the platform issues and revokes them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from cleo_accounting.flows.admin import access
from cleo_accounting.store.access import Rank
from cleo_accounting.web import shown
from cleo_accounting.web.access import BEARER, CallerHere, Guarded, HouseHere, needs
from cleo_accounting.web.answers import PagingHere, errors, page, say
from cleo_accounting.web.schemas import NewToken, Page, TokenBody, TokenOut

router = APIRouter(route_class=Guarded, dependencies=[BEARER], tags=["Access"])

_PATH = "/api/integrations/accounting/tokens"


@router.get(_PATH, response_model=Page[TokenOut], responses=errors())
@needs(Rank.PLATFORM)
def list_tokens(request: Request, house: HouseHere, paging: PagingHere) -> Response:
    """List all tokens, oldest first, without their secrets."""
    found, total = access.page(house, limit=paging.limit, offset=paging.offset)
    return page(request, [shown.token(one) for one in found], total, paging)


@router.post(_PATH, status_code=201, response_model=NewToken, responses=errors(400, 413, 415))
@needs(Rank.PLATFORM)
def issue_token(house: HouseHere, caller: CallerHere, body: TokenBody) -> Response:
    """Issue a token that expires after a number of days.

    The secret is returned only in this response; the service stores only its hash.
    """
    made, secret = access.issue(
        house,
        business_id=body.business_id,
        rank=Rank(body.role),
        name=body.name,
        by=caller.user_id,
        days=body.expires_in_days,
    )
    return say(NewToken(token=secret, **shown.token(made).model_dump()), 201)


@router.delete(f"{_PATH}/{{tokenId}}", status_code=204, responses=errors())
@needs(Rank.PLATFORM)
def revoke_token(
    house: HouseHere,
    caller: CallerHere,
    token_id: Annotated[
        str,
        Path(alias="tokenId", examples=["tok_1f3870be274f6c49b3e31a0c6728957f"], max_length=64),
    ],
) -> Response:
    """Revoke a token immediately."""
    access.revoke(house, token_id, by=caller.user_id)
    return Response(status_code=204)
