"""Plan which payables become documents, with everything known of the company."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cleo_accounting.core import documents, kinds
from cleo_accounting.core.documents import DocumentPlanner
from cleo_accounting.core.links import Document, Link, RemoteKind
from cleo_accounting.core.plan import SALES_ITEM, Operation
from cleo_accounting.core.records import Connection, Payable, Record, RecordKind
from cleo_accounting.flows.run import removal
from cleo_accounting.flows.run.desk import Plan, Task
from cleo_accounting.flows.run.expected import blocked, known_links, with_planned
from cleo_accounting.flows.run.planner import document_planner
from cleo_accounting.store import earlier, links, records
from cleo_accounting.store.database import Transaction


def plan_documents(desk: Task, tx: Transaction) -> Plan:
    """Return the function that plans payables of one kind of document, page by page."""
    party = kinds.document(desk.kind).party
    planner = document_planner(
        tx,
        desk.integration,
        desk.kind,
        parties=with_planned(desk, tx, party),
        blocked=blocked(desk, tx, party),
        item_id=_planned_item(desk, tx),
    )

    def plan(tx: Transaction, page: Sequence[Record]) -> Iterator[Operation]:
        payables = [one for one in page if isinstance(one, Payable)]
        linked = known_links(desk, tx, payables, planner.mark, planner.verdicts)
        withdrawn = [one.id for one in payables if documents.is_withdrawn(one)]
        informed = replace(
            planner,
            elsewhere=links.elsewhere(
                tx, desk.integration.id, desk.kind, [one.id for one in payables]
            ),
            net_days=_net_days(desk, tx, payables),
            past=removal.past(tx, desk.integration.id, desk.kind, withdrawn),
            written=_written(desk, tx, planner, payables, linked),
        )
        return informed.plan(payables, linked)

    return plan


def _planned_item(desk: Task, tx: Transaction) -> str | None:
    """Return the item that a sync would create, if a preview has planned it."""
    preview = desk.run.dry_run and earlier.planned(tx, desk.run.id, RemoteKind.ITEM)
    return f"new:{SALES_ITEM}" if preview else None


def _written(
    desk: Task,
    tx: Transaction,
    planner: DocumentPlanner,
    payables: Sequence[Payable],
    linked: Mapping[str, Link],
) -> Mapping[str, Document]:
    """Return what was last written for the payables that have changed since."""
    changed = [
        one.id
        for one in payables
        if one.id in linked and linked[one.id].fingerprint != planner.mark(one)
    ]
    found = links.contents(tx, desk.integration.id, desk.kind, changed)
    return {name: one for name, one in found.items() if isinstance(one, Document)}


def _net_days(desk: Task, tx: Transaction, payables: Sequence[Payable]) -> Mapping[str, int]:
    """Return the net terms of the payables' connections, where they have any."""
    ids = sorted({one.connection_id for one in payables})
    found = records.get(tx, desk.run.business_id, RecordKind.CONNECTION, ids)
    return {
        one.id: one.net_terms_days
        for one in found.values()
        if isinstance(one, Connection) and one.net_terms_days is not None
    }
