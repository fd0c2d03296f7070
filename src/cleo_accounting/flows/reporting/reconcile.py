"""Reconcile: read every document and payment in QuickBooks, and compare it with our records.

Nothing is written to QuickBooks. When a comparison is stored, one thing is repaired: a link to a
document that is gone moves to the only other document with our marker, because somebody who
found two copies deleted the linked one. Documents are read before payments. A document that
seems to be paid by others is read once more: if it was paid in the meantime, it is not reported.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from cleo_accounting.core import kinds
from cleo_accounting.core.comparison import Comparison
from cleo_accounting.core.decision import Decision
from cleo_accounting.core.documents import is_unlinked
from cleo_accounting.core.headline import summary
from cleo_accounting.core.kinds import DOCUMENTS, ENTRIES, PAYMENTS, DocumentKind
from cleo_accounting.core.ledger import Ledger, Settled
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.outstanding import open_of
from cleo_accounting.core.plan import Verdict
from cleo_accounting.core.reconciliation import (
    Discrepancy,
    Finding,
    Outcome,
    Reconciliation,
    outcome_of,
)
from cleo_accounting.errors import Throttled
from cleo_accounting.flows.company.books import heed, open_books, spent
from cleo_accounting.flows.company.open_balances import noting
from cleo_accounting.flows.reporting.outlook import outlook
from cleo_accounting.flows.run.planner import page_of
from cleo_accounting.store import (
    audit,
    decisions,
    errands,
    integrations,
    joining,
    links,
    reconciliations,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from cleo_accounting.core.headline import Summary
    from cleo_accounting.core.ledger import Settles
    from cleo_accounting.core.links import Link, Remote
    from cleo_accounting.flows import House
    from cleo_accounting.providers import Company
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.integrations import Integration

R = TypeVar("R")

_PAGE = 1000
_PATIENCE = 3
_TOO_MANY = (Finding.TWICE, Finding.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Copy:
    """A surplus document or payment in QuickBooks, and what was reported of its record."""

    said: Discrepancy
    remote_id: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The latest comparison (`at` is None: there is none yet), and what happened since.

    `removable` are the surplus copies; a person has already asked to remove those in `asked`.
    """

    at: datetime | None = None
    kinds: Sequence[Reconciliation] = ()
    removable: Sequence[Copy] = ()
    asked: Sequence[Copy] = ()
    is_compared_again: bool = False
    decided: Collection[tuple[str, str]] = ()  # kind and record id, decided by a person since

    @property
    def outcome(self) -> Outcome:
        """The result: everything equal, everything that was sent equal, or differences."""
        return outcome_of(self.kinds)

    @property
    def summary(self) -> Summary:
        """The totals of all kinds, with the headline."""
        return summary(self.kinds)

    @property
    def differing(self) -> Sequence[Discrepancy]:
        """Every document and payment in which the two sides differ."""
        return [one for kind in self.kinds for one in kind.discrepancies]

    @property
    def duplicated(self) -> Mapping[str, int]:
        """How many documents, and how many payments, exist more than once."""
        return Counter(kinds.entry(one.said.kind).sort for one in (*self.removable, *self.asked))


def reconcile(
    house: House,
    business_id: str,
    integration_id: str,
    *,
    watch: Callable[[RemoteKind, int], None] | None = None,
) -> Sequence[Reconciliation]:
    """Compare all documents and payments of a business with its company's, per kind.

    `watch` is called with the number of entries read.

    Raises:
        Missing: the business has no such integration.
        Reconnect: the company's books cannot be opened.
        Wait: the accounting product asks us to come back later.
    """
    with house.database.reading() as tx:
        integration = integrations.get(tx, business_id, integration_id)
    company = open_books(house, integration)
    try:
        return _Comparing(house, integration, company, watch or _unwatched).all(_PATIENCE)
    finally:
        with house.database.transaction() as tx:
            errands.note_reconciled(tx, integration.id, spent(company), now=house.clock.now())


def keep(house: House, integration_id: str, company: Company | None = None) -> None:
    """Reconcile as a worker, and store the result.

    Raises:
        Reconnect: the company's books cannot be opened.
        Wait: the accounting product asks us to come back later.
    """
    with house.database.reading() as tx:
        integration = integrations.by_id(tx, integration_id)
    company = company or open_books(house, integration)
    found = _Comparing(house, integration, company, _unwatched).all()
    record(house, integration, found, company)


def record(
    house: House,
    integration: Integration,
    found: Sequence[Reconciliation],
    company: Company | None = None,
) -> None:
    """Store a comparison, for the page and the API and for the decisions based on it.

    What was written but is missing is read once more by id, and then marked as gone.

    Raises:
        Reconnect: the company's books cannot be opened.
        Wait: the accounting product asks us to come back later.
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
    """Return the links to entries that are certainly gone: old enough for any query to see."""
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
    """Return the latest stored comparison and its time.

    Raises:
        Missing: the business has no such integration.
    """
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        return reconciliations.get(tx, integration_id)


def compared(house: House, business_id: str, integration_id: str) -> Compared:
    """Return the latest stored comparison, and the surplus copies that it found.

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
                is_asked = word is not None and word.verdict == Decision.REMOVE_DUPLICATE
                (asked if is_asked else removable).append(copy)
        again = errands.waiting(tx, integration_id, errands.Verb.RECONCILE)
        decided = decisions.since(tx, integration_id, at) if at else ()
    return Compared(at, kinds, removable, asked, again, decided)


def remove_duplicates(house: House, business_id: str, integration_id: str, by: str) -> int:
    """Have the next sync remove the surplus copies that the latest reconciliation found.

    Returns the number of records. The copy that a record is linked to stays; of a record that was
    withdrawn, none stays. Nothing that was paid or changed is removed: the sync compares before
    it deletes.

    Raises:
        Missing: the business has no such integration.
    """
    found = compared(house, business_id, integration_id)
    now = house.clock.now()
    with house.database.transaction() as tx:
        for copy in found.removable:
            said = copy.said
            word = Verdict(Decision.REMOVE_DUPLICATE, copy.remote_id, by)
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
    """Yield one surplus copy of each record that has any; the others are removed after it."""
    too_many = [one for one in found.discrepancies if one.finding in _TOO_MANY]
    known = links.links_of(tx, integration_id, found.kind, [one.record_id for one in too_many])
    for one in too_many:
        link = known.get(one.record_id)
        stays = link.remote_id if link and not link.gone else None
        extra = [each for each in one.remote_ids if each != stays]
        if extra and (stays or one.finding is Finding.WITHDRAWN):
            yield Copy(one, extra[0])


def _unwatched(_kind: RemoteKind, _count: int) -> None:
    """Ignore the progress, for callers without a progress display."""


@dataclass(frozen=True, slots=True)
class _Comparing:
    """The company and the records that are compared, and the progress callback."""

    house: House
    integration: Integration
    company: Company
    watch: Callable[[RemoteKind, int], None]

    def all(self, patience: int = 0) -> list[Reconciliation]:
        """Compare every kind: documents, then their payments, then the open balances."""
        with self.house.database.reading() as tx:
            before = {kind: links.links_of(tx, self.integration.id, kind) for kind in ENTRIES}
        documents = [self._taken(kind, before[kind], (), patience) for kind in DOCUMENTS]
        watched = {one for each in documents for one in each.documents()}
        payments = [self._taken(kind, before[kind], watched, patience) for kind in PAYMENTS]
        paid = [one.finish() for one in payments]
        settled = Settled.together([one.settled for one in payments])
        moved = {one: self._moved(one, settled, patience) for one in documents}
        ledgers = {kinds.document(kind).party: Ledger() for kind in DOCUMENTS}
        found = [
            one.finish(settled, ledgers[kinds.document(one.kind).party], moved[one])
            for one in documents
        ]
        with self.house.database.reading() as tx:
            names = _Names(tx, self.integration.id)
            opens = {party: ledger.open(party, names) for party, ledger in ledgers.items()}
        for each in found:
            party = kinds.party(kinds.document(each.kind).party)
            if party.document is each.kind:  # the party's other kinds are counted with this one
                each.open = opens[party.remote]
        return [*found, *paid]

    def _taken(
        self,
        kind: RemoteKind,
        before: Mapping[str, Link],
        watched: Collection[Settles],
        patience: int,
    ) -> Comparison:
        """Read one kind in QuickBooks, and compare it with our records."""
        declared = kinds.entry(kind)
        numbers_itself = isinstance(declared, DocumentKind) and declared.numbers_itself(
            self.integration.profile
        )
        free = ["number"] if numbers_itself else []
        comparison = self._patiently(
            lambda: Comparison(kind, before, self._read(kind), free, watched), patience
        )
        self._take(comparison, kind)
        return comparison

    def _take(self, comparison: Comparison, kind: RemoteKind) -> None:
        """Compare our records with what was read, page by page."""
        integration = self.integration
        place = (integration.business_id, integration.id)
        with self.house.database.reading() as tx:
            ahead = outlook(tx, integration, kind, self.house.clock.now())
            names, after = _Names(tx, integration.id), 0
            while page := page_of(tx, place, kind, after, _PAGE):
                after, given = page[-1][0], [record for _, record in page]
                known = links.links_of(tx, integration.id, kind, [one.id for one in given])
                linked = {
                    record_id: link
                    for record_id, link in known.items()
                    if not is_unlinked(link, ahead.verdicts.get(record_id))
                }
                comparison.take(ahead.of(tx, given, linked), linked, names)

    def _moved(self, comparison: Comparison, settled: Settled, patience: int) -> Collection[str]:
        """Reread what others seem to have paid; return the ids of what was paid in the meantime."""
        contested = comparison.contested(settled)
        if not contested:
            return ()
        there = self._patiently(
            lambda: self.company.read(comparison.kind, sorted(contested)), patience
        )
        return {
            remote_id
            for remote_id, balance in contested.items()
            if remote_id not in there or open_of(there[remote_id], balance.currency) != balance
        }

    def _read(self, kind: RemoteKind) -> Iterator[Remote]:
        theirs = self.company.all(kind)
        if kind in DOCUMENTS:
            theirs = noting(self.house, self.integration.id, kind, theirs)
        for remote in theirs:
            self.watch(kind, 1)
            yield remote

    def _patiently(self, read: Callable[[], R], patience: int) -> R:
        """Retry after a pause when asked to slow down: a worker may use the same limits."""
        for _ in range(patience):
            try:
                return read()
            except Throttled as wait:
                heed(self.house, self.integration.company_id, wait)
                pause = (wait.until - self.house.clock.now()).total_seconds()
                self.house.clock.sleep(max(0.0, pause))
        return read()


class _Names:
    """The names of the company's ids, read once each; a document is named by its number."""

    def __init__(self, tx: Transaction, integration_id: str) -> None:
        self._tx, self._integration_id = tx, integration_id
        self._known: dict[tuple[RemoteKind, str], str] = {}

    def __call__(self, kind: RemoteKind, remote_id: str) -> str:
        if (kind, remote_id) not in self._known:
            named = self._number if kind in DOCUMENTS else self._name
            self._known[kind, remote_id] = named(kind, remote_id)
        return self._known[kind, remote_id]

    def _name(self, kind: RemoteKind, remote_id: str) -> str:
        remote = links.remote(self._tx, self._integration_id, kind, remote_id)
        return remote.full_name if remote else remote_id

    def _number(self, kind: RemoteKind, remote_id: str) -> str:
        of = (self._tx, self._integration_id, kind)
        found = links.links_of(*of, list(links.owners_of(*of, [remote_id]).values()))
        return next((one.remote_name for one in found.values()), "") or f"No. {remote_id}"
