"""Property types with which entities are declared, and the readers that validate the values.

A `Property` is a function from a property's name to its reader; a reader takes the value sent and
returns the value to keep, or None to keep nothing. Errors go into the `Reading`, so that several
can be reported at once; a document that Intuit's parser would reject raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from quickbooks_emulator.basics import faults
from quickbooks_emulator.basics.moments import read_date

NUMBER_MAX = Decimal(10) ** 13


@dataclass(slots=True)
class Reading:
    """The errors and references found while a document is read."""

    problems: list[faults.Error] = field(default_factory=list)
    references: list[tuple[tuple[str, ...], dict[str, Any], str]] = field(default_factory=list)
    """The kinds that a reference may point to, the reference, and the property that holds it."""
    keeps_unknown: bool = False
    """Whether an unknown property is kept as it was sent."""


Reader = Callable[[Any, Reading], Any]
Property = Callable[[str], Reader]
Schema = Mapping[str, Reader]


def schema(*parts: Mapping[str, Property]) -> dict[str, Reader]:
    """Turn declared properties into readers."""
    return {name: declare(name) for part in parts for name, declare in part.items()}


def read_object(readers: Schema, raw: Any, name: str, reading: Reading) -> dict[str, Any]:  # noqa: ANN401  any JSON
    """Read an object's members; raises Refusal (2010) for an unknown one, unless those are kept."""
    if type(raw) is not dict:
        raise faults.wrong_type(name, "an object")
    kept = {}
    for member, value in raw.items():
        reader = readers.get(member)
        if reader is None:
            if not reading.keeps_unknown:
                raise faults.unknown_property(member)
            kept[member] = value
            continue
        if value is None or value == "":
            continue
        result = reader(value, reading)
        if result is not None:
            kept[member] = result
    return kept


def text(length_max: int | None = None, forbidden: str = "") -> Property:
    """Declare a trimmed text; numbers and booleans are read as text, as by Intuit's parser."""

    def declare(name: str) -> Reader:
        def read(value: Any, reading: Reading) -> str | None:  # noqa: ANN401  any JSON
            if type(value) is not str:
                value = _scalar_text(name, value)
            value = value.strip(" ")
            if length_max is not None and len(value) > length_max:
                reading.problems.append(faults.wrong_length(name, length_max, len(value)))
            if forbidden and not set(forbidden).isdisjoint(value):
                reading.problems.append(faults.invalid_text(name, value))
            return value or None

        return read

    return declare


def _scalar_text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    raise faults.wrong_type(name, "a text")


def number() -> Property:
    """Declare a number, which may also be sent as text."""

    def declare(name: str) -> Reader:
        def read(value: Any, reading: Reading) -> int | Decimal | None:  # noqa: ANN401  same
            if type(value) is int or type(value) is Decimal:
                result: int | Decimal = value
            elif type(value) is str:
                try:
                    result = Decimal(value.strip())
                except InvalidOperation:
                    raise faults.wrong_type(name, "a number") from None
            else:
                raise faults.wrong_type(name, "a number")
            if not -NUMBER_MAX < result < NUMBER_MAX:
                reading.problems.append(faults.invalid_number(name, str(value)))
                return None
            return result

        return read

    return declare


def flag() -> Property:
    """Declare a boolean, which may also be sent as text."""

    def declare(name: str) -> Reader:
        def read(value: Any, _reading: Reading) -> bool:  # noqa: ANN401  any JSON
            if type(value) is bool:
                return value
            if type(value) is str and value.lower() in {"true", "false"}:
                return value.lower() == "true"
            raise faults.wrong_type(name, "a boolean")

        return read

    return declare


def day() -> Property:
    """Declare a date."""

    def declare(name: str) -> Reader:
        def read(value: Any, reading: Reading) -> str | None:  # noqa: ANN401  any JSON
            try:
                return read_date(value if type(value) is str else str(value))
            except ValueError:
                reading.problems.append(faults.invalid_date(name, str(value)))
                return None

        return read

    return declare


def choice(*allowed: str) -> Property:
    """Declare one of a few case-sensitive words."""
    known = frozenset(allowed)

    def declare(name: str) -> Reader:
        def read(value: Any, reading: Reading) -> str | None:  # noqa: ANN401  any JSON
            if type(value) is not str:
                value = _scalar_text(name, value)
            if value not in known:
                reading.problems.append(faults.invalid_choice(name, value))
                return None
            return str(value)

        return read

    return declare


_REFERENCE_MEMBERS = frozenset({"value", "name", "type"})


def reference(*kinds: str) -> Property:
    """Declare a reference to an entity of one of these kinds; without kinds, it is kept as sent."""

    def declare(name: str) -> Reader:
        def read(value: Any, reading: Reading) -> dict[str, Any] | None:  # noqa: ANN401  same
            if type(value) is not dict:
                raise faults.wrong_type(name, "a reference")
            if not value.keys() <= _REFERENCE_MEMBERS:
                raise faults.unknown_property(min(value.keys() - _REFERENCE_MEMBERS))
            target = value.get("value")
            if target is None or target == "":
                return None
            if type(target) is not str:
                target = _scalar_text(name, target)
            kept = {"value": target}
            if value.get("type") and len(kinds) != 1:
                kept["type"] = _scalar_text("type", value["type"])
            if kinds:
                reading.references.append((kinds, kept, name))
            elif value.get("name"):
                kept["name"] = _scalar_text("name", value["name"])
            return kept

        return read

    return declare


def inner(members: Schema) -> Property:
    """Declare an object with declared members; an empty object is dropped."""

    def declare(name: str) -> Reader:
        def read(value: Any, reading: Reading) -> dict[str, Any] | None:  # noqa: ANN401  same
            return read_object(members, value, name, reading) or None

        return read

    return declare


def listing(members: Schema) -> Property:
    """Declare a list of objects with declared members."""

    def declare(name: str) -> Reader:
        def read(value: Any, reading: Reading) -> list[dict[str, Any]]:  # noqa: ANN401  same
            if type(value) is not list:
                raise faults.wrong_type(name, "a list")
            return [read_object(members, each, name, reading) for each in value]

        return read

    return declare


def server_owned() -> Property:
    """Declare a property that is read-only at Intuit: a value sent is silently ignored."""
    return lambda _name: lambda _value, _reading: None


def as_sent() -> Property:
    """Declare a property that is stored and returned, and has no effect on the books."""
    return lambda _name: lambda value, _reading: value


def unmodelled() -> Property:
    """Declare a property that the emulator does not model: only an empty value is accepted."""

    def declare(name: str) -> Reader:
        def read(value: Any, reading: Reading) -> Any:  # noqa: ANN401  any JSON
            if reading.keeps_unknown:
                return value
            if value not in (0, False, [], {}):
                raise faults.NotModelled(f"property {name}")
            return None

        return read

    return declare
