"""Denied attempts, downloads and received records are audited without filling the database."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from cleo_accounting.flows import denials
from cleo_accounting.flows.records import feed
from cleo_accounting.flows.records.feed import Given
from cleo_accounting.store import audit
from cleo_accounting.store.audit import Entry
from tests.attacks.browser import SAME_ORIGIN, Browser
from tests.service import OTHER, Service, served
from tests.world import BUSINESS, World


@pytest.fixture
def service(here: World) -> Iterator[Service]:
    """The API of a connected business."""
    yield from served(here)


def _acts(here: World, business: str, what: str) -> list[Entry]:
    with here.house.database.reading() as tx:
        found, _ = audit.page(tx, business, {"what": what}, limit=100, offset=0)
    return list(found)


def test_a_denied_attempt_is_noted_with_who_tried_what(service: Service) -> None:
    here = service.here
    assert service.ask("POST", f"{service.base}/connect", as_="viewer").status_code == 403
    foreign = service.base.replace(BUSINESS, OTHER)
    assert service.ask("GET", f"{foreign}/status", as_="admin").status_code == 404
    assert service.ask("GET", f"{service.base}/status", as_=None).status_code == 401

    (own,) = _acts(here, BUSINESS, "denied")
    assert own.by.startswith("token:tok_")
    assert own.subject == "POST /api/businesses/{businessId}/integrations/accounting/connect"
    assert json.loads(own.facts) == {"code": "forbidden", "number": 1}
    platform = _acts(here, audit.PLATFORM, "denied")
    assert [json.loads(one.facts)["code"] for one in platform] == ["unauthenticated", "not_found"]
    assert platform[0].by == denials.NOBODY
    assert not _acts(here, OTHER, "denied")  # a stranger leaves no trace in another's chain
    metrics = service.ask("GET", "/metrics", as_="platform").text
    assert 'acct_denied_total{code="forbidden"} 1.0' in metrics


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"sec-fetch-site": "cross-site"}, 403, "forbidden"),
        (SAME_ORIGIN, 401, "link_over"),
    ],
    ids=["from another site", "a link that was guessed"],
)
def test_a_denied_attempt_to_come_in_by_a_link_is_noted(
    service: Service, headers: dict[str, str], status: int, code: str
) -> None:
    with capture_logs() as lines:
        answer = Browser(service).come_in("/enter?link=guessed-secret", **headers)

    assert answer.status_code == status
    (noted,) = _acts(service.here, audit.PLATFORM, "denied")
    assert (noted.by, noted.subject) == (denials.NOBODY, "POST /enter")
    assert json.loads(noted.facts) == {"code": code, "number": 1}
    assert [(one["event"], one["code"]) for one in lines] == [("denied", code)]
    assert "guessed" not in f"{lines}{noted}"


def test_denied_attempts_are_logged_without_what_the_caller_made_up(
    service: Service,
) -> None:
    headers = {"Authorization": "Bearer cleo_made-up-secret"}
    with capture_logs() as lines:
        service.client.get(f"{service.base}/made-up/runs", headers=headers)
        service.client.get(f"{service.base}/status", headers=headers)

    assert [(one["event"], one["code"]) for one in lines] == [("denied", "unauthenticated")] * 2
    assert "made-up" not in str(lines)


def test_a_flood_of_denied_attempts_fills_neither_database_nor_log(
    service: Service,
) -> None:
    here = service.here
    with capture_logs() as lines:
        for _ in range(150):
            service.ask("GET", f"{service.base}/status", as_=None)
        assert len(_acts(here, audit.PLATFORM, "denied")) == 1
        assert len(lines) == 60

        here.house.clock.sleep(denials.WINDOW.total_seconds())
        service.ask("GET", f"{service.base}/status", as_=None)

    newest, _ = _acts(here, audit.PLATFORM, "denied")
    assert json.loads(newest.facts)["number"] == 150
    assert lines[-1]["not_logged_before"] == 90


def test_many_callers_who_are_refused_leave_a_few_entries(here: World) -> None:
    for number in range(100):
        denial = denials.Denial(f"token:{number}", "GET /x", "not_found")
        here.house.denials.note(here.house.database, denial, here.house.clock.now())

    assert len(_acts(here, audit.PLATFORM, "denied")) == denials.ENTRIES_MAX


def test_a_download_is_noted_by_whichever_door_and_a_look_is_not(service: Service) -> None:
    page = Browser(service).in_as("jane@harbor.example")
    for name in ("activity", "issues"):
        assert service.ask("GET", f"{service.one}/{name}", as_="viewer").status_code == 200
        csv = {"params": {"format": "csv"}}
        assert service.ask("GET", f"{service.one}/{name}", as_="viewer", **csv).status_code == 200
    assert page.get(f"{page.page}/activity.csv").status_code == 200

    noted = [
        (one.by.partition("_")[0], one.subject) for one in _acts(service.here, BUSINESS, "exported")
    ]
    assert sorted(noted) == [
        ("token:tok", "activity.csv"),
        ("token:tok", "issues.csv"),
        ("user:jane@harbor.example", "activity.csv"),
    ]


def test_records_that_were_sent_are_noted_once_for_all_that_came_together(here: World) -> None:
    sent = [
        Given("connection", f"conn_{number}", {"connectedBusinessName": f"Vendor {number}"})
        for number in range(3)
    ]
    feed.take_all(here.house, BUSINESS, sent, by="token:tok_feeder")
    feed.take_all(here.house, BUSINESS, sent, by="token:tok_feeder")  # changes nothing

    (fed,) = _acts(here, BUSINESS, "records_fed")
    facts = json.loads(fed.facts)
    assert (fed.by, facts["created"], len(facts["fingerprint"])) == ("token:tok_feeder", "3", 64)


def test_one_record_sent_over_the_api_names_its_sender(service: Service) -> None:
    body = {"connectedBusinessName": "Harbor"}
    path = f"{service.base}/records/connections/conn_9"
    assert service.ask("PUT", path, as_="feeder", json=body).status_code == 201

    (fed,) = _acts(service.here, BUSINESS, "records_fed")
    assert fed.by.startswith("token:tok_")
    assert fed.subject == "conn_9"
