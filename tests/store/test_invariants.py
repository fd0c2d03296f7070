"""The database itself forbids the states that must never occur, whoever the caller is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from cleo_accounting.core.links import Link, Origin, RemoteKind
from cleo_accounting.errors import Conflict
from cleo_accounting.store import audit, errands, integrations, links, operations, runs, turns
from cleo_accounting.store.database import Database, Transaction
from cleo_accounting.store.errands import Verb
from cleo_accounting.store.tables import operations as operations_table
from cleo_accounting.store.tables import runs as runs_table
from tests.store.memory import HERE, LATER, NOW, asked, at_once, connected, integration, link, plan

pytestmark = pytest.mark.both


def _put(database: Database, *given: Link) -> None:
    with database.transaction() as tx:
        links.put_links(tx, HERE, given, by="t", now=NOW)


def test_one_run_works_and_one_of_each_sort_waits(database: Database) -> None:
    connected(database)
    with database.transaction() as tx:
        assert runs.add(tx, asked("run_2")) is not None
        assert runs.add(tx, asked("run_3")) is None
        assert runs.add(tx, asked("run_4", dry_run=True)) is not None
        assert not runs.start(tx, "run_2", NOW)
        assert turns.ready(tx, NOW) == []

    with pytest.raises(IntegrityError), database.transaction() as tx:
        tx.execute(update(runs_table).values(state="running"))
    with pytest.raises(IntegrityError), database.transaction() as tx:
        tx.execute(update(runs_table).values(state="anything"))


def test_a_run_that_waits_for_its_time_still_works(database: Database) -> None:
    connected(database)
    with database.transaction() as tx:
        runs.add(tx, asked("run_2"))
        runs.wait(tx, "run_1", LATER)
        assert not runs.start(tx, "run_2", NOW)
        runs.finish(tx, "run_1", "succeeded", NOW)
        assert [turn.run_id for turn in turns.ready(tx, NOW)] == ["run_2"]
        assert runs.start(tx, "run_2", NOW)
        assert not runs.start(tx, "run_2", NOW)


def test_of_many_that_start_at_once_one_works(database: Database) -> None:
    with database.transaction() as tx:
        integrations.add(tx, integration())
        for number in range(4):
            runs.add(tx, asked(f"run_{number}"))
            tx.execute(update(runs_table).values(state="failed"))
        tx.execute(update(runs_table).where(runs_table.c.id == "run_0").values(state="queued"))
        runs.add(tx, asked("run_p", dry_run=True))

    names = ["run_0", "run_p"] * 8
    started = at_once(database, [lambda tx, name=name: runs.start(tx, name, NOW) for name in names])  # type: ignore[misc]

    assert started.count(True) == 1


def test_what_has_ended_stays_as_it_ended(database: Database) -> None:
    connected(database)
    with database.transaction() as tx:
        runs.finish(tx, "run_1", "succeeded", NOW)
        runs.finish(tx, "run_1", "failed", LATER)
        runs.wait(tx, "run_1", LATER)
        assert runs.ask_to_cancel(tx, HERE) == 0
        run = runs.get(tx, "run_1")

    assert run is not None
    assert (run.state, run.finished_at, run.cancel) == ("succeeded", NOW, False)


@pytest.mark.parametrize(
    "states", [("sent", "sent"), ("sent", "in_doubt"), ("in_doubt", "in_doubt")]
)
def test_a_record_has_one_live_create_across_all_runs(
    database: Database, states: Sequence[str]
) -> None:
    connected(database)
    with database.transaction() as tx:
        runs.add(tx, asked("run_2"))
    plan(database, 1, "run_1", state=states[0])

    with pytest.raises(IntegrityError):
        plan(database, 1, "run_2", state=states[1])
    plan(database, 1, "run_2")
    with pytest.raises(IntegrityError), database.transaction() as tx:
        operations.claim(tx, "run_2", RemoteKind.BILL, size=30, batches=1, now=NOW)


def test_a_run_has_one_operation_of_a_record_and_one_at_a_position(database: Database) -> None:
    connected(database)
    plan(database, 2)

    with pytest.raises(IntegrityError), database.transaction() as tx:
        tx.execute(update(operations_table).values(position=0))
    with pytest.raises(IntegrityError), database.transaction() as tx:
        tx.execute(update(operations_table).values(record_id="pay_0"))


@pytest.mark.parametrize("kind", [RemoteKind.BILL, RemoteKind.INVOICE])
@pytest.mark.parametrize("origin", list(Origin))
def test_a_document_belongs_to_one_record_and_a_record_has_one(
    database: Database, kind: RemoteKind, origin: Origin
) -> None:
    connected(database)
    _put(database, link("pay_1", "7", kind))

    with pytest.raises(IntegrityError):
        _put(database, link("pay_2", "7", kind, origin=origin))
    _put(database, link("pay_1", "8", kind, origin=origin))
    with database.reading() as tx:
        assert [one.remote_id for one in links.links_of(tx, HERE, kind).values()] == ["8"]


@pytest.mark.parametrize("kind", [RemoteKind.VENDOR, RemoteKind.CUSTOMER, RemoteKind.ACCOUNT])
def test_a_vendor_is_shared_only_by_hand(database: Database, kind: RemoteKind) -> None:
    connected(database)
    _put(database, link("conn_1", "7", kind, origin=Origin.CREATED))

    for origin in (Origin.CREATED, Origin.LINKED):
        with pytest.raises(IntegrityError):
            _put(database, link("conn_2", "7", kind, origin=origin))
    _put(database, link("conn_2", "7", kind, origin=Origin.MAPPED))
    _put(database, link("conn_3", "7", kind, origin=Origin.MAPPED))
    with database.reading() as tx:
        assert len(links.links_of(tx, HERE, kind)) == 3


def test_a_company_has_one_live_integration_and_a_business_one(database: Database) -> None:
    with database.transaction() as tx:
        integrations.add(tx, integration(1, company="c"))
    for other in (integration(2, company="c", business="biz_2"), integration(3)):
        with pytest.raises(Conflict), database.transaction() as tx:
            integrations.add(tx, other)

    with database.transaction() as tx:
        integrations.disconnect(tx, "acctint_1", by="t", now=NOW)
        integrations.add(tx, integration(2, company="c", business="biz_2"))
    with pytest.raises(Conflict), database.transaction() as tx:
        integrations.connect_again(tx, "acctint_1", integration().profile, by="t", now=LATER)


def test_an_errand_is_asked_for_once_until_it_is_done(database: Database) -> None:
    connected(database)
    with database.transaction() as tx:
        errands.add(tx, HERE, Verb.LOOK, now=NOW)
        errands.add(tx, HERE, Verb.LOOK, now=NOW)
        errands.add(tx, HERE, Verb.REVOKE, now=LATER)
        (only,) = errands.due(tx, now=NOW)
        errands.settle(tx, only, errands.Fate.DONE, now=NOW)
        errands.add(tx, HERE, Verb.LOOK, now=NOW)
        assert len(errands.due(tx, now=LATER)) == 2


def test_nothing_hangs_on_what_is_not_there(database: Database) -> None:
    with pytest.raises(IntegrityError), database.transaction() as tx:
        links.put_links(tx, "acctint_9", [link("pay_1", "7")], by="t", now=NOW)
    with pytest.raises(IntegrityError), database.transaction() as tx:
        tx.execute(insert(runs_table).values(**_values(asked("run_1", of="acctint_9"))))


def _values(run: runs.Run) -> dict[str, object]:
    return {
        column.name: getattr(run, column.name)
        for column in runs_table.columns
        if hasattr(run, column.name) and column.name not in ("position", "entity_types", "usage")
    } | {"entity_types": [], "usage": {}}


def test_the_chain_of_acts_holds_however_many_act_at_once(database: Database) -> None:
    def note(tx: Transaction) -> None:
        audit.note(tx, "biz_1", by="t", what="acted", subject="s", now=NOW)

    at_once(database, [note] * 60)

    with database.reading() as tx:
        assert audit.verify(tx, "biz_1") == audit.Verdict(60)


def test_the_longest_silence_counts_in_whichever_order_it_is_told(database: Database) -> None:
    connected(database)
    with database.reading() as tx:
        here = integrations.by_id(tx, HERE)

    for until in (NOW, LATER, NOW):
        with database.transaction() as tx:
            integrations.be_silent(tx, here.provider, here.company_id, until)

    with database.reading() as tx:
        assert integrations.by_id(tx, HERE).silent_until == LATER
