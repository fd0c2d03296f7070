"""The gateway in front of the books: authenticate, authorize and limit requests.

Its errors have a format of their own (`fault` in lower case), in XML unless the client asks for
JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quickbooks_emulator.accounting.throttle import Call
from quickbooks_emulator.basics.faults import Error, Refusal, gateway_fault, gateway_fault_xml
from quickbooks_emulator.basics.moments import stamp_to_the_millisecond
from quickbooks_emulator.basics.wire import Request, Response, encode_json
from quickbooks_emulator.sign_in.apps import ACCOUNTING, App, User
from quickbooks_emulator.sign_in.grants import Grant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from quickbooks_emulator.accounting.throttle import Throttled
    from quickbooks_emulator.basics.switches import Switches
    from quickbooks_emulator.sign_in.grants import Grants

BEARER_LENGTH_MIN, BEARER_LENGTH_MAX = 16, 4096
TOKEN_PREFIX = 24
NO_STORE = {"cache-control": "no-cache, no-store", "pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class Visitor:
    """The authenticated caller: the token's grant, its app and the user who consented."""

    grant: Grant
    app: App
    user: User


@dataclass(frozen=True, slots=True)
class Reason:
    """The status and the fault with which the gateway refuses a request."""

    status: int
    message: str
    detail: str | None
    code: str
    kind: str = "SERVICE"


class Denied(Exception):
    """The gateway refuses the request; carries the response."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def authenticate(
    request: Request,
    grants: Grants,
    apps: Mapping[str, App],
    users: Mapping[str, User],
    now: datetime,
) -> Visitor:
    """Return the caller whose bearer token the request has; raises Denied with 401."""
    scheme, _, value = request.header("authorization").partition(" ")
    value = value.strip()
    if scheme.lower() != "bearer" or not value:
        message = "message=EmptyField; errorCode=003202; statusCode=401"
        raise _unauthorized(request, message, "oauth_token", "3202", now)
    message = "message=AuthenticationFailed; errorCode=003200; statusCode=401"
    if not BEARER_LENGTH_MIN <= len(value) <= BEARER_LENGTH_MAX:
        detail = "Malformed bearer token: too short or too long"
        raise _unauthorized(request, message, detail, "3200", now)
    token = grants.bearer(value)
    grant = grants.grants[token.grant_id] if token else None
    if token is None or grant is None or grant.ended:
        detail = f"Token revoked: {value[:TOKEN_PREFIX]}" if grant else "Token invalid"
        raise _unauthorized(request, message, detail, "3200", now)
    if now >= token.expires_at:
        detail = f"Token expired: {value[:TOKEN_PREFIX]}"
        raise _unauthorized(request, message, detail, "3200", now)
    return Visitor(grant, apps[grant.client_id], users[grant.user_id])


def authorize(
    request: Request, visitor: Visitor, realm_id: str, *, sandbox: bool | None, now: datetime
) -> None:
    """Check that the caller may use this company's books; raises Denied with 403 or 401."""
    keys_fit = sandbox == (visitor.app.environment == "development")
    granted = visitor.grant.realm_id == realm_id and ACCOUNTING in visitor.grant.scopes
    if sandbox is None or not keys_fit or not granted:
        message = "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403"
        raise Denied(refusal(request, Reason(403, message, None, "3100"), now))
    if not visitor.user.administers(realm_id):
        detail = ": -11014-You do not have access to use QuickBooks Online Plus."
        error = Error("Authorization Failure", detail, "120")
        lost = Refusal(error, kind="AuthorizationFault", status=401)
        body = {"Fault": lost.document(), "time": stamp_to_the_millisecond(now)}
        raise Denied(Response(401, _headers("json"), encode_json(body)))


def throttled(
    request: Request, reason: Throttled | None, switches: Switches, now: datetime
) -> Response:
    """Return the response to a request beyond the limits."""
    status = switches.throttle_status
    message = f"message=ThrottleExceeded; errorCode=003001; statusCode={status}"
    detail = "The request limit was reached.  Try again later"
    response = refusal(request, Reason(status, message, detail, "3001"), now)
    if not switches.retry_after:
        return response
    seconds = reason.wait_seconds if reason else 60
    return Response(status, {**response.headers, "retry-after": str(seconds)}, response.body)


def timed_out(request: Request, now: datetime) -> Response:
    """Return a 504: the gateway stopped waiting, and the request's outcome is unknown."""
    message = "message=Timeout occurred while proxying request; errorCode=006002; statusCode=504"
    return refusal(request, Reason(504, message, None, "6002"), now)


def call_of(request: Request, visitor: Visitor, realm_id: str, switches: Switches) -> Call:
    """Describe a request for the limits."""
    last = request.path.rstrip("/").rpartition("/")[2].lower()
    items = None
    if last == "batch" and request.method == "POST":
        items = 1
        if switches.batch_counts_as == "its_items":
            items = request.body.count(b'"bId"')
    return Call(
        realm_id=realm_id,
        client_id=visitor.app.client_id,
        batch_items=items,
        reads=request.method == "GET" or last == "query",
        production=visitor.app.environment == "production",
    )


def refusal(request: Request, reason: Reason, now: datetime) -> Response:
    """Return a gateway fault in the format that the client accepts, JSON or XML."""
    facts = (reason.message, reason.detail, reason.code, reason.kind)
    if "json" in request.header("accept").lower():
        return Response(reason.status, _headers("json"), encode_json(gateway_fault(*facts, now)))
    text = gateway_fault_xml(*facts, stamp_to_the_millisecond(now))
    return Response(reason.status, _headers("xml"), text.encode())


def _unauthorized(request: Request, message: str, detail: str, code: str, now: datetime) -> Denied:
    response = refusal(request, Reason(401, message, detail, code, "AUTHENTICATION"), now)
    challenge = {"www-authenticate": 'Bearer realm="Intuit", error="invalid_token"'}
    return Denied(Response(401, {**response.headers, **challenge}, response.body))


def _headers(representation: str) -> dict[str, str]:
    return {"content-type": f"application/{representation};charset=UTF-8", **NO_STORE}
