"""The plan of payments, tested on plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from cleo_accounting.core import kinds
from cleo_accounting.core.fields import InvoiceFields
from cleo_accounting.core.links import (
    Document,
    Link,
    Origin,
    Profile,
    Remote,
    RemoteKind,
    Settlement,
)
from cleo_accounting.core.movements import mark_of, returned
from cleo_accounting.core.outstanding import Found, Outstanding
from cleo_accounting.core.past import UNAPPLIED, removed
from cleo_accounting.core.payments import PaymentPlanner
from cleo_accounting.core.plan import Create, Keep, Leave, Operation, Remove, Verdict
from cleo_accounting.core.records import (
    Money,
    Part,
    Payable,
    PayableStatus,
    Payment,
    PaymentStatus,
    Role,
)
from cleo_accounting.core.twins import Words

DAY = date(2026, 1, 20)
BILL, BILL_PAYMENT = RemoteKind.BILL, RemoteKind.BILL_PAYMENT
CREDIT = RemoteKind.VENDOR_CREDIT


def usd(cents: int) -> Money:
    return Money(cents, "USD")


def payable(number: int = 1, to: str = "conn_1", **more: Any) -> Payable:
    return Payable(
        f"payable_{number}",
        to,
        more.pop("role", Role.PAYER),
        PayableStatus.APPROVED,
        usd(10_000),
        date(2026, 1, 5),
        number=f"INV-{number}",
        **more,
    )


def credit() -> Payable:
    """Return a payable with a negative amount, for the same vendor."""
    return replace(payable(9), id="credit_9", amount=usd(-5_000))


def payment(cents: int = 10_000, **more: Any) -> Payment:
    made: dict[str, Any] = {
        "id": "pmt_1",
        "funding_source_id": "fs_1",
        "amount": usd(cents),
        "status": PaymentStatus.COMPLETED,
        "payable_id": "payable_1",
        "paid_on": DAY,
    }
    return Payment(**{**made, **more})


def planner(**more: Any) -> PaymentPlanner:
    """Return a planner that knows two payables of a vendor, their bills, and a bank account."""
    known: dict[str, Any] = {
        "kind": kinds.BILL_PAYMENT,
        "profile": Profile("1", "Books", "US", "USD"),
        "fields": InvoiceFields(),
        "today": date(2026, 2, 1),
        "payables": {one.id: one for one in (payable(1), payable(2), credit())},
        "documents": {
            f"payable_{number}": Link(f"payable_{number}", BILL, f"8{number}", "0", Origin.CREATED)
            for number in (1, 2)
        },
        "credits": {"credit_9": Link("credit_9", CREDIT, "89", "0", Origin.CREATED)},
        "parties": {"conn_1": Link("conn_1", RemoteKind.VENDOR, "5", "0", Origin.CREATED)},
        "accounts": {"fs_1": Link("fs_1", RemoteKind.ACCOUNT, "35", "0", Origin.LINKED)},
        "banks": {"35": bank()},
        "sources": {"fs_1": "Operating"},
        "names": {"conn_1": "Acme"},
        "verdicts": {},
    }
    return PaymentPlanner(**{**known, **more})


def bank(**more: Any) -> Remote:
    return Remote(RemoteKind.ACCOUNT, "35", "0", "Checking", details={"type": "Bank"}, **more)


def planned(given: Payment | None = None, link: Link | None = None, **more: Any) -> Operation:
    one = given or payment()
    (operation,) = planner(**more).plan([one], {one.id: link} if link else {})
    return operation


def written(mark: str | None = None, **more: Any) -> Link:
    """Return the link of a payment that was recorded."""
    link = Link("pmt_1", BILL_PAYMENT, "90", "0", Origin.CREATED, mark or mark_of(payment()))
    return replace(link, **more)


def leave(*given: Any, **more: Any) -> Leave:
    operation = planned(*given, **more)
    assert isinstance(operation, Leave), operation
    return operation


def bill(balance: str = "100.00", **details: str) -> Remote:
    content = Document("5", "INV-1", date(2026, 1, 5), (), usd(10_000), "", "")
    known = {"total": "100.00", "balance": balance, "currency": "USD", **details}
    return Remote(BILL, "81", "0", "INV-1", details=known, content=content)


def in_view_of(found: Found, given: Payment | None = None) -> Operation:
    create = planned(given)
    assert isinstance(create, Create)
    return Outstanding().settle(create, found)


def reasons() -> Iterator[Leave]:
    """Yield one operation for each reason why a payment is left."""
    for status in PaymentStatus:
        if status is not PaymentStatus.COMPLETED:
            yield leave(payment(status=status))
    failed = payment(status=PaymentStatus.FAILED)
    past = removed(BILL_PAYMENT, returned(failed), DAY)
    yield leave(failed, past={"pmt_1": past})
    yield leave(failed, written(gone=True))
    yield leave(failed, written(origin=Origin.MATCHED))
    yield leave(payment(9_000), written())
    yield leave(payment(), written(gone=True))
    yield leave(payment(payable_id=None), written(), recorded={"pmt_1": BILL_PAYMENT})
    yield leave(payment(), verdicts={"pmt_1": Verdict("leave_out", "paid in cash", "jane")})
    yield leave(payment(), fields=InvoiceFields(go_live=date(2026, 2, 1)))
    yield leave(payment(-1))
    parts = (Part("payable_1", usd(1)),)
    yield leave(payment(2, payable_id=None, parts=parts))
    yield leave(payment(amount=Money(1, "EUR")))
    multi = Profile("1", "Books", "US", "USD", multicurrency=True)
    yield leave(payment(amount=Money(1, "EUR")), profile=multi)
    yield leave(payment(), payables={})
    yield leave(
        payment(), documents={}, held_up={"payable_1": "it is skipped (“Not approved yet”)."}
    )
    yield leave(payment(), accounts={})
    yield leave(payment(), banks={"35": bank(active=False)})
    closed = Profile("1", "Books", "US", "USD", closed_until=date(2026, 1, 31))
    yield leave(payment(), profile=closed)
    euros = Remote(RemoteKind.ACCOUNT, "35", "0", "Euros", details={"currency": "EUR"})
    yield leave(payment(), banks={"35": euros})
    both = (Part("payable_1", usd(1)), Part("payable_2", usd(1)))
    others = {one.id: one for one in (payable(1), payable(2, "conn_2"))}
    yield leave(payment(2, payable_id=None, parts=both), payables=others)
    used = (Part("credit_9", usd(5_000)),)
    some = planned(payment(5_000, credits=used))
    assert isinstance(some, Create)
    there = Found({"81": bill("100.00"), "89": bill("49.99")})
    left = Outstanding().settle(some, there)
    assert isinstance(left, Leave)
    yield left
    for found in (
        Found(),
        Found({"81": bill("40.00")}),
        Found({"81": bill("0", payments="70")}, {"70": by_hand()}),
        Found(words=Words(same={"pmt_1": "70"})),
    ):
        left = in_view_of(found)
        assert isinstance(left, Leave)
        yield left
    create = planned()
    unapplied = {**UNAPPLIED, "applied": "0.00 USD", "total": "100.00 USD"}
    past = removed(BILL_PAYMENT, unapplied, DAY)
    yield Leave(create.kind, "pmt_1", "Payment", past.code, past.facts)  # type: ignore[union-attr]


def by_hand(cents: int = 10_000) -> Remote:
    """Return a payment of the first bill that a person recorded in QuickBooks."""
    create = planned(payment(cents))
    assert isinstance(create, Create)
    content = create.content
    assert isinstance(content, Settlement)
    return Remote(BILL_PAYMENT, "70", "0", "", content=replace(content, marker=""))


def test_a_completed_payment_is_recorded_with_what_it_pays() -> None:
    create = planned()

    assert isinstance(create, Create)
    assert isinstance(create.content, Settlement)
    assert create.label == "INV-1 to Acme"
    assert create.content.note == "Payment of INV-1: Acme\nCleoPay:pmt_1"
    assert [(one.document_id, one.amount) for one in create.content.applied] == [
        ("81", usd(10_000))
    ]


def test_only_payments_of_its_own_kind_are_planned() -> None:
    payee = {"payable_1": payable(role=Role.PAYEE)}

    assert list(planner(payables=payee).plan([payment()], {})) == []
    kind = kinds.CUSTOMER_PAYMENT
    assert len(list(planner(kind=kind, payables=payee).plan([payment()], {}))) == 1
    assert list(planner(kind=kind, payables={}).plan([payment()], {})) == []


def test_a_payment_without_a_payable_is_none_of_a_document() -> None:
    assert list(planner().plan([payment(payable_id=None)], {})) == []


def test_that_a_payment_is_completed_is_no_change_of_it() -> None:
    early = payment(status=PaymentStatus.PROCESSING)
    completed = payment(completed_at=datetime(2026, 1, 21, tzinfo=UTC))

    assert mark_of(early) == mark_of(completed)


@pytest.mark.parametrize(
    ("dated", "given"),
    [
        (DAY, {"paid_on": DAY}),
        (date(2026, 1, 30), {"completed_at": datetime(2026, 1, 31, 3, tzinfo=UTC)}),
        (date(2026, 2, 1), {}),
    ],
    ids=["its own day", "the day it completed, in the zone of the business", "today"],
)
def test_the_date_of_a_payment(dated: date, given: dict[str, Any]) -> None:
    fields = InvoiceFields(time_zone="America/New_York")
    create = planned(payment(**{"paid_on": None, **given}), fields=fields)

    assert isinstance(create, Create)
    assert isinstance(create.content, Settlement)
    assert create.content.dated == dated


def test_what_was_recorded_stays_as_it_is() -> None:
    assert planned(payment(clearing_speed="fast"), written()) == Keep("pmt_1")
    under_way = payment(status=PaymentStatus.PROCESSING)
    assert planned(under_way, written(mark_of(under_way))) == Keep("pmt_1")


def test_a_returned_payment_is_removed_with_its_code() -> None:
    back = payment(status=PaymentStatus.FAILED, return_code="R03", returned_on=DAY)
    remove = planned(back, written())

    assert isinstance(remove, Remove)
    assert remove.facts["note"] == (
        "Payment returned by the bank with the code R03 on 2026-01-20 in Cleo Pay\nCleoPay:pmt_1"
    )


def test_the_vendor_is_the_one_that_the_bill_has_by_now() -> None:
    moved = bill()
    assert isinstance(moved.content, Document)
    moved = replace(moved, content=replace(moved.content, party_id="6"))

    create = in_view_of(Found({"81": moved}))

    assert isinstance(create, Create)
    assert isinstance(create.content, Settlement)
    assert create.content.party_id == "6"


def test_what_one_plan_pays_of_a_bill_is_added_up() -> None:
    outstanding, found = Outstanding(), Found({"81": bill()})
    creates = [planned(payment(cents, id=f"pmt_{cents}")) for cents in (6_000, 4_000, 1)]
    decided = [outstanding.settle(one, found) for one in creates if isinstance(one, Create)]

    assert [type(one) for one in decided] == [Create, Create, Leave]


def test_a_payment_of_the_same_amount_by_hand_is_offered() -> None:
    paid = bill("0", payments="70")
    offered = in_view_of(Found({"81": paid}, {"70": by_hand()}))
    another = in_view_of(Found({"81": paid}, {"70": by_hand(5_000)}))
    refused = in_view_of(
        Found({"81": paid}, {"70": by_hand()}, words=Words(others={"pmt_1": ["70"]}))
    )
    owned = in_view_of(Found({"81": paid}, {"70": by_hand()}, owners={"70": "pmt_9"}))

    told = [
        one.facts["twins"] for one in (offered, another, refused, owned) if isinstance(one, Leave)
    ]
    assert [len(twins) for twins in told] == [1, 0, 0, 0]
