"""Build the FastAPI app: routers, middleware, and the HTTP status of each error."""

from __future__ import annotations

import math
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.staticfiles import StaticFiles

from cleo_accounting.errors import (
    AccountingError,
    Conflict,
    Exceeded,
    Forbidden,
    Invalid,
    Mend,
    Misconfigured,
    Missing,
    Reconnect,
    Unidentified,
    Wait,
)
from cleo_accounting.platform import flaws
from cleo_accounting.store.database import AWAY
from cleo_accounting.web import (
    api,
    choices,
    contract,
    documents,
    feed,
    health,
    history,
    page,
    pairs,
    reconciliation,
    reports,
    runs,
    steering,
    tokens,
)
from cleo_accounting.web.access import Door
from cleo_accounting.web.answers import refusal
from cleo_accounting.web.flood import Flood, remember
from cleo_accounting.web.frame import Counts, Frame
from cleo_accounting.web.issuer import Issuer
from cleo_accounting.web.pages.every import ROUTERS
from cleo_accounting.web.pages.sorry import is_page, sorry
from cleo_accounting.web.streams import Streams
from cleo_accounting.web.together import Together

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope

    from cleo_accounting.flows import House

_log = structlog.get_logger(__name__)

# Error → status, here and nowhere else. The error's code takes precedence over its class.
BY_CODE: Mapping[str, int] = {
    "bad_json": 400,
    "state_invalid": 400,
    "wrong_issuer": 400,
    "callback_incomplete": 400,
    "code_refused": 400,
    "access_denied": 400,
    "too_slow": 408,
    "too_large": 413,
    "headers_too_large": 431,
    "wrong_content_type": 415,
    "if_match_needed": 428,
    "stale": 412,
}
BY_CLASS: Mapping[type[AccountingError], int] = {
    Invalid: 422,
    Missing: 404,
    Forbidden: 403,
    Conflict: 409,
    Mend: 400,
    Unidentified: 401,
    Reconnect: 409,
    Exceeded: 429,
    Wait: 503,
    Misconfigured: 500,
}
_FRAMEWORK: Mapping[int, tuple[str, str]] = {
    404: ("not_found", "Not found: there is nothing at this address."),
    405: ("method_not_allowed", "This method is not allowed here; see the Allow header."),
}
_PATIENCE_SECONDS = 5
_STATIC = Path(__file__).parent / "static"


def create_app(house: House) -> FastAPI:
    """Build the app."""
    app = FastAPI(
        title=contract.TITLE,
        version=contract.VERSION,
        summary=contract.SUMMARY,
        description=contract.DESCRIPTION,
        openapi_tags=list(contract.TAGS),
        contact=contract.CONTACT,
        license_info=contract.LICENCE,
        servers=[{"url": house.public_url}],
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=contract.operation_id,
    )
    counts = Counts()
    issuer = Issuer(house.trust, house.clock) if house.trust else None
    app.state.door = Door(house, issuer)
    app.state.counts = counts
    app.state.streams = Streams(house.stream_bounds, house.clock)
    app.state.together = Together()
    rooms = (
        feed,  # first: its paths have “records” where others have an integration's id
        *(api, runs, documents, history, steering, reconciliation),
        *(pairs, choices, tokens, page, health, reports),
    )
    routers = (*(room.router for room in rooms), *ROUTERS)
    for router in routers:
        app.include_router(router)
    app.state.routes = [*app.routes, *(route for router in routers for route in router.routes)]
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.add_exception_handler(AccountingError, _refuse)
    for trouble in AWAY:
        app.add_exception_handler(trouble, _ask_for_patience)
    app.add_exception_handler(RequestValidationError, _refuse_request)
    app.add_exception_handler(HTTPException, _refuse_address)
    app.add_middleware(Flood, house=house, refuse=_hold_back)
    app.add_middleware(
        Frame,
        counts=counts,
        clock=house.clock,
        random=house.random,
        secure=house.public_url.startswith("https:"),
        apology=_apologise,
    )
    contract.complete(app)
    return app


def status_of(error: AccountingError) -> int:
    """Return the HTTP status of an error."""
    if error.code in BY_CODE:
        return BY_CODE[error.code]
    return next(BY_CLASS[kind] for kind in type(error).__mro__ if kind in BY_CLASS)


def _apologise(scope: Scope, request_id: str) -> Response:
    """Answer with 500 for an unexpected error: JSON for a program, a page for a person."""
    request = Request(scope)
    request.state.request_id = request_id
    message = "Something went wrong on our side. The error was logged."
    return _say_no(request, 500, "internal", message)


def _hold_back(scope: Scope, error: AccountingError) -> Response:
    """Answer an error of the rate limiting middleware, which runs before any route."""
    return _refuse(Request(scope), error)


def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, AccountingError)
    status = status_of(error)
    if isinstance(error, Exceeded) and error.standing:
        remember(request.scope, error.standing)
    headers: dict[str, str] = {}
    if isinstance(error, Unidentified):
        headers["WWW-Authenticate"] = 'Bearer realm="cleo-accounting"'
    if isinstance(error, Wait):
        now = request.app.state.door.house.clock.now()
        headers["Retry-After"] = str(max(1, math.ceil((error.until - now).total_seconds())))
    message = error.message if status != 500 else "This service is not set up completely."  # noqa: PLR2004  a status
    found = error.flaws if isinstance(error, Invalid) else ()
    return _say_no(request, status, error.code, message, flaws=found, headers=headers)


def _ask_for_patience(request: Request, error: Exception) -> Response:
    """Answer with 503 when our database is away, busy or full: nothing was changed."""
    _log.error(
        "database_away", request_id=request.state.request_id, error=str(error).partition("\n")[0]
    )
    message = "The service is temporarily unavailable, and nothing was changed. Please try again."
    return _say_no(
        request, 503, "database_away", message, headers={"Retry-After": str(_PATIENCE_SECONDS)}
    )


def _refuse_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    all_of_them = error.errors()
    if is_page(request) and any(one["loc"][:1] == ("path",) for one in all_of_them):
        return _say_no(request, 404, *_FRAMEWORK[404])  # a person mistyped the address
    found = flaws.of_request(all_of_them)
    first = found[0]
    message = f"The request is not valid: {first.field} {first.message}".strip() + "."
    if len(all_of_them) > len(found):
        message += f" {len(found)} of {len(all_of_them):,} errors are shown."
    return _say_no(request, 422, "invalid", message, flaws=found)


def _refuse_address(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, message = _FRAMEWORK.get(
        error.status_code, ("bad_request", "The request cannot be understood.")
    )
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed(request)
    return _say_no(request, error.status_code, code, message, headers=headers)


def _allowed(request: Request) -> str:
    """Return the `Allow` header of an address: the methods of all routes that match it."""
    found = {
        method
        for route in request.app.state.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }
    return ", ".join(sorted(found or {"GET", "HEAD"}))  # static files have no route


def _say_no(request: Request, status: int, code: str, message: str, **more: Any) -> Response:  # noqa: ANN401  refusal's own
    wants_page = "text/html" in request.headers.get("accept", "")
    if is_page(request) or (status == BY_CLASS[Exceeded] and wants_page):
        answer = sorry(request, status, code, message, more.get("flaws", ()))
        answer.headers.update(more.get("headers") or {})
        return answer
    return refusal(
        request.state.request_id,
        status,
        code,
        message,
        accept=request.headers.get("accept", ""),
        **more,
    )
