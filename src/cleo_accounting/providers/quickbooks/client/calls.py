"""Send one company's calls: paced, authorised and counted. Reads are retried; writes never are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import quote

from cleo_accounting.errors import Reconnect, Throttled, Unavailable
from cleo_accounting.providers import Usage
from cleo_accounting.providers.quickbooks.client.answers import (
    Answered,
    Faulted,
    Slowed,
    classify,
)
from cleo_accounting.providers.quickbooks.client.wire import Reply, Unclear, Unsent, Wire, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from cleo_accounting.providers import Grant, GrantKeeper
    from cleo_accounting.providers.quickbooks.client.pacer import Pacer

MINOR_VERSION = "75"
SILENCE_SECONDS = 60.0  # after a 429 without Retry-After; Intuit's advice
SILENCE_SECONDS_MAX = 3600.0  # the longest wait, whatever Retry-After says
_JITTER_SECONDS = 5.0
_LATER_SECONDS = 30.0
_READS_MAX = 3
_PAUSE_SECONDS = 0.5

# The person who connected may no longer open these books: 120 means that they lost the role, 3100
# and 3201 that the token is not for this company, and 5020 that permission was denied.
_LOCKED_OUT = frozenset({"120", "3100", "3201", "5020"})
# Wrong cluster, company locked, company under maintenance: temporary, and nothing for a person to
# fix.
_COME_BACK = frozenset({"130", "140", "150"})


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a path below `/v3/company/{id}/`."""

    method: str
    path: str
    params: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    content_type: str = "application/json"
    batch: bool = False
    leaves_by: float | None = None  # in the clock's monotonic seconds


class Calls:
    """Sends requests to Intuit on behalf of one company. Thread-safe."""

    def __init__(
        self,
        *,
        wire: Wire,
        pacer: Pacer,
        keeper: GrantKeeper,
        random: Callable[[], float],
        api_url: str,
        company_id: str,
    ) -> None:
        self._wire = wire
        self._clock = wire.clock
        self._pacer = pacer
        self._keeper = keeper
        self._random = random
        self._company_url = f"{api_url.rstrip('/')}/v3/company/{quote(company_id, safe='')}"
        self._usage = Usage()
        self._counting = Lock()

    def read(self, call: Call) -> Answered | Faulted | Unclear:
        """Send a read, with retries; return `Unclear` only if the response is too large.

        Raises:
            Throttled, Unavailable, Reconnect.
        """
        started = self._clock.monotonic()
        attempt = 1
        while isinstance(result := self._authorised(call), Unclear | Unsent):
            if isinstance(result, Unclear) and result.too_large:
                return result
            late = self._clock.monotonic() - started > self._wire.timeout_seconds
            if attempt == _READS_MAX or late:
                raise self._unavailable(f"QuickBooks cannot be read: {result.message}")
            self._clock.sleep(_PAUSE_SECONDS * 2**attempt * (0.5 + self._random()))
            attempt += 1
        if isinstance(result, Answered):
            self._count(reads=1)
        return result

    def write(self, call: Call) -> Answered | Faulted | Unclear:
        """Send a write once; `Unclear` means that it may have been done.

        Raises:
            Throttled, Unavailable, Reconnect: the write was certainly not done.
        """
        result = self._authorised(call)
        if isinstance(result, Unsent):
            raise self._unavailable(f"QuickBooks cannot be written to: {result.message}")
        return result

    def usage(self) -> Usage:
        """Return the requests counted so far."""
        with self._counting:
            return self._usage

    def unreadable(self, why: str) -> Unavailable:
        """Return the error to raise for a response that cannot be understood."""
        return self._unavailable(f"QuickBooks cannot be read: {why}")

    def _authorised(self, call: Call) -> Answered | Faulted | Unclear | Unsent:
        """Send with the newest grant; if it is rejected, renew it and send once more."""
        grant, result = self._taken_turn(call, self._keeper.current)
        if isinstance(result, Faulted) and result.unauthorised:
            _, result = self._taken_turn(call, lambda: self._keeper.renew(grant))
        if not (isinstance(result, Faulted) and result.unauthorised):
            return result
        if not result.codes:
            return Unclear("the answer (401) is none that QuickBooks gives", result.tid)
        raise Reconnect("QuickBooks does not accept our grant any more; connect again")

    def _taken_turn(
        self, call: Call, get_grant: Callable[[], Grant]
    ) -> tuple[Grant, Answered | Faulted | Unclear | Unsent]:
        with self._pacer.turn(batch=call.batch):
            grant = get_grant()
            result = self._once(call, grant.access_token.get_secret_value())
        if isinstance(result, Faulted):
            self._raise_if_shut(result)
        return grant, result

    def _once(self, call: Call, access_token: str) -> Answered | Faulted | Unclear | Unsent:
        params = joined([*call.params, ("minorversion", MINOR_VERSION)])
        headers = {"Accept": "application/json", "Authorization": f"Bearer {access_token}"}
        if call.body:
            headers["Content-Type"] = call.content_type
        self._count(requests=1, batches=int(call.batch))
        reply = self._wire.send(
            call.method,
            f"{self._company_url}/{call.path}?{params}",
            headers=headers,
            body=call.body,
            leaves_by=call.leaves_by,
        )
        if not isinstance(reply, Reply):
            return reply
        result = classify(reply, self._clock.now())
        if isinstance(result, Slowed):
            self._count(throttled=1)
            raise Throttled("QuickBooks asked us to slow down", self._silence(result.seconds))
        return result

    def _silence(self, seconds: float | None) -> datetime:
        if seconds is None:
            seconds = SILENCE_SECONDS
        jitter = self._random() * _JITTER_SECONDS
        return self._pacer.hold(min(max(seconds, 1.0), SILENCE_SECONDS_MAX) + jitter)

    def _raise_if_shut(self, faulted: Faulted) -> None:
        if faulted.codes & _LOCKED_OUT:
            raise Reconnect(
                "The person who connected may no longer open this company in QuickBooks;"
                " connect again as an administrator of the company",
                code="no_permission",
            )
        if faulted.codes & _COME_BACK:
            raise self._unavailable("QuickBooks does not open this company for the moment")

    def _unavailable(self, message: str) -> Unavailable:
        return Unavailable(message, self._clock.now() + timedelta(seconds=_LATER_SECONDS))

    def _count(
        self, *, requests: int = 0, batches: int = 0, reads: int = 0, throttled: int = 0
    ) -> None:
        with self._counting:
            now = self._usage
            self._usage = replace(
                now,
                requests=now.requests + requests,
                batches=now.batches + batches,
                reads=now.reads + reads,
                throttled=now.throttled + throttled,
            )
