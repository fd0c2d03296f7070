"""A sync writes each record once, to the cent, and says plainly why a record is not written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cleo_accounting.core.decision import Decision
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.plan import Verdict
from cleo_accounting.core.records import ConnectionStatus, PayableStatus, Role
from cleo_accounting.core.states import Trigger
from cleo_accounting.errors import Conflict, Invalid, Missing
from cleo_accounting.flows.company import connect
from cleo_accounting.flows.reporting.progress import RunStatus, Tally, items, status
from cleo_accounting.flows.run import sync
from cleo_accounting.store import decisions, links
from tests.world import World, connection, payable, source


def _codes(told: RunStatus) -> dict[str, str | None]:
    return {one.label: one.code for one in told.errors}


def _decide(here: World, kind: RemoteKind, record_id: str, verdict: str, value: str = "") -> None:
    with here.house.database.transaction() as tx:
        decisions.decide(
            tx,
            here.integration_id,
            kind,
            record_id,
            Verdict(verdict, value, "finance"),
            here.house.clock.now(),
        )


def test_every_record_arrives_once_and_to_the_cent(here: World) -> None:
    here.feed(*[connection(n, f"Supplier {n}") for n in range(1, 4)])
    here.feed(*[payable(n, 1_000 + n, to=1 + n % 3) for n in range(65)])

    told = here.sync()

    assert told.state == "succeeded"
    assert told.tallies["vendors"].created == 3
    assert told.tallies["invoices"] == Tally(created=65)
    bills = here.ours()
    assert len(bills) == 65
    assert sum(Decimal(str(one["TotalAmt"])) for one in bills) == Decimal("670.80") + Decimal(0)
    assert {one["DocNumber"] for one in bills} == {f"INV-{n}" for n in range(65)}


def test_a_second_sync_writes_nothing_and_asks_once_what_changed(here: World) -> None:
    here.feed(connection(1, "Supplier"), *[payable(n) for n in range(40)])
    here.sync()
    before = len(here.books("Bill"))

    told = here.sync()

    assert told.state == "succeeded"
    assert told.tallies["invoices"] == Tally(unchanged=40)
    assert told.run is not None
    assert told.run.usage == {"requests": 1, "batches": 0, "reads": 1, "throttled": 0}
    assert len(here.books("Bill")) == before


def test_bills_of_known_vendors_cost_one_batch_call_for_thirty_and_one_look_for_all(
    here: World,
) -> None:
    """There is one read for the lists, one for the numbers, and one for bills near the dates."""
    here.feed(connection(1, "Supplier"))
    here.sync()
    here.feed(*[payable(n) for n in range(95)])

    told = here.sync()

    assert told.run is not None
    assert told.run.usage == {"requests": 7, "batches": 4, "reads": 3, "throttled": 0}


def test_what_the_business_is_paid_becomes_an_invoice_of_a_customer(here: World) -> None:
    here.feed(connection(1, "Buyer"))
    here.feed(payable(1, 12_350, role=Role.PAYEE, lines=[("Hours", "2.5", "49.40")]))

    told = here.sync()

    assert told.state == "succeeded"
    (invoice,) = here.numbered("INV-1", "Invoice")
    assert invoice["TotalAmt"] == 123.5
    assert not [one for one in here.books("Vendor") if one["DisplayName"] == "Buyer"]


def test_a_vendor_of_the_same_name_is_linked_and_said_so(here: World) -> None:
    theirs = here.intuit.company.create("Vendor", {"DisplayName": "acme supplies"})
    here.feed(connection(1, "Acme Supplies"))

    told = here.sync("vendors")

    assert told.tallies["vendors"] == Tally(linked=1)
    found, _ = items(here.house, here.business_id, here.integration_id, told.run.id)  # type: ignore[union-attr]
    assert found[0].remote_id == theirs["Id"]
    assert found[0].facts["why"] == "same name"


def test_a_look_alike_waits_for_a_person_and_its_bills_say_why(here: World) -> None:
    here.intuit.company.create("Vendor", {"DisplayName": "Acme Supplies, Inc."})
    here.feed(connection(1, "ACME Supplies"), payable(1))

    told = here.sync()

    assert told.state == "failed"
    assert _codes(told) == {"ACME Supplies": "look_alike", "INV-1": "vendor_needed"}
    assert "Acme Supplies, Inc." in str(told.errors[0].cause)
    assert "is similar to" in str(told.errors[1].cause)


def test_a_person_may_have_a_look_alike_created_anew(here: World) -> None:
    here.intuit.company.create("Vendor", {"DisplayName": "Acme Supplies, Inc."})
    here.feed(connection(1, "ACME Supplies"), payable(1))
    here.sync()
    _decide(here, RemoteKind.VENDOR, "conn_1", "create_as", "ACME Supplies")

    told = here.sync()

    assert told.state == "succeeded"
    assert told.tallies["invoices"].created == 1


def test_a_name_that_a_customer_has_is_never_suffixed_silently(here: World) -> None:
    here.intuit.company.create("Customer", {"DisplayName": "Bridge Foods"})
    here.feed(connection(1, "Bridge Foods"))

    told = here.sync("vendors")

    assert _codes(told) == {"Bridge Foods": "name_taken"}
    assert "Bridge Foods (Vendor)" in str(told.errors[0].fix)
    assert not [one for one in here.books("Vendor") if one["DisplayName"].startswith("Bridge")]


def test_names_equal_but_for_case_are_one_name_and_the_second_waits(here: World) -> None:
    here.feed(connection(1, "Rochdale MBC"), connection(2, "Rochdale Mbc"))

    told = here.sync("vendors")

    assert told.tallies["vendors"] == Tally(created=1, failed=1)
    assert _codes(told) == {"Rochdale Mbc": "name_shared"}
    again = here.sync("vendors")
    assert again.tallies["vendors"] == Tally(unchanged=1, failed=1)


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("SH:24 CIC", "SH-24 CIC"),
        ("St Anne\u0092s Academy", "St Anne’s Academy"),
        ("Tab\tbed", "Tab bed"),
    ],
)
def test_a_name_that_quickbooks_does_not_take_comes_with_one_that_it_does(
    here: World, name: str, proposed: str
) -> None:
    here.feed(connection(1, name))

    told = here.sync("vendors")

    assert _codes(told) == {name: "name_not_allowed"}
    assert proposed in str(told.errors[0].fix)


def test_only_active_connections_become_vendors(here: World) -> None:
    here.feed(
        connection(1, "Pending", status=ConnectionStatus.PENDING),
        connection(2, "Archived", status=ConnectionStatus.ARCHIVED),
    )

    told = here.sync("vendors")

    assert told.tallies["vendors"] == Tally(skipped=2)


def test_a_bank_account_is_linked_by_its_last_digits_and_never_created(here: World) -> None:
    here.intuit.company.create("Account", {"Name": "Ops (…9911)", "AccountType": "Bank"})
    here.feed(source(1, "Operations", "9911"), source(2, "Nowhere", "0007"))
    before = len(here.books("Account"))

    told = here.sync("bankAccounts")

    assert told.tallies["bankAccounts"] == Tally(linked=1, failed=1)
    assert _codes(told) == {"Nowhere": "account_mapping_needed"}
    assert len(here.books("Account")) == before


@pytest.mark.parametrize(
    ("status_", "role", "sent"),
    [
        (PayableStatus.DRAFT, Role.PAYER, False),
        (PayableStatus.SUBMITTED, Role.PAYER, False),
        (PayableStatus.APPROVED, Role.PAYER, True),
        (PayableStatus.SCHEDULED, Role.PAYER, True),
        (PayableStatus.PAID, Role.PAYER, True),
        (PayableStatus.DECLINED, Role.PAYER, False),
        (PayableStatus.CANCELLED, Role.PAYER, False),
        (PayableStatus.DRAFT, Role.PAYEE, False),
        (PayableStatus.SUBMITTED, Role.PAYEE, True),
    ],
)
def test_a_document_leaves_when_its_status_says_so(
    here: World, status_: PayableStatus, role: Role, *, sent: bool
) -> None:
    here.feed(connection(1, "Partner"), payable(1, status=status_, role=role))

    told = here.sync()

    assert told.tallies["invoices"].created - (role is Role.PAYEE) == int(sent)
    assert told.tallies["invoices"].skipped == int(not sent)


def test_the_go_live_date_keeps_older_documents_out(here: World) -> None:
    here.choose(go_live=date(2026, 1, 1))
    here.feed(connection(1, "Partner"))
    here.feed(payable(1, issued_on=date(2025, 12, 31)), payable(2, issued_on=date(2026, 1, 1)))

    assert here.sync().tallies["invoices"] == Tally(created=1, skipped=1)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (payable(1, 10_01, lines=[("a", "1", "10.00")]), "lines_differ"),
        (payable(1, currency="EUR"), "currency_differs"),
        (payable(1, to=77), "connection_unknown"),
    ],
)
def test_what_cannot_go_is_left_with_its_cause_and_fix(
    here: World, given: object, code: str
) -> None:
    here.feed(connection(1, "Partner"), given)  # type: ignore[arg-type]

    told = here.sync()

    assert _codes(told) == {"INV-1": code}
    assert told.errors[0].cause
    assert told.errors[0].fix


def test_without_an_expense_account_a_bill_waits_for_the_choice(here: World) -> None:
    here.choose(expense_account_id=None)
    here.feed(connection(1, "Partner"), payable(1))

    assert _codes(here.sync()) == {"INV-1": "expense_account_needed"}


def test_closed_books_are_seen_before_sending_and_believed_open_again(here: World) -> None:
    here.feed(connection(1, "Partner"))
    here.sync()
    here.intuit.company.close_books("2026-01-31")
    here.feed(payable(1))
    refused = here.sync()
    assert _codes(refused) == {"INV-1": "books_closed"}
    here.intuit.company.close_books(None)

    assert here.sync().state == "succeeded"


def test_a_changed_payable_is_updated_in_place(here: World) -> None:
    here.feed(connection(1, "Partner"), payable(1, 10_00))
    here.sync()
    here.feed(payable(1, 12_00))

    told = here.sync()

    assert told.tallies["invoices"] == Tally(updated=1)
    (bill,) = here.numbered("INV-1")
    assert bill["TotalAmt"] == 12


def test_another_default_account_is_for_bills_to_come(here: World) -> None:
    here.feed(connection(1, "Partner"), payable(1))
    here.sync()
    other = here.intuit.company.create("Account", {"Name": "Other", "AccountType": "Expense"})
    here.choose(expense_account_id=other["Id"])

    assert here.sync().tallies["invoices"] == Tally(unchanged=1)


def test_a_change_of_status_alone_writes_nothing(here: World) -> None:
    here.feed(connection(1, "Partner"), payable(1))
    here.sync()
    here.feed(payable(1, status=PayableStatus.PAID))

    assert here.sync().tallies["invoices"] == Tally(unchanged=1)


def test_a_field_that_a_person_changed_there_is_kept_beside_our_change(here: World) -> None:
    here.feed(connection(1, "Partner"), payable(1, 10_00))
    here.sync()
    (bill,) = here.numbered("INV-1")
    here.intuit.company.update("Bill", bill["Id"], {"DueDate": "2026-03-01"})
    here.feed(payable(1, 11_00))

    told = here.sync()

    assert told.tallies["invoices"] == Tally(updated=1)
    after = here.intuit.company.get("Bill", bill["Id"])
    assert after is not None
    assert (after["TotalAmt"], after["DueDate"]) == (11, "2026-03-01")


def test_a_field_that_both_changed_waits_for_a_person(here: World) -> None:
    here.feed(connection(1, "Partner"), payable(1, due_on=date(2026, 2, 1)))
    here.sync()
    (bill,) = here.numbered("INV-1")
    here.intuit.company.update("Bill", bill["Id"], {"DueDate": "2026-03-01"})
    ours = payable(1, due_on=date(2026, 4, 1))
    here.feed(ours)

    told = here.sync()

    assert _codes(told) == {"INV-1": "changed_there"}
    assert "the due date" in str(told.errors[0].cause)
    still = here.intuit.company.get("Bill", bill["Id"])
    assert still is not None
    assert still["DueDate"] == "2026-03-01"


def test_a_bill_that_was_cancelled_unpaid_is_removed(here: World) -> None:
    here.feed(connection(1, "Partner"), payable(1))
    here.sync()
    here.feed(payable(1, status=PayableStatus.CANCELLED))

    told = here.sync()

    assert told.tallies["invoices"] == Tally(updated=1)
    assert not here.numbered("INV-1")
    assert here.sync().tallies["invoices"] == Tally(skipped=1)


def test_an_invoice_that_was_cancelled_unpaid_is_voided(here: World) -> None:
    here.feed(connection(1, "Buyer"), payable(1, role=Role.PAYEE))
    here.sync()
    here.feed(payable(1, role=Role.PAYEE, status=PayableStatus.CANCELLED))

    told = here.sync()

    assert told.tallies["invoices"].failed == 0
    (invoice,) = here.numbered("INV-1", "Invoice")
    assert invoice["TotalAmt"] == 0


def test_a_cancelled_bill_that_is_paid_there_waits_for_a_person(here: World) -> None:
    here.feed(connection(1, "Partner"), payable(1))
    here.sync()
    (bill,) = here.numbered("INV-1")
    here.intuit.company.pay_bill(bill["Id"], here.account("Bank"))
    here.feed(payable(1, status=PayableStatus.CANCELLED))

    told = here.sync()

    assert _codes(told) == {"INV-1": "removal_asks"}
    assert here.intuit.company.get("Bill", bill["Id"])


def test_a_cancelled_bill_that_was_paid_before_we_saw_it_waits_for_a_person(here: World) -> None:
    """Found by the simulation, seed 5066: its response was lost, and it was paid meanwhile."""
    here.feed(connection(1, "Partner"), payable(1))
    here.sync()
    (bill,) = here.numbered("INV-1")
    here.intuit.company.pay_bill(bill["Id"], here.account("Bank"))
    (paid,) = here.numbered("INV-1")
    with here.house.database.transaction() as tx:
        (link,) = links.links_of(tx, here.integration_id, RemoteKind.BILL).values()
        seen = replace(link, version=paid["SyncToken"])
        links.put_links(tx, here.integration_id, [seen], by="test", now=here.house.clock.now())
    here.feed(payable(1, status=PayableStatus.CANCELLED))

    told = here.sync()

    assert _codes(told) == {"INV-1": "removal_asks"}
    assert "It was cancelled here" in (told.errors[0].cause or "")
    assert here.intuit.company.get("Bill", bill["Id"])


def test_a_bill_that_a_person_deleted_there_is_not_written_again(here: World) -> None:
    here.feed(connection(1, "Partner"), payable(1, 10_00))
    here.sync()
    (bill,) = here.numbered("INV-1")
    here.intuit.company.delete("Bill", bill["Id"])
    here.feed(payable(1, 11_00))

    assert _codes(here.sync()) == {"INV-1": "deleted_there"}
    assert _codes(here.sync()) == {"INV-1": "deleted_there"}
    assert not here.numbered("INV-1")


def test_two_vendors_may_use_the_same_number(here: World) -> None:
    here.feed(connection(1, "One"), connection(2, "Two"))
    here.feed(payable(1, number="1001", to=1), payable(2, number="1001", to=2))

    told = here.sync()

    assert told.state == "succeeded"
    assert len(here.numbered("1001")) == 2


def test_a_bill_that_somebody_typed_by_hand_is_not_entered_twice(here: World) -> None:
    here.feed(connection(1, "One"))
    here.sync()
    line = here.booked(100)
    typed = {"VendorRef": {"value": here.vendor()}, "DocNumber": "INV-1", "Line": [line]}
    here.intuit.company.create("Bill", typed)
    here.feed(payable(1))

    told = here.sync()

    assert _codes(told) == {"INV-1": "possible_duplicate"}
    assert len(here.numbered("INV-1")) == 1


def test_long_numbers_stay_apart_and_the_whole_one_is_in_the_note(here: World) -> None:
    here.feed(connection(1, "One"))
    long = "2026/INVOICE/{}/00000000000042"
    here.feed(payable(1, number=long.format("A")), payable(2, number=long.format("B")))

    here.sync()

    bills = here.ours()
    assert len({one["DocNumber"] for one in bills}) == 2
    assert all(len(one["DocNumber"]) <= 21 for one in bills)
    assert any(long.format("A") in one["PrivateNote"] for one in bills)


def test_a_preview_writes_nothing_and_promises_what_a_sync_then_does(here: World) -> None:
    here.feed(connection(1, "One"), connection(2, "Two"), *[payable(n) for n in range(5)])
    before = len(here.intuit.emulator.journal.effects())

    preview = here.sync(dry_run=True)

    assert preview.state == "succeeded"
    assert len(here.intuit.emulator.journal.effects()) == before
    done = here.sync()
    assert preview.tallies == done.tallies
    assert preview.sums == done.sums


def test_a_second_request_widens_the_one_that_waits(here: World) -> None:
    here.feed(connection(1, "One"))
    asked = [
        sync.request(here.house, here.integration, [name], trigger=Trigger.PAGE, by="t")
        for name in ("vendors", "invoices", "vendors")
    ]

    assert len({run.id for run in asked}) == 1
    assert asked[-1].entity_types == ("vendors", "invoices")


@pytest.mark.both
def test_while_one_run_works_the_next_waits_its_turn(here: World) -> None:
    here.feed(connection(1, "One"), *[payable(n) for n in range(3)])
    first = sync.request(here.house, here.integration, ["vendors"], trigger=Trigger.PAGE, by="t")
    sync.advance(here.house, first.id)
    second = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")

    assert first.id != second.id
    assert sync.advance(here.house, second.id).wait_until is not None
    here.work(first.id)
    here.work(second.id)
    told = status(here.house, here.business_id, here.integration_id)
    assert told.tallies["invoices"].created >= 3


def test_cancel_stops_after_what_is_in_the_air(here: World) -> None:
    here.feed(connection(1, "One"))
    here.sync("vendors")
    here.feed(*[payable(n) for n in range(1200)])
    run = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    while status(here.house, here.business_id, here.integration_id).tallies["invoices"].created < 1:
        sync.advance(here.house, run.id)

    sync.cancel(here.house, here.business_id, here.integration_id, run.id, "t")
    here.work(run.id)

    told = status(here.house, here.business_id, here.integration_id)
    assert told.state == "cancelled"
    assert 0 < told.tallies["invoices"].created < 1200
    assert told.tallies["invoices"].total >= 1200
    assert here.sync("invoices").state == "succeeded"
    assert len(here.ours()) == 1200


def test_only_what_failed_is_retried(here: World) -> None:
    here.feed(
        connection(1, "One"),
        *[payable(n) for n in range(3)],
        payable(9, lines=[("a", "1", "1.00")]),
    )
    first = here.sync()
    assert first.run is not None
    here.feed(payable(9, 5_00), payable(10))

    told = here.sync(failed_only_of=first.run.id)

    assert told.tallies["invoices"] == Tally(created=1)


def test_a_record_that_is_left_out_stays_out_until_brought_back(here: World) -> None:
    here.feed(connection(1, "One"), payable(1))
    _decide(here, RemoteKind.BILL, "pay_1", "leave_out", "paid in cash")
    assert here.sync().tallies["invoices"].skipped == 1
    _decide(here, RemoteKind.BILL, "pay_1", Decision.BRING_BACK)

    assert here.sync().state == "succeeded"
    assert here.numbered("INV-1")


def test_the_numbers_add_up_at_every_moment(here: World) -> None:
    here.feed(connection(1, "One"), *[payable(n, 100 * (n % 7)) for n in range(300)])
    run = sync.request(
        here.house, here.integration, ["vendors", "invoices"], trigger=Trigger.PAGE, by="t"
    )
    totals: list[int] = []
    while not sync.advance(here.house, run.id).done:
        told = status(here.house, here.business_id, here.integration_id)
        totals.append(told.tallies["invoices"].total)

    planned = [one for one in totals if one]
    assert set(planned) == {max(planned)}
    assert max(planned) >= 300


def test_too_many_requests_make_a_run_wait_and_say_until_when(here: World) -> None:
    here.feed(connection(1, "One"), payable(1))
    here.sync("vendors")
    here.intuit.emulator.add_fault("throttled", times=1, path="*/batch")
    run = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    waits = []
    while not (progress := sync.advance(here.house, run.id)).done:
        if progress.wait_until:
            told = status(here.house, here.business_id, here.integration_id)
            waits.append((told.state, told.run.waiting_until if told.run else None))
            here.house.clock.sleep(61)

    assert waits
    assert waits[0][0] == "waiting"
    assert status(here.house, here.business_id, here.integration_id).state == "succeeded"
    assert len(here.numbered("INV-1")) == 1


@pytest.mark.parametrize(
    "kind",
    [
        "drop_before_commit",
        "drop_after_commit",
        "reset_mid_body",
        "truncated_body",
        "empty_body",
        "html_page",
        "error_before_commit",
        "error_after_commit",
        "timeout_before_commit",
        "timeout_after_commit",
    ],
)
@pytest.mark.parametrize("requestid", ["honoured", "ignored"])
def test_a_lost_answer_is_looked_into_and_nothing_is_entered_twice(
    here: World, kind: str, requestid: str
) -> None:
    here.intuit.emulator.turn(requestid=requestid)
    here.feed(*[connection(n, f"Supplier {n}") for n in range(1, 4)])
    here.feed(*[payable(n, to=1 + n % 3) for n in range(70)])
    here.intuit.emulator.add_fault(kind, times=3, path="*/batch")

    told = here.sync()

    assert told.state == "succeeded"
    marks = [one["PrivateNote"] for one in here.ours()]
    assert len(marks) == len(set(marks)) == 70
    assert len([one for one in here.books("Vendor") if "Supplier" in one["DisplayName"]]) == 3


def test_a_bill_that_always_fails_keeps_no_other_one_back(here: World) -> None:
    here.feed(connection(1, "One"), *[payable(n, number=f"S-{n}") for n in range(40)])
    poison = '"S-7"'
    here.intuit.emulator.add_fault("error_before_commit", path="*/batch", body=poison, times=None)

    told = here.sync()

    assert told.state == "partly_failed"
    assert _codes(told) == {"S-7": "fails_each_time"}
    marks = [one["PrivateNote"] for one in here.ours()]
    assert len(marks) == len(set(marks)) == 39


def test_a_bill_that_was_tried_more_often_is_not_given_up_with_one_that_always_fails(
    here: World,
) -> None:
    """They are sent apart before the first one's last attempt, however often the other was sent."""
    here.feed(connection(1, "One"), *[payable(n, number=f"S-{n}") for n in range(31)])
    here.sync()
    fault, fails, healthy = here.intuit.emulator.add_fault, 'CleoPay:pay_0"', 'CleoPay:pay_30"'
    fault("error_before_commit", path="*/batch", body=healthy, skip=1, times=1)
    fault("drop_after_commit", path="*/batch", body=fails, times=1)
    here.feed(*[payable(n, number=f"S-{n}", memo="changed here") for n in range(31)])
    run = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    where = (here.house, here.business_id, here.integration_id, run.id)
    while status(*where).tallies["invoices"].pending < 31:
        assert not sync.advance(here.house, run.id).wait_until
    _change_by_hand(here, "S-30", "DueDate")  # it is refused as stale and retried
    while status(*where).tallies["invoices"].in_doubt < 31:
        assert not sync.advance(here.house, run.id).wait_until
    for number in ("S-0", "S-30"):  # both are resent in one batch; the others are found
        (bill,) = here.numbered(number)
        before = {"PrivateNote": bill["PrivateNote"].removeprefix("changed here").lstrip()}
        here.intuit.company.update("Bill", bill["Id"], before)
    fault("error_before_commit", path="*/batch", body=fails, times=None)

    here.work(run.id)

    told = status(*where)
    assert _codes(told).keys() == {"S-0"}
    assert told.tallies["invoices"] == Tally(updated=30, failed=1)
    assert here.numbered("S-30")[0]["PrivateNote"].startswith("changed here")


def _change_by_hand(here: World, number: str, field: str) -> None:
    """Change a date of one of our bills, as a person does."""
    (bill,) = here.numbered(number)
    here.intuit.company.update("Bill", bill["Id"], {field: "2026-02-03"})


def test_what_a_cancelled_run_left_in_doubt_is_planned_by_the_next_and_stays_open_nowhere(
    here: World,
) -> None:
    """Found by the simulation, seed 4725."""
    here.feed(connection(1, "Partner"), payable(1))
    here.sync()
    (bill,) = here.numbered("INV-1")
    here.feed(payable(1, memo="changed here"))
    here.intuit.emulator.add_fault("drop_before_commit", times=1, path="*/batch")
    run = sync.request(
        here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="tester"
    )
    while not sync.advance(here.house, run.id).wait_until:
        pass
    sync.cancel(here.house, here.business_id, here.integration_id, run.id, "tester")
    here.work(run.id)
    here.intuit.company.pay_bill(bill["Id"], here.account("Bank"))

    told = here.sync()

    assert told.tallies["invoices"] == Tally(updated=1)
    left = items(here.house, here.business_id, here.integration_id, run.id)[0]
    assert [(one.state, one.code) for one in left] == [("left", "not_reached")]


def test_a_withdrawn_consent_ends_the_run_with_a_word_and_keeps_the_rest(here: World) -> None:
    here.feed(connection(1, "One"), payable(1))
    here.intuit.emulator.disconnect(here.intuit.realm_id, here.intuit.app.client_id)

    told = here.sync()

    assert told.state == "failed"
    assert told.run is not None
    assert told.run.code in ("needs_reconnect", "invalid_grant")
    with pytest.raises(Conflict):
        sync.request(here.house, here.integration, ["vendors"], trigger=Trigger.PAGE, by="t")
    here.connect()
    assert here.sync().state == "succeeded"


def test_nothing_is_written_after_a_disconnect(here: World) -> None:
    here.feed(connection(1, "One"), payable(1))
    run = sync.request(here.house, here.integration, ["vendors"], trigger=Trigger.PAGE, by="t")
    connect.disconnect(here.house, here.business_id, "t")
    before = len(here.intuit.emulator.journal.effects())

    here.work(run.id)

    told = status(here.house, here.business_id, here.integration_id, run.id)
    assert told.state in ("cancelled", "failed")
    assert len(here.intuit.emulator.journal.effects()) == before


def test_what_is_asked_must_exist(here: World) -> None:
    with pytest.raises(Invalid):
        sync.request(here.house, here.integration, ["payments"], trigger=Trigger.PAGE, by="t")
    with pytest.raises(Missing):
        status(here.house, here.business_id, here.integration_id, "run_none")
    with pytest.raises(Missing):
        status(here.house, "biz_other", here.integration_id)


def test_a_remapped_record_keeps_its_name_for_people(here: World) -> None:
    here.feed(connection(1, "Old name"))
    here.sync("vendors")
    here.feed(replace(connection(1), name="New name"))

    told = here.sync("vendors")

    assert told.tallies["vendors"] == Tally(updated=1)
    assert [one for one in here.books("Vendor") if one["DisplayName"] == "New name"]
