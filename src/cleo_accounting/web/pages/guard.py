"""Authenticate page requests by their session cookie, and protect forms against CSRF.

A form is accepted only from a page of our own origin (Sec-Fetch-Site, else Origin) and with a token
derived from the cookie, which no other site can read.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from fastapi.routing import APIRoute

from cleo_accounting.errors import Conflict, Forbidden, Invalid, Mend, Missing, Unidentified
from cleo_accounting.flows import House
from cleo_accounting.flows.admin import session
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.denials import NOBODY
from cleo_accounting.store.access import Rank
from cleo_accounting.store.integrations import Integration
from cleo_accounting.store.sessions import Session
from cleo_accounting.web import bodies, denied, flood
from cleo_accounting.web.schemas import NUMBER_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

# Our forms have at most fifty rows, or a memo of a thousand characters. Decoding a form of 2 MB can
# take more than half a second of processor time, during which no other thread runs.
FORM_BYTES_MAX = 200_000
_KEPT_BYTES_MAX = 50_000  # of a form that is shown again to its sender, even without a session
_FIELDS_MAX = 2_000
_COOKIE = re.compile(r"(__Host-)?cleo-[0-9a-f]{12}")
_DIGITS_MAX = 12
BY_ITSELF = "/events"  # requested repeatedly by a page that is only open, so not a sign of use
# Control characters, which nobody types; PostgreSQL cannot store a NUL in a text.
_UNTYPED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
PLACE = "/businesses/{businessId}/accounting"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a submitted form."""

    pairs: tuple[tuple[str, str], ...] = ()

    def one(self, name: str, default: str = "") -> str:
        """Return the first value of a field."""
        return next((value for given, value in self.pairs if given == name), default)

    def every(self, name: str) -> list[str]:
        """Return all values of a field."""
        return [value for given, value in self.pairs if given == name]

    def moment(self, name: str) -> datetime:
        """Return the time in a field, which identifies what to undo.

        Raises:
            Missing: the field holds no valid time.
        """
        try:
            at = datetime.fromisoformat(self.one(name))
            return at.astimezone(UTC) if at.tzinfo else _nothing_to_undo()
        except (ValueError, OverflowError):  # the first and the last day may not exist in UTC
            return _nothing_to_undo()


def whole(text: str) -> int:
    """Parse a whole number from 1 on, such as an id or a version; return 0 for anything else."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX else 0
    return number if number <= NUMBER_MAX else 0


def _nothing_to_undo() -> NoReturn:
    raise Missing("There is nothing to undo.")


@dataclass(frozen=True, slots=True)
class Visit:
    """An authenticated request by a person to the page of a business."""

    house: House
    session: Session
    request: Request
    token: str = field(repr=False)
    form: Form = Form()

    @property
    def business_id(self) -> str:
        """The business whose page is visited."""
        return self.session.business_id

    @property
    def by(self) -> str:
        """The id of the person who acts."""
        return self.session.user_id

    @property
    def base(self) -> str:
        """The path of this business's page."""
        return place(self.business_id)

    def may(self, rank: Rank) -> bool:
        """Return whether the person's role covers this one."""
        return self.session.role.covers(rank)

    def must(self, rank: Rank) -> None:
        """Require that the person's role covers this one.

        Raises:
            Forbidden: the person's role does not suffice.
        """
        if not self.may(rank):
            role = "an administrator" if rank is Rank.ADMIN else "a bookkeeper or an administrator"
            raise Forbidden(f"You can view this page, but only {role} can do that.")


class Shown(APIRoute):
    """A route of a page: requires a session, and for forms our origin and the session's token."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler that authenticates the person, then handles the request as usual."""
        answer = super().get_route_handler()

        async def shown(request: Request) -> Response:
            house: House = request.app.state.door.house
            business_id = request.path_params["businessId"]
            _refuse_untyped(request)
            request.state.visit, request.state.typed = None, ()
            cookie = request.cookies.get(cookie_name(house, business_id), "")
            is_use = not request.scope["path"].endswith(BY_ITSELF)
            look = partial(session.find, house, business_id, cookie, is_use=is_use)
            found = await run_in_threadpool(look)
            if found is None:
                await flood.spend(request, "address", flood.address(request.scope))
                if request.method == "POST":
                    request.state.typed = await _typed(request, house)
                raise Unidentified(
                    "Your session has ended, or started in another browser. Open the page again"
                    " from Cleo Pay. Everything you saved is kept.",
                    code="session_over",
                )
            database = house.database.of(business_id).let_in_by(found.made_by)
            house = replace(house, database=database)
            visit = Visit(house, found, request, form_token(cookie))
            request.state.visit = visit
            await flood.spend(request, "visit", found.id)
            await flood.spend(request, "business", business_id)
            if request.method == "POST":
                form = await _form(request, visit)
                request.state.visit = Visit(house, found, request, visit.token, form)
            return await answer(request)

        async def told(request: Request) -> Response:
            try:
                return await shown(request)
            except (Forbidden, Unidentified) as refusal:
                visit: Visit | None = request.state.visit
                by, business_id = (visit.by, visit.business_id) if visit else (NOBODY, None)
                tell = partial(denied.tell, by=by, business_id=business_id)
                await run_in_threadpool(tell, request, refusal)
                raise

        return told


def still_here(visit: Visit) -> bool:
    """Return whether a visit's session is still valid; the check does not count as use of it."""
    cookie = visit.request.cookies.get(cookie_name(visit.house, visit.business_id), "")
    return any(one.id == visit.session.id for one in session.opened(visit.house, [cookie]))


def held(visit: Visit) -> Integration:
    """Return the integration of the business.

    Raises:
        Conflict: nothing was ever connected.
    """
    one = connect.latest(visit.house, visit.business_id)
    if one is None:
        raise Conflict("Connect QuickBooks first.", code="not_connected")
    return one


def place(business_id: str) -> str:
    """Return the path of a business's page."""
    return PLACE.replace("{businessId}", business_id)


def cookie_name(house: House, business_id: str) -> str:
    """Return the cookie's name: one per business, so that several can be open side by side."""
    of = hashlib.sha256(business_id.encode()).hexdigest()[:12]
    return f"__Host-cleo-{of}" if house.public_url.startswith("https:") else f"cleo-{of}"


def is_ours(name: str) -> bool:
    """Return whether a cookie of this name is a session cookie of ours."""
    return _COOKIE.fullmatch(name) is not None


def set_cookie(response: Response, house: House, found: Session, cookie: str) -> None:
    """Set the session cookie."""
    response.set_cookie(
        cookie_name(house, found.business_id),
        cookie,
        max_age=int((found.expires_at - house.clock.now()).total_seconds()),
        path="/",
        secure=house.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def visitor(request: Request, house: House, business_id: str) -> Session | None:
    """Return the browser's session at a business's page; None if it has none."""
    return session.find(
        house, business_id, request.cookies.get(cookie_name(house, business_id), "")
    )


def form_token(cookie: str) -> str:
    """Return the CSRF token that the forms of a session carry."""
    return hashlib.sha256(b"a form of\0" + cookie.encode()).hexdigest()[:40]


async def _form(request: Request, visit: Visit) -> Form:
    form = Form(await pairs(request, visit.house))
    if not hmac.compare_digest(form.one("token").encode(), visit.token.encode()):
        # From our own origin, but of another session: show it again, and act only if it is resent.
        request.state.typed = _without_token(form.pairs)
        raise Forbidden(
            "This form belongs to another session, so nothing was changed.", code="other_visit"
        )
    return form


async def _typed(request: Request, house: House) -> tuple[tuple[str, str], ...]:
    """Return the form of a person whose session has ended, to show it again.

    A form that is too large to be typed by hand is dropped.
    """
    try:
        return _without_token(await pairs(request, house, bytes_max=_KEPT_BYTES_MAX))
    except Mend as refusal:
        if refusal.code != "too_large":
            raise
        return ()


def _without_token(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs if name != "token")


async def pairs(
    request: Request, house: House, *, bytes_max: int = FORM_BYTES_MAX
) -> tuple[tuple[str, str], ...]:
    """Read the fields of a form that was sent from our own origin.

    Raises:
        Forbidden: the form was sent from another site.
        Mend: the body is no form, or is too large.
    """
    _same_origin(request, house)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Mend("The form has an unsupported content type.", code="wrong_content_type")
    body = await bodies.read(request, bytes_max, "The form is too large.")
    return await run_in_threadpool(_parsed, body)  # a large form must not block the event loop


def _parsed(body: bytes) -> tuple[tuple[str, str], ...]:
    """Parse the fields of a URL-encoded form.

    Raises:
        Mend: the form cannot be parsed, or has too many fields.
        Invalid: the form contains control characters.
    """
    try:
        read = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            max_num_fields=_FIELDS_MAX,
            errors="strict",
        )
    except ValueError:
        raise Mend("The form cannot be read.", code="bad_form") from None
    if any(_UNTYPED.search(name + value) for name, value in read):
        raise _untyped()
    return tuple((name, value.replace("\r\n", "\n")) for name, value in read)


def _refuse_untyped(request: Request) -> None:
    if _UNTYPED.search(request.scope["path"]):
        raise Missing("There is no such page.")
    if any(_UNTYPED.search(name + value) for name, value in request.query_params.multi_items()):
        raise _untyped()


def _untyped() -> Invalid:
    return Invalid("The form contains control characters. Remove them and try again.")


def _same_origin(request: Request, house: House) -> None:
    told = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "")
    if told != "same-origin" if told else origin != house.public_url:
        raise Forbidden("This form was sent from another site, so nothing was changed.")


async def _visit(request: Request) -> Visit:
    found: Visit = request.state.visit
    return found


VisitHere = Annotated[Visit, Depends(_visit)]
