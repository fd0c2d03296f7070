"""A person resolves on the page that a bill was already entered in QuickBooks by hand."""

from __future__ import annotations

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.store import links
from tests.page import deeds, paying
from tests.page.forms import Person
from tests.page.house import Place


def someone(place: Place) -> Person:
    deeds.typed_by_hand(place)
    return Person(place.visitor("bookkeeper"), place.page)


def linked(place: Place) -> str | None:
    with place.world.house.database.reading() as tx:
        found = links.links_of(tx, place.world.integration_id, RemoteKind.BILL)
    return found["pay_1"].remote_id if "pay_1" in found else None


def test_the_row_shows_what_is_in_quickbooks_and_why_it_may_be_the_same(place: Place) -> None:
    person = someone(place)

    person.go("/issues")
    row = person.words(deeds.mark(deeds.BILL))

    (bill,) = place.world.numbered("INV-1")
    assert f"/app/bill?txnId={bill['Id']}" in (person.answer.text if person.answer else "")
    for said in ("INV-1", "$100.00", "Open", "Same number", "It is not in QuickBooks yet"):
        assert said in row


def test_a_viewer_sees_it_and_has_no_button(place: Place) -> None:
    deeds.typed_by_hand(place)
    person = Person(place.visitor("viewer"), place.page)

    person.go("/issues")
    row = person.words(deeds.mark(deeds.BILL))

    assert "Same number" in row
    assert "Link this document" not in row


@pytest.mark.parametrize("button", ["Undo", "Unlink"])
def test_a_link_is_taken_back_by_a_button(place: Place, button: str) -> None:
    person = someone(place)
    person.go("/issues")
    words = person.press("Link this document", deeds.mark(deeds.BILL))
    assert "It will be linked to the one in QuickBooks." in words
    if button == "Undo":
        person.press(button)
    else:
        deeds.work(place)
        assert linked(place)
        person.go("/issues")
        person.press(button)
        deeds.sync_now(person)
    deeds.work(place)

    assert linked(place) is None
    assert "may be the same" in person.go("/issues")


def test_a_payment_recorded_by_hand_is_told_by_its_day_and_opens_in_quickbooks(
    place: Place,
) -> None:
    paying.after(paying.by_hand("100.00"))(place)
    person = Person(place.visitor("bookkeeper"), place.page)

    person.go("/issues")
    row = person.words(deeds.mark(paying.PAYMENT))

    (by_hand,) = place.world.books("BillPayment")
    assert f"/app/billpayment?txnId={by_hand['Id']}" in (
        person.answer.text if person.answer else ""
    )
    for said in ("Bill payment without a number", "$100.00", "it pays the same bill"):
        assert said in row
    assert "It is that payment (" in row
    assert "Open" not in row  # a payment has no open balance
