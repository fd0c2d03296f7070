"""The state of a payable in QuickBooks: its document, its open balance and its payments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from cleo_accounting.core.records import Money, Part, PayableStatus, PaymentStatus, Role
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.reporting import reconcile
from cleo_accounting.flows.run import sync
from cleo_accounting.flows.work import errands
from cleo_accounting.store.database import Database
from tests.flows.test_payments import paid_by_hand, payment
from tests.service import OTHER, Service, served
from tests.world import connection, payable, source, world

QUICKBOOKS = "https://app.qbo.intuit.com/app"


@pytest.fixture
def service(database: Database) -> Iterator[Service]:
    """A business with a matched bank account and a bill of $100 in QuickBooks."""
    with world(database) as here:
        here.open_for_business()
        here.feed(connection(1, "One"), source(1, here.bank), payable(1))
        assert not here.sync().errors
        here.house.clock.sleep(60)
        yield from served(here)


def asked(service: Service, payable_id: str = "pay_1", as_: str = "viewer") -> dict[str, Any]:
    answer = service.ask("GET", f"{service.one}/documents/{payable_id}", as_=as_)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def test_a_bill_that_was_just_written_is_open_as_its_answer_said(service: Service) -> None:
    (bill,) = service.here.books("Bill")

    told = asked(service)

    assert at(told.pop("asOf")) < service.here.house.clock.now()
    assert told == {
        "payableId": "pay_1",
        "kind": "bill",
        "amount": "100.00",
        "currency": "USD",
        "state": "written",
        "reason": None,
        "remoteId": bill["Id"],
        "number": "INV-1",
        "url": told["url"],
        "total": "100.00",
        "openBalance": "100.00",
        "paymentState": "unpaid",
        "payments": [],
        "otherPayments": [],
        "paymentNotReceived": False,
    }
    assert told["url"] is None or told["url"].endswith(f"={bill['Id']}")


def test_each_role_that_may_look_may_ask(service: Service) -> None:
    for role in ("viewer", "bookkeeper", "admin"):
        assert asked(service, as_=role)["state"] == "written"
    refused = service.ask("GET", f"{service.one}/documents/pay_1", as_="feeder")
    assert refused.status_code == 403


def test_payables_that_are_unknown_or_another_s_are_missing(service: Service) -> None:
    here = service.here
    company = here.intuit.emulator.add_company("Another Company")
    other = type(here)(here.house, replace(here.intuit, company=company), OTHER)
    other.connect()
    other.feed(payable(7))
    (theirs,) = connect.connected(here.house, OTHER)
    base = f"/api/businesses/{OTHER}/integrations/accounting"

    answers = [
        service.ask("GET", f"{service.one}/documents/pay_9"),
        service.ask("GET", f"{service.one}/documents/pay_7"),
        service.ask("GET", f"{base}/{theirs.id}/documents/pay_1", as_="other admin"),
        service.ask("GET", f"{base}/{here.integration_id}/documents/pay_7", as_="other admin"),
    ]

    assert [one.status_code for one in answers] == [404] * 4


def test_a_payment_of_ours_lowers_what_is_open_once_quickbooks_says_so(service: Service) -> None:
    here = service.here
    before = asked(service)["asOf"]
    here.feed(payment(cents=6_000))

    assert not here.sync().errors

    told = asked(service)
    (recorded,) = here.books("BillPayment")
    assert (told["total"], told["openBalance"]) == ("100.00", "40.00")
    assert told["paymentState"] == "partly_paid"
    assert at(told["asOf"]) > at(before)
    (paid,) = told["payments"]
    assert (paid["paymentId"], paid["amount"], paid["status"]) == ("pmt_1", "60.00", "completed")
    assert (paid["kind"], paid["state"]) == ("bill_payment", "written")
    assert (paid["remoteId"], paid["reason"]) == (recorded["Id"], None)
    assert told["otherPayments"] == []


def test_what_a_payment_of_ours_left_open_is_unknown_while_quickbooks_does_not_answer(
    service: Service,
) -> None:
    here = service.here
    here.feed(payment(cents=6_000))
    run = sync.request(
        here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="tester"
    )
    while not here.books("BillPayment"):
        assert not sync.advance(here.house, run.id).done
    here.intuit.emulator.add_fault("throttled", path="*/cdc")

    here.work(run.id)

    told = asked(service)
    assert (told["openBalance"], told["total"], told["asOf"]) == (None, None, None)
    assert (told["state"], told["paymentState"]) == ("written", "unknown")
    here.intuit.emulator.act("clear_faults")
    here.sync("invoices")
    assert asked(service)["openBalance"] == "40.00"


def test_a_returned_payment_opens_the_bill_again(service: Service) -> None:
    here = service.here
    here.feed(payment())
    here.sync()
    assert asked(service)["paymentState"] == "paid"
    here.feed(payment(status=PaymentStatus.FAILED, return_code="R01"))

    assert not here.sync().errors

    told = asked(service)
    assert (told["openBalance"], told["paymentState"]) == ("100.00", "unpaid")
    (paid,) = told["payments"]
    assert (paid["status"], paid["state"]) == ("failed", "removed")
    assert paid["reason"]["code"] == "returned"


@pytest.mark.parametrize("look", ["sync", "refresh", "comparison"])
def test_what_somebody_paid_in_quickbooks_is_told_after_each_look(
    service: Service, look: str
) -> None:
    here = service.here
    asked(service)
    theirs = paid_by_hand(here, 2_500)
    assert asked(service)["openBalance"] == "100.00"  # as of the last read
    here.house.clock.sleep(60)

    if look == "sync":
        here.sync("invoices")
    elif look == "refresh":
        service.ask("POST", f"{service.one}/refresh")
        errands.run_due(here.house)
    else:
        reconcile.keep(here.house, here.integration_id)

    told = asked(service)
    assert (told["openBalance"], told["paymentState"]) == ("75.00", "partly_paid")
    assert [one["remoteId"] for one in told["otherPayments"]] == [theirs]
    assert told["payments"] == []


def test_a_bill_that_somebody_deleted_is_gone_and_nothing_of_it_is_open(service: Service) -> None:
    here = service.here
    (bill,) = here.books("Bill")
    here.intuit.company.delete("Bill", bill["Id"])

    here.sync("invoices")

    told = asked(service)
    assert (told["state"], told["openBalance"]) == ("gone", None)
    assert (told["paymentState"], told["url"]) == ("unknown", None)


def test_paid_on_cleo_pay_without_a_payment_is_said_to_be_not_received(service: Service) -> None:
    here = service.here
    here.feed(payable(1, status=PayableStatus.PAID))
    here.sync()

    told = asked(service)

    assert told["paymentNotReceived"]
    assert (told["payments"], told["openBalance"]) == ([], "100.00")
    here.feed(payment(status=PaymentStatus.PROCESSING))
    told = asked(service)
    assert not told["paymentNotReceived"]
    (paid,) = told["payments"]
    assert (paid["status"], paid["state"], paid["remoteId"]) == ("processing", "not_sent", None)


def test_a_payable_that_no_sync_has_seen_is_not_sent_and_one_that_waits_says_why(
    service: Service,
) -> None:
    here = service.here
    here.feed(payable(2, to=9))
    assert (asked(service, "pay_2")["state"], asked(service, "pay_2")["reason"]) == (
        "not_sent",
        None,
    )

    here.sync()

    told = asked(service, "pay_2")
    assert told["state"] == "waiting"
    assert told["reason"]["code"] == "connection_unknown"
    assert told["reason"]["needsAttention"]
    assert told["reason"]["cause"]
    assert (told["remoteId"], told["openBalance"], told["asOf"]) == (None, None, None)


def test_a_payment_of_several_bills_pays_its_part_of_each(service: Service) -> None:
    here = service.here
    here.feed(payable(2))
    here.sync()
    parts = (Part("pay_1", Money(3_000, "USD")), Part("pay_2", Money(5_000, "USD")))
    here.feed(payment(cents=8_000, of=None, parts=parts))

    assert not here.sync().errors

    first, second = asked(service), asked(service, "pay_2")
    assert [one["amount"] for one in first["payments"]] == ["30.00"]
    assert [one["amount"] for one in second["payments"]] == ["50.00"]
    assert (first["openBalance"], second["openBalance"]) == ("70.00", "50.00")
    here.feed(payment(cents=8_000, of=1))  # the platform corrects the payment
    assert asked(service, "pay_2")["payments"] == []


def test_an_invoice_is_asked_for_as_a_bill_is(service: Service) -> None:
    here = service.here
    here.feed(connection(2, "Buyer"), payable(3, 4_000, to=2, role=Role.PAYEE))
    here.feed(payment(3, of=3, cents=1_000))

    assert not here.sync().errors

    told = asked(service, "pay_3")
    assert (told["kind"], told["openBalance"]) == ("invoice", "30.00")
    assert [one["kind"] for one in told["payments"]] == ["payment"]


def test_a_credit_says_how_much_of_it_is_used_and_by_which_payment(service: Service) -> None:
    here = service.here
    here.feed(payable(9, -4_500))
    here.sync()
    told = asked(service, "pay_9")
    assert (told["kind"], told["amount"]) == ("vendor_credit", "-45.00")
    assert (told["total"], told["openBalance"], told["paymentState"]) == (
        "45.00",
        "45.00",
        "unpaid",
    )
    used = (Part("pay_9", Money(3_000, "USD")),)
    here.feed(payment(cents=7_000, credits=used))

    assert not here.sync().errors

    told = asked(service, "pay_9")
    assert (told["openBalance"], told["paymentState"]) == ("15.00", "partly_paid")
    assert [(one["paymentId"], one["amount"]) for one in told["payments"]] == [("pmt_1", "30.00")]
    assert told["otherPayments"] == []
    bill = asked(service)
    assert (bill["openBalance"], bill["payments"][0]["amount"]) == ("0.00", "100.00")


def test_a_business_that_connects_again_is_told_nothing_of_what_changed_meanwhile(
    service: Service,
) -> None:
    here = service.here
    connect.disconnect(here.house, here.business_id, "user_1")
    paid_by_hand(here, 2_500)
    here.house.clock.sleep(86_400 * 40)  # longer than change data capture reaches back
    here.connect()

    here.sync("invoices")

    told = asked(service)
    assert told["openBalance"] == "75.00"


def test_more_changes_than_the_log_tells_are_read_from_the_lists(service: Service) -> None:
    here = service.here
    here.sync("invoices")
    paid_by_hand(here, 2_500)
    here.house.clock.sleep(86_400 * 40)

    told = here.sync("invoices")

    assert told.run is not None
    assert asked(service)["openBalance"] == "75.00"


def test_the_balance_told_is_quickbooks_own(service: Service) -> None:
    here = service.here
    numbers = range(2, 12)
    here.feed(*(payable(number, number * 1_000) for number in numbers))
    here.sync()
    here.feed(*(payment(number, of=number, cents=number * 100) for number in numbers))
    here.sync()
    for number in (2, 5, 7):
        paid_by_hand(here, 300, f"INV-{number}")
    here.sync("invoices")

    told = {number: asked(service, f"pay_{number}")["openBalance"] for number in (1, *numbers)}

    theirs = {
        int(one["DocNumber"].removeprefix("INV-")): Decimal(str(one["Balance"]))
        for one in here.books("Bill")
    }
    assert {number: Decimal(one) for number, one in told.items()} == theirs
