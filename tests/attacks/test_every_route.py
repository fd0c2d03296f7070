"""Strangers learn and change nothing through any page, any form or the id of any object.

The same matrix of the API's paths by business and role is in `tests/web/test_access.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from cleo_accounting.flows.company import connect
from cleo_accounting.store import audit
from cleo_accounting.store.access import Rank
from cleo_accounting.store.database import Database
from cleo_accounting.web.pages.every import ROUTERS
from tests.attacks.browser import SAME_ORIGIN, Browser
from tests.service import OTHER, Service, guarded_paths, served
from tests.web.test_access import ask, plain
from tests.world import BUSINESS, World, connection, payable, world

PAGES = [each for router in ROUTERS for each in router.routes if "{businessId}" in each.path]
INSIDE = [each for each in PAGES if not each.path.endswith("/events")]  # a stream would not end
SOMEWHERE = {"tab": "vendors", "kind": "bill", "recordId": "conn_1", "runId": "run_nowhere"}
ADMINS_ONLY = {"begin", "finish", "decline", "confirm", "disconnect", "save", "revert"}
IDS = ("{runId}", "{recordId}", "{payableId}")
THINGS = [
    each
    for each in guarded_paths()
    if any(one in each.path for one in IDS) and each.methods != {"PUT"}
]
RECORDS = [each for each in guarded_paths() if "PUT" in each.methods and "{recordId}" in each.path]
FOREIGN_THINGS = ("/mapping/vendors/{}", "/activity/vendor/{}", "/activity/runs/{}")
LEAVING = {"leave", "sign_out"}  # every role may sign out


def _named(route: Any) -> str:
    return f"{route.name} {'+'.join(sorted(route.methods))} {route.path.rpartition('/')[2]}"


@pytest.fixture(scope="module")
def service(new_sqlite: Any) -> Iterator[Service]:
    """Two connected businesses, shared by all tests, none of which changes them."""
    database = Database(new_sqlite())
    with world(database) as here:
        here.open_for_business()
        here.feed(connection(1), payable(1))
        here.sync()
        company = here.intuit.emulator.add_company("Another Company")
        World(here.house, replace(here.intuit, company=company), OTHER).connect()
        yield from served(here)
    database.close()


@pytest.fixture(scope="module")
def stranger(service: Service) -> Browser:
    """An admin of another business."""
    return Browser(service, OTHER).in_as("mallory@evil.example")


@pytest.fixture(scope="module")
def people(service: Service) -> dict[Rank, Browser]:
    """A viewer and a bookkeeper of the business."""
    ranks = (Rank.VIEWER, Rank.BOOKKEEPER)
    return {rank: Browser(service).in_as(f"{rank}@harbor.example", rank) for rank in ranks}


def _ask(browser: Browser, route: Any, business: str, token: str = "0" * 40) -> Any:
    path = route.path.format(businessId=business, **SOMEWHERE)
    (method,) = route.methods
    form = {"token": token} if method == "POST" else None
    return browser.client.request(method, path, data=form, headers=SAME_ORIGIN)


def _plain(answer: Any, asked: str) -> tuple[int, str]:
    """Return status and text, without what differs each time: the request's id and the id asked."""
    told = answer.text.replace(answer.headers["x-request-id"], "…").replace(asked, "…")
    return answer.status_code, told


def _real(service: Service, path: str) -> str:
    """Return the id of a record, or of a new run, of the business."""
    if "runs" not in path:
        return "conn_1"
    begun = service.ask("POST", f"{service.one}/sync", json={"dryRun": True})
    return str(begun.json()["id"])


def _acts(service: Service) -> int:
    """Return the number of audit entries of the business, except those of denied attempts."""
    with service.here.house.database.reading() as tx:
        every, denied = (
            audit.page(tx, BUSINESS, wanted, limit=1, offset=0)[1]
            for wanted in ({}, {"what": "denied"})
        )
    return every - denied


@pytest.mark.parametrize("route", PAGES, ids=_named)
def test_a_foreign_business_answers_as_a_missing_one(
    service: Service, stranger: Browser, route: Any
) -> None:
    token = stranger.token()
    before = _acts(service)

    foreign, missing = (_ask(stranger, route, one, token) for one in (BUSINESS, "biz_never"))

    assert foreign.status_code in (401, 403, 404)
    assert _plain(foreign, BUSINESS) == _plain(missing, "biz_never")
    assert _acts(service) == before


@pytest.mark.parametrize("route", PAGES, ids=_named)
def test_who_has_no_visit_sees_and_does_nothing(service: Service, route: Any) -> None:
    answer = _ask(Browser(service), route, BUSINESS)

    assert answer.status_code == 401
    assert service.here.intuit.company.name not in answer.text


@pytest.mark.parametrize("rank", [Rank.VIEWER, Rank.BOOKKEEPER])
@pytest.mark.parametrize("route", [each for each in INSIDE if "POST" in each.methods], ids=_named)
def test_a_form_that_is_not_for_a_role_does_nothing(
    service: Service, people: dict[Rank, Browser], route: Any, rank: Rank
) -> None:
    """A viewer may post no form; the forms that only an admin may post are listed above."""
    if route.name in LEAVING or (rank is Rank.BOOKKEEPER and route.name not in ADMINS_ONLY):
        return
    before = _acts(service)

    answer = _ask(people[rank], route, BUSINESS, people[rank].token())

    assert answer.status_code == 403
    assert _acts(service) == before


@pytest.mark.parametrize("path", FOREIGN_THINGS)
def test_a_record_or_run_of_another_business_answers_as_a_missing_one(
    service: Service, stranger: Browser, path: str
) -> None:
    """The stranger asks on the page of their own business for an object of the other one."""
    foreign, missing = (
        (one, stranger.get(stranger.page + path.format(one)))
        for one in (_real(service, path), "nowhere_1")
    )

    owner = Browser(service).in_as("jane@harbor.example")
    assert owner.get(owner.page + path.format(foreign[0])).status_code == 200
    assert missing[1].status_code in (404, 422)
    assert _plain(*reversed(foreign)) == _plain(*reversed(missing))


@pytest.mark.parametrize("route", THINGS, ids=_named)
def test_the_api_answers_for_a_run_or_record_of_another_business_as_for_a_missing_one(
    service: Service, route: Any
) -> None:
    (own,) = connect.connected(service.here.house, OTHER)
    begun = service.ask("POST", f"{service.one}/sync", json={"dryRun": True})
    is_document = "{collection}" in route.path or "{kind}" in route.path
    real = {
        "runId": begun.json()["id"],
        "recordId": "pay_1" if is_document else "conn_1",
        "payableId": "pay_1",
    }
    nowhere = {"runId": "run_never", "recordId": "rec_never", "payableId": "pay_never"}
    as_ = "other feeder" if route.name == "delete_record" else "other admin"
    home = {"businessId": OTHER, "accountingIntegrationId": own.id}
    before = _acts(service)

    foreign, missing = (ask(service, route, as_, **home, **ids) for ids in (real, nowhere))

    assert missing.status_code in (404, 409, 422)
    told = plain(foreign)[1]
    for name, value in real.items():
        told = told.replace(value, nowhere[name])
    assert (foreign.status_code, told) == plain(missing)
    assert _acts(service) == before


@pytest.mark.parametrize("route", RECORDS, ids=_named)
def test_a_record_is_put_into_one_s_own_business_whoever_else_has_one_of_its_id(
    service: Service, route: Any
) -> None:
    real = "pay_1" if "payables" in route.path else "conn_1"
    before = _records(service), _acts(service)

    foreign, missing = (
        ask(service, route, "other feeder", businessId=OTHER, recordId=one)
        for one in (real, "rec_never")
    )

    assert foreign.status_code == missing.status_code == 201
    told = plain(foreign)[1].replace(real, "rec_never")
    assert (foreign.status_code, told) == plain(missing)
    assert (_records(service), _acts(service)) == before


def _records(service: Service) -> list[str]:
    """Return the lists of all the platform's records that the business has."""
    kinds = ("connections", "bank-accounts", "payables", "payments")
    answers = [service.ask("GET", f"{service.base}/records/{kind}", as_="feeder") for kind in kinds]
    return [answer.text for answer in answers]
