"""Let simultaneous requests for the same data share one read of the database.

A read serves all requests that arrived before it began, so every response is at least as new as its
request. Requests that arrive during a read wait for the next one: for each key there is one read at
a time, however many requests there are.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar, cast

from fastapi.concurrency import run_in_threadpool

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    _Key = tuple[asyncio.AbstractEventLoop, Hashable]

T = TypeVar("T")


class Together:
    """The shared reads of this process."""

    def __init__(self) -> None:
        self._at_work: dict[_Key, asyncio.Task[Any]] = {}
        self._next: dict[_Key, asyncio.Task[Any]] = {}

    async def read(self, key: Hashable, look: Callable[[], T]) -> T:
        """Return the result of `look`, run in a thread and shared by requests with the same key."""
        loop = asyncio.get_running_loop()
        of = (loop, key)
        reading = self._next.get(of)
        if reading is None:
            reading = self._next[of] = loop.create_task(self._read(of, look))
        # A request that is cancelled must not cancel the read for the others.
        return cast("T", await asyncio.shield(reading))

    async def _read(self, of: _Key, look: Callable[[], T]) -> T:
        """Wait for the previous read, then start: requests from then on wait for the next one."""
        if before := self._at_work.get(of):
            await asyncio.wait([before])
        self._at_work[of] = self._next.pop(of)
        try:
            return await run_in_threadpool(look)
        finally:
            del self._at_work[of]
