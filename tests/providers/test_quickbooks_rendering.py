"""Equal content is rendered to equal bytes, and amounts are exact to the last digit."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleo_accounting.core.links import (
    Document,
    DocumentLine,
    Item,
    Link,
    Origin,
    Party,
    RemoteKind,
)
from cleo_accounting.core.records import Money
from cleo_accounting.providers import Order
from tests.providers.world import bill, invoice, key, reply, scripted

COMPANY = scripted(reply())[0]
LINK = Link("pay_1001", RemoteKind.BILL, "130", "4", Origin.CREATED)

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
maybe_words = st.none() | words
money = st.integers(-(10**14), 10**14).map(lambda minor: Money(minor, "USD"))
decimals = st.decimals(
    min_value=Decimal("-1e12"), max_value=Decimal("1e12"), allow_nan=False, places=7
)
documents = st.builds(
    Document,
    party_id=words,
    number=words,
    dated=st.dates(),
    lines=st.lists(
        st.builds(
            DocumentLine,
            description=words,
            amount=money,
            item_id=words,
            quantity=decimals,
            unit_price=decimals,
            class_id=maybe_words,
        ),
        max_size=3,
    ).map(tuple),
    total=money,
    note=words,
    marker=words,
    due=st.none() | st.dates(),
    ap_account_id=maybe_words,
    department_id=maybe_words,
    terms_id=maybe_words,
)


def exact(body: str) -> Any:
    """Parse a document, keeping its numbers as strings, exactly as written."""
    return json.loads(body, parse_float=str, parse_int=str)


@given(documents)
def test_the_same_content_gives_the_same_bytes_and_every_digit(document: Document) -> None:
    body = COMPANY.render(RemoteKind.INVOICE, document)

    assert body == COMPANY.render(RemoteKind.INVOICE, document)
    for line, written in zip(document.lines, exact(body)["Invoice"]["Line"], strict=True):
        detail = written["SalesItemLineDetail"]
        assert Decimal(written["Amount"]) == line.amount.decimal
        assert Decimal(detail["Qty"]) == line.quantity
        assert Decimal(detail["UnitPrice"]) == line.unit_price
        assert not {"e", "E"} & {*written["Amount"], *detail["Qty"], *detail["UnitPrice"]}


def test_a_price_is_written_the_same_whatever_its_zeros() -> None:
    assert COMPANY.render(RemoteKind.INVOICE, invoice(unit_price="1.50")) == COMPANY.render(
        RemoteKind.INVOICE, invoice(unit_price="1.5")
    )


def test_a_bill_names_its_vendor_account_dates_and_mark() -> None:
    document = bill(due=date(2026, 2, 4), terms_id="3", department_id="9", ap_account_id="33")

    assert json.loads(COMPANY.render(RemoteKind.BILL, document)) == {
        "operation": "create",
        "Bill": {
            "VendorRef": {"value": "56"},
            "DocNumber": "1001",
            "TxnDate": "2026-01-05",
            "DueDate": "2026-02-04",
            "PrivateNote": "As agreed\nCleoPay:pay_1001",
            "APAccountRef": {"value": "33"},
            "DepartmentRef": {"value": "9"},
            "SalesTermRef": {"value": "3"},
            "Line": [
                {
                    "Amount": 100,
                    "Description": "Oat milk",
                    "DetailType": "AccountBasedExpenseLineDetail",
                    "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "7"}},
                }
            ],
            "CurrencyRef": {"value": "USD"},
        },
    }


def test_a_change_is_sparse_and_yet_names_the_vendor_and_every_line() -> None:
    written = json.loads(COMPANY.render(RemoteKind.BILL, bill(), link=LINK))

    assert written["operation"] == "update"
    assert written["Bill"]["sparse"] is True
    assert (written["Bill"]["Id"], written["Bill"]["SyncToken"]) == ("130", "4")
    assert written["Bill"]["VendorRef"] == {"value": "56"}
    assert len(written["Bill"]["Line"]) == 1
    assert "CurrencyRef" not in written["Bill"]


def test_a_double_number_is_asked_for_only_when_it_is_allowed() -> None:
    plain = COMPANY.render(RemoteKind.BILL, bill())
    allowed = COMPANY.render(RemoteKind.BILL, bill(), allow_duplicate_number=True)

    assert "optionsData" not in json.loads(plain)
    assert json.loads(allowed)["optionsData"] == "allowduplicatedocnum"


def test_bills_are_deleted_and_invoices_voided_and_nothing_else_removed() -> None:
    deletion = json.loads(COMPANY.render_removal(RemoteKind.BILL, LINK))
    void = json.loads(COMPANY.render_removal(RemoteKind.INVOICE, LINK))

    assert deletion == {"operation": "delete", "Bill": {"Id": "130", "SyncToken": "4"}}
    assert void == {
        "operation": "update",
        "optionsData": "void",
        "Invoice": {"Id": "130", "SyncToken": "4", "sparse": True},
    }
    with pytest.raises(ValueError, match="not removed"):
        COMPANY.render_removal(RemoteKind.VENDOR, LINK)


def test_parties_and_items_carry_what_we_know_and_nothing_empty() -> None:
    vendor = json.loads(COMPANY.render(RemoteKind.VENDOR, Party("Zoë's “Café”", email="z@c.test")))
    item = json.loads(COMPANY.render(RemoteKind.ITEM, Item("Services", "79")))

    assert vendor["Vendor"] == {
        "DisplayName": "Zoë's “Café”",
        "PrimaryEmailAddr": {"Address": "z@c.test"},
    }
    assert item["Item"] == {
        "Name": "Services",
        "Type": "Service",
        "IncomeAccountRef": {"value": "79"},
    }


def test_a_batch_carries_the_frozen_bytes_untouched() -> None:
    company, script, _ = scripted(reply())
    bodies = [company.render(RemoteKind.BILL, bill(number)) for number in ("1", "é'2\\")]
    orders = [Order(f"i{at}", RemoteKind.BILL, body, "USD") for at, body in enumerate(bodies)]

    company.write(orders, key=key())

    raw = script.asked[0].content.decode()
    assert all(body[1:] in raw for body in bodies)
    items = json.loads(raw)["BatchItemRequest"]
    assert [item.pop("bId") for item in items] == ["i0", "i1"]
    assert items == [json.loads(body) for body in bodies]


def test_a_batch_too_large_or_with_keys_too_long_is_never_sent() -> None:
    company, script, _ = scripted(reply())
    order = Order("1", RemoteKind.BILL, company.render(RemoteKind.BILL, bill()), "USD")

    for orders, under in (
        ([], key()),
        ([order] * 31, key()),
        ([order, order], key()),
        ([order], "k" * 37),
        ([Order("12345678901", order.kind, order.body, "USD")], key()),
    ):
        with pytest.raises(AssertionError):
            company.write(orders, key=under)

    assert script.asked == []
