"""Reconcile: read every bill and invoice over there and set it beside our records; only look.

What a worker keeps of it mends one thing by itself: a link to a document that is gone, if another
with our mark stands alone in its place. Somebody who found two of them deleted the linked one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core.links import DOCUMENTS, Remote, RemoteKind
from cleo_accounting.core.plan import REMOVE_DUPLICATE, Verdict
from cleo_accounting.core.reconciliation import Comparison, Finding, Reconciliation
from cleo_accounting.core.records import Payable, RecordKind, Role
from cleo_accounting.errors import Throttled
from cleo_accounting.flows.books import heed, open_books
from cleo_accounting.store import audit, decisions, integrations, links, reconciliations, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

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
    watch: Callable[[RemoteKind, int], None] | None = None,
) -> Sequence[Reconciliation]:
    """Compare all documents of a business with its company's, per kind; `watch` hears how many.

    Raises:
        Missing: the business has no such integration.
        Reconnect: the company's books do not open.
        Wait: the accounting product wants us to come back later.
    """
    with house.database.reading() as tx:
        integration = integrations.get(tx, business_id, integration_id)
    return [_patiently(house, integration, kind, watch or _unwatched) for kind in DOCUMENTS]


def keep(house: House, integration_id: str) -> None:
    """Reconcile as a worker, and keep what came of it.

    Raises:
        Reconnect: the company's books do not open.
        Wait: the accounting product wants us to come back later.
    """
    with house.database.reading() as tx:
        integration = integrations.by_id(tx, integration_id)
    found = [_compare(house, integration, kind, _unwatched) for kind in DOCUMENTS]
    now = house.clock.now()
    with house.database.transaction() as tx:
        reconciliations.put(tx, integration_id, found, now)
        for one in found:
            links.put_links(tx, integration_id, one.instead, by="recognised", now=now)


def latest(
    house: House, business_id: str, integration_id: str
) -> tuple[datetime, Sequence[Reconciliation]] | None:
    """Give the latest that a worker made, and when.

    Raises:
        Missing: the business has no such integration.
    """
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        return reconciliations.get(tx, integration_id)


def remove_duplicates(house: House, business_id: str, integration_id: str, by: str) -> int:
    """Have the next sync remove what the latest reconciliation found twice; says how many records.

    Of each document the one that we are linked to stays. Nothing that was paid or changed is
    removed: the sync compares before it deletes.

    Raises:
        Missing: the business has no such integration.
    """
    found = latest(house, business_id, integration_id)
    twice = [
        one
        for reconciliation in (found[1] if found else ())
        for one in reconciliation.discrepancies
        if one.finding is Finding.TWICE
    ]
    now = house.clock.now()
    with house.database.transaction() as tx:
        for one in twice:
            link = links.links_of(tx, integration_id, one.kind, [one.record_id]).get(one.record_id)
            extra = [each for each in one.remote_ids if link and each != link.remote_id]
            if extra:
                word = Verdict(REMOVE_DUPLICATE, extra[0], by)
                decisions.decide(tx, integration_id, one.kind, one.record_id, word, now)
        if twice:
            facts = {"records": len(twice)}
            audit.note(
                tx,
                business_id,
                by=by,
                what="duplicates_to_remove",
                subject=integration_id,
                now=now,
                facts=facts,
            )
    return len(twice)


def _unwatched(_kind: RemoteKind, _count: int) -> None:
    """Nobody watches a worker."""


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
            heed(house, integration.company_id, wait)
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
