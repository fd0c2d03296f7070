"""An unsafe or meaningless setting stops the start with one sentence that names it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from cleo_accounting import cli
from cleo_accounting.errors import Misconfigured
from cleo_accounting.settings import read
from tests.world import KEY

PRODUCTION = "https://quickbooks.api.intuit.com"
DISCOVERY = "https://developer.api.intuit.com/.well-known/openid_configuration"
EMULATOR = {
    "CLEO_QUICKBOOKS_API_URL": "http://localhost:9000",
    "CLEO_QUICKBOOKS_DISCOVERY_URL": "http://localhost:9000/.well-known/openid_configuration",
}

UNSAFE_ADDRESSES = [
    "http://accounting.example.com",
    "http://10.0.0.1",
    "http://localhost.example.com",
    "http://localhost@example.com",
    "https://someone@example.com",
    "https://exa mple.com",
    "https://example.com\\@evil.test",
    "https://example.com:99999",
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://example.com",
    "//example.com",
    "example.com",
    "https://",
]


@pytest.mark.parametrize("text", UNSAFE_ADDRESSES)
@pytest.mark.parametrize(
    "name",
    [
        "CLEO_PUBLIC_URL",
        "CLEO_REDIRECT_URIS",
        "CLEO_RETURN_URL",
        "CLEO_PLATFORM_PAGE_URL",
        "CLEO_EMBED_ORIGINS",
        "CLEO_JWT_JWKS_URL",
        "CLEO_QUICKBOOKS_API_URL",
        "CLEO_QUICKBOOKS_APP_URL",
        "CLEO_QUICKBOOKS_DISCOVERY_URL",
    ],
)
def test_an_address_in_the_clear_or_of_a_script_stops_the_start(name: str, text: str) -> None:
    with pytest.raises(Misconfigured, match=rf"^{name} must ") as refusal:
        read({name: text})

    assert "\n" not in str(refusal.value)
    assert "evil" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/accounting",
        "https://example.com/?x=1",
        "https://example.com/#x",
        "http://localhost:8000/base",
    ],
)
def test_a_public_address_below_a_path_stops_the_start(text: str) -> None:
    with pytest.raises(Misconfigured, match=r"^CLEO_PUBLIC_URL must be an origin"):
        read({"CLEO_PUBLIC_URL": text})


def test_one_bad_address_among_good_ones_stops_the_start() -> None:
    with pytest.raises(Misconfigured, match=r"^CLEO_REDIRECT_URIS must begin with https"):
        read({"CLEO_REDIRECT_URIS": "https://app.example.com/back,javascript:alert(1)"})
    with pytest.raises(Misconfigured, match=r"^CLEO_REDIRECT_URIS must hold addresses without"):
        read({"CLEO_REDIRECT_URIS": "https://app.example.com/back#x"})


@pytest.mark.parametrize(
    "name",
    ["CLEO_REDIRECT_URIS", "CLEO_RETURN_URL", "CLEO_PLATFORM_PAGE_URL", "CLEO_EMBED_ORIGINS"],
)
@pytest.mark.parametrize("text", ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:80"])
def test_a_public_service_sends_nobody_to_a_program_of_their_own_machine(
    name: str, text: str
) -> None:
    read({name: text})
    with pytest.raises(Misconfigured, match=rf"^{name} must not lead to localhost"):
        read({name: text, "CLEO_PUBLIC_URL": "https://accounting.example.com"})


@pytest.mark.parametrize(
    "given",
    [
        {"CLEO_QUICKBOOKS_API_URL": PRODUCTION},
        {"CLEO_QUICKBOOKS_DISCOVERY_URL": DISCOVERY},
        {"CLEO_QUICKBOOKS_APP_URL": "https://qbo.intuit.com"},
        {"CLEO_QUICKBOOKS_API_URL": "http://localhost:9000"},
        {"CLEO_QUICKBOOKS_API_URL": "https://api.example.com"},
    ],
)
def test_sandbox_and_production_never_mix(given: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match="must be of one world"):
        read(given)


def test_one_world_is_let_through() -> None:
    read({"CLEO_QUICKBOOKS_API_URL": PRODUCTION, "CLEO_QUICKBOOKS_DISCOVERY_URL": DISCOVERY})
    read(EMULATOR)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CLEO_PACE_BATCH_SIZE", "31"),
        ("CLEO_PACE_REQUESTS_PER_MINUTE", "501"),
        ("CLEO_PACE_REQUESTS_PER_SECOND", "11"),
        ("CLEO_PACE_BATCHES_PER_MINUTE", "41"),
        ("CLEO_PACE_BATCHES_AT_ONCE", "11"),
        ("CLEO_QUIESCENCE_SECONDS", "299"),
        ("CLEO_QUICKBOOKS_TIMEOUT_SECONDS", "301"),
        ("CLEO_RUNS_AT_ONCE", "1000"),
        ("CLEO_JWT_ALGORITHMS", "RS256,none"),
        ("CLEO_JWT_ALGORITHMS", "HS256"),
        ("CLEO_AMOUNTS_IN", "euros"),
        ("CLEO_LOG_LEVEL", "LOUD"),
    ],
)
def test_what_the_protocol_forbids_stops_the_start(name: str, text: str) -> None:
    with pytest.raises(Misconfigured, match=rf"^{re.escape(name)} must be "):
        read({name: text})


def test_an_emulator_on_this_machine_may_be_asked_faster_and_waited_for_less() -> None:
    chosen = read(
        {**EMULATOR, "CLEO_QUIESCENCE_SECONDS": "1", "CLEO_PACE_REQUESTS_PER_SECOND": "1000"}
    )

    assert (chosen.quiescence_seconds, chosen.pace.requests_per_second) == (1.0, 1000)
    with pytest.raises(Misconfigured, match="CLEO_PACE_BATCH_SIZE"):
        read({**EMULATOR, "CLEO_PACE_BATCH_SIZE": "31"})


def test_a_service_open_to_others_needs_its_public_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("CLEO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CLEO_QUICKBOOKS_CLIENT_ID", "id")
    monkeypatch.setenv("CLEO_QUICKBOOKS_CLIENT_SECRET", "secret")
    monkeypatch.setenv("CLEO_ENCRYPTION_KEYS", KEY)
    monkeypatch.setenv("CLEO_AUDIT_KEYS", KEY)
    monkeypatch.setenv("CLEO_DATABASE_URL", f"sqlite:///{tmp_path / 'cleo.sqlite'}")

    assert cli.run(["serve", "--host", "0.0.0.0", "--port", "0"]) == cli.codes.Code.USAGE
    assert "CLEO_PUBLIC_URL must be set to the https:// address" in capsys.readouterr().err
