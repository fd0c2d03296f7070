"""The help page: every cause, its meaning, its fix, and who can apply it."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Response

from cleo_accounting.core.causes import CAUSES
from cleo_accounting.core.telling import tell
from cleo_accounting.web.pages.guard import PLACE, Shown, VisitHere
from cleo_accounting.web.pages.render import show

router = APIRouter(route_class=Shown, include_in_schema=False)

MENDED_BY: Mapping[str, str] = {
    "itself": "Resolves automatically.",
    "bookkeeper": "A bookkeeper can fix it here.",
    "admin": "An administrator can fix it here.",
    "quickbooks": "Fix it in QuickBooks.",
    "cleo": "Fix it in Cleo Pay.",
}


@router.get(f"{PLACE}/help")
def help_(visit: VisitHere) -> Response:
    """Show all causes."""
    told = [(cause, *tell(cause.code, {})) for cause in CAUSES.values() if not cause.quiet]
    quiet = [(cause, *tell(cause.code, {})) for cause in CAUSES.values() if cause.quiet]
    return show(visit, "help.html", tab="issues", told=told, quiet=quiet, mended_by=MENDED_BY)
