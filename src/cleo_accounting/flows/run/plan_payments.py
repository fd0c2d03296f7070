"""Plan the payments of the platform: as payments of documents, or as expenses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from cleo_accounting.core import kinds
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.movements import MovementPlanner, is_not_made, mark_of
from cleo_accounting.core.records import Payment, RecordKind
from cleo_accounting.flows.run import removal
from cleo_accounting.flows.run.expected import blocked, held_up, known_links, with_planned
from cleo_accounting.flows.run.planner import (
    expense_planner,
    payables_of,
    payment_planner,
)
from cleo_accounting.store.views import pairing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleo_accounting.core.plan import Operation
    from cleo_accounting.core.records import Record
    from cleo_accounting.flows.run.desk import Plan, Task
    from cleo_accounting.store.database import Transaction

_P = TypeVar("_P", bound=MovementPlanner[Any])


def plan_payments(task: Task, tx: Transaction) -> Plan:
    """Return the function that plans payments of one kind of document, page by page."""
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
        payments = _payments(page)
        payables = payables_of(tx, integration.business_id, payments)
        informed = replace(
            planner,
            payables=payables,
            documents=with_planned(task, tx, kind.document, sorted(payables)),
            credits=with_planned(task, tx, kind.credit, sorted(payables)),
        )
        return _planned(task, tx, informed, payments)

    return plan


def plan_expenses(task: Task, tx: Transaction) -> Plan:
    """Return the function that plans payments without a payable, page by page."""
    kind = kinds.expense(task.kind)
    planner = expense_planner(
        tx,
        task.integration,
        task.kind,
        task.run.created_at,
        parties=with_planned(task, tx, kind.party),
        accounts=with_planned(task, tx, RemoteKind.ACCOUNT),
        blocked=blocked(task, tx, kind.party),
    )
    return lambda tx, page: _planned(task, tx, planner, _payments(page))


def _planned(
    task: Task, tx: Transaction, planner: _P, payments: Sequence[Payment]
) -> Iterator[Operation]:
    """Plan those payments that are of the planner's kind."""
    integration_id = task.integration.id
    not_made = [one.id for one in payments if is_not_made(one)]
    informed = replace(
        planner,
        recorded=pairing.written_as(
            tx, integration_id, RecordKind.PAYMENT, [one.id for one in payments]
        ),
        past=removal.past(tx, integration_id, task.kind, not_made),
    )
    planned = [one for one in payments if informed.plans(one)]
    return informed.plan(planned, known_links(task, tx, planned, mark_of, planner.verdicts))


def _payments(page: Sequence[Record]) -> list[Payment]:
    return [one for one in page if isinstance(one, Payment)]
