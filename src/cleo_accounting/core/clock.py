"""Time as a dependency: the current moment, a monotonic counter, and sleeping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """The source of time for all code that needs it; the real one is built with the service."""

    def now(self) -> datetime:
        """Return the current moment, timezone-aware."""
        ...

    def monotonic(self) -> float:
        """Return seconds of a clock that never runs backwards, for measuring durations."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds."""
        ...


def known_zone(name: str) -> bool:
    """Return whether a time zone has this name, such as America/New_York."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
