"""A lenient model for foreign JSON: unknown fields are ignored, but likely typos are refused.

The platform may add fields at any time. Fields that we do not use are ignored and counted, and null
means that a field is absent. A name that nearly equals one of ours is refused: it is a typo, and
ignoring it would lose its value.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from cleo_accounting.platform.flaws import path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OTHER = "(other)"  # replaces a name that cannot be shown as it is
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")
_LENGTH_MAX = 64  # how much of a name is compared
_CLOSE_LENGTH_MIN = 4  # shorter names are one letter apart from too many others


class _NearMiss:
    """The replacement for a value whose name nearly equals one of ours."""

    def __init__(self, meant: str) -> None:
        self.meant = meant


def _unused(value: Any) -> None:  # noqa: ANN401  whatever the JSON holds
    """Discard an unused value, but refuse it if its name is a typo."""
    if isinstance(value, _NearMiss):
        raise PydanticCustomError("near_miss", "is not known here", {"meant": value.meant})


class Lenient(BaseModel):
    """An object of the platform's JSON: camelCase, unknown members ignored, nulls absent."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Annotated[Any, BeforeValidator(_unused)]]

    @model_validator(mode="before")
    @classmethod
    def _tidy(cls, value: object) -> object:
        """Drop nulls, reduce unknown members to their names, and mark near misses."""
        if not isinstance(value, dict):
            return value
        known = _names(cls)
        if value.keys() <= known and not any(_holds_null(one) for one in value.values()):
            return value
        return dict(_tidied(value, known))

    def ignored(self) -> Iterator[str]:
        """Yield the paths of the members that were ignored, such as `lineItems.taxCode`."""
        yield from self.model_extra or ()
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            inner = {
                one
                for part in (value if isinstance(value, list) else [value])
                if isinstance(part, Lenient)
                for one in part.ignored()
            }
            yield from (f"{field.alias}.{one}" for one in sorted(inner))


def near_miss(name: str, known: frozenset[str]) -> str | None:
    """Return the known name that nearly equals this one: spelled differently or one letter off."""
    plain = _plain(name)
    for one in sorted(known):
        wanted = _plain(one)
        if plain == wanted:
            return one
        if len(wanted) >= _CLOSE_LENGTH_MIN and _one_letter_off(plain, wanted):
            return one
    return None


def _tidied(value: Mapping[str, Any], known: frozenset[str]) -> Iterator[tuple[str, object]]:
    missing = frozenset(known - value.keys())
    for name, one in value.items():
        if one is None:
            continue
        if name in known:
            yield name, _without_nulls(one)
        elif meant := near_miss(str(name)[:_LENGTH_MAX], missing):
            yield path([name]), _NearMiss(meant)
        else:
            yield name if _NAME.fullmatch(name) else OTHER, None


def _holds_null(value: object) -> bool:
    return value is None or (isinstance(value, list) and None in value)


def _without_nulls(value: object) -> object:
    return [one for one in value if one is not None] if isinstance(value, list) else value


@cache
def _names(kind: type[Lenient]) -> frozenset[str]:
    return frozenset(str(field.alias) for field in kind.model_fields.values())


def _plain(name: str) -> str:
    return "".join(one for one in name if one.isalnum()).casefold()


def _one_letter_off(one: str, other: str) -> bool:
    """Return whether two names differ by one letter added, omitted, changed, or swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest, other_rest = one[start:], other[start:]
    return (
        rest[1:] == other_rest[1:]
        or rest == other_rest[1:]
        or rest[1:] == other_rest
        or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])
    )
