"""Plant a bug in one place, for the length of a block; nothing in the service knows of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from proof.replacing import Make, exchanged, replaced
from proof.zoo.openings import Situation

Plant = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Bug:
    """One mistake somebody could make, where it shows, and within how many seeds it has to."""

    name: str
    said: str
    situation: Situation
    plant: Plant
    seeds_max: int = 10


def planted(right: Any, make: Make) -> Plant:  # noqa: ANN401  a function or a property
    """A plant in the place of a function, wherever the service calls it; see `replaced`."""
    return lambda: replaced(right, make)


def valued(value: object, other: object, *rooms: ModuleType) -> Plant:
    """A plant in the place of a value of some modules; see `exchanged`."""
    return lambda: exchanged(value, other, *rooms)


def all_of(*plants: Plant) -> Plant:
    """Several things that are one mistake together."""

    @contextmanager
    def plant() -> Iterator[None]:
        with ExitStack() as stack:
            for one in plants:
                stack.enter_context(one())
            yield

    return plant


def rewritten(change: Callable[[Any, Any, Any], dict[str, Any]]) -> Make:
    """Some fields of what is written of a payment changed: `change(planner, payment, made)`."""

    def make(content: Any) -> Any:  # noqa: ANN401  a function
        def wrong(self: Any, payment: Any) -> Any:  # noqa: ANN401  whatever the right one took
            made = content(self, payment)
            return replace(made, **change(self, payment, made))

        return wrong

    return make


def instead(replacement: object) -> Make:
    """Something else, whatever stood there."""
    return lambda _: replacement
