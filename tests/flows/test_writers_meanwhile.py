"""While a run computes its plan, others can write to the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.plan import Operation
from cleo_accounting.core.records import Record
from cleo_accounting.flows.run import prepare
from cleo_accounting.flows.run.desk import Plan, Task
from cleo_accounting.flows.run.planners import planner_of
from cleo_accounting.store.database import Transaction
from tests.world import World, connection, payable


def test_records_come_in_while_a_plan_is_computed(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.feed(connection(1, "Acme"), payable(1))
    planned: list[RemoteKind] = []

    def slowly(task: Task, tx: Transaction) -> Plan:
        plan = planner_of(task.kind)(task, tx)

        def computed(tx: Transaction, page: Sequence[Record]) -> Iterator[Operation]:
            here.feed(connection(2, "Bolt"))  # times out if the plan holds a lock
            planned.append(task.kind)
            yield from plan(tx, page)

        return computed

    monkeypatch.setattr(prepare, "planner_of", lambda _: slowly)

    assert not here.sync().errors
    assert {RemoteKind.VENDOR, RemoteKind.BILL} <= set(planned)
    assert len(here.ours()) == 1
