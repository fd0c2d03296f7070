"""Time as an argument: what o'clock it is, how long something took, and waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """Whoever needs time is given one; the real one is made where everything is built."""

    def now(self) -> datetime:
        """The moment by the calendar, aware."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards, for measuring."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


def known_zone(name: str) -> bool:
    """Whether a time zone has this name, such as America/New_York."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
