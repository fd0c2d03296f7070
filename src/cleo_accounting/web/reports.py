"""Receive browsers' reports of violations of our pages' Content Security Policy.

Anybody can send such a report, so only the number of reports per directive is recorded.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from cleo_accounting.errors import Mend
from cleo_accounting.platform import strict
from cleo_accounting.web import bodies
from cleo_accounting.web.frame import REPORTS_PATH

if TYPE_CHECKING:
    from cleo_accounting.web.frame import Counts

router = APIRouter(include_in_schema=False)

_KIND = "application/reports+json"
_BYTES_MAX = 50_000
_VALUES_MAX = 2_000
_DIRECTIVES = frozenset(
    "default-src script-src script-src-elem script-src-attr style-src style-src-elem"
    " style-src-attr img-src connect-src font-src media-src object-src frame-src worker-src"
    " manifest-src form-action base-uri frame-ancestors".split()
)
_log = structlog.get_logger(__name__)


@router.post(REPORTS_PATH)
async def take(request: Request) -> Response:
    """Count the violations that a browser reports, and log them."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _KIND:
        raise Mend(f"Send reports as {_KIND}.", code="wrong_content_type")
    found = await run_in_threadpool(_violated, await bodies.read(request, _BYTES_MAX))
    counts: Counts = request.app.state.counts
    for directive, number in found.items():
        counts.violations.labels(directive).inc(number)
    held_back = counts.violation_lines.admit(request.app.state.door.house.clock.monotonic())
    if found and held_back is not None:
        _log.warning(
            "page_policy_violated",
            request_id=request.state.request_id,
            directives=dict(found),
            not_logged_before=held_back,
        )
    return Response(status_code=204)


def _violated(body: bytes) -> Counter[str]:
    """Return the number of violations per directive; unknown directives count as `other`."""
    try:
        reports = strict.parse(body, values_max=_VALUES_MAX)
    except strict.NotJson as flaw:
        raise Mend(f"The body {flaw}.", code="bad_json") from None
    found: Counter[str] = Counter()
    for report in reports if isinstance(reports, list) else ():
        if isinstance(report, dict) and report.get("type") == "csp-violation":
            told = report.get("body")
            directive = told.get("effectiveDirective") if isinstance(told, dict) else None
            found[directive if directive in _DIRECTIVES else "other"] += 1
    return found
