"""Plant a bug in one place, for the length of a block; nothing in the service knows of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from proof.zoo.situations import Situation

Make = Callable[[Any], Any]  # what stands there → what shall stand there
Plant = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Bug:
    """One mistake somebody could make, where it shows, and within how many seeds it has to."""

    name: str
    said: str
    situation: Situation
    plant: Plant
    seeds_max: int = 10


def planting(owner: object, name: str, make: Make) -> Plant:
    """A plant of one thing in the place of a function or a value."""

    @contextmanager
    def plant() -> Iterator[None]:
        kept, stands = vars(owner)[name], getattr(owner, name)
        setattr(owner, name, make(stands))
        try:
            yield
        finally:
            setattr(owner, name, kept)

    return plant


def all_of(*plants: Plant) -> Plant:
    """Several things that are one mistake together."""

    @contextmanager
    def plant() -> Iterator[None]:
        with ExitStack() as stack:
            for one in plants:
                stack.enter_context(one())
            yield

    return plant


def instead(replacement: object) -> Make:
    """Something else, whatever stood there."""
    return lambda _: replacement
