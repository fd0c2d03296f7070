"""Reconcile: read every bill and invoice over there and set it beside our records; only look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core.links import DOCUMENTS, Remote, RemoteKind
from cleo_accounting.core.reconciliation import Comparison, Reconciliation
from cleo_accounting.core.records import Payable, RecordKind, Role
from cleo_accounting.errors import Throttled
from cleo_accounting.flows.books import open_books
from cleo_accounting.store import integrations, links, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cleo_accounting.flows import House
    from cleo_accounting.store.integrations import Integration

_PAGE = 1000
_PATIENCE = 3
_ROLES = {RemoteKind.BILL: Role.PAYER, RemoteKind.INVOICE: Role.PAYEE}


def reconcile(
    house: House,
    business_id: str,
    integration_id: str,
    *,
    watch: Callable[[RemoteKind, int], None] = lambda _kind, _count: None,
) -> Sequence[Reconciliation]:
    """Compare all documents of a business with its company's, per kind; `watch` hears how many.

    Raises:
        Missing: the business has no such integration.
        Reconnect: the company's books do not open.
        Wait: the accounting product wants us to come back later.
    """
    with house.database.reading() as tx:
        integration = integrations.get(tx, business_id, integration_id)
    return [_patiently(house, integration, kind, watch) for kind in DOCUMENTS]


def _patiently(
    house: House,
    integration: Integration,
    kind: RemoteKind,
    watch: Callable[[RemoteKind, int], None],
) -> Reconciliation:
    """Read anew after a pause when asked to slow down: a worker may be using the same limits."""
    for _ in range(_PATIENCE):
        try:
            return _compare(house, integration, kind, watch)
        except Throttled as wait:
            pause = (wait.until - house.clock.now()).total_seconds()
            house.clock.sleep(max(0.0, pause))
    return _compare(house, integration, kind, watch)


def _compare(
    house: House,
    integration: Integration,
    kind: RemoteKind,
    watch: Callable[[RemoteKind, int], None],
) -> Reconciliation:
    with house.database.reading() as tx:
        before = links.links_of(tx, integration.id, kind)
    theirs = _counted(open_books(house, integration).all(kind), kind, watch)
    comparison = Comparison(kind, before, theirs)
    with house.database.reading() as tx:
        after = 0
        while page := records.page(
            tx,
            integration.business_id,
            RecordKind.PAYABLE,
            after=after,
            limit=_PAGE,
            role=_ROLES[kind],
        ):
            after = page[-1][0]
            payables = [record for _, record in page if isinstance(record, Payable)]
            ids = [payable.id for payable in payables]
            comparison.take(payables, links.links_of(tx, integration.id, kind, ids))
    return comparison.finish()


def _counted(
    remotes: Iterator[Remote], kind: RemoteKind, watch: Callable[[RemoteKind, int], None]
) -> Iterator[Remote]:
    for remote in remotes:
        watch(kind, 1)
        yield remote
