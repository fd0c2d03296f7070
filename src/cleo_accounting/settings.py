"""What the operator decides, read once from the environment: `CLEO_…`, or `CLEO_…_FILE` for a file.

A value that is missing, of the wrong kind or unknown stops the start with the variable's name;
no message ever holds a value.
"""

from __future__ import annotations

import dataclasses
import math
import types
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from cleo_accounting.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "CLEO_"


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one company's books may be asked; Intuit's limits, and a margin is ours to take."""

    requests_per_minute: int = 500
    requests_per_second: int = 10
    batches_per_minute: int = 40
    batches_at_once: int = 4
    batch_size: int = 30


@dataclass(frozen=True, slots=True)
class QuickBooks:
    """How to reach Intuit, and who we are to it."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    discovery_url: str = "https://developer.api.intuit.com/.well-known/openid_sandbox_configuration"
    api_url: str = "https://sandbox-quickbooks.api.intuit.com"
    app_url: str = ""  # where people open it; empty: the address that goes with the API's
    timeout_seconds: float = 130.0  # Intuit gives up at 120 s
    answer_bytes_max: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """All of them. Names in the environment are these in capitals, behind `CLEO_`."""

    database_url: str = field(default="sqlite:///cleo-accounting.sqlite", repr=False)
    # The durable engine's own tables; empty: beside ours.
    engine_database_url: str = field(default="", repr=False)
    public_url: str = "http://localhost:8000"  # Intuit takes plain HTTP for this name
    redirect_uris: tuple[str, ...] = ()  # what a connect may name; the doorway always is
    return_url: str = ""  # where the doorway sends the user in the end; empty: our own page
    platform_page_url: str = ""  # where people open the page from; empty: told in words only
    connect_button_folder: str = ""  # Intuit's images for its button; empty: a plain one of ours
    embed_origins: tuple[str, ...] = ()  # who may show the page in a frame; none: nobody
    encryption_keys: tuple[str, ...] = field(default=(), repr=False)  # newest first, base64
    quickbooks: QuickBooks = QuickBooks()
    pace: Pace = Pace()
    jwt_issuer: str = ""
    jwt_audience: str = ""
    jwt_jwks_url: str = ""
    jwt_algorithms: tuple[str, ...] = ("RS256", "ES256")
    amounts_in: str = "dollars"  # or cents: how the platform writes amounts
    runs_at_once: int = 4
    quiescence_seconds: float = 300.0  # 120 s a request, 120 s a query, 60 s two clocks
    worker_lease_seconds: float = 20.0  # silent for longer: a worker of a fleet is taken for dead
    log_level: str = "INFO"


def read(environment: Mapping[str, str]) -> Settings:
    """Read the settings from an environment.

    Raises:
        Misconfigured: a variable is unknown or has a value of the wrong kind.
    """
    known = dict(_variables(Settings, PREFIX))
    given = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    values: dict[str, str] = {}
    for name, value in given.items():
        plain = name.removesuffix("_FILE")
        if plain not in known and name not in known:
            raise Misconfigured(
                f"{name} is not a setting; see docs/settings.md for those there are"
            )
        if name in known:
            values[name] = value
        elif plain in given:
            raise Misconfigured(f"{plain} and {name} are both set; keep one of them")
        else:
            values[plain] = _file(name, value)
    built = _build(Settings, PREFIX, values)
    assert isinstance(built, Settings)
    return built


def names() -> Mapping[str, str]:
    """Every variable there is, and its default as text (secrets have none)."""
    return {name: str(default) for name, (_, default) in _variables(Settings, PREFIX)}


def _file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(f"{name} names a file that cannot be read") from None


def _variables(kind: type, prefix: str) -> list[tuple[str, tuple[Any, Any]]]:
    hints = get_type_hints(kind)
    found: list[tuple[str, tuple[Any, Any]]] = []
    for one in dataclasses.fields(kind):
        name = prefix + one.name.upper()
        if dataclasses.is_dataclass(hints[one.name]):
            found += _variables(hints[one.name], f"{name}_")
        else:
            found.append((name, (hints[one.name], one.default)))
    return found


def _build(kind: type, prefix: str, values: Mapping[str, str]) -> Any:  # noqa: ANN401  kind()
    hints = get_type_hints(kind)
    given: dict[str, Any] = {}
    for one in dataclasses.fields(kind):
        name = prefix + one.name.upper()
        if dataclasses.is_dataclass(hints[one.name]):
            given[one.name] = _build(hints[one.name], f"{name}_", values)
        elif name in values:
            given[one.name] = _convert(name, hints[one.name], values[name])
    return kind(**given)


def _convert(name: str, kind: Any, text: str) -> Any:  # noqa: ANN401  kind's own
    if get_origin(kind) in (Union, types.UnionType):
        kind = next(one for one in get_args(kind) if one is not type(None))
    if get_origin(kind) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if kind is str:
        return text
    try:
        number = kind(text)
    except ValueError:
        number = None
    if number is None or not 0 < number < math.inf:
        whole = "whole " if kind is int else ""
        raise Misconfigured(f"{name} must be a {whole}number above zero")
    return number
