"""Adopt what was found in QuickBooks, in the version and with the content that we created."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cleo_accounting.core.amend import settled
from cleo_accounting.core.links import FIRST_VERSION, Base, Entry, Remote
from cleo_accounting.core.merge import says
from cleo_accounting.core.states import Action
from cleo_accounting.flows.run.compare import ATTEMPTS_MAX, compare_update
from cleo_accounting.flows.run.desk import Desk
from cleo_accounting.flows.run.settle import keep_refused, keep_written, link_of
from cleo_accounting.providers import Refused, Written
from cleo_accounting.store import earlier, errands, joining, links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.operations import Row


def adopt(desk: Desk, tx: Transaction, row: Row, found: Remote) -> None:
    """Adopt a document that has our marker; write what differs from our record over it.

    A create that was given up may have been done after all, while our record has changed since.
    """
    made = _what_made(tx, row, found)
    keep_written(desk, tx, [(made, _as_written(found))])
    if made is row:
        return
    if row.run_id != desk.run.id or row.attempts >= ATTEMPTS_MAX:  # the next plan handles it
        keep_refused(desk, tx, [(row, Refused("unanswered", "what stands there is older"))])
        return
    compare_update(desk, tx, replace(row, action=Action.UPDATE), found, None)


def adopt_first(desk: Desk, tx: Transaction, row: Row, found: Sequence[Remote]) -> None:
    """Adopt the first of several documents, and report that the record exists more than once."""
    made = _what_made(tx, row, found[0])
    _keep_twice(desk, tx, made, [_as_written(one) for one in found])


def _keep_twice(desk: Desk, tx: Transaction, row: Row, found: Sequence[Written]) -> None:
    """Report that a record exists more than once; link a document to the first of them.

    This keeps later runs from writing it once more, and schedules a reconciliation, so that a
    person can have the others removed.
    """
    facts, now = {"count": str(len(found))}, desk.house.clock.now()
    keep_refused(desk, tx, [(row, Refused("two_found", "found twice"))], facts)
    content = links.content(row.kind, row.content or "")
    if isinstance(content, Entry):
        joining.join(
            tx,
            desk.integration.id,
            [link_of(row, found[0], content)],
            by=desk.run.asked_by,
            now=now,
            bases={row.record_id: settled(Base(), content, found[0].content)},
        )
        errands.add(tx, desk.integration.id, errands.Verb.RECONCILE, now=now)


def _what_made(tx: Transaction, row: Row, found: Remote) -> Row:
    """Return the create that made a remote: an earlier one given up, if its content matches.

    If a person changed the remote since, so that no create matches, an earlier create is the safer
    base: what differs from it is compared, and nothing of ours is taken for a person's change.
    """
    if _says(found, row):
        return row
    given_up = [
        one
        for one in earlier.given_up(tx, row.integration_id, row.kind, row.record_id, Action.CREATE)
        if one.fingerprint != row.fingerprint
    ]
    said = [one for one in given_up if _says(found, one)]
    for one in (*said, *given_up):
        return replace(row, content=one.content, fingerprint=one.fingerprint)
    return row


def _says(found: Remote, row: Row) -> bool:
    return says(found.content, links.content(row.kind, row.content or ""))


def _as_written(remote: Remote) -> Written:
    """Return what we created, in its first version: our next write then detects later changes."""
    total = remote.content.total if isinstance(remote.content, Entry) else None
    answered = remote.content if remote.version == FIRST_VERSION else None
    return Written(remote.id, FIRST_VERSION, remote.name, total, content=answered)
