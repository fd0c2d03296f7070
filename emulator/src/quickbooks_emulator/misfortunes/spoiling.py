"""Apply a misfortune to a response: replace it, or change how it is delivered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from quickbooks_emulator.accounting.gateway import throttled, timed_out
from quickbooks_emulator.basics.faults import Error, Refusal
from quickbooks_emulator.basics.moments import stamp_to_the_millisecond
from quickbooks_emulator.basics.wire import Delivery, Request, Response, encode_json
from quickbooks_emulator.sign_in.oauth import invalid_grant

if TYPE_CHECKING:
    from datetime import datetime

    from quickbooks_emulator.basics.switches import Switches
    from quickbooks_emulator.misfortunes.misfortune import Misfortune

PAGE = """<html>
<head><title>{title}</title></head>
<body>
<center><h1>{title}</h1></center>
<hr><center>nginx</center>
</body>
</html>
"""
TITLES = {
    200: "QuickBooks is temporarily unavailable",
    500: "500 Internal Server Error",
    502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable",
    504: "504 Gateway Time-out",
}


def instead(
    misfortune: Misfortune, request: Request, switches: Switches, now: datetime
) -> Response:
    """Return the response to a request that was not executed, or not yet."""
    match misfortune.kind:
        case "throttled":
            return throttled(request, None, switches, now)
        case "invalid_grant":
            return invalid_grant(switches)
        case "timeout_before_commit" | "late_commit":
            return timed_out(request, now)
        case "error_before_commit":
            return _error(misfortune.status or 500, now)
        case _:
            return Response(502, {}, b"", Delivery(dropped=True))


def spoiled(
    response: Response, misfortune: Misfortune, request: Request, now: datetime
) -> Response:
    """Return the response to an executed request as the misfortune leaves it."""
    size = len(response.body)
    cut = size // 2 if misfortune.after_bytes is None else min(misfortune.after_bytes, size)
    deliveries = {
        "delay": Delivery(delay_seconds=misfortune.seconds),
        "drop_after_commit": Delivery(dropped=True),
        "reset_mid_body": Delivery(reset_after_bytes=cut),
        "slow_drip": Delivery(bytes_per_second=misfortune.bytes_per_second),
    }
    if misfortune.kind in deliveries:
        return replace(response, delivery=deliveries[misfortune.kind])
    match misfortune.kind:
        case "truncated_body":
            return replace(response, body=response.body[:cut])
        case "empty_body":
            return replace(response, body=b"")
        case "html_page":
            return _page(misfortune.status or 503)
        case "timeout_after_commit" | "timeout_midway":
            return timed_out(request, now)
        case _:
            return _error(misfortune.status or 500, now)


def system_failure(now: datetime, detail: str = "System Failure Error: unexpected") -> Response:
    """Return fault 10000, a failure within the accounting service itself."""
    message = "An application error has occurred while processing your request"
    fault = Refusal(Error(message, detail, "10000"), kind="SystemFault", status=500)
    body = {"Fault": fault.document(), "time": stamp_to_the_millisecond(now)}
    return Response(500, {"content-type": "application/json;charset=UTF-8"}, encode_json(body))


def _error(status: int, now: datetime) -> Response:
    return system_failure(now) if status == 500 else _page(status)  # noqa: PLR2004  the status


def _page(status: int) -> Response:
    title = TITLES.get(status, f"{status} Error")
    return Response(status, {"content-type": "text/html"}, PAGE.format(title=title).encode())
