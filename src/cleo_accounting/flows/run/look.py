"""Look in QuickBooks for what we sent, and check whether a refusal holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from cleo_accounting.core.kinds import PARTIES
from cleo_accounting.core.links import Document, Entry, Expense, Remote
from cleo_accounting.core.states import Action
from cleo_accounting.flows.apart import apart
from cleo_accounting.flows.run.adopt import adopt, adopt_first
from cleo_accounting.flows.run.aside import set_aside_all
from cleo_accounting.flows.run.compare import look_at_changes
from cleo_accounting.flows.run.desk import Desk
from cleo_accounting.flows.run.settle import keep_linked, keep_refused
from cleo_accounting.flows.run.taken import look_at_numbers
from cleo_accounting.providers import Refused, Sought
from cleo_accounting.store import links, operations
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.operations import Row

Batch = Sequence[Row]


def disputable(row: Row, refused: Refused) -> bool:
    """Return whether a refusal may have a harmless cause that a look in QuickBooks can show.

    Anything that was sent before may have been done then: QuickBooks may refuse the repeated
    request only because it is a repetition.
    """
    if row.attempts > 1:
        return True
    if row.action == Action.CREATE:
        return _is_taken(row, refused)
    return refused.code in ("stale", "reference_refused")


def _is_taken(row: Row, refused: Refused) -> bool:
    """Whether a document's number is taken by a document that QuickBooks names."""
    numbered = row.kind not in PARTIES and refused.existing_id is not None
    return numbered and refused.code == "duplicate_number"


def dispute(desk: Desk, disputed: Sequence[tuple[Row, Refused]]) -> None:
    """Look into refusals: adopt or link what exists after all, and record the other refusals."""
    creates = [pair for pair in disputed if pair[0].action == Action.CREATE]
    taken = [pair for pair in creates if _is_taken(*pair)]
    others = [pair for pair in creates if not _is_taken(*pair)]
    look = _look_at_names if disputed[0][0].kind in PARTIES else _look_at_markers
    alone = partial(set_aside_all, desk)
    for pairs, answer in ((taken, look_at_numbers), (others, look)):
        apart(pairs, partial(answer, desk), lambda pair, trouble: alone([pair[0]], trouble))
    changes = {row.id: (row, one) for row, one in disputed if row.action != Action.CREATE}
    if changes:
        told_gone = {row.id for row, one in changes.values() if one.code == "reference_refused"}
        rows = [row for row, _ in changes.values()]
        refused = {row.id for row in rows}
        undone = find_undone(
            desk, rows, lambda some: look_at_changes(desk, some, told_gone, refused)
        )
        queue_again(desk, [row for row in undone if changes[row.id][1].code == "stale"])
        final = [changes[row.id] for row in undone if changes[row.id][1].code != "stale"]
        with desk.transaction() as tx:  # the remote is unchanged: our change itself is what fails
            keep_refused(desk, tx, final)


def _look_at_names(desk: Desk, refused: Sequence[tuple[Row, Refused]]) -> None:
    """Link the parties whose names exist after all, and record the other refusals.

    The party that has a name may be a person's, so it is not changed.
    """
    found = desk.company.find(refused[0][0].kind, [sought(row) for row, _ in refused])
    holders = {record_id: hits[0] for record_id, hits in found.items() if is_only_active(hits)}
    with desk.transaction() as tx:
        here = [row for row, _ in refused if row.record_id in holders]
        keep_linked(desk, tx, [(row, holders[row.record_id]) for row in here])
        keep_refused(desk, tx, [pair for pair in refused if pair[0] not in here])


def _look_at_markers(desk: Desk, refused: Sequence[tuple[Row, Refused]]) -> None:
    """Adopt the documents that an earlier request created after all; record the other refusals."""
    rows = [row for row, _ in refused]
    found = desk.company.find(rows[0].kind, [sought(row) for row in rows])
    missing = {row.id for row in adopt_found(desk, rows, found)}
    with desk.transaction() as tx:
        keep_refused(desk, tx, [pair for pair in refused if pair[0].id in missing])


def find_undone(desk: Desk, rows: Batch, look: Callable[[Batch], Batch]) -> list[Row]:
    """Return the rows that a look finds undone; set aside each row on which the look fails."""
    undone: list[Row] = []
    aside = partial(set_aside_all, desk)
    apart(rows, lambda some: undone.extend(look(some)), lambda row, trouble: aside([row], trouble))
    return undone


def adopt_found(desk: Desk, rows: Batch, found: Mapping[str, Sequence[Remote]]) -> list[Row]:
    """Adopt documents that were found, link parties, and return the rows that were not found."""
    missing: list[Row] = []
    named: list[tuple[Row, Remote]] = []
    with desk.transaction() as tx:
        others = _held_by_others(desk, tx, rows, found)
        for row in rows:
            hits = [
                one for one in found.get(row.record_id, ()) if (row.record_id, one.id) not in others
            ]
            if not hits:
                missing.append(row)
            elif len(hits) == 1 and row.kind in PARTIES:
                named.append((row, hits[0]))
            elif len(hits) == 1:
                adopt(desk, tx, row, hits[0])
            else:
                adopt_first(desk, tx, row, hits)
        keep_linked(desk, tx, named)
    return missing


def _held_by_others(
    desk: Desk, tx: Transaction, rows: Batch, found: Mapping[str, Sequence[Remote]]
) -> set[tuple[str, str]]:
    """Return the (record id, document id) pairs of which another record is linked to the document.

    A document belongs to one record. Whatever its note says now, no other record adopts it.
    """
    kind = rows[0].kind
    if kind in PARTIES:
        return set()
    pairs = {(row.record_id, one.id) for row in rows for one in found.get(row.record_id, ())}
    ids = [remote_id for _, remote_id in pairs]
    owners = links.owners_of(tx, desk.integration.id, kind, ids)
    return {pair for pair in pairs if owners.get(pair[1], pair[0]) != pair[0]}


def is_only_active(hits: Sequence[Remote]) -> bool:
    """Return whether a search found exactly one remote, and that one is active."""
    return len(hits) == 1 and hits[0].active


def queue_again(desk: Desk, rows: Batch) -> None:
    """Queue rows to be sent again under a new key."""
    with desk.transaction() as tx:
        for row in rows:
            operations.again(tx, row)


def sought(row: Row) -> Sought:
    """Return what a row's counterpart is recognised by: its marker, or the name of a party."""
    content = links.content(row.kind, row.content or "")
    if isinstance(content, Entry):
        return Sought(
            row.record_id,
            marker=content.marker,
            # Not all payments can be queried by number.
            number=content.number if isinstance(content, Document | Expense) else None,
            party_id=content.party_id,
            dated=content.dated,
        )
    return Sought(row.record_id, name=content.name)
