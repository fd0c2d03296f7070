"""Build responses: errors, pages of lists, ETags, and replays for idempotency keys."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Header, Query
from fastapi.responses import JSONResponse, Response

from cleo_accounting.core.records import fingerprint
from cleo_accounting.errors import Conflict, Invalid, Mend
from cleo_accounting.flows.admin.once import once
from cleo_accounting.store.idempotency import Answer, Asked
from cleo_accounting.web.schemas import NUMBER_MAX, Error, FieldError, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fastapi import Request
    from pydantic import BaseModel

    from cleo_accounting.errors import Flaw
    from cleo_accounting.flows import House
    from cleo_accounting.web.access import Caller
    from cleo_accounting.web.together import Together

PROBLEM = "application/problem+json"
_KEY_LENGTH_MAX = 255
SAID = {
    400: "The request is malformed.",
    401: "The bearer token is missing or not valid.",
    403: "The role of the token does not allow this operation.",
    404: "The resource does not exist, or belongs to another business.",
    408: "The body did not arrive in time.",
    409: "The resource is in a state that does not allow this operation.",
    412: "The resource has changed since the version in If-Match: read it again.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "The request is not valid; `errors` names each problem.",
    428: "If-Match is missing: send the version that you read.",
    429: "Too many requests; Retry-After says how long to wait.",
    431: "The URL and the headers are too large.",
    500: "An error of the service; `requestId` identifies it in the log.",
    503: "QuickBooks or the database does not respond; Retry-After says how long to wait.",
}

T = TypeVar("T")

KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A unique value for each operation. A retry with the same key returns the"
        " first response and does nothing else.",
        max_length=_KEY_LENGTH_MAX,
        examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"],
    ),
]


@dataclass(frozen=True, slots=True)
class Paging:
    """The requested part of a list."""

    limit: int
    offset: int


async def _paging(
    limit: Annotated[int, Query(ge=1, le=100, description="Maximum number of items.")] = 20,
    offset: Annotated[int, Query(ge=0, le=NUMBER_MAX, description="Number of items to skip.")] = 0,
) -> Paging:
    return Paging(limit, offset)


PagingHere = Annotated[Paging, Depends(_paging)]


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses for these error statuses and those that every path has."""
    every = {401, 403, 404, 422, 429, 500, 503, *statuses}
    return {status: {"model": Error, "description": SAID[status]} for status in sorted(every)}


def refusal(
    request_id: str,
    status: int,
    code: str,
    message: str,
    *,
    flaws: Sequence[Flaw] = (),
    headers: Mapping[str, str] | None = None,
    accept: str = "",
) -> Response:
    """Return an error response with the body that all errors share."""
    body = Error(
        message=message,
        errors=[FieldError(field=one.field, message=one.message, code=one.code) for one in flaws],
        type=f"urn:cleo-accounting:error:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=message,
        instance=f"urn:cleo-accounting:request:{request_id}",
        code=code,
        request_id=request_id,
    )
    kind = PROBLEM if PROBLEM in accept else "application/json"
    return Response(
        body.model_dump_json(by_alias=True), status, headers=dict(headers or {}), media_type=kind
    )


def page(
    request: Request, items: Sequence[T], total: int, paging: Paging, *, versioned: bool = False
) -> Response:
    """Return a page of a list, with links to the next and the previous page."""
    body = Page[Any](items=list(items), total=total, limit=paging.limit, offset=paging.offset)
    steps: list[str] = []
    if paging.offset + paging.limit < total:
        steps.append(_step(request, paging, paging.offset + paging.limit, "next"))
    if paging.offset > 0:
        steps.append(_step(request, paging, max(0, paging.offset - paging.limit), "prev"))
    headers = {"Link": ", ".join(steps)} if steps else {}
    if versioned:
        return seen(request, body, headers=headers)
    return say(body, headers=headers)


def say(
    body: BaseModel, status: int = 200, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a response with a JSON body."""
    return Response(
        body.model_dump_json(by_alias=True),
        status,
        headers=dict(headers or {}),
        media_type="application/json",
    )


async def say_shared(request: Request, look: Callable[[], BaseModel]) -> Response:
    """Return a body that is the same for every caller; simultaneous requests share one reading."""
    together: Together = request.app.state.together
    body = await together.read(request.scope["path"], lambda: look().model_dump_json(by_alias=True))
    return Response(body, media_type="application/json")


def seen(
    request: Request,
    body: BaseModel,
    *,
    tag: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a body with its ETag, or 304 if the caller already has this version."""
    text = body.model_dump_json(by_alias=True)
    tag = tag or f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    given = {**(headers or {}), "ETag": tag}
    wanted = request.headers.get("if-none-match", "")
    if tag in [one.strip().removeprefix("W/") for one in wanted.split(",")]:
        return Response(status_code=304, headers=given)
    return Response(text, headers=given, media_type="application/json")


def version_wanted(if_match: str | None, current: int) -> int:
    """Return the current version if `If-Match` names it.

    Raises:
        Mend: there is no `If-Match`.
        Conflict: it names another version.
    """
    if if_match is None:
        raise Mend(
            "Send If-Match with the ETag that you read, so that nobody's change is lost.",
            code="if_match_needed",
        )
    tags = [one.strip() for one in if_match.split(",")]
    if f'"{current}"' not in tags and tags != ["*"]:
        raise Conflict("It was changed in the meantime; read it again.", code="stale")
    return current


def act_once(
    request: Request,
    house: House,
    caller: Caller,
    key: str | None,
    body: BaseModel | None,
    act: Callable[[House], Answer],
) -> Response:
    """Perform an act, or replay the first response if its idempotency key was used before."""
    if key is None:
        return _answered(act(house), again=False)
    plain = key.strip().strip('"')
    if not plain or not plain.isprintable():
        raise Invalid("Idempotency-Key must have 1 to 255 visible characters.")
    payload = body.model_dump(mode="json") if body else None
    asked = Asked(
        business_id=request.path_params.get("businessId", "-"),
        user_id=caller.user_id,
        route=f"{request.method} {request.scope['route'].path}"[:160],
        key=plain,
        fingerprint=fingerprint([request.url.path, payload]),
    )
    given, again = once(house, asked, act)
    return _answered(given, again=again)


def answer(body: BaseModel, status: int, location: str | None = None) -> Answer:
    """Return an answer in the form that is stored for replays."""
    return Answer(status, body.model_dump_json(by_alias=True), location)


def _answered(given: Answer, *, again: bool) -> Response:
    headers = {"Location": given.location} if given.location else {}
    if again:
        headers["Idempotency-Replayed"] = "true"
    return JSONResponse(json.loads(given.body), given.status, headers=headers)


def _step(request: Request, paging: Paging, offset: int, name: str) -> str:
    others = [
        (one, value)
        for one, value in request.query_params.multi_items()
        if one not in ("limit", "offset")
    ]
    query = urlencode([*others, ("limit", paging.limit), ("offset", offset)])
    return f'<{request.url.path}?{query}>; rel="{name}"'
