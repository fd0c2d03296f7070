"""Settle removals: record what happened, and forget the link."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cleo_accounting.core.decision import Decision
from cleo_accounting.core.past import Past, removed
from cleo_accounting.core.plan import Verdict
from cleo_accounting.core.states import Action, ItemState
from cleo_accounting.store import decisions, earlier, errands, links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.core.links import RemoteKind
    from cleo_accounting.flows.run.desk import Desk
    from cleo_accounting.providers import Written
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.operations import Row


def settle(desk: Desk, tx: Transaction, row: Row, written: Written) -> dict[str, Any]:
    """Return the outcome of a removal, done by us or by somebody before us, and forget its link."""
    again = row.attempts > 1 or row.state == ItemState.IN_DOUBT
    before = (desk.integration.id, row.kind, row.record_id, Action.REMOVE)
    unanswered = written.absent and (again or bool(earlier.given_up(tx, *before)))
    on = desk.house.clock.now().date()
    past = removed(row.kind, row.facts or {}, on, absent=written.absent, unanswered=unanswered)
    _forget(desk, tx, row, by_somebody=written.absent and not unanswered)
    return {
        "id": row.id,
        "state": ItemState.WRITTEN,
        "remote_id": written.remote_id,
        "version": written.version,
        "tid": written.tid,
        "code": past.code,
        "facts": dict(past.facts),
    }


def _forget(desk: Desk, tx: Transaction, row: Row, *, by_somebody: bool) -> None:
    """Forget the link of a removed document; for a copy, only the decision that asked for it.

    A document that somebody else deleted is not written again automatically if the record comes
    back: its link stays, marked as gone. Further copies are found by the next reconciliation, once
    lists no longer lag.
    """
    now = desk.house.clock.now()
    link = links.links_of(tx, desk.integration.id, row.kind, [row.record_id]).get(row.record_id)
    if link and link.remote_id == row.remote_id:
        if by_somebody:
            gone = replace(link, gone=True)
            links.put_links(tx, desk.integration.id, [gone], by=desk.run.asked_by, now=now)
        else:
            links.remove_link(tx, desk.integration.id, row.kind, row.record_id)
        return
    done = Verdict(Decision.DONE, "", desk.run.asked_by)
    decisions.decide(tx, desk.integration.id, row.kind, row.record_id, done, now)
    later = now + desk.house.quiescence
    errands.add(tx, desk.integration.id, errands.Verb.RECONCILE, now=later)


def past(
    tx: Transaction, integration_id: str, kind: RemoteKind, record_ids: Sequence[str]
) -> dict[str, Past]:
    """Return what happened to the documents of records whose document was removed."""
    found = earlier.removals(tx, integration_id, kind, record_ids)
    return {record_id: _past(row) for record_id, row in found.items()}


def _past(row: Row) -> Past:
    """Return a removal's past; for an old removal without a stored cause, from its facts."""
    facts = row.facts or {}
    if row.code is None and row.settled_at:
        return removed(row.kind, {"status": "withdrawn", **facts}, row.settled_at.date())
    return Past(row.code or "withdrawn", facts)
