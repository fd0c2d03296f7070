"""Build the `House` once from the settings; the only module that names a provider."""

from __future__ import annotations

import random
import secrets
import time
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx2
from pydantic import SecretStr

from cleo_accounting.core.clock import Clock
from cleo_accounting.errors import Misconfigured
from cleo_accounting.flows import House, Trust
from cleo_accounting.flows.rates import Budgets, Rates, StreamBounds
from cleo_accounting.platform import strict
from cleo_accounting.providers import Provider
from cleo_accounting.providers.quickbooks import quickbooks
from cleo_accounting.providers.quickbooks.client.wire import Reply, Wire
from cleo_accounting.settings import Limit, Settings, plain
from cleo_accounting.store.database import Database
from cleo_accounting.store.paces import Paces
from cleo_accounting.store.rates import Counters
from cleo_accounting.store.signer import Signer
from cleo_accounting.store.vault import Vault

_KEY_SET_BOUNDS: Final[dict[str, Any]] = {"timeout_seconds": 5.0, "answer_bytes_max": 1_000_000}
_TURN_MARGIN: Final = timedelta(seconds=10)  # a request is over by its deadline, plus a margin
_BUDGETS: Final = {field.name for field in fields(Budgets)}


class SystemClock:
    """The system clock."""

    def now(self) -> datetime:
        """Return the current time, timezone-aware."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Sleep for some seconds."""
        time.sleep(seconds)


def build(settings: Settings, *, transport: httpx2.BaseTransport | None = None) -> House:
    """Build the `House`; nothing connects to the network or the database yet.

    Raises:
        Misconfigured: a setting is missing or invalid; the message names it.
    """
    clock = SystemClock()
    signer = Signer(plain(settings.audit_keys))
    database = Database(settings.database_url.get_secret_value())
    database.sign_acts_with(signer)
    return House(
        database=database,
        provider=_provider(settings, clock, database, transport),
        vault=Vault(plain(settings.encryption_keys), secrets.token_bytes),
        clock=clock,
        random=secrets.token_bytes,
        public_url=settings.public_url,
        redirect_uris=settings.redirect_uris,
        return_url=settings.return_url,
        platform_page_url=settings.platform_page_url,
        connect_button=_button(settings.connect_button_folder),
        embed_origins=settings.embed_origins,
        amounts_in=settings.amounts_in,
        page_idle=timedelta(minutes=settings.page_idle_minutes),
        quiescence=timedelta(seconds=settings.quiescence_seconds),
        heads_path=Path(settings.audit_heads_path) if settings.audit_heads_path else None,
        token_life=timedelta(days=settings.token_days),
        trust=_trust(settings, clock),
        rates=_rates(settings.limit, clock, database),
        stream_bounds=_stream_bounds(settings.limit),
    )


def engine_url(settings: Settings) -> SecretStr:
    """Return the database URL of the durable engine's own tables; on SQLite, a file beside ours.

    Raises:
        Misconfigured: our database is in memory, so no file can be placed beside it.
    """
    if settings.engine_database_url:
        return settings.engine_database_url
    url = settings.database_url.get_secret_value()
    if not url.startswith("sqlite"):
        return settings.database_url
    path = Path(url.partition("///")[2])
    if path.name in ("", ":memory:"):
        raise Misconfigured("CLEO_DATABASE_URL must name a file: work outlives the process")
    return SecretStr(f"sqlite:///{path.with_name(path.stem + '-engine.sqlite')}")


def _provider(
    settings: Settings, clock: Clock, database: Database, transport: httpx2.BaseTransport | None
) -> Provider:
    intuit, pace = settings.quickbooks, settings.pace
    secret = intuit.client_secret.get_secret_value()
    return quickbooks(
        client_id=_needed("CLEO_QUICKBOOKS_CLIENT_ID", intuit.client_id),
        client_secret=_needed("CLEO_QUICKBOOKS_CLIENT_SECRET", secret),
        discovery_url=intuit.discovery_url,
        api_url=intuit.api_url,
        app_url=intuit.app_url,
        clock=clock,
        random=random.SystemRandom().random,
        requests_per_minute=pace.requests_per_minute,
        requests_per_second=pace.requests_per_second,
        batches_per_minute=pace.batches_per_minute,
        batches_at_once=pace.batches_at_once,
        batch_size=pace.batch_size,
        timeout_seconds=intuit.timeout_seconds,
        answer_bytes_max=intuit.answer_bytes_max,
        transport=transport,
        fleet=Paces(database, clock, timedelta(seconds=intuit.timeout_seconds) + _TURN_MARGIN),
    )


def _rates(limit: Limit, clock: Clock, database: Database) -> Rates:
    budgets = Budgets(**limit.model_dump(include=_BUDGETS))
    return Rates(budgets, Counters(clock, database))


def _stream_bounds(limit: Limit) -> StreamBounds:
    return StreamBounds(limit.streams_per_caller, limit.streams_per_business, limit.streams)


def _trust(settings: Settings, clock: Clock) -> Trust | None:
    if not settings.jwt_issuer:
        return None
    return Trust(
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        read_keys=partial(_read_json, Wire(clock=clock, **_KEY_SET_BOUNDS), settings.jwt_jwks_url),
        algorithms=settings.jwt_algorithms,
        life_max=timedelta(minutes=settings.jwt_minutes_max),
    )


def _read_json(wire: Wire, url: str) -> object:
    """Fetch a JSON document from this URL only, within the bounds of the wire.

    Raises:
        ValueError: the document cannot be fetched.
    """
    reply = wire.send("GET", url, headers={"Accept": "application/json"})
    if not isinstance(reply, Reply) or reply.status != HTTPStatus.OK:
        raise ValueError("the document cannot be fetched")
    return strict.parse(reply.body)


def _button(folder: str) -> tuple[Path, Path] | None:
    """Return Intuit's button images: `connect` and `connect-hover`, both .svg or both .png."""
    if not folder:
        return None
    for ending in (".svg", ".png"):
        both = Path(folder) / f"connect{ending}", Path(folder) / f"connect-hover{ending}"
        if all(one.is_file() for one in both):
            return both
    raise Misconfigured(
        "CLEO_CONNECT_BUTTON_FOLDER must hold connect.svg and connect-hover.svg (or both as .png)"
    )


def _needed(name: str, value: str) -> str:
    if not value:
        raise Misconfigured(f"{name} must be set; see docs/settings.md")
    return value
