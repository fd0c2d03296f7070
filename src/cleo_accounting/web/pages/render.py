"""Render pages from templates, with their headers and the note about the last action."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cleo_accounting.core import kinds
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.flows.admin import session
from cleo_accounting.flows.admin.session import Note
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.reporting import history, survey
from cleo_accounting.store.access import Rank
from cleo_accounting.web.frame import REPORT_TO
from cleo_accounting.web.teller import (
    Teller,
    counted,
    cut,
    field_name,
    lines,
    short,
    who,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cleo_accounting.flows import House
    from cleo_accounting.store.integrations import Integration
    from cleo_accounting.web.pages.guard import Visit

TABS = (
    ("overview", "Overview", ""),
    ("mapping", "Mapping", "/mapping"),
    ("activity", "Activity", "/activity"),
    ("issues", "Issues", "/issues"),
    ("settings", "Settings", "/settings"),
)
NOTE_COOKIE = "cleo-note"
_FOLDER = Path(__file__).parent.parent
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {
    "who": who,
    "short": short,
    "cut": cut,
    "lines": lines,
    "field": field_name,
}


def _paid_by(kind: str) -> str:
    """Return the noun for the documents that payments of a kind pay; empty for other kinds."""
    one = kinds.of(RemoteKind(kind))
    return kinds.of(one.document).noun if isinstance(one, kinds.PaymentKind) else ""


_ENVIRONMENT.globals |= {
    "counted": counted,
    "is_document": lambda kind: RemoteKind(kind) in kinds.DOCUMENTS,
    "title_of": lambda kind: kinds.of(RemoteKind(kind)).title,
    "titles_of": lambda kind: kinds.of(RemoteKind(kind)).titles,
    "paid_by": _paid_by,
    "entity_titles": kinds.ENTITY_TITLES,
}


def headers(house: House) -> Mapping[str, str]:
    """Return the security headers of pages, which allow the browser only our own content."""
    parents = " ".join(house.embed_origins) or "'none'"
    return {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            " connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none';"
            f" frame-ancestors {parents}; {REPORT_TO}"
        ),
        # Without a referrer, a form's Origin is null, and we check where forms come from.
        "Referrer-Policy": "same-origin",
    }


def show(
    visit: Visit,
    template: str,
    *,
    tab: str = "",
    status: int = 200,
    badges: Mapping[str, int] | None = None,
    **facts: Any,  # noqa: ANN401  whatever the template tells
) -> Response:
    """Render a page of the visited business."""
    one = facts.pop("integration", None) or connect.latest(visit.house, visit.business_id)
    sealed = visit.request.cookies.get(NOTE_COOKIE, "")
    note = session.read_note(visit.house, visit.session, sealed) if sealed else None
    text = _ENVIRONMENT.get_template(f"pages/{template}").render(
        visit=visit,
        base=visit.base,
        integration=one,
        tab=tab,
        tabs=TABS,
        badges=_badges(visit, one, badges or {}),
        teller=teller(visit, one),
        note=note,
        is_admin=visit.may(Rank.ADMIN),
        is_bookkeeper=visit.may(Rank.BOOKKEEPER),
        request_id=visit.request.state.request_id,
        **facts,
    )
    answer = HTMLResponse(text, status, headers=dict(headers(visit.house)))
    if sealed:
        answer.delete_cookie(NOTE_COOKIE, path="/", httponly=True, samesite="lax")
    return answer


def plain(
    house: House,
    request_id: str,
    template: str,
    status: int = 200,
    **facts: Any,  # noqa: ANN401  same
) -> Response:
    """Render a page that belongs to no business."""
    text = _ENVIRONMENT.get_template(f"pages/{template}").render(request_id=request_id, **facts)
    return HTMLResponse(text, status, headers=dict(headers(house)))


def fragment(visit: Visit, template: str, one: Integration, **facts: Any) -> str:  # noqa: ANN401  same
    """Render a part of a page."""
    return _ENVIRONMENT.get_template(f"pages/{template}").render(
        visit=visit, base=visit.base, integration=one, teller=teller(visit, one), **facts
    )


def go(visit: Visit, path: str, note: Note | None = None) -> Response:
    """Redirect after a form, with a note about what was done."""
    answer = RedirectResponse(
        visit.base + path, status_code=303, headers=dict(headers(visit.house))
    )
    if note:
        answer.set_cookie(
            NOTE_COOKIE,
            session.write_note(visit.house, visit.session, note),
            max_age=60,
            path="/",
            secure=visit.house.public_url.startswith("https:"),
            httponly=True,
            samesite="lax",
        )
    return answer


def teller(visit: Visit, one: Integration | None) -> Teller:
    """Return the formatter of money and times for this person."""
    currency = one.profile.currency if one else "USD"
    return Teller(visit.session.zone, visit.house.clock.now(), currency)


def _badges(visit: Visit, one: Integration | None, known: Mapping[str, int]) -> Mapping[str, int]:
    """Return the two numbers in the tabs of every page; those in `known` are not queried."""
    if one is None or not one.live:
        return {}
    ask: Mapping[str, Callable[[], int]] = {
        "mapping": lambda: survey.todo(visit.house, one).total,
        "issues": lambda: history.number_of_issues(visit.house, one.id),
    }
    return {name: known[name] if name in known else count() for name, count in ask.items()}
