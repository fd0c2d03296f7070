"""Plan payables: which become bills or invoices, in view of all that the company is known for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cleo_accounting.core import documents, kinds
from cleo_accounting.core.documents import DocumentPlanner, is_unlinked
from cleo_accounting.core.links import Document, Link, Origin, RemoteKind
from cleo_accounting.core.plan import SALES_ITEM, Operation
from cleo_accounting.core.records import Connection, Payable, Record, RecordKind
from cleo_accounting.core.telling import tell
from cleo_accounting.flows.run import removal
from cleo_accounting.flows.run.desk import Plan, Task
from cleo_accounting.flows.run.planner import document_planner
from cleo_accounting.store import earlier, links, records
from cleo_accounting.store.database import Transaction


def plan_documents(desk: Task, tx: Transaction) -> Plan:
    """Give the function that plans payables of one kind of document, page by page."""
    party = kinds.document(desk.kind).party
    planner = document_planner(
        tx,
        desk.integration,
        desk.kind,
        parties=_parties(desk, tx, party),
        blocked=_blocked(desk, tx, party),
        item_id=_planned_item(desk, tx),
    )

    def plan(tx: Transaction, page: Sequence[Record]) -> Iterator[Operation]:
        payables = [one for one in page if isinstance(one, Payable)]
        linked = _document_links(desk, tx, planner, payables)
        withdrawn = [one.id for one in payables if documents.is_withdrawn(one)]
        informed = replace(
            planner,
            net_days=_net_days(desk, tx, payables),
            past=removal.past(tx, desk.integration.id, desk.kind, withdrawn),
            written=_written(desk, tx, planner, payables, linked),
        )
        return informed.plan(payables, linked)

    return plan


def _document_links(
    desk: Task, tx: Transaction, planner: DocumentPlanner, payables: Sequence[Payable]
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


def _parties(desk: Task, tx: Transaction, party: RemoteKind) -> dict[str, Link]:
    """The links that documents refer to; in a preview also those that a sync would make."""
    linked = links.links_of(tx, desk.integration.id, party)
    if desk.run.dry_run:
        for row in earlier.planned(tx, desk.run.id, party):
            remote_id = row.remote_id or f"new:{row.record_id}"
            linked.setdefault(
                row.record_id, Link(row.record_id, party, remote_id, "0", Origin.CREATED)
            )
    return linked


def _blocked(desk: Task, tx: Transaction, party: RemoteKind) -> dict[str, str]:
    """Why connections have no party, as far as this run's own earlier stage knows."""
    causes = earlier.causes_of(tx, desk.run.id, party)
    return {
        record_id: tell(row.code, row.facts or {})[0]
        for record_id, row in causes.items()
        if row.code
    }


def _planned_item(desk: Task, tx: Transaction) -> str | None:
    """The item that a sync would make, as far as a preview has planned it."""
    preview = desk.run.dry_run and earlier.planned(tx, desk.run.id, RemoteKind.ITEM)
    return f"new:{SALES_ITEM}" if preview else None


def _written(
    desk: Task,
    tx: Transaction,
    planner: DocumentPlanner,
    payables: Sequence[Payable],
    linked: Mapping[str, Link],
) -> Mapping[str, Document]:
    """What payables that changed since said when they were written last."""
    changed = [
        one.id
        for one in payables
        if one.id in linked and linked[one.id].fingerprint != planner.mark(one)
    ]
    found = links.contents(tx, desk.integration.id, desk.kind, changed)
    return {name: one for name, one in found.items() if isinstance(one, Document)}


def _net_days(desk: Task, tx: Transaction, payables: Sequence[Payable]) -> Mapping[str, int]:
    """The net terms of the payables' connections, as far as they have some."""
    ids = sorted({one.connection_id for one in payables})
    found = records.get(tx, desk.run.business_id, RecordKind.CONNECTION, ids)
    return {
        one.id: one.net_terms_days
        for one in found.values()
        if isinstance(one, Connection) and one.net_terms_days is not None
    }
