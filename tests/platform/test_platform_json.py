"""The platform's documented records are accepted, and a typo in a used field is reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleo_accounting.core.records import Payable, Payment
from cleo_accounting.errors import Invalid
from cleo_accounting.platform import files, shape
from cleo_accounting.platform.lenient import OTHER, near_miss
from cleo_accounting.platform.rows import Bad, Taken

CONNECTION: dict[str, Any] = {
    "id": "conn_1",
    "businessId": "biz_1",
    "status": "active",
    "alias": None,
    "tags": None,
    "settings": {"netTerms": 30, "autoApprove": True, "approvers": ["usr_1"]},
    "businessName": "Us Inc",
    "connectedBusinessName": "Harbor Supply",
    "connectedBusinessId": "biz_9",
    "createdAt": "2026-01-01T00:00:00Z",
    "updatedAt": "2026-01-02T00:00:00Z",
}
SOURCE: dict[str, Any] = {
    "id": "fs_1",
    "businessId": "biz_1",
    "name": "Operating",
    "accountType": "checking",
    "lastFour": "4321",
    "default": None,
    "verified": True,
    "institution": {"name": "First Bank", "logo": None},
}
PAYABLE: dict[str, Any] = {
    "id": "pay_1",
    "businessId": "biz_1",
    "connectionId": "conn_1",
    "amount": 108.25,
    "currency": None,
    "description": "Pipes and fittings",
    "dueDate": "2026-03-02",
    "scheduledDate": "2026-03-01",
    "invoiceNumber": "INV-7",
    "memo": None,
    "lineItems": [
        {
            "id": "li_1",
            "description": None,
            "quantity": None,
            "unitPrice": 108.25,
            "taxCode": "A",
            "total": 108.25,
        }
    ],
    "attachments": None,
    "customFields": {"zone": "north", "nested": {"a": 1}, "none": None},
    "status": "APPROVED",
    "createdAt": "2026-02-01T09:00:00Z",
    "updatedAt": "2026-02-01T09:00:00Z",
}
PAYMENT: dict[str, Any] = {
    "id": "ach_1",
    "payableId": None,
    "fundingSourceId": "fs_1",
    "amount": "10.00",
    "clearingSpeed": "standard",
    "status": "completed",
    "recipient": {"name": "Harbor"},
}
EACH = {"connection": CONNECTION, "fundingSource": SOURCE, "payable": PAYABLE, "payment": PAYMENT}
WORDS = st.text(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_ \u00df\u0130\U0001f600", max_size=50
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def read(kind: str, value: object) -> Any:
    given_id = EACH[kind]["id"]
    return shape.read(shape.TYPES[kind], given_id, value, amounts_in="dollars", currency="USD")


def flaws(kind: str, value: object) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        read(kind, value)
    return {flaw.field: flaw.message for flaw in refused.value.flaws}


def outcome(kind: str, value: object) -> object:
    try:
        return read(kind, value)
    except Invalid as refusal:
        return refusal.flaws


@pytest.mark.parametrize("kind", list(EACH))
def test_a_document_of_the_platform_is_taken(kind: str) -> None:
    assert read(kind, EACH[kind]).id == EACH[kind]["id"]


def test_what_is_used_of_a_document_is_what_it_says() -> None:
    payable, payment = read("payable", PAYABLE), read("payment", PAYMENT)

    assert isinstance(payable, Payable)
    assert (payable.number, payable.memo, len(payable.lines)) == ("INV-7", None, 1)
    assert payable.lines[0].description == ""
    assert payable.lines[0].quantity == 1
    assert payable.custom_fields == (("zone", "north"),)
    assert isinstance(payment, Payment)
    assert payment.payable_id is None


def test_what_is_ignored_is_named_with_the_way_to_it() -> None:
    body = shape.parse(shape.PayableBody, "pay_1", PAYABLE)

    assert [name for _, name in shape.ignored(body)] == [
        "businessId",
        "description",
        "lineItems.id",
        "lineItems.taxCode",
        "lineItems.total",
        "scheduledDate",
        "updatedAt",
    ]


@pytest.mark.parametrize("kind", list(EACH))
@given(data=st.data())
def test_no_unknown_field_changes_what_is_taken(kind: str, data: st.DataObject) -> None:
    known = {str(one.alias) for one in shape.TYPES[kind].model_fields.values()}
    unknown = WORDS.filter(lambda name: name not in known and not near_miss(name, frozenset(known)))
    more = data.draw(st.dictionaries(unknown, ANYTHING, max_size=4))

    body = shape.parse(shape.TYPES[kind], EACH[kind]["id"], {**EACH[kind], **more})

    assert read(kind, {**EACH[kind], **more}) == read(kind, EACH[kind])
    for _, name in shape.ignored(body):
        assert name == OTHER or (name.isascii() and " " not in name and len(name) <= 80)


@pytest.mark.parametrize("kind", list(EACH))
def test_a_null_is_as_an_absent_field(kind: str) -> None:
    fields = [one for one in shape.TYPES[kind].model_fields.values() if not one.is_required()]
    for alias in (str(one.alias) for one in fields):
        without = {name: value for name, value in EACH[kind].items() if name != alias}
        assert outcome(kind, {**without, alias: None}) == outcome(kind, without), alias


def test_nulls_within_lists_and_lines_are_absent() -> None:
    line = {"unitPrice": 108.25}

    assert read("payable", {**PAYABLE, "lineItems": [None, {**line, "quantity": None}]}) == read(
        "payable", {**PAYABLE, "lineItems": [line]}
    )
    assert read("payable", {**PAYABLE, "lineItems": None}).lines == ()
    assert read("connection", {**CONNECTION, "tags": ["a", None]}).tags == ("a",)
    assert read("connection", {**CONNECTION, "settings": {"netTerms": None}}).net_terms_days is None
    assert set(flaws("payable", {**PAYABLE, "lineItems": [{"unitPrice": None}]})) == {
        "lineItems[0].unitPrice"
    }


MISSPELT = [
    ("payable", "invoiceNumber", "invoice_number"),
    ("payable", "invoiceNumber", "invoicenumber"),
    ("payable", "invoiceNumber", "InvoiceNumber"),
    ("payable", "invoiceNumber", "invoice number"),
    ("payable", "invoiceNumber", "invoiceNumbr"),
    ("payable", "invoiceNumber", "invioceNumber"),
    ("payable", "lineItems", "lineitems"),
    ("payable", "lineItems", "line_items"),
    ("payable", "lineItems", "lineItem"),
    ("payable", "amount", "Amount"),
    ("payable", "amount", "amounts"),
    ("payable", "dueDate", "due-date"),
    ("payable", "memo", "memos"),
    ("payable", "customFields", "customField"),
    ("payment", "payableId", "payable_id"),
    ("fundingSource", "lastFour", "last_four"),
    ("connection", "connectedBusinessName", "connectedBusinessname"),
    ("connection", "email", "eMail"),
]


@pytest.mark.parametrize(("kind", "meant", "written"), MISSPELT)
def test_a_typo_in_a_used_field_is_told_with_the_name_that_was_meant(
    kind: str, meant: str, written: str
) -> None:
    value = {name: one for name, one in EACH[kind].items() if name != meant}

    assert meant in flaws(kind, {**value, written: EACH[kind].get(meant) or "x"})[written]


def test_a_typo_in_a_line_or_in_the_settings_is_told_with_its_place() -> None:
    lines = [{"unitPrice": 1}, {"unit_price": 1}]

    assert (
        "unitPrice" in flaws("payable", {**PAYABLE, "lineItems": lines})["lineItems[1].unit_price"]
    )
    told = flaws("connection", {**CONNECTION, "settings": {"net_terms": 30}})
    assert "netTerms" in told["settings.net_terms"]


def test_a_second_spelling_beside_the_right_name_is_only_unknown() -> None:
    assert read("payable", {**PAYABLE, "invoice_number": "8"}).number == "INV-7"


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("payable", "status", "ON_HOLD"),
        ("payable", "status", "approved"),
        ("payable", "role", "sender"),
        ("connection", "status", "blocked"),
        ("payment", "status", "returned"),
        ("fundingSource", "accountType", "brokerage"),
    ],
)
def test_a_word_that_is_not_known_is_named(kind: str, field: str, value: str) -> None:
    told = flaws(kind, {**EACH[kind], field: value})[field]

    assert f"“{value}”" in told
    assert "must be one of" in told


@pytest.mark.parametrize("value", ["x" * 1000, "a\x1b[2Jb", "\ud800", 7, [], {"a": 1}, True])
def test_a_hostile_word_is_shown_short_and_printable(value: object) -> None:
    told = flaws("payable", {**PAYABLE, "status": value})["status"]

    assert told.isprintable()
    assert len(told) < 200


def test_files_and_the_api_take_the_same(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    lines = [{"type": kind, **value} for kind, value in EACH.items()]
    typo = {**{n: v for n, v in PAYABLE.items() if n != "amount"}, "Amount": 1, "type": "payable"}
    file.write_text("\n".join(json.dumps(one) for one in [*lines, typo]), encoding="utf-8")

    rows = list(files.read(file, amounts_in="dollars", currency="USD"))

    assert [row.record for row in rows if isinstance(row, Taken)] == [
        read(kind, value) for kind, value in EACH.items()
    ]
    assert ("payable", "description") in [
        one for row in rows if isinstance(row, Taken) for one in row.ignored
    ]
    (bad,) = [row for row in rows if isinstance(row, Bad)]
    assert "did you mean “amount”?" in bad.reason


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "is not JSON from line 1"),
        ("[]", "not a JSON object"),
        ('{"id": "c"}', "“type” is missing"),
        ('{"type": "vendor", "id": "c"}', "not “vendor”"),
        ('{"type": "payable"}', "“id” is missing"),
        ('{"type": "payable", "id": "c", "id": "d"}', "names a member twice"),
        ('{"type": "payable", "id": NaN}', "NaN"),
        ('{"n": ' + "9" * 5000 + "}", "beyond all measure"),
        ("[" * 100_000, "beyond all measure"),
    ],
)
def test_a_line_that_is_no_record_is_told_in_our_words(
    tmp_path: Path, line: str, said: str
) -> None:
    file = tmp_path / "records.jsonl"
    file.write_text(line, encoding="utf-8")

    (bad,) = files.read(file, amounts_in="dollars", currency="USD")

    assert isinstance(bad, Bad)
    assert said in bad.reason
    assert "Expecting" not in bad.reason
    assert "Exceeds" not in bad.reason
