"""Negative payables: vendor credits and credit memos, used only if a payment says so."""

from __future__ import annotations

from typing import Any

import pytest

from cleo_accounting.core.records import Money, Part, PayableStatus, PaymentStatus, Role
from cleo_accounting.flows.reporting import progress
from tests.flows.test_payments import left, live, payment
from tests.world import BUSINESS, World, asked, connection, decide, payable, source

pytestmark = pytest.mark.both

KINDS = {Role.PAYER: ("VendorCredit", "Bill"), Role.PAYEE: ("CreditMemo", "Invoice")}


def credit(number: int = 9, cents: int = -4_500, **more: Any) -> Any:
    return payable(number, cents, **more)


@pytest.fixture
def ready(here: World) -> World:
    """A business with a vendor, a matched bank account, a bill of $100 and a credit of $45."""
    here.feed(connection(1, "One"), source(1, here.bank), payable(1), credit())
    assert not here.sync().errors
    return here


def using(cents: int = 4_500, of: int = 9) -> tuple[Part, ...]:
    return (Part(f"pay_{of}", Money(cents, "USD")),)


def why(here: World, code: str) -> str:
    """Sync, and return the text of the one cause for which a record waits."""
    return asked(here.sync(), code).cause or ""


@pytest.mark.parametrize("role", Role)
def test_a_payable_below_zero_becomes_a_credit_that_nothing_uses(here: World, role: Role) -> None:
    kind, _ = KINDS[role]
    here.feed(connection(1, "One"), credit(role=role))

    told = here.sync()

    assert not told.errors
    (written,) = here.books(kind)
    assert (written["TotalAmt"], written["Balance"]) == (45.0, 45.0)
    assert (written["DocNumber"], written["TxnDate"]) == ("INV-9", "2026-01-05")
    assert written["PrivateNote"].endswith("CleoPay:pay_9")
    assert "DueDate" not in written
    assert "SalesTermRef" not in written
    assert not here.books(KINDS[role][1])
    rows, _ = progress.items(
        here.house, BUSINESS, here.integration_id, told.run.id, documents_first=True
    )
    assert rows[0].amount_minor == -4_500


def test_the_lines_of_a_credit_have_the_other_sign(here: World) -> None:
    lines = [("Returned", "3", "-20.00"), ("Restocking", "1", "15.00")]
    here.feed(connection(1, "One"), credit(role=Role.PAYEE, lines=lines))

    assert not here.sync().errors
    (written,) = here.books("CreditMemo")
    sold = [line for line in written["Line"] if "SalesItemLineDetail" in line]
    assert [(line["Description"], line["Amount"]) for line in sold] == [
        ("Returned", 60.0),
        ("Restocking", -15.0),
    ]
    assert sold[0]["SalesItemLineDetail"]["Qty"] == 3
    assert sold[0]["SalesItemLineDetail"]["UnitPrice"] == 20


def test_a_second_sync_writes_no_credit(ready: World) -> None:
    before = ready.books("VendorCredit")

    assert not ready.sync().errors
    assert ready.books("VendorCredit") == before


@pytest.mark.parametrize("role", Role)
def test_a_credit_pays_a_part_only_where_the_payment_says_so(here: World, role: Role) -> None:
    kind, document = KINDS[role]
    pays = "BillPayment" if role is Role.PAYER else "Payment"
    here.feed(connection(1, "One"), source(1, here.bank), payable(1, role=role), credit(role=role))
    here.feed(payment(cents=5_500, credits=using()))

    told = here.sync()

    assert not told.errors
    (written,) = here.books(pays)
    (paid,), (used,) = here.books(document), here.books(kind)
    assert written["TotalAmt"] == 55.0
    assert [(line["Amount"], line["LinkedTxn"][0]) for line in written["Line"]] == [
        (100.0, {"TxnId": paid["Id"], "TxnType": document}),
        (45.0, {"TxnId": used["Id"], "TxnType": kind}),
    ]
    assert (paid["Balance"], used["Balance"]) == (0, 0)
    again = here.books(pays), here.books(kind), here.books(document)
    assert not here.sync().errors
    assert (here.books(pays), here.books(kind), here.books(document)) == again


def test_credits_alone_pay_with_a_payment_of_zero(ready: World) -> None:
    ready.feed(payable(2, 4_500), payment(of=2, cents=0, credits=using()))

    assert not ready.sync().errors
    (written,) = ready.books("BillPayment")
    assert written["TotalAmt"] == 0
    assert (left(ready, "INV-2"), left(ready, "INV-9", "VendorCredit")) == (0, 0)
    assert not ready.sync().errors
    assert len(ready.books("BillPayment")) == 1


def test_a_payment_of_zero_that_comes_back_opens_its_bill_and_its_credit(ready: World) -> None:
    made = payment(of=2, cents=0, credits=using())
    ready.feed(payable(2, 4_500), made)
    ready.sync()
    ready.feed(payment(of=2, cents=0, credits=using(), status=PaymentStatus.CANCELLED))

    assert not ready.sync().errors
    assert left(ready, "INV-2") == left(ready, "INV-9", "VendorCredit") == 45
    ready.feed(credit(memo="changed here"))
    assert not ready.sync().errors, "our own payment is nobody's change of the credit"


def test_a_payment_waits_for_its_credit(ready: World) -> None:
    ready.feed(payment(cents=9_000, credits=using(1_000, of=8)))

    assert "vendor credit pay_8" in why(ready, "bill_needed")
    assert not ready.books("BillPayment")

    ready.feed(credit(8, -1_000))
    assert not ready.sync().errors
    assert left(ready) == 0


def test_what_is_no_credit_is_not_used_as_one(ready: World) -> None:
    ready.feed(payable(2, 1_000), payment(cents=9_000, credits=using(1_000, of=2)))

    assert "a bill" in why(ready, "bill_needed")
    assert not ready.books("BillPayment")


def test_a_credit_is_not_paid(ready: World) -> None:
    ready.feed(payment(of=9, cents=4_500))

    assert "a vendor credit" in why(ready, "bill_needed")
    assert not ready.books("BillPayment")


def test_a_credit_is_used_for_no_more_than_is_left_of_it(ready: World) -> None:
    ready.feed(payable(2, 10_000))
    ready.feed(payment(1, cents=6_000, credits=using(4_000)))
    ready.feed(payment(2, of=2, cents=9_000, credits=using(1_000)))

    told = why(ready, "credit_not_open")
    assert "10.00 USD of the vendor credit INV-9, of which 45.00 USD besides" in told
    assert [one["DocNumber"] for one in live(ready)] == ["pmt_1"]

    assert "5.00 USD is left" in why(ready, "credit_not_open")


def test_a_payment_that_does_not_add_up_with_its_credits_is_not_recorded(ready: World) -> None:
    parts = (Part("pay_1", Money(10_000, "USD")),)
    ready.feed(payment(of=None, parts=parts, cents=10_000, credits=using()))

    assert "145.00 USD" in why(ready, "payment_parts_differ")
    assert not ready.books("BillPayment")


def test_a_withdrawn_credit_is_removed(ready: World) -> None:
    ready.feed(credit(status=PayableStatus.CANCELLED))

    told = ready.sync()

    assert not told.errors
    assert not ready.books("VendorCredit")
    assert ready.books("Bill")


def test_a_credit_that_is_used_is_not_removed(ready: World) -> None:
    ready.feed(payment(cents=5_500, credits=using()))
    ready.sync()
    ready.feed(credit(status=PayableStatus.CANCELLED))

    asked(ready.sync(), "removal_asks")
    assert ready.books("VendorCredit")


def test_a_changed_credit_is_written_over(ready: World) -> None:
    ready.feed(credit(cents=-5_000))

    assert not ready.sync().errors
    (written,) = ready.books("VendorCredit")
    assert (written["TotalAmt"], written["SyncToken"]) == (50.0, "1")


@pytest.mark.parametrize(("number", "cents"), [(1, -10_000), (9, 4_500)])
def test_what_was_sent_keeps_its_kind_when_its_total_changes_its_sign(
    ready: World, number: int, cents: int
) -> None:
    before = ready.books("Bill"), ready.books("VendorCredit")
    ready.feed(payable(number, cents))

    asked(ready.sync(), "sign_changed")
    assert (ready.books("Bill"), ready.books("VendorCredit")) == before


def test_a_credit_that_somebody_entered_is_asked_about_and_linked(here: World) -> None:
    here.feed(connection(1, "One"))
    here.sync()
    here.intuit.company.create(
        "VendorCredit",
        {
            "VendorRef": {"value": here.vendor()},
            "DocNumber": "INV-9",
            "TxnDate": "2026-01-05",
            "Line": [here.booked(45)],
        },
    )
    here.feed(credit())

    item = asked(here.sync(), "possible_duplicate")
    (there,) = here.books("VendorCredit")
    decide(here, item, "link_to", there["Id"])
    assert not here.sync().errors
    assert here.books("VendorCredit") == [there]


def test_quickbooks_may_number_credits_itself(here: World) -> None:
    here.intuit.company.configure(custom_purchase_numbers=False)
    here.feed(connection(1, "One"), credit())

    assert not here.sync().errors
    assert len(here.books("VendorCredit")) == 1
    assert not here.sync().errors
    assert len(here.books("VendorCredit")) == 1


@pytest.mark.parametrize("fault", ["drop_before_commit", "drop_after_commit"])
def test_a_credit_in_doubt_is_looked_for_and_written_once(ready: World, fault: str) -> None:
    ready.feed(credit(8, -1_000), payment(cents=9_000, credits=using(1_000, of=8)))
    ready.intuit.emulator.add_fault(fault, times=3, path="*/batch")

    assert not ready.sync().errors
    assert len(ready.numbered("INV-8", "VendorCredit")) == 1
    assert len(live(ready)) == 1
    assert left(ready) == 0
