"""The whole way of a finance person in a real browser: from nothing connected to disconnected."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import Watched
from tests.page.test_states import flaws
from tests.processes import Stage, stage

CUSTOMER = "Amy's Bird Sanctuary"


@pytest.fixture
def running(new_sqlite: Callable[[], str]) -> Iterator[Stage]:
    """The service with its worker, and an emulated Intuit, as processes of their own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with stage(new_sqlite(), port) as made:
        made.url = made.service.start().replace("localhost", "127.0.0.1")
        made.token = made.command("token", "issue", "--role=platform", "--name=test").strip()
        yield made


def feed(running: Stage) -> None:
    """Nine vendors and ninety bills; one of the vendors has the name of a customer."""
    names = [f"Supplier {at}" for at in range(1, 9)] + [CUSTOMER]
    records = [
        {
            "type": "connection",
            "id": f"conn_{at}",
            "record": {"status": "active", "connectedBusinessName": name},
        }
        for at, name in enumerate(names, 1)
    ] + [
        {
            "type": "payable",
            "id": f"pay_{at}",
            "record": {
                "connectionId": f"conn_{1 + at % 9}",
                "role": "payer",
                "amount": f"{100 + at}.25",
                "invoiceDate": "2026-11-02",
                "invoiceNumber": f"INV-{at}",
                "status": "APPROVED",
            },
        }
        for at in range(1, 91)
    ]
    running.ask("POST", "/records/bulk", json={"records": records})


def link(running: Stage, role: str = "admin") -> str:
    """What the platform does for a person: ask for a link to the page."""
    made = running.ask(
        "POST",
        "/integrations/accounting/session",
        json={"userId": "jane@harbor.example", "role": role, "timeZone": "America/New_York"},
    )
    url: str = made.json()["url"]
    return url


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first.click()


def headline(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(text), timeout=30_000)


def test_a_person_connects_maps_previews_syncs_mends_reconnects_and_disconnects(  # noqa: PLR0915  one way, told in one go
    running: Stage, watch: Callable[..., Watched]
) -> None:
    feed(running)
    place = type("Place", (), {"url": link(running)})
    watched = watch(place)
    watched.own.add(urlsplit(running.intuit_url).netloc)
    page = watched.page
    page.goto(place.url)
    base = page.url
    assert "link=" not in base

    # She first says no at QuickBooks, and is told so in the same place.
    headline(page, "Connect your accounting")
    press(page, "Connect to QuickBooks")
    press(page, "No, thanks")
    headline(page, "You did not allow the connection")
    assert not re.search(r"code=|state=|realmId=|error=", page.url)

    # Then yes; the company is shown before anything is written.
    press(page, "Try again")
    page.get_by_role("button", name="Connect", exact=True).click()
    headline(page, "Is this the right company?")
    assert page.url == base
    assert running.counted("Bill") == 0
    assert flaws(page) == []
    press(page, "Use this company")

    # She maps what only a person can say.
    headline(page, "thing.* to map")
    press(page, "Choose the account that bills book to")
    chosen = page.get_by_label("Account that bills book to")
    supplies = chosen.locator("option", has_text=re.compile("Supplies")).first
    chosen.select_option(value=supplies.get_attribute("value"))
    press(page, "Save")
    expect(page.get_by_role("status").first).to_contain_text("Saved")

    # The preview says exactly what would be sent; nothing is written yet.
    page.goto(f"{base}/preview")
    press(page, "Make a new preview")
    headline(page, r"80 bills would be sent: \$11,6\d\d\.00")
    assert running.counted("Bill") == 0
    shown = page.get_by_role("heading", level=1).inner_text()
    api = running.ask("GET", f"{_one(running)}/runs").json()["items"][0]
    sums = running.ask("GET", f"{_one(running)}/runs/{api['id']}").json()["sums"]
    assert f"${float(sums[0]['amount']):,.2f}" in shown

    # She sends; the page follows by itself until some need her.
    page.get_by_role("button", name=re.compile("Send 80 bills")).click()
    headline(page, "sent · .* need")
    assert running.counted("Bill") == 80

    # A partial failure is mended in place, and what it held up goes with it.
    press(page, "Review 11 issues")
    press(page, "Create")
    page.goto(base)
    headline(page, "Up to date")
    assert running.counted("Bill") == 90

    # QuickBooks takes our permission back: she reconnects, and nothing is lost.
    httpx2.post(
        f"{running.intuit_url}/_emulator/disconnect",
        json={"realm_id": running.realm_id, "client_id": _client_id(running)},
    ).raise_for_status()
    running.ask(
        "PUT",
        "/payables/pay_99",
        json={
            "connectionId": "conn_1",
            "role": "payer",
            "amount": "99.00",
            "invoiceDate": "2026-11-03",
            "invoiceNumber": "INV-99",
            "status": "APPROVED",
        },
    )
    press(page, "Sync now")
    headline(page, "QuickBooks needs you to reconnect")
    press(page, "Reconnect")
    page.get_by_role("button", name="Connect", exact=True).click()
    press(page, "Sync again")
    headline(page, "Up to date")
    assert running.counted("Bill") == 91

    # She disconnects, after being told what stops and what stays.
    press(page, "Settings")
    press(page, "Disconnect…")
    expect(page.get_by_role("link", name="Cancel")).to_be_focused()
    press(page, "Disconnect")
    headline(page, "Disconnected")
    assert running.counted("Bill") == 91
    assert running.ask("GET", "/integrations/accounting/status").json()["status"] == "disconnected"


def _one(running: Stage) -> str:
    (one,) = running.ask("GET", "/integrations/accounting").json()["items"]
    return f"/integrations/accounting/{one['id']}"


def _client_id(running: Stage) -> str:
    return running.service.environment["CLEO_QUICKBOOKS_CLIENT_ID"]
