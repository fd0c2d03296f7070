"""Odd input is refused with a message: no 500, nothing unreadable saved, little sent back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog.testing
from fastapi.routing import APIRoute

from cleo_accounting.flows import DOORWAY
from cleo_accounting.store import integrations
from cleo_accounting.store.database import Database
from cleo_accounting.web.pages.every import ROUTERS
from cleo_accounting.web.pages.guard import PLACE
from tests.attacks.browser import SAME_ORIGIN, Browser, hung_up
from tests.service import Service, served
from tests.world import BUSINESS, connection, payable, world

pytestmark = pytest.mark.both


FAR, FAR_ITEM = "9999-12-31", 2**40
FIRST = "0001-01-01T00:00:00+23:59"  # the day before the first, in UTC


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """A business that has synced a bill, on each kind of database; no test changes it."""
    new: Callable[[], str] = request.getfixturevalue(f"new_{request.param}")
    database = Database(new())
    with world(database) as here:
        here.open_for_business()
        here.feed(connection(1), payable(1))
        here.sync()
        yield from served(here)
    database.close()


@pytest.fixture(scope="module")
def person(service: Service) -> Browser:
    """A browser in which an administrator is signed in."""
    return Browser(service).in_as("jane@harbor.example")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"activity?until={FAR}", None),
        ("GET", f"activity?since={FAR}&until={FAR}", None),
        ("GET", "activity?since=0001-01-01", None),
        ("POST", "decisions", {"itemId": FAR_ITEM, "decision": "leave_out", "value": "x"}),
        ("POST", "decisions/bulk", {"itemIds": [FAR_ITEM], "decision": "bring_back"}),
        ("POST", "decisions/bulk/undo", {"at": FIRST}),
        ("POST", f"runs/run_1/items/{FAR_ITEM}/retry", None),
    ],
)
def test_the_api_answers_odd_numbers_and_days_in_words(
    service: Service, method: str, path: str, body: Any
) -> None:
    answer = service.ask(method, f"{service.one}/{path}", **({"json": body} if body else {}))

    assert answer.status_code in (200, 404, 422), answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/activity?least=1e30",
        "/activity?least=1e-400000",
        "/activity?least=NaN",
        f"/activity?until={FAR}",
        f"/activity.csv?until={FAR}",
        "/activity?search=a%00b",
        "/mapping/vendors?search=a%00b",
        "/mapping/vendors/conn%001",
        "/preview?part=%00",
    ],
)
def test_a_page_answers_odd_numbers_days_and_characters_in_words(
    person: Browser, path: str
) -> None:
    answer = person.get(person.page + path)

    assert answer.status_code in (200, 404, 422)
    assert "Something went wrong" not in answer.text


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/mapping/vendors/undo", {"at": FIRST}),
        ("/issues/decide-many/undo", {"at": FIRST}),
        ("/mapping/fields", {"version": "9" * 30}),
        ("/mapping/fields/revert", {"version": "9" * 5_000}),
        ("/issues/decide", {"item": str(FAR_ITEM), "decision": "leave_out", "value": "x"}),
        ("/issues/decide-many", {"item": str(FAR_ITEM), "decision": "bring_back"}),
        ("/issues/retry", {"item": str(FAR_ITEM), "run": "run_1"}),
        ("/issues/retry", {"run": "a\x00"}),
        ("/issues/retry", {"code": "a\x00"}),
        ("/issues/bring-back", {"kind": "bill", "record": "a\x00"}),
        ("/issues/decide", {"item": "1", "decision": "leave_out", "value": "a\x00"}),
        ("/mapping/vendors/accept", {"accept": "conn_1:\x00"}),
        ("/cancel", {"run": "\x00"}),
    ],
)
def test_a_form_with_odd_values_is_refused_in_words(
    person: Browser, path: str, typed: dict[str, str]
) -> None:
    answer = person.post(path, **typed)

    assert answer.status_code in (303, 404, 409, 422)
    assert "Something went wrong" not in answer.text


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ({"memo_template": "a\x00b"}, "control characters"),
        ({"memo_template": "a\x1bb"}, "control characters"),
        ({"memo_template": "x" * 1_001}, "at most 1000"),
        ({"time_zone": "x" * 61}, "at most 60"),
        ({f"custom:{'x' * 101}": "note"}, "at most 100"),
    ],
)
def test_the_page_saves_nothing_that_the_api_refuses(
    service: Service, person: Browser, typed: dict[str, str], named: str
) -> None:
    before = service.here.integration

    answer = person.post("/mapping/fields", version=str(before.fields_version), **typed)

    assert answer.status_code == 422
    assert named in answer.text
    with service.here.house.database.reading() as tx:
        assert integrations.by_id(tx, before.id).fields == before.fields
    assert service.ask("GET", f"{service.one}/invoice-fields").status_code == 200


@pytest.mark.parametrize("business", ["x" * 300, "*", "-" * 65])
def test_a_business_that_cannot_be_is_not_there_for_the_platform_either(
    service: Service, business: str
) -> None:
    path = service.base.replace(BUSINESS, business)

    assert service.ask("GET", path, as_="platform").status_code == 404


def test_what_a_stranger_sends_as_a_form_is_not_sent_back_at_length(service: Service) -> None:
    stranger = Browser(service)

    answer = stranger.client.post(
        stranger.page + "/issues/decide", data={"value": "x" * 1_600_000}, headers=SAME_ORIGIN
    )

    assert answer.status_code == 401
    assert len(answer.content) < 5_000


@pytest.mark.parametrize("path", [f"/businesses/{BUSINESS}/accounting/pause", "/enter"])
def test_who_hangs_up_in_a_form_is_no_fault_of_ours(service: Service, path: str) -> None:
    headers = {**SAME_ORIGIN, "content-type": "application/x-www-form-urlencoded"}

    with structlog.testing.capture_logs() as logged:
        sent = hung_up(service, "POST", path, headers, b"token=")

    assert (sent, logged) == ([], [])
    counted = service.ask("GET", "/metrics", as_="platform").text
    assert re.search(r'acct_http_requests_total\{method="POST",.*status="499"\}', counted)
    assert 'status="500"' not in counted


def test_a_method_that_is_not_for_an_address_is_answered_with_those_that_are(
    service: Service, person: Browser
) -> None:
    expected: dict[str, set[str]] = {"/enter": set(), DOORWAY: {"GET"}, "/launch": {"GET"}}
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.path.startswith((PLACE, "/enter")):
                expected.setdefault(route.path, set()).update(route.methods)
    for path in (f"{service.base}", f"{service.one}/invoice-fields"):
        expected[path] = {"GET"} if path == service.base else {"GET", "PUT"}
    asked = {
        path.replace("{businessId}", BUSINESS): methods
        for path, methods in expected.items()
        if "{" not in path.replace("{businessId}", "")
    }
    assert len(asked) > 20

    for path, methods in asked.items():
        answer = person.client.request("TRACE", path)
        assert answer.status_code == 405, path
        assert set(answer.headers["allow"].split(", ")) >= methods, path
