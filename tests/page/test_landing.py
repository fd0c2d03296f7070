"""The pages to which QuickBooks sends people, its connect button, and links into QuickBooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest

from cleo_accounting.bootstrap import build
from cleo_accounting.errors import Misconfigured
from cleo_accounting.flows.company import connect
from cleo_accounting.settings import read
from cleo_accounting.store.database import Database
from tests.page import states
from tests.page.conftest import Watched
from tests.page.deeds import both_changed, then
from tests.page.eyes import flaws
from tests.page.forms import Person
from tests.page.house import Place, served
from tests.world import BUSINESS, KEY

LANDINGS = ("/launch", "/reconnect", "/disconnected")
FINISH = "/connect/finish"
SEEN = ("/issues", "/activity/bill/pay_1", "/reconnect")
PLATFORM = "https://app.cleo-pay.com/settings/accounting"
NEEDED = {
    "CLEO_QUICKBOOKS_CLIENT_ID": "id",
    "CLEO_QUICKBOOKS_CLIENT_SECRET": "secret",
    "CLEO_ENCRYPTION_KEYS": KEY,
    "CLEO_AUDIT_KEYS": KEY,
    "CLEO_DATABASE_URL": "sqlite:///never-opened.sqlite",
}


@pytest.mark.parametrize("path", LANDINGS)
def test_without_a_visit_a_landing_page_says_what_to_do_and_nothing_of_any_company(
    place: Place, path: str
) -> None:
    states.connected_ok(place)
    one = place.world.integration

    answer = httpx2.get(place.url + path, params={"realmId": one.company_id})
    other = httpx2.get(place.url + path, params={"realmId": "<script>alert(1)</script>"})

    for told in (answer, other):
        assert told.status_code == 200
        assert "Sign in to Cleo Pay" in told.text
        assert "default-src 'none'" in told.headers["content-security-policy"]
        assert "no-store" in told.headers["cache-control"]
        for secret in (one.company_name, one.company_id, BUSINESS, "alert(1)"):
            assert secret not in told.text
    assert place.world.integration.live  # opening a page changes nothing


def test_the_disconnected_page_says_what_stopped_and_what_stays(place: Place) -> None:
    person = Person(httpx2.Client(base_url=place.url), place.page)

    words = person.open(f"{place.url}/disconnected?realmId=1")

    assert "What stopped" in words
    assert "Everything that was sent stays in QuickBooks" in words
    person.client.close()


def test_within_a_visit_launch_opens_the_page_of_the_business(place: Place) -> None:
    states.connected_ok(place)

    answer = place.visitor().get("/launch?realmId=of-somebody-else")

    assert str(answer.url) == place.page
    assert "Up to date" in answer.text


def test_within_a_visit_reconnect_lands_on_the_button_that_reconnects(place: Place) -> None:
    states.needs_reconnect(place)
    person = Person(place.visitor(), place.page)

    words = person.open(f"{place.url}/reconnect")
    there = person.press("Reconnect")

    assert "Choose the same company again" in words
    assert "QuickBooks" in there
    assert "/connect/onward" in str(person.answer and person.answer.url)


def test_the_disconnected_page_leads_whoever_has_a_visit_to_reconnect(place: Place) -> None:
    states.connected_ok(place)
    person = Person(place.visitor(), place.page)

    person.open(f"{place.url}/disconnected")
    person.follow("Reconnect")

    assert str(person.answer and person.answer.url) == f"{place.page}/reconnect"


@pytest.fixture
def branded(new_sqlite: Callable[[], str], tmp_path: Path) -> Iterator[Place]:
    """A page whose settings name the platform's page and the folder of Intuit's button images."""
    for name in ("connect.svg", "connect-hover.svg"):
        (tmp_path / name).write_text(f'<svg xmlns="http://www.w3.org/2000/svg"><!--{name}--></svg>')
    chosen = build(
        read(
            {
                **NEEDED,
                "CLEO_PLATFORM_PAGE_URL": PLATFORM,
                "CLEO_CONNECT_BUTTON_FOLDER": str(tmp_path),
            }
        )
    )
    database = Database(new_sqlite())
    with served(
        database,
        decorate=lambda house: replace(
            house,
            platform_page_url=chosen.platform_page_url,
            connect_button=chosen.connect_button,
        ),
    ) as made:
        yield made
    database.close()
    chosen.close()


@pytest.mark.parametrize("path", [*LANDINGS, f"/businesses/{BUSINESS}/accounting", "/enter?link=x"])
def test_who_has_no_visit_is_led_to_the_page_of_the_platform(branded: Place, path: str) -> None:
    assert f'href="{PLATFORM}"' in httpx2.get(branded.url + path).text


def test_the_connect_button_is_the_operators_image_of_intuits(branded: Place) -> None:
    visitor = branded.visitor()

    page = visitor.get(branded.page).text
    rest, hover = (visitor.get(f"/brand/{name}.svg") for name in ("connect", "connect-hover"))

    assert 'src="/brand/connect.svg" alt="Connect to QuickBooks"' in page
    assert "<!--connect.svg-->" in rest.text
    assert "<!--connect-hover.svg-->" in hover.text
    assert rest.headers["content-type"].startswith("image/svg+xml")
    assert visitor.get("/brand/..%2f..%2fetc%2fpasswd").status_code == 404
    assert visitor.get("/brand/other.svg").status_code == 404


def test_without_images_the_connect_button_is_a_plain_one(place: Place) -> None:
    person = Person(place.visitor(), place.page)
    person.go("")

    assert person.answer is not None
    assert "/brand/" not in person.answer.text
    assert "QuickBooks" in person.press("Connect to QuickBooks")
    assert place.visitor().get("/brand/connect.svg").status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLEO_PLATFORM_PAGE_URL", "javascript:alert(1)"),
        ("CLEO_PLATFORM_PAGE_URL", "http://elsewhere.example/"),
        ("CLEO_CONNECT_BUTTON_FOLDER", "/nowhere"),
        ("CLEO_QUICKBOOKS_APP_URL", "http://elsewhere.example/"),
    ],
)
def test_what_cannot_be_shown_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=f"{name}|QuickBooks app URL"):
        build(read({**NEEDED, name: value}))


PRODUCTION = {
    "CLEO_QUICKBOOKS_API_URL": "https://quickbooks.api.intuit.com",
    "CLEO_QUICKBOOKS_DISCOVERY_URL": (
        "https://developer.api.intuit.com/.well-known/openid_configuration"
    ),
}


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "https://sandbox.qbo.intuit.com/app/bill?txnId=17"),
        (
            PRODUCTION,
            "https://qbo.intuit.com/app/bill?txnId=17",
        ),
        (
            {**PRODUCTION, "CLEO_QUICKBOOKS_APP_URL": "https://app.qbo.intuit.com/"},
            "https://app.qbo.intuit.com/app/bill?txnId=17",
        ),
    ],
)
def test_a_link_into_quickbooks_goes_to_the_host_of_the_settings(
    settings: dict[str, str], address: str
) -> None:
    house = build(read({**NEEDED, **settings}))

    assert house.provider.address_of("bill", "17") == address
    assert house.provider.address_of("account", "17") is None
    assert "&" not in (house.provider.address_of("bill", "1&x=<") or "&")
    house.close()


def test_a_link_into_quickbooks_opens_the_document_and_names_its_company(place: Place) -> None:
    states.partial(place)
    world = place.world
    (bill,) = world.numbered("INV-1001")
    person = Person(place.visitor(), place.page)

    words = person.go("/activity/bill/pay_1").replace("\u2068", "").replace("\u2069", "")

    assert f"Open in QuickBooks ({world.integration.company_name})" in words
    assert "Check that it is the right one" in words
    assert person.answer is not None
    address = f'href="https://sandbox.qbo.intuit.com/app/bill?txnId={bill["Id"]}"'
    assert address in person.answer.text


def test_landing_pages_and_differences_are_accessible_narrow_and_wide(
    place: Place, watch: Callable[..., Watched]
) -> None:
    then(both_changed)(place)
    page = watch(place).page
    found = {}
    house = place.world.house
    begun = connect.begin(house, BUSINESS, "cli:jane", house.doorway_url)
    back = urlencode(place.world.consent(begun.authorization_url))
    door = f"{house.doorway_url}?{back}"
    for url in (*(place.url + path for path in LANDINGS), door, place.link(), FINISH, *SEEN):
        page.goto(url if url.startswith("http") else place.page + url)
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            if complaints := flaws(page):
                found[url, width] = complaints
        if "/enter" in url:
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(place.page + FINISH)

    assert found == {}
