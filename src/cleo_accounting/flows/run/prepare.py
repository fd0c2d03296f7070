"""Prepare a stage: read records, links and remotes, plan operations, and store them as rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cleo_accounting.core import kinds
from cleo_accounting.core.cause import INTERNAL
from cleo_accounting.core.directory import Directory
from cleo_accounting.core.kinds import ENTRIES, PARTIES
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.outstanding import Outstanding
from cleo_accounting.core.plan import (
    Create,
    Keep,
    Leave,
    LinkTo,
    Operation,
    Remove,
    Update,
    broken,
)
from cleo_accounting.core.records import Record
from cleo_accounting.core.repeats import Repeats
from cleo_accounting.core.states import ItemState
from cleo_accounting.flows.apart import apart, tried, within
from cleo_accounting.flows.run import parties
from cleo_accounting.flows.run.aside import referred
from cleo_accounting.flows.run.balances import in_view_of_balances, look_at_balances
from cleo_accounting.flows.run.desk import Desk, Plan, Task
from cleo_accounting.flows.run.freeze import frozen, label, retried
from cleo_accounting.flows.run.planner import page_of
from cleo_accounting.flows.run.planners import planner_of
from cleo_accounting.flows.run.refresh import look_for_run
from cleo_accounting.flows.run.resemble import in_view_of_twins, look_for_twins
from cleo_accounting.flows.run.spent import in_view_of_expenses, look_for_expenses
from cleo_accounting.flows.run.standing import in_view_of, look_before_plan, remember
from cleo_accounting.flows.run.survivors import Survivors, look_for_survivors, naming_survivors
from cleo_accounting.store import earlier, links, operations, records, runs
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.integrations import Integration
from cleo_accounting.store.operations import Row
from cleo_accounting.store.runs import Run, Stage

_PAGE = 1000
_BREATH_SECONDS = 0.1  # between two pages: on SQLite, others wait for the single writer's lock
_LISTED = ("choice_unusable", "not_tracked", "inactive", "party_currency_differs")


@dataclass(frozen=True, slots=True)
class _Kept:
    """How far the plan of a stage has been stored."""

    position: int = 0
    unchanged: int = 0
    after: int = 0  # the position of the last record that was planned
    waiting: bool = False
    whole: bool = False


@dataclass(slots=True)
class _View:
    """What has to be known of earlier pages to decide about the next one."""

    aside: Mapping[str, Mapping[str, Any]]  # facts of operations that were set aside
    repeats: Repeats = field(default_factory=Repeats)
    outstanding: Outstanding = field(default_factory=Outstanding)
    survivors: Survivors = field(default_factory=dict)

    def without_aside(self, planned: Sequence[Operation]) -> list[Operation]:
        """Leave out changes of records with an unsettled operation that may have been sent."""
        return [
            Leave(one.kind, one.record_id, one.label, INTERNAL, self.aside[one.record_id])
            if isinstance(one, Create | Update | Remove) and one.record_id in self.aside
            else one
            for one in planned
        ]


def prepare(desk: Desk, kind: RemoteKind) -> bool:
    """Plan a kind and store the plan; return whether any operation is now waiting to be sent.

    Sends nothing. May be repeated until it has finished.
    """
    run = desk.run
    with desk.transaction() as tx:
        operations.forget_plan(tx, run.id, kind)
        chosen = _failed_before(tx, run).get(kind, ())
        if kinds.of(kind).record and not _next_page(tx, run, kind, chosen, after=0, limit=1):
            runs.add_stage(tx, run.id, Stage(kind, planned=True, unchanged=0))
            return False
        view = _View(earlier.set_aside(tx, desk.integration.id, kind))
    task, plan = _task(desk, kind), None
    kept, looked = _Kept(), kinds.of(kind).is_matched  # those lists were read before the plan
    while not kept.whole:
        # Computing a plan takes long, so it locks nobody out; a worker that was superseded
        # meanwhile cannot store it.
        with desk.house.database.reading() as tx:
            plan = plan or planner_of(kind)(task, tx)
            page = _next_page(tx, run, kind, chosen, after=kept.after, limit=_PAGE)
            planned = _planned(tx, kind, plan, [record for _, record in page])
        if not looked and any(_rests_on_lists(one) for one in planned):
            desk, looked = look_for_run(desk), True
            task, plan = _task(desk, kind), None
            continue
        kept = _settle_page(desk, task, page, _told_elsewhere(kind, planned), view, kept)
        if not kept.whole:
            desk.house.clock.sleep(_BREATH_SECONDS)
    return kept.waiting


def _planned(
    tx: Transaction, kind: RemoteKind, plan: Plan, page: Sequence[Record]
) -> list[Operation]:
    """Plan some records; a record that cannot be planned is left out with an internal cause."""
    planned: list[Operation] = []
    if not page:  # the sales item, which is made for all records together
        return list(plan(tx, page))
    within(
        tx,
        page,
        lambda some: planned.extend(list(plan(tx, some))),
        lambda record, trouble: planned.append(broken(kind, record.id, record.id, trouble)),
    )
    return planned


def _settle_page(
    desk: Desk, task: Task, page: Page, planned: Sequence[Operation], view: _View, kept: _Kept
) -> _Kept:
    """Decide about planned operations against what is in QuickBooks, and store them as rows.

    Normally all at once; if that raises, the failing operation is isolated and marked alone.
    """
    final: list[Operation] = []
    whole: list[_Kept] = []

    def decide(some: Sequence[Operation]) -> None:
        there = look_before_plan(desk, task.kind, some)
        found = look_for_twins(desk, task.kind, some)
        balances = look_at_balances(desk, task.kind, some)
        spent = look_for_expenses(desk, task.kind, some)
        view.survivors = look_for_survivors(desk, task.kind, some, there, view.survivors)
        with desk.transaction() as tx:
            stands = list(in_view_of(desk, tx, some, there))
            named = list(naming_survivors(stands, view.survivors))
            told = list(in_view_of_twins(desk, tx, named, found, view.repeats))
            open_ = list(in_view_of_balances(desk, tx, told, balances, view.outstanding))
            decided = list(in_view_of_expenses(desk, tx, open_, spent))
            if len(some) == len(planned):
                whole.append(_keep_page(desk, tx, task, page, view.without_aside(decided), kept))
        final.extend(decided)

    apart(planned, decide, lambda one, trouble: final.append(_broken(one, trouble)))
    if whole:
        return whole[0]
    with desk.transaction() as tx:
        return _keep_page(desk, tx, task, page, view.without_aside(final), kept)


def _broken(operation: Operation, trouble: Exception) -> Operation:
    if isinstance(operation, Keep):  # nothing is written for it, so nothing can fail
        return operation
    return broken(operation.kind, operation.record_id, operation.label, trouble)


def _told_elsewhere(kind: RemoteKind, planned: Sequence[Operation]) -> Sequence[Operation]:
    """Drop every `Leave` of a kind without records: the documents that need the item report why."""
    if kinds.of(kind).record is not None:
        return planned
    return [one for one in planned if not isinstance(one, Leave)]


def _rests_on_lists(operation: Operation) -> bool:
    """Whether the operation refers to something that may have become inactive, or active, since."""
    if isinstance(operation, Leave):
        return operation.code in _LISTED
    return isinstance(operation, Create | Update)


def _task(desk: Desk, kind: RemoteKind) -> Task:
    return Task(desk.run, desk.integration, desk.company, kind)


Page = Sequence[tuple[int, Record]]


def _next_page(
    tx: Transaction, run: Run, kind: RemoteKind, chosen: Sequence[str], *, after: int, limit: int
) -> Page:
    """Return the next records to plan; for a retry, all the records that failed before."""
    if run.retry_of:
        return _chosen(tx, run, kind, chosen)
    return page_of(tx, (run.business_id, run.integration_id), kind, after, limit)


def _keep_page(
    desk: Desk,
    tx: Transaction,
    task: Task,
    page: Page,
    planned: Sequence[Operation],
    kept: _Kept,
) -> _Kept:
    """Store the rows of one page; the last page completes the stage."""
    run = task.run
    labels = {record.id: label(record) for _, record in page} if run.retry_of else {}
    if not run.dry_run:
        held = parties.link_at_once(desk, tx, planned)
        planned = [_unlinkable(one) if _links(one, held) else one for one in planned]
    rows = [
        _frozen(desk, operation) for operation in planned if not isinstance(operation, Keep)
    ] + [
        retried(run, task.kind, operation, labels)
        for operation in planned
        if isinstance(operation, Keep) and operation.record_id in labels
    ]
    _add(desk, tx, rows, kept.position)
    if not run.dry_run:
        remember(desk, tx, planned)
    now = _Kept(
        kept.position + len(rows),
        kept.unchanged + len(planned) - len(rows),
        page[-1][0] if page else kept.after,
        kept.waiting or any(row.state == ItemState.WAITING for row in rows),
        whole=len(page) < _PAGE or bool(run.retry_of),
    )
    if now.whole:
        runs.add_stage(tx, run.id, Stage(task.kind, planned=True, unchanged=now.unchanged))
    return now


def _add(desk: Desk, tx: Transaction, rows: Sequence[Row], first: int) -> None:
    """Store rows from a position on; replace a row that cannot be stored by its error."""

    def add(some: Sequence[tuple[int, Row]]) -> None:
        kept = [row for _, row in some]
        operations.add(tx, desk.run.id, desk.integration.id, some[0][0], kept)

    def aside(one: tuple[int, Row], trouble: Exception) -> None:
        at, row = one
        left = broken(row.kind, row.record_id, row.record_id, trouble)
        add([(at, _frozen(desk, left))])

    within(tx, list(enumerate(rows, first)), add, aside)


def _frozen(desk: Desk, operation: Operation) -> Row:
    """Freeze an operation; if that fails, freeze a `Leave` with a reference for support instead."""
    if isinstance(operation, Leave) and operation.trouble:
        facts = referred(desk, operation.record_id, operation.trouble)
        return frozen(desk.company, desk.run, replace(operation, facts=facts))
    return tried(
        lambda: frozen(desk.company, desk.run, operation),
        lambda trouble: _frozen(desk, _broken(operation, trouble)),
    )


def _links(operation: Operation, held: Collection[str]) -> bool:
    return isinstance(operation, LinkTo) and operation.record_id in held


def _unlinkable(operation: Operation) -> Leave:
    """Explain that another record was linked to the same remote in the meantime."""
    assert isinstance(operation, LinkTo)
    kind, record_id, label = operation.kind, operation.record_id, operation.label
    if kind in ENTRIES:
        facts = {"name": label, "why": "another record was linked to it meanwhile"}
        return Leave(kind, record_id, label, "cannot_link", facts, mark=operation.mark)
    if kind is RemoteKind.ACCOUNT:
        facts = {"name": label, "why": "another one was mapped to it meanwhile."}
        return Leave(kind, record_id, label, "account_mapping_needed", facts)
    owner = f"{kinds.of(kind).one} that another connection was linked to meanwhile"
    proposed = Directory(()).free(label, kinds.of(kind).title)
    facts = {"name": label, "owner": owner, "proposed": proposed}
    return Leave(kind, record_id, label, "name_taken", facts)


def _failed_before(tx: Transaction, run: Run) -> dict[str, list[str]]:
    if not run.retry_of:
        return {}
    return earlier.failed_records(tx, run.retry_of, run.retry_item, run.retry_code)


def unlinked(tx: Transaction, integration: Integration, kind: RemoteKind) -> bool:
    """Whether a kind has records without a link: only then are the names worth reading."""
    record = kinds.of(kind).record
    assert record is not None, "it is made from records"
    wanted = set(records.labels(tx, integration.business_id, record))
    if not wanted:
        return False
    if kind in PARTIES:
        wanted = parties.wanted(tx, integration.business_id, kind, wanted)
    return not wanted <= links.links_of(tx, integration.id, kind).keys()


def _chosen(
    tx: Transaction, run: Run, kind: RemoteKind, ids: Sequence[str]
) -> list[tuple[int, Record]]:
    record = kinds.of(kind).record
    if record is None:
        return []
    found = records.get(tx, run.business_id, record, ids)
    return [(0, found[record_id]) for record_id in ids if record_id in found]
