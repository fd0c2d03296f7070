"""The history over several runs: what was done, on which day, and what waits for a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.plan import Verdict
from cleo_accounting.store import decisions, operations, runs
from cleo_accounting.store.database import Database, Transaction
from cleo_accounting.store.runs import Stage
from cleo_accounting.store.views import history, listing, todo, waiting
from tests.store.memory import HERE, NOW, asked, connected, row

pytestmark = pytest.mark.both


BUSINESS = "biz_1"
DAY = timedelta(days=1)
BILL = RemoteKind.BILL


@pytest.fixture
def past(database: Database) -> Database:
    """A sync that took three days, a preview, and a sync of one minute a week later."""
    connected(database)
    with database.transaction() as tx:
        written = {"state": "written", "currency": "USD", "amount_minor": 1_000}
        given = [row(0, **written), row(1, **written), row(2, state="waiting")]
        given += [row(at, state="left", code="duplicate_number") for at in (3, 4)]
        given += [row(5, state="left", code="draft"), row(6, state="left", code="total_differs")]
        operations.add(tx, "run_1", HERE, 0, given)
        runs.add_stage(tx, "run_1", Stage("bill", planned=True, unchanged=0))
        _settle(tx, "pay_0", NOW + DAY / 24)
        _settle(tx, "pay_1", NOW + 2 * DAY)
        runs.finish(tx, "run_1", "partly_failed", NOW + 3 * DAY)
        for number, dry_run, began in ((2, True, 4 * DAY), (3, False, 7 * DAY)):
            runs.add(tx, asked(f"run_{number}", dry_run=dry_run))
            runs.start(tx, f"run_{number}", NOW + began)
            more = {**written, "amount_minor": 70} if not dry_run else {"state": "planned"}
            operations.add(tx, f"run_{number}", HERE, 0, [row(4, **more), row(7, **more)])
            runs.finish(tx, f"run_{number}", "succeeded", NOW + began + DAY / 24)
    return database


def _settle(tx: Transaction, record_id: str, now: object) -> None:
    rows, _ = listing.page(tx, "run_1", limit=100)
    (one,) = [each for each in rows if each.record_id == record_id]
    operations.settle(tx, [{"id": one.id, "state": "written"}], now)  # type: ignore[arg-type]


def test_documents_count_on_the_day_they_were_sent_however_long_the_sync_took(
    past: Database,
) -> None:
    with past.reading() as tx:
        every = history.days(tx, HERE, since=NOW - DAY)
        late = history.days(tx, HERE, since=NOW + DAY)

    told = {(one.day, one.outcome, one.number, one.amount_minor) for one in every}
    assert told == {
        (NOW.date(), "sent", 1, 1_000),
        ((NOW + 2 * DAY).date(), "sent", 1, 1_000),
        ((NOW + 7 * DAY).date(), "sent", 2, 140),
    }
    assert sum(one.number for one in late) == 3


def test_the_newest_word_on_a_record_says_whether_it_waits(past: Database) -> None:
    """The last sync sent pay_4, a draft needs no person, and a preview sends nothing."""
    with past.reading() as tx:
        waits = waiting.some(tx, BUSINESS, HERE, limit=10, offset=0)
        of_one = waiting.some(tx, BUSINESS, HERE, code="total_differs", limit=10, offset=0)
        second = waiting.some(tx, BUSINESS, HERE, limit=1, offset=1)
        first = waiting.first(tx, BUSINESS, HERE, 1)
        number = waiting.number(tx, HERE)
        nobody = waiting.number(tx, "acctint_2")

    assert [one.row.record_id for one in waits] == ["pay_3", "pay_6"]
    assert [one.row.record_id for one in of_one] == ["pay_6"]
    assert [one.row.record_id for one in second] == ["pay_6"]
    assert [one.row.record_id for one in first] == ["pay_3", "pay_6"]
    assert (number, nobody) == (2, 0)


def test_what_a_person_settled_is_counted_apart(past: Database) -> None:
    with past.transaction() as tx:
        word = Verdict("leave_out", "twice", "jane")
        decisions.decide(tx, HERE, BILL, "pay_3", word, NOW + 8 * DAY)

        counted = waiting.counts(tx, BUSINESS, HERE)

        assert {(one.code, one.settled, one.number) for one in counted} == {
            ("duplicate_number", True, 1),
            ("total_differs", False, 1),
        }
        assert waiting.number(tx, HERE) == 1


def test_what_a_plan_left_is_to_be_done_until_somebody_says_a_word(past: Database) -> None:
    with past.transaction() as tx:
        assert todo.counts(tx, HERE, "run_1", [BILL, RemoteKind.VENDOR]) == {"bill": 3}
        decisions.decide(tx, HERE, BILL, "pay_3", Verdict("leave_out", "", "jane"), NOW)
        assert todo.counts(tx, HERE, "run_1", [BILL]) == {"bill": 2}
        decisions.decide(tx, HERE, BILL, "pay_3", Verdict("bring_back", "", "jane"), NOW)

        codes = todo.codes(tx, HERE, "run_1", BILL, ["pay_3", "pay_5", "pay_6"])

    assert codes == {"pay_3": "duplicate_number", "pay_6": "total_differs"}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["pay_7", "pay_4", "pay_6", "pay_5", "pay_4", "pay_3", "pay_2", "pay_1", "pay_0"]),
        ({"outcome": "sent"}, ["pay_7", "pay_4", "pay_1", "pay_0"]),
        ({"outcome": "waiting"}, ["pay_6", "pay_4", "pay_3"]),
        ({"outcome": "left"}, ["pay_5"]),
        ({"kind": "vendor"}, []),
        ({"search": "inv-4"}, ["pay_4", "pay_4"]),
        ({"search": "inv-4", "outcome": "sent"}, ["pay_4"]),
        ({"least_minor": 71}, ["pay_1", "pay_0"]),
        ({"since": NOW + 7 * DAY}, ["pay_7", "pay_4"]),
        ({"since": NOW + DAY, "until": NOW + 3 * DAY}, ["pay_1"]),
    ],
)
def test_what_was_done_is_told_newest_first_and_as_filtered(
    past: Database, wanted: dict[str, object], found: list[str]
) -> None:
    with past.reading() as tx:
        some, total = history.acts(tx, BUSINESS, HERE, limit=100, offset=0, **wanted)  # type: ignore[arg-type]
        beyond = history.acts(tx, BUSINESS, HERE, limit=1, offset=1, **wanted)  # type: ignore[arg-type]

    assert [one.row.record_id for one in some] == found
    assert total == len(found) == beyond[1]
    assert [one.row.record_id for one in beyond[0]] == found[1:2]
