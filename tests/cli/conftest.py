"""Fixtures for tests of the command line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from quickbooks_emulator.accounting.throttle import UNLIMITED
from quickbooks_emulator.testing import CLIENT_ID, CLIENT_SECRET, Intuit, served
from tests.cli.terminal import BUSINESS, PUBLIC_URL, REDIRECT_URI, Terminal
from tests.world import KEY


@pytest.fixture(scope="session")
def quickbooks() -> Iterator[Intuit]:
    with served(seed=7, limits=UNLIMITED, redirect_uris=[REDIRECT_URI]) as intuit:
        yield intuit


@pytest.fixture
def intuit(quickbooks: Intuit) -> Intuit:
    """A new company in the shared emulator."""
    company = quickbooks.emulator.add_company()
    return Intuit(quickbooks.emulator, quickbooks.app, company, quickbooks.url)


@pytest.fixture
def terminal(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    intuit: Intuit,
) -> Terminal:
    """A terminal with all settings made and a business chosen."""
    for name in [name for name in os.environ if name.startswith("CLEO_")]:
        monkeypatch.delenv(name)
    environment = {
        "CLEO_DATABASE_URL": f"sqlite:///{tmp_path / 'cleo.sqlite'}",
        "CLEO_ENCRYPTION_KEYS": KEY,
        "CLEO_AUDIT_KEYS": KEY,
        "CLEO_PUBLIC_URL": PUBLIC_URL,
        "CLEO_QUICKBOOKS_CLIENT_ID": CLIENT_ID,
        "CLEO_QUICKBOOKS_CLIENT_SECRET": CLIENT_SECRET,
        "CLEO_QUICKBOOKS_API_URL": intuit.url,
        "CLEO_QUICKBOOKS_DISCOVERY_URL": (f"{intuit.url}/.well-known/openid_sandbox_configuration"),
        "CLEO_PACE_REQUESTS_PER_SECOND": "1000",
        "CLEO_PACE_REQUESTS_PER_MINUTE": "100000",
        "CLEO_PACE_BATCHES_PER_MINUTE": "100000",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CLEO_BUSINESS", BUSINESS)
    return Terminal(capsys, intuit, tmp_path, environment)
