"""The consent page in a browser, and the requests that it refuses."""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from quickbooks_emulator import testing
from quickbooks_emulator.sign_in.apps import App

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quickbooks_emulator.testing import Intuit

ACCOUNTING = "com.intuit.quickbooks.accounting"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
browser_needed = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


class Landing(BaseHTTPRequestHandler):
    """The app's own page, to which consent redirects."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<title>Back at the app</title>")

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def landing() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Landing) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}/callback"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def browser(*, javascript: bool = False) -> Iterator[Page]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium.new_context(java_script_enabled=javascript).new_page()
        chromium.close()


def question(intuit: Intuit, redirect_uri: str, **changes: str) -> str:
    query = {
        "client_id": intuit.app.client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": ACCOUNTING,
        "state": "s t&ate",
        **changes,
    }
    present = {name: value for name, value in query.items() if value}
    return f"{intuit.url}/connect/oauth2?{urlencode(present)}"


@browser_needed
def test_a_person_chooses_a_company_and_lands_at_the_app_without_javascript() -> None:
    with (
        landing() as uri,
        testing.served(redirect_uris=[uri], name="First & Co", seeded=False) as intuit,
        browser() as page,
    ):
        second = intuit.emulator.add_company("Second <Ltd>", seeded=False)
        page.goto(question(intuit, uri))
        page.get_by_role("radio", name="Second <Ltd>").check()
        page.get_by_role("button", name="Connect").click()

        expect(page).to_have_title("Back at the app")
        callback = parse_qs(urlsplit(page.url).query)
        assert callback["realmId"] == [second.realm_id]
        assert callback["state"] == ["s t&ate"]
        assert callback["code"]


@browser_needed
def test_the_keyboard_alone_is_enough() -> None:
    with (
        landing() as uri,
        testing.served(redirect_uris=[uri], name="First", seeded=False) as intuit,
        browser() as page,
    ):
        second = intuit.emulator.add_company("Second", seeded=False)
        page.goto(question(intuit, uri))
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")

        expect(page).to_have_title("Back at the app")
        assert parse_qs(urlsplit(page.url).query)["realmId"] == [second.realm_id]


@browser_needed
def test_a_person_who_declines_is_sent_back_with_access_denied() -> None:
    with (
        landing() as uri,
        testing.served(redirect_uris=[uri], seeded=False) as intuit,
        browser() as page,
    ):
        page.goto(question(intuit, uri))
        page.get_by_role("button", name="No, thanks").click()

        expect(page).to_have_title("Back at the app")
        callback = parse_qs(urlsplit(page.url).query)
        assert callback == {"error": ["access_denied"], "state": ["s t&ate"]}


@browser_needed
def test_another_person_can_sign_in_and_sees_her_own_companies() -> None:
    with (
        landing() as uri,
        testing.served(redirect_uris=[uri], name="First", seeded=False) as intuit,
        browser() as page,
    ):
        intuit.emulator.add_company("Second", seeded=False)
        intuit.emulator.add_user(
            "lee@example.com", given_name="Lee", family_name="Ong", realm_ids=[intuit.realm_id]
        )
        page.goto(question(intuit, uri))
        page.get_by_label("Signed in as").select_option(label="Lee Ong · lee@example.com")
        page.get_by_role("button", name="Switch").click()

        expect(page.get_by_role("radio")).to_have_count(1)
        page.get_by_role("button", name="Connect").click()
        expect(page).to_have_title("Back at the app")


@pytest.fixture
def intuit() -> Iterator[Intuit]:
    with testing.emulator(seeded=False) as started:
        yield started


@pytest.fixture
def client(intuit: Intuit) -> Iterator[httpx2.Client]:
    with httpx2.Client(transport=intuit.transport()) as opened:
        yield opened


@pytest.mark.parametrize(
    "uri",
    [
        testing.REDIRECT_URI + "/",
        testing.REDIRECT_URI.upper(),
        testing.REDIRECT_URI.replace("http:", "https:"),
        testing.REDIRECT_URI + "?a=b",
        "https://evil.example/callback",
    ],
)
def test_a_redirect_uri_that_is_not_registered_exactly_leads_nowhere(
    client: httpx2.Client, intuit: Intuit, uri: str
) -> None:
    answer = client.get(question(intuit, uri))

    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "redirect_uri" in answer.text


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "scope", "state", "response_type"])
def test_every_parameter_is_needed(client: httpx2.Client, intuit: Intuit, name: str) -> None:
    answer = client.get(question(intuit, **{"redirect_uri": testing.REDIRECT_URI, name: ""}))

    assert answer.status_code == 400
    assert name in answer.text


def test_an_unknown_scope_is_told_to_the_app(client: httpx2.Client, intuit: Intuit) -> None:
    answer = client.get(question(intuit, testing.REDIRECT_URI, scope=f"{ACCOUNTING} nonsense"))

    assert answer.status_code == 302
    callback = parse_qs(urlsplit(answer.headers["location"]).query)
    assert callback == {"error": ["invalid_scope"], "state": ["s t&ate"]}


def test_an_unknown_app_leads_nowhere(client: httpx2.Client, intuit: Intuit) -> None:
    answer = client.get(question(intuit, testing.REDIRECT_URI, client_id="nobody"))

    assert answer.status_code == 400
    assert "client_id" in answer.text


def test_another_response_type_is_told_to_the_app(client: httpx2.Client, intuit: Intuit) -> None:
    answer = client.get(question(intuit, testing.REDIRECT_URI, response_type="token"))

    assert "error=unsupported_response_type" in answer.headers["location"]


def test_pages_that_were_left_open_are_forgotten_in_the_end(
    client: httpx2.Client, intuit: Intuit
) -> None:
    def ticket() -> str:
        page = client.get(question(intuit, testing.REDIRECT_URI)).text
        return page.split('name="ticket" value="')[1].split('"')[0]

    oldest = ticket()
    for _ in range(1000):
        ticket()
    form = {"ticket": oldest, "decision": "deny"}
    answer = client.post(f"{intuit.url}/app/connect/oauth2/authorize", data=form)

    assert answer.status_code == 400
    assert "expired" in answer.text


def test_a_company_must_be_chosen(client: httpx2.Client, intuit: Intuit) -> None:
    page = client.get(question(intuit, testing.REDIRECT_URI)).text
    ticket = page.split('name="ticket" value="')[1].split('"')[0]
    user_id = page.split('name="user_id" value="')[1].split('"')[0]

    form = {"ticket": ticket, "user_id": user_id, "decision": "allow", "realm_id": "12345"}
    answer = client.post(f"{intuit.url}/app/connect/oauth2/authorize", data=form)

    assert answer.status_code == 422
    assert "Choose the company" in answer.text


def test_a_decision_counts_once(client: httpx2.Client, intuit: Intuit) -> None:
    page = client.get(question(intuit, testing.REDIRECT_URI)).text
    ticket = page.split('name="ticket" value="')[1].split('"')[0]
    user_id = page.split('name="user_id" value="')[1].split('"')[0]
    form = {"ticket": ticket, "user_id": user_id, "decision": "deny"}

    first = client.post(f"{intuit.url}/app/connect/oauth2/authorize", data=form)
    second = client.post(f"{intuit.url}/app/connect/oauth2/authorize", data=form)

    assert (first.status_code, second.status_code) == (302, 400)


def test_the_page_lets_nothing_foreign_in(client: httpx2.Client, intuit: Intuit) -> None:
    answer = client.get(question(intuit, testing.REDIRECT_URI))

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("uri", "environment"),
    [
        ("http://app.example/callback", "development"),
        ("http://localhost/callback", "production"),
        ("https://127.0.0.1/callback", "development"),
        ("https://app.example/callback?x=1", "development"),
        ("https://app.example/callback#x", "production"),
        ("https://localhost/callback", "production"),
    ],
)
def test_what_the_portal_would_not_register_is_refused(uri: str, environment: str) -> None:
    with pytest.raises(ValueError, match="Intuit refuses the redirect URI"):
        App("id", "secret", (uri,), environment=environment)  # type: ignore[arg-type]
