"""Intuit's limits: 500 requests a minute, 10 a second or at once, batches, and monthly reads.

Windows slide. A request counts as concurrent for as long as its simulated delivery takes, so that
the limit of ten at once needs no real time and stays repeatable.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from quickbooks_emulator.basics.switches import Switches

_MICROSECOND = 1e-6  # a delivery that ends now has ended, despite rounding


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits' values; a test may set smaller ones."""

    requests_per_minute: int = 500
    burst: int = 10
    app_batches_per_minute: int = 40
    company_batches_per_minute: int = 120


UNLIMITED = Limits(10**9, 10**9, 10**9, 10**9)
"""Limits so high that they never apply: for benchmarks, and for tests of other behaviour."""


@dataclass(frozen=True, slots=True)
class Call:
    """The facts about a request that the limits depend on."""

    realm_id: str
    client_id: str
    batch_items: int | None = None
    """The number of items if the request is a batch, otherwise None."""
    reads: bool = False
    """Whether the request reads data (a CorePlus call)."""
    production: bool = False


@dataclass(frozen=True, slots=True)
class Throttled:
    """A call was refused: the limit it exceeds, and how long to wait."""

    reason: str
    wait_seconds: int


@dataclass(frozen=True, slots=True)
class _Window:
    name: str
    key: tuple[str, ...]
    seconds: float
    allowed: int
    weight: int = 1


class Throttle:
    """Counts calls by company and app, and refuses those beyond the limits."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.seen: dict[tuple[str, ...], deque[tuple[float, int]]] = {}
        self.busy: dict[tuple[str, str], list[float]] = {}
        self.metered: dict[tuple[str, str], int] = {}
        """The number of successful reads, by app and calendar month."""

    def admit(self, call: Call, now: datetime, switches: Switches) -> Throttled | None:
        """Admit a call and count it (returns None), or refuse it; a refused call is not counted."""
        if self._metering(call, switches):
            used = self.metered.get(_month(call.client_id, now), 0)
            if used >= switches.metered_reads_monthly:
                return Throttled("monthly reads", _seconds_to_next_month(now))
        moment = now.timestamp()
        windows = self._windows(call, switches)
        for window in windows:
            count, oldest = self._count(window, moment)
            if count + window.weight > window.allowed:
                wait = max(1, round(oldest + window.seconds - moment + 0.5))
                return Throttled(window.name, wait)
        if switches.burst_limit == "concurrent":
            busy = self._occupied((call.realm_id, call.client_id), moment)
            if busy >= self.limits.burst:
                return Throttled("concurrent requests", 1)
        for window in windows:
            self.seen.setdefault(window.key, deque()).append((moment, window.weight))
        return None

    def answered(self, call: Call, now: datetime, switches: Switches, *, good: bool) -> None:
        """Record whether a call succeeded, for the meter and `failed_calls_count`."""
        if good and self._metering(call, switches):
            month = _month(call.client_id, now)
            self.metered[month] = self.metered.get(month, 0) + 1
        if not good and not switches.failed_calls_count:
            for window in self._windows(call, switches):
                seen = self.seen.get(window.key)
                if seen:
                    seen.pop()

    def occupy(self, call: Call, now: datetime, switches: Switches, seconds: float) -> None:
        """Count a call as concurrent for as long as its response takes to be delivered."""
        if seconds > 0 and switches.burst_limit == "concurrent":
            places = self.busy.setdefault((call.realm_id, call.client_id), [])
            places.append(now.timestamp() + seconds)

    def _metering(self, call: Call, switches: Switches) -> bool:
        if not call.reads or switches.metering == "never":
            return False
        return switches.metering == "always" or call.production

    def _windows(self, call: Call, switches: Switches) -> list[_Window]:
        limits, realm, app = self.limits, call.realm_id, call.client_id
        weight = 1
        if call.batch_items is not None and switches.batch_counts_as == "its_items":
            weight = max(1, call.batch_items)
        per_minute = limits.requests_per_minute
        windows = [_Window("requests a minute", ("minute", realm), 60, per_minute, weight)]
        if switches.burst_limit == "per_second":
            key = ("second", realm, app)
            windows.append(_Window("requests a second", key, 1, limits.burst))
        if call.batch_items is not None:
            mine, all_ = limits.app_batches_per_minute, limits.company_batches_per_minute
            windows.append(_Window("batches a minute", ("batch", realm, app), 60, mine))
            windows.append(_Window("company's batches a minute", ("batch", realm), 60, all_))
        return windows

    def _count(self, window: _Window, moment: float) -> tuple[int, float]:
        """Return the count in a window and the time of its oldest call; drops expired calls."""
        seen = self.seen.get(window.key)
        if not seen:
            return 0, moment
        while seen and seen[0][0] <= moment - window.seconds:
            seen.popleft()
        return sum(weight for _, weight in seen), seen[0][0] if seen else moment

    def _occupied(self, key: tuple[str, str], moment: float) -> int:
        busy = [end for end in self.busy.get(key, ()) if end - moment >= _MICROSECOND]
        self.busy[key] = busy
        return len(busy)


def _month(client_id: str, now: datetime) -> tuple[str, str]:
    return client_id, f"{now:%Y-%m}"


def _seconds_to_next_month(now: datetime) -> int:
    year, month = (now.year + 1, 1) if now.month == 12 else (now.year, now.month + 1)  # noqa: PLR2004  December
    first = now.replace(year=year, month=month, day=1, hour=0, minute=0, second=0, microsecond=0)
    return int((first - now).total_seconds())
