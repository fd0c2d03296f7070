"""Plant a bug in one place, for the length of a block; nothing in the service knows of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from proof.simulation.script import Focus

Make = Callable[[Any], Any]  # what stands there → what shall stand there


@dataclass(frozen=True, slots=True)
class Bug:
    """One mistake somebody could make, and within how many seeds it has to be found."""

    name: str
    said: str
    focus: Focus
    plant: Callable[[], AbstractContextManager[None]]
    seeds_max: int = 60


@contextmanager
def planted(owner: object, name: str, make: Make) -> Iterator[None]:
    """Put something else in the place of a function or a value, and put it back in the end."""
    kept = vars(owner)[name]
    stands = getattr(owner, name)
    setattr(owner, name, make(stands))
    try:
        yield
    finally:
        setattr(owner, name, kept)
