"""Reports of violated content security policies are counted, and cannot forge or fill the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from cleo_accounting.store.database import Database
from tests.attacks.browser import Browser
from tests.service import Service, served
from tests.world import world

_KIND = {"content-type": "application/reports+json"}


@pytest.fixture(scope="module")
def service(new_sqlite: Any) -> Iterator[Service]:
    database = Database(new_sqlite())
    with world(database) as here:
        here.open_for_business()
        yield from served(here)
    database.close()


def _report(directive: Any) -> dict[str, Any]:
    body = {"effectiveDirective": directive, "blockedURL": "inline", "sample": "alert(1)"}
    return {"type": "csp-violation", "age": 1, "url": "http://localhost:8000/x", "body": body}


def _send(service: Service, body: Any, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return service.client.post("/csp-reports", content=content, headers={**_KIND, **headers})


def _counted(service: Service, directive: str) -> float:
    told = service.ask("GET", "/metrics", as_="platform").text
    name = f'acct_csp_violations_total{{directive="{directive}"}} '
    return next((float(line.split()[-1]) for line in told.splitlines() if name in line), 0.0)


def test_every_page_says_where_its_policy_reports_to(service: Service) -> None:
    browser = Browser(service).in_as("jane@harbor.example")

    for path in (browser.page, "/disconnected", "/not-connected", "/livez"):
        told = browser.get(path).headers
        assert "report-to pages" in told["content-security-policy"]
        assert told["reporting-endpoints"] == 'pages="/csp-reports"'


def test_a_report_is_counted_and_logged_without_what_the_sender_made_up(service: Service) -> None:
    before = _counted(service, "script-src-elem")

    with capture_logs() as lines:
        answer = _send(service, [_report("script-src-elem"), _report("x\n{}"), {"type": "other"}])

    assert answer.status_code == 204
    assert _counted(service, "script-src-elem") == before + 1
    (line,) = [one for one in lines if one["event"] == "page_policy_violated"]
    assert line["directives"] == {"script-src-elem": 1, "other": 1}
    assert "alert(1)" not in str(line)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 1_000, 400),
        (b"\xff", 400),
        (b" " * 60_000, 413),
        (json.dumps([[1] * 3_000]).encode(), 400),
    ],
    ids=["deep", "no text", "large", "many values"],
)
def test_what_is_no_report_is_refused(service: Service, body: bytes, status: int) -> None:
    assert _send(service, body).status_code == status


@pytest.mark.parametrize("body", [{}, [None], [{"type": "csp-violation", "body": 1}], []])
def test_odd_reports_do_no_harm(service: Service, body: Any) -> None:
    assert _send(service, body).status_code == 204


def test_reports_come_as_reports_only(service: Service) -> None:
    assert _send(service, [], **{"content-type": "text/plain"}).status_code == 415


def test_a_flood_of_reports_fills_no_log(service: Service) -> None:
    with capture_logs() as lines:
        for _ in range(70):
            _send(service, [_report("img-src")])

    assert len([one for one in lines if one["event"] == "page_policy_violated"]) <= 60
