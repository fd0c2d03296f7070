"""The history of a record is true: each entry at its time, and the latest one now."""

from __future__ import annotations

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.records import PayableStatus, Role
from cleo_accounting.flows.mapping import choose
from cleo_accounting.flows.reporting import history
from cleo_accounting.flows.reporting.history import Chapter
from tests.world import BUSINESS, World, connection, payable

BILL = {"role": Role.PAYER}
INVOICE = {"role": Role.PAYEE}
SIDES = pytest.mark.parametrize("side", [BILL, INVOICE], ids=["bill", "invoice"])


def kind_of(side: dict[str, Role]) -> str:
    return "bill" if side["role"] is Role.PAYER else "invoice"


def written(here: World, side: dict[str, Role]) -> str:
    """Write a document to QuickBooks; return its id there."""
    here.feed(connection(1, "Partner"), payable(1, **side))
    here.sync()
    (document,) = here.numbered("INV-1", kind_of(side).capitalize())
    return str(document["Id"])


def cancelled(side: dict[str, Role]) -> object:
    return payable(1, status=PayableStatus.CANCELLED, **side)


def chapters(here: World, side: dict[str, Role]) -> list[Chapter]:
    """Return the timeline of the record, newest first."""
    where = (here.house, here.business_id, here.integration_id)
    return history.timeline(*where, kind_of(side), "pay_1")


def told(here: World, side: dict[str, Role]) -> list[tuple[str, str | None]]:
    """Return the action and cause of each entry, oldest first."""
    items = [one.entry.item for one in reversed(chapters(here, side))]
    return [(one.action, one.code) for one in items]


def remove_there(here: World, side: dict[str, Role], remote_id: str) -> None:
    """Delete the bill, or void the invoice, in QuickBooks as a person."""
    if side is BILL:
        here.intuit.company.delete("Bill", remote_id)
    else:
        here.intuit.company.void("Invoice", remote_id)


@SIDES
def test_what_was_removed_because_it_was_cancelled_is_never_said_to_be_never_sent(
    here: World, side: dict[str, Role]
) -> None:
    written(here, side)
    here.feed(cancelled(side))  # type: ignore[arg-type]

    for _ in range(3):
        here.sync()

    assert told(here, side) == [
        ("create", None),
        ("remove", "removed"),
        ("leave", "removed"),
        ("leave", "removed"),
    ]
    done = "Removed from" if side is BILL else "Voided in"
    on = here.house.clock.now().date().isoformat()
    for one in chapters(here, side)[:3]:
        assert one.entry.item.cause == (
            f"{done} QuickBooks on {on}, because it was cancelled in Cleo Pay."
        )
    assert not chapters(here, side)[0].entry.item.needs_attention


@SIDES
def test_what_is_approved_again_after_its_removal_is_sent_anew_and_the_past_stays_told(
    here: World, side: dict[str, Role]
) -> None:
    written(here, side)
    here.feed(cancelled(side))  # type: ignore[arg-type]
    here.sync()
    here.feed(payable(1, **side))
    here.sync()

    assert told(here, side) == [("create", None), ("remove", "removed"), ("create", None)]
    again = chapters(here, side)[0]
    assert {one.before for one in again.differences} == {""}  # the removed document does not count


@SIDES
def test_what_somebody_removed_there_is_not_said_to_be_removed_by_us(
    here: World, side: dict[str, Role]
) -> None:
    remote_id = written(here, side)
    remove_there(here, side, remote_id)
    here.feed(cancelled(side))  # type: ignore[arg-type]

    here.sync()
    here.sync()

    assert [code for _, code in told(here, side)] == [None, "gone", "gone"]
    removal = chapters(here, side)[1].entry.item
    assert removal.cause == (
        "It is no longer in QuickBooks: somebody deleted or voided it there."
        " It was cancelled in Cleo Pay, so there is nothing to undo."
    )


@SIDES
def test_what_somebody_removed_there_asks_when_it_is_approved_again(
    here: World, side: dict[str, Role]
) -> None:
    remote_id = written(here, side)
    remove_there(here, side, remote_id)
    here.feed(cancelled(side))  # type: ignore[arg-type]
    here.sync()
    here.feed(payable(1, **side))
    here.sync()

    assert told(here, side)[-1] == ("leave", "deleted_there")
    standing = here.numbered("INV-1", kind_of(side).capitalize())
    assert [one for one in standing if one["TotalAmt"]] == []


@SIDES
def test_what_was_deleted_there_and_then_cancelled_here_is_gone_not_never_sent(
    here: World, side: dict[str, Role]
) -> None:
    remote_id = written(here, side)
    remove_there(here, side, remote_id)
    here.feed(payable(1, 2_000, **side))
    here.sync()
    here.feed(cancelled(side))  # type: ignore[arg-type]
    here.sync()

    assert [code for _, code in told(here, side)[1:]] == ["deleted_there", "gone"]


@SIDES
def test_what_somebody_removed_there_is_not_written_again_though_an_answer_to_us_is_lost(
    here: World, side: dict[str, Role]
) -> None:
    remote_id = written(here, side)
    here.intuit.emulator.advance(here.house.quiescence.total_seconds() + 1)
    remove_there(here, side, remote_id)
    here.feed(cancelled(side))  # type: ignore[arg-type]
    here.intuit.emulator.add_fault("reset_mid_body", times=1, path="*/batch")
    here.sync()
    here.intuit.emulator.act("clear_faults")
    here.feed(payable(1, **side))
    here.sync()

    assert [code for _, code in told(here, side)[1:]] == ["gone", "deleted_there"]
    standing = here.numbered("INV-1", kind_of(side).capitalize())
    assert [one for one in standing if one["TotalAmt"]] == []


def test_a_removal_whose_answer_was_lost_leaves_open_who_removed_it(here: World) -> None:
    written(here, BILL)
    here.feed(cancelled(BILL))  # type: ignore[arg-type]
    here.intuit.emulator.add_fault("drop_after_commit", times=1, path="*/batch")

    here.sync()

    removal = chapters(here, BILL)[0].entry.item
    assert removal.code in ("removed", "gone")
    assert "somebody deleted" not in (removal.cause or "")
    assert here.numbered("INV-1") == []


def test_what_was_never_written_is_not_known_of_over_there(here: World) -> None:
    here.feed(connection(1, "Partner"), payable(1, status=PayableStatus.CANCELLED))
    here.sync()

    assert told(here, BILL) == [("leave", "withdrawn")]


def test_a_record_that_waits_says_that_its_earlier_version_stands(here: World) -> None:
    remote_id = written(here, BILL)
    here.feed(payable(1, 2_000, lines=[("Sum", "1", "10.00")]))

    here.sync()

    item = chapters(here, BILL)[0].entry.item
    assert (item.code, item.remote_id) == ("lines_differ", remote_id)


def test_a_change_that_never_arrives_is_not_said_to_have_met_somebody_elses(here: World) -> None:
    written(here, BILL)
    here.feed(payable(1, 2_000))
    here.intuit.emulator.add_fault("drop_before_commit", times=None, path="*/batch")

    here.sync()

    item = chapters(here, BILL)[0].entry.item
    assert item.code == "unanswered"
    assert here.numbered("INV-1")[0]["TotalAmt"] == 100


def test_a_left_out_record_says_by_whom_though_it_was_sent(here: World) -> None:
    written(here, BILL)
    where = (here.house, here.business_id, here.integration_id)
    choose.decide(*where, RemoteKind.BILL, "pay_1", "leave_out", "paid twice", "jane")
    here.sync()

    item = chapters(here, BILL)[0].entry.item
    assert item.cause == "Left out by jane: paid twice"
    assert item.remote_id


@SIDES
def test_what_a_sync_finds_deleted_there_is_listed_as_soon_as_it_ends(
    here: World, side: dict[str, Role]
) -> None:
    """The sync itself notes the deletion, some time after it began."""
    remote_id = written(here, side)
    remove_there(here, side, remote_id)
    here.feed(payable(1, 7_777, **side))
    here.intuit.emulator.add_fault("throttled", times=1, path="*/query")

    here.sync()

    issues = history.issues(here.house, BUSINESS, here.integration_id)
    assert [(one.code, one.number) for one in issues.groups] == [("deleted_there", 1)]
