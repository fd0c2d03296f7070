"""A caller that floods the service is limited without harm to others or to metered reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import event

from cleo_accounting.errors import Exceeded
from cleo_accounting.flows import House
from cleo_accounting.flows.admin import session
from cleo_accounting.flows.rates import Budgets, Rates
from cleo_accounting.store.access import Rank
from cleo_accounting.store.database import Database
from cleo_accounting.store.rates import Counters
from cleo_accounting.web import flood, sheets
from cleo_accounting.web.pages.guard import cookie_name, place
from tests.service import OTHER, Service, served
from tests.world import BUSINESS, World

BUDGETS = Budgets(
    token_per_minute=5,
    platform_per_minute=20,
    business_per_minute=8,
    address_per_minute=4,
    syncs_per_hour=3,
    reconciliations_per_hour=2,
    looks_per_hour=2,
    sheets_per_hour=3,
)


def bounded(house: House, budgets: Budgets = BUDGETS) -> House:
    """Return the same house with these budgets, as if they were configured."""
    return replace(house, rates=Rates(budgets, Counters(house.clock, house.database)))


@pytest.fixture
def service(here: World) -> Iterator[Service]:
    """The service with a connected business and small budgets."""
    here.house = bounded(here.house)
    yield from served(here)


def test_a_token_has_so_many_requests_a_minute_and_is_told_before_they_are_used_up(
    service: Service,
) -> None:
    path = f"{service.base}/status"
    told = [service.ask("GET", path, as_="viewer") for _ in range(6)]

    assert [one.status_code for one in told] == [200] * 5 + [429]
    assert told[0].headers["ratelimit"] == '"token";r=4;t=60, "business";r=7;t=60'
    assert told[0].headers["ratelimit-policy"] == '"token";q=5;w=60, "business";q=8;w=60'
    refused = told[-1]
    assert refused.json()["code"] == "rate_limited"
    assert refused.headers["retry-after"] == "60"
    assert refused.headers["ratelimit"] == '"token";r=0;t=60'
    assert service.ask("GET", path, as_="admin").status_code == 200  # another token

    service.here.house.clock.sleep(60)
    assert service.ask("GET", path, as_="viewer").status_code == 200


def test_all_tokens_of_a_business_share_its_budget_and_no_other_s(service: Service) -> None:
    path = f"{service.base}/status"
    codes = [
        service.ask("GET", path, as_=one).status_code
        for one in ("viewer", "bookkeeper", "admin")
        for _ in range(3)
    ]

    assert codes == [200] * 8 + [429]
    theirs = path.replace(BUSINESS, OTHER)
    assert service.ask("GET", theirs, as_="other viewer").status_code == 200


def test_a_stranger_cannot_use_up_the_budget_of_a_business(service: Service) -> None:
    path = f"{service.base}/status"
    for _ in range(5):
        assert service.ask("GET", path, as_="other viewer").status_code == 404
    junk = {"Authorization": "Bearer cleo_junk"}
    codes = [service.ask("GET", path, as_=None, headers=junk).status_code for _ in range(6)]

    assert codes == [401] * 4 + [429] * 2
    assert service.ask("GET", path, as_="viewer").status_code == 200  # from the same address


def test_open_paths_are_counted_by_address_and_a_browser_sees_a_page(service: Service) -> None:
    open_paths = ("/launch", "/enter?link=x", "/api/integrations/accounting/callback", "/nowhere")
    for path in open_paths:
        assert service.ask("GET", path, as_=None).status_code != 429
    page = service.ask("GET", "/launch", as_=None, headers={"Accept": "text/html"})

    assert page.status_code == 429
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["retry-after"] == "60"
    assert "Try again in 60 s." in page.text
    assert service.ask("GET", "/openapi.json", as_=None).status_code == 429
    assert service.ask("GET", "/livez", as_=None).status_code == 200


def test_a_visit_has_its_budget_and_is_told_on_a_page(service: Service) -> None:
    house = service.here.house
    made = session.invite(house, BUSINESS, user_id="u", role=Rank.VIEWER, by="cli")
    _, cookie = session.enter(house, made.url.rpartition("=")[2])
    headers = {"Cookie": f"{cookie_name(house, BUSINESS)}={cookie}"}
    pages = [service.ask("GET", place(BUSINESS), as_=None, headers=headers) for _ in range(6)]

    assert [one.status_code for one in pages] == [200] * 5 + [429]
    assert "<h1>Too many requests</h1>" in pages[-1].text
    assert pages[-1].headers["retry-after"] == "60"


def test_syncs_reconciliations_and_looks_have_an_hourly_budget_of_the_business(
    service: Service,
) -> None:
    house = service.here.house
    for path, most in (("sync", 3), ("reconciliation", 2), ("refresh", 2)):
        house.clock.sleep(60)
        asked = [
            service.ask("POST", f"{service.one}/{path}", as_=role)
            for role in ("bookkeeper", "admin", "bookkeeper", "admin")
        ]
        codes = [one.status_code for one in asked]
        assert codes == [202] * most + [429] * (4 - most), path
        assert int(asked[-1].headers["retry-after"]) > 3_000
        assert asked[-1].json()["code"] == "rate_limited"

    house.clock.sleep(3_600)
    assert service.ask("POST", f"{service.one}/sync", as_="admin").status_code == 202


def test_sheets_have_an_hourly_budget_and_an_end(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [f"{service.one}/activity?format=csv", f"{service.one}/issues?format=csv"] * 2
    asked = [service.ask("GET", path, as_="viewer").status_code for path in paths]

    assert asked == [200] * 3 + [429]
    monkeypatch.setattr(sheets, "ROWS_MAX", 3)
    rows = "".join(sheets.written(["id"], ([at] for at in range(9)))).splitlines()
    assert [row.lstrip("\ufeff") for row in rows[:4]] == ["id", "0", "1", "2"]
    assert rows[4:] == ["Only the first 3 rows. Filter the list to get the rest."]


def test_an_act_that_was_answered_before_costs_no_second_share(service: Service) -> None:
    house = service.here.house
    for _ in range(5):
        house.clock.sleep(60)
        again = service.ask("POST", f"{service.one}/sync", headers={"Idempotency-Key": "one"})
        assert again.status_code == 202


def test_processes_on_one_postgresql_count_together(
    kept_postgres: tuple[Database, Database], here: World
) -> None:
    _, database = kept_postgres
    clock, name = here.house.clock, "tok_of_a_fleet"
    fleet = [Rates(BUDGETS, Counters(clock, database)) for _ in range(3)]
    for at in range(5):
        assert fleet[at % 3].spend("token", name)
    for one in fleet:
        with pytest.raises(Exceeded):
            one.spend("token", name)

    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))
    for one in fleet * 20:
        with pytest.raises(Exceeded):
            one.spend("token", name)
    assert asked == []  # a caller once refused is refused again without the database

    clock.sleep(61)
    assert fleet[0].spend("token", name)


def test_made_up_names_do_not_fill_the_memory(here: World) -> None:
    counters = Counters(here.house.clock)
    rates = Rates(BUDGETS, counters)
    for at in range(1_000):
        here.house.clock.sleep(1)
        rates.spend("address", f"198.51.100.{at}")

    assert len(counters._windows) <= 600


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_network_of_ipv6_is_one_address(host: str, counted: str) -> None:
    assert flood.address({"client": (host, 1234)}) == counted
    assert flood.address({}) == ""


def test_every_operation_tells_of_the_limit(service: Service) -> None:
    document = service.client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            refused = operation["responses"]["429"]
            assert "Retry-After" in refused["headers"], path
            for answer in operation["responses"].values():
                assert {"RateLimit", "RateLimit-Policy"} <= answer["headers"].keys(), path
