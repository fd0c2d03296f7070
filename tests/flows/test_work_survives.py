"""A person's work on our documents survives our updates, except for what an update changes.

Hypothesis draws the person's work, from every property of header and lines that the emulator
models and from unknown ones, and our own change. `make survive` draws thousands.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from itertools import count
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from cleo_accounting.core.records import Connection, LineItem, Money, Payable, Role
from cleo_accounting.flows.reporting.progress import RunStatus
from cleo_accounting.store.database import Database
from tests.world import World, connection, payable, world

ASKED = ("changed_there", "paid_there", "below_paid")
WORDS = st.text("abcXYZ 019.,-é“”", min_size=1, max_size=12).map(str.strip).filter(bool)
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
UNKNOWN = st.recursive(
    st.booleans() | st.integers(-9, 9) | WORDS,
    lambda some: st.lists(some, max_size=2) | st.dictionaries(WORDS, some, max_size=2),
    max_leaves=4,
)
PRICES = st.integers(1, 99_999).map(lambda cents: Decimal(cents).scaleb(-2))
LINES = st.builds(
    LineItem, WORDS, st.sampled_from([Decimal(1), Decimal(2), Decimal("0.5")]), PRICES
)
# Properties that follow from others, or that every write increments.
DERIVED = {"SyncToken", "MetaData", "TotalAmt", "Balance", "HomeTotalAmt", "HomeBalance"}
NUMBERS = count(1)


@dataclass
class Books:
    """A connected company, and references to what people may put on its documents."""

    here: World
    references: dict[str, dict[str, str]] = field(default_factory=dict)


@contextmanager
def books(database: Database) -> Iterator[Books]:
    with world(database) as here:
        here.open_for_business()
        here.intuit.company.configure(custom_sales_numbers=True, classes_per_transaction=True)
        here.intuit.emulator.turn(unknown_properties="kept")
        made = {
            "Customer": {"DisplayName": "Rebilled to"},
            "Class": {"Name": "North"},
            "Department": {"Name": "Workshop"},
            "Term": {"Name": "Net 45", "DueDays": 45},
            "Account": {"Name": "Somewhere else", "AccountType": "Expense"},
        }
        references = {
            kind: {"value": here.intuit.company.create(kind, document)["Id"]}
            for kind, document in made.items()
        }
        yield Books(here, references)


@pytest.fixture(scope="module")
def kept(new_sqlite: Any) -> Iterator[Books]:
    """One company for all examples, each of which has its own records."""
    database = Database(new_sqlite())
    with books(database) as made:
        yield made
    database.close()


def _header(at: Books, role: Role) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy of the changes a person may make to a document besides its lines."""
    reference = at.references
    both = {
        "DueDate": DAYS.map(str),
        "TxnDate": DAYS.map(str),
        "SalesTermRef": st.just(reference["Term"]),
        "DepartmentRef": st.just(reference["Department"]),
        "DocNumber": st.integers(1, 10**6).map(lambda n: f"HAND-{n}"),
        "TransactionLocationType": WORDS,
        "Novelty": UNKNOWN,
    }
    bills = {"VendorAddr": st.builds(_address, WORDS), "CustomField": UNKNOWN}
    invoices = {
        "CustomerMemo": WORDS.map(lambda words: {"value": words}),
        "BillEmail": st.just({"Address": "ap@harbor.example"}),
        "ShipAddr": st.builds(_address, WORDS),
        "ClassRef": st.just(reference["Class"]),
        "TrackingNum": WORDS,
        "ShipDate": DAYS.map(str),
        "AllowOnlinePayment": st.booleans(),
        "CustomField": WORDS.map(lambda words: [{"DefinitionId": "1", "StringValue": words}]),
    }
    own = bills if role is Role.PAYER else invoices
    return st.fixed_dictionaries({}, optional={**both, **own})


def _address(words: str) -> dict[str, str]:
    return {"Line1": words, "City": "Harbor"}


def _detail(at: Books, role: Role) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy of the details a person may put on a line."""
    reference = at.references
    both = {"ClassRef": st.just(reference["Class"]), "Novelty": UNKNOWN}
    bills = {
        "CustomerRef": st.just(reference["Customer"]),
        "AccountRef": st.just(reference["Account"]),
        "MarkupInfo": st.just({"PercentBased": True, "Percent": 10}),
    }
    invoices = {"ServiceDate": DAYS.map(str), "PriceLevelRef": UNKNOWN}
    own = bills if role is Role.PAYER else invoices
    return st.fixed_dictionaries({}, optional={**both, **own})


def _kind(role: Role) -> str:
    return "Bill" if role is Role.PAYER else "Invoice"


def _document(here: World, record: Payable) -> dict[str, Any]:
    found = [one for one in here.ours(_kind(record.role)) if _marks(one, record)]
    assert len(found) == 1
    return found[0]


def _marks(document: dict[str, Any], record: Payable) -> bool:
    return f"CleoPay:{record.id}" in document["PrivateNote"].split()


def _lines(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for line in document["Line"] if line["DetailType"] != "SubTotalLineDetail"]


def _work(at: Books, data: st.DataObject, record: Payable) -> None:
    """Change the document, its lines, or both, as a person, and sometimes pay a part of it."""
    document, role = _document(at.here, record), record.role
    changes: dict[str, Any] = data.draw(_header(at, role), label="header")
    lines: list[dict[str, Any]] = []
    for line in _lines(document):
        name = line["DetailType"]
        detail = data.draw(_detail(at, role), label="line")
        whole = {**line, name: {**line.get(name, {}), **detail}} if name in line else dict(line)
        whole |= data.draw(st.fixed_dictionaries({}, optional={"Oddity": UNKNOWN}))
        if data.draw(st.integers(0, 9)) == 0:
            whole["Description"] = data.draw(WORDS)
        lines.append(whole)
    if data.draw(st.booleans(), label="a line of theirs"):
        lines.insert(data.draw(st.integers(0, len(lines))), _own_line(document, data))
    if lines != _lines(document):
        changes["Line"] = lines
    if changes:
        at.here.intuit.company.update(_kind(role), document["Id"], changes)
    if data.draw(st.integers(0, 5), label="pays") == 0:
        facts = {"realm_id": at.here.intuit.realm_id, "deed": "pay", "id": document["Id"]}
        more = {"kind": _kind(role), "amount": "0.01"}
        at.here.intuit.emulator.act("person", facts | more)


def _own_line(document: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """Return a line that a person adds: with an amount, or with a description only."""
    if data.draw(st.booleans()):
        return {"DetailType": "DescriptionOnly", "Description": data.draw(WORDS)}
    first = next(line for line in _lines(document) if line.get("Amount"))
    name = first["DetailType"]
    plain = {key: each for key, each in first[name].items() if key not in ("Qty", "UnitPrice")}
    words = f"theirs {data.draw(WORDS)}"
    return {"DetailType": name, "Description": words, "Amount": data.draw(PRICES), name: plain}


def _amended(record: Payable, data: st.DataObject) -> Payable:
    """Return our record with a change: of a text, a date, or one of its lines."""
    lines = list(record.lines)
    what = data.draw(st.sampled_from(["memo", "due", "price", "text", "add", "drop"]), label="ours")
    if what == "memo":
        return replace(record, memo=f"{record.memo or 'memo'} again")
    if what == "due":
        return replace(record, due_on=data.draw(DAYS))
    at = data.draw(st.integers(0, len(lines) - 1))
    if what == "price":
        lines[at] = replace(lines[at], unit_price=lines[at].unit_price + 1)
    elif what == "text":
        lines[at] = replace(lines[at], description=f"{lines[at].description} new")
    elif what == "add":
        lines.append(data.draw(LINES))
    elif len(lines) > 1:
        del lines[at]
    return _totalled(replace(record, lines=tuple(lines)))


def _totalled(record: Payable) -> Payable:
    cents = sum(line.amount("USD").minor for line in record.lines)
    return replace(record, amount=Money(cents, "USD"))


def _changed_fields(before: Payable, after: Payable) -> set[str]:
    """Return the properties that our change is meant to change."""
    found = set()
    if before.memo != after.memo:
        found.add("PrivateNote")
    if before.due_on != after.due_on:
        found.add("DueDate")
    if before.lines != after.lines:
        found |= {"Line", "TxnTaxDetail"}
    return found


def _others(line: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a line that we must never change."""
    kept = {
        name: each
        for name, each in line.items()
        if name not in ("LineNum", "Description", "Amount", line["DetailType"])
    }
    inside = line.get(line["DetailType"], {})
    detail = {name: each for name, each in inside.items() if name not in ("Qty", "UnitPrice")}
    return {**kept, "detail": detail}


def _check(
    record: Payable, ours: Payable, before: dict[str, Any], after: dict[str, Any], told: RunStatus
) -> None:
    asked = [one.code for one in told.errors if one.record_id == ours.id and one.code in ASKED]
    if asked:
        assert after == before
        return
    meant = _changed_fields(record, ours)
    for name in {*before, *after} - meant - DERIVED - {"Line"}:
        assert after.get(name) == before.get(name), name
    if "Line" not in meant:
        assert after["Line"] == before["Line"]
        return
    kept = {line["Id"]: line for line in _lines(after)}
    gone = 0
    for line in _lines(before):
        if line["Id"] not in kept:
            gone += 1
            continue
        assert _others(kept[line["Id"]]) == _others(line)
    assert gone <= len(record.lines) - len(ours.lines) or gone == 0
    amounts = [Decimal(str(line.get("Amount", 0))) for line in _lines(after)]
    for line in ours.lines:
        assert line.amount("USD").decimal in amounts
    theirs = [line for line in _lines(before) if _is_theirs(line)]
    assert all(line["Id"] in kept for line in theirs)


def _is_theirs(line: dict[str, Any]) -> bool:
    only_words = line["DetailType"] == "DescriptionOnly"
    return only_words or str(line.get("Description", "")).startswith("theirs ")


@pytest.mark.parametrize("role", [Role.PAYER, Role.PAYEE])
@settings(max_examples=max(10, settings().max_examples // 4))
@given(data=st.data())
def test_a_persons_work_on_a_document_survives(
    kept: Books, role: Role, data: st.DataObject
) -> None:
    here, number = kept.here, next(NUMBERS)
    lines = tuple(data.draw(st.lists(LINES, min_size=1, max_size=3), label="lines"))
    # A vendor and a customer cannot have one name, and both roles share the company.
    to, name = (1000, "Harbor Supplies") if role is Role.PAYER else (1001, "Zebra Events")
    record = _totalled(
        replace(payable(number, to=to, role=role, number=f"N-{number}"), lines=lines)
    )
    here.feed(connection(to, name), record)
    here.sync("vendors", "invoices")
    for _ in range(data.draw(st.integers(1, 2), label="rounds")):
        _work(kept, data, record)
        before = _document(here, record)
        ours = _amended(record, data)
        note(f"{record}\n→ {ours}\n{before}")
        here.feed(ours)

        told = here.sync("invoices")

        _check(record, ours, before, _document(here, ours), told)
        record = ours


@pytest.mark.parametrize("role", [Role.PAYER, Role.PAYEE])
@settings(max_examples=max(10, settings().max_examples // 4))
@given(data=st.data())
def test_a_persons_work_on_a_vendor_or_customer_survives(
    kept: Books, role: Role, data: st.DataObject
) -> None:
    here, number = kept.here, next(NUMBERS)
    kind = "Vendor" if role is Role.PAYER else "Customer"
    party = sha256(str(number).encode()).hexdigest()[:12]  # a name that resembles no other
    first = connection(number, party, email=f"first@{party}.example")
    here.feed(first, payable(number, to=number, role=role, number=f"N-{number}"))
    here.sync("vendors")
    (made,) = [one for one in here.books(kind) if one["DisplayName"] == party]
    changes = data.draw(_entered(kept, kind), label="theirs")
    if changes:
        here.intuit.company.update(kind, made["Id"], changes)
    before = here.intuit.company.get(kind, made["Id"])
    ours: Connection = data.draw(
        st.sampled_from(
            [
                replace(first, name=f"{party} renamed"),
                replace(first, email="second@harbor.example"),
                replace(first, name=f"{party} renamed", email=None),
            ]
        ),
        label="ours",
    )
    here.feed(ours)

    told = here.sync("vendors")

    after = here.intuit.company.get(kind, made["Id"])
    assert before
    assert after
    asked = [one for one in told.errors if one.record_id == ours.id and one.code in ASKED]
    meant = set()
    if not asked and ours.name != first.name:
        meant |= {"DisplayName", "FullyQualifiedName", "PrintOnCheckName"}
    if not asked and ours.email not in (None, first.email):
        meant.add("PrimaryEmailAddr")
        assert after["PrimaryEmailAddr"]["Address"] == ours.email
    for name in {*before, *after} - meant - {"SyncToken", "MetaData"}:
        assert after.get(name) == before.get(name), name


def _entered(at: Books, kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy of the fields a person may enter for a vendor or customer."""
    fields: dict[str, st.SearchStrategy[Any]] = {
        "CompanyName": WORDS,
        "GivenName": WORDS,
        "PrimaryPhone": WORDS.map(lambda words: {"FreeFormNumber": words}),
        "PrimaryEmailAddr": st.just({"Address": "boss@harbor.example"}),
        "WebAddr": st.just({"URI": "https://harbor.example"}),
        "BillAddr": st.builds(_address, WORDS),
        "Notes": WORDS,
        "PrintOnCheckName": WORDS,
        "Novelty": UNKNOWN,
        "CustomField": UNKNOWN,
    }
    if kind == "Vendor":
        fields |= {"Vendor1099": st.booleans(), "AcctNum": WORDS, "TermRef": _just(at, "Term")}
    else:
        fields |= {"SalesTermRef": _just(at, "Term"), "Taxable": st.booleans()}
    return st.fixed_dictionaries({}, optional=fields)


def _just(at: Books, kind: str) -> st.SearchStrategy[dict[str, str]]:
    return st.just(at.references[kind])
