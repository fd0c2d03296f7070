"""The rows and timelines of payments on the page, and their links."""

from __future__ import annotations

import pytest

from cleo_accounting.core.records import PayableStatus, PaymentStatus
from tests.page import deeds
from tests.page.causes import LOUD
from tests.page.deeds import fed
from tests.page.forms import Person
from tests.page.house import Place
from tests.page.paying import LOUD as OF_PAYMENTS
from tests.page.paying import PAYMENT, after, begun, payment
from tests.page.test_every_cause import plain
from tests.world import payable


def someone(place: Place, role: str = "bookkeeper") -> Person:
    return Person(place.visitor(role), place.page)


def test_a_payment_that_waits_for_its_bill_leads_to_the_bill(place: Place) -> None:
    waits = payable(1, lines=(("Paper", "1", "99.00"),))  # its amount is 100.00
    after(of=begun(waits, payment()))(place)
    person = someone(place)

    person.go("/issues")
    row = plain(person.words(deeds.mark(PAYMENT)))
    assert "The bill INV-1 is not in QuickBooks: it needs attention itself (“Lines do not" in row
    assert "add up to" not in row  # only the bill's own row says that
    assert person.answer is not None
    assert 'activity/bill/pay_1">See bill' in person.answer.text

    bill = plain(person.go("/activity/bill/pay_1"))
    assert "Its lines add up to" in bill
    assert "See it under Issues" in bill


def test_a_bill_that_is_skipped_is_told_so_by_its_payment(place: Place) -> None:
    after(of=begun(payable(1, status=PayableStatus.SUBMITTED), payment()))(place)
    person = someone(place)

    person.go("/issues")
    row = plain(person.words(deeds.mark(PAYMENT)))
    assert "is not in QuickBooks: it is skipped (“Not approved yet”)." in row
    assert "See it under Issues" not in person.go("/activity/bill/pay_1")


@pytest.mark.parametrize("code", sorted(OF_PAYMENTS))
def test_no_row_of_a_payment_says_that_it_is_not_in_quickbooks_yet(place: Place, code: str) -> None:
    case = OF_PAYMENTS[code]
    case.happens(place)
    person = someone(place)

    person.go("/issues")

    assert "It is not in QuickBooks yet." not in person.words(deeds.mark(case.record))


def test_the_timeline_of_a_returned_payment_tells_the_return_once(place: Place) -> None:
    back = payment(status=PaymentStatus.FAILED, return_code="R01")
    after(fed(payment()), fed(back), lambda _: None, lambda _: None)(place)

    words = plain(someone(place).go("/activity/bill_payment/pmt_1"))

    assert words.count("with the code R01") == 1
    assert "2 later syncs found it unchanged" in words


def test_only_one_button_tries_again_for_who_may_not_do_better(place: Place) -> None:
    case = LOUD["no_permission"]
    case.happens(place)
    person = someone(place)

    person.go("/issues")

    assert person.words(deeds.mark(case.record)).count("Try again") == 1
