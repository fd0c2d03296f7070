"""A page session ends with the token that made it, on demand, when idle or on a change of role."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from cleo_accounting.flows.admin.session import LIFE
from cleo_accounting.flows.company import connect
from cleo_accounting.store import audit
from cleo_accounting.store.access import Rank
from tests.attacks.browser import Browser, hung_up
from tests.service import OTHER, Service, served
from tests.world import BUSINESS, World

JANE, KIM = "jane@harbor.example", "kim@harbor.example"


@pytest.fixture
def service(here: World) -> Iterator[Service]:
    """The service with a connected business."""
    yield from served(here)


def is_in(browser: Browser) -> bool:
    """Return whether the page of the business opens in this browser."""
    return browser.get(browser.page).status_code == 200


def token_id(service: Service, role: str) -> str:
    """Return the id of the token that the tests use for a role."""
    listed = service.ask("GET", f"{service.base}/audit", params={"what": "token_issued"}).json()
    ids = [one["subject"] for one in listed["items"] if one["facts"]["role"] == role]
    return str(ids[0])


def made_by_token(service: Service, as_: str = "admin", **body: Any) -> Browser:
    """Return a browser that signed in with a link from the API."""
    answer = service.ask(
        "POST", f"{service.base}/session", as_=as_, json={"role": "viewer", **body}
    )
    assert answer.status_code == 201, answer.text
    browser = Browser(service)
    browser.come_in(answer.json()["url"])
    return browser


def test_a_session_ends_with_the_token_that_made_it_and_does_nothing_more(
    service: Service,
) -> None:
    browser = made_by_token(service)
    assert is_in(browser)
    form = browser.token()

    service.ask(
        "DELETE",
        f"/api/integrations/accounting/tokens/{token_id(service, 'admin')}",
        as_="platform",
    )
    answer = browser.post("/disconnect", token=form)

    assert answer.status_code == 401
    assert not is_in(browser)
    assert connect.connected(service.here.house, BUSINESS)


def test_a_session_ends_when_the_token_that_made_it_does(service: Service) -> None:
    house = service.here.house
    browser = made_by_token(service)
    house.clock.sleep((house.token_life - timedelta(minutes=1)).total_seconds())
    late = made_by_token(service)
    assert is_in(late)

    house.clock.sleep(61)

    assert not is_in(late)
    assert not is_in(browser)


def test_the_sessions_of_one_person_or_of_all_end_on_demand(service: Service) -> None:
    jane, kim = Browser(service).in_as(JANE), Browser(service).in_as(KIM)
    elsewhere = Browser(service, OTHER).in_as(JANE)
    unused = jane.link(JANE)
    path = f"{service.base}/sessions"

    first = service.ask("DELETE", path, params={"userId": JANE})
    assert first.json() == {"ended": 2}
    assert (is_in(jane), is_in(kim)) == (False, True)
    assert jane.come_in(unused).status_code == 401

    assert service.ask("DELETE", path).json() == {"ended": 1}
    assert (is_in(kim), is_in(elsewhere)) == (False, True)


@pytest.mark.parametrize("role", ["viewer", "bookkeeper", "feeder", "other admin"])
def test_who_may_not_end_sessions_ends_none(service: Service, role: str) -> None:
    jane = Browser(service).in_as(JANE)

    assert service.ask("DELETE", f"{service.base}/sessions", as_=role).status_code in (403, 404)
    assert is_in(jane)


def test_a_person_signs_out_in_every_browser_at_once(service: Service) -> None:
    here, there, kim = (Browser(service).in_as(user) for user in (JANE, JANE, KIM))

    answer = here.post("/sign-out")

    assert answer.status_code == 200
    assert [is_in(one) for one in (here, there, kim)] == [False, False, True]


def test_a_session_ends_after_idling_and_use_keeps_it(service: Service) -> None:
    house = service.here.house
    browser = Browser(service).in_as(JANE)
    idle = house.page_idle.total_seconds()

    for _ in range(3):
        house.clock.sleep(idle - 60)
        assert is_in(browser)
    house.clock.sleep(idle)
    assert not is_in(browser)


def test_a_page_that_is_merely_open_keeps_no_session(service: Service) -> None:
    """The page reopens its event stream by itself whenever the stream has ended."""
    house = service.here.house
    browser = Browser(service).in_as(JANE)
    idle = house.page_idle.total_seconds()

    cookies = "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())

    for _ in range(2):
        house.clock.sleep(idle * 0.4)
        sent = hung_up(service, "GET", f"{browser.page}/events", {"cookie": cookies})
        assert sent[0]["status"] == 200
    house.clock.sleep(idle * 0.3)

    assert not is_in(browser)


def test_use_keeps_no_session_beyond_its_day(service: Service) -> None:
    house = service.here.house
    browser = Browser(service).in_as(JANE)

    for _ in range(int(LIFE / house.page_idle) * 2):
        house.clock.sleep(house.page_idle.total_seconds() / 2)
        browser.get(browser.page)

    assert not is_in(browser)


def test_a_change_of_role_ends_the_sessions_of_the_role_before(service: Service) -> None:
    admin, kim = Browser(service).in_as(JANE), Browser(service).in_as(KIM)
    second = Browser(service).in_as(JANE)
    assert is_in(admin)  # a second session with the same role ends nothing

    demoted = Browser(service).in_as(JANE, Rank.VIEWER)

    assert [is_in(one) for one in (admin, second, demoted, kim)] == [False, False, True, True]


def test_only_the_platform_lets_in_another_person_than_itself(service: Service) -> None:
    path, body = f"{service.base}/session", {"userId": "ceo@harbor.example", "role": "viewer"}

    refused = service.ask("POST", path, json=body)
    allowed = service.ask("POST", path, as_="platform", json=body)
    own = made_by_token(service)

    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert allowed.status_code == 201
    page = own.get(own.page).text
    assert "API token tok_" in page


def test_the_maker_of_a_session_stands_beside_the_person_in_the_audit_trail(
    service: Service,
) -> None:
    browser = made_by_token(service, "platform", userId=JANE, role="bookkeeper")

    browser.post("/pause")

    with service.here.house.database.reading() as tx:
        (entry,), _ = audit.page(tx, BUSINESS, {"what": "paused"}, limit=5, offset=0)
        assert audit.verify(tx, BUSINESS).sound
    assert entry.by == f"user:{JANE}"
    assert json.loads(entry.facts)["let_in_by"].startswith("token:tok_")


def test_what_a_token_does_itself_names_nobody_else(service: Service) -> None:
    Browser(service).in_as(JANE).get("/livez")

    service.ask("POST", f"{service.one}/pause", as_="bookkeeper")

    with service.here.house.database.reading() as tx:
        (entry,), _ = audit.page(tx, BUSINESS, {"what": "paused"}, limit=5, offset=0)
    assert "let_in_by" not in json.loads(entry.facts)
