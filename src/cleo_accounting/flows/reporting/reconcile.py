"""Reconcile: read every bill and invoice over there and set it beside our records; only look.

What a worker keeps of it mends one thing by itself: a link to a document that is gone, if another
with our mark stands alone in its place. Somebody who found two of them deleted the linked one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.documents import is_unlinked, is_withdrawn
from cleo_accounting.core.headline import summary
from cleo_accounting.core.kinds import DOCUMENTS
from cleo_accounting.core.links import Document, Remote, RemoteKind
from cleo_accounting.core.plan import REMOVE_DUPLICATE, Create, Verdict
from cleo_accounting.core.reconciliation import (
    Comparison,
    Discrepancy,
    Finding,
    Outcome,
    Planned,
    Reconciliation,
    outcome_of,
)
from cleo_accounting.core.records import Payable, RecordKind
from cleo_accounting.errors import Throttled
from cleo_accounting.flows.company.books import heed, open_books, spent
from cleo_accounting.flows.company.open_balances import noting
from cleo_accounting.flows.run import removal
from cleo_accounting.flows.run.planner import document_planner
from cleo_accounting.store import (
    audit,
    decisions,
    errands,
    integrations,
    joining,
    links,
    operations,
    reconciliations,
    records,
)
from cleo_accounting.store.views import waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from cleo_accounting.core.documents import DocumentPlanner
    from cleo_accounting.core.headline import Summary
    from cleo_accounting.core.links import Link
    from cleo_accounting.core.plan import Operation
    from cleo_accounting.flows import House
    from cleo_accounting.providers import Company
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.integrations import Integration

_PAGE = 1000
_PATIENCE = 3
_TOO_MANY = (Finding.TWICE, Finding.WITHDRAWN)


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
    decided: Collection[tuple[str, str]] = ()  # kind and record, by a person since

    @property
    def outcome(self) -> Outcome:
        """What it came to: equal, all sent documents are equal, or not."""
        return outcome_of(self.kinds)

    @property
    def summary(self) -> Summary:
        """What all kinds add up to, with the headline."""
        return summary(self.kinds)

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
    company = open_books(house, integration)
    try:
        return [
            _patiently(house, integration, company, kind, watch or _unwatched) for kind in DOCUMENTS
        ]
    finally:
        with house.database.transaction() as tx:
            errands.note_reconciled(tx, integration.id, spent(company), now=house.clock.now())


def keep(house: House, integration_id: str, company: Company | None = None) -> None:
    """Reconcile as a worker, and keep what came of it.

    Raises:
        Reconnect: the company's books do not open.
        Wait: the accounting product wants us to come back later.
    """
    with house.database.reading() as tx:
        integration = integrations.by_id(tx, integration_id)
    company = company or open_books(house, integration)
    found = [_compare(house, integration, company, kind, _unwatched) for kind in DOCUMENTS]
    record(house, integration, found, company)


def record(
    house: House,
    integration: Integration,
    found: Sequence[Reconciliation],
    company: Company | None = None,
) -> None:
    """Keep a comparison: for the page and the API, and for what a person decides by it.

    What was written and is gone is asked for once more by its id, and then known to be gone.

    Raises:
        Reconnect: the company's books do not open.
        Wait: the accounting product wants us to come back later.
    """
    company = company or open_books(house, integration)
    gone = {one.kind: _gone(house, integration, company, one) for one in found}
    now = house.clock.now()
    with house.database.transaction() as tx:
        reconciliations.put(tx, integration.id, found, now)
        for one in found:
            joining.join(tx, integration.id, one.instead, by="recognised", now=now)
            joining.join(tx, integration.id, gone[one.kind], by="compared", now=now)


def _gone(
    house: House, integration: Integration, company: Company, found: Reconciliation
) -> list[Link]:
    """Links to documents that are surely gone: written long enough ago for any query to see."""
    missing = [one.record_id for one in found.discrepancies if one.finding is Finding.MISSING]
    if not missing:
        return []
    long_ago = house.clock.now() - house.quiescence
    with house.database.reading() as tx:
        known = links.links_of(tx, integration.id, found.kind, missing, before=long_ago)
    asked = {link.remote_id: link for link in known.values() if not link.gone}
    there = company.read(found.kind, list(asked)) if asked else {}
    return [
        replace(link, gone=True)
        for remote_id, link in asked.items()
        if remote_id not in there or there[remote_id].gone
    ]


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
        decided = decisions.since(tx, integration_id, at) if at else ()
    return Compared(at, kinds, removable, asked, again, decided)


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
    company: Company,
    kind: RemoteKind,
    watch: Callable[[RemoteKind, int], None],
) -> Reconciliation:
    """Read anew after a pause when asked to slow down: a worker may be using the same limits."""
    for _ in range(_PATIENCE):
        try:
            return _compare(house, integration, company, kind, watch)
        except Throttled as wait:
            heed(house, integration.company_id, wait)
            pause = (wait.until - house.clock.now()).total_seconds()
            house.clock.sleep(max(0.0, pause))
    return _compare(house, integration, company, kind, watch)


def _compare(
    house: House,
    integration: Integration,
    company: Company,
    kind: RemoteKind,
    watch: Callable[[RemoteKind, int], None],
) -> Reconciliation:
    with house.database.reading() as tx:
        before = links.links_of(tx, integration.id, kind)
    read = noting(house, integration.id, kind, company.all(kind))
    theirs = _counted(read, kind, watch)
    free = ["number"] if kinds.document(kind).numbers_itself(integration.profile) else []
    comparison = Comparison(kind, before, theirs, free)
    with house.database.reading() as tx:
        outlook, names = _outlook(tx, integration, kind), _Names(tx, integration.id)
        after = 0
        while page := records.page(
            tx,
            integration.business_id,
            RecordKind.PAYABLE,
            after=after,
            limit=_PAGE,
            role=kinds.of(kind).role,
        ):
            after = page[-1][0]
            payables = [record for _, record in page if isinstance(record, Payable)]
            ids = [payable.id for payable in payables]
            linked = {
                record_id: link
                for record_id, link in links.links_of(tx, integration.id, kind, ids).items()
                if not is_unlinked(link, outlook.planner.verdicts.get(record_id))
            }
            planner = replace(
                outlook.planner, elsewhere=links.elsewhere(tx, integration.id, kind, ids)
            )
            concerned = [one for one in payables if planner.concerns(one, linked.get(one.id))]
            comparison.take(concerned, linked, outlook.of(tx, concerned, linked), names)
    return comparison.finish()


class _Names:
    """What ids of the company name, read once each."""

    def __init__(self, tx: Transaction, integration_id: str) -> None:
        self._tx, self._integration_id = tx, integration_id
        self._known: dict[tuple[RemoteKind, str], str] = {}

    def __call__(self, kind: RemoteKind, remote_id: str) -> str:
        if (kind, remote_id) not in self._known:
            remote = links.remote(self._tx, self._integration_id, kind, remote_id)
            self._known[kind, remote_id] = remote.full_name if remote else remote_id
        return self._known[kind, remote_id]


@dataclass(frozen=True, slots=True)
class _Outlook:
    """What a sync would do now, and what waits for a person."""

    integration: Integration
    kind: RemoteKind
    planner: DocumentPlanner
    waiting: Mapping[str, tuple[str, str | None]]
    in_doubt: Collection[str]

    def of(
        self, tx: Transaction, payables: Sequence[Payable], linked: Mapping[str, Link]
    ) -> Callable[[Payable], Planned]:
        """Give what is planned of each of some payables."""
        gone = [one.id for one in payables if is_withdrawn(one)]
        past = removal.past(tx, self.integration.id, self.kind, gone)
        known = links.contents(tx, self.integration.id, self.kind, list(linked))
        written = {name: one for name, one in known.items() if isinstance(one, Document)}
        planner = replace(self.planner, past=past, written=written)

        def planned(payable: Payable) -> Planned:
            (operation,) = planner.plan([payable], linked)
            written, mark = known.get(payable.id), planner.mark(payable)
            return Planned(
                operation=operation,
                content=planner.content(payable),
                mark=mark,
                verdict=planner.verdicts.get(payable.id),
                waits_for=self._waits_for(operation, payable.id, mark),
                written=written if isinstance(written, Document) else None,
            )

        return planned

    def _waits_for(self, operation: Operation, record_id: str, mark: str) -> str:
        """The cause for which a record waits, if what was planned then is what is planned now."""
        if record_id in self.in_doubt:
            return "in_doubt"
        code, tried = self.waiting.get(record_id, ("", None))
        is_the_same = tried == mark or (tried is None and not isinstance(operation, Create))
        return code if is_the_same else ""


def _outlook(tx: Transaction, integration: Integration, kind: RemoteKind) -> _Outlook:
    unsettled = operations.unsettled(tx, integration.id, kind=kind)
    return _Outlook(
        integration,
        kind,
        document_planner(tx, integration, kind),
        waiting.codes(tx, integration.id, kind),
        {row.record_id for batch in unsettled for row in batch},
    )


def _counted(
    remotes: Iterator[Remote], kind: RemoteKind, watch: Callable[[RemoteKind, int], None]
) -> Iterator[Remote]:
    for remote in remotes:
        watch(kind, 1)
        yield remote
