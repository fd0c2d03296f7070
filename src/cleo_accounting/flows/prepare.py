"""Prepare a stage: look at records, links and remotes, plan, and keep the plan as rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cleo_accounting.core import documents
from cleo_accounting.core.causes import tell
from cleo_accounting.core.documents import DocumentPlanner, is_unlinked
from cleo_accounting.core.links import Link, Origin, RemoteKind
from cleo_accounting.core.plan import (
    SALES_ITEM,
    Keep,
    Operation,
    plan_bank_accounts,
    plan_item,
)
from cleo_accounting.core.records import (
    Connection,
    FundingSource,
    Payable,
    Record,
    RecordKind,
    Role,
)
from cleo_accounting.flows import parties, removal
from cleo_accounting.flows.desk import Desk
from cleo_accounting.flows.freeze import frozen, label, retried
from cleo_accounting.flows.planner import document_planner, party_of, sales_item
from cleo_accounting.flows.resemble import in_view_of_twins, look_for_twins
from cleo_accounting.flows.standing import in_view_of, look_before_plan, remember
from cleo_accounting.providers import Company
from cleo_accounting.store import decisions, earlier, links, operations, records, runs
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.integrations import Integration
from cleo_accounting.store.runs import Run, Stage

_PAGE = 1000
SALES_ITEM_NAME = "Cleo Pay sales"

_RECORDS: Mapping[RemoteKind, RecordKind] = {
    RemoteKind.VENDOR: RecordKind.CONNECTION,
    RemoteKind.CUSTOMER: RecordKind.CONNECTION,
    RemoteKind.ACCOUNT: RecordKind.FUNDING_SOURCE,
    RemoteKind.BILL: RecordKind.PAYABLE,
    RemoteKind.INVOICE: RecordKind.PAYABLE,
}
_ROLES = {RemoteKind.BILL: Role.PAYER, RemoteKind.INVOICE: Role.PAYEE}

Plan = Callable[[Transaction, Sequence[Record]], Iterable[Operation]]


@dataclass(frozen=True, slots=True)
class _Task:
    """What preparing one stage needs at hand."""

    run: Run
    integration: Integration
    company: Company
    kind: RemoteKind


@dataclass(frozen=True, slots=True)
class _Kept:
    """How far the plan of a stage is kept."""

    position: int = 0
    unchanged: int = 0
    after: int = 0  # the position of the last record that was planned
    waiting: bool = False
    whole: bool = False


def prepare(desk: Desk, kind: RemoteKind) -> bool:
    """Plan a kind and keep the plan; nothing is sent. Says whether anything now waits to be.

    May be repeated until it is finished.
    """
    run = desk.run
    task = _Task(run, desk.integration, desk.company, kind)
    with desk.transaction() as tx:
        operations.forget_plan(tx, run.id, kind)
        plan = _PLANNERS[kind](task, tx)
        chosen = _failed_before(tx, run).get(kind, ())
    kept = _Kept()
    while not kept.whole:
        with desk.transaction() as tx:
            page = _next_page(tx, run, kind, chosen, kept)
            planned = list(plan(tx, [record for _, record in page]))
        there = look_before_plan(desk, kind, planned)
        found = look_for_twins(desk, kind, planned)
        with desk.transaction() as tx:
            stands = list(in_view_of(desk, tx, planned, there))
            final = list(in_view_of_twins(desk, tx, stands, found))
            kept = _keep_page(desk, tx, task, page, final, kept)
    return kept.waiting


Page = Sequence[tuple[int, Record]]


def _next_page(
    tx: Transaction, run: Run, kind: RemoteKind, chosen: Sequence[str], kept: _Kept
) -> Page:
    if run.retry_of:
        return _chosen(tx, run, kind, chosen)
    return _page(tx, run, kind, kept.after)


def _keep_page(
    desk: Desk,
    tx: Transaction,
    task: _Task,
    page: Page,
    planned: Sequence[Operation],
    kept: _Kept,
) -> _Kept:
    """Keep the rows of some records; the last page ends the stage."""
    run = task.run
    labels = {record.id: label(record) for _, record in page} if run.retry_of else {}
    rows = [
        frozen(task.company, run, operation)
        for operation in planned
        if not isinstance(operation, Keep)
    ] + [
        retried(run, task.kind, operation, labels)
        for operation in planned
        if isinstance(operation, Keep) and operation.record_id in labels
    ]
    operations.add(tx, run.id, task.integration.id, kept.position, rows)
    if not run.dry_run:
        parties.link_at_once(desk, tx, planned)
        remember(desk, tx, planned)
    now = _Kept(
        kept.position + len(rows),
        kept.unchanged + len(planned) - len(rows),
        page[-1][0] if page else kept.after,
        kept.waiting or any(row.state == "waiting" for row in rows),
        whole=len(page) < _PAGE or bool(run.retry_of),
    )
    if now.whole:
        runs.add_stage(tx, run.id, Stage(task.kind, planned=True, unchanged=now.unchanged))
    return now


def _failed_before(tx: Transaction, run: Run) -> dict[str, list[str]]:
    if not run.retry_of:
        return {}
    return earlier.failed_records(tx, run.retry_of, run.retry_item, run.retry_code)


def unlinked(tx: Transaction, integration: Integration, kind: RemoteKind) -> bool:
    """Whether a kind has records that are not linked yet: only then are names worth reading."""
    wanted = records.labels(tx, integration.business_id, _RECORDS[kind])
    if not wanted:
        return False
    if kind is RemoteKind.CUSTOMER:
        wanted = dict.fromkeys(
            records.connections_by_role(tx, integration.business_id)[Role.PAYEE], ""
        )
    return not wanted.keys() <= links.links_of(tx, integration.id, kind).keys()


def _page(tx: Transaction, run: Run, kind: RemoteKind, after: int) -> list[tuple[int, Record]]:
    if kind is RemoteKind.ITEM:
        return []
    return records.page(
        tx, run.business_id, _RECORDS[kind], after=after, limit=_PAGE, role=_ROLES.get(kind)
    )


def _chosen(
    tx: Transaction, run: Run, kind: RemoteKind, ids: Sequence[str]
) -> list[tuple[int, Record]]:
    if kind is RemoteKind.ITEM:
        return []
    found = records.get(tx, run.business_id, _RECORDS[kind], ids)
    return [(0, found[record_id]) for record_id in ids if record_id in found]


def _plan_parties(desk: _Task, tx: Transaction) -> Plan:
    planner = parties.planner(tx, desk.run, desk.integration, desk.kind)
    wanted = planner.wanted or ()

    def plan(_: Transaction, page: Sequence[Record]) -> Iterator[Operation]:
        some = [one for one in page if isinstance(one, Connection)]
        if desk.kind is RemoteKind.CUSTOMER:  # who never pays us is no customer: not worth a row
            some = [one for one in some if one.id in wanted]
        return planner.plan(some)

    return plan


def _plan_accounts(desk: _Task, tx: Transaction) -> Plan:
    accounts = links.remotes_of(tx, desk.integration.id, RemoteKind.ACCOUNT)
    linked = links.links_of(tx, desk.integration.id, RemoteKind.ACCOUNT)
    verdicts = decisions.verdicts_of(tx, desk.integration.id, RemoteKind.ACCOUNT)

    def plan(_: Transaction, page: Sequence[Record]) -> Iterator[Operation]:
        sources = [one for one in page if isinstance(one, FundingSource)]
        return plan_bank_accounts(sources, linked, accounts, verdicts)

    return plan


def _plan_item(desk: _Task, tx: Transaction) -> Plan:
    link = links.links_of(tx, desk.integration.id, RemoteKind.ITEM, [SALES_ITEM]).get(SALES_ITEM)
    items = links.remotes_of(tx, desk.integration.id, RemoteKind.ITEM)
    paid = records.connections_by_role(tx, desk.run.business_id)[Role.PAYEE]
    operation = plan_item(desk.integration.fields, link, items, SALES_ITEM_NAME) if paid else None

    def plan(_tx: Transaction, _page: Sequence[Record]) -> Iterable[Operation]:
        return [operation] if operation else []

    return plan


def _plan_documents(desk: _Task, tx: Transaction) -> Plan:
    party = party_of(desk.kind)
    planner = document_planner(
        tx,
        desk.integration,
        desk.kind,
        parties=_parties(desk, tx, party),
        blocked=_blocked(desk, tx, party),
        item_id=_item_id(desk, tx),
    )

    def plan(tx: Transaction, page: Sequence[Record]) -> Iterator[Operation]:
        payables = [one for one in page if isinstance(one, Payable)]
        linked = _document_links(desk, tx, planner, payables)
        withdrawn = [one.id for one in payables if documents.is_withdrawn(one)]
        past = removal.past(tx, desk.integration.id, desk.kind, withdrawn)
        return replace(planner, past=past).plan(payables, linked)

    return plan


def _document_links(
    desk: _Task, tx: Transaction, planner: DocumentPlanner, payables: Sequence[Payable]
) -> Mapping[str, Link]:
    """Links of payables; one found by its marker alone counts as saying what the record says."""
    linked = links.links_of(tx, desk.integration.id, desk.kind, [one.id for one in payables])
    for one in payables:
        if is_unlinked(linked.get(one.id), planner.verdicts.get(one.id)):
            del linked[one.id]
            if not desk.run.dry_run:
                links.remove_link(tx, desk.integration.id, desk.kind, one.id)
    found = [
        replace(linked[one.id], fingerprint=planner.mark(one))
        for one in payables
        if one.id in linked and linked[one.id].fingerprint is None
    ]
    links.put_links(tx, desk.integration.id, found, by=desk.run.asked_by, now=desk.run.created_at)
    return {**linked, **{link.record_id: link for link in found}}


def _parties(desk: _Task, tx: Transaction, party: RemoteKind) -> dict[str, Link]:
    """The links that documents refer to; in a preview also those that a sync would make."""
    linked = links.links_of(tx, desk.integration.id, party)
    if desk.run.dry_run:
        for row in earlier.planned(tx, desk.run.id, party):
            remote_id = row.remote_id or f"new:{row.record_id}"
            linked.setdefault(
                row.record_id, Link(row.record_id, party, remote_id, "0", Origin.CREATED)
            )
    return linked


def _blocked(desk: _Task, tx: Transaction, party: RemoteKind) -> dict[str, str]:
    """Why connections have no party, as far as this run's own earlier stage knows."""
    causes = earlier.causes_of(tx, desk.run.id, party)
    return {
        record_id: tell(row.code, row.facts or {})[0]
        for record_id, row in causes.items()
        if row.code
    }


def _item_id(desk: _Task, tx: Transaction) -> str | None:
    if known := sales_item(tx, desk.integration):
        return known
    preview = desk.run.dry_run and earlier.planned(tx, desk.run.id, RemoteKind.ITEM)
    return f"new:{SALES_ITEM}" if preview else None


_PLANNERS: Mapping[RemoteKind, Callable[[_Task, Transaction], Plan]] = {
    RemoteKind.VENDOR: _plan_parties,
    RemoteKind.CUSTOMER: _plan_parties,
    RemoteKind.ACCOUNT: _plan_accounts,
    RemoteKind.ITEM: _plan_item,
    RemoteKind.BILL: _plan_documents,
    RemoteKind.INVOICE: _plan_documents,
}
