"""The clock as an argument: nothing of ours asks the time by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """Tells the time and waits; the real one lives in bootstrap, tests bring their own."""

    def now(self) -> datetime:
        """The moment, aware."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever grow; for measuring and pacing."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...
