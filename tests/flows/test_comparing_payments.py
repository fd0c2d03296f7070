"""A comparison covers payments and the open balance of each document, to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cleo_accounting.core.kinds import DOCUMENTS, PAYMENTS
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.reconciliation import Discrepancy, Open, Outcome, Reconciliation
from cleo_accounting.core.records import Money, Part, Payment, PaymentStatus, Role
from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.mapping import choose
from cleo_accounting.flows.reporting import reconcile
from cleo_accounting.flows.run import sync
from cleo_accounting.store import links
from tests.world import BUSINESS, World, connection, payable, source

# Bills and invoices: our role, QuickBooks' names of the document and its payment, and our kind.
SIDES = [
    pytest.param((Role.PAYER, "Bill", "BillPayment", RemoteKind.BILL_PAYMENT), id="bill"),
    pytest.param((Role.PAYEE, "Invoice", "Payment", RemoteKind.PAYMENT), id="invoice"),
]
BILL = SIDES[0].values[0]
Side = tuple[Role, str, str, RemoteKind]


def payment(number: int = 1, of: int = 1, cents: int = 10_000, **more: Any) -> Payment:
    """Return a completed payment of the payable with the number `of`."""
    return Payment(
        id=f"pmt_{number}",
        funding_source_id=more.pop("source", "fs_1"),
        amount=Money(cents, "USD"),
        status=more.pop("status", PaymentStatus.COMPLETED),
        payable_id=f"pay_{of}",
        paid_on=date(2026, 1, 20),
        **more,
    )


def begun(here: World, role: Role = Role.PAYER) -> World:
    """Bring two documents of $100 into QuickBooks, and match a bank account."""
    here.feed(connection(1, "Acme"), source(1, here.bank))
    here.feed(payable(1, role=role), payable(2, role=role))
    assert not here.sync().errors
    return here


def paid(here: World, side: Side = BILL, *payments: Payment) -> str:
    """Do the same, and pay the first document; return the payment's id in QuickBooks."""
    begun(here, side[0]).feed(*(payments or (payment(),)))
    assert not here.sync().errors
    return str(here.books(side[2])[0]["Id"])


def compared(here: World) -> reconcile.Compared:
    """Compare as a worker does, and return the stored comparison."""
    reconcile.keep(here.house, here.integration_id)
    return reconcile.compared(here.house, BUSINESS, here.integration_id)


def differing(here: World) -> Discrepancy:
    (one,) = compared(here).differing
    return one


def of_kind(found: reconcile.Compared, kind: RemoteKind) -> Reconciliation:
    return next(one for one in found.kinds if one.kind is kind)


def opened(found: reconcile.Compared, role: Role = Role.PAYER) -> Open:
    wanted = RemoteKind.VENDOR if role is Role.PAYER else RemoteKind.CUSTOMER
    return next(one for one in found.summary.opens if one.party is wanted)


def decide(here: World, word: str, record: str = "pmt_1", value: str = "", **more: Any) -> None:
    kind = more.get("kind", RemoteKind.BILL_PAYMENT)
    where = (here.house, BUSINESS, here.integration_id)
    choose.decide(*where, kind, record, word, value, "finance")


def later(here: World) -> None:
    """Wait until queries show everything that was written or removed."""
    here.house.clock.sleep(here.house.quiescence.total_seconds() + 1)


def linked_to(here: World, number: str, amount: str, side: Side = BILL) -> dict[str, Any]:
    """Return the lines by which a payment pays a document."""
    (document,) = here.numbered(number, side[1])
    paid = {"TxnId": document["Id"], "TxnType": side[1]}
    return {"Line": [{"Amount": Decimal(amount), "LinkedTxn": [paid]}]}


@pytest.mark.parametrize("side", SIDES)
def test_payments_are_compared_and_summed_apart_from_what_they_pay(here: World, side: Side) -> None:
    paid(here, side, payment(cents=4_000))

    found = compared(here)

    assert found.outcome is Outcome.EQUAL
    assert {one.kind: (one.equal, one.ours, one.theirs) for one in found.kinds if one.equal} == {
        RemoteKind(side[1].lower()): (2, {"USD": 20_000}, {"USD": 20_000}),
        side[3]: (1, {"USD": 4_000}, {"USD": 4_000}),
    }
    balance = opened(found, side[0])
    assert balance.total.ours == balance.total.theirs == {"USD": 16_000}
    assert (balance.parties, balance.differing) == (1, [])


@pytest.mark.parametrize("side", SIDES)
def test_a_payment_that_somebody_voided_is_noticed_and_not_written_again(
    here: World, side: Side
) -> None:
    there = paid(here, side)
    here.intuit.company.void(side[2], there)
    later(here)

    found = differing(here)
    assert (found.kind, found.record_id, found.finding) == (side[3], "pmt_1", "missing")
    assert found.said == "It was voided in QuickBooks."
    assert found.decisions == ("create_again", "leave_out")
    (vendor,) = opened(compared(here), side[0]).differing
    assert (vendor.name, vendor.ours, vendor.theirs) == ("Acme", {"USD": 10_000}, {"USD": 20_000})

    before = here.books(side[2])
    here.sync()
    assert here.books(side[2]) == before
    assert differing(here).finding == "missing"

    decide(here, "create_again", kind=side[3])
    waiting = compared(here)
    assert waiting.outcome is Outcome.UNSENT
    assert waiting.summary.headline == (
        "All sent documents and payments are equal; 1 payment worth 100.00 USD is not sent."
    )
    assert not here.sync().errors
    assert compared(here).outcome is Outcome.EQUAL
    assert len([one for one in here.books(side[2]) if one["TotalAmt"]]) == 1


def test_a_payment_that_somebody_deleted_can_be_left_out(here: World) -> None:
    here.intuit.company.delete("BillPayment", paid(here))
    later(here)

    assert differing(here).said == "It is no longer in QuickBooks."
    decide(here, "leave_out", value="paid in cash")

    found = compared(here)
    assert found.outcome is Outcome.EQUAL
    assert opened(found).total.ours == {"USD": 20_000}
    here.sync()
    assert not here.books("BillPayment")


def _other_bank(here: World) -> dict[str, Any]:
    other = {"Name": "Rainy day", "AccountType": "Bank"}
    account = here.intuit.company.create("Account", other)
    return {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": account["Id"]}}}


CHANGES = {
    "amount": lambda here: {"TotalAmt": Decimal(60), **linked_to(here, "INV-1", "60")},
    "date": lambda _: {"TxnDate": "2026-01-25"},
    "bank account": _other_bank,
    "what it pays": lambda here: linked_to(here, "INV-2", "100"),
}
FIELDS = {
    "amount": {"total", "applied"},
    "date": {"dated"},
    "bank account": {"account_id"},
    "what it pays": {"applied"},
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_payment_that_somebody_changed_is_named_and_settled_by_keeping_it(
    here: World, name: str
) -> None:
    """Only the payment is reported: no document counts as paid by others because of it."""
    there = paid(here)
    assert compared(here).outcome is Outcome.EQUAL
    here.intuit.company.update("BillPayment", there, CHANGES[name](here))

    found = differing(here)
    assert (found.kind, found.finding) == (RemoteKind.BILL_PAYMENT, "differing")
    assert {one.field for one in found.fields} == FIELDS[name]
    assert all(one.theirs != one.written for one in found.fields)
    assert found.decisions == ("keep_theirs",)
    with pytest.raises(Invalid):
        decide(here, "send_ours")

    decide(here, "keep_theirs")
    kept = compared(here)
    assert (kept.outcome, kept.summary.accepted) == (Outcome.EQUAL, 1)
    before = here.books("BillPayment")
    here.sync()
    assert here.books("BillPayment") == before


def test_what_a_payment_pays_is_told_by_the_numbers_of_the_documents(here: World) -> None:
    there = paid(here)
    here.intuit.company.update("BillPayment", there, linked_to(here, "INV-2", "100"))

    (field,) = differing(here).fields

    assert field.written is not None
    assert field.theirs is not None
    assert [one.description for one in field.written.lines] == ["INV-1"]
    assert [one.description for one in field.theirs.lines] == ["INV-2"]


@pytest.mark.parametrize("side", SIDES)
def test_a_document_that_somebody_else_paid_is_named_with_day_and_amount(
    here: World, side: Side
) -> None:
    begun(here, side[0])
    (document,) = here.numbered("INV-1", side[1])
    party = "VendorRef" if side[1] == "Bill" else "CustomerRef"
    account = {"value": here.account("Bank")}
    through = (
        {"PayType": "Check", "CheckPayment": {"BankAccountRef": account}}
        if side[1] == "Bill"
        else {"DepositToAccountRef": account}
    )
    by_hand = {party: document[party], "TotalAmt": Decimal(30), "TxnDate": "2026-01-15", **through}
    here.intuit.company.create(side[2], {**by_hand, **linked_to(here, "INV-1", "30", side)})

    found = differing(here)
    assert (found.kind, found.record_id) == (RemoteKind(side[1].lower()), "pay_1")
    assert found.finding == "paid"
    assert found.said == "Somebody else paid 30.00 USD of it on 2026-01-15 in QuickBooks."
    (balance,) = opened(compared(here), side[0]).differing
    assert (balance.ours, balance.theirs) == ({"USD": 20_000}, {"USD": 17_000})
    with pytest.raises(Invalid):
        decide(here, "send_ours", "pay_1", kind=RemoteKind(side[1].lower()))

    decide(here, "keep_theirs", "pay_1", kind=RemoteKind(side[1].lower()))
    kept = compared(here)
    assert (kept.outcome, kept.summary.accepted) == (Outcome.EQUAL, 1)
    assert opened(kept, side[0]).total.ours == {"USD": 17_000}


def test_a_payment_that_a_person_linked_is_ours(here: World) -> None:
    """A person's payment may differ from ours in its date and number."""
    begun(here)
    (bill,) = here.numbered("INV-1")
    here.intuit.company.pay_bill(bill["Id"], amount=100.0)
    here.feed(payment())
    (item,) = here.sync().errors
    assert compared(here).outcome is Outcome.DIFFERS

    where = (here.house, BUSINESS, here.integration_id)
    choose.decide_item(*where, item.id, "link_to", "", "finance")
    assert not here.sync().errors

    assert compared(here).outcome is Outcome.EQUAL


def test_a_bill_that_we_pay_while_all_is_read_is_not_said_to_be_paid_by_others(here: World) -> None:
    begun(here)
    here.feed(payment())
    happened: list[RemoteKind] = []

    def pay(kind: RemoteKind, _count: int) -> None:
        if kind is RemoteKind.BILL and not happened:
            happened.append(kind)  # the bills are read, payments are not yet
            here.sync("invoices")

    where = (here.house, BUSINESS, here.integration_id)
    found = reconcile.reconcile(*where, watch=pay)

    assert happened
    assert here.books("BillPayment")
    assert not [one for each in found for one in each.discrepancies]


def test_a_payment_that_waits_is_not_added_to_the_bill_that_waits(here: World) -> None:
    here.feed(connection(1, "Acme"), payable(1), source(1, "Nowhere", "0000"), payment())

    found = compared(here)

    assert found.outcome is Outcome.UNSENT
    waiting = {one.sort: (one.not_sent, one.waiting) for one in found.summary.tallies}
    assert waiting == {"document": (1, {"USD": 10_000}), "payment": (1, {"USD": 10_000})}
    assert found.summary.headline == (
        "All sent documents and payments are equal; 1 document worth 100.00 USD and 1 payment"
        " worth 100.00 USD are not sent."
    )


def test_a_payment_that_came_back_and_one_on_its_way_are_kept_out(here: World) -> None:
    paid(here)
    here.feed(payment(status=PaymentStatus.FAILED, return_code="R01"))
    here.feed(payment(2, of=2, status=PaymentStatus.PROCESSING))
    assert compared(here).outcome is Outcome.UNSENT  # the failed payment is not voided yet
    here.sync()

    found = compared(here)

    assert found.outcome is Outcome.EQUAL
    payments = of_kind(found, RemoteKind.BILL_PAYMENT)
    assert {one.code for one in payments.kept_out} == {"returned", "payment_under_way"}


def test_what_is_known_of_a_payment_after_a_loss_is_compared(here: World) -> None:
    """The amount is compared even if a payment was found by its mark, without its bank account."""
    there = paid(here)
    with here.house.database.transaction() as tx:
        known = links.links_of(tx, here.integration_id, RemoteKind.BILL_PAYMENT)["pmt_1"]
        links.remove_link(tx, here.integration_id, RemoteKind.BILL_PAYMENT, "pmt_1")
        links.remove_link(tx, here.integration_id, RemoteKind.ACCOUNT, "fs_1")
        again = [replace(known, fingerprint=None)]
        now = here.house.clock.now()
        links.put_links(tx, here.integration_id, again, by="recognised", now=now)
    assert compared(here).outcome is Outcome.EQUAL

    change = {"TotalAmt": Decimal(60), **linked_to(here, "INV-1", "60")}
    here.intuit.company.update("BillPayment", there, change)

    assert {one.field for one in differing(here).fields} == {"total"}


def test_a_payment_that_somebody_applied_otherwise_is_asked_about_when_it_comes_back(
    here: World,
) -> None:
    there = paid(here)
    here.intuit.company.update("BillPayment", there, linked_to(here, "INV-2", "100"))
    here.feed(payment(status=PaymentStatus.FAILED))

    (item,) = here.sync().errors

    assert item.code == "removal_asks"
    assert [one.field for one in item.differences] == ["applied"]
    assert len([one for one in here.books("BillPayment") if one["TotalAmt"]]) == 1


def test_a_second_payment_with_our_mark_is_voided_when_a_person_says_so(here: World) -> None:
    there = paid(here, BILL, payment(cents=4_000))
    (ours,) = here.books("BillPayment")
    given = "VendorRef PayType CheckPayment DocNumber TotalAmt TxnDate PrivateNote Line".split()
    copied = here.intuit.company.create("BillPayment", {name: ours[name] for name in given})

    found = differing(here)
    assert (found.finding, set(found.remote_ids)) == ("twice", {there, copied["Id"]})

    reconcile.remove_duplicates(here.house, BUSINESS, here.integration_id, "finance")
    run = sync.request(
        here.house, here.integration, ["invoices"], trigger=Trigger.REPAIR, by="finance"
    )
    here.work(run.id)

    totals = {one["Id"]: one["TotalAmt"] for one in here.books("BillPayment")}
    assert totals == {there: 40, copied["Id"]: 0}
    assert compared(here).outcome is Outcome.EQUAL


@pytest.mark.parametrize("side", SIDES)
def test_a_credit_counts_below_zero_and_what_a_payment_uses_of_it_is_used(
    here: World, side: Side
) -> None:
    begun(here, side[0])
    here.feed(payable(9, -4_500, role=side[0]))
    used = (Part("pay_9", Money(2_000, "USD")),)
    here.feed(payment(cents=8_000, credits=used))
    assert not here.sync().errors

    found = compared(here)

    assert found.outcome is Outcome.EQUAL
    balance = opened(found, side[0])
    assert balance.total.ours == balance.total.theirs == {"USD": 10_000 - 2_500}


def test_a_credit_that_somebody_else_used_is_named(here: World) -> None:
    begun(here)
    here.feed(payable(9, -4_500))
    here.sync()
    (bill,), (credit,) = here.numbered("INV-1"), here.books("VendorCredit")
    parts = [
        {"Amount": Decimal(30), "LinkedTxn": [{"TxnId": one["Id"], "TxnType": kind}]}
        for one, kind in ((bill, "Bill"), (credit, "VendorCredit"))
    ]
    account = {"BankAccountRef": {"value": here.account("Bank")}}
    applies = {"VendorRef": bill["VendorRef"], "PayType": "Check", "CheckPayment": account}
    applies |= {"TotalAmt": Decimal(0), "TxnDate": "2026-01-15", "Line": parts}
    here.intuit.company.create("BillPayment", applies)

    found = {one.kind: one.said for one in compared(here).differing}

    assert found == {
        RemoteKind.BILL: "Somebody else paid 30.00 USD of it on 2026-01-15 in QuickBooks.",
        RemoteKind.VENDOR_CREDIT: "Somebody else used 30.00 USD of it on 2026-01-15 in QuickBooks.",
    }


def test_a_comparison_reads_a_thousand_payments_with_one_request(here: World) -> None:
    """Each kind is read as one list; a document is read again only if others seem to pay it."""
    paid(here, BILL, *(payment(at, of=1 + at % 2, cents=100) for at in range(1, 41)))

    def reads() -> list[str]:
        journal = here.intuit.emulator.journal
        return [one.request.path for one in journal if one.request and "/query" in one.request.path]

    before = len(reads())
    assert compared(here).outcome is Outcome.EQUAL

    assert len(reads()) - before == len((*DOCUMENTS, *PAYMENTS))
