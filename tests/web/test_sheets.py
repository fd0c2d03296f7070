"""The API returns lists as CSV and the audit trail, as the page does."""

from __future__ import annotations

import csv
import io

import pytest

from cleo_accounting.core.records import PayableStatus
from tests.service import Service
from tests.world import BUSINESS, payable


def _read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.both
@pytest.mark.parametrize("asked", ["format", "accept"])
def test_activity_issues_and_items_are_given_as_sheets(service: Service, asked: str) -> None:
    service.here.feed(payable(2, to=2, number="=1+1"), payable(3, to=2, lines=[("a", "1", "1.00")]))
    run = service.here.sync().run
    assert run is not None
    how = (
        {"params": {"format": "csv"}} if asked == "format" else {"headers": {"Accept": "text/csv"}}
    )

    found = {}
    for name in ("activity", "issues", f"runs/{run.id}/items"):
        answer = service.ask("GET", f"{service.one}/{name}", **how)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/csv")
        found[name.rpartition("/")[2]] = _read(answer.text)

    assert {one["Record"] for one in found["activity"]} >= {"INV-1", "'=1+1"}
    assert {one["Id"] for one in found["issues"]} >= {"pay_3", "fs_1"}
    total = service.ask("GET", f"{service.one}/runs/{run.id}/items").json()["total"]
    assert len(found["items"]) == total
    assert {one["State"] for one in found["items"]} >= {"written"}


@pytest.mark.both
def test_a_sheet_holds_what_the_filters_leave(service: Service) -> None:
    service.here.sync()

    sheet = service.ask("GET", f"{service.one}/activity?format=csv&kind=bill&limit=1").text
    wrong = service.ask("GET", f"{service.one}/activity?format=xml")

    assert [one["What"] for one in _read(sheet)] == ["bill"]
    assert [one["field"] for one in wrong.json()["errors"]] == ["format"]


@pytest.mark.both
def test_who_did_what_is_listed_and_filtered(service: Service) -> None:
    service.here.feed(payable(9, status=PayableStatus.DRAFT))
    service.ask("POST", f"{service.one}/pause")
    service.ask("POST", f"{service.one}/resume")
    service.ask("DELETE", f"{service.base}/records/payables/pay_9", as_="feeder")
    path = f"{service.base}/audit"

    newest = service.ask("GET", f"{path}?limit=3").json()
    paused = service.ask("GET", path, params={"what": "paused"}).json()
    mine = service.ask("GET", path, params={"by": newest["items"][1]["by"]}).json()
    about = service.ask("GET", path, params={"subject": "pay_9"}).json()

    assert [one["what"] for one in newest["items"]] == ["record_deleted", "resumed", "paused"]
    assert newest["total"] == newest["items"][0]["number"]
    assert [one["what"] for one in paused["items"]] == ["paused"]
    assert {one["what"] for one in mine["items"]} == {"resumed", "paused"}
    assert about["items"][0]["facts"] == {"kind": "payable"}
    assert service.ask("GET", path, as_="other viewer").status_code == 404
    assert BUSINESS not in str(about["items"])
