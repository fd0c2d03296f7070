"""Save an emulator's whole state as one JSON document, and load it again.

Values that JSON cannot express are written as `{"!": kind, "of": …}`. Only the classes listed here
are ever created from a file.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import deque
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from quickbooks_emulator.accounting.throttle import Limits
from quickbooks_emulator.basics.switches import Switches
from quickbooks_emulator.basics.wire import Request
from quickbooks_emulator.books.about import About
from quickbooks_emulator.books.books import ChangeLog, Record
from quickbooks_emulator.books.company import Company
from quickbooks_emulator.books.replay import Answer, Replays
from quickbooks_emulator.books.settings import CompanySettings
from quickbooks_emulator.misfortunes.late import Late
from quickbooks_emulator.misfortunes.misfortune import Misfortune, Rule, Weather
from quickbooks_emulator.notices.webhooks import Bell, Event, Notice
from quickbooks_emulator.sign_in.apps import Address, App, Subscription, User
from quickbooks_emulator.sign_in.consent import Asked
from quickbooks_emulator.sign_in.grants import AccessToken, Code, Grant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quickbooks_emulator.world.world import World

FORMAT = 1
CLASSES = {
    each.__name__: each
    for each in (
        About,
        AccessToken,
        Address,
        Answer,
        App,
        Asked,
        Bell,
        ChangeLog,
        Code,
        CompanySettings,
        Event,
        Grant,
        Late,
        Limits,
        Misfortune,
        Notice,
        Record,
        Replays,
        Request,
        Rule,
        Subscription,
        Switches,
        User,
        Weather,
    )
}
OF_THE_EMULATOR = frozenset({"realm_id", "clock", "switches", "on_effect"})
"""Attributes of the books that are not saved, because the emulator passes them in."""


class Unreadable(ValueError):
    """The document is not a saved state."""


def save(world: World) -> bytes:
    """Return the world's state as a JSON document."""
    with world.lock, world.clock.held() as now:
        parts = {name: _members(owner, names) for name, (owner, names) in _parts(world).items()}
        document = {
            "format": FORMAT,
            "now": now,
            **parts,
            "companies": [_company(each) for each in world.companies.values()],
        }
        return msgspec.json.encode(_pack(document))


def load(world: World, saved: bytes) -> None:
    """Replace a world's state with a saved one; raises Unreadable."""
    try:
        document = _unpack(msgspec.json.decode(saved))
        if document["format"] != FORMAT:
            raise Unreadable(f"format {document['format']!r} is not {FORMAT}")
        with world.lock:
            _take(world, document)
    except (msgspec.DecodeError, KeyError, TypeError) as problem:
        raise Unreadable(f"this is no saved state: {problem}") from problem


def _take(world: World, document: Mapping[str, Any]) -> None:
    world.clock.resume(document["now"])
    for name, (owner, members) in _parts(world).items():
        for member in members:
            _put(owner, member, document[name][member])
    world.companies.clear()
    for each in document["companies"]:
        company = Company(
            each["realm_id"],
            each["about"].name,
            world.clock,
            world.switches,
            each["books"]["settings"],
            partial(world.effected, each["realm_id"]),
        )
        company.about, company.replays = each["about"], each["replays"]
        for member, value in each["books"].items():
            setattr(company.books, member, value)
        world.companies[company.realm_id] = company


def _parts(world: World) -> dict[str, tuple[object, tuple[str, ...]]]:
    """Return the objects that hold the state, each with the names of its attributes to save."""
    grants = ("codes", "grants", "access_tokens", "by_refresh_token")
    return {
        "emulator": (world, ("seed", "switches", "latency_seconds", "production", "late")),
        "dice": (world.dice, ("seed", "counts")),
        "oauth": (world.oauth, ("apps", "users")),
        "grants": (world.grants, grants),
        "consent": (world.consent, ("pending",)),
        "throttle": (world.throttle, ("limits", "seen", "busy", "metered")),
        "faults": (world.faults, ("rules", "weather", "count")),
        "webhooks": (world.webhooks, ("bell", "gathering", "queues", "settled")),
    }


def _members(owner: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(owner, name) for name in names}


def _put(owner: object, member: str, value: Any) -> None:  # noqa: ANN401  any attribute
    """Set an attribute; a dictionary is refilled in place, because other objects refer to it."""
    current = getattr(owner, member)
    if isinstance(current, dict):
        current.clear()
        current.update(value)
    else:
        setattr(owner, member, value)


def _company(company: Company) -> dict[str, Any]:
    books = vars(company.books)
    return {
        "realm_id": company.realm_id,
        "about": company.about,
        "replays": company.replays,
        "books": {name: books[name] for name in books if name not in OF_THE_EMULATOR},
    }


def _pack(value: Any) -> Any:  # noqa: ANN401  any value of the state
    """Return a value in its JSON form."""
    if value is None or type(value) in {bool, int, float, str}:
        return value
    if type(value) is list:
        return [_pack(each) for each in value]
    if type(value) is dict:
        if all(type(key) is str for key in value) and "!" not in value:
            return {key: _pack(each) for key, each in value.items()}
        return _tagged("dict", [[_pack(key), _pack(each)] for key, each in value.items()])
    if is_dataclass(value):
        return _pack_object(value)
    return _pack_rare(value)


def _pack_object(value: Any) -> Any:  # noqa: ANN401  any dataclass
    name = type(value).__name__
    if CLASSES.get(name) is not type(value):
        raise TypeError(f"{name} is not among the classes of a saved state")
    return _tagged(name, {each.name: _pack(getattr(value, each.name)) for each in fields(value)})


def _pack_rare(value: Any) -> Any:  # noqa: ANN401  any other value
    match value:
        case bytes():
            try:
                return _tagged("text", value.decode())
            except UnicodeDecodeError:
                return _tagged("base64", b64encode(value).decode())
        case tuple() | set() | frozenset() | deque():
            return _tagged(type(value).__name__, [_pack(each) for each in value])
        case datetime():
            return _tagged("datetime", value.isoformat())
        case Decimal():
            return _tagged("Decimal", str(value))
        case _:
            raise TypeError(f"{type(value).__name__} has no place in a saved state")


def _tagged(kind: str, content: Any) -> dict[str, Any]:  # noqa: ANN401  any JSON
    return {"!": kind, "of": content}


UNPACKING: dict[str, Callable[[Any], Any]] = {
    "dict": lambda of: {_unpack(key): _unpack(value) for key, value in of},
    "text": str.encode,
    "base64": b64decode,
    "datetime": datetime.fromisoformat,
    "Decimal": Decimal,
    "tuple": lambda of: tuple(_unpack(each) for each in of),
    "set": lambda of: {_unpack(each) for each in of},
    "frozenset": lambda of: frozenset(_unpack(each) for each in of),
    "deque": lambda of: deque(_unpack(each) for each in of),
}


def _unpack(value: Any) -> Any:  # noqa: ANN401  any JSON
    """Return the value whose JSON form `_pack` wrote."""
    if type(value) is list:
        return [_unpack(each) for each in value]
    if type(value) is not dict:
        return value
    kind = value.get("!")
    if kind is None:
        return {key: _unpack(each) for key, each in value.items()}
    if kind in CLASSES:
        return CLASSES[kind](**{name: _unpack(each) for name, each in value["of"].items()})
    return UNPACKING[kind](value["of"])
