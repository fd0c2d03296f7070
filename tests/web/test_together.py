"""Concurrent requests for the same data share one read, which began after they asked."""

from __future__ import annotations

import asyncio
import threading

import pytest

from cleo_accounting.web.together import Together

READERS = 20


class Source:
    """A value that changes; each read of it blocks until the test releases it."""

    def __init__(self) -> None:
        self.value = 0
        self.readings = 0
        self.at_once = 0
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)

    def look(self) -> int:
        self.readings += 1
        self.at_once += 1
        assert self.at_once == 1
        value = self.value
        self.begun.release()
        assert self.go_on.acquire(timeout=10)
        self.at_once -= 1
        return value


def test_who_asks_during_a_reading_is_told_what_holds_after_they_asked() -> None:
    source = Source()

    async def ask() -> list[int]:
        together = Together()
        first = asyncio.create_task(together.read("status", source.look))
        await asyncio.to_thread(source.begun.acquire)
        source.value = 1
        later = [asyncio.create_task(together.read("status", source.look)) for _ in range(READERS)]
        await asyncio.sleep(0)
        source.go_on.release(2)
        return [await first, *await asyncio.gather(*later)]

    assert asyncio.run(ask()) == [0, *[1] * READERS]
    assert source.readings == 2


def test_what_others_ask_for_is_read_by_itself() -> None:
    async def ask() -> list[str]:
        together = Together()
        reads = (together.read(key, lambda key=key: f"of {key}") for key in ("one", "two"))
        return await asyncio.gather(*reads)

    assert asyncio.run(ask()) == ["of one", "of two"]


def test_a_failed_reading_fails_for_all_who_shared_it_and_the_next_is_made_anew() -> None:
    tries = iter((ValueError("away"), "there"))

    def look() -> str:
        found = next(tries)
        if isinstance(found, Exception):
            raise found
        return found

    async def ask() -> list[str | BaseException]:
        together = Together()
        shared = [together.read("status", look) for _ in range(2)]
        failed = await asyncio.gather(*shared, return_exceptions=True)
        return [*failed, await together.read("status", look)]

    first, second, third = asyncio.run(ask())

    assert isinstance(first, ValueError)
    assert isinstance(second, ValueError)
    assert third == "there"


def test_who_gives_up_does_not_end_the_reading_for_the_others() -> None:
    source = Source()

    async def ask() -> int:
        together = Together()
        gives_up = asyncio.create_task(together.read("status", source.look))
        waits = asyncio.create_task(together.read("status", source.look))
        await asyncio.to_thread(source.begun.acquire)
        gives_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gives_up
        source.go_on.release()
        return await waits

    assert asyncio.run(ask()) == 0
    assert source.readings == 1
