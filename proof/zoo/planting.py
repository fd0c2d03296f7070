"""Plant a bug in one place for the length of a block; the service contains no trace of it."""

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
    """A mistake, the situation in which it shows, and the seeds within which it has to show."""

    name: str
    said: str
    situation: Situation
    plant: Plant
    seeds_max: int = 10


def planted(right: Any, make: Make) -> Plant:  # noqa: ANN401  a function or a property
    """Return a plant that replaces a function wherever the service calls it; see `replaced`."""
    return lambda: replaced(right, make)


def valued(value: object, other: object, *rooms: ModuleType) -> Plant:
    """Return a plant that replaces a value of some modules; see `exchanged`."""
    return lambda: exchanged(value, other, *rooms)


def all_of(*plants: Plant) -> Plant:
    """Return a plant of several replacements that are one mistake together."""

    @contextmanager
    def plant() -> Iterator[None]:
        with ExitStack() as stack:
            for one in plants:
                stack.enter_context(one())
            yield

    return plant


def rewritten(change: Callable[[Any, Any, Any], dict[str, Any]]) -> Make:
    """Return a change to a payment's content; `change(planner, payment, made)` yields fields."""

    def make(content: Any) -> Any:  # noqa: ANN401  a function
        def wrong(self: Any, payment: Any) -> Any:  # noqa: ANN401  the arguments of the right one
            made = content(self, payment)
            return replace(made, **change(self, payment, made))

        return wrong

    return make


def instead(replacement: object) -> Make:
    """Return a replacement that ignores the right one."""
    return lambda _: replacement
