"""Every cause that only payments have: how to bring it about, and the ways to fix it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from cleo_accounting.core.fields import QuickPay
from cleo_accounting.core.records import Money, Part, PayableStatus, Payment, PaymentStatus, Role
from cleo_accounting.flows.mapping import pair
from cleo_accounting.flows.work import errands
from cleo_accounting.store.errands import Verb
from tests.page import deeds
from tests.page.case import Case
from tests.page.deeds import again, fed, next_sync, pressed
from tests.page.house import Place
from tests.world import BUSINESS, World, connection, payable, source

PAYMENT, RECEIVED = ("bill_payment", "pmt_1"), ("payment", "pmt_1")
EXPENSE = ("expense", "pmt_1")
ACME = connection(1, "Acme Paper")
OWED_TO_US = {"role": Role.PAYEE}


def payment(cents: int = 10_000, **more: Any) -> Payment:
    """Return a completed payment of the first payable, with any fields overridden."""
    known: dict[str, Any] = {
        "status": PaymentStatus.COMPLETED,
        "payable_id": "pay_1",
        "paid_on": date(2026, 1, 20),
    }
    name = more.pop("id", "pmt_1")
    return Payment(name, "fs_1", Money(cents, "USD"), **{**known, **more})


def quick_pay(**more: Any) -> Payment:
    """Return a payment to the first connection that names no payable."""
    return payment(payable_id=None, connection_id="conn_1", **more)


def _quick_pay_on(world: World) -> None:
    world.choose(quick_pay=QuickPay.ON)


def _bank(world: World) -> str:
    """Return the name of one of the company's bank accounts."""
    banks = [one for one in world.books("Account") if one["AccountType"] == "Bank"]
    return str(banks[0]["Name"])


def begun(*records: object) -> Callable[[Place], World]:
    """Return a step that syncs a vendor, a matched bank account, and a bill or these records."""

    def happens(place: Place) -> World:
        world = deeds.ready(place)
        world.feed(ACME, source(1, _bank(world)), *(records or (payable(1),)))  # type: ignore[arg-type]
        world.sync()
        return world

    return happens


def after(
    *changes: Callable[[World], object], of: Callable[[Place], World] | None = None
) -> Callable[[Place], None]:
    """Return a step that makes each change in turn, with a sync after each."""

    def happens(place: Place) -> None:
        world = (of or begun())(place)
        for change in changes:
            change(world)
            world.sync()

    return happens


def by_hand(amount: str) -> Callable[[World], None]:
    """Return a change: record a payment of the bill in QuickBooks by hand, then feed ours."""

    def deed(world: World) -> None:
        (bill,) = world.numbered("INV-1")
        world.intuit.company.pay_bill(bill["Id"], amount=float(Decimal(amount)))
        world.feed(payment())

    return deed


def many_wait(place: Place) -> None:
    """Make payments wait for a person, each for another reason, one of them in two sections."""
    world = begun(*(payable(at) for at in range(1, 5)), payable(5, status=PayableStatus.DRAFT))(
        place
    )

    def numbered(at: int, cents: int = 10_000, account: str = "fs_1") -> Payment:
        paid = payment(cents, payable_id=f"pay_{at}")
        return replace(paid, id=f"pmt_{at}", funding_source_id=account)

    for at, cents in ((1, 100_00), (2, 30_00)):
        (bill,) = world.numbered(f"INV-{at}")
        world.intuit.company.pay_bill(bill["Id"], amount=cents / 100)
    world.feed(source(2, "Rainy day fund", "0000"), numbered(4, 40_00))
    world.sync()
    world.feed(*(numbered(at) for at in (1, 2, 4, 5)), numbered(3, account="fs_2"))
    world.sync()


def _bank_is(active: bool) -> Callable[[World], None]:
    def deed(world: World) -> None:
        bank = next(one for one in world.books("Account") if one["AccountType"] == "Bank")
        world.intuit.company.update("Account", bank["Id"], {"Active": active})
        world.feed(payment())

    return deed


def _cleared(world: World) -> None:
    """Match the funding source to an account on which QuickBooks draws no checks."""
    made = world.intuit.company.create(
        "Account", {"Name": "Payouts", "AccountType": "Other Current Asset"}
    )
    errands.ask_to(world.house, BUSINESS, world.integration_id, Verb.LOOK)
    errands.run_due(world.house)
    to = (pair.BANK_ACCOUNT, "fs_1", str(made["Id"]))
    pair.pair(world.house, BUSINESS, world.integration_id, *to, "user:jane@harbor.example")
    world.feed(payment())


def _abroad(place: Place) -> None:
    world = deeds.ready(place)
    world.intuit.company.configure(multicurrency=True)
    world.intuit.company.create(
        "Account", {"Name": "Euros", "AccountType": "Bank", "CurrencyRef": {"value": "EUR"}}
    )
    world.feed(ACME, source(1, "Euros"), payable(1), payment())
    world.sync()


def _moved_meanwhile(place: Place) -> None:
    """Move the invoice to another customer after it was read, before its payment is sent."""
    world = begun(payable(1, **OWED_TO_US))(place)
    world.feed(payment())

    def move() -> None:
        (invoice,) = world.numbered("INV-1", "Invoice")
        other = world.intuit.company.create("Customer", {"DisplayName": "Somebody Else"})
        changed = {"CustomerRef": {"value": other["Id"]}}
        world.intuit.company.update("Invoice", invoice["Id"], changed)

    world.sync_meanwhile(move)


_OF_TWO = (
    payable(1),
    connection(2, "Birch Paper"),
    payable(2, to=2),
)
_PARTS = (Part("pay_1", Money(5_000, "USD")), Part("pay_2", Money(5_000, "USD")))
_LEFT_OUT = pressed("Leave out", PAYMENT, value="Entered by hand.")

QUIET: Mapping[str, Case] = {
    "payment_under_way": Case(
        after(fed(payment(status=PaymentStatus.PROCESSING))),
        PAYMENT,
        {"It is completed": next_sync(fed(payment()))},
    ),
    "payment_not_made": Case(after(fed(payment(status=PaymentStatus.CANCELLED))), PAYMENT),
    "returned": Case(
        after(fed(payment()), fed(payment(status=PaymentStatus.FAILED, return_code="R01"))),
        PAYMENT,
        {"It is paid after all": next_sync(fed(payment()))},
    ),
    "quick_pay_off": Case(after(fed(payment(payable_id=None))), EXPENSE),
    "expense_returned": Case(
        after(_quick_pay_on, fed(quick_pay()), fed(quick_pay(status=PaymentStatus.FAILED))),
        EXPENSE,
        {"It is paid after all": next_sync(fed(quick_pay()))},
    ),
}

LOUD: Mapping[str, Case] = {
    "payee_needed": Case(
        after(_quick_pay_on, fed(payment(payable_id=None))),
        EXPENSE,
        {
            "It names a connection": again(fed(quick_pay()), EXPENSE),
            "Leave it out": pressed("Leave out", EXPENSE, value="Entered by hand."),
        },
    ),
    "bill_needed": Case(
        after(of=begun(payable(1, status=PayableStatus.SUBMITTED), payment())),
        PAYMENT,
        {"It is approved": next_sync(fed(payable(1))), "Leave it out": _LEFT_OUT},
    ),
    "bank_mapping_needed": Case(
        deeds.synced(ACME, source(1, "Rainy day fund", "0000"), payable(1), payment()),
        PAYMENT,
        {"Match it": deeds.bank_mapped(), "Leave it out": _LEFT_OUT},
    ),
    "bank_account_inactive": Case(
        after(_bank_is(active=False)),
        PAYMENT,
        {
            "Active again": next_sync(_bank_is(active=True)),
            "Leave it out": _LEFT_OUT,
        },
    ),
    "bank_account_type": Case(
        after(_cleared),
        PAYMENT,
        {"Match another": deeds.bank_mapped(PAYMENT), "Leave it out": _LEFT_OUT},
    ),
    "bank_account_currency": Case(_abroad, PAYMENT, {"Leave it out": _LEFT_OUT}),
    "already_paid_there": Case(
        after(by_hand("100.00")),
        PAYMENT,
        {
            "It is that one": pressed("It is that payment", PAYMENT),
            "The same": pressed("Leave this payment out", PAYMENT),
        },
    ),
    "more_than_open": Case(after(by_hand("30.00")), PAYMENT, {"Leave it out": _LEFT_OUT}),
    "credit_not_open": Case(
        after(
            fed(payable(8, -3_000), payment(6_000, credits=(Part("pay_8", Money(4_000, "USD")),)))
        ),
        PAYMENT,
        {"Leave it out": _LEFT_OUT},
    ),
    "unapplied": Case(_moved_meanwhile, RECEIVED, {"Try again": again(lambda _: None, RECEIVED)}),
    "payment_changed": Case(
        after(fed(payment(4_000)), fed(payment(6_000))),
        PAYMENT,
        {"Keep QuickBooks version": pressed("Keep QuickBooks version", PAYMENT)},
    ),
    "payment_not_positive": Case(
        after(fed(payment(-100))),
        PAYMENT,
        {"Corrected": again(fed(payment()), PAYMENT), "Leave it out": _LEFT_OUT},
    ),
    "payment_parts_differ": Case(
        after(fed(payment(payable_id=None, parts=_PARTS[:1]))),
        PAYMENT,
        {"Corrected": again(fed(payment()), PAYMENT)},
    ),
    "payment_of_several_parties": Case(
        after(fed(payment(payable_id=None, parts=_PARTS)), of=begun(*_OF_TWO)),
        PAYMENT,
        {"Corrected": again(fed(payment()), PAYMENT), "Leave it out": _LEFT_OUT},
    ),
}
