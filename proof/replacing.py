"""Replace a function of the service by another one, wherever the service calls it.

The function itself is passed, never its name, so that a rename breaks the type check.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import Parameter
from types import ModuleType
from typing import Any

Make = Callable[[Any], Any]  # the right one → the wrong one
_SERVICE = "cleo_accounting"
_BY_PLACE = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


class Unfit(AssertionError):
    """What should be replaced is not where it was expected, or takes other arguments."""


@contextmanager
def replaced(right: Any, make: Make) -> Iterator[None]:  # noqa: ANN401  a function or a property
    """Replace a function, method or property of the service for the length of a block.

    A function is replaced in the module that defines it and in all that import it, a method in
    its class. Raises Unfit unless the replacement takes every call that the right one takes.
    """
    wrong = make(right)
    fits(right, wrong)
    with _put(places_of(right), wrong):
        yield


@contextmanager
def exchanged(value: object, other: object, *rooms: ModuleType) -> Iterator[None]:
    """Exchange a value of some modules, each of which has it under one name."""
    with _put([(room, _name_of(value, room)) for room in rooms], other):
        yield


@contextmanager
def _put(places: list[tuple[Any, str]], other: object) -> Iterator[None]:
    kept = [(owner, name, vars(owner)[name]) for owner, name in places]
    for owner, name, _ in kept:
        setattr(owner, name, other)
    try:
        yield
    finally:
        for owner, name, stood in kept:
            setattr(owner, name, stood)


def places_of(right: Any) -> list[tuple[Any, str]]:  # noqa: ANN401  as above
    """Return where the service finds a function: its modules or its class, with the names."""
    function = _function(right)
    owner: Any = sys.modules[function.__module__]
    *path, name = function.__qualname__.split(".")
    for each in path:
        owner = vars(owner).get(each)
    if owner is None or getattr(owner, name, None) is not right:
        raise Unfit(f"{function.__module__}.{function.__qualname__} is something else by now")
    if path:
        return [(owner, name)]
    modules = [sys.modules[each] for each in sorted(sys.modules) if each.startswith(_SERVICE)]
    return [(each, at) for each in modules for at, found in vars(each).items() if found is right]


def fits(right: Any, wrong: Any) -> None:  # noqa: ANN401  as above
    """Raise Unfit unless `wrong` takes every call that `right` takes.

    `wrong` names the parameters of `right` in their order, with `*rest` and `**more` for those that
    it does not use.
    """
    theirs = list(inspect.signature(_function(right)).parameters.values())
    ours = list(inspect.signature(_function(wrong)).parameters.values())
    kinds = {each.kind for each in ours}
    places = [each.name for each in theirs if each.kind in _BY_PLACE]
    named = [each.name.lstrip("_") for each in ours if each.kind in _BY_PLACE]
    keys = {each.name for each in ours if each.kind is Parameter.KEYWORD_ONLY}
    begun = [each.lstrip("_") for each in places[: len(named)]]
    rest = set(places[len(named) :]) - keys
    more = {each.name for each in theirs if each.kind is Parameter.KEYWORD_ONLY} - keys
    takes_rest = Parameter.VAR_POSITIONAL in kinds and Parameter.VAR_KEYWORD in kinds
    if named != begun or (rest and not takes_rest) or (more and Parameter.VAR_KEYWORD not in kinds):
        told = f"{right} takes {inspect.signature(_function(right))}"
        raise Unfit(f"{told}, what is planted takes {inspect.signature(_function(wrong))}")


def _function(right: Any) -> Any:  # noqa: ANN401  as above
    return right.fget if isinstance(right, property) else right


def _name_of(value: object, room: ModuleType) -> str:
    names = [name for name, found in vars(room).items() if found is value]
    if len(names) != 1:
        raise Unfit(f"{room.__name__} has {value!r} under the names {names}, not under one")
    return names[0]
