"""Time as a thing that is handed around: real and shifted, or virtual and moved by hand."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_START = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
"""Where virtual time begins when nobody says: a Monday morning in California."""


class Clock(Protocol):
    """Says what time it is, aware of its zone, and can be steered."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        ...

    def advance(self, seconds: float) -> None:
        """Move time on."""
        ...

    def set(self, moment: datetime) -> None:
        """Make it this moment now."""
        ...


class VirtualClock:
    """Stands still until it is moved, so that equal runs see equal times."""

    def __init__(self, start: datetime = DEFAULT_START) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The moment it was last moved to."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move on; the books never see time run backwards."""
        if seconds < 0:
            raise ValueError("time cannot be advanced by a negative number of seconds")
        self._now += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        """Jump to an aware moment."""
        self._now = moment.astimezone(UTC)


class SystemClock:
    """The machine's time, plus whatever it has been steered by."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """The machine's time, shifted."""
        return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> None:
        """Shift time on."""
        if seconds < 0:
            raise ValueError("time cannot be advanced by a negative number of seconds")
        self._offset += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        """Shift time so that it is this moment now and goes on from there."""
        self._offset = moment.astimezone(UTC) - datetime.now(UTC)


class HeldClock:
    """Another clock that can be held still, so that one request sees one moment throughout."""

    def __init__(self, inner: Clock) -> None:
        self._inner = inner
        self._held: datetime | None = None

    def now(self) -> datetime:
        """The moment held, or the inner clock's."""
        return self._inner.now() if self._held is None else self._held

    def advance(self, seconds: float) -> None:
        """Move the inner clock on."""
        self._inner.advance(seconds)
        self._follow()

    def set(self, moment: datetime) -> None:
        """Set the inner clock."""
        self._inner.set(moment)
        self._follow()

    def _follow(self) -> None:
        if self._held is not None:
            self._held = self._inner.now()

    def resume(self, moment: datetime) -> None:
        """Go on from a saved moment; a clock that goes by itself knows better."""
        if isinstance(self._inner, VirtualClock):
            self.set(moment)

    @contextmanager
    def held_at(self, moment: datetime) -> Iterator[None]:
        """Let it be another moment for a while: what is late happens when it was due."""
        before, self._held = self._held, moment
        try:
            yield
        finally:
            self._held = before

    @contextmanager
    def held(self) -> Iterator[datetime]:
        """Hold this moment; within another hold, the outer one counts."""
        if self._held is not None:
            yield self._held
            return
        self._held = self._inner.now()
        try:
            yield self._held
        finally:
            self._held = None
