"""The plan of expenses, tested on plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cleo_accounting.core import kinds
from cleo_accounting.core.choices import Trouble
from cleo_accounting.core.expenses import ExpensePlanner, settle
from cleo_accounting.core.fields import InvoiceFields, QuickPay
from cleo_accounting.core.links import Expense, Link, Origin, Profile, Remote, RemoteKind
from cleo_accounting.core.movements import mark_of, returned
from cleo_accounting.core.past import removed
from cleo_accounting.core.plan import Create, Keep, Leave, LinkTo, Operation, Remove
from cleo_accounting.core.records import Money, Payment, PaymentStatus
from cleo_accounting.core.twins import Words

DAY = date(2026, 1, 20)
EXPENSE = RemoteKind.EXPENSE
ON = InvoiceFields(expense_account_id="7", quick_pay=QuickPay.ON)


def payment(cents: int = 10_000, **more: Any) -> Payment:
    made: dict[str, Any] = {
        "id": "pmt_1",
        "funding_source_id": "fs_1",
        "amount": Money(cents, "USD"),
        "status": PaymentStatus.COMPLETED,
        "connection_id": "conn_1",
        "paid_on": DAY,
    }
    return Payment(**{**made, **more})


def planner(**more: Any) -> ExpensePlanner:
    """Return a planner that knows one vendor and one bank account, with Quick Pay switched on."""
    known: dict[str, Any] = {
        "kind": kinds.EXPENSE,
        "profile": Profile("1", "Books", "US", "USD"),
        "fields": ON,
        "today": date(2026, 2, 1),
        "parties": {"conn_1": Link("conn_1", RemoteKind.VENDOR, "5", "0", Origin.CREATED)},
        "accounts": {"fs_1": Link("fs_1", RemoteKind.ACCOUNT, "35", "0", Origin.LINKED)},
        "banks": {"35": Remote(RemoteKind.ACCOUNT, "35", "0", "Checking")},
        "sources": {"fs_1": "Operating"},
        "names": {"conn_1": "Acme"},
        "verdicts": {},
    }
    return ExpensePlanner(**{**known, **more})


def planned(given: Payment | None = None, link: Link | None = None, **more: Any) -> Operation:
    one = given or payment()
    (operation,) = planner(**more).plan([one], {one.id: link} if link else {})
    return operation


def leave(*given: Any, **more: Any) -> Leave:
    operation = planned(*given, **more)
    assert isinstance(operation, Leave), operation
    return operation


def create() -> Create:
    operation = planned()
    assert isinstance(operation, Create), operation
    return operation


def written(**more: Any) -> Link:
    """Return the link of a payment that was recorded as an expense."""
    return replace(Link("pmt_1", EXPENSE, "90", "0", Origin.CREATED, mark_of(payment())), **more)


def entered(**more: Any) -> Remote:
    """Return an expense that a person entered in QuickBooks: like ours, but without our mark."""
    content = create().content
    assert isinstance(content, Expense)
    details = more.pop("details", {})
    theirs = replace(content, **{"marker": "", "number": "", **more})
    return Remote(EXPENSE, "70", "0", "", details=details, content=theirs)


def reasons() -> Iterator[Leave]:
    """Yield one operation for each reason why a payment without a payable is left."""
    yield leave(fields=InvoiceFields())
    yield leave(fields=InvoiceFields(quick_pay=QuickPay.ON))
    yield leave(payment(connection_id=None))
    yield leave(names={})
    yield leave(parties={})
    yield leave(inactive={"5"})
    yield leave(currencies={"5": "EUR"})
    yield leave(trouble=Trouble("choice_unusable", {"called": "x", "name": "y", "flaw": "z"}))
    yield leave(profile=Profile("1", "Books", "CA", "USD"))
    failed = payment(status=PaymentStatus.FAILED)
    past = removed(EXPENSE, returned(failed), DAY)
    yield leave(failed, past={"pmt_1": past})
    asked = settle(create(), [entered()], Words(), {})
    assert isinstance(asked, Leave)
    yield asked


def test_a_payment_without_a_payable_is_booked_to_the_expense_account() -> None:
    made = create()

    assert made.label == "Quick Pay to Acme"
    assert made.content == Expense(
        party_id="5",
        account_id="35",
        expense_account_id="7",
        number="pmt_1",
        dated=DAY,
        total=Money(10_000, "USD"),
        note="Quick Pay: Acme\nCleoPay:pmt_1",
        marker="CleoPay:pmt_1",
    )


def test_a_payment_of_a_payable_is_no_expense() -> None:
    assert list(planner().plan([payment(payable_id="payable_1")], {})) == []


@pytest.mark.parametrize("status", [PaymentStatus.COMPLETED, PaymentStatus.PROCESSING])
def test_nothing_is_recorded_while_quick_pay_is_off(status: PaymentStatus) -> None:
    left = leave(payment(status=status), fields=replace(ON, quick_pay=QuickPay.OFF))

    assert left.code == "quick_pay_off"


def test_what_was_recorded_is_kept_and_taken_back_with_quick_pay_off() -> None:
    off = replace(ON, quick_pay=QuickPay.OFF)

    assert isinstance(planned(payment(), written(), fields=off), Keep)
    failed = payment(status=PaymentStatus.FAILED)
    assert isinstance(planned(failed, written(), fields=off), Remove)


def test_a_payment_stays_what_it_was_recorded_as() -> None:
    named = payment(payable_id="payable_1")
    bill_payment = {"pmt_1": RemoteKind.BILL_PAYMENT}

    assert leave(named, written(), recorded={"pmt_1": EXPENSE}).code == "payment_changed"
    assert list(planner(recorded=bill_payment).plan([payment()], {})) == []


def test_whom_a_payment_of_a_payable_names_is_no_change_of_it() -> None:
    named = payment(payable_id="payable_1")

    assert mark_of(named) == mark_of(replace(named, connection_id="conn_2"))
    assert mark_of(payment()) != mark_of(payment(connection_id="conn_2"))


@pytest.mark.parametrize(
    ("like", "offered"),
    [
        ({}, True),
        ({"dated": date(2026, 1, 27)}, True),
        ({"dated": date(2026, 1, 28)}, False),
        ({"total": Money(9_999, "USD")}, False),
        ({"party_id": "6"}, False),
        ({"account_id": "36", "expense_account_id": "8"}, True),
        ({"details": {"marker": "CleoPay:pmt_2"}}, False),
    ],
)
def test_an_expense_of_the_vendor_and_amount_near_the_date_is_offered(
    like: dict[str, Any], offered: bool
) -> None:
    decided = settle(create(), [entered(**like)], Words(), {})

    assert isinstance(decided, Leave if offered else Create)


def test_an_expense_of_another_payment_is_not_offered() -> None:
    assert isinstance(settle(create(), [entered()], Words(), {"70": "pmt_2"}), Create)


def test_an_expense_that_a_person_said_is_another_one_is_not_offered() -> None:
    said = Words(others={"pmt_1": ["70"]})

    assert isinstance(settle(create(), [entered()], said, {}), Create)


def test_the_nearest_of_several_is_offered_first() -> None:
    far = replace(entered(dated=date(2026, 1, 15)), id="60")

    decided = settle(create(), [far, entered()], Words(), {})

    assert isinstance(decided, Leave)
    assert [one["remote_id"] for one in decided.facts["twins"]] == ["70", "60"]


SAID = Words(same={"pmt_1": "70"})


def test_the_expense_that_a_person_named_is_linked() -> None:
    assert isinstance(settle(create(), [entered()], SAID, {}), LinkTo)


@pytest.mark.parametrize(
    ("there", "why"),
    [
        (None, "it was deleted or voided in QuickBooks"),
        (replace(entered(), gone=True), "it was deleted or voided in QuickBooks"),
        (replace(entered(), content=None), "it names no vendor, or cannot be read"),
        (entered(party_id="6"), "it was paid to another vendor"),
        (entered(details={"marker": "CleoPay:x"}), "Cleo Pay recorded it for another payment"),
    ],
)
def test_an_expense_that_cannot_be_the_payment_is_not_linked(
    there: Remote | None, why: str
) -> None:
    decided = settle(create(), [there] if there else [], SAID, {})

    assert isinstance(decided, Leave)
    assert (decided.code, decided.facts["why"]) == ("cannot_link", why)


def test_an_expense_of_another_record_is_not_linked() -> None:
    decided = settle(create(), [entered()], SAID, {"70": "pmt_2"})

    assert isinstance(decided, Leave)
    assert decided.facts["why"] == "it is linked to another payment"
