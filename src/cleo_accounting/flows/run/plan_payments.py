"""Plan payments, in view of the documents that they pay and of the accounts they go through."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.payments import is_not_made, mark_of
from cleo_accounting.core.records import Payment
from cleo_accounting.flows.run import removal
from cleo_accounting.flows.run.expected import held_up, known_links, with_planned
from cleo_accounting.flows.run.planner import payables_of, payment_planner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleo_accounting.core.plan import Operation
    from cleo_accounting.core.records import Record
    from cleo_accounting.flows.run.desk import Plan, Task
    from cleo_accounting.store.database import Transaction


def plan_payments(task: Task, tx: Transaction) -> Plan:
    """Give the function that plans payments of one kind, page by page."""
    kind, integration = kinds.payment(task.kind), task.integration
    planner = payment_planner(
        tx,
        integration,
        task.kind,
        task.run.created_at,
        parties=with_planned(task, tx, kind.party),
        accounts=with_planned(task, tx, RemoteKind.ACCOUNT),
        held_up=held_up(task, tx, kind.document, kind.credit),
    )

    def plan(tx: Transaction, page: Sequence[Record]) -> Iterator[Operation]:
        payments = [one for one in page if isinstance(one, Payment)]
        payables = payables_of(tx, integration.business_id, payments)
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
