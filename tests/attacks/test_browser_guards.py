"""Every response forbids caching, framing and leaking, and no sign-in secret is logged."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from structlog.testing import capture_logs

from cleo_accounting import web
from cleo_accounting.cli import logs
from cleo_accounting.flows import DOORWAY
from cleo_accounting.store.database import Database
from cleo_accounting.web.pages.every import ROUTERS
from tests.attacks.browser import Browser
from tests.service import Service, guarded_paths, served
from tests.web.test_access import SOMEWHERE
from tests.world import BUSINESS, REDIRECT_URI, world

PUBLIC = "https://accounting.cleo-pay.example"
IDS = {**SOMEWHERE, "businessId": BUSINESS, "tab": "vendors", "name": "connect"}
PAGES = [each for router in ROUTERS for each in router.routes]
READ = sorted(
    {
        each.path.format(**IDS)
        for each in [*guarded_paths(), *PAGES]
        if "GET" in each.methods and not each.path.endswith("/events")
    }
    | {"/livez", "/readyz", "/nowhere", "/static/page.css", "/openapi.json", DOORWAY}
)


@pytest.fixture
def service(database: Database) -> Iterator[Service]:
    """The service with a connected business, at a public address behind a proxy with TLS."""
    with world(database) as here:
        here.open_for_business()
        here.house = replace(here.house, public_url=PUBLIC)
        yield from served(here)


@pytest.fixture
def in_the_clear(database: Database) -> Iterator[Service]:
    """The service on a local address without TLS, to which the emulated Intuit redirects."""
    with world(database) as here:
        yield from served(here)


def test_every_address_tells_browsers_to_keep_frame_and_send_on_nothing(service: Service) -> None:
    person = Browser(service).in_as("jane@harbor.example")
    origin = {"origin": "https://mallory.example"}

    for path in READ:
        for answer in (
            service.ask("GET", path, as_=None, headers=origin),
            service.ask("GET", path, as_="platform", headers=origin),
            person.client.get(path, headers=origin),
        ):
            told = answer.headers
            assert "no-store" in told["cache-control"] or path.startswith("/static/"), path
            assert told["strict-transport-security"] == "max-age=31536000; includeSubDomains"
            assert told["x-content-type-options"] == "nosniff"
            assert told["cross-origin-opener-policy"] == "same-origin"
            assert told["cross-origin-resource-policy"] == "same-origin"
            assert "camera=()" in told["permissions-policy"]
            assert "default-src 'none'" in told["content-security-policy"]
            assert "frame-ancestors 'none'" in told["content-security-policy"]
            assert not [name for name in told if name.startswith("access-control-")]
            assert answer.status_code < 500 or path == "/readyz"


def test_a_visit_s_cookie_is_bound_to_the_host_and_sent_over_tls_only(service: Service) -> None:
    cookie = Browser(service).enter("jane@harbor.example").headers["set-cookie"]

    assert cookie.startswith("__Host-cleo-")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/debug", "/metrics"])
def test_nothing_of_the_framework_or_the_operator_is_open(service: Service, path: str) -> None:
    assert service.ask("GET", path, as_=None).status_code in (401, 404)


def test_no_script_keeps_anything_in_the_browser(service: Service) -> None:
    scripts = list((Path(web.__file__).parent / "static").glob("*.js"))
    kept = re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\.")
    person = Browser(service).in_as("jane@harbor.example")

    left = person.post("/leave")

    assert scripts
    assert [each.name for each in scripts if kept.search(each.read_text("utf-8"))] == []
    assert left.headers["clear-site-data"] == '"cache"'
    assert "Max-Age=0" in left.headers["set-cookie"]


def test_no_state_code_or_link_of_a_sign_in_is_logged(in_the_clear: Service) -> None:
    service = in_the_clear
    with capture_logs() as logged:
        browser = Browser(service)
        link = browser.link("jane@harbor.example")
        browser.come_in(link)
        body = {"redirectUri": REDIRECT_URI}
        begun = service.ask("POST", f"{service.base}/connect", json=body).json()
        came = service.here.consent(begun["authorizationUrl"])
        door = browser.get(DOORWAY, **came)
        again = browser.get(DOORWAY, **came)
        service.ask("GET", f"{service.base}/callback", params=came)

    told = json.dumps(logged, default=str) + door.headers["location"] + again.headers["location"]
    for secret in (came["state"], came["code"], *parse_qs(urlsplit(link).query)["link"]):
        assert secret not in told


def test_no_text_of_others_begins_a_line_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    text = 'x\r\n{"event": "denied"}\u2028\u202e\x1b[2J\x00\x85'
    before = structlog.get_config()
    logs.configure("INFO")
    try:
        structlog.get_logger().warning("seen", name=text)
    finally:
        structlog.configure(**before)

    (line,) = capsys.readouterr().err.splitlines()
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["name"] == text
