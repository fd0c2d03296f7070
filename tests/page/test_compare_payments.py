"""The comparison page and the weeks show payments separately from the documents they pay."""

from __future__ import annotations

from decimal import Decimal

from cleo_accounting.core.records import Role
from tests.page import deeds
from tests.page.forms import Person
from tests.page.house import Place, ask
from tests.page.paying import ACME, begun, payment
from tests.world import World, connection, payable, source


def paid(place: Place) -> World:
    """Sync a bill of $100 and its payment."""
    world = begun()(place)
    world.feed(payment())
    assert not world.sync().errors
    return world


def voided(place: Place) -> World:
    """Void the payment in QuickBooks, then reconcile."""
    world = paid(place)
    (there,) = world.books("BillPayment")
    world.intuit.company.void("BillPayment", there["Id"])
    world.house.clock.sleep(world.house.quiescence.total_seconds() + 1)
    deeds.compared(place)
    return world


def again(place: Place) -> None:
    place.world.house.clock.sleep(place.world.house.quiescence.total_seconds() + 1)
    deeds.compared(place)


def test_payments_have_a_row_of_their_own_and_what_is_open_is_told(place: Place) -> None:
    paid(place)
    deeds.compared(place)

    words = Person(place.visitor("viewer"), place.page).go("/compare")

    assert "Equal to the cent" in words
    assert "Bill payments 1 0 $100.00 $100.00" in words
    assert "1 vendor $0.00 $0.00" in words
    told = ask(place, "/reconciliation")
    assert [(one["kind"], one["ours"]) for one in told["kinds"] if one["equal"]] == [
        ("bill", {"USD": "100.00"}),
        ("bill_payment", {"USD": "100.00"}),
    ]
    vendors = next(one for one in told["open"] if one["party"] == "vendor")
    assert (vendors["ours"], vendors["theirs"]) == ({"USD": "0.00"}, {"USD": "0.00"})


def test_a_payment_voided_there_is_recorded_again_only_by_a_button(place: Place) -> None:
    world = voided(place)
    person = Person(place.visitor("bookkeeper"), place.page)
    words = person.go("/compare")
    assert "1 payment differs" in words
    assert "It was voided in QuickBooks." in words
    assert "Acme Paper\u2069 $0.00 $100.00" in words

    words = person.press("Create it again")
    assert "It is being created again." in words
    deeds.work(place)
    again(place)

    assert "Equal to the cent" in person.go("/compare")
    assert [one["TotalAmt"] for one in world.books("BillPayment")] == [0, 100]


def test_a_payment_voided_there_is_left_out_by_a_button(place: Place) -> None:
    world = voided(place)
    person = Person(place.visitor("bookkeeper"), place.page)
    person.go("/compare")

    person.press("Leave it out")
    again(place)

    assert "Equal to the cent" in person.go("/compare")
    assert [one["TotalAmt"] for one in world.books("BillPayment")] == [0]


def test_a_bill_that_somebody_else_paid_stays_so_by_a_button(place: Place) -> None:
    world = begun()(place)
    (bill,) = world.numbered("INV-1")
    world.intuit.company.pay_bill(bill["Id"], amount=float(Decimal(40)))
    deeds.compared(place)
    person = Person(place.visitor("bookkeeper"), place.page)
    words = person.go("/compare")
    assert "1 document differs" in words
    assert "Somebody else paid 40.00 USD of it on" in words
    (told,) = ask(place, "/reconciliation")["discrepancies"]
    assert (told["finding"], told["decisions"]) == ("paid", ["keep_theirs"])

    person.press("Keep QuickBooks version")
    again(place)

    words = person.go("/compare")
    assert "Equal to the cent" in words
    assert "1 document stays as QuickBooks has it, by your decision." in words


def test_the_weeks_show_paid_beside_sent_and_never_add_them_up(place: Place) -> None:
    paid(place)

    person = Person(place.visitor("viewer"), place.page)
    words = person.go("/activity")

    assert "Documents and payments per week" in words
    assert "Paid, money" in words
    assert person.answer is not None
    assert '<rect class="paid"' in person.answer.text
    (parts,) = [one["parts"] for one in ask(place, "/weeks")["weeks"] if one["parts"]]
    assert [(one["outcome"], one["number"], one["amounts"][0]["amount"]) for one in parts] == [
        ("paid", 1, "100.00"),
        ("sent", 1, "100.00"),
    ]


def test_what_is_on_hold_of_payments_is_told_apart(place: Place) -> None:
    """A payment that waits for its bill has the same amount, which is not added to the bill's."""
    waiting = payable(1, lines=[("Sum", "1", "99.00")])
    deeds.synced(ACME, source(1, "Rainy day fund", "0000"), waiting, payment())(place)
    person = Person(place.visitor("viewer"), place.page)

    words = person.go("")
    assert "$100.00 in 1 document and $100.00 in 1 payment are on hold." in words
    assert "Payments on hold $100.00" in words
    assert "; $100.00 is on hold, and $100.00 of payments." in person.go("/issues")
    told = ask(place, "/issues")
    assert [told[name] for name in ("onHold", "paymentsOnHold")] == [
        [{"currency": "USD", "amount": "100.00"}]
    ] * 2
    assert "$100.00" in person.go("/activity?kind=bill_payment&least=100")


def test_a_sync_held_against_its_preview_tells_payments_apart(place: Place) -> None:
    world = begun()(place)
    world.feed(payment(), connection(2, "Buyer"), payable(2, to=2, role=Role.PAYEE))
    world.sync(dry_run=True)
    told = world.sync()
    assert told.run is not None

    words = Person(place.visitor("viewer"), place.page).go(f"/activity/runs/{told.run.id}")

    assert "$100.00, $100.00 of payments" in words
