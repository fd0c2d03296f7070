"""Plan payments, in view of the documents that they pay and of the accounts they go through."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cleo_accounting.core import kinds
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.payments import PaymentPlanner, is_not_made, mark_of, named_by
from cleo_accounting.core.records import Payable, Payment, RecordKind
from cleo_accounting.flows.run import removal
from cleo_accounting.flows.run.expected import blocked, known_links, with_planned
from cleo_accounting.store import decisions, links, records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cleo_accounting.core.plan import Operation
    from cleo_accounting.core.records import Record
    from cleo_accounting.flows.run.desk import Plan, Task
    from cleo_accounting.store.database import Transaction


def plan_payments(task: Task, tx: Transaction) -> Plan:
    """Give the function that plans payments of one kind, page by page."""
    kind, integration = kinds.payment(task.kind), task.integration
    zone = ZoneInfo(integration.fields.time_zone)
    planner = PaymentPlanner(
        kind=kind,
        profile=integration.profile,
        fields=integration.fields,
        today=task.run.created_at.astimezone(zone).date(),
        payables={},
        documents={},
        credits={},
        parties=with_planned(task, tx, kind.party),
        accounts=with_planned(task, tx, RemoteKind.ACCOUNT),
        banks={one.id: one for one in links.remotes_of(tx, integration.id, RemoteKind.ACCOUNT)},
        sources=records.labels(tx, integration.business_id, RecordKind.FUNDING_SOURCE),
        names=records.labels(tx, integration.business_id, RecordKind.CONNECTION),
        verdicts=decisions.verdicts_of(tx, integration.id, task.kind),
        blocked={**blocked(task, tx, kind.document), **blocked(task, tx, kind.credit)},
    )

    def plan(tx: Transaction, page: Sequence[Record]) -> Iterator[Operation]:
        payments = [one for one in page if isinstance(one, Payment)]
        payables = _payables(task, tx, payments)
        not_made = [one.id for one in payments if is_not_made(one)]
        informed = replace(
            planner,
            payables=payables,
            documents=with_planned(task, tx, kind.document, sorted(payables)),
            credits=with_planned(task, tx, kind.credit, sorted(payables)),
            past=removal.past(tx, integration.id, task.kind, not_made),
        )
        concerned = [one for one in payments if informed.concerns(one)]
        return informed.plan(concerned, known_links(task, tx, concerned, mark_of, planner.verdicts))

    return plan


def _payables(task: Task, tx: Transaction, payments: Sequence[Payment]) -> Mapping[str, Payable]:
    ids = sorted({name for one in payments for name in named_by(one)})
    found = records.get(tx, task.run.business_id, RecordKind.PAYABLE, ids)
    return {name: one for name, one in found.items() if isinstance(one, Payable)}
