"""Live streams: limited per caller, business and process, and ended when access ends.

However many streams show the same data, the database is queried once a second for all of them.
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
ROUNDS_MAX = 600  # then the client reconnects: no connection is held forever
_CHECK_EVERY_ROUNDS = 5
_LATER = timedelta(seconds=30)

T = TypeVar("T")


@dataclass
class _Watch(Generic[T]):
    """The data that several streams share, as last read."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    followers: int = 0
    stale_at: float = 0.0
    value: T | None = None


class Streams:
    """The live streams of this process; used only on its event loop."""

    def __init__(self, bounds: StreamBounds, clock: Clock) -> None:
        self._bounds = bounds
        self._clock = clock
        self._held: Counter[str] = Counter()
        self._watches: dict[Hashable, _Watch[object]] = {}

    @contextmanager
    def seat(self, caller: str, business_id: str) -> Iterator[None]:
        """Reserve a place for a stream within the block.

        Raises:
            Exceeded: the caller, the business or the process has its maximum of streams.
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
            self._held += Counter()  # drops the names whose count is zero

    async def follow(
        self, key: Hashable, poll: Callable[[], T], may: Callable[[], bool]
    ) -> AsyncGenerator[T]:
        """Yield the result of `poll` every second, for as long as `may` returns true.

        Streams with the same key share one poll. `may` is called every few seconds.
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
    """Return the shared data, read again unless another stream has just read it."""
    async with watch.lock:
        now = asyncio.get_running_loop().time()
        if now >= watch.stale_at:
            watch.value = await run_in_threadpool(poll)
            watch.stale_at = now + EVERY_SECONDS * 0.9
        return cast("T", watch.value)
