"""Any request gets a response, and the books stay in balance."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator.bookkeeper import Bookkeeper

ANSWERS = {200, 400, 404, 501}
OF_CHANGES = {"Id", "SyncToken", "DocNumber"}

odd_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["", "0", "-1", "1", "99999", "9999-12-31", "0001-01-01", "1e400", "Bill"]),
)
odd_values = st.recursive(
    odd_scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "name", "type", "Amount", "TxnId", "TxnType", "Id", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def documents(books: Bookkeeper) -> dict[str, dict[str, Any]]:
    bill = books.bill(100, DocNumber="B1")
    invoice = books.invoice(50)
    party = {"value": books.vendor}
    journal = {
        "Amount": 5,
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": {"PostingType": "Debit", "AccountRef": {"value": books.rent}},
    }
    opposite = copy.deepcopy(journal)
    opposite["JournalEntryLineDetail"]["PostingType"] = "Credit"
    return {
        "bill": {**bill, "Line": [*bill["Line"], books.item_line(10, 2, 5)]},
        "vendor": books.get(f"vendor/{books.vendor}"),
        "customer": books.get(f"customer/{books.customer}"),
        "employee": {"DisplayName": "Eve", "SSN": "123-45-6789", "HiredDate": "2025-01-01"},
        "account": books.get(f"account/{books.rent}"),
        "item": books.get(f"item/{books.item}"),
        "term": {"Name": "Net 7", "DueDays": 7, "DayOfMonthDue": None},
        "class": {"Name": "K", "ParentRef": {"value": "1"}},
        "vendorcredit": {"VendorRef": party, "Line": [books.line(5)]},
        "billpayment": books.payment_of((bill["Id"], 30)),
        "purchase": {
            "PaymentType": "Check",
            "AccountRef": {"value": books.checking},
            "EntityRef": {"value": books.vendor, "type": "Vendor"},
            "Line": [books.line(5)],
        },
        "invoice": invoice,
        "payment": {
            "CustomerRef": {"value": books.customer},
            "TotalAmt": 50,
            "Line": [{"Amount": 50, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}],
        },
        "deposit": {
            "DepositToAccountRef": {"value": books.checking},
            "Line": [
                {
                    "Amount": 5,
                    "DetailType": "DepositLineDetail",
                    "DepositLineDetail": {"AccountRef": {"value": books.rent}},
                }
            ],
        },
        "journalentry": {"Line": [journal, opposite]},
        "attachable": {
            "Note": "n",
            "AttachableRef": [{"EntityRef": {"type": "Bill", "value": bill["Id"]}}],
        },
        "companyinfo": {"SyncToken": "0", "LegalName": "L", "CompanyAddr": {"Line1": "x"}},
        "preferences": books.get("preferences"),
        "batch": {
            "BatchItemRequest": [
                {"bId": "1", "operation": "create", "Vendor": {"DisplayName": "V"}},
                {"bId": "2", "Query": "select * from Bill where TotalAmt > '1'"},
                {"bId": "3", "CDCQuery": {"Entities": "Bill", "ChangedSince": "2026-01-01"}},
            ]
        },
    }


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for name, inner in value.items():
            found += places(inner, (*path, name))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            found += places(inner, (*path, position))
    return found


def put(document: Any, path: tuple[Any, ...], value: Any) -> None:
    for step in path[:-1]:
        document = document[step]
    document[path[-1]] = value


@pytest.fixture(scope="module", params=["US", "GB"])
def desk(request: pytest.FixtureRequest) -> tuple[Bookkeeper, dict[str, dict[str, Any]]]:
    books = Bookkeeper(multicurrency=request.param == "GB")
    if request.param == "GB":
        books.company.switches = books.company.switches.changed({"transaction_currency": "assumed"})
    return books, documents(books)


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_any_document_gets_an_answer(
    desk: tuple[Bookkeeper, dict[str, dict[str, Any]]], data: st.DataObject
) -> None:
    books, originals = desk
    path = data.draw(st.sampled_from(sorted(originals)))
    document = copy.deepcopy(originals[path])
    if data.draw(st.booleans()):
        # Send it as a new object: an update has a current SyncToken only the first time.
        document = {key: value for key, value in document.items() if key not in OF_CHANGES}
    for _ in range(data.draw(st.integers(1, 2))):
        put(document, data.draw(st.sampled_from(places(document))), data.draw(odd_values))
    query = data.draw(
        st.sampled_from(
            [
                {},
                {"operation": "delete"},
                {"operation": "void"},
                {"operation": "update", "include": "void"},
                {"include": "allowduplicatedocnum"},
                {"requestid": "r"},
            ]
        )
    )

    response = books.send("POST", path, document, **query)

    assert response.status in ANSWERS
    assert set(json.loads(response.body)) & {"Fault", "time"}


words = st.sampled_from(
    [
        "select", "*", "count(*)", "from", "Bill", "Vendor", "where", "and", "Id", "TotalAmt",
        "TxnDate", "DocNumber", "VendorRef", "Active", "MetaData.LastUpdatedTime", "=", ">",
        "<=", "in", "(", ")", ",", "like", "'1'", "'%a%'", "'2026-01-05'", "true", "orderby",
        "order by", "desc", "startposition", "maxresults", "1", "0", "1001", "'", "\\'", "or",
        "CompanyInfo", "Preferences",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    statement=st.one_of(
        st.lists(words, max_size=14).map(" ".join),
        st.lists(words, max_size=8).map(lambda tail: "select * from Bill " + " ".join(tail)),
        st.text(max_size=30),
    )
)
def test_any_statement_gets_an_answer(
    desk: tuple[Bookkeeper, dict[str, dict[str, Any]]], statement: str
) -> None:
    response = desk[0].send("GET", "query", query=statement)

    assert response.status in ANSWERS
