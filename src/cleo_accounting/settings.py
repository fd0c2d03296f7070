"""The settings, read once from the environment: `CLEO_…`, or `CLEO_…_FILE` for a file.

A value that is missing, of the wrong type, unknown or unsafe stops the start with one sentence
that begins with the variable's name; no message ever contains a value.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from cleo_accounting.core.addresses import is_network, is_origin, is_safe, is_this_machine
from cleo_accounting.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pydantic.fields import FieldInfo

PREFIX = "CLEO_"
QUIESCENCE_SECONDS_MIN = 300.0  # 120 s a request, 120 s a query, 60 s two clocks


def _must(holds: Callable[[str], bool], advice: str) -> AfterValidator:
    """Return a validator that refuses unfit text; the advice follows the variable's name."""

    def check(text: str) -> str:
        if text and not holds(text):
            raise ValueError(advice)
        return text

    return AfterValidator(check)


def _parted(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


_BEYOND = "must begin with https:// (or with http://localhost on your own machine)"
_NO_PATH = (
    "must be an origin such as https://accounting.example.com, without a path"
    " (http:// is for localhost only)"
)
Address = Annotated[str, _must(is_safe, _BEYOND)]
Origin = Annotated[str, _must(is_origin, _NO_PATH)]
PublicUrl = Annotated[
    str, AfterValidator(lambda text: text.rstrip("/")), _must(is_origin, _NO_PATH)
]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_parted)]
Network = Annotated[
    str, _must(is_network, "must hold addresses or networks such as 10.0.0.0/8, without names")
]
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_parted)]
Redirect = Annotated[
    Address,
    _must(lambda text: "#" not in text, "must hold addresses without a # (RFC 6749, 3.1.2)"),
]
Addresses = Annotated[tuple[Redirect, ...], NoDecode, BeforeValidator(_parted)]
Origins = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_parted)]
Level = Annotated[
    Literal["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"], BeforeValidator(str.upper)
]
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
Algorithms = Annotated[tuple[Algorithm, ...], NoDecode, BeforeValidator(_parted)]


class Pace(BaseModel):
    """How fast one company's books may be called: Intuit's limits; lower values leave a margin."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests_per_minute: int = Field(500, ge=1)
    requests_per_second: int = Field(10, ge=1)
    batches_per_minute: int = Field(40, ge=1)
    batches_at_once: int = Field(4, ge=1, le=10)
    batch_size: int = Field(30, ge=1, le=30)


class Limit(BaseModel):
    """How much callers may ask of the service."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token_per_minute: int = Field(1200, ge=1)  # requests with one token, or in one page session
    platform_per_minute: int = Field(6000, ge=1)  # with a token of the platform
    business_per_minute: int = Field(3000, ge=1)  # requests for one business, by all callers
    address_per_minute: int = Field(300, ge=1)  # requests without a token or a page session
    syncs_per_hour: int = Field(60, ge=1)  # of one business, previews and retries included
    reconciliations_per_hour: int = Field(12, ge=1)
    looks_per_hour: int = Field(30, ge=1)  # refreshes of a business's lists
    sheets_per_hour: int = Field(60, ge=1)  # downloads of a business's lists
    streams_per_caller: int = Field(6, ge=1)  # live streams of one token or one page session
    streams_per_business: int = Field(30, ge=1)
    streams: int = Field(300, ge=1)  # per process
    connections: int = Field(1000, ge=10)  # per process; further ones get a 503


class QuickBooks(BaseModel):
    """How to reach Intuit, and our identity there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    discovery_url: Address = (
        "https://developer.api.intuit.com/.well-known/openid_sandbox_configuration"
    )
    api_url: Address = "https://sandbox-quickbooks.api.intuit.com"
    app_url: Address = ""  # where people open it; empty: derived from the API's address
    timeout_seconds: float = Field(130.0, gt=0, le=300)  # Intuit gives up at 120 s
    answer_bytes_max: int = Field(10_000_000, ge=1, le=100_000_000)


class Settings(BaseSettings):
    """All settings. An environment variable is the name here in capitals, after `CLEO_`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
    )

    database_url: SecretStr = SecretStr("sqlite:///cleo-accounting.sqlite")  # may hold a password
    # The durable engine's own tables; empty: beside ours.
    engine_database_url: SecretStr = SecretStr("")
    public_url: PublicUrl = "http://localhost:8000"  # Intuit takes plain HTTP for this name
    redirect_uris: Addresses = ()  # allowed for a connect, besides the callback
    return_url: Address = ""  # where the callback finally sends the user; empty: our own page
    platform_page_url: Address = ""  # where people open the page from; empty: described in words
    connect_button_folder: str = ""  # Intuit's images for its button; empty: our plain one
    embed_origins: Origins = ()  # origins that may show the page in a frame; empty: none
    encryption_keys: Secrets = ()  # newest first, base64
    audit_keys: Secrets = ()  # likewise, for the audit chain
    audit_heads_path: str = ""  # where a worker appends the heads of audit chains daily
    quickbooks: QuickBooks = QuickBooks()
    pace: Pace = Pace()
    limit: Limit = Limit()
    proxies: Networks = ()  # proxies whose X-Forwarded-For and -Proto count
    jwt_issuer: str = ""
    jwt_audience: str = ""
    jwt_jwks_url: Address = ""
    jwt_minutes_max: int = Field(15, ge=1, le=60)  # from `iat` to `exp`
    token_days: int = Field(90, ge=1, le=366)  # lifetime of our own tokens, by default
    jwt_algorithms: Algorithms = Field(("RS256", "ES256"), min_length=1)
    amounts_in: Literal["dollars", "cents"] = "dollars"  # how the platform writes amounts
    page_idle_minutes: float = Field(60.0, ge=1, le=600)  # a page session idle for longer ends
    runs_at_once: int = Field(4, ge=1, le=64)
    quiescence_seconds: float = Field(QUIESCENCE_SECONDS_MIN, gt=0)
    # A worker of a fleet that is silent for longer is considered dead.
    worker_lease_seconds: float = Field(20.0, gt=0, le=600)
    log_level: Level = "INFO"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003  same
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  same
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from `read` alone: the process's environment is not read implicitly."""
        return (init_settings,)

    @model_validator(mode="after")
    def _one_world(self) -> Self:
        """Refuse to mix sandbox and production: the keys of one are useless in the other."""
        worlds = {
            name: _world(url)
            for name, url in (
                ("CLEO_QUICKBOOKS_DISCOVERY_URL", self.quickbooks.discovery_url),
                ("CLEO_QUICKBOOKS_API_URL", self.quickbooks.api_url),
                ("CLEO_QUICKBOOKS_APP_URL", self.quickbooks.app_url),
            )
            if url
        }
        api = worlds["CLEO_QUICKBOOKS_API_URL"]
        for name, world in worlds.items():
            if world != api and (name.endswith("DISCOVERY_URL") or "elsewhere" not in (world, api)):
                raise ValueError(
                    f"CLEO_QUICKBOOKS_API_URL and {name} must be of one world: both of Intuit's"
                    " sandbox, both of production, or both of an emulator"
                )
        return self

    @model_validator(mode="after")
    def _nothing_leads_home(self) -> Self:
        """Refuse to let a public service send browsers to localhost."""
        if is_this_machine(self.public_url):
            return self
        for name in ("redirect_uris", "return_url", "platform_page_url", "embed_origins"):
            given = getattr(self, name)
            if any(is_this_machine(one) for one in ([given] if isinstance(given, str) else given)):
                raise ValueError(
                    f"{PREFIX}{name.upper()} must not lead to localhost, because CLEO_PUBLIC_URL is"
                    " for others than this machine"
                )
        return self

    @model_validator(mode="after")
    def _within_limits(self) -> Self:
        """Enforce the protocol's and Intuit's limits for real books; an emulator may differ."""
        if is_this_machine(self.quickbooks.api_url):
            return self
        if self.quiescence_seconds < QUIESCENCE_SECONDS_MIN:
            raise ValueError(
                "CLEO_QUIESCENCE_SECONDS must be 300 or more: a write without an answer may still"
                " appear until then, and would be sent twice"
            )
        for name in ("requests_per_minute", "requests_per_second", "batches_per_minute"):
            most = Pace.model_fields[name].default
            if getattr(self.pace, name) > most:
                raise ValueError(
                    f"{PREFIX}PACE_{name.upper()} must be {most} or less: Intuit takes no more"
                )
        return self

    @model_validator(mode="after")
    def _whole_issuer(self) -> Self:
        """Require an issuer, its audience and its keys together, or none of them."""
        given = {
            "CLEO_JWT_ISSUER": self.jwt_issuer,
            "CLEO_JWT_AUDIENCE": self.jwt_audience,
            "CLEO_JWT_JWKS_URL": self.jwt_jwks_url,
        }
        missing = [name for name, value in given.items() if not value]
        if missing and len(missing) < len(given):
            raise ValueError(
                f"{missing[0]} must be set: CLEO_JWT_ISSUER, CLEO_JWT_AUDIENCE and"
                " CLEO_JWT_JWKS_URL go together"
            )
        return self


class _Given(EnvSettingsSource):
    """Reads an environment passed as an argument, by the rules of the library."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._environment.items()}


def read(environment: Mapping[str, str]) -> Settings:
    """Read the settings from an environment.

    Raises:
        Misconfigured: a variable is unknown, of the wrong type or unsafe; the message is one
            sentence that names it, and contains no value.
    """
    known = names()
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
    try:
        return Settings(**_Given(values)())
    except ValidationError as refusal:
        raise Misconfigured(_sentence(refusal)) from None  # its own message contains values


def plain(secrets: Sequence[SecretStr]) -> list[str]:
    """Return secrets as plain text, for encrypting or signing with them."""
    return [one.get_secret_value() for one in secrets]


def names() -> Mapping[str, str]:
    """Return every variable and its default as text (secrets have none)."""
    return {name: _told(field.default) for name, field in _variables(Settings, PREFIX)}


def _told(default: object) -> str:
    return default.get_secret_value() if isinstance(default, SecretStr) else str(default)


def _file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(f"{name} names a file that cannot be read") from None


def _variables(kind: type[BaseModel], prefix: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in kind.model_fields.items():
        variable = prefix + name.upper()
        if isinstance(field.default, BaseModel):
            yield from _variables(type(field.default), f"{variable}_")
        else:
            yield variable, field


def _world(url: str) -> str:
    """Return which of Intuit's environments an address belongs to."""
    if is_this_machine(url) or ".intuit.com/" not in f"{url}/":
        return "elsewhere"
    return "sandbox" if "sandbox" in url else "production"


def _sentence(refusal: ValidationError) -> str:
    """Return the first fault, as a sentence that names its variable."""
    first = refusal.errors(include_url=False, include_input=False)[0]
    told = first.get("ctx", {}).get("error")
    where = [str(part) for part in first["loc"] if isinstance(part, str)]
    if not where:
        return str(told)
    variable = PREFIX + "_".join(where).upper()
    return f"{variable} {told or _advice(dict(_variables(Settings, PREFIX))[variable])}"


def _advice(field: FieldInfo) -> str:
    """Return what a value must be, from the type and the bounds of its field."""
    if field.annotation in (int, float):
        whole = "whole " if field.annotation is int else ""
        most = next((one.le for one in field.metadata if hasattr(one, "le")), None)
        bounds = "above zero" if most is None else f"above zero, {most} at most"
        return f"must be a {whole}number {bounds}"
    return f"must be one of {', '.join(_choices(field.annotation))}"


def _choices(kind: Any) -> Iterator[str]:  # noqa: ANN401  any annotation of a field
    for one in get_args(kind):
        if isinstance(one, str):
            yield one
        else:
            yield from _choices(one)
