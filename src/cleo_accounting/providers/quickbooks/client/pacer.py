"""Pace one company's requests to Intuit's limits, and pause them after a 429.

A request counts from the moment it starts until a whole window after it has *ended*. Intuit counts
it at some moment in between, so no network delay can make more of our requests fall into one of
Intuit's windows than it allows.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Condition
from typing import TYPE_CHECKING, Protocol

from cleo_accounting.errors import Throttled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleo_accounting.core.clock import Clock

_MARGIN_SECONDS = 0.01  # clocks round: a shorter sleep might not advance them at all


@dataclass(frozen=True, slots=True)
class Limits:
    """Intuit's request limits for one company."""

    requests_per_minute: int
    requests_per_second: int
    batches_per_minute: int
    batches_at_once: int


class Fleet(Protocol):
    """The request budgets of companies, shared by all processes that open their books."""

    def take(
        self, company_id: str, windows: Sequence[tuple[int, float, bool]], *, batch: bool
    ) -> tuple[int, float]:
        """Take a turn: return its number, or 0 and the seconds to wait before asking again.

        Each window is a number of requests, a number of seconds, and whether it counts only
        batches.
        """

    def end(self, turn: int) -> None:
        """End a turn, because its request is over."""


class _Window:
    """A limit of requests per number of seconds; requests in flight count as well."""

    def __init__(self, allowed: int, seconds: float) -> None:
        self._allowed = allowed
        self._seconds = seconds + _MARGIN_SECONDS
        self._ended: deque[float] = deque()
        self._in_the_air = 0

    def start(self) -> None:
        self._in_the_air += 1

    def end(self, moment: float) -> None:
        self._in_the_air -= 1
        if self._seconds > _MARGIN_SECONDS:
            self._ended.append(moment)

    def wait_seconds(self, moment: float) -> float | None:
        """Return the seconds until a request is allowed; None: when one in flight ends."""
        while self._ended and self._ended[0] + self._seconds <= moment:
            self._ended.popleft()
        if len(self._ended) + self._in_the_air < self._allowed:
            return 0.0
        return self._ended[0] + self._seconds - moment if self._ended else None


class Pacer:
    """Paces one company's requests: among this process's threads, then in the fleet, if any."""

    def __init__(
        self, limits: Limits, clock: Clock, company_id: str = "", fleet: Fleet | None = None
    ) -> None:
        self._clock = clock
        self._company_id = company_id
        self._fleet = fleet
        self._shared = (
            (limits.requests_per_minute, 60 + _MARGIN_SECONDS, False),
            (limits.requests_per_second, 1 + _MARGIN_SECONDS, False),
            (limits.batches_per_minute, 60 + _MARGIN_SECONDS, True),
            (limits.batches_at_once, 0.0, True),
        )
        self._changed = Condition()
        # Sources disagree whether Intuit's limit is ten a second or ten at once; this keeps both.
        self._every = (
            _Window(limits.requests_per_minute, 60),
            _Window(limits.requests_per_second, 1),
        )
        self._batches = (
            _Window(limits.batches_per_minute, 60),
            _Window(limits.batches_at_once, 0),
        )
        self._held_until: tuple[float, datetime] | None = None

    @contextmanager
    def turn(self, *, batch: bool) -> Iterator[None]:
        """Wait for a turn, and hold it while the request is in flight.

        Raises:
            Throttled: Intuit throttled an earlier request, and the pause is not over.
        """
        windows = (*self._every, *self._batches) if batch else self._every
        self._wait(windows)
        try:
            with self._turn_in_fleet(batch=batch):
                yield
        finally:
            with self._changed:
                moment = self._clock.monotonic()
                for window in windows:
                    window.end(moment)
                self._changed.notify_all()

    def hold(self, seconds: float) -> datetime:
        """Pause all requests for some seconds; return when the pause ends."""
        with self._changed:
            until = (
                self._clock.monotonic() + seconds,
                self._clock.now() + timedelta(seconds=seconds),
            )
            if self._held_until is None or until[0] > self._held_until[0]:
                self._held_until = until
            self._changed.notify_all()
            return self._held_until[1]

    def _wait(self, windows: Sequence[_Window]) -> None:
        while True:
            with self._changed:
                self._refuse_while_held()
                moment = self._clock.monotonic()
                waits = [window.wait_seconds(moment) for window in windows]
                known = [wait for wait in waits if wait is not None]
                if len(known) < len(waits):
                    self._changed.wait()
                    continue
                longest = max(known)
                if longest <= 0:
                    for window in windows:
                        window.start()
                    return
            self._clock.sleep(max(longest, _MARGIN_SECONDS))

    @contextmanager
    def _turn_in_fleet(self, *, batch: bool) -> Iterator[None]:
        if self._fleet is None:
            yield
            return
        windows = [one for one in self._shared if batch or not one[2]]
        turn = 0
        while not turn:
            with self._changed:
                self._refuse_while_held()
            turn, seconds = self._fleet.take(self._company_id, windows, batch=batch)
            if not turn:
                self._clock.sleep(max(seconds, _MARGIN_SECONDS))
        try:
            yield
        finally:
            self._fleet.end(turn)

    def _refuse_while_held(self) -> None:
        if self._held_until is None:
            return
        moment, until = self._held_until
        if self._clock.monotonic() < moment:
            raise Throttled("QuickBooks asked us to slow down", until)
        self._held_until = None
