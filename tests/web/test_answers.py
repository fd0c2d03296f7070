"""How the API responds: one error body, pagination, versions, idempotency keys, live progress."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import structlog
from fastapi import APIRouter
from fastapi.testclient import TestClient

from cleo_accounting.flows.admin.examine import examine
from cleo_accounting.flows.work import errands
from cleo_accounting.store import ignored
from cleo_accounting.store.database import Database
from cleo_accounting.web.schemas import Error
from tests.service import Service, app_of, served
from tests.world import BUSINESS, connection, payable, world

PAYMENT = {"fundingSourceId": "fs_1", "amount": 1, "status": "completed"}

NO_STORE = "no-store"
PROBLEM = "application/problem+json"


def _is_an_error(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    body: dict[str, Any] = answer.json()
    Error.model_validate_json(answer.content)
    assert body["status"] == status
    assert body["message"] == body["detail"]
    assert body["requestId"] == answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == NO_STORE
    return body


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/livez/", 404, "not_found"),
        ("POST", "/livez", 405, "method_not_allowed"),
        ("TRACE", "/livez", 405, "method_not_allowed"),
        ("BREW", "/livez", 405, "method_not_allowed"),
        ("GET", "/static/nothing.css", 404, "not_found"),
        ("GET", "/static/../app.py", 404, "not_found"),
        ("GET", "/docs", 404, "not_found"),
    ],
)
def test_the_framework_s_own_errors_have_our_body(
    stranger: Service, method: str, path: str, status: int, code: str
) -> None:
    assert _is_an_error(stranger.ask(method, path), status)["code"] == code


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "bad_json"),
        (b'{"redirectUri": "a", "redirectUri": "b"}', "application/json", 400, "bad_json"),
        (b'{"redirectUri": NaN}', "application/json", 400, "bad_json"),
        (b'{"redirectUri": -Infinity}', "application/json", 400, "bad_json"),
        (b'{"redirectUri": "\xff"}', "application/json", 400, "bad_json"),
        (b"[" * 100_000, "application/json", 400, "bad_json"),
        (b"9" * 10_000, "application/json", 400, "bad_json"),
        (b'{"a":' * 51 + b"1" + b"}" * 51, "application/json", 400, "bad_json"),
        (b"redirectUri=x", "application/x-www-form-urlencoded", 415, "wrong_content_type"),
        (b"{}", "text/plain", 415, "wrong_content_type"),
        (b"", "application/json", 422, "invalid"),
        (b"null", "application/json", 422, "invalid"),
        (b"[]", "application/json", 422, "invalid"),
        (b'{"redirectUri": "\\ud800"}', "application/json", 422, "invalid"),
        (b'"' + b"x" * 10_000_001 + b'"', "application/json", 413, "too_large"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_malformed_is_refused_before_anything_happens(
    stranger: Service, body: bytes, kind: str, status: int, code: str
) -> None:
    answer = stranger.ask(
        "POST", f"{stranger.base}/connect", content=body, headers={"Content-Type": kind}
    )

    assert _is_an_error(answer, status)["code"] == code


def test_whoever_asks_for_problem_json_gets_it(stranger: Service) -> None:
    answer = stranger.ask("GET", "/nowhere", headers={"Accept": f"{PROBLEM}, */*"})

    assert answer.headers["content-type"] == PROBLEM
    _is_an_error(answer, 404)


def test_a_mistake_of_ours_says_an_id_and_nothing_else(bare: Service) -> None:
    app = app_of(bare.here.house)
    broken = APIRouter()

    @broken.get("/broken")
    def fail() -> None:
        secret = "canary-secret"
        raise ZeroDivisionError(secret[:6])

    app.include_router(broken)
    with (
        structlog.testing.capture_logs() as logs,
        TestClient(app, raise_server_exceptions=False) as client,
    ):
        answer = client.get("/broken", headers={"X-Request-Id": "mine-1"})

    body = _is_an_error(answer, 500)
    assert body["requestId"] == "mine-1"
    assert "Zero" not in answer.text
    assert "canary" not in answer.text
    (line,) = logs
    assert line["request_id"] == "mine-1"
    assert "ZeroDivisionError" in line["traceback"]
    assert "canary-secret" not in json.dumps(line)


@pytest.mark.parametrize("given", ["a b", "x" * 65, "a\tb", "ü", ""])
def test_a_request_id_that_is_no_id_is_replaced(stranger: Service, given: str) -> None:
    answer = stranger.ask("GET", "/livez", headers={"X-Request-Id": given.encode()})

    assert answer.headers["x-request-id"] != given
    assert len(answer.headers["x-request-id"]) == 32


def test_every_answer_carries_the_headers_that_keep_a_browser_honest(stranger: Service) -> None:
    for path in ("/livez", "/nowhere", "/connected", "/static/page.css", stranger.base):
        headers = stranger.ask("GET", path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "server" not in headers
        assert "strict-transport-security" not in headers  # the service itself speaks plain HTTP


def test_lists_come_in_pages_that_know_their_neighbours(service: Service) -> None:
    service.here.feed(*[connection(n) for n in range(10, 35)])
    base = f"{service.one}/vendors/suggestions"

    first = service.ask("GET", f"{base}?limit=10")
    second = service.ask("GET", first.headers["link"].split("<")[1].split(">")[0])
    last = service.ask("GET", f"{base}?limit=10&offset=20")

    assert [len(one.json()["items"]) for one in (first, second, last)] == [10, 10, 7]
    assert first.json()["total"] == 27
    assert 'rel="prev"' not in first.headers["link"]
    assert 'rel="next"' not in last.headers["link"]
    ids = [item["recordId"] for answer in (first, second, last) for item in answer.json()["items"]]
    assert len(set(ids)) == 27


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "offset=-1", "limit=x", "offset=1e9"])
def test_a_page_beyond_measure_is_refused(shared: Service, query: str) -> None:
    body = _is_an_error(shared.ask("GET", f"{shared.base}?{query}"), 422)

    assert [one["field"] for one in body["errors"]] == [query.split("=", maxsplit=1)[0]]


def test_a_search_finds_names_without_case_and_takes_no_wildcard(service: Service) -> None:
    every = service.ask("GET", f"{service.one}/vendors?limit=100").json()["items"]
    name = every[0]["name"]

    found = service.ask("GET", f"{service.one}/vendors", params={"search": name.upper()}).json()

    assert name in [one["name"] for one in found["items"]]
    for wildcard in ("%", "_", "' or ''='", "\\"):
        answer = service.ask("GET", f"{service.one}/vendors", params={"search": wildcard})
        assert all(wildcard in one["name"] for one in answer.json()["items"])


def test_asking_again_under_a_key_gives_the_first_answer(service: Service) -> None:
    headers = {"Idempotency-Key": '"8e03978e-40d5-43e8-bc93-6894a57f9324"'}
    path = f"{service.one}/sync/vendors"

    first = service.ask("POST", path, headers=headers, json={})
    service.here.work(first.json()["id"])
    again = service.ask("POST", path, headers=headers, json={"dryRun": False})
    fresh = service.ask("POST", path)

    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["location"] == first.headers["location"]
    assert fresh.json()["id"] != first.json()["id"]


def test_a_key_used_for_something_else_is_refused(service: Service) -> None:
    headers = {"Idempotency-Key": "key-1"}
    service.ask("POST", f"{service.one}/sync", headers=headers)

    other = service.ask("POST", f"{service.one}/sync", headers=headers, json={"dryRun": True})
    stranger = service.ask("POST", f"{service.one}/sync", headers=headers, as_="bookkeeper")

    assert _is_an_error(other, 422)["code"] == "idempotency_key_reused"
    assert stranger.status_code == 202


@pytest.mark.both
def test_of_many_who_ask_at_once_under_a_key_one_acts(service: Service) -> None:
    vendor = service.ask("GET", f"{service.one}/vendors").json()["items"][0]
    body = {"connectionId": "conn_1", "vendorId": vendor["id"]}

    def ask(_: int) -> tuple[int, bool]:
        answer = service.ask(
            "POST",
            f"{service.one}/vendors/mappings",
            json=body,
            headers={"Idempotency-Key": "key-1"},
        )
        return answer.status_code, "idempotency-replayed" in answer.headers

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(24)))

    assert {status for status, _ in answers} == {201}
    assert [again for _, again in answers].count(False) == 1


def test_a_refused_act_may_be_mended_and_sent_under_the_same_key(service: Service) -> None:
    vendor = service.ask("GET", f"{service.one}/vendors").json()["items"][0]
    path, headers = f"{service.one}/vendors/mappings", {"Idempotency-Key": "key-1"}

    refused = service.ask(
        "POST", path, headers=headers, json={"connectionId": "conn_1", "vendorId": "no"}
    )
    mended = service.ask(
        "POST", path, headers=headers, json={"connectionId": "conn_1", "vendorId": vendor["id"]}
    )

    assert (refused.status_code, mended.status_code) == (422, 201)


def test_invoice_fields_are_saved_over_the_version_that_was_read(service: Service) -> None:
    path = f"{service.one}/invoice-fields"
    read = service.ask("GET", path)
    tag = read.headers["etag"]
    chosen = {
        **read.json()["fields"],
        "memoTemplate": "{memo} due {due}",
        "customFields": {"po": "note"},
        "recordPayments": "processing",
        "quickPay": "on",
    }

    blind = service.ask("PUT", path, json=chosen)
    saved = service.ask("PUT", path, json=chosen, headers={"If-Match": tag})
    stale = service.ask("PUT", path, json=chosen, headers={"If-Match": tag})
    wrong = service.ask(
        "PUT",
        path,
        json={**chosen, "classId": "no-such"},
        headers={"If-Match": saved.headers["etag"]},
    )

    _is_an_error(blind, 428)
    assert saved.status_code == 200
    assert saved.json()["fields"] == chosen
    assert saved.headers["etag"] != tag
    _is_an_error(stale, 412)
    assert _is_an_error(wrong, 422)["errors"][0]["field"] == "classId"
    assert service.ask("GET", path).json()["fields"] == chosen


@pytest.mark.both
def test_what_needs_a_person_is_found_decided_and_tried_again(service: Service) -> None:
    service.here.intuit.emulator.act(
        "person",
        {
            "realm_id": service.here.intuit.realm_id,
            "deed": "create",
            "kind": "Customer",
            "document": {"DisplayName": "Acme Tools"},
        },
    )
    run = service.ask("POST", f"{service.one}/sync/vendors").json()
    service.here.work(run["id"])
    items = f"{service.one}/runs/{run['id']}/items"
    (item,) = service.ask("GET", f"{items}?needsAttention=true&search=acme").json()["items"]
    assert (item["code"], item["recordId"]) == ("name_taken", "conn_1")
    assert item["facts"]["proposed"] in item["fix"]

    decision = {"itemId": item["id"], "decision": "create_as", "value": item["facts"]["proposed"]}
    assert service.ask("POST", f"{service.one}/decisions", json=decision).status_code == 201
    assert service.ask("GET", f"{service.one}/decisions").json()["total"] == 1
    again = service.ask("POST", f"{items}/{item['id']}/retry").json()
    service.here.work(again["id"])

    told = service.ask("GET", f"{service.one}/runs/{again['id']}").json()
    assert told["state"] == "succeeded"
    mapped = service.ask("GET", f"{service.one}/vendors/mappings").json()["items"]
    assert item["facts"]["proposed"] in [one["remoteName"] for one in mapped]


@pytest.mark.parametrize(
    "body",
    [
        {"decision": "leave_out", "value": "x"},
        {"itemId": 1, "recordId": "conn_1", "decision": "leave_out", "value": "x"},
        {"kind": "vendor", "recordId": "conn_1", "decision": "keep_theirs"},
        {"kind": "vendor", "recordId": "conn_1", "decision": "number_as", "value": "1042-2"},
        {"kind": "bill", "recordId": "pay_1", "decision": "number_as", "value": "1042\u202e"},
        {"kind": "bill", "recordId": "pay_1", "decision": "number_as"},
        {"kind": "vendor", "recordId": "conn_404", "decision": "leave_out", "value": "x"},
        {"kind": "vendor", "recordId": "conn_1", "decision": "burn"},
    ],
)
def test_a_decision_must_say_what_it_is_about(shared: Service, body: dict[str, Any]) -> None:
    _is_an_error(shared.ask("POST", f"{shared.one}/decisions", json=body), 422)


def test_a_bill_that_a_person_entered_is_told_as_data_and_linked(service: Service) -> None:
    here = service.here
    here.feed(connection(7, "Harbor"))
    here.sync("vendors")
    (vendor,) = [one for one in here.books("Vendor") if one["DisplayName"] == "Harbor"]
    detail = {"AccountRef": {"value": here.account("Expense")}}
    line = {"DetailType": "AccountBasedExpenseLineDetail", "Amount": 100}
    typed = {
        "VendorRef": {"value": vendor["Id"]},
        "TxnDate": "2026-01-08",
        "Line": [{**line, "AccountBasedExpenseLineDetail": detail}],
    }
    remote_id = here.intuit.company.create("Bill", typed)["Id"]
    here.feed(payable(77, to=7))
    run = service.ask("POST", f"{service.one}/sync/invoices").json()
    here.work(run["id"])
    items = f"{service.one}/runs/{run['id']}/items?needsAttention=true&search=INV-77"
    (item,) = service.ask("GET", items).json()["items"]

    assert item["code"] == "possible_duplicate"
    assert item["twins"] == [
        {
            "remoteId": remote_id,
            "number": "",
            "dated": "2026-01-08",
            "amount": "100.00",
            "currency": "USD",
            "payment": "open",
            "sameNumber": False,
            "sameTotal": True,
        }
    ]
    for wrong in ("keep_theirs", "unlink", "remove_there"):
        body = {"itemId": item["id"], "decision": wrong}
        _is_an_error(service.ask("POST", f"{service.one}/decisions", json=body), 422)
    said = {"itemId": item["id"], "decision": "link_to"}
    assert service.ask("POST", f"{service.one}/decisions", json=said).status_code == 201
    (word,) = service.ask("GET", f"{service.one}/decisions").json()["items"]
    assert (word["decision"], word["value"]) == ("link_to", remote_id)


def test_many_are_decided_at_once_each_by_itself(service: Service) -> None:
    service.here.intuit.company.create("Customer", {"DisplayName": "Acme Tools"})
    run = service.ask("POST", f"{service.one}/sync/vendors").json()
    service.here.work(run["id"])
    path = f"{service.one}/decisions/bulk"
    body = {"code": "name_taken", "decision": "create_proposed"}

    told = service.ask("POST", path, json=body, headers={"Idempotency-Key": "once"})
    again = service.ask("POST", path, json=body, headers={"Idempotency-Key": "once"})
    ids = [one["itemId"] for one in told.json()["items"]]
    some = {"itemIds": [*ids, 999_999], "decision": "leave_out", "value": "A customer."}
    by_id = service.ask("POST", path, json=some).json()
    undone = service.ask("POST", f"{path}/undo", json={"at": by_id["at"]})
    nothing = service.ask("POST", f"{path}/undo", json={"at": "2026-01-01T00:00:00Z"})

    assert told.status_code == 200
    assert told.json() == again.json()
    assert (told.json()["decided"], told.json()["refused"]) == (1, 0)
    assert (by_id["decided"], by_id["refused"]) == (1, 1)
    assert by_id["items"][1]["message"] == "There is no such item."
    assert undone.json() == {"undone": 1}
    _is_an_error(nothing, 409)


@pytest.mark.parametrize(
    "body",
    [
        {"decision": "create_new"},
        {"code": "look_alike", "itemIds": [1], "decision": "create_new"},
        {"code": "look_alike", "decision": "create_as", "value": "One name for all"},
        {"itemIds": [0], "decision": "create_new"},
    ],
)
def test_a_decision_on_many_must_say_which(shared: Service, body: dict[str, Any]) -> None:
    _is_an_error(shared.ask("POST", f"{shared.one}/decisions/bulk", json=body), 422)


def test_a_bill_is_given_another_number_and_goes_by_it(service: Service) -> None:
    """The decision is about the record, before QuickBooks has refused anything."""
    word = {"kind": "bill", "recordId": "pay_1", "decision": "number_as", "value": "1042-2"}

    said = service.ask("POST", f"{service.one}/decisions", json=word)
    listed = service.ask("GET", f"{service.one}/decisions").json()["items"]
    run = service.ask("POST", f"{service.one}/sync").json()
    service.here.work(run["id"])

    assert said.status_code == 201
    assert [(one["decision"], one["value"]) for one in listed] == [("number_as", "1042-2")]
    assert len(service.here.numbered("1042-2")) == 1


def test_runs_are_listed_cancelled_and_retried(service: Service) -> None:
    run = service.ask("POST", f"{service.one}/sync").json()
    path = f"{service.one}/runs/{run['id']}"

    cancelled = service.ask("POST", f"{path}/cancel")
    listed = service.ask("GET", f"{service.one}/runs?state=cancelled").json()
    retried = service.ask("POST", f"{path}/retry")

    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    assert [one["id"] for one in listed["items"]] == [run["id"]]
    assert (retried.status_code, retried.json()["retryOf"]) == (202, run["id"])
    assert service.ask("GET", f"{service.one}/runs?state=succeeded").json()["total"] == 0


def test_a_run_is_followed_live_to_its_end(service: Service) -> None:
    run = service.ask("POST", f"{service.one}/sync/vendors").json()
    service.here.work(run["id"])

    answer = service.ask("GET", f"{service.one}/runs/{run['id']}/events")

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "event: done" in answer.text
    (data,) = [
        json.loads(line.removeprefix("data: "))
        for line in answer.text.splitlines()
        if line.startswith("data: ")
    ]
    assert data == service.ask("GET", f"{service.one}/runs/{run['id']}").json()
    _is_an_error(service.ask("GET", f"{service.one}/runs/run_nowhere/events"), 404)


def test_usage_adds_up_what_runs_asked(service: Service) -> None:
    assert service.ask("GET", f"{service.one}/usage").json()["batches"] == 0

    service.here.sync("vendors")

    spent = service.ask("GET", f"{service.one}/usage?days=7").json()
    assert (spent["days"], spent["batches"]) == (7, 1)


@pytest.mark.parametrize("path", ["/refresh", "/reconciliation"])
def test_usage_counts_what_looks_and_reconciliations_read(service: Service, path: str) -> None:
    def spent() -> int:
        return int(service.ask("GET", f"{service.one}/usage").json()["reads"])

    errands.run_due(service.here.house)
    before = spent()

    service.ask("POST", service.one + path)
    errands.run_due(service.here.house)

    assert spent() > before


def test_a_look_can_be_asked_for(service: Service) -> None:
    assert service.ask("POST", f"{service.one}/refresh").status_code == 202
    service.ask("DELETE", f"{service.base}/disconnect")
    assert service.ask("POST", f"{service.one}/refresh").status_code == 409


def test_records_come_in_one_by_one(service: Service) -> None:
    path = f"{service.base}/records/payables/pay_7"
    bill = {
        "connectionId": "conn_1",
        "amount": 19.99,
        "invoiceDate": "2026-01-05",
        "status": "APPROVED",
    }

    answers = [
        service.ask("PUT", path, json=body, as_="feeder")
        for body in (bill, bill, {**bill, "amount": "20.00"}, {**bill, "amount": 1.005})
    ]

    assert [one.status_code for one in answers] == [201, 200, 200, 422]
    assert [one.json().get("outcome") for one in answers[:3]] == [
        "created",
        "unchanged",
        "updated",
    ]
    assert [one["field"] for one in answers[3].json()["errors"]] == ["amount"]


def test_a_payable_that_changes_its_role_is_refused_with_the_way_out(service: Service) -> None:
    path = f"{service.base}/records/payables/pay_9"
    bill = {"connectionId": "conn_1", "amount": "19.99", "invoiceDate": "2026-01-05"}
    bill["status"] = "APPROVED"
    service.ask("PUT", path, json=bill, as_="feeder")

    refused = service.ask("PUT", path, json={**bill, "role": "payee"}, as_="feeder")

    _is_an_error(refused, 422)
    (error,) = refused.json()["errors"]
    assert (error["field"], error["code"]) == ("role", "role_changed")
    assert service.ask("DELETE", path, as_="feeder").status_code == 204
    assert service.ask("PUT", path, json={**bill, "role": "payee"}, as_="feeder").status_code == 201


def test_records_come_in_by_the_thousand_each_with_its_outcome(service: Service) -> None:
    path = f"{service.base}/records/bulk"
    good = [
        {"type": "connection", "id": f"c{n}", "record": {"connectedBusinessName": f"V{n}"}}
        for n in range(999)
    ]
    bad = {"type": "connection", "id": "bad", "record": {"status": "married"}}

    answer = service.ask("POST", path, json={"records": [*good, bad]}, as_="feeder")
    over = service.ask("POST", path, json={"records": [*good, bad, bad]}, as_="feeder")

    assert answer.status_code == 200
    assert (answer.json()["created"], answer.json()["refused"]) == (999, 1)
    assert answer.json()["outcomes"][-1]["errors"]
    _is_an_error(over, 422)


@pytest.mark.both
def test_fields_that_are_not_used_are_counted_without_what_was_sent_in_them(
    service: Service,
) -> None:
    path = f"{service.base}/records"
    bill = {
        "connectionId": "conn_1",
        "amount": 19.99,
        "invoiceDate": "2026-01-05",
        "status": "APPROVED",
        "description": "secret words",
        "lineItems": [{"unitPrice": "19.99", "taxCode": "A"}],
    }
    hostile = {'a"} 1\nevil{x="': 1, "b" * 500: 2}
    many = [
        {"type": "payment", "id": f"p{at}", "record": {**PAYMENT, f"field{at}": 1}}
        for at in range(80)
    ]

    put = service.ask("PUT", f"{path}/payables/pay_9", json={**bill, **hostile}, as_="feeder")
    bulk = service.ask("POST", f"{path}/bulk", json={"records": many}, as_="feeder").json()
    counts = service.ask("GET", "/metrics", as_="platform").text

    assert put.status_code == 201
    assert bulk["created"] == 80
    told = dict(re.findall(r'acct_ignored_fields{field="(.+?)",kind="payable"} (\d+)', counts))
    assert told == {"description": "1", "lineItems.taxCode": "1", "(other)": "1"}
    names = re.findall(r'acct_ignored_fields{field="(.+?)",kind="payment"}', counts)
    assert len(names) <= ignored.FIELDS_MAX + 1
    assert ignored.REST in names
    assert "secret" not in counts
    assert "evil" not in counts
    (said,) = [one.said for one in examine(service.here.house) if "fields" in one.name]
    assert "payable.description (1)" in said
    assert "more" in said


def test_health_is_told_to_anyone_and_counts_to_the_platform(bare: Service) -> None:
    assert bare.ask("GET", "/livez", as_=None).json()["status"] == "ok"
    assert bare.ask("GET", "/readyz", as_=None).json()["status"] == "ok"
    bare.ask("GET", bare.base)

    counts = bare.ask("GET", "/metrics", as_="platform")

    assert 'acct_connections{state="connected"} 0.0' in counts.text
    assert "/api/businesses/{businessId}/integrations/accounting" in counts.text
    assert BUSINESS not in counts.text


@pytest.mark.both
def test_a_database_without_our_tables_is_not_ready(database_url: str) -> None:
    from cleo_accounting.store.tables import metadata  # noqa: PLC0415  only to drop the tables

    database = Database(database_url)
    with world(database) as here:
        for bare in served(here):
            metadata.drop_all(database.engine)
            answer = bare.ask("GET", "/readyz", as_=None)

            assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")
            assert bare.ask("GET", "/livez", as_=None).status_code == 200
            refused = bare.ask("GET", bare.base)
            _is_an_error(refused, refused.status_code)
            assert refused.status_code in (500, 503)  # SQLite reports it like a full disk
    database.close()


@pytest.mark.parametrize("memo", ["{memo}\x00", "a\rb", "\x1b[0m"])
def test_no_control_character_gets_into_a_memo(shared: Service, memo: str) -> None:
    read = shared.ask("GET", f"{shared.one}/invoice-fields")
    chosen = {**read.json()["fields"], "memoTemplate": memo}

    answer = shared.ask(
        "PUT",
        f"{shared.one}/invoice-fields",
        json=chosen,
        headers={"If-Match": read.headers["etag"]},
    )

    assert [one["field"] for one in _is_an_error(answer, 422)["errors"]] == ["memoTemplate"]


FIELDS = ("expenseAccountId", "apAccountId", "incomeAccountId", "itemId", "termsId")


def test_every_option_of_an_invoice_field_may_be_chosen(service: Service) -> None:
    path = f"{service.one}/invoice-fields"
    options = [
        (field, option["id"])
        for field in FIELDS
        for option in service.ask("GET", f"{path}/options/{field}?limit=3").json()["items"]
    ]
    assert {field for field, _ in options} == set(FIELDS)

    for field, option_id in options:
        read = service.ask("GET", path)
        saved = service.ask(
            "PUT",
            path,
            json={**read.json()["fields"], field: option_id},
            headers={"If-Match": read.headers["etag"]},
        )
        assert saved.status_code == 200, (field, option_id)


def test_there_are_no_options_of_what_is_no_field(shared: Service) -> None:
    answer = shared.ask("GET", f"{shared.one}/invoice-fields/options/goLive")

    assert [one["field"] for one in _is_an_error(answer, 422)["errors"]] == ["field"]
