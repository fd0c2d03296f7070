"""Render error pages: what happened, in plain words, and where to go from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.web.pages.guard import Shown
from cleo_accounting.web.pages.render import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import Request, Response

    from cleo_accounting.errors import Flaw

ENTRY = "/enter"
_TITLES = {
    401: "Open this page from Cleo Pay",
    403: "You do not have permission",
    404: "Page not found",
    405: "Page not found",
    409: "This has changed in the meantime",
    412: "Someone else changed this first",
    422: "This request is not valid",
    429: "Too many requests",
    503: "QuickBooks is not responding",
    500: "Something went wrong on our side",
}
_BY_CODE = {
    "link_over": "This link has expired",
    "database_away": "Please try again in a moment",
}


# Statuses that keep what a person typed: they can send it again once they are signed in.
_KEEPS = (401, 403)


def is_page(request: Request) -> bool:
    """Return whether a request is for a page, by a person, and not for the API."""
    asked = request.scope.get("route")
    return isinstance(asked, Shown) or request.url.path == ENTRY


def sorry(
    request: Request, status: int, code: str, message: str, flaws: Sequence[Flaw] = ()
) -> Response:
    """Render the page for an error."""
    title = _BY_CODE.get(code) or _TITLES.get(status, "Something went wrong")
    visit = getattr(request.state, "visit", None)
    typed = getattr(request.state, "typed", ())
    return plain(
        request.app.state.door.house,
        request.state.request_id,
        "kept.html" if typed and status in _KEEPS else "sorry.html",
        status,
        title=title,
        message=message,
        flaws=[one for one in flaws if one.message not in message],
        back=visit.base if visit else "",
        platform="" if visit else request.app.state.door.house.platform_page_url,
        typed=typed,
        token=visit.token if visit else "",
        action=request.url.path,
    )
