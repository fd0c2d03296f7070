"""The table of operations: how they are taken, put back, resent, settled and counted."""

from __future__ import annotations

from collections import Counter

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.errors import Missing
from cleo_accounting.store import earlier, operations, runs, turns
from cleo_accounting.store.database import Database, Transaction
from cleo_accounting.store.operations import Row
from cleo_accounting.store.runs import Stage
from cleo_accounting.store.views import counting, listing
from tests.store.memory import HERE, LATER, NOW, asked, connected, plan, row

pytestmark = pytest.mark.both


BILL = RemoteKind.BILL


def _claim(
    database: Database, size: int = 30, batches: int = 4, run: str = "run_1"
) -> list[list[Row]]:
    with database.transaction() as tx:
        return operations.claim(tx, run, BILL, size=size, batches=batches, now=NOW)


def _page(database: Database, **wanted: object) -> list[Row]:
    with database.reading() as tx:
        return listing.page(tx, "run_1", limit=1000, **wanted)[0]  # type: ignore[arg-type]


def _states(database: Database) -> dict[str, int]:
    return dict(Counter(one.state for one in _page(database)))


def test_operations_are_taken_in_their_order_in_full_batches(database: Database) -> None:
    plan(connected(database), 100)

    first, rest = _claim(database), _claim(database)

    assert [len(batch) for batch in first] == [30, 30, 30, 10]
    assert [one.position for batch in first for one in batch] == list(range(100))
    assert rest == []
    assert _states(database) == {"sent": 100}
    assert {(one.attempts, one.sent_at) for one in _page(database)} == {(1, NOW)}


def test_what_is_taken_says_what_is_kept(database: Database) -> None:
    plan(connected(database), 3)

    (batch,) = _claim(database)

    assert batch == _page(database)


def test_a_batch_has_one_key_and_an_item_the_same_on_every_resend(database: Database) -> None:
    plan(connected(database), 60)
    first = _claim(database, batches=2)

    with database.transaction() as tx:
        again = operations.unsettled(tx, HERE)
        operations.back(tx, [one.id for batch in first for one in batch])
    second = _claim(database, batches=2)

    keys = [{one.batch_key for one in batch} for batch in first]
    assert [len(each) for each in keys] == [1, 1]
    assert keys[0] != keys[1]
    assert [[(one.batch_key, one.item_key, one.payload) for one in batch] for batch in first] == [
        [(one.batch_key, one.item_key, one.payload) for one in batch] for batch in again
    ]
    assert [one.batch_key for batch in second for one in batch] == [
        one.batch_key for batch in first for one in batch
    ]
    assert len({one.item_key for batch in first for one in batch}) == 60


def test_keys_differ_between_runs_kinds_places_and_generations() -> None:
    keys = [
        operations.batch_key(run, kind, position, generation)
        for run in ("run_1", "run_11")
        for kind in (BILL, RemoteKind.INVOICE)
        for position in (0, 1, 10)
        for generation in (0, 1, 10)
    ]

    assert len(set(keys)) == len(keys) == 36
    assert {len(key) for key in keys} == {32}
    assert operations.batch_key("run_1", BILL, 0, 0) == keys[0]


def test_what_is_put_back_waits_as_before(database: Database) -> None:
    plan(connected(database), 2)
    (batch,) = _claim(database)

    with database.transaction() as tx:
        operations.back(tx, [batch[0].id])

    back, sent = _page(database)
    assert (back.state, back.batch_key, back.sent_at, back.generation) == ("waiting", None, None, 0)
    assert sent.state == "sent"


def test_what_is_sent_again_is_of_another_generation_with_another_key(database: Database) -> None:
    plan(connected(database), 1)
    ((before,),) = _claim(database)
    with database.transaction() as tx:
        operations.doubt(tx, [before.id], LATER)
        assert [[one.state for one in batch] for batch in operations.unsettled(tx, HERE)] == [
            ["in_doubt"]
        ]
        operations.again(tx, before, payload="{new}", version="3", content="{}")

    ((after,),) = _claim(database)

    assert (after.generation, after.payload, after.version, after.content) == (
        1,
        "{new}",
        "3",
        "{}",
    )
    assert after.batch_key != before.batch_key
    assert (after.code, after.attempts) == (None, 2)


def test_what_has_no_answer_is_given_in_the_batches_in_which_it_was_sent(
    database: Database,
) -> None:
    plan(connected(database), 5)
    first, second, _ = _claim(database, size=2, batches=3)
    with database.transaction() as tx:
        operations.doubt(tx, [one.id for one in first], LATER)
        done = [{"id": one.id, "state": "written"} for one in second]
        operations.settle(tx, done, LATER)

        open_ = operations.unsettled(tx, HERE)
        assert operations.unsettled(tx, HERE, run_id="run_2") == []
        assert operations.unsettled(tx, "acctint_2") == []
    assert [[one.position for one in batch] for batch in open_] == [[0, 1], [4]]


def test_what_came_of_operations_is_kept_with_all_that_is_known(database: Database) -> None:
    plan(connected(database), 3)
    (batch,) = _claim(database)
    refused = {
        "id": batch[1].id,
        "state": "refused",
        "code": "duplicate_number",
        "facts": {"number": "INV-1"},
        "provider_code": "6140",
        "tid": "1-abc",
    }
    with database.transaction() as tx:
        written = {"id": batch[0].id, "state": "written", "remote_id": "7", "version": "0"}
        operations.settle(tx, [written, refused], LATER)
        operations.settle(tx, [], LATER)

    one, two, three = _page(database)
    assert (one.state, one.remote_id, one.settled_at, one.payload) == ("written", "7", LATER, "{0}")
    assert (two.code, two.facts, two.provider_code, two.tid) == (
        "duplicate_number",
        {"number": "INV-1"},
        "6140",
        "1-abc",
    )
    assert (three.state, three.settled_at) == ("sent", None)


def test_a_plan_that_was_not_finished_is_forgotten_whole(database: Database) -> None:
    plan(connected(database), 3)

    with database.transaction() as tx:
        operations.forget_plan(tx, "run_1", RemoteKind.INVOICE)
        assert operations.open_states(tx, "run_1") == {BILL: {"waiting"}}
        operations.forget_plan(tx, "run_1", BILL)
        assert operations.open_states(tx, "run_1") == {}


def test_a_run_that_ends_leaves_what_waits_and_says_why(database: Database) -> None:
    plan(connected(database), 4)
    _claim(database, size=2, batches=1)

    with database.transaction() as tx:
        operations.end_waiting(tx, "run_1", "cancelled", LATER)

    assert _states(database) == {"sent": 2, "left": 2}
    assert {one.code for one in _page(database, states=["left"])} == {"cancelled"}


def test_counts_add_up_to_all_and_their_amounts(database: Database) -> None:
    connected(database)
    with database.transaction() as tx:
        given = [
            row(0, amount_minor=100, currency="USD"),
            row(1, amount_minor=-30, currency="USD"),
            row(2, amount_minor=10**13, currency="EUR", state="planned"),
            row(3, action="leave", state="left", code="draft"),
        ]
        operations.add(tx, "run_1", HERE, 0, given)
        counted = counting.counts(tx, "run_1")

    assert sum(one.number for one in counted) == 4
    assert {(one.state, one.currency, one.number, one.amount_minor) for one in counted} == {
        ("waiting", "USD", 2, 70),
        ("planned", "EUR", 1, 10**13),
        ("left", None, 1, 0),
    }


@pytest.mark.parametrize(
    ("state", "code", "loud"),
    [
        ("refused", "rejected", True),
        ("refused", None, True),
        ("left", "look_alike", True),
        ("left", "draft", False),
        ("written", "total_differs", True),
        ("written", None, False),
        ("in_doubt", "in_doubt", False),
        ("waiting", None, False),
    ],
)
def test_what_needs_attention_is_the_same_to_the_database_and_to_people(
    database: Database, state: str, code: str | None, loud: bool
) -> None:
    from cleo_accounting.flows.reporting.progress import is_loud  # noqa: PLC0415  only here

    plan(connected(database), 1, state=state, code=code)

    assert bool(_page(database, needs_attention=True)) is loud is is_loud(state, code)
    with database.reading() as tx:
        assert earlier.failed_records(tx, "run_1") == ({"bill": ["pay_0"]} if loud else {})


def test_operations_are_searched_and_filtered_and_reading_nothing_into_it(
    database: Database,
) -> None:
    connected(database)
    with database.transaction() as tx:
        given = [row(n, state=s) for n, s in enumerate(["waiting", "sent", "left"])]
        operations.add(tx, "run_1", HERE, 0, given)
        found = [
            listing.page(tx, "run_1", **wanted)[1]
            for wanted in (
                {"search": "inv-1"},
                {"search": "%"},
                {"states": ["sent", "left"]},
                {"actions": ["update"]},
                {"kinds": ["bill"]},
                {"limit": 1, "offset": 2},
            )
        ]
        assert operations.find(tx, "acctint_2", _first(tx)) is None
        assert operations.find(tx, HERE, _first(tx)) is not None

    assert found == [1, 0, 2, 0, 3, 3]


def _first(tx: Transaction) -> int:
    return listing.page(tx, "run_1", limit=1)[0][0].id


def test_what_a_run_asked_of_the_product_adds_up(database: Database) -> None:
    connected(database)
    with database.transaction() as tx:
        runs.spend(tx, "run_1", {"requests": 2, "reads": 1})
        runs.spend(tx, "run_1", {"requests": 3})
        run = runs.get(tx, "run_1")
        assert run is not None
        assert run.usage == {"requests": 5, "reads": 1}
        assert list(runs.usage_since(tx, HERE, NOW)) == [{"requests": 5, "reads": 1}]
        assert list(runs.usage_since(tx, HERE, LATER)) == []


def test_a_stage_is_kept_as_it_was_last_put(database: Database) -> None:
    connected(database)
    with database.transaction() as tx:
        runs.add_stage(tx, "run_1", Stage("bill", planned=True, unchanged=2))

        assert runs.stages_of(tx, "run_1") == {"bill": Stage("bill", planned=True, unchanged=2)}


def test_a_queued_run_is_widened_and_a_working_one_is_not(database: Database) -> None:
    connected(database)
    with database.transaction() as tx:
        runs.add(tx, asked("run_2"))

        assert runs.widen(tx, "run_2", ["vendors", "invoices"])
        assert not runs.widen(tx, "run_1", ["invoices"])
        queued = runs.queued(tx, HERE, dry_run=False)
        assert queued is not None
        assert queued.entity_types == ("vendors", "invoices")
        assert runs.queued(tx, HERE, dry_run=True) is None


def test_runs_are_listed_newest_first(database: Database) -> None:
    connected(database)
    with database.transaction() as tx:
        runs.add(tx, asked("run_2"))
        runs.add(tx, asked("run_3", dry_run=True))

        listed, total = runs.page(tx, HERE, state=None, limit=2, offset=0)
        assert ([one.id for one in listed], total) == (["run_3", "run_2"], 3)
        latest = runs.latest(tx, HERE)
        assert latest is not None
        assert latest.id == "run_2"
        assert [turn.run_id for turn in turns.held(tx)] == ["run_1"]
        with pytest.raises(Missing):
            runs.find(tx, "acctint_2", "run_1")
