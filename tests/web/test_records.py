"""Stored records can be read, listed and deleted, but not while they are in QuickBooks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleo_accounting.core.records import (
    KIND_OF,
    Connection,
    ConnectionStatus,
    FundingSource,
    LineItem,
    Money,
    Part,
    Payable,
    PayableStatus,
    Payment,
    PaymentStatus,
    Record,
    Role,
)
from cleo_accounting.flows.records.keep import COLLECTIONS
from cleo_accounting.platform import shape
from cleo_accounting.store import audit, runs
from cleo_accounting.web.record_schemas import document
from tests.service import Service
from tests.world import BUSINESS, connection, payable

TYPES = dict(zip(("connection", "fundingSource", "payable", "payment"), COLLECTIONS, strict=True))
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
    str.strip
)
MONEY = st.builds(Money, st.integers(-(10**9), 10**9), st.sampled_from(["USD", "JPY", "KWD"]))


def dollars(minor: int) -> Money:
    """An amount of US dollars."""
    return Money(minor, "USD")


NUMBERS = st.decimals(-1000, 1000, places=3)
MOMENTS = st.datetimes(timezones=st.just(UTC))
PARTS = st.lists(
    st.builds(Part, st.sampled_from(["pay_1", "pay_2"]), st.integers(1, 10**9).map(dollars)),
    unique_by=lambda part: part.payable_id,
).map(tuple)
PAYABLES = st.builds(
    Payable,
    st.just("r"),
    st.just("conn_1"),
    st.sampled_from(Role),
    st.sampled_from(PayableStatus),
    MONEY,
    st.dates(),
    number=st.none() | TEXT,
    due_on=st.none() | st.dates(),
    memo=st.none() | TEXT,
    lines=st.lists(st.builds(LineItem, TEXT, NUMBERS, NUMBERS), max_size=3).map(tuple),
    custom_fields=st.dictionaries(TEXT, TEXT, max_size=3).map(
        lambda one: tuple(sorted(one.items()))
    ),
)
PAYMENTS = st.builds(
    Payment,
    st.just("r"),
    st.just("fs_1"),
    st.integers(0, 10**9).map(dollars),
    st.sampled_from(PaymentStatus),
    clearing_speed=st.none() | TEXT,
    paid_on=st.none() | st.dates(),
    parts=PARTS,
    completed_at=st.none() | MOMENTS,
    return_code=st.none() | st.just("R01"),
    returned_on=st.none() | st.dates(),
    credits=PARTS.map(lambda parts: parts or None),
    connection_id=st.none() | st.just("conn_1"),
)
RECORDS: st.SearchStrategy[Record] = st.one_of(
    st.builds(
        Connection,
        st.just("r"),
        TEXT,
        st.sampled_from(ConnectionStatus),
        alias=st.none() | TEXT,
        email=st.none() | st.just("ap@harbor.example"),
        net_terms_days=st.none() | st.integers(0, 90),
        tags=st.lists(TEXT).map(tuple),
    ),
    st.builds(
        FundingSource,
        st.just("r"),
        TEXT,
        st.just("savings"),
        last_four=st.none() | st.just("1234"),
        is_default=st.booleans(),
        verified=st.booleans(),
    ),
    PAYABLES,
    PAYABLES.flatmap(
        lambda one: MOMENTS.map(lambda at: replace(one, issued_on=at.date(), created_at=at))
    ),
    PAYMENTS,
    st.builds(replace, PAYMENTS, payable_id=st.just("pay_1"), parts=st.just(())),
)


@given(RECORDS, st.sampled_from(["dollars", "cents"]))
def test_what_is_read_can_be_sent_again_and_is_the_same(record: Record, unit: str) -> None:
    (kind,) = [one for one in shape.TYPES.values() if one.kind is KIND_OF[type(record)]]
    told = document(record, amounts_in=unit).model_dump(mode="json", by_alias=True)

    assert shape.read(kind, "r", told, amounts_in=unit, currency="EUR") == record


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        ("connection", {"connectedBusinessName": "Harbor", "settings": {"netTerms": 30}}),
        ("fundingSource", {"name": "Main", "accountType": "checking", "lastFour": "1234"}),
        (
            "payable",
            {
                "connectionId": "conn_1",
                "amount": 20.5,
                "invoiceDate": "2026-01-05",
                "status": "DRAFT",
                "lineItems": [{"quantity": 2, "unitPrice": "10.25"}],
            },
        ),
        ("payment", {"fundingSourceId": "fs_1", "amount": 1, "status": "completed"}),
    ],
)
def test_a_record_is_put_read_and_deleted(
    service: Service, type_: str, body: dict[str, Any]
) -> None:
    where = f"{service.base}/records/{TYPES[type_]}/rec_9"
    assert service.ask("GET", where, as_="feeder").status_code == 404
    service.ask("PUT", where, json=body, as_="feeder")

    read = service.ask("GET", where, as_="viewer")
    again = service.ask("PUT", where, json=read.json(), as_="feeder").json()
    seen = service.ask("GET", where, headers={"If-None-Match": read.headers["etag"]})

    assert read.json()["id"] == "rec_9"
    assert again["outcome"] == "unchanged"
    assert seen.status_code == 304
    assert service.ask("DELETE", where).status_code == 403
    assert service.ask("DELETE", where, as_="other feeder").status_code == 404
    assert service.ask("DELETE", where, as_="feeder").status_code == 204
    assert service.ask("GET", where).status_code == 404
    assert service.ask("DELETE", where, as_="feeder").status_code == 404
    with service.here.house.database.reading() as tx:
        (entry,) = audit.about(tx, BUSINESS, "rec_9", what="record_deleted")
    assert entry.subject == "rec_9"
    assert service.ask("PUT", where, json=body, as_="feeder").json()["outcome"] == "created"


def test_records_are_listed_and_filtered(shared: Service) -> None:
    path = f"{shared.base}/records"

    payables = shared.ask("GET", f"{path}/payables?connectionId=conn_1&role=payer&limit=1").json()
    number = payables["items"][0]["invoiceNumber"]
    assert payables["total"] == 1
    assert shared.ask("GET", f"{path}/payables", params={"invoiceNumber": number}).json()["total"]
    assert shared.ask("GET", f"{path}/payables?status=DRAFT").json()["items"] == []
    listed = shared.ask("GET", f"{path}/connections?limit=1&offset=1")
    assert [one["connectedBusinessName"] for one in listed.json()["items"]] == ["Beta Parts"]
    assert 'rel="prev"' in listed.headers["link"]
    assert shared.ask("GET", f"{path}/bank-accounts").json()["total"] == 1
    assert shared.ask("GET", f"{path}/payments").json()["total"] == 0


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("bank-accounts?status=active", "status"),
        ("connections?role=payer", "role"),
        ("payments?connectionId=conn_1", "connectionId"),
        ("payables?role=sender", "role"),
        ("payables?limit=0", "limit"),
        ("vendors", "collection"),
        ("vendors/x", "collection"),
    ],
)
def test_what_cannot_be_listed_is_named(shared: Service, path: str, field: str) -> None:
    answer = shared.ask("GET", f"{shared.base}/records/{path}")

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def _delete(service: Service, path: str) -> tuple[int, str]:
    answer = service.ask("DELETE", f"{service.base}/records/{path}", as_="feeder")
    return answer.status_code, answer.json()["message"] if answer.content else ""


@pytest.mark.both
def test_what_is_in_quickbooks_is_not_deleted_before_it_is_cancelled(service: Service) -> None:
    service.here.sync()

    status, said = _delete(service, "payables/pay_1")
    assert (status, "CANCELLED" in said) == (409, True)
    status, said = _delete(service, "connections/conn_1")
    assert (status, "A payable names this connection" in said) == (409, True)

    service.here.feed(payable(1, to=1, status=PayableStatus.CANCELLED))
    service.here.sync()

    assert _delete(service, "payables/pay_1")[0] == 204
    status, said = _delete(service, "connections/conn_1")
    assert (status, "remove its mapping" in said) == (409, True)
    gone = service.ask("DELETE", f"{service.one}/vendors/mappings/conn_1")
    assert gone.status_code == 204
    assert _delete(service, "connections/conn_1")[0] == 204
    for view in ("issues", "activity", "weeks", "reconciliation", "vendors/mappings"):
        assert service.ask("GET", f"{service.one}/{view}").status_code in (200, 404)
    assert service.ask("GET", f"{service.one}/activity/bill/pay_1").status_code == 200
    assert service.here.sync().state in ("succeeded", "partly_failed")


def test_a_document_that_was_removed_is_not_written_again_with_its_record(
    service: Service,
) -> None:
    service.here.sync()
    service.here.feed(payable(1, to=1, status=PayableStatus.CANCELLED))
    service.here.sync()
    assert _delete(service, "payables/pay_1")[0] == 204

    service.here.feed(payable(1, to=1))
    service.here.sync()

    assert len(service.here.ours()) <= 1


def test_nothing_is_deleted_while_a_sync_works(service: Service) -> None:
    service.here.feed(connection(7, "Idle"))
    run = service.ask("POST", f"{service.one}/sync").json()
    with service.here.house.database.transaction() as tx:
        assert runs.start(tx, run["id"], service.here.house.clock.now())

    assert _delete(service, "connections/conn_7")[0] == 409
    service.here.work(run["id"])
    service.ask("DELETE", f"{service.one}/vendors/mappings/conn_7")
    assert _delete(service, "connections/conn_7")[0] == 204


def test_deleting_one_leaves_the_rest(service: Service) -> None:
    service.here.feed(payable(5, to=2))

    assert _delete(service, "payables/pay_5")[0] == 204
    assert service.ask("GET", f"{service.base}/records/payables").json()["total"] == 1
    assert _delete(service, "payables/pay_5")[0] == 404
