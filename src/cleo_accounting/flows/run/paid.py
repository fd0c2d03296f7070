"""What writing or voiding a payment means for the documents that it pays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core import balance, kinds
from cleo_accounting.core.kinds import DOCUMENTS, PAYMENTS
from cleo_accounting.core.ledger import settles
from cleo_accounting.core.links import Link, Origin, Settlement
from cleo_accounting.core.past import UNAPPLIED
from cleo_accounting.core.records import total
from cleo_accounting.core.states import Action
from cleo_accounting.store import balances, joining, links, operations, payment_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.core.links import RemoteKind
    from cleo_accounting.core.records import Money
    from cleo_accounting.flows.run.desk import Desk
    from cleo_accounting.providers import Written
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.operations import Row


def raise_versions(desk: Desk, tx: Transaction, done: Sequence[tuple[Row, Written]]) -> None:
    """Store the new versions of documents whose payments were written or voided.

    QuickBooks raises the version of a document (its SyncToken) with each payment of it. Without
    this, our own payment would look like a person's change of the bill. The document's open balance
    is unknown until QuickBooks is asked again.
    """
    kind = done[0][0].kind
    if kind not in PAYMENTS:
        return
    named: dict[RemoteKind, list[str]] = {}
    for one in _contents(desk, tx, done):
        for part in one.applied:
            named.setdefault(kinds.payment(kind).applies_to(part), []).append(part.document_id)
    for document, ids in named.items():
        _raise(desk, tx, document, ids)


def _raise(desk: Desk, tx: Transaction, document: RemoteKind, ids: Sequence[str]) -> None:
    """Raise the version of each document once for each time that its id occurs in `ids`."""
    owners = links.owners_of(tx, desk.integration.id, document, sorted(set(ids)))
    linked = links.links_of(tx, desk.integration.id, document, sorted(owners.values()))
    versions = {link.remote_id: link.version for link in linked.values() if not link.gone}
    for document_id in ids:
        if document_id in versions:
            versions[document_id] = desk.company.next_version(versions[document_id])
    joining.set_versions(tx, desk.integration.id, document, versions)
    balances.changed(tx, desk.integration.id, document, versions, desk.house.clock.now())


def _contents(
    desk: Desk, tx: Transaction, done: Sequence[tuple[Row, Written]]
) -> Sequence[Settlement]:
    """Return the contents of the payments that were written, and of those that are now voided."""
    kind = done[0][0].kind
    voided = [row.record_id for row, _ in done if row.action == Action.REMOVE]
    before = links.contents(tx, desk.integration.id, kind, voided)
    written = [links.content(kind, row.content) for row, _ in done if row.content]
    return [one for one in (*before.values(), *written) if isinstance(one, Settlement)]


def note_balances(desk: Desk, tx: Transaction, done: Sequence[tuple[Row, Written]]) -> None:
    """Store the open balances that the answers report of the documents that were written."""
    kind, now = done[0][0].kind, desk.house.clock.now()
    if kind not in DOCUMENTS:
        return
    there = [written for _, written in done if not written.gone]
    untold = {one.remote_id: one.version for one in there if "balance" not in one.details}
    told = [
        balance.read(one.remote_id, one.version, one.details, now)
        for one in there
        if one.remote_id not in untold
    ]
    balances.note(tx, desk.integration.id, kind, told, desk.house.quiescence)
    balances.changed(tx, desk.integration.id, kind, untold, now)


def settled_by_ours(desk: Desk, tx: Transaction, link: Link) -> Money | None:
    """Return how much of a document our payments settle, or of a credit they use; None: nothing.

    For a document that no list shows yet: one that is listed reports its own open balance.
    """
    kind = kinds.payment_of(link.kind).remote
    ids = payment_parts.paying(tx, desk.run.business_id, link.record_id)
    linked = links.links_of(tx, desk.integration.id, kind, ids)
    stand = sorted(name for name, one in linked.items() if not one.gone)
    written = links.contents(tx, desk.integration.id, kind, stand)
    amounts = [
        amount
        for content in written.values()
        for document, amount in settles(kind, content)
        if document == (link.kind, link.remote_id)
    ]
    return total(amounts, amounts[0].currency) if amounts else None


def void_unapplied(desk: Desk, tx: Transaction, done: Sequence[tuple[Row, Written]]) -> None:
    """Queue the removal of payments that QuickBooks recorded without applying all of them.

    QuickBooks does so without refusing them, and the unapplied rest would be an unknown credit.
    """
    for row, written in done:
        there = written.content
        if row.action != Action.CREATE or not isinstance(there, Settlement) or not row.content:
            continue
        ours = links.content(row.kind, row.content)
        if isinstance(ours, Settlement) and set(there.applied) != set(ours.applied):
            applied, wanted = (
                total([one.amount for one in side.paid], ours.total.currency)
                for side in (there, ours)
            )
            link = Link(row.record_id, row.kind, written.remote_id, written.version, Origin.CREATED)
            operations.again(
                tx,
                row,
                action=Action.REMOVE,
                payload=desk.company.render_removal(row.kind, link),
                remote_id=written.remote_id,
                version=written.version,
                facts={**UNAPPLIED, "applied": str(applied), "total": str(wanted)},
            )
