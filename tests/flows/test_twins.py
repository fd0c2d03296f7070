"""Documents that a person entered in QuickBooks and that may be ones we are about to send."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cleo_accounting.core.decision import Decision
from cleo_accounting.core.links import Origin, RemoteKind
from cleo_accounting.core.plan import Verdict
from cleo_accounting.core.records import PayableStatus, Role
from cleo_accounting.errors import Invalid
from cleo_accounting.flows.mapping import choose, pair
from cleo_accounting.flows.reporting import reconcile
from cleo_accounting.flows.reporting.progress import Item, Tally
from cleo_accounting.store import decisions, links
from tests.world import BUSINESS, World, asked, connection, decide, payable

DAY, ONE = date(2026, 1, 5), timedelta(days=1)
BILL = RemoteKind.BILL


def typed(here: World, number: str | None = "INV-1", cents: int = 8_000, **more: Any) -> str:
    """Enter a bill of the vendor in QuickBooks, as a person; return its id."""
    document = {
        "VendorRef": {"value": more.pop("of", None) or here.vendor()},
        "TxnDate": more.pop("dated", DAY).isoformat(),
        "Line": [here.booked(Decimal(cents).scaleb(-2))],
        **({"DocNumber": number} if number else {}),
        **more,
    }
    return str(here.intuit.company.create("Bill", document)["Id"])


@pytest.fixture
def ready(here: World) -> World:
    """A business whose vendor is already in QuickBooks."""
    here.feed(connection(1, "One"))
    here.sync()
    return here


def test_a_bill_that_was_entered_by_hand_is_offered_and_not_sent(ready: World) -> None:
    remote_id = typed(ready)
    ready.feed(payable(1))

    item = asked(ready.sync(), "possible_duplicate")

    assert [(one.remote_id, one.why) for one in item.twins] == [(remote_id, "same number")]
    assert item.cause == (
        "QuickBooks holds a bill that may be the same: number INV-1 of 2026-01-05 over 80.00 USD"
        " (open; same number)."
    )
    assert not ready.ours()


def test_it_is_linked_when_a_person_says_that_it_is_the_same(ready: World) -> None:
    remote_id = typed(ready)
    ready.feed(payable(1))
    decide(ready, asked(ready.sync(), "possible_duplicate"), "link_to")

    assert ready.sync().tallies["invoices"] == Tally(linked=1)
    assert ready.sync().tallies["invoices"] == Tally(unchanged=1)

    with ready.house.database.reading() as tx:
        link = links.links_of(tx, ready.integration_id, BILL)["pay_1"]
    assert (link.remote_id, link.origin) == (remote_id, Origin.MATCHED)
    (bill,) = ready.numbered("INV-1")
    assert (bill["Id"], bill["SyncToken"]) == (remote_id, "0")


def test_it_is_sent_when_a_person_says_that_it_is_another_one(ready: World) -> None:
    typed(ready, "0815", 10_000)
    ready.feed(payable(1))
    decide(ready, asked(ready.sync(), "possible_duplicate"), "another_one")

    assert ready.sync().tallies["invoices"] == Tally(created=1)
    assert len(ready.ours()) == 1


def _other_vendor(here: World) -> None:
    other = here.intuit.company.create("Vendor", {"DisplayName": "Another"})
    typed(here, cents=10_000, of=str(other["Id"]))


def _voided(here: World) -> None:
    typed(here, cents=0)


def _linked(here: World) -> None:
    typed(here)
    here.feed(payable(2, number="INV-1"))
    decide(here, asked(here.sync(), "possible_duplicate"), "link_to")
    here.sync()


def _of_a_copy(here: World) -> None:
    typed(here, cents=10_000, PrivateNote="copied\nCleoPay:pay_77")


CASES: list[tuple[str, Callable[[World], object], bool | str]] = [
    ("the number, another total, years ago", lambda w: typed(w, dated=date(2019, 1, 1)), True),
    ("the number in other letters", lambda w: typed(w, "inv-1"), True),
    ("the total on the day", lambda w: typed(w, "0815", 10_000), True),
    ("the total, without a number", lambda w: typed(w, None, 10_000), True),
    ("the total 7 days before", lambda w: typed(w, "9", 10_000, dated=DAY - 7 * ONE), True),
    ("the total 7 days later", lambda w: typed(w, "9", 10_000, dated=DAY + 7 * ONE), True),
    ("the total 8 days before", lambda w: typed(w, "9", 10_000, dated=DAY - 8 * ONE), False),
    ("the total 8 days later", lambda w: typed(w, "9", 10_000, dated=DAY + 8 * ONE), False),
    ("a cent more", lambda w: typed(w, "9", 10_001), False),
    ("a number that begins so", lambda w: typed(w, "INV-10"), False),
    ("of another vendor", _other_vendor, False),
    ("voided", _voided, False),
    ("linked to another record", _linked, "duplicate_number"),
    ("marked as ours", _of_a_copy, "duplicate_number"),
]


@pytest.mark.parametrize(
    ("there", "resembles"),
    [(there, resembles) for _, there, resembles in CASES],
    ids=[name for name, _, _ in CASES],
)
def test_a_preview_and_a_sync_say_the_same_of_what_resembles(
    ready: World, there: Callable[[World], object], resembles: bool | str
) -> None:
    ready.intuit.emulator.turn(duplicate_numbers="allowed")
    there(ready)
    ready.feed(payable(1))

    previewed, synced = ready.sync(dry_run=True), ready.sync()

    code = resembles if isinstance(resembles, str) else "possible_duplicate"
    assert [one.code for one in previewed.errors] == [code] * bool(resembles)
    assert [one.facts for one in synced.errors] == [one.facts for one in previewed.errors]
    assert synced.tallies["invoices"] == previewed.tallies["invoices"]
    assert len(ready.ours()) == (0 if resembles else 1) + (there is _of_a_copy)


def test_invoices_of_a_customer_are_looked_for_as_bills_of_a_vendor_are(here: World) -> None:
    here.feed(connection(1, "One"), payable(1, role=Role.PAYEE))
    here.sync()
    (ours,) = here.numbered("INV-1", "Invoice")
    kept = {name: ours[name] for name in ("CustomerRef", "TxnDate", "Line")}
    made = here.intuit.company.create("Invoice", {**kept, "DocNumber": "INV-2"})
    here.feed(payable(2, role=Role.PAYEE))

    item = asked(here.sync(), "possible_duplicate")

    assert (item.kind, [one.remote_id for one in item.twins]) == ("invoice", [made["Id"]])
    assert "holds an invoice that may be the same" in (item.cause or "")


def test_of_several_the_one_that_a_person_names_is_linked(ready: World) -> None:
    first, second = typed(ready, cents=10_000), typed(ready, "0815", 10_000)
    ready.feed(payable(1))
    item = asked(ready.sync(), "possible_duplicate")
    assert [one.remote_id for one in item.twins] == [first, second]

    with pytest.raises(Invalid) as told:
        decide(ready, item, "link_to")
    assert [flaw.field for flaw in told.value.flaws] == ["value"]
    decide(ready, item, "link_to", second)

    assert ready.sync().tallies["invoices"] == Tally(linked=1)
    assert linked(ready) == second


def test_a_later_twin_is_asked_about_again(ready: World) -> None:
    typed(ready, "0815", 10_000)
    ready.feed(payable(1))
    decide(ready, asked(ready.sync(), "possible_duplicate"), "another_one")
    later = typed(ready, "0816", 10_000)

    item = asked(ready.sync(), "possible_duplicate")

    assert [one.remote_id for one in item.twins] == [later]


def test_two_new_ones_of_our_own_are_not_twins_of_each_other(ready: World) -> None:
    ready.feed(payable(1), payable(2))

    assert ready.sync().tallies["invoices"] == Tally(created=2)


def test_two_records_are_not_linked_to_one_document(ready: World) -> None:
    remote_id = typed(ready, cents=10_000)
    ready.feed(payable(1), payable(2))
    first, second = ready.sync().errors
    decide(ready, first, "link_to", remote_id)
    decide(ready, second, "link_to", remote_id)

    told = ready.sync()

    assert told.tallies["invoices"].linked == 1
    item = asked(told, "cannot_link")
    assert "linked to another record" in (item.cause or "")
    decide(ready, item, "unlink")
    assert ready.sync().tallies["invoices"] == Tally(created=1, unchanged=1)


@pytest.mark.parametrize("value", ["", "a b", "../7"])
def test_only_a_document_can_be_named(ready: World, value: str) -> None:
    ready.feed(payable(1))

    with pytest.raises(Invalid):
        choose.decide(
            ready.house, BUSINESS, ready.integration_id, BILL, "pay_1", "link_to", value, "jane"
        )


@pytest.mark.parametrize("verdict", ["link_to", "another_one", "unlink", "remove_there"])
def test_only_bills_and_invoices_have_twins(ready: World, verdict: str) -> None:
    vendor_kind = RemoteKind.VENDOR

    with pytest.raises(Invalid, match="not possible"):
        choose.decide(
            ready.house, BUSINESS, ready.integration_id, vendor_kind, "conn_1", verdict, "7", "jane"
        )


def test_a_document_of_another_vendor_is_not_linked(ready: World) -> None:
    other = ready.intuit.company.create("Vendor", {"DisplayName": "Another"})
    remote_id = typed(ready, of=str(other["Id"]))
    ready.feed(payable(1))
    choose.decide(
        ready.house, BUSINESS, ready.integration_id, BILL, "pay_1", "link_to", remote_id, "jane"
    )

    item = asked(ready.sync(), "cannot_link")

    assert "it is of another vendor" in (item.cause or "")
    assert not ready.ours()


def test_one_that_is_deleted_before_it_is_linked_is_told_and_nothing_is_sent(
    ready: World,
) -> None:
    remote_id = typed(ready)
    ready.feed(payable(1))
    decide(ready, asked(ready.sync(), "possible_duplicate"), "link_to")
    ready.intuit.company.delete("Bill", remote_id)

    item = asked(ready.sync(), "cannot_link")

    assert "no longer in QuickBooks" in (item.cause or "")
    assert not ready.ours()


def linked(here: World, record_id: str = "pay_1") -> str | None:
    """Return the id of the document that a record is linked to."""
    with here.house.database.reading() as tx:
        link = links.links_of(tx, here.integration_id, BILL).get(record_id)
    return link.remote_id if link else None


@pytest.fixture
def matched(ready: World) -> World:
    """A business with a bill that a person entered and then linked to ours."""
    typed(ready, cents=10_000)
    ready.feed(payable(1))
    decide(ready, asked(ready.sync(), "possible_duplicate"), "link_to")
    ready.sync()
    return ready


@pytest.mark.parametrize("verdict", ["unlink", "bring_back"])
def test_a_link_is_taken_back_and_asked_about_again(matched: World, verdict: str) -> None:
    choose.decide(
        matched.house, BUSINESS, matched.integration_id, BILL, "pay_1", verdict, "", "jane"
    )

    assert matched.sync(dry_run=True).errors[0].code == "possible_duplicate"
    assert linked(matched) is not None
    asked(matched.sync(), "possible_duplicate")
    assert linked(matched) is None


def test_one_that_is_withdrawn_stays_in_quickbooks_until_a_person_says_so(matched: World) -> None:
    matched.feed(payable(1, status=PayableStatus.CANCELLED))

    assert asked(matched.sync(dry_run=True), "matched_withdrawn")
    item = asked(matched.sync(), "matched_withdrawn")
    assert len(matched.numbered("INV-1")) == 1

    decide(matched, item, "remove_there")
    assert matched.sync().tallies["invoices"] == Tally(updated=1)
    assert not matched.numbered("INV-1")


@pytest.mark.both
def test_one_that_is_withdrawn_and_unlinked_is_none_of_our_business(matched: World) -> None:
    matched.feed(payable(1, status=PayableStatus.CANCELLED))
    decide(matched, asked(matched.sync(), "matched_withdrawn"), "unlink")

    assert matched.sync().tallies["invoices"] == Tally(skipped=1)

    found, *_ = reconcile.reconcile(matched.house, BUSINESS, matched.integration_id)
    assert (found.discrepancies, found.foreign > 0) == ([], True)
    assert len(matched.numbered("INV-1")) == 1


def test_one_that_was_paid_there_is_not_removed(matched: World) -> None:
    (bill,) = matched.numbered("INV-1")
    matched.feed(payable(1, status=PayableStatus.CANCELLED))
    item = asked(matched.sync(), "matched_withdrawn")
    matched.intuit.company.pay_bill(str(bill["Id"]))
    decide(matched, item, "remove_there")

    asked(matched.sync(), "removal_asks")

    assert len(matched.numbered("INV-1")) == 1


def test_the_button_for_copies_never_removes_what_a_person_entered(matched: World) -> None:
    matched.feed(payable(1, status=PayableStatus.CANCELLED))
    reconcile.keep(matched.house, matched.integration_id)

    found = reconcile.compared(matched.house, BUSINESS, matched.integration_id)

    assert not found.removable
    assert ["a person entered it" in one.said for one in found.differing] == [True]


def test_one_that_is_deleted_there_is_not_written_by_itself(matched: World) -> None:
    matched.intuit.company.delete("Bill", str(linked(matched)))
    matched.feed(payable(1, memo="changed"))
    matched.house.clock.sleep(3_600)

    asked(matched.sync(), "deleted_there")

    assert not matched.ours()


def test_a_bill_of_ours_whose_answer_was_lost_is_ours_and_no_twin(ready: World) -> None:
    ready.feed(payable(1))
    ready.intuit.emulator.turn(requestid="ignored")
    ready.intuit.emulator.add_fault("drop_after_commit", times=1, path="*/batch")

    told = ready.sync()

    assert told.state == "succeeded"
    assert len(ready.ours()) == 1


def test_bills_of_a_vendor_that_was_merged_into_another_are_found_there(ready: World) -> None:
    ready.feed(connection(2, "Survivor"))
    ready.sync()
    survivor = ready.vendor("Survivor")
    remote_id = typed(ready)
    ready.intuit.company.merge("Vendor", ready.vendor(), survivor)
    pair.pair(
        ready.house, BUSINESS, ready.integration_id, pair.VENDOR, "conn_1", survivor, "user:jane"
    )
    ready.feed(payable(1))

    assert [one.remote_id for one in asked(ready.sync(), "possible_duplicate").twins] == [remote_id]


def _refused_for_a_number(ready: World) -> Item:
    """Enter a bill, as a person, after ours is planned and before it is written; return ours."""
    ready.feed(payable(1))
    return asked(ready.sync_meanwhile(lambda: typed(ready)), "duplicate_number")


def test_a_refused_number_offers_the_document_that_has_it(ready: World) -> None:
    item = _refused_for_a_number(ready)

    (twin,) = item.twins
    assert (item.fix or "").startswith("If it is the same document, link it; else")
    decide(ready, item, "link_to")
    assert ready.sync().tallies["invoices"] == Tally(linked=1)
    assert linked(ready) == twin.remote_id


def test_another_document_is_sent_with_the_number_that_was_refused(ready: World) -> None:
    item = _refused_for_a_number(ready)
    decide(ready, item, "another_one")

    assert ready.sync().tallies["invoices"] == Tally(created=1)
    assert [one["DocNumber"] for one in ready.books("Bill")] == ["INV-1", "INV-1"]


def test_another_document_of_the_same_number_is_created_as_the_preview_says(ready: World) -> None:
    typed(ready, cents=10_000)
    ready.feed(payable(1))
    decide(ready, asked(ready.sync(), "possible_duplicate"), "another_one")

    assert ready.sync(dry_run=True).tallies["invoices"] == Tally(created=1)
    assert ready.sync().tallies["invoices"] == Tally(created=1)
    assert [one["DocNumber"] for one in ready.books("Bill")] == ["INV-1", "INV-1"]


def test_a_number_of_our_own_is_not_offered_to_be_linked(ready: World) -> None:
    ready.feed(payable(1), payable(2, number="INV-1"))

    item = asked(ready.sync(), "duplicate_number")

    assert not item.twins
    assert (item.fix or "").startswith("If it is the same document, leave this one out; else")


def test_a_number_given_instead_is_a_word_on_the_twins_too(ready: World) -> None:
    typed(ready, cents=10_000)
    ready.feed(payable(1))
    item = asked(ready.sync(), "possible_duplicate")
    assert item.facts["proposed"] == "INV-1-2"
    decide(ready, item, "number_as", "INV-1-2")

    assert ready.sync().tallies["invoices"] == Tally(created=1)


def test_a_period_that_was_closed_keeps_nothing_from_being_linked(ready: World) -> None:
    remote_id = typed(ready)
    ready.feed(payable(1))
    decide(ready, asked(ready.sync(), "possible_duplicate"), "link_to")
    ready.intuit.company.close_books(DAY.isoformat())

    assert ready.sync().tallies["invoices"] == Tally(linked=1)
    assert linked(ready) == remote_id


def test_after_a_loss_of_memory_it_is_asked_about_again(matched: World) -> None:
    with matched.house.database.transaction() as tx:
        links.remove_link(tx, matched.integration_id, BILL, "pay_1")
        decisions.decide(
            tx,
            matched.integration_id,
            BILL,
            "pay_1",
            Verdict(Decision.DONE, "", "loss"),
            matched.house.clock.now(),
        )

    asked(matched.sync(), "possible_duplicate")

    assert not matched.ours()


def test_a_thousand_bills_cost_few_reads(ready: World) -> None:
    """There is one read per hundred numbers, and one per thirty vendors and their bills' days.

    Three more read the company's settings and what changed in its lists.
    """
    ready.feed(*[connection(n, f"Vendor {n}") for n in range(2, 41)])
    ready.sync()
    ready.feed(
        *[
            payable(n, 10_000 + n, to=1 + n % 40, issued_on=DAY + (n % 28) * ONE)
            for n in range(1_000)
        ]
    )

    told = ready.sync(dry_run=True)

    assert told.run is not None
    assert told.run.usage["reads"] == 15


def test_what_changes_here_later_is_written_and_nothing_else_of_theirs(ready: World) -> None:
    typed(ready, cents=10_000, PrivateNote="paid by Jane", DueDate="2026-03-03")
    ready.feed(payable(1))
    decide(ready, asked(ready.sync(), "possible_duplicate"), "link_to")
    ready.sync()
    (before,) = ready.numbered("INV-1")
    ready.feed(payable(1, 12_000))

    assert ready.sync().tallies["invoices"] == Tally(updated=1)

    (after,) = ready.numbered("INV-1")
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"Line", "TotalAmt", "Balance", "SyncToken", "MetaData"}
    assert after["TotalAmt"] == 120
    assert asked_origin(ready) is Origin.MATCHED
    assert ready.sync().tallies["invoices"] == Tally(unchanged=1)


def asked_origin(here: World) -> Origin:
    """Return the origin of the link of the first bill."""
    with here.house.database.reading() as tx:
        return links.links_of(tx, here.integration_id, BILL)["pay_1"].origin


def test_what_differs_there_and_changes_here_is_asked_about(ready: World) -> None:
    typed(ready, cents=8_000, DueDate="2026-03-03")
    ready.feed(payable(1))
    decide(ready, asked(ready.sync(), "possible_duplicate"), "link_to")
    ready.sync()
    ready.feed(payable(1, 12_000))

    item = asked(ready.sync(), "changed_there")

    assert "total" in {one.field for one in item.differences}
    (bill,) = ready.numbered("INV-1")
    assert (bill["TotalAmt"], bill["SyncToken"]) == (80, "0")


def test_a_comparison_says_of_what_waits_why_it_waits(ready: World) -> None:
    typed(ready)
    ready.feed(payable(1))
    asked(ready.sync(), "possible_duplicate")

    found, *_ = reconcile.reconcile(ready.house, BUSINESS, ready.integration_id)

    assert (found.not_sent, [one.code for one in found.unsent]) == (1, ["possible_duplicate"])
