"""A link alone signs nobody in: a person first reads and confirms the name of the business."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cleo_accounting.store.access import Rank
from cleo_accounting.store.database import Database
from tests.attacks.browser import SAME_ORIGIN, Browser
from tests.service import OTHER, Service, served
from tests.world import BUSINESS, world


@pytest.fixture(scope="module")
def service(new_sqlite: Callable[[], str]) -> Iterator[Service]:
    """One service for all tests: their links and sessions do not affect each other."""
    database = Database(new_sqlite())
    with world(database) as here:
        yield from served(here)
    database.close()


def is_in(browser: Browser) -> bool:
    """Whether the page of the business opens in this browser."""
    return browser.get(browser.page).status_code == 200


def test_a_browser_that_is_sent_to_a_link_is_asked_and_not_signed_in(service: Service) -> None:
    victim, attacker = Browser(service), Browser(service, OTHER)
    link = attacker.link("victim@acme.example")

    pages = [victim.get(link) for _ in range(2)]

    for page in pages:
        assert page.status_code == 200
        assert "set-cookie" not in page.headers
        for name in ("victim@acme.example", OTHER, "Sign in"):
            assert name in page.text
    assert not is_in(Browser(service, OTHER))
    assert not victim.client.cookies


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_no_other_site_uses_a_link_up_for_a_browser(
    service: Service, headers: dict[str, str]
) -> None:
    browser = Browser(service)
    link = browser.link("jane@harbor.example")

    answer = browser.come_in(link, **headers)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert browser.come_in(link).status_code == 303  # the link was not used up


def test_a_link_lets_one_browser_in_once(service: Service) -> None:
    first, second = Browser(service), Browser(service)
    link = first.link("jane@harbor.example")

    assert first.come_in(link).headers["location"] == first.page
    assert second.come_in(link).status_code == 401
    assert second.get(link).status_code == 401
    assert is_in(first)


def test_a_link_is_over_after_a_minute_and_with_the_token_that_made_it(service: Service) -> None:
    browser = Browser(service)
    token = service.ask(
        "POST",
        "/api/integrations/accounting/tokens",
        as_="platform",
        json={"role": "admin", "name": "x", "businessId": BUSINESS},
    ).json()
    made = browser.link("jane@harbor.example", by=f"token:{token['id']}")
    late = browser.link("jane@harbor.example")
    service.ask("DELETE", f"/api/integrations/accounting/tokens/{token['id']}", as_="platform")

    assert browser.come_in(made).status_code == 401
    service.here.house.clock.sleep(60)
    assert browser.come_in(late).status_code == 401


@pytest.mark.parametrize("path", ["", "/settings", "/reconnect", "/disconnect", "/connect/failed"])
def test_every_page_names_business_and_person(service: Service, path: str) -> None:
    browser = Browser(service).in_as("jane@harbor.example")

    page = browser.get(browser.page + path).text

    header = page[page.index("<header") : page.index("</header>")]
    assert BUSINESS in header
    assert "jane@harbor.example" in header


def test_business_and_person_stand_beside_every_connect_button(service: Service) -> None:
    browser = Browser(service).in_as("jane@harbor.example")

    for path in ("", "/reconnect", "/connect/failed"):
        page = browser.get(browser.page + path).text
        main = page[page.index("<main") : page.index("</main>")]
        assert 'action="/businesses/biz_one/accounting/connect"' in main
        assert f"For the business \u2068{BUSINESS}\u2069, by" in main
        assert "jane@harbor.example" in main


def test_an_oversized_form_at_the_door_is_refused(service: Service) -> None:
    answer = Browser(service).client.post(
        "/enter", data={"link": "x" * 2_000}, headers={"sec-fetch-site": "same-origin"}
    )

    assert answer.status_code == 413
    assert len(answer.content) < 4_000


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"a=" + b"%" * 200_000, 413),
        (b"a=b&" * 2_001, 400),
        (b"a=" + b"%25" * 60_000, 403),  # it is readable; its token is missing
    ],
    ids=["bytes", "fields", "as large as it may be"],
)
def test_an_oversized_form_on_the_page_is_refused(
    service: Service, body: bytes, status: int
) -> None:
    browser = Browser(service).in_as("jane@harbor.example")

    answer = browser.client.post(
        browser.page + "/sync",
        content=body,
        headers={**SAME_ORIGIN, "content-type": "application/x-www-form-urlencoded"},
    )

    assert answer.status_code == status


def test_a_viewer_comes_in_as_a_viewer(service: Service) -> None:
    browser = Browser(service).in_as("jane@harbor.example", Rank.VIEWER)

    assert browser.post("/connect").status_code == 403
