"""Read request bodies within limits of size and time; parse and validate JSON in a thread.

A large or slow body delays only its own request, not those of others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError

from cleo_accounting.errors import Mend
from cleo_accounting.platform import strict

if TYPE_CHECKING:
    from fastapi._compat import ModelField
    from starlette.types import Receive, Scope

BODY_BYTES_MAX = 10_000_000
BODY_SECONDS_MAX = 60.0
# Values in one body: a thousand payables of twenty lines each have about half as many.
VALUES_MAX = 200_000


class Taken(Request):
    """A request whose JSON body is already read and validated."""

    def __init__(self, scope: Scope, receive: Receive, body: bytes, value: object) -> None:
        super().__init__(scope, receive)
        self._body = body
        self._json = value


async def take(request: Request, field: ModelField | None) -> Request:
    """Return the request with its body read, and validated if the path accepts one.

    Raises:
        Mend: the body is too large, too slow, not JSON, or holds too many values.
        RequestValidationError: the body does not have the form that the path accepts.
    """
    body = await read(request, BODY_BYTES_MAX)
    value: object = None
    if body and field is not None:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise Mend("Send the body as application/json.", code="wrong_content_type")
        value = await run_in_threadpool(_validated, body, field)
    return Taken(request.scope, request.receive, body, value)


async def read(request: Request, bytes_max: int, too_large: str | None = None) -> bytes:
    """Read the whole body; `too_large` is the message if it is larger than `bytes_max`.

    Raises:
        Mend: the body is too large, or takes longer than a minute to arrive.
    """
    too_large = too_large or f"The body is larger than {bytes_max:,} bytes."
    parts: list[bytes] = []
    size = 0
    try:
        with anyio.fail_after(BODY_SECONDS_MAX):
            async for part in request.stream():
                size += len(part)
                if size > bytes_max:
                    raise Mend(too_large, code="too_large")
                parts.append(part)
    except TimeoutError:
        raise Mend(
            f"The body did not come within {BODY_SECONDS_MAX:.0f} s.", code="too_slow"
        ) from None
    return b"".join(parts)


def _validated(body: bytes, field: ModelField) -> Any:  # noqa: ANN401  what the path takes
    try:
        plain = strict.parse(body, values_max=VALUES_MAX)
    except strict.NotJson as flaw:
        raise Mend(f"The body {flaw}.", code="bad_json") from None
    value, flaws = field.validate(plain, {}, loc=("body",))
    if flaws:
        raise RequestValidationError(flaws)
    return value
