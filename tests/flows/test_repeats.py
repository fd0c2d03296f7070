"""A supplier who repeats a number: how our bills with one number are previewed and sent."""

from __future__ import annotations

from datetime import date

import pytest

from cleo_accounting.core.identity import Word
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.match import name_key
from cleo_accounting.core.numbers import number_key
from cleo_accounting.core.records import Payable, PayableStatus, Role
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.mapping import bulk, choose
from cleo_accounting.flows.reporting import reconcile
from cleo_accounting.flows.reporting.progress import RunStatus, Tally
from cleo_accounting.flows.run import prepare
from cleo_accounting.store import identities
from tests.world import BUSINESS, World, connection, decide, payable

MONTHS = range(1, 13)


@pytest.fixture(params=["refused", "allowed"])
def ready(here: World, request: pytest.FixtureRequest) -> World:
    """A business with a vendor, in a company that refuses or allows repeated numbers."""
    here.intuit.emulator.turn(duplicate_numbers=request.param)
    here.feed(connection(1, "Landlord"))
    here.sync()
    return here


def rent(month: int, cents: int, *, day: int = 1, **more: object) -> Payable:
    """Return the bill for a month, with the number that all of them share."""
    return payable(month, cents, number="RENT", issued_on=date(2026, month, day), **more)


def totals(here: World, kind: str = "Bill") -> list[float]:
    return sorted(float(one["TotalAmt"]) for one in here.numbered("RENT", kind))


def waiting(told: RunStatus) -> list[str]:
    """Return the records that wait because their number is repeated."""
    assert {one.code for one in told.errors} <= {"duplicate_number"}
    return [one.record_id for one in told.errors]


def previewed_as_synced(here: World) -> RunStatus:
    """Preview, then sync; check that both report the same, and return the sync's status."""
    previewed, synced = here.sync(dry_run=True), here.sync()
    assert [(one.record_id, one.cause, one.fix) for one in synced.errors] == [
        (one.record_id, one.cause, one.fix) for one in previewed.errors
    ]
    assert synced.tallies["invoices"] == previewed.tallies["invoices"]
    return synced


def test_a_year_of_bills_with_one_number_is_written_as_previewed(ready: World) -> None:
    ready.feed(*[rent(month, 100_000 + month) for month in MONTHS])

    told = previewed_as_synced(ready)

    assert told.tallies["invoices"] == Tally(created=12)
    assert totals(ready) == [1000 + month / 100 for month in MONTHS]
    assert ready.sync().tallies["invoices"] == Tally(unchanged=12)


def test_bills_of_a_vendor_who_is_new_in_the_same_run_are_written_as_previewed(
    ready: World,
) -> None:
    ready.feed(connection(2, "Lessor"), rent(1, 1_00, to=2), rent(2, 2_00, to=2), rent(3, 1_00))
    ready.feed(rent(4, 2_00, to=2))

    told = previewed_as_synced(ready)

    assert waiting(told) == ["pay_4"]
    assert totals(ready) == [1, 1, 2]


def test_the_bills_of_the_next_year_are_written_beside_those_in_quickbooks(ready: World) -> None:
    ready.feed(*[rent(month, 100_000 + month) for month in range(1, 7)])
    ready.sync()
    ready.feed(*[rent(month, 100_000 + month) for month in range(7, 13)])

    told = previewed_as_synced(ready)

    assert told.tallies["invoices"] == Tally(created=6, unchanged=6)


def test_the_same_rent_each_month_waits_until_a_person_says_so_once_for_all(ready: World) -> None:
    ready.feed(*[rent(month, 100_000) for month in MONTHS])
    told = previewed_as_synced(ready)
    assert told.tallies["invoices"].created == 1
    assert told.tallies["invoices"].failed == 11
    assert told.errors[0].cause == (
        "The number RENT is also the number of another bill of the same vendor from Cleo Pay: that"
        " of 2026-01-01 over 1,000.00 USD (not in QuickBooks yet; same total)."
    )
    assert told.errors[0].fix == (
        "If it is the same document, leave this one out; else send it with the same number, or"
        " with another number, such as “RENT-2”."
    )

    done = bulk.decide(
        ready.house,
        BUSINESS,
        ready.integration_id,
        code="duplicate_number",
        word="another_one",
        by="user:jane",
    )

    assert (done.number, done.refused) == (11, [])
    assert previewed_as_synced(ready).tallies["invoices"] == Tally(created=11, unchanged=1)
    assert totals(ready) == [1000] * 12


def test_another_amount_on_the_same_day_waits(ready: World) -> None:
    ready.feed(rent(1, 100_000))
    ready.sync()
    ready.feed(payable(2, 50_000, number=" rent", issued_on=date(2026, 1, 1)))

    (item,) = previewed_as_synced(ready).errors

    assert "that of 2026-01-01 over 1,000.00 USD (in QuickBooks; same date)" in (item.cause or "")
    assert totals(ready) == [1000]


def test_a_word_counts_for_the_other_document_that_it_is_about(ready: World) -> None:
    ready.feed(rent(1, 100_000), rent(2, 100_000))
    (item,) = ready.sync().errors
    decide(ready, item, "another_one")
    ready.feed(rent(3, 100_000, day=9))
    told = previewed_as_synced(ready)
    assert waiting(told) == ["pay_3"]
    assert "2 other bills" in (told.errors[0].cause or "")
    decide(ready, told.errors[0], "another_one", "ours:pay_1")

    (item,) = previewed_as_synced(ready).errors

    assert "another bill" in (item.cause or "")
    assert "that of 2026-02-01" in (item.cause or "")


@pytest.mark.parametrize("value", ["ours:", "ours:pay 1/2", "pay_1"])
def test_another_record_is_named_by_its_id(ready: World, value: str) -> None:
    ready.feed(rent(1, 100_000), rent(2, 100_000))
    (item,) = ready.sync().errors

    with pytest.raises(Invalid, match="not possible"):
        decide(ready, item, "another_one", value)


@pytest.mark.parametrize("verdict", ["link_to", "send_ours", "keep_theirs"])
def test_a_bill_of_our_own_is_nothing_to_link_or_to_compare(ready: World, verdict: str) -> None:
    ready.feed(rent(1, 100_000), rent(2, 100_000))
    (item,) = ready.sync().errors

    with pytest.raises(Invalid, match="not possible"):
        decide(ready, item, verdict)


def test_one_that_was_entered_twice_is_left_out(ready: World) -> None:
    ready.feed(rent(1, 100_000), rent(2, 100_000))
    decide(ready, ready.sync().errors[0], "leave_out", "Entered twice.")

    assert ready.sync().tallies["invoices"] == Tally(unchanged=1, skipped=1)
    assert totals(ready) == [1000]


def test_it_is_sent_with_another_number(ready: World) -> None:
    ready.feed(rent(1, 100_000), rent(2, 100_000))
    decide(ready, ready.sync().errors[0], "number_as", "RENT-2")

    assert previewed_as_synced(ready).tallies["invoices"] == Tally(created=1, unchanged=1)
    assert len(ready.numbered("RENT-2")) == 1


def test_the_number_of_one_that_a_person_deleted_in_quickbooks_is_free(ready: World) -> None:
    ready.feed(rent(1, 100_000))
    ready.sync()
    ready.intuit.company.delete("Bill", str(ready.numbered("RENT")[0]["Id"]))
    ready.feed(rent(2, 100_000))

    assert previewed_as_synced(ready).tallies["invoices"].created == 1


def test_the_number_of_one_that_is_left_out_is_free(ready: World) -> None:
    ready.feed(rent(1, 100_000), rent(2, 100_000))
    choose.decide(
        ready.house,
        BUSINESS,
        ready.integration_id,
        RemoteKind.BILL,
        "pay_1",
        "leave_out",
        "Paid in cash.",
        "user:jane",
    )

    assert previewed_as_synced(ready).tallies["invoices"] == Tally(created=1, skipped=1)


def test_the_number_of_one_that_is_cancelled_is_free(ready: World) -> None:
    ready.feed(rent(1, 100_000))
    ready.sync()
    ready.feed(rent(1, 100_000, status=PayableStatus.CANCELLED), rent(2, 100_000))

    told = previewed_as_synced(ready)

    assert told.tallies["invoices"] == Tally(created=1, updated=1)
    assert len(ready.numbered("RENT")) == 1


def test_invoices_of_one_number_are_told_apart_as_bills_are(ready: World) -> None:
    ready.feed(connection(2, "Tenant"))
    ready.feed(*[rent(month, 100_000, to=2, role=Role.PAYEE) for month in (1, 2)])
    ready.feed(rent(3, 300_000, to=2, role=Role.PAYEE))

    told = previewed_as_synced(ready)

    assert waiting(told) == ["pay_2"]
    assert "another invoice of the same customer" in (told.errors[0].cause or "")
    assert totals(ready, "Invoice") == [1000, 3000]


def test_a_bill_that_a_person_entered_with_the_number_is_asked_about_first(ready: World) -> None:
    ready.feed(rent(1, 100_000))
    ready.sync()
    (ours,) = ready.numbered("RENT")
    kept = {name: ours[name] for name in ("VendorRef", "Line", "DocNumber")}
    ready.intuit.company.create("Bill", {**kept, "TxnDate": "2026-02-01"})
    ready.feed(rent(2, 100_000))
    (item,) = ready.sync().errors
    assert item.code == "possible_duplicate"
    decide(ready, item, "another_one")

    assert waiting(previewed_as_synced(ready)) == ["pay_2"]


def test_bills_on_later_pages_of_the_plan_are_compared_with_those_before(
    ready: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "_PAGE", 2)
    ready.feed(*[rent(month, 100_000 + month) for month in range(1, 6)], rent(6, 100_001))

    assert waiting(previewed_as_synced(ready)) == ["pay_6"]


def test_a_comparison_says_of_a_repeated_number_that_it_waits_for_a_person(ready: World) -> None:
    ready.feed(rent(1, 80_000), rent(2, 80_000))
    assert waiting(ready.sync()) == ["pay_2"]

    found, *_ = reconcile.reconcile(ready.house, BUSINESS, ready.integration_id)

    assert [one.code for one in found.unsent] == ["duplicate_number"]


def test_an_answer_given_when_importing_is_not_asked_for_again(ready: World) -> None:
    with ready.house.database.transaction() as tx:
        identities.remember(
            tx,
            BUSINESS,
            identities.key(name_key("Landlord"), number_key("RENT")),
            Word.OTHER,
            earlier=None,
            by="user:jane",
            now=ready.house.clock.now(),
        )
    ready.feed(
        rent(1, 80_000),
        rent(2, 80_000),
        payable(3, 80_000, number="RENT", issued_on=date(2026, 3, 2)),
    )

    told = previewed_as_synced(ready)

    assert told.tallies["invoices"] == Tally(created=3)
    assert totals(ready) == [800.0] * 3


def test_the_removal_of_a_copy_leaves_the_number_taken(ready: World) -> None:
    ready.feed(rent(1, 80_000))
    ready.sync()
    (bill,) = ready.numbered("RENT")
    own = ("Id", "SyncToken", "MetaData", "Balance", "TotalAmt")
    with_numbers = ready.intuit.emulator.switches.duplicate_numbers
    ready.intuit.emulator.turn(duplicate_numbers="allowed")
    copy = {name: value for name, value in bill.items() if name not in own}
    ready.intuit.company.create("Bill", copy)
    ready.intuit.emulator.turn(duplicate_numbers=with_numbers)
    reconcile.keep(ready.house, ready.integration_id)
    assert reconcile.remove_duplicates(ready.house, BUSINESS, ready.integration_id, "jane") == 1
    ready.feed(rent(2, 80_000))

    assert waiting(ready.sync()) == ["pay_2"]
    assert totals(ready) == [800.0]
