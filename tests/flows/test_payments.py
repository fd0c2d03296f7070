"""Payments of the platform are recorded in QuickBooks once, in full, for the right documents."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from cleo_accounting.core.fields import RecordPayments
from cleo_accounting.core.records import (
    Money,
    Part,
    PayableStatus,
    Payment,
    PaymentStatus,
    Role,
)
from cleo_accounting.flows.reporting import history
from tests.world import BUSINESS, World, asked, connection, decide, payable, source

pytestmark = pytest.mark.both


PAID_ON = date(2026, 1, 20)


def payment(
    number: int = 1,
    of: int | None = 1,
    cents: int = 10_000,
    status: PaymentStatus = PaymentStatus.COMPLETED,
    **more: Any,
) -> Payment:
    """Return a payment of the payable with the number `of`, through the first funding source."""
    return Payment(
        id=f"pmt_{number}",
        funding_source_id=more.pop("source", "fs_1"),
        amount=Money(cents, "USD"),
        status=status,
        payable_id=None if of is None else f"pay_{of}",
        **{"paid_on": PAID_ON, **more},
    )


@pytest.fixture
def ready(here: World) -> World:
    """A business with a vendor, a matched bank account, and a bill of $100 in QuickBooks."""
    here.feed(connection(1, "One"), source(1, here.bank), payable(1))
    assert not here.sync().errors
    return here


def left(here: World, number: str = "INV-1", kind: str = "Bill") -> Decimal:
    """Return the open balance of a document in QuickBooks."""
    (document,) = here.numbered(number, kind)
    return Decimal(str(document["Balance"]))


def live(here: World, kind: str = "BillPayment") -> list[dict[str, Any]]:
    """Return the payments in QuickBooks that were not voided."""
    return [one for one in here.books(kind) if one["TotalAmt"]]


def paid_by_hand(here: World, cents: int = 10_000, number: str = "INV-1", **more: Any) -> str:
    """Record a payment of a bill in QuickBooks, as a person; return its id."""
    (bill,) = here.numbered(number)
    amount = Decimal(cents).scaleb(-2)
    paid = {
        "VendorRef": bill["VendorRef"],
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": {"value": here.account("Bank")}},
        "TotalAmt": amount,
        "TxnDate": "2026-01-15",
        "Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]}],
        **more,
    }
    return str(here.intuit.company.create("BillPayment", paid)["Id"])


def test_a_completed_payment_becomes_a_bill_payment(ready: World) -> None:
    ready.feed(payment())

    told = ready.sync()

    assert not told.errors
    (written,) = ready.books("BillPayment")
    (bill,) = ready.books("Bill")
    assert written["Line"] == [
        {"Amount": 100.0, "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]}
    ]
    assert (written["TotalAmt"], written["TxnDate"]) == (100.0, "2026-01-20")
    assert written["PayType"] == "Check"
    assert written["CheckPayment"]["BankAccountRef"]["value"] == ready.account("Bank")
    assert written["PrivateNote"] == "Payment of INV-1: One\nCleoPay:pmt_1"
    assert written["DocNumber"] == "pmt_1"
    assert written["VendorRef"]["value"] == bill["VendorRef"]["value"]
    assert left(ready) == 0


def test_a_second_sync_writes_nothing(ready: World) -> None:
    ready.feed(payment())
    ready.sync()
    before = ready.books("BillPayment"), ready.books("Bill")

    told = ready.sync()

    assert not told.errors
    assert (ready.books("BillPayment"), ready.books("Bill")) == before


def test_a_payment_and_its_bill_arrive_together(ready: World) -> None:
    ready.feed(payable(2), payment(2, of=2))

    assert not ready.sync().errors
    assert left(ready, "INV-2") == 0


@pytest.mark.parametrize("together", [True, False])
def test_a_bill_that_no_list_shows_yet_is_not_said_to_be_deleted(
    ready: World, *, together: bool
) -> None:
    ready.house.clock.sleep(600)
    ready.intuit.emulator.turn(query_lag_seconds=60.0)
    ready.feed(payable(2), *([payment(2, of=2), payment(3, of=2, cents=1)] if together else []))
    told = ready.sync()
    if not together:
        ready.feed(payment(2, of=2))
        told = ready.sync("invoices")

    if together:  # this run created the bill, so its whole total is open
        assert asked(told, "more_than_open").record_id == "pmt_3"
        assert left(ready, "INV-2") == 0
    else:
        item = asked(told, "bill_needed")
        assert (
            item.cause
            == "The bill that it pays is not in QuickBooks: QuickBooks does not list it yet."
        )
        ready.house.clock.sleep(60)
        assert not ready.sync().errors
        assert left(ready, "INV-2") == 0


def test_a_customers_payment_is_applied_to_the_invoice(ready: World) -> None:
    ready.feed(connection(2, "Two"), payable(3, to=2, role=Role.PAYEE, number="S-3"))
    ready.feed(payment(3, of=3))

    assert not ready.sync().errors
    (written,) = ready.books("Payment")
    assert left(ready, "S-3", "Invoice") == 0
    assert written["UnappliedAmt"] == 0
    assert written["DepositToAccountRef"]["value"] == ready.account("Bank")
    assert written["PaymentRefNum"] == "pmt_3"


def test_part_payments_leave_the_rest_open(ready: World) -> None:
    ready.feed(payment(1, cents=4_000), payment(2, cents=6_000))

    assert not ready.sync().errors
    assert left(ready) == 0
    assert sorted(one["TotalAmt"] for one in live(ready)) == [40, 60]


def test_one_payment_pays_several_bills(ready: World) -> None:
    parts = (Part("pay_1", Money(10_000, "USD")), Part("pay_2", Money(2_500, "USD")))
    ready.feed(payable(2), payment(1, of=None, cents=12_500, parts=parts))

    assert not ready.sync().errors
    (written,) = live(ready)
    assert [line["Amount"] for line in written["Line"]] == [100, 25]
    assert (left(ready, "INV-1"), left(ready, "INV-2")) == (0, 75)


@pytest.mark.parametrize("status", [PaymentStatus.PENDING, PaymentStatus.PROCESSING])
def test_a_payment_on_its_way_is_not_recorded(ready: World, status: PaymentStatus) -> None:
    ready.feed(payment(status=status))

    assert not ready.sync().errors
    assert not live(ready)


def test_a_processing_payment_is_recorded_once_where_the_business_chose_so(ready: World) -> None:
    ready.choose(record_payments=RecordPayments.PROCESSING)
    ready.feed(payment(status=PaymentStatus.PENDING))
    assert not ready.sync().errors
    assert not live(ready)

    ready.feed(payment(status=PaymentStatus.PROCESSING))
    assert not ready.sync().errors
    completed = datetime(2026, 1, 21, 9, tzinfo=UTC)
    ready.feed(payment(completed_at=completed))
    ready.choose(record_payments=RecordPayments.COMPLETED)

    assert not ready.sync().errors
    (recorded,) = ready.books("BillPayment")
    assert recorded["SyncToken"] == "0"
    assert left(ready) == 0


def test_a_processing_payment_that_fails_is_voided(ready: World) -> None:
    ready.choose(record_payments=RecordPayments.PROCESSING)
    ready.feed(payment(status=PaymentStatus.PROCESSING))
    ready.sync()

    ready.feed(payment(status=PaymentStatus.FAILED, return_code="R01"))

    assert not ready.sync().errors
    assert not live(ready)
    assert left(ready) == 100


@pytest.mark.parametrize("status", [PaymentStatus.FAILED, PaymentStatus.CANCELLED])
def test_a_payment_that_was_never_made_is_not_recorded(ready: World, status: PaymentStatus) -> None:
    ready.feed(payment(status=status))

    assert not ready.sync().errors
    assert not live(ready)


@pytest.mark.parametrize("void_note", ["kept", "taken"])
def test_a_returned_payment_is_voided_and_its_bill_is_open_again(
    ready: World, void_note: str
) -> None:
    ready.intuit.emulator.turn(void_note=void_note)
    ready.feed(payment())
    ready.sync()
    ready.feed(
        payment(status=PaymentStatus.FAILED, return_code="R01", returned_on=date(2026, 1, 22))
    )

    assert not ready.sync().errors
    (voided,) = ready.books("BillPayment")
    assert voided["TotalAmt"] == 0
    assert voided["PrivateNote"].endswith("CleoPay:pmt_1")
    returned = "returned by the bank with the code R01 on 2026-01-22"
    assert (returned in voided["PrivateNote"]) == (void_note == "taken")
    assert left(ready) == 100
    of = (BUSINESS, ready.integration_id, "bill_payment", "pmt_1")
    newest, *_ = history.timeline(ready.house, *of)
    assert returned in (newest.entry.item.cause or "")
    told = ready.sync()
    assert not told.errors


def test_a_payment_that_succeeds_after_its_return_is_recorded_again(ready: World) -> None:
    for status in (PaymentStatus.COMPLETED, PaymentStatus.FAILED, PaymentStatus.COMPLETED):
        ready.feed(payment(status=status))
        assert not ready.sync().errors

    assert len(live(ready)) == 1
    assert left(ready) == 0


def test_a_bill_can_be_changed_after_its_payment_was_returned(ready: World) -> None:
    ready.feed(payment())
    ready.sync()
    ready.feed(payment(status=PaymentStatus.FAILED))
    ready.sync()
    ready.feed(payable(1, 12_000))

    assert not ready.sync().errors
    assert left(ready) == 120


def test_a_bill_is_removed_after_its_payment_was_returned(ready: World) -> None:
    ready.feed(payment())
    ready.sync()
    ready.feed(payment(status=PaymentStatus.FAILED))
    ready.sync()
    ready.feed(payable(1, status=PayableStatus.CANCELLED))

    assert not ready.sync().errors
    assert not ready.ours()


def test_a_bill_is_removed_though_the_void_of_its_payment_got_no_answer(ready: World) -> None:
    ready.feed(payment())
    ready.sync()
    ready.feed(payment(status=PaymentStatus.FAILED))
    ready.intuit.emulator.add_fault("drop_after_commit", times=1, path="*/batch")
    ready.sync()
    ready.feed(payable(1, status=PayableStatus.CANCELLED))

    assert not ready.sync().errors
    assert not ready.ours()


def test_a_payment_of_the_closed_period_waits_and_is_not_sent(ready: World) -> None:
    ready.intuit.company.close_books("2026-01-31")
    ready.connect()  # connecting reads the company's settings
    ready.feed(payment())

    told = ready.sync("invoices")

    item = asked(told, "books_closed")
    assert item.cause == ("It is dated 2026-01-20, and the books are closed through 2026-01-31.")
    assert told.run is not None
    assert told.run.usage["batches"] == 0


def test_a_paid_bill_is_not_removed(ready: World) -> None:
    ready.feed(payment())
    ready.sync()
    ready.feed(payable(1, status=PayableStatus.CANCELLED))

    asked(ready.sync(), "removal_asks")
    assert ready.ours()


def test_a_bill_that_was_paid_by_hand_is_not_paid_twice(ready: World) -> None:
    by_hand = paid_by_hand(ready)
    ready.feed(payment())

    item = asked(ready.sync(), "already_paid_there")

    assert [one.remote_id for one in item.twins] == [by_hand]
    assert item.cause == (
        "The bill INV-1 is already paid in QuickBooks by a payment of 2026-01-15 over 100.00 USD,"
        " so this payment is not recorded a second time."
    )
    assert len(live(ready)) == 1


def test_a_payment_recorded_by_hand_is_linked_by_a_person(ready: World) -> None:
    by_hand = paid_by_hand(ready)
    ready.feed(payment())
    before = ready.books("BillPayment")
    decide(ready, asked(ready.sync(), "already_paid_there"), "link_to", by_hand)

    assert not ready.sync().errors
    assert not ready.sync().errors
    assert ready.books("BillPayment") == before


def test_the_same_payment_under_another_id_is_not_recorded(ready: World) -> None:
    ready.feed(payment(1))
    ready.sync()
    ready.feed(payment(2))

    item = asked(ready.sync(), "already_paid_there")

    assert "by the Cleo Pay payment pmt_1" in item.cause
    assert not item.twins
    assert len(live(ready)) == 1


def test_two_payments_of_one_plan_do_not_overpay_a_bill(ready: World) -> None:
    ready.feed(payment(1), payment(2, cents=5_000))

    item = asked(ready.sync(), "more_than_open")

    assert item.record_id == "pmt_2"
    assert (len(live(ready)), left(ready)) == (1, 0)


def test_more_than_is_open_is_not_paid(ready: World) -> None:
    paid_by_hand(ready, 3_000)
    ready.feed(payment())

    item = asked(ready.sync(), "more_than_open")

    assert (
        item.cause
        == "It pays 100.00 USD of the bill INV-1, of which 70.00 USD is open in QuickBooks."
    )
    assert left(ready) == 70


def test_a_payment_waits_for_its_bank_account(ready: World) -> None:
    ready.feed(source(2, "Savings of no one"), payment(1, source="fs_2"))

    codes = {item.code for item in ready.sync().errors}

    assert codes == {"account_mapping_needed", "bank_mapping_needed"}
    assert not live(ready)


def test_a_payment_waits_for_its_bill(ready: World) -> None:
    ready.feed(payable(2, status=PayableStatus.SUBMITTED), payment(2, of=2))

    item = asked(ready.sync(), "bill_needed")

    assert item.cause == (
        "The bill INV-2 is not in QuickBooks: it is skipped (“Not approved yet”)."
    )
    assert (item.facts["document_kind"], item.facts["payable_id"]) == ("bill", "pay_2")


def test_a_payment_whose_payable_never_came_waits(ready: World) -> None:
    ready.feed(payment(2, of=99))

    item = asked(ready.sync(), "bill_needed")

    assert "has not arrived from Cleo Pay yet" in item.cause


def test_a_payment_without_a_payable_is_kept_and_not_sent(ready: World) -> None:
    ready.feed(payment(of=None))

    assert not ready.sync().errors
    assert not live(ready)


def test_a_payment_of_another_amount_than_recorded_asks(ready: World) -> None:
    ready.feed(payment(cents=4_000))
    ready.sync()
    ready.feed(payment(cents=6_000))

    item = asked(ready.sync(), "payment_changed")
    assert [one["TotalAmt"] for one in live(ready)] == [40]

    decide(ready, item, "keep_theirs")
    assert not ready.sync().errors


def test_a_payment_that_a_person_voided_is_not_recorded_again_unasked(ready: World) -> None:
    ready.feed(payment())
    ready.sync()
    (written,) = ready.books("BillPayment")
    ready.intuit.company.delete("BillPayment", written["Id"])
    ready.feed(payment(status=PaymentStatus.FAILED))

    told = ready.sync()

    assert not told.errors
    assert not live(ready)


@pytest.mark.parametrize("fault", ["drop_before_commit", "drop_after_commit"])
def test_a_payment_in_doubt_is_looked_for_and_recorded_once(ready: World, fault: str) -> None:
    ready.feed(connection(2, "Two"), payable(3, to=2, role=Role.PAYEE, number="S-3"))
    ready.sync()
    ready.feed(payment(), payment(3, of=3))
    ready.intuit.emulator.add_fault(fault, times=2, path="*/batch")

    assert not ready.sync().errors
    assert (len(live(ready)), len(live(ready, "Payment"))) == (1, 1)
    assert (left(ready), left(ready, "S-3", "Invoice")) == (0, 0)


def test_a_preview_says_what_a_sync_does(ready: World) -> None:
    ready.feed(payable(2), payment(2, of=2), payment(1, cents=3_000))

    told = ready.sync(dry_run=True)

    assert not told.errors
    assert not live(ready)
    assert told.tallies["invoices"].created == 3


def test_a_merged_vendors_bill_is_paid_at_its_survivor(ready: World) -> None:
    survivor = ready.intuit.company.create("Vendor", {"DisplayName": "Survivor"})
    ready.intuit.company.merge("Vendor", ready.vendor(), survivor["Id"])
    ready.feed(payment())

    ready.sync("bankAccounts", "invoices")

    (written,) = live(ready)
    assert written["VendorRef"]["value"] == survivor["Id"]
    assert left(ready) == 0


def test_what_a_thousand_payments_cost_in_requests(ready: World) -> None:
    """A batch holds 30 payments, a read 200 bills; bills are read before and after writing."""
    numbers = range(10, 1_010)
    ready.feed(*(payable(number) for number in numbers))
    ready.sync()
    ready.feed(*(payment(number, of=number) for number in numbers))

    usage = ready.sync("invoices").run.usage  # type: ignore[union-attr]

    assert (usage["batches"], usage["reads"]) == (34, 9)


@pytest.mark.parametrize("change", ["amount", "withdrawn"])
def test_a_bill_that_our_payment_paid_is_asked_about_before_any_list_shows_it(
    here: World, change: str
) -> None:
    here.feed(connection(1, "One"), source(1, here.bank))
    here.sync()
    here.intuit.emulator.turn(query_lag_seconds=60.0)
    here.feed(payable(1), payment())
    here.sync()
    changes = {"amount": payable(1, 7_000), "withdrawn": payable(1, status=PayableStatus.CANCELLED)}
    here.feed(changes[change])

    asked(here.sync(), "below_paid" if change == "amount" else "removal_asks")
    assert left(here) == 0
    (bill,) = here.numbered("INV-1")
    assert bill["TotalAmt"] == 100
