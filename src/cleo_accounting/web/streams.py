"""Live streams: capped per caller, business and process, and ended with whoever may see them.

However many streams show the same, the database is asked once a second for all of them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from fastapi.concurrency import run_in_threadpool

from cleo_accounting.errors import Exceeded

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Hashable, Iterator

    from cleo_accounting.core.clock import Clock
    from cleo_accounting.flows.rates import StreamBounds

EVERY_SECONDS = 1.0
ROUNDS_MAX = 600  # then the client asks again; nobody holds a connection for ever
_CHECK_EVERY_ROUNDS = 5
_LATER = timedelta(seconds=30)

T = TypeVar("T")


@dataclass
class _Watch(Generic[T]):
    """What several streams show, as last read."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    followers: int = 0
    stale_at: float = 0.0
    value: T | None = None


class Streams:
    """The live streams of this process; everything happens on its event loop."""

    def __init__(self, bounds: StreamBounds, clock: Clock) -> None:
        self._bounds = bounds
        self._clock = clock
        self._held: Counter[str] = Counter()
        self._watches: dict[Hashable, _Watch[object]] = {}

    @contextmanager
    def seat(self, caller: str, business_id: str) -> Iterator[None]:
        """Hold a place among the streams for as long as one lasts.

        Raises:
            Exceeded: the caller, the business or the process has as many as it may.
        """
        places = (
            (f"caller {caller}", self._bounds.per_caller),
            (f"business {business_id}", self._bounds.per_business),
            ("process", self._bounds.most),
        )
        if any(self._held[name] >= most for name, most in places):
            raise Exceeded(
                "Too many live streams are open. Close one, or ask again later.",
                self._clock.now() + _LATER,
            )
        self._held.update(name for name, _ in places)
        try:
            yield
        finally:
            self._held.subtract(name for name, _ in places)
            self._held += Counter()  # forgets those that hold none

    async def follow(
        self, key: Hashable, poll: Callable[[], T], may: Callable[[], bool]
    ) -> AsyncGenerator[T]:
        """Give what `poll` reads, every second, for as long as the reader `may` see it.

        Streams of one key share one poll. `may` is asked every few seconds.
        """
        watch = cast("_Watch[T]", self._watches.setdefault(key, _Watch()))
        watch.followers += 1
        try:
            for number in range(ROUNDS_MAX):
                if number % _CHECK_EVERY_ROUNDS == 0 and not await run_in_threadpool(may):
                    return
                yield await _latest(watch, poll)
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            watch.followers -= 1
            if not watch.followers:
                self._watches.pop(key, None)


async def _latest(watch: _Watch[T], poll: Callable[[], T]) -> T:
    """Read anew unless another stream just did."""
    async with watch.lock:
        now = asyncio.get_running_loop().time()
        if now >= watch.stale_at:
            watch.value = await run_in_threadpool(poll)
            watch.stale_at = now + EVERY_SECONDS * 0.9
        return cast("T", watch.value)
