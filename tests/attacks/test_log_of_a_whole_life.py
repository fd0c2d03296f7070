"""No secret, name or number of a business appears in the log from sign-in to disconnect."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from cleo_accounting.store.database import Database
from tests.attacks.browser import Browser
from tests.service import Service, served
from tests.world import REDIRECT_URI, World, connection, payable, world

NAME, NUMBER, SEARCH = "Kanarienvogel & Sons", "CNRY-2026-77", "canary-search"


@pytest.fixture
def service(database: Database) -> Iterator[Service]:
    """The service with a business that has not connected."""
    with world(database) as here:
        yield from served(here)


def _connect(service: Service) -> list[str]:
    """Connect over the API; return the state and the code, which must not be logged."""
    body = {"redirectUri": REDIRECT_URI}
    begun = service.ask("POST", f"{service.base}/connect", json=body).json()
    came = service.here.consent(begun["authorizationUrl"])
    held = service.ask("GET", f"{service.base}/callback", params=came).json()
    service.here.integration_id = held["accountingIntegrationId"]
    return [came["state"], came["code"]]


def _tokens(here: World) -> list[str]:
    """Return every token that the emulated Intuit issued."""
    return [
        json.loads(each.response.body)[name]
        for each in here.intuit.emulator.journal.requests()
        if each.request and each.response and each.request.path.endswith("/bearer")
        for name in ("access_token", "refresh_token")
    ]


def test_no_secret_name_or_number_is_logged_whatever_happens(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    here = service.here
    with capture_logs() as lines, caplog.at_level(logging.WARNING):
        secrets = _connect(service)
        here.open_for_business()
        here.feed(connection(1, NAME), connection(2, f"{NAME}."))
        here.feed(payable(1, number=NUMBER), payable(2, cents=-5, to=2, number=f"{NUMBER}-2"))
        here.sync()
        person = Browser(service).in_as("jane@harbor.example")
        for path in ("", "/issues", "/activity", "/activity.csv", "/mapping", f"?search={SEARCH}"):
            person.get(person.page + path)
        for role in ("viewer", "other admin", None):
            service.ask("GET", f"{service.one}/vendors", as_=role, params={"search": SEARCH})
            service.ask("POST", f"{service.one}/sync", as_=role, json={SEARCH: NAME})
        service.ask("POST", f"{service.base}/disconnect")

    told = json.dumps(lines, default=str, ensure_ascii=False) + caplog.text
    secrets += [*_tokens(here), *service.tokens.values(), here.intuit.app.client_secret]
    assert len(secrets) > 10
    assert len(lines) > 2
    for planted in (NAME, NUMBER, SEARCH, "jane@harbor.example", *secrets):
        assert planted not in told
