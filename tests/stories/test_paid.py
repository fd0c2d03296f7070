"""Failures with payments that others reported, by number; none of them may happen here."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from cleo_accounting.core.records import Role
from tests.flows.test_payments import left, live, paid_by_hand, payment
from tests.world import World, asked, connection, payable, source


@pytest.fixture
def ready(here: World) -> World:
    """A business with a bill and an invoice of $100 in QuickBooks, and a matched bank account."""
    owed_to_us = payable(2, to=2, role=Role.PAYEE)
    here.feed(
        connection(1, "One"), connection(2, "Two"), source(1, here.bank), payable(1), owed_to_us
    )
    assert not here.sync().errors
    return here


def _ever_created(here: World, kind: str) -> Counter[str]:
    """Count the entries ever created for each of our records, from the emulator's journal."""
    effects = [one.document() for one in here.intuit.emulator.journal.effects()]
    return Counter(
        one["after"]["PrivateNote"].split()[-1]
        for one in effects
        if one["entity"] == kind and one["before"] is None
    )


@pytest.mark.parametrize("kind", ["timeout_after_commit", "drop_after_commit"])
def test_story_4_payments_whose_answer_was_lost_are_recorded_once_each(
    ready: World, kind: str
) -> None:
    ready.intuit.emulator.turn(requestid="ignored")
    halves = [payment(1, cents=5_000), payment(2, cents=5_000)]  # equal except for their markers
    ready.feed(*halves, payment(3, of=2))
    ready.intuit.emulator.add_fault(kind, times=2, path="*/batch")

    assert ready.sync().state == "succeeded"
    assert (left(ready), left(ready, "INV-2", "Invoice")) == (0, 0)
    assert _ever_created(ready, "BillPayment") == {"CleoPay:pmt_1": 1, "CleoPay:pmt_2": 1}
    assert _ever_created(ready, "Payment") == {"CleoPay:pmt_3": 1}


def test_story_21_a_payment_of_a_document_without_a_balance_is_not_recorded(ready: World) -> None:
    paid_by_hand(ready)
    ready.feed(payment())

    item = asked(ready.sync(), "already_paid_there")

    assert item.record_id == "pmt_1"
    assert not ready.ours("BillPayment")
    assert left(ready) == 0


def test_story_21_an_invoice_that_a_credit_has_settled_is_not_paid_again(ready: World) -> None:
    (invoice,) = ready.numbered("INV-2", "Invoice")
    customer, books = {"CustomerRef": invoice["CustomerRef"]}, ready.intuit.company
    lines = [{**line, "Amount": 100} for line in invoice["Line"] if line.get("Id")]
    memo = books.create("CreditMemo", {**customer, "Line": lines})
    used = [
        {"Amount": 100, "LinkedTxn": [{"TxnId": one["Id"], "TxnType": kind}]}
        for one, kind in ((invoice, "Invoice"), (memo, "CreditMemo"))
    ]
    books.create("Payment", {**customer, "TotalAmt": 0, "Line": used})
    ready.feed(payment(3, of=2))

    asked(ready.sync(), "already_paid_there")

    assert not ready.ours("Payment")


def test_story_21_a_payment_that_is_taken_and_settles_nothing_is_voided_and_told(
    ready: World,
) -> None:
    ready.feed(payment(3, of=2))

    def move() -> None:
        (invoice,) = ready.numbered("INV-2", "Invoice")
        other = ready.intuit.company.create("Customer", {"DisplayName": "Somebody Else"})
        moved = {"CustomerRef": {"value": other["Id"]}}
        ready.intuit.company.update("Invoice", invoice["Id"], moved)

    item = asked(ready.sync_meanwhile(move), "unapplied")

    assert "0.00 USD of 100.00 USD" in (item.cause or "")
    assert not live(ready, "Payment")
    assert sum(Decimal(str(one["UnappliedAmt"])) for one in ready.books("Payment")) == 0
    assert left(ready, "INV-2", "Invoice") == 100


def test_story_22_a_payment_dated_in_a_closed_period_waits(ready: World) -> None:
    ready.intuit.company.close_books("2026-01-31")
    ready.feed(payment())

    item = asked(ready.sync(), "books_closed")

    assert "the books are closed" in (item.cause or "")
    assert not live(ready)
    assert left(ready) == 100


def test_story_22_a_bill_whose_vendor_was_merged_is_paid_at_the_vendor_that_it_has_now(
    ready: World,
) -> None:
    (bill,) = ready.numbered("INV-1")
    survivor = ready.intuit.company.create("Vendor", {"DisplayName": "Survivor"})
    ready.intuit.company.merge("Vendor", bill["VendorRef"]["value"], survivor["Id"])
    ready.feed(payment())

    ready.sync("invoices")

    (recorded,) = live(ready)
    assert recorded["VendorRef"]["value"] == survivor["Id"]
    assert left(ready) == 0
