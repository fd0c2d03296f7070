"""Authenticate the caller and check access to the business before the request body is read.

Our own tokens begin with `cleo_`; any other bearer token is a JWT of the issuer we trust, if there
is one. The response for a business that is not the caller's equals that for a missing one.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from cleo_accounting.errors import Forbidden, Missing, Unidentified
from cleo_accounting.flows import House
from cleo_accounting.flows.admin import access
from cleo_accounting.store.access import PREFIX, Rank
from cleo_accounting.store.audit import PLATFORM
from cleo_accounting.web import bodies, denied, flood
from cleo_accounting.web.issuer import Issuer

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from starlette.responses import Response

_USER_LENGTH_MAX = 115  # of 120 that are stored, including the prefix of a page session
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_NEEDED: dict[object, tuple[Rank, ...]] = {}

BEARER = Security(HTTPBearer(auto_error=False, description="An API token, or a JWT."))


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated caller: their role, and the businesses they may see (None: all)."""

    user_id: str
    rank: Rank
    business_ids: frozenset[str] | None
    ends_at: datetime | None = None  # only set for a token of ours that expires soon

    def sees(self, business_id: str) -> bool:
        """Return whether the caller may see a business with this id."""
        is_theirs = self.business_ids is None or business_id in self.business_ids
        # PLATFORM is the id of the platform's own audit chain, not that of a business.
        return is_theirs and _ID.fullmatch(business_id) is not None and business_id != PLATFORM


@dataclass(frozen=True, slots=True)
class Door:
    """What every request needs: the `House`, and the issuer whose JWTs we trust, if any."""

    house: House
    issuer: Issuer | None


class Foreign(Missing):
    """The business is not the caller's; the response equals that for a missing business."""


def needs(*ranks: Rank) -> Callable[[Any], Any]:
    """Declare the least role that an endpoint requires; if several are given, any of them."""

    def remember(endpoint: Any) -> Any:  # noqa: ANN401  an endpoint, unchanged
        _NEEDED[endpoint] = ranks
        return endpoint

    return remember


class Guarded(APIRoute):
    """A route that checks the caller, the business and the role before it reads the body."""

    @property
    def ranks(self) -> tuple[Rank, ...]:
        """The roles that suffice for the route; a route that declares none fails at startup."""
        return _NEEDED[self.endpoint]

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler that admits the caller and then handles the request as usual."""
        answer = super().get_route_handler()
        ranks = self.ranks

        async def admitted(request: Request) -> Response:
            door: Door = request.app.state.door
            headers = request.headers.getlist("authorization")
            try:
                look = partial(identify, door, headers)
                caller = await request.app.state.together.read(("bearer", *headers), look)
            except Unidentified as refusal:
                await run_in_threadpool(denied.tell, request, refusal)
                await flood.spend(request, "address", flood.address(request.scope))
                raise
            name = "platform" if caller.rank is Rank.PLATFORM else "token"
            await flood.spend(request, name, caller.user_id)
            try:
                _admit(caller, ranks, request.path_params)
                if "businessId" in request.path_params:
                    await flood.spend(request, "business", request.path_params["businessId"])
                request.state.caller = caller
                if request.method in ("POST", "PUT", "PATCH"):
                    request = await bodies.take(request, self.body_field)
                return _tell_end(await answer(request), caller)
            except (Forbidden, Foreign) as refusal:
                business_id = request.path_params.get("businessId")
                seen = business_id if business_id and caller.sees(business_id) else None
                tell = partial(denied.tell, by=caller.user_id, business_id=seen)
                await run_in_threadpool(tell, request, refusal)
                raise

        return admitted


def still_admitted(request: Request, caller: Caller) -> bool:
    """Return whether the token of a request in progress still grants the same access."""
    try:
        now = identify(request.app.state.door, request.headers.getlist("authorization"))
    except Unidentified:
        return False
    return (now.user_id, now.rank, now.business_ids) == (
        caller.user_id,
        caller.rank,
        caller.business_ids,
    )


def _tell_end(response: Response, caller: Caller) -> Response:
    """Add the `Token-Expires` header if the caller's token expires soon."""
    if caller.ends_at is not None:
        response.headers["Token-Expires"] = caller.ends_at.isoformat(timespec="seconds")
    return response


def identify(door: Door, headers: Sequence[str]) -> Caller:
    """Return the caller that a bearer token identifies.

    Raises:
        Unidentified: there is no valid token; the message does not depend on the reason.
    """
    scheme, _, text = (headers[0] if len(headers) == 1 else "").partition(" ")
    found = None
    if scheme.lower() == "bearer" and text:
        found = _ours(door, text) if text.startswith(PREFIX) else _theirs(door, text)
    if found is None:
        raise Unidentified("A valid bearer token is required.")
    return found


def _ours(door: Door, text: str) -> Caller | None:
    token = access.identify(door.house, text)
    if token is None:
        return None
    businesses = None if token.business_id is None else frozenset([token.business_id])
    soon = access.ends_soon(token, door.house.clock.now())
    ends_at = token.expires_at if soon else None
    return Caller(f"token:{token.id}", token.rank, businesses, ends_at)


def _theirs(door: Door, text: str) -> Caller | None:
    claims = door.issuer.claims(text) if door.issuer else None
    if claims is None:
        return None
    role = claims.get("role")
    if role not in list(Rank):
        return None
    rank = Rank(role)
    named = claims.get("businesses", [claims.get("businessId")])
    if rank is Rank.PLATFORM:
        businesses = None
    elif isinstance(named, list) and all(isinstance(one, str) for one in named):
        businesses = frozenset(named)
    else:
        return None
    return Caller(_user(f"{claims['iss']}|{claims['sub']}"), rank, businesses)


def _user(name: str) -> str:
    if len(name) <= _USER_LENGTH_MAX and name.isprintable():
        return name
    return "jwt:" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


def _admit(caller: Caller, ranks: Sequence[Rank], path: Mapping[str, Any]) -> None:
    business_id = path.get("businessId")
    if business_id is not None and not caller.sees(business_id):
        raise Foreign("There is no such business.")
    if not any(caller.rank.covers(rank) for rank in ranks):
        enough = [one for one in Rank if any(one.covers(rank) for rank in ranks)]
        raise Forbidden(f"This needs a token of the role {' or '.join(enough)}.")
    for name, value in path.items():
        if name != "entityType" and not _ID.fullmatch(str(value)):
            raise Missing("Not found.")


def _door(request: Request) -> Door:
    found: Door = request.app.state.door
    return found


# Dependencies that only read the request are `async`: FastAPI runs others in a thread each.
async def _house(request: Request) -> House:
    """Return the `House` for the business in the path, if there is one."""
    house = _door(request).house
    business_id = request.path_params.get("businessId")
    return house if business_id is None else house.of(business_id)


async def _caller(request: Request) -> Caller:
    found: Caller = request.state.caller
    return found


HouseHere = Annotated[House, Depends(_house)]
CallerHere = Annotated[Caller, Depends(_caller)]
