"""Clocks that are passed as arguments: the system clock with an offset, or virtual time."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_START = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
"""The default start of virtual time: a Monday morning in California."""


class Clock(Protocol):
    """A source of the current time that callers can also move."""

    def now(self) -> datetime:
        """Return the current time, as an aware datetime in UTC."""
        ...

    def advance(self, seconds: float) -> None:
        """Move the clock forward by this many seconds."""
        ...

    def set(self, moment: datetime) -> None:
        """Set the clock to this moment."""
        ...


class VirtualClock:
    """A clock that stands still until it is moved, so that equal runs see equal times."""

    def __init__(self, start: datetime = DEFAULT_START) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment the clock was last moved to."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock forward; raises ValueError for a negative number of seconds."""
        if seconds < 0:
            raise ValueError("time cannot be advanced by a negative number of seconds")
        self._now += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        """Set the clock to this aware moment."""
        self._now = moment.astimezone(UTC)


class SystemClock:
    """The machine's clock plus an offset, which `advance` and `set` change."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """Return the machine's time plus the offset."""
        return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> None:
        """Increase the offset; raises ValueError for a negative number of seconds."""
        if seconds < 0:
            raise ValueError("time cannot be advanced by a negative number of seconds")
        self._offset += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        """Change the offset so that the clock shows this moment now and runs on from there."""
        self._offset = moment.astimezone(UTC) - datetime.now(UTC)


class HeldClock:
    """A wrapper that can hold another clock still, so that one request sees a single moment."""

    def __init__(self, inner: Clock) -> None:
        self._inner = inner
        self._held: datetime | None = None

    def now(self) -> datetime:
        """Return the held moment, or the inner clock's time when nothing is held."""
        return self._inner.now() if self._held is None else self._held

    def advance(self, seconds: float) -> None:
        """Move the inner clock forward, and the held moment with it."""
        self._inner.advance(seconds)
        self._follow()

    def set(self, moment: datetime) -> None:
        """Set the inner clock, and the held moment with it."""
        self._inner.set(moment)
        self._follow()

    def _follow(self) -> None:
        if self._held is not None:
            self._held = self._inner.now()

    def resume(self, moment: datetime) -> None:
        """Set a virtual clock to a saved moment; the system clock is left as it is."""
        if isinstance(self._inner, VirtualClock):
            self.set(moment)

    @contextmanager
    def held_at(self, moment: datetime) -> Iterator[None]:
        """Hold the clock at another moment within the block, to run late work at its due time."""
        before, self._held = self._held, moment
        try:
            yield
        finally:
            self._held = before

    @contextmanager
    def held(self) -> Iterator[datetime]:
        """Hold the current moment within the block; a nested hold keeps the outer moment."""
        if self._held is not None:
            yield self._held
            return
        self._held = self._inner.now()
        try:
            yield self._held
        finally:
            self._held = None
