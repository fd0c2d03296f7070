"""Report a denied request to the operator: in a metric, in the log and in the audit chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from cleo_accounting.errors import AccountingError
from cleo_accounting.flows.denials import NOBODY, Denial
from cleo_accounting.store.database import AWAY

if TYPE_CHECKING:
    from starlette.requests import Request

    from cleo_accounting.web.frame import Counts

_log = structlog.get_logger(__name__)


def tell(
    request: Request, refusal: AccountingError, *, by: str = NOBODY, business_id: str | None = None
) -> None:
    """Report a denial; `business_id` is given only if the caller may see the business.

    The log gets at most as many lines a minute as `Counts.denials` admits; the next line states how
    many were held back before it. It contains neither the path nor other input of the caller.
    """
    counts: Counts = request.app.state.counts
    counts.denied.labels(refusal.code).inc()
    route = f"{request.method} {getattr(request.scope.get('route'), 'path', 'unknown')}"
    house = request.app.state.door.house
    held_back = counts.denials.admit(house.clock.monotonic())
    if held_back is not None:
        _log.warning(
            "denied",
            request_id=request.state.request_id,
            by=by,
            business=business_id,
            route=route,
            code=refusal.code,
            not_logged_before=held_back,
        )
    try:
        denial = Denial(by, route, refusal.code, business_id)
        house.denials.note(house.database, denial, house.clock.now())
    except AWAY as trouble:  # the denial holds even if it cannot be recorded
        _log.error("denial_not_noted", error=str(trouble).partition("\n")[0])
