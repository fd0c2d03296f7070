"""The command line reports and does what the API and the page do, with the API's names."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.cli.terminal import Terminal
from tests.cli.test_syncing import ready

__all__ = ["ready"]


def test_what_was_done_and_what_waits_is_told(ready: Terminal) -> None:
    ready.run("sync")

    issues = ready.good("issues", "--json").json
    activity = ready.good("activity", "--kind", "bill", "--json").json
    sheet = ready.good("activity", "--csv").out.removeprefix("\ufeff")
    code = issues["causes"][0]["code"]
    item = activity["items"][0]["item"]

    assert issues["total"] == sum(one["number"] for one in issues["causes"])
    assert ready.good("issues", "--code", code, "--json").json["items"]
    assert issues["causes"][0]["code"] in ready.good("issues").out
    assert {"runId", "at", "requestedBy", "item"} <= set(activity["items"][0])
    assert len(list(csv.DictReader(io.StringIO(sheet)))) >= activity["total"]
    told = ready.good("activity", f"bill/{item['recordId']}", "--json").json
    assert told["chapters"][0]["entry"]["item"]["recordId"] == item["recordId"]
    assert ready.run("activity", "nothing").code == 2
    assert len(ready.good("weeks", "--number", "2", "--json").json["weeks"]) == 2
    assert ready.good("usage", "--json").json["batches"] >= 1
    assert ready.good("decisions", "--json").json == {"items": [], "total": 0}
    for command in ("activity", "weeks", "usage", "decisions", "audit"):
        assert ready.good(command).out


def test_where_a_payable_stands_is_told_as_the_api_tells_it(ready: Terminal) -> None:
    ready.run("sync")
    sent = ready.good("activity", "--outcome", "sent", "--kind", "bill", "--json").json["items"][0]
    payable_id = sent["item"]["recordId"]

    told = ready.good("document", payable_id, "--json").json

    assert (told["payableId"], told["kind"], told["state"]) == (payable_id, "bill", "written")
    assert (told["openBalance"], told["paymentState"]) == (told["total"], "unpaid")
    said = ready.good("document", payable_id).out
    assert told["remoteId"]
    assert f"{told['total']} USD of {told['total']} USD" in said.replace(",", "")
    assert ready.run("document", "pay_nowhere").code == ready.run("decide", "9", "x").code == 2


def test_sending_is_paused_and_resumed(ready: Terminal) -> None:
    paused = ready.good("pause", "--json").json
    resumed = ready.good("resume", "--json").json
    confirmed = ready.good("confirm", "--json").json

    assert paused["pausedAt"]
    assert resumed["pausedAt"] is None
    assert confirmed["confirmedAt"]
    entries = ready.good("audit", "--limit", "3", "--json").json["items"]
    assert [one["what"] for one in entries] == ["company_confirmed", "resumed", "paused"]
    (paused_,) = ready.good("audit", "--what", "paused", "--json").json["items"]
    assert paused_["number"] == entries[2]["number"]
    for command in ("pause", "resume", "confirm"):
        assert ready.good(command).out


def test_the_lists_of_quickbooks_are_looked_at_again(ready: Terminal) -> None:
    before = ready.good("resume", "--json").json["namesSeenAt"]

    assert ready.good("refresh", "--json").json["namesSeenAt"] >= before


def test_records_are_listed_shown_and_deleted(ready: Terminal) -> None:
    listed = ready.good("record", "list", "payables", "--limit", "1", "--json").json
    one = listed["items"][0]

    shown = ready.good("record", "show", "payables", one["id"]).json

    assert shown == one
    assert one["id"] in ready.good("record", "list", "payables").out
    assert (
        ready.good("record", "list", "payables", "--status", "DRAFT", "--json").json["total"] == 0
    )
    assert (
        "will be deleted" in ready.good("record", "delete", "payables", one["id"], "--dry-run").err
    )
    ready.good("record", "delete", "payables", one["id"], "--yes")
    assert ready.run("record", "show", "payables", one["id"]).code == 2
    ready.run("sync")
    sent = ready.good("activity", "--outcome", "sent", "--kind", "bill", "--json").json["items"][0]
    refused = ready.run("record", "delete", "payables", sent["item"]["recordId"], "--yes")
    assert refused.code == 2
    assert "CANCELLED" in refused.err
    assert ready.run("record", "list", "vendors").code == 2


def test_nothing_there_too_often_is_said(ready: Terminal) -> None:
    ready.run("sync")
    ready.run("reconcile")

    assert "0 to remove" in ready.good("remove-duplicates", "--yes").err


def test_the_last_save_of_the_invoice_fields_is_taken_back(ready: Terminal) -> None:
    before = ready.good("map", "fields", "--json").json
    ready.good("map", "fields", "--memo", "{number}", "--go-live", "2026-01-06")

    after = ready.good("map", "fields", "--revert", "--json").json

    assert {**after, "version": 0, "mappings": 0} == {**before, "version": 0, "mappings": 0}


def test_a_change_beside_a_revert_is_refused_and_nothing_is_reverted(ready: Terminal) -> None:
    ready.good("map", "fields", "--memo", "{number}")

    refused = ready.run("map", "fields", "--revert", "--memo", "{memo}")

    assert refused.code == 2
    assert "--revert" in refused.err
    assert ready.good("map", "fields", "--json").json["memoTemplate"] == "{number}"


@pytest.mark.parametrize("role", ["feeder", "viewer"])
def test_a_token_of_each_role_is_issued(terminal: Terminal, role: str) -> None:
    told = json.loads(terminal.good("token", "issue", "--role", role, "--name", "x", "--json").out)

    assert told["role"] == role
    assert terminal.run("page", "--role", "feeder").code == 2
