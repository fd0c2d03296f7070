"""The planner of each kind of record: it plans a stage of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from cleo_accounting.core import kinds
from cleo_accounting.core.kinds import (
    BankAccountKind,
    DocumentKind,
    ExpenseKind,
    ItemKind,
    Kind,
    PartyKind,
    PaymentKind,
)
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.plan import (
    SALES_ITEM,
    Create,
    Leave,
    Operation,
    plan_bank_accounts,
    plan_item,
)
from cleo_accounting.core.records import Connection, FundingSource, Record, Role
from cleo_accounting.flows.run import parties
from cleo_accounting.flows.run.desk import Plan, Task
from cleo_accounting.flows.run.plan_documents import plan_documents
from cleo_accounting.flows.run.plan_payments import plan_expenses, plan_payments
from cleo_accounting.flows.run.planner import trouble_among
from cleo_accounting.store import decisions, links, records
from cleo_accounting.store.database import Transaction

SALES_ITEM_NAME = "Cleo Pay sales"


def planner_of(remote: RemoteKind) -> Callable[[Task, Transaction], Plan]:
    """Return the function that makes the plan of a kind.

    Raises:
        TypeError: the kind is only read, never written.
    """
    kind = kinds.of(remote)
    for sort, planner in _PLANNERS.items():
        if isinstance(kind, sort):
            return planner
    raise TypeError(f"nothing is planned for {remote}")


def _plan_parties(desk: Task, tx: Transaction) -> Plan:
    planner = parties.planner(tx, desk.run, desk.integration, desk.kind)
    wanted = planner.wanted or ()

    def plan(_: Transaction, page: Sequence[Record]) -> Iterator[Operation]:
        some = [one for one in page if isinstance(one, Connection)]
        if not kinds.party(desk.kind).by_default:  # a connection that never pays us is no customer
            some = [one for one in some if one.id in wanted]
        return planner.plan(some)

    return plan


def _plan_accounts(desk: Task, tx: Transaction) -> Plan:
    accounts = links.remotes_of(tx, desk.integration.id, RemoteKind.ACCOUNT)
    linked = links.links_of(tx, desk.integration.id, RemoteKind.ACCOUNT)
    verdicts = decisions.verdicts_of(tx, desk.integration.id, RemoteKind.ACCOUNT)

    def plan(_: Transaction, page: Sequence[Record]) -> Iterator[Operation]:
        sources = [one for one in page if isinstance(one, FundingSource)]
        return plan_bank_accounts(sources, linked, accounts, verdicts)

    return plan


def _plan_item(desk: Task, tx: Transaction) -> Plan:
    link = links.links_of(tx, desk.integration.id, RemoteKind.ITEM, [SALES_ITEM]).get(SALES_ITEM)
    items = links.remotes_of(tx, desk.integration.id, RemoteKind.ITEM)
    paid = records.connections_by_role(tx, desk.run.business_id)[Role.PAYEE]
    operation = plan_item(desk.integration.fields, link, items, SALES_ITEM_NAME) if paid else None
    if isinstance(operation, Create) and (
        trouble := trouble_among(tx, desk.integration, desk.integration.fields, kinds.INVOICE)
    ):
        operation = Leave(desk.kind, SALES_ITEM, SALES_ITEM_NAME, trouble.code, trouble.facts)

    def plan(_tx: Transaction, _page: Sequence[Record]) -> Iterable[Operation]:
        return [operation] if operation else []

    return plan


_PLANNERS: Mapping[type[Kind], Callable[[Task, Transaction], Plan]] = {
    PartyKind: _plan_parties,
    BankAccountKind: _plan_accounts,
    ItemKind: _plan_item,
    DocumentKind: plan_documents,
    PaymentKind: plan_payments,
    ExpenseKind: plan_expenses,
}
