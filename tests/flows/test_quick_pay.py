"""Quick Pay: payments without a payable, recorded as expenses if the business chose so."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cleo_accounting.core.fields import QuickPay, RecordPayments
from cleo_accounting.core.records import ConnectionStatus, Money, Payment, PaymentStatus, Role
from cleo_accounting.flows.reporting import history
from cleo_accounting.flows.reporting.progress import items
from tests.world import BUSINESS, World, asked, connection, decide, payable, source


def quick(
    number: int = 1,
    cents: int = 10_000,
    status: PaymentStatus = PaymentStatus.COMPLETED,
    **more: Any,
) -> Payment:
    """Return a payment of the first connection without a payable."""
    return Payment(
        id=f"pmt_{number}",
        funding_source_id="fs_1",
        amount=Money(cents, "USD"),
        status=status,
        **{"connection_id": "conn_1", "paid_on": date(2026, 1, 20), **more},
    )


@pytest.fixture
def ready(here: World) -> World:
    """A business with a vendor and a matched bank account, and Quick Pay switched on."""
    here.choose(quick_pay=QuickPay.ON)
    here.feed(connection(1, "One"), source(1, here.bank))
    assert not here.sync().errors
    return here


def by_hand(here: World, cents: int = 10_000, day: str = "2026-01-22", **more: Any) -> str:
    """Enter an expense of the first vendor in QuickBooks, as a person; return its id."""
    entered = {
        "PaymentType": "Check",
        "AccountRef": {"value": here.account("Bank")},
        "EntityRef": {"value": here.vendor(), "type": "Vendor"},
        "TxnDate": day,
        "Line": [here.booked(Decimal(cents).scaleb(-2))],
        **more,
    }
    return str(here.intuit.company.create("Purchase", entered)["Id"])


def test_a_completed_quick_pay_becomes_an_expense(ready: World) -> None:
    ready.feed(quick())

    assert not ready.sync().errors
    (written,) = ready.books("Purchase")
    (line,) = written["Line"]
    booked_to = ready.integration.fields.expense_account_id
    assert written["PaymentType"] == "Check"
    assert written["AccountRef"]["value"] == ready.account("Bank")
    assert written["EntityRef"]["value"] == ready.vendor()
    assert written["EntityRef"]["type"] == "Vendor"
    assert line["Amount"] == written["TotalAmt"] == 100
    assert line["AccountBasedExpenseLineDetail"]["AccountRef"]["value"] == booked_to
    assert written["TxnDate"] == "2026-01-20"
    assert written["DocNumber"] == "pmt_1"
    assert written["PrivateNote"] == "Quick Pay: One\nCleoPay:pmt_1"


def test_a_second_sync_writes_nothing(ready: World) -> None:
    ready.feed(quick())
    ready.sync()
    before = ready.books("Purchase")

    assert not ready.sync().errors
    assert ready.books("Purchase") == before


def test_nothing_is_sent_while_quick_pay_is_off(ready: World) -> None:
    ready.choose(quick_pay=QuickPay.OFF)
    ready.feed(quick(), quick(2, status=PaymentStatus.PROCESSING), quick(3, connection_id=None))

    told = ready.sync()

    assert not told.errors
    assert not ready.books("Purchase")
    assert told.run is not None
    found, _ = items(ready.house, BUSINESS, ready.integration_id, told.run.id, quiet=True)
    assert [(one.kind, one.code) for one in found] == [("expense", "quick_pay_off")] * 3


def test_an_expense_that_was_recorded_stays_when_quick_pay_is_switched_off(ready: World) -> None:
    ready.feed(quick())
    ready.sync()
    ready.choose(quick_pay=QuickPay.OFF)
    before = ready.books("Purchase")

    assert not ready.sync().errors
    assert ready.books("Purchase") == before


def test_a_returned_expense_is_removed_and_recorded_again_when_it_succeeds(ready: World) -> None:
    ready.feed(quick())
    ready.sync()
    ready.feed(quick(status=PaymentStatus.FAILED, return_code="R01"))

    assert not ready.sync().errors
    assert not ready.books("Purchase")
    newest, *_ = history.timeline(ready.house, BUSINESS, ready.integration_id, "expense", "pmt_1")
    assert "returned by the bank with the code R01" in (newest.entry.item.cause or "")
    assert not ready.sync().errors

    ready.feed(quick())
    assert not ready.sync().errors
    assert len(ready.books("Purchase")) == 1


def test_a_processing_quick_pay_is_recorded_where_the_business_chose_so(ready: World) -> None:
    ready.feed(quick(status=PaymentStatus.PROCESSING))
    ready.sync()
    assert not ready.books("Purchase")

    ready.choose(record_payments=RecordPayments.PROCESSING)

    assert not ready.sync().errors
    assert len(ready.books("Purchase")) == 1


def test_a_quick_pay_without_a_connection_waits(ready: World) -> None:
    ready.feed(quick(connection_id=None))

    item = asked(ready.sync(), "payee_needed")
    assert "names no connection" in (item.cause or "")


def test_a_quick_pay_of_an_unknown_connection_waits_for_it(ready: World) -> None:
    ready.feed(quick(connection_id="conn_9"))
    asked(ready.sync(), "connection_unknown")

    ready.feed(connection(9, "Nine"))

    assert not ready.sync().errors
    assert len(ready.books("Purchase")) == 1


def test_a_quick_pay_waits_for_its_vendor(ready: World) -> None:
    ready.feed(connection(2, "Two", status=ConnectionStatus.PENDING), quick(connection_id="conn_2"))

    item = asked(ready.sync(), "vendor_needed")

    assert "Sent once it is active" in (item.cause or "")


def test_who_only_pays_the_business_becomes_a_vendor_when_it_is_paid(ready: World) -> None:
    ready.feed(connection(2, "Two"), payable(2, to=2, role=Role.PAYEE))
    ready.sync()
    assert "Two" not in [one["DisplayName"] for one in ready.books("Vendor")]
    ready.feed(quick(connection_id="conn_2"))

    told = ready.sync()

    # In QuickBooks, a vendor cannot have the name of a customer.
    assert [one.code for one in told.errors] == ["name_taken", "vendor_needed"]


def test_a_quick_pay_waits_for_the_expense_account(ready: World) -> None:
    ready.choose(expense_account_id=None)
    ready.feed(quick())

    asked(ready.sync(), "expense_account_needed")


def test_an_expense_that_a_person_entered_is_offered_and_linked(ready: World) -> None:
    there = by_hand(ready)
    ready.feed(quick())

    item = asked(ready.sync(), "possible_duplicate")
    assert len(ready.books("Purchase")) == 1
    decide(ready, item, "link_to", there)

    assert not ready.sync().errors
    assert [one["Id"] for one in ready.books("Purchase")] == [there]


def test_an_expense_that_is_another_one_does_not_hold_up_ours(ready: World) -> None:
    by_hand(ready)
    ready.feed(quick())
    item = asked(ready.sync(), "possible_duplicate")

    decide(ready, item, "another_one")

    assert not ready.sync().errors
    assert len(ready.books("Purchase")) == 2


@pytest.mark.parametrize(
    "unlike",
    [{"cents": 9_999}, {"day": "2026-01-28"}, {"EntityRef": None}],
    ids=["another amount", "a week later", "no vendor"],
)
def test_an_expense_that_is_not_like_ours_is_not_offered(
    ready: World, unlike: dict[str, Any]
) -> None:
    by_hand(ready, **unlike)
    ready.feed(quick())

    assert not ready.sync().errors
    assert len(ready.books("Purchase")) == 2


def test_a_linked_expense_of_a_person_is_not_removed_unasked(ready: World) -> None:
    there = by_hand(ready)
    ready.feed(quick())
    decide(ready, asked(ready.sync(), "possible_duplicate"), "link_to", there)
    ready.sync()

    ready.feed(quick(status=PaymentStatus.FAILED))

    item = asked(ready.sync(), "matched_withdrawn")
    assert len(ready.books("Purchase")) == 1
    decide(ready, item, "remove_there")
    assert not ready.sync().errors
    assert not ready.books("Purchase")


def test_an_expense_that_a_person_deleted_is_not_recorded_again(ready: World) -> None:
    ready.feed(quick())
    ready.sync()
    (written,) = ready.books("Purchase")
    ready.intuit.company.delete("Purchase", written["Id"])
    ready.feed(quick(status=PaymentStatus.FAILED))
    assert not ready.sync().errors
    ready.feed(quick())

    asked(ready.sync(), "deleted_there")
    assert not ready.books("Purchase")


def test_an_expense_stays_one_when_its_payment_names_a_payable_later(ready: World) -> None:
    ready.feed(quick())
    ready.sync()
    ready.feed(payable(1), quick(payable_id="pay_1"))

    asked(ready.sync(), "payment_changed")
    assert len(ready.books("Purchase")) == 1
    assert not ready.books("BillPayment")


def test_a_lost_answer_does_not_record_an_expense_twice(ready: World) -> None:
    ready.intuit.emulator.turn(requestid="ignored", duplicate_numbers="allowed")
    ready.intuit.emulator.add_fault("drop_after_commit", path="/v3/*/batch", times=1)
    ready.feed(quick())

    assert not ready.sync().errors
    assert len(ready.books("Purchase")) == 1
