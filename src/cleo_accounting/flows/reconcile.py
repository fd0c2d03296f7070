"""Reconcile: read every bill and invoice over there and set it beside our records; only look.

What a worker keeps of it mends one thing by itself: a link to a document that is gone, if another
with our mark stands alone in its place. Somebody who found two of them deleted the linked one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.core.links import DOCUMENTS, Remote, RemoteKind
from cleo_accounting.core.plan import REMOVE_DUPLICATE, Verdict
from cleo_accounting.core.reconciliation import Comparison, Discrepancy, Finding, Reconciliation
from cleo_accounting.core.records import Payable, RecordKind, Role
from cleo_accounting.errors import Throttled
from cleo_accounting.flows.books import heed, open_books
from cleo_accounting.store import (
    audit,
    decisions,
    errands,
    integrations,
    links,
    reconciliations,
    records,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from cleo_accounting.flows import House
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.integrations import Integration

_PAGE = 1000
_PATIENCE = 3
_TOO_MANY = (Finding.TWICE, Finding.WITHDRAWN)
_ROLES = {RemoteKind.BILL: Role.PAYER, RemoteKind.INVOICE: Role.PAYEE}


@dataclass(frozen=True, slots=True)
class Copy:
    """A document over there that is one too many, and what was said of its record."""

    said: Discrepancy
    remote_id: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The latest comparison (`at` is None: there is none yet), and what came of it since.

    `removable` is one too many over there; of `asked`, a person asked already that it is removed.
    """

    at: datetime | None = None
    kinds: Sequence[Reconciliation] = ()
    removable: Sequence[Copy] = ()
    asked: Sequence[Copy] = ()
    is_compared_again: bool = False

    @property
    def agrees(self) -> bool:
        """Whether every document is there once, and equal to the cent."""
        return all(kind.agrees for kind in self.kinds)

    @property
    def differing(self) -> Sequence[Discrepancy]:
        """Every document about which the two sides differ."""
        return [one for kind in self.kinds for one in kind.discrepancies]


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


def compared(house: House, business_id: str, integration_id: str) -> Compared:
    """Give the latest that a worker made, and what is one too many by it.

    Raises:
        Missing: the business has no such integration.
    """
    at, kinds = latest(house, business_id, integration_id) or (None, ())
    removable: list[Copy] = []
    asked: list[Copy] = []
    with house.database.reading() as tx:
        for one in kinds:
            words = decisions.verdicts_of(tx, integration_id, one.kind) if one.discrepancies else {}
            for copy in _copies(tx, integration_id, one):
                word = words.get(copy.said.record_id)
                is_asked = word is not None and word.verdict == REMOVE_DUPLICATE
                (asked if is_asked else removable).append(copy)
        again = errands.waiting(tx, integration_id, errands.Verb.RECONCILE)
    return Compared(at, kinds, removable, asked, again)


def remove_duplicates(house: House, business_id: str, integration_id: str, by: str) -> int:
    """Have the next sync remove what the latest reconciliation found to be one too many.

    Says of how many records. Of each document the one that we are linked to stays; of one that was
    withdrawn here, none. Nothing that was paid or changed is removed: the sync compares before it
    deletes.

    Raises:
        Missing: the business has no such integration.
    """
    found = compared(house, business_id, integration_id)
    now = house.clock.now()
    with house.database.transaction() as tx:
        for copy in found.removable:
            said = copy.said
            word = Verdict(REMOVE_DUPLICATE, copy.remote_id, by)
            decisions.decide(tx, integration_id, said.kind, said.record_id, word, now)
        if found.removable:
            facts = {"records": len(found.removable)}
            audit.note(
                tx,
                business_id,
                by=by,
                what="duplicates_to_remove",
                subject=integration_id,
                now=now,
                facts=facts,
            )
    return len(found.removable)


def _copies(tx: Transaction, integration_id: str, found: Reconciliation) -> Iterator[Copy]:
    """One copy of each record that has any; the others go after it."""
    too_many = [one for one in found.discrepancies if one.finding in _TOO_MANY]
    known = links.links_of(tx, integration_id, found.kind, [one.record_id for one in too_many])
    for one in too_many:
        link = known.get(one.record_id)
        stays = link.remote_id if link and not link.gone else None
        extra = [each for each in one.remote_ids if each != stays]
        if extra and (stays or one.finding is Finding.WITHDRAWN):
            yield Copy(one, extra[0])


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
