"""The doorway is public, finds the business by the state alone and passes no secret on."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient

from cleo_accounting.flows import DOORWAY
from tests.service import Service, app_of
from tests.world import REDIRECT_URI


def _begin(bare: Service, decision: str = "allow") -> dict[str, str]:
    url = bare.ask("POST", f"{bare.base}/connect", json={"redirectUri": REDIRECT_URI}).json()
    return bare.here.consent(url["authorizationUrl"], decision)


def _through(bare: Service, back: dict[str, str]) -> tuple[httpx2.Response, httpx2.Response]:
    door = bare.ask("GET", DOORWAY, params=back, as_=None)
    assert door.status_code == 303
    assert door.content == b""
    assert door.headers["referrer-policy"] == "no-referrer"
    there = door.headers["location"]
    assert not set(parse_qs(urlsplit(there).query)) & {"code", "state", "realmId", "error"}
    assert not [value for value in back.values() if value in there]
    return door, bare.ask("GET", there.removeprefix("http://localhost:8000"), as_=None)


@pytest.mark.both
def test_a_user_who_allowed_it_is_told_that_one_step_is_left(bare: Service) -> None:
    door, page = _through(bare, _begin(bare))

    assert urlsplit(door.headers["location"]).path == "/to-confirm"
    assert page.status_code == 200
    assert f"{bare.here.intuit.company.name}\u2069 is not connected yet" in page.text
    assert bare.ask("GET", f"{bare.base}/status").json()["status"] == "not_connected"


def test_a_user_who_denied_it_is_told_what_to_do(bare: Service) -> None:
    door, page = _through(bare, _begin(bare, "deny"))

    assert urlsplit(door.headers["location"]).path == "/not-connected"
    assert "You declined the connection" in page.text
    assert "Connect QuickBooks" in page.text
    assert bare.ask("GET", f"{bare.base}/status").json()["status"] == "not_connected"


@pytest.mark.parametrize(
    "spoil",
    [
        {"state": ""},
        {"state": "made-up"},
        {"state": "x" * 10_000},
        {"code": ""},
        {"code": "made-up"},
        {"realmId": ""},
        {"realmId": "1"},
        {"realmId": "../../oauth2"},
        {"realmId": "1\r\nX: y"},
        {"code": "\x00"},
    ],
    ids=lambda spoil: repr(spoil)[:30],
)
def test_a_callback_that_was_tampered_with_connects_nothing(
    bare: Service, spoil: dict[str, str]
) -> None:
    back = {**_begin(bare), **spoil}

    door = bare.ask("GET", DOORWAY, params=back, as_=None)

    assert door.status_code == 303
    assert urlsplit(door.headers["location"]).path == "/not-connected"
    assert bare.ask("GET", f"{bare.base}/status").json()["status"] == "not_connected"


def test_going_back_and_coming_again_changes_nothing(bare: Service) -> None:
    back = _begin(bare)
    _, first = _through(bare, back)

    door, page = _through(bare, back)

    assert urlsplit(door.headers["location"]).path == "/not-connected"
    assert "used" in page.text
    assert bare.ask("GET", "/to-confirm", as_=None).text.split("foot")[0] in first.text


def test_a_company_s_name_is_shown_as_text_whatever_it_is(bare: Service) -> None:
    name = "<script>alert(1)</script> & 'Sons'"
    made = bare.here.intuit.emulator.add_company(name, seeded=False)
    bare.here.intuit = replace(bare.here.intuit, company=made)

    _, page = _through(bare, _begin(bare))

    assert "<script" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#39;Sons&#39;" in page.text


def test_a_receipt_is_read_for_ten_minutes_and_cannot_be_made_up(bare: Service) -> None:
    door, page = _through(bare, _begin(bare, "deny"))
    path = door.headers["location"].removeprefix("http://localhost:8000")
    told = "You declined the connection"
    assert told in page.text

    bare.here.house.clock.sleep(601)

    assert told not in bare.ask("GET", path, as_=None).text
    for note in ("", "x", "v1.00000000.AAAA.AAAA", "v1." * 2000):
        page = bare.ask("GET", "/not-connected", params={"receipt": note}, as_=None)
        assert page.status_code == 200
        assert told not in page.text


def test_the_pages_run_no_script_and_stand_in_no_frame(bare: Service) -> None:
    page = bare.ask("GET", "/not-connected", as_=None)

    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in page.text
    assert bare.ask("GET", "/static/page.css", as_=None).status_code == 200


def test_the_operator_s_own_page_gets_the_user_with_the_outcome(bare: Service) -> None:
    house = replace(bare.here.house, return_url="https://app.cleo-pay.com/books?tab=qbo")
    with TestClient(app_of(house)) as client:
        bare.client = client
        allowed = bare.ask("GET", DOORWAY, params=_begin(bare), as_=None)
        denied = bare.ask("GET", DOORWAY, params=_begin(bare, "deny"), as_=None)

    there = urlsplit(allowed.headers["location"])
    assert f"{there.scheme}://{there.netloc}{there.path}" == "https://app.cleo-pay.com/books"
    assert parse_qs(there.query)["tab"] == ["qbo"]
    assert parse_qs(there.query)["status"] == ["to_confirm"]
    assert parse_qs(urlsplit(denied.headers["location"]).query)["code"] == ["access_denied"]
