"""Signing in, sessions and form tokens: no stranger signs in, and no other site can act."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from cleo_accounting.errors import Unidentified
from cleo_accounting.flows.admin import session
from cleo_accounting.flows.admin.session import LIFE, LINK_LIFE
from cleo_accounting.store import audit
from cleo_accounting.store.access import Rank
from tests.page import states
from tests.page.house import Place, come_in
from tests.world import BUSINESS

PAUSE = "/pause"


def token_of(page: httpx2.Response) -> str:
    found = re.search(r'name="token" value="([0-9a-f]{40})"', page.text)
    assert found
    return found[1]


def test_a_link_works_once(place: Place) -> None:
    link = place.link()
    first = place.visitor()

    assert come_in(first, link).status_code == 200
    again = come_in(place.stranger(), link)

    assert again.status_code == 401
    assert "This link has expired" in again.text


def test_a_link_works_for_a_minute(place: Place) -> None:
    link = place.link()
    place.world.house.clock.sleep(LINK_LIFE.total_seconds())

    assert httpx2.get(link).status_code == 401


def test_a_link_becomes_a_cookie_that_no_script_reads_and_the_address_forgets_it(
    place: Place,
) -> None:
    answer = come_in(place.stranger(), place.link())

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/businesses/{BUSINESS}/accounting"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "no-store" in answer.headers["cache-control"]


def test_a_visit_ends_with_the_day_and_says_so_on_a_page(place: Place) -> None:
    visitor = place.visitor()
    place.world.house.clock.sleep(LIFE.total_seconds())

    answer = visitor.get(place.page)

    assert answer.status_code == 401
    assert "Open this page from Cleo Pay" in answer.text


def test_leaving_ends_the_visit_and_keeps_quickbooks_connected(place: Place) -> None:
    states.connected_ok(place)
    visitor = place.visitor()
    token = token_of(visitor.get(place.page))
    kept = dict(visitor.cookies)

    left = visitor.post(
        f"{place.page}/leave", data={"token": token}, headers={"sec-fetch-site": "same-origin"}
    )

    assert left.status_code == 200
    assert httpx2.get(place.page, cookies=kept).status_code == 401
    assert place.world.integration.live


def test_a_visit_opens_the_page_of_its_own_business_only(place: Place) -> None:
    visitor = place.visitor()
    cookies = dict(visitor.cookies)

    other = place.page.replace(BUSINESS, "biz_other")

    assert visitor.get(other).status_code == 401
    assert httpx2.get(other, cookies={f"x{name}": one for name, one in cookies.items()}).status_code


@pytest.mark.parametrize(
    ("headers", "keeps_token"),
    [
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"origin": "https://evil.example"}, True),
        ({"origin": "null"}, True),
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, False),
    ],
)
def test_a_form_of_another_site_or_without_its_token_does_nothing(
    place: Place, headers: dict[str, str], *, keeps_token: bool
) -> None:
    states.connected_ok(place)
    visitor = place.visitor()
    token = token_of(visitor.get(place.page)) if keeps_token else "0" * 40

    answer = visitor.post(place.page + PAUSE, data={"token": token}, headers=headers)

    assert answer.status_code == 403
    assert place.world.integration.paused_at is None


def test_a_form_of_ours_does_what_it_says(place: Place) -> None:
    states.connected_ok(place)
    visitor = place.visitor("bookkeeper")
    token = token_of(visitor.get(place.page))

    answer = visitor.post(
        place.page + PAUSE, data={"token": token}, headers={"sec-fetch-site": "same-origin"}
    )

    assert "Paused" in answer.text
    assert place.world.integration.paused_by == "user:jane@harbor.example"


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("viewer", "/sync"),
        ("viewer", "/pause"),
        ("viewer", "/preview"),
        ("viewer", "/mapping/vendors/accept"),
        ("viewer", "/issues/retry"),
        ("viewer", "/issues/decide"),
        ("viewer", "/connect"),
        ("bookkeeper", "/connect"),
        ("bookkeeper", "/confirm"),
        ("bookkeeper", "/disconnect"),
        ("bookkeeper", "/mapping/fields"),
    ],
)
def test_what_a_role_may_not_do_is_refused_in_plain_words(
    place: Place, role: str, path: str
) -> None:
    states.connected_ok(place)
    visitor = place.visitor(role)
    token = token_of(visitor.get(place.page))

    answer = visitor.post(
        place.page + path, data={"token": token}, headers={"sec-fetch-site": "same-origin"}
    )

    assert answer.status_code == 403
    assert "You can view this page" in answer.text
    assert place.world.integration.live


def test_who_comes_in_stands_in_the_chain_of_who_did_what(place: Place) -> None:
    place.visitor(user="kim@harbor.example")

    with place.world.house.database.reading() as tx:
        entries, _ = audit.page(tx, BUSINESS, limit=5, offset=0)

    assert [entry.what for entry in entries] == ["session_opened", "session_made"]
    assert entries[0].by == "user:kim@harbor.example"


def test_no_page_lets_anything_in_from_elsewhere(place: Place) -> None:
    policy = place.visitor().get(place.page).headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_a_sign_in_begun_at_the_page_ends_only_in_the_browser_that_began_it(place: Place) -> None:
    """Otherwise an attacker could connect another person's company to their own business."""
    states.records(place)
    visitor = place.visitor()
    token = token_of(visitor.get(place.page))
    answer = visitor.post(
        f"{place.page}/connect", data={"token": token}, headers={"sec-fetch-site": "same-origin"}
    )
    found = re.search(r'content="0;url=([^"]+)"', answer.text)
    assert found
    back = place.world.consent(found[1].replace("&amp;", "&"))
    doorway = f"{place.url}/api/integrations/accounting/callback"

    stranger = httpx2.get(doorway, params=back)
    owner = visitor.get(doorway, params=back)

    assert stranger.status_code == 303
    assert "not-connected" in stranger.headers["location"]
    assert "Connect this company" in owner.text
    assert BUSINESS in owner.text
    assert "jane@harbor.example" in owner.text
    assert not parse_qs(urlsplit(str(owner.url)).query)


def test_nobody_is_let_in_by_a_made_up_link(place: Place) -> None:
    with pytest.raises(Unidentified):
        session.enter(place.world.house, "made-up")


def test_no_person_becomes_the_platform(place: Place) -> None:
    house = place.world.house
    with pytest.raises(Exception, match="cannot have this role"):
        session.invite(house, BUSINESS, user_id="x", role=Rank.PLATFORM, by="token:t")
    with pytest.raises(Exception, match="role higher"):
        session.invite(
            house, BUSINESS, user_id="x", role=Rank.ADMIN, by="token:t", within=Rank.VIEWER
        )
    with pytest.raises(Exception, match="time zone"):
        session.invite(
            house, BUSINESS, user_id="x", role=Rank.VIEWER, zone="Mars/Base", by="token:t"
        )
