"""A record that cannot be processed, for any reason, stops neither its run nor the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from cleo_accounting.core import documents, parties
from cleo_accounting.core.links import Document, Link, Origin, RemoteKind
from cleo_accounting.core.records import Connection
from cleo_accounting.core.states import Trigger
from cleo_accounting.flows.company import follow
from cleo_accounting.flows.company.books import open_books
from cleo_accounting.flows.reporting.progress import RunStatus, status
from cleo_accounting.flows.run import adopt, look, prepare, settle, sync
from cleo_accounting.flows.work import errands
from cleo_accounting.providers.quickbooks.company import QuickBooksCompany
from cleo_accounting.store import errands as errand_rows
from cleo_accounting.store import joining, links
from cleo_accounting.store.errands import Verb
from tests.world import World, connection, payable

BROKEN = "pay_2"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Capture the log: printing a traceback takes longer than the rest of the test."""
    with capture_logs():
        yield


class Mistake(Exception):
    """An unforeseen bug in the service."""


@contextmanager
def breaking(owner: object, name: str, is_broken: Callable[..., bool]) -> Iterator[None]:
    """Replace a function by one that raises for the arguments for which `is_broken` is true."""
    whole = getattr(owner, name)

    def instead(*given: Any, **more: Any) -> Any:
        if is_broken(*given):
            raise Mistake
        return whole(*given, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, instead)
        yield


def _names(*given: Any) -> bool:
    """Return whether the broken record is among the arguments of a function."""
    return any(_is_it(one) for one in given)


def _is_it(one: Any) -> bool:
    if isinstance(one, Document):
        return one.number == "INV-2"
    if isinstance(one, str):
        return one == BROKEN
    if isinstance(one, Sequence):
        return any(_is_it(each) for each in one)
    return getattr(one, "record_id", None) == BROKEN or getattr(one, "id", None) == BROKEN


def _codes(told: RunStatus) -> Mapping[str, str | None]:
    return {item.record_id: item.code for item in told.errors}


def _fed(here: World) -> None:
    here.feed(connection(1, "Supplier"), *[payable(n) for n in (1, 2, 3)])


def _numbers(here: World) -> list[str]:
    return sorted(bill["DocNumber"] for bill in here.ours())


PLANNING = {
    "plan": (documents.DocumentPlanner, "_one"),
    "render": (QuickBooksCompany, "render"),
    "look at what stands there": (prepare, "in_view_of"),
    "look for one that a person entered": (prepare, "in_view_of_twins"),
    "read for that": (prepare, "look_for_twins"),
    "keep the plan": (prepare.operations, "add"),
}


@pytest.mark.parametrize(("owner", "name"), PLANNING.values(), ids=PLANNING)
def test_a_record_that_cannot_be_planned_is_left_and_the_others_go(
    here: World, owner: object, name: str
) -> None:
    _fed(here)

    with breaking(owner, name, _is_planned if name == "add" else _names):
        told = here.sync()

    assert told.state == "partly_failed"
    assert _codes(told) == {BROKEN: "internal"}
    assert _numbers(here) == ["INV-1", "INV-3"]
    (item,) = told.errors
    assert item.facts["reference"] in (item.cause or "")
    assert here.sync(failed_only_of=_id(told), item_id=item.id).state == "succeeded"
    assert _numbers(here) == ["INV-1", "INV-2", "INV-3"]


def _is_planned(*given: Any) -> bool:
    return any(row.record_id == BROKEN and row.code is None for row in given[-1])


def _id(told: RunStatus) -> str:
    assert told.run is not None
    return told.run.id


def test_a_connection_that_cannot_be_planned_is_left_and_the_others_go(here: World) -> None:
    here.feed(*[connection(n, f"Supplier {n}") for n in (1, 2, 3)])

    def broken(_planner: object, one: object) -> bool:
        return isinstance(one, Connection) and one.id == "conn_2"

    with breaking(parties.PartyPlanner, "_one", broken):
        told = here.sync("vendors")

    assert (told.state, _codes(told)) == ("partly_failed", {"conn_2": "internal"})
    assert here.sync().state == "succeeded"


SETTLING = {
    "adopt": (look, "adopt"),
    "read what was sent": (look.links, "content"),
    "keep what was found": (adopt, "keep_written"),
}


@pytest.mark.parametrize(("owner", "name"), SETTLING.values(), ids=SETTLING)
@pytest.mark.parametrize("fault", ["drop_before_commit", "drop_after_commit"])
def test_a_doubt_that_cannot_be_settled_stays_one_and_stops_nothing(
    here: World, owner: object, name: str, fault: str
) -> None:
    _fed(here)
    here.sync("vendors")
    here.intuit.emulator.add_fault(fault, times=1, path="*/batch")

    def broken(*given: Any) -> bool:
        told = str(given)
        return BROKEN in told or "INV-2" in told

    with breaking(owner, name, broken):
        first = here.sync()
        here.feed(payable(4))
        second = here.sync()

    stuck = fault == "drop_after_commit" or name == "content"
    assert _numbers(here)[-1] == "INV-4"
    if stuck:
        assert _codes(first) == _codes(second) == {BROKEN: "internal"}
        assert second.state == "partly_failed"
    healed = here.sync()
    assert healed.state == "succeeded"
    assert _numbers(here) == ["INV-1", "INV-2", "INV-3", "INV-4"]


def test_an_answer_that_cannot_be_kept_is_looked_into_by_the_next_run(here: World) -> None:
    _fed(here)
    here.sync("vendors")

    with breaking(settle, "_settlement", lambda row, _: row.record_id == BROKEN):
        told = here.sync()

    assert _codes(told) == {BROKEN: "internal"}
    assert here.sync().state == "succeeded"
    assert _numbers(here) == ["INV-1", "INV-2", "INV-3"]


def test_an_answer_that_cannot_be_read_is_a_doubt(here: World) -> None:
    _fed(here)
    here.sync("vendors")
    left = [True]

    def once(*_: Any) -> bool:
        return bool(left and left.pop())

    with breaking(QuickBooksCompany, "write", once):
        told = here.sync()

    assert told.state == "succeeded"
    assert _numbers(here) == ["INV-1", "INV-2", "INV-3"]


def test_a_document_that_a_person_linked_to_another_record_meanwhile_stops_nothing(
    here: World,
) -> None:
    """QuickBooks replays its first response: a bill to which another record is linked by then."""
    here.feed(connection(1, "Supplier"), payable(1), payable(3))
    here.sync("vendors")
    here.intuit.emulator.add_fault("drop_after_commit", times=1, path="*/batch")
    here.intuit.emulator.turn(query_lag_seconds=100_000.0)
    run = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    while not (progress := sync.advance(here.house, run.id)).wait_until:
        assert not progress.done
    bill = next(one for one in here.ours() if one["DocNumber"] == "INV-1")
    theirs = Link("pay_9", RemoteKind.BILL, bill["Id"], "0", Origin.MATCHED)
    with here.house.database.transaction() as tx:
        links.put_links(tx, here.integration_id, [theirs], by="jane", now=here.house.clock.now())

    here.work(run.id)

    told = status(here.house, here.business_id, here.integration_id, run.id)
    assert (told.state, _codes(told)) == ("partly_failed", {"pay_1": "duplicate_number"})
    assert "another record" in (told.errors[0].cause or "")
    assert _numbers(here) == ["INV-1", "INV-3"]


def test_a_link_that_another_record_holds_is_told_as_a_value(here: World) -> None:
    now = here.house.clock.now()
    given = [Link(f"pay_{n}", RemoteKind.BILL, "77", "0", Origin.CREATED) for n in (1, 2)]
    given.append(Link("pay_3", RemoteKind.BILL, "78", "0", Origin.CREATED))
    with here.house.database.transaction() as tx:
        held = joining.join(tx, here.integration_id, given, by="t", now=now)

        assert held == {BROKEN}
        kept = links.links_of(tx, here.integration_id, RemoteKind.BILL)
        assert kept.keys() == {"pay_1", "pay_3"}
        with pytest.raises(IntegrityError):  # this error is not about a link of another record
            joining.join(tx, "no integration", given[2:], by="t", now=now)


def test_a_vendor_of_quickbooks_that_cannot_be_kept_keeps_back_no_other(here: World) -> None:
    _fed(here)
    vendor = here.intuit.company.create("Vendor", {"DisplayName": "Odd one"})

    def broken(_tx: object, _integration_id: object, seen: Sequence[Any], _now: object) -> bool:
        return any(one.id == vendor["Id"] for one in seen)

    with breaking(follow.links, "see", broken):
        follow.look_anew(here.house, here.integration, open_books(here.house, here.integration))

    with here.house.database.reading() as tx:
        kept = {one.name for one in links.remotes_of(tx, here.integration_id, RemoteKind.VENDOR)}
    assert "Odd one" not in kept
    assert kept >= {one["DisplayName"] for one in here.books("Vendor")} - {"Odd one"}


def test_an_errand_that_raises_keeps_back_no_other_and_is_tried_again(here: World) -> None:
    with here.house.database.transaction() as tx:
        for verb in (Verb.LOOK, Verb.RECONCILE):
            errand_rows.add(tx, here.integration_id, verb, now=here.house.clock.now())

    def broken(*_: object) -> None:
        raise Mistake

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(errands, "_READ", {**errands._READ, Verb.LOOK: broken})
        assert errands.run_due(here.house) == 2

    with here.house.database.reading() as tx:
        assert errand_rows.waiting(tx, here.integration_id, Verb.LOOK)
        assert not errand_rows.waiting(tx, here.integration_id, Verb.RECONCILE)
    here.house.clock.sleep(60)
    errands.run_due(here.house)
    assert not errands.looking(here.house, here.integration_id)
