"""Read the open balances of the documents that payments are about to pay, and plan with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.kinds import PAYMENTS
from cleo_accounting.core.links import Document, Settlement
from cleo_accounting.core.outstanding import Found, Outstanding, open_of, payments_of
from cleo_accounting.core.parties import NEW
from cleo_accounting.core.plan import Create, Operation
from cleo_accounting.core.twins import Words
from cleo_accounting.store import decisions, earlier, links

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from cleo_accounting.core.links import Remote, RemoteKind
    from cleo_accounting.core.records import Money
    from cleo_accounting.flows.run.desk import Desk
    from cleo_accounting.store.database import Transaction


def look_at_balances(desk: Desk, kind: RemoteKind, planned: Sequence[Operation]) -> Found:
    """Read the documents that are about to be paid, and the payments of those already paid.

    Called outside any transaction. Previews read too, so that they show what a sync would do.

    Raises:
        Wait, Reconnect: the company cannot be read now.
    """
    creates = [one for one in planned if isinstance(one, Create)]
    if kind not in PAYMENTS or not creates:
        return Found()
    with desk.house.database.reading() as tx:
        said = decisions.words_of(tx, desk.integration.id, kind)
    words = Words.about(creates, said.verdicts, said.others)
    documents: dict[str, Remote] = {}
    fresh: dict[str, Money] = {}
    unseen: set[str] = set()
    for document, named in _named(kind, creates).items():
        documents |= desk.company.read(document, sorted(named))
        totals, late = _not_listed_yet(desk, document, named - documents.keys())
        fresh |= totals
        unseen.update(late)
    paid = {name for one in documents.values() if _is_paid(one) for name in payments_of(one)}
    wanted = sorted({*paid, *words.same.values()})
    return Found(
        documents,
        desk.company.read(kind, wanted) if wanted else {},
        words,
        fresh=fresh,
        unseen=unseen,
    )


def _not_listed_yet(
    desk: Desk, document: RemoteKind, missing: Collection[str]
) -> tuple[Mapping[str, Money], Collection[str]]:
    """Find documents missing from the lists that were written too recently to be believed gone.

    Returns the totals of those that this run created, by id, and the ids of all of them.
    """
    if not missing:
        return {}, ()
    appeared = desk.house.clock.now() - desk.house.quiescence
    with desk.house.database.reading() as tx:
        owners = links.owners_of(tx, desk.integration.id, document, sorted(missing))
        ids = sorted(owners.values())
        older = links.older(tx, desk.integration.id, document, ids, appeared)
        written = links.contents(tx, desk.integration.id, document, ids)
        made = earlier.made(tx, desk.run.id, document)
    unseen = {remote_id for remote_id, record_id in owners.items() if record_id not in older}
    fresh = {
        remote_id: content.total
        for remote_id in unseen & made
        if isinstance(content := written.get(owners[remote_id]), Document)
    }
    return fresh, unseen


def _named(kind: RemoteKind, creates: Sequence[Create]) -> Mapping[RemoteKind, set[str]]:
    """Return the ids of the documents and credits that payments name, if they have been written."""
    named: dict[RemoteKind, set[str]] = {}
    for one in creates:
        for part in one.content.applied if isinstance(one.content, Settlement) else ():
            if not part.document_id.startswith(NEW):
                named.setdefault(kinds.payment(kind).applies_to(part), set()).add(part.document_id)
    return named


def _is_paid(document: Remote) -> bool:
    return open_of(document, document.details.get("currency", "")).minor <= 0


def in_view_of_balances(
    desk: Desk,
    tx: Transaction,
    planned: Sequence[Operation],
    found: Found,
    outstanding: Outstanding,
) -> Iterator[Operation]:
    """Yield the plan with every payment decided: record it, link it, or ask a person.

    `outstanding` holds the payments of earlier pages, and collects those of this page.
    """
    creates = [one for one in planned if isinstance(one, Create)]
    if not creates or creates[0].kind not in PAYMENTS:
        yield from planned
        return
    owners = links.owners_of(tx, desk.integration.id, creates[0].kind, sorted(found.payments))
    found = replace(found, owners=owners)
    for one in planned:
        yield outstanding.settle(one, found) if isinstance(one, Create) else one
