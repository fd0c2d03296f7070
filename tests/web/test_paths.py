"""The platform's eleven paths, with valid and invalid input, as the platform documents them."""

from __future__ import annotations

import pytest

from cleo_accounting.flows.work import errands
from tests.service import Service
from tests.world import REDIRECT_URI


def _vendors(service: Service) -> list[dict[str, str]]:
    found: list[dict[str, str]] = service.ask("GET", f"{service.one}/vendors?active=true").json()[
        "items"
    ]
    return found


def test_1_lists_what_is_connected(service: Service) -> None:
    answer = service.ask("GET", service.base)

    assert answer.status_code == 200
    (one,) = answer.json()["items"]
    assert one["id"] == service.here.integration_id
    assert (one["status"], one["provider"]) == ("connected", "quickbooks")
    assert {key: answer.json()[key] for key in ("total", "limit", "offset")} == {
        "total": 1,
        "limit": 20,
        "offset": 0,
    }


def test_1_lists_nothing_before_anything_is_connected(bare: Service) -> None:
    assert bare.ask("GET", bare.base).json()["items"] == []


def test_2_says_where_to_send_the_user(bare: Service) -> None:
    answer = bare.ask("POST", f"{bare.base}/connect", json={"redirectUri": REDIRECT_URI})

    assert answer.status_code == 200
    assert answer.json()["authorizationUrl"].startswith(bare.here.intuit.url)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"redirectUri": ""}, "redirectUri"),
        ({"redirectUri": "https://evil.example/"}, "redirectUri"),
        ({"redirectUri": 7}, "redirectUri"),
        ({"redirectUri": REDIRECT_URI, "provider": "xero"}, "provider"),
        ({"provider": "QuickBooks"}, "provider"),
        ({"provider": None}, "provider"),
        ({"redirectUri": REDIRECT_URI, "business_id": "biz_two"}, "business_id"),
    ],
)
def test_2_names_what_is_wrong(bare: Service, body: dict[str, object], field: str) -> None:
    answer = bare.ask("POST", f"{bare.base}/connect", json=body)

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert "evil" not in answer.text


@pytest.mark.parametrize("body", [{"provider": "quickbooks"}, {}, {"redirectUri": None}])
def test_2_needs_no_address_of_its_own(bare: Service, body: dict[str, object]) -> None:
    answer = bare.ask("POST", f"{bare.base}/connect", json=body)

    assert answer.status_code == 200
    assert answer.json()["authUrl"] == answer.json()["authorizationUrl"]
    back = bare.here.consent(answer.json()["authUrl"])
    assert bare.ask("GET", f"{bare.base}/callback", params=back).json()["status"] == "connected"


@pytest.mark.parametrize(
    ("content", "kind", "status", "said"),
    [
        (b"", "application/json", 422, "body is missing: send a JSON object"),
        (b"null", "application/json", 422, "body must be a JSON object"),
        (b"[]", "application/json", 422, "body must be a JSON object"),
        (b'"quickbooks"', "application/json", 422, "body must be a JSON object"),
        (b"7", "application/json", 422, "body must be a JSON object"),
        (b"{", "application/json", 400, "body is not JSON from line 1, column 2 on"),
        (b"provider=quickbooks", "application/x-www-form-urlencoded", 415, "application/json"),
        (b"{}", "text/plain", 415, "application/json"),
    ],
)
def test_2_names_a_body_that_is_missing_or_none(
    stranger: Service, content: bytes, kind: str, status: int, said: str
) -> None:
    answer = stranger.ask(
        "POST", f"{stranger.base}/connect", content=content, headers={"content-type": kind}
    )

    assert answer.status_code == status
    assert said in answer.json()["message"]


def test_2_names_a_provider_that_is_not_known(stranger: Service) -> None:
    answer = stranger.ask("POST", f"{stranger.base}/connect", json={"provider": "xero"})

    (flaw,) = answer.json()["errors"]
    assert (flaw["field"], flaw["message"]) == (
        "provider",
        "must be one of 'quickbooks', not “xero”",
    )


def test_3_says_whether_the_books_open(bare: Service) -> None:
    before = bare.ask("GET", f"{bare.base}/status").json()
    bare.here.connect()
    after = bare.ask("GET", f"{bare.base}/status").json()
    bare.ask("DELETE", f"{bare.base}/disconnect")
    gone = bare.ask("GET", f"{bare.base}/status").json()

    assert [one["status"] for one in (before, after, gone)] == [
        "not_connected",
        "connected",
        "disconnected",
    ]
    assert after["accountingIntegrationId"] == bare.here.integration_id


def test_4_disconnects_once(service: Service) -> None:
    first = service.ask("DELETE", f"{service.base}/disconnect")
    second = service.ask("DELETE", f"{service.base}/disconnect")

    assert (first.status_code, first.json()["status"]) == (200, "disconnected")
    assert second.status_code == 404
    assert service.ask("POST", f"{service.one}/sync").status_code == 409


def test_5_tells_of_the_most_recent_sync(service: Service) -> None:
    never = service.ask("GET", f"{service.one}/sync/status").json()
    service.here.sync()
    done = service.ask("GET", f"{service.one}/sync/status").json()

    assert (never["state"], never["run"]) == ("never_run", None)
    assert done["state"] == "partly_failed"
    for tally in done["progress"].values():
        assert tally["total"] == sum(count for part, count in tally.items() if part != "total")
    (error,) = done["errors"]
    assert error["code"] == "account_mapping_needed"
    assert error["fix"]


def test_6_starts_a_sync_of_everything_and_the_second_joins_it(service: Service) -> None:
    first = service.ask("POST", f"{service.one}/sync")
    second = service.ask("POST", f"{service.one}/sync", json={})

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert first.json()["entityTypes"] == ["vendors", "bankAccounts", "invoices"]
    there = service.ask("GET", first.headers["location"])
    assert there.json()["run"]["id"] == first.json()["id"]


def test_6_previews_without_writing(service: Service) -> None:
    run = service.ask("POST", f"{service.one}/sync", json={"dryRun": True}).json()
    service.here.work(run["id"])

    told = service.ask("GET", f"{service.one}/runs/{run['id']}").json()
    items = service.ask("GET", f"{service.one}/runs/{run['id']}/items?entityType=invoices").json()

    assert told["run"]["dryRun"] is True
    assert told["progress"]["invoices"]["created"] == 1
    assert [one["state"] for one in items["items"]] == ["planned"]
    assert told["sums"] == [{"kind": "bill", "currency": "USD", "number": 1, "amount": "100.00"}]
    assert service.here.ours() == []


@pytest.mark.parametrize("entity_type", ["vendors", "bankAccounts", "invoices"])
def test_7_starts_a_sync_of_one_entity_type(service: Service, entity_type: str) -> None:
    answer = service.ask("POST", f"{service.one}/sync/{entity_type}")

    assert answer.status_code == 202
    assert answer.json()["entityTypes"] == [entity_type]


@pytest.mark.parametrize("entity_type", ["payments", "Vendors", "bank-accounts", "%00", "..."])
def test_7_knows_no_other_entity_type(shared: Service, entity_type: str) -> None:
    answer = shared.ask("POST", f"{shared.one}/sync/{entity_type}")

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["entityType"]


def test_8_shows_which_field_lands_where(service: Service) -> None:
    answer = service.ask("GET", f"{service.one}/invoice-fields")

    assert answer.status_code == 200
    assert answer.json()["fields"]["expenseAccountId"]
    assert "DocNumber" in [one["billField"] for one in answer.json()["fixed"]]
    rows = {one["quickbooksField"]: one for one in answer.json()["mappings"]}
    number, account = rows["DocNumber"], rows["Line.AccountBasedExpenseLineDetail.AccountRef"]
    assert (number["payableField"], number["sample"]) == ("invoiceNumber", "INV-1")
    assert account["chosenId"] == answer.json()["fields"]["expenseAccountId"]
    assert account["chosenName"]
    again = service.ask(
        "GET",
        f"{service.one}/invoice-fields",
        headers={"If-None-Match": answer.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["vendorId", "qboVendorId"])
def test_9_maps_a_connection_to_a_vendor(service: Service, name: str) -> None:
    vendor = _vendors(service)[0]
    body = {"connectionId": "conn_1", name: vendor["id"]}

    first = service.ask("POST", f"{service.one}/vendors/mappings", json=body)
    again = service.ask("POST", f"{service.one}/vendors/mappings", json=body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == {
        "recordId": "conn_1",
        "recordName": "Acme Tools",
        "remoteId": vendor["id"],
        "remoteName": vendor["name"],
        "origin": "mapped",
        "gone": False,
    }
    listed = service.ask("GET", f"{service.one}/vendors/mappings").json()
    assert listed["items"] == [first.json()]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"connectionId": "conn_1"}, "vendorId"),
        ({"connectionId": "conn_1", "vendorId": "no-such"}, "vendorId"),
        ({"connectionId": "conn_9", "vendorId": "1"}, "connectionId"),
        ({"connectionId": "conn_1", "vendorId": "1", "qboVendorId": "2"}, "vendorId"),
        ({"connectionId": "conn_1", "vendorId": "' or 1=1"}, "vendorId"),
        ({"vendorId": "1"}, "connectionId"),
    ],
)
def test_9_names_what_cannot_be_mapped(shared: Service, body: dict[str, str], field: str) -> None:
    answer = shared.ask("POST", f"{shared.one}/vendors/mappings", json=body)

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("name", ["bankAccountId", "qboBankAccountId"])
def test_10_maps_a_funding_source_to_a_bank_account(service: Service, name: str) -> None:
    account = service.ask("GET", f"{service.one}/bank-accounts").json()["items"][0]
    body = {"fundingSourceId": "fs_1", name: account["id"]}

    answer = service.ask("POST", f"{service.one}/bank-accounts/mappings", json=body)

    assert answer.status_code == 201
    assert answer.json()["remoteName"] == account["name"]
    assert service.ask("DELETE", f"{service.one}/bank-accounts/mappings/fs_1").status_code == 204
    assert service.ask("DELETE", f"{service.one}/bank-accounts/mappings/fs_1").status_code == 404


def test_10_refuses_an_account_that_is_no_bank_account(service: Service) -> None:
    expense = service.here.account("Expense")
    body = {"fundingSourceId": "fs_1", "bankAccountId": expense}

    answer = service.ask("POST", f"{service.one}/bank-accounts/mappings", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "wrong_type")


def _begin(bare: Service) -> dict[str, str]:
    url = bare.ask("POST", f"{bare.base}/connect", json={"redirectUri": REDIRECT_URI}).json()
    return bare.here.consent(url["authorizationUrl"])


def test_11_finishes_what_the_same_user_began(bare: Service) -> None:
    back = _begin(bare)

    stranger = bare.ask("GET", f"{bare.base}/callback", params=back, as_="platform")
    answer = bare.ask("GET", f"{bare.base}/callback", params=back)
    replayed = bare.ask("GET", f"{bare.base}/callback", params=back)

    assert (stranger.status_code, stranger.json()["code"]) == (400, "state_invalid")
    assert (answer.status_code, answer.json()["status"]) == (200, "connected")
    assert (replayed.status_code, replayed.json()["code"]) == (400, "state_invalid")


def test_11_says_that_the_user_denied(bare: Service) -> None:
    back = _begin(bare)

    answer = bare.ask(
        "GET",
        f"{bare.base}/callback",
        params={"state": back["state"], "error": "access_denied"},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "access_denied")
    assert bare.ask("GET", f"{bare.base}/status").json()["status"] == "not_connected"


def test_the_lists_know_only_what_was_looked_at(bare: Service) -> None:
    bare.here.connect()
    assert bare.ask("GET", f"{bare.one}/vendors").json()["total"] == 0

    errands.run_due(bare.here.house)

    assert bare.ask("GET", f"{bare.one}/vendors").json()["total"] > 0
