"""Let requests that ask for the same at the same time share one reading of the database.

A reading answers all who asked before it began, so everybody is told what holds after they asked.
While it goes on, whoever asks waits for the next: of each thing there is one reading at a time,
however many ask.
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
    """The shared readings of this process."""

    def __init__(self) -> None:
        self._at_work: dict[_Key, asyncio.Task[Any]] = {}
        self._next: dict[_Key, asyncio.Task[Any]] = {}

    async def read(self, key: Hashable, look: Callable[[], T]) -> T:
        """Return what `look` reads; requests of one key share it. It runs in a thread."""
        loop = asyncio.get_running_loop()
        of = (loop, key)
        reading = self._next.get(of)
        if reading is None:
            reading = self._next[of] = loop.create_task(self._read(of, look))
        # Whoever gives up does not end it for the others.
        return cast("T", await asyncio.shield(reading))

    async def _read(self, of: _Key, look: Callable[[], T]) -> T:
        """Wait for the reading before this one, then begin: whoever asks now is too late."""
        if before := self._at_work.get(of):
            await asyncio.wait([before])
        self._at_work[of] = self._next.pop(of)
        try:
            return await run_in_threadpool(look)
        finally:
            del self._at_work[of]
