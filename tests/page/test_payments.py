"""A bill's open balance and its payments on the record's page and on the overview."""

from __future__ import annotations

from cleo_accounting.core.records import PayableStatus, PaymentStatus
from tests.flows.test_payments import paid_by_hand
from tests.page.forms import Person
from tests.page.house import Place
from tests.page.paying import begun, payment
from tests.page.test_promises import person
from tests.world import payable

BILL = "/activity/bill/pay_1"


def read(one: Person, path: str = BILL) -> str:
    one.go(path)
    return one.words()


def test_a_bill_shows_what_is_open_of_it_and_its_payments(place: Place) -> None:
    here = begun()(place)
    one = person(place)
    assert "Open balance $100.00 of $100.00, unpaid As of" in read(one)
    assert "No payment of it has arrived from Cleo Pay." in one.words()

    here.feed(payment(6_000))
    here.sync()
    assert "$40.00 of $100.00, partly paid" in read(one)
    assert "$60.00 Completed Recorded" in one.words()

    theirs = paid_by_hand(here, 1_500)
    here.sync()
    assert "$25.00 of $100.00, partly paid" in read(one)
    told = f"QuickBooks has 1 payment of it that is not linked to a Cleo Pay payment: id {theirs}."
    assert told in one.words()

    here.feed(payment(6_000, status=PaymentStatus.FAILED))
    here.sync()
    assert "$85.00 of $100.00, partly paid" in read(one)
    assert "$60.00 Returned Voided by Cleo Pay" in one.words()
    assert "Open balance and payments" not in read(one, "/activity/bill_payment/pmt_1")


def test_nothing_is_made_up_for_a_bill_that_is_paid_without_a_payment(place: Place) -> None:
    begun(payable(1, status=PayableStatus.PAID))(place)
    one = person(place)

    assert "Paid on Cleo Pay. The payment has not been received yet" in read(one)
    assert "$100.00 of $100.00, unpaid" in one.words()


def test_the_overview_counts_each_payment_once(place: Place) -> None:
    here = begun()(place)
    one = person(place)
    assert "on the way" not in one.words()

    under_way = payment(id="pmt_2", payable_id="pay_2", status=PaymentStatus.PROCESSING)
    returned = payment(id="pmt_3", payable_id="pay_3", status=PaymentStatus.FAILED)
    here.feed(payable(2), payable(3), payment(6_000), under_way, returned)
    here.sync()
    assert "Payments 1 recorded · 1 on the way · 1 returned" in read(one, "")
