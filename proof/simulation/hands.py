"""Share work out to processes, each with its own bench, and return the outcomes in order."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from multiprocessing import get_context
from multiprocessing.util import Finalize
from typing import TypeVar

from proof.simulation.bench import Bench, bench

_NEW_OBJECTS = 20_000  # a world makes some hundred thousand, most freed without the collector
_AHEAD = 4  # pieces of work queued per process, so that no process waits for the slowest
Opened = Callable[[], AbstractContextManager[Bench]]
Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def shared_out(
    work: Callable[[Bench, Item], Outcome],
    items: Iterable[Item],
    jobs: int,
    ahead: int = _AHEAD,
    opened: Opened = bench,
) -> Iterator[Outcome]:
    """Do the same work for each item, in `jobs` processes (1: in this process)."""
    if jobs == 1:
        with opened() as here:
            _sweep_seldom()
            for item in items:
                yield work(here, item)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn"), _sit_down, (opened,)) as pool:
        hands: deque[Future[Outcome]] = deque()
        for item in items:
            hands.append(pool.submit(_at_own_bench, work, item))
            if len(hands) >= ahead * jobs:
                yield hands.popleft().result()
        while hands:
            yield hands.popleft().result()


_own: list[Bench] = []  # the bench of a process of the pool


def _sweep_seldom() -> None:
    """Collect garbage seldom, and leave out the objects that exist for good."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)


def _sit_down(opened: Opened) -> None:
    _sweep_seldom()
    stack = ExitStack()
    _own.append(stack.enter_context(opened()))
    Finalize(None, stack.close, exitpriority=0)


def _at_own_bench(work: Callable[[Bench, Item], Outcome], item: Item) -> Outcome:
    return work(_own[0], item)
