"""Compare updates and removals that are in doubt, or were refused, with what is in QuickBooks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cleo_accounting.core.links import Document, Link, Remote
from cleo_accounting.core.plan import Verdict
from cleo_accounting.core.records import canonical
from cleo_accounting.core.states import Action, ItemState
from cleo_accounting.core.weigh import paid_of
from cleo_accounting.flows.run.desk import Desk
from cleo_accounting.flows.run.differences import Case, is_ours_alone, removal_differences, weighed
from cleo_accounting.flows.run.settle import keep_refused, keep_written
from cleo_accounting.providers import Refused, Written
from cleo_accounting.store import decisions, links, operations
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.operations import Row

ATTEMPTS_MAX = 5
# The longest time from storing the intent until a request leaves: waiting for its turn may take a
# minute. If a worker was suspended for longer, another one may have taken over, looked for the
# write and not found it.
LEAVES_WITHIN = timedelta(seconds=90)
_STALE = Refused("stale", "changed again and again")
UNANSWERED = Refused("unanswered", "no answer")


def quiet_from(desk: Desk, rows: Sequence[Row]) -> datetime:
    """Return from when nothing of a batch can still be on its way, or be invisible to a query.

    If no worker survived to report that the batch left, assume that it left as late as it could.
    """
    now, quiescence = desk.house.clock.now(), desk.house.quiescence
    untold = any(row.state == ItemState.SENT for row in rows)
    late = min(LEAVES_WITHIN, quiescence) if untold else timedelta()
    return max(row.sent_at or now for row in rows) + late + quiescence


def look_at_changes(
    desk: Desk, rows: Sequence[Row], told_gone: Collection[int] = (), refused: Collection[int] = ()
) -> Sequence[Row]:
    """Compare updates and removals with what is there now; return those certainly not done.

    A query may not yet see what was written a moment ago. An absence is believed for rows that the
    product itself reported as gone (`told_gone`), if they have existed for long enough to be seen;
    otherwise only once no write can be on its way any more. Until then the row stays in doubt.
    `refused` rows were certainly not done by the last request.
    """
    kind, now = rows[0].kind, desk.house.clock.now()
    found = desk.company.read(kind, [row.remote_id or "" for row in rows])
    undone: list[Row] = []
    with desk.transaction() as tx:
        verdicts = decisions.verdicts_of(tx, desk.integration.id, kind)
        # What QuickBooks reports as gone may be the vendor: an inactive one causes the same fault.
        ids, appeared = [row.record_id for row in rows], now - desk.house.quiescence
        seen = links.older(tx, desk.integration.id, kind, ids, appeared) if told_gone else ()
        for row in rows:
            remote = found.get(row.remote_id or "")
            if remote is None or remote.gone:
                gone = row.id in told_gone and row.record_id in seen
                if now >= quiet_from(desk, [row]) or gone or remote is not None:
                    _gone(
                        desk,
                        tx,
                        row if row.id in refused else replace(row, state=ItemState.IN_DOUBT),
                    )
            elif row.attempts >= ATTEMPTS_MAX:
                changed = remote.version != row.version
                keep_refused(desk, tx, [(row, _STALE if changed else UNANSWERED)])
            elif remote.version == row.version:
                undone.append(row)
            elif row.action == Action.REMOVE:
                _compare_removal(desk, tx, row, remote)
            else:
                compare_update(desk, tx, row, remote, verdicts.get(row.record_id))
    return undone


def _gone(desk: Desk, tx: Transaction, row: Row) -> None:
    """Settle a row whose remote is gone: a removal is done, an update has nothing to write to."""
    if row.action == Action.REMOVE:
        absent = Written(row.remote_id or "", "", gone=True, absent=True)
        keep_written(desk, tx, [(row, absent)])
        return
    link = _link_to(desk, tx, row, row.remote_id)
    if link is None:
        _leave(desk, tx, row, "mapping_changed")
        return
    gone, now = replace(link, gone=True), desk.house.clock.now()
    links.put_links(tx, desk.integration.id, [gone], by=desk.run.asked_by, now=now)
    _leave(desk, tx, row, "deleted_there")


def _link_to(desk: Desk, tx: Transaction, row: Row, remote_id: str | None) -> Link | None:
    """Return the link of a record to a remote, unless a person has mapped the record elsewhere."""
    link = links.links_of(tx, desk.integration.id, row.kind, [row.record_id]).get(row.record_id)
    return link if link is not None and link.remote_id == remote_id else None


def _leave(
    desk: Desk, tx: Transaction, row: Row, code: str, facts: Mapping[str, Any] | None = None
) -> None:
    """Settle a row without writing anything, with the cause."""
    settled = {"id": row.id, "state": ItemState.LEFT, "code": code, "facts": facts, **row.stands}
    operations.settle(tx, [settled], desk.house.clock.now())


def _compare_removal(desk: Desk, tx: Transaction, row: Row, remote: Remote) -> None:
    """Leave a removal to a person: the version shows that somebody changed or paid the document.

    Unless the change is an update of ours that was given up and arrived late.
    """
    link = links.links_of(tx, desk.integration.id, row.kind, [row.record_id]).get(row.record_id)
    base = links.base_of(tx, desk.integration.id, row.kind, row.record_id)
    linked = link is not None and link.remote_id == remote.id and row.run_id == desk.run.id
    if link and linked and not paid_of(remote):
        as_sent = replace(link, version=row.version or "")
        if is_ours_alone(desk, tx, Case(as_sent, remote, base)):
            there = replace(link, version=remote.version)
            payload = desk.company.render_removal(row.kind, there)
            operations.again(tx, row, payload=payload, version=remote.version)
            return
    told = removal_differences(desk, tx, base, remote)
    _leave(desk, tx, row, "removal_asks", {**(row.facts or {}), "differences": told})


def compare_update(
    desk: Desk, tx: Transaction, row: Row, remote: Remote, verdict: Verdict | None
) -> None:
    """Bring the remote to what our record says, by the same rules as the plan."""
    ours = links.content(row.kind, row.content or "")
    link = _link_to(desk, tx, row, remote.id)
    if link is None:
        _leave(desk, tx, row, "mapping_changed")
        return
    base = links.base_of(tx, desk.integration.id, row.kind, row.record_id)
    found = weighed(desk, tx, Case(link, remote, base, verdict), ours, row.fingerprint or "")
    if found.amendment.empty:
        total = ours.total if isinstance(ours, Document) else None
        # Any later version is a person's; what we created is in its first version.
        version = desk.company.next_version(row.version) if row.version else link.version
        answered = remote.content if remote.version == version else None
        done = Written(remote.id, version, remote.name, total, content=answered)
        keep_written(desk, tx, [(row, done)])
    elif found.code:
        _leave(desk, tx, row, found.code, found.facts)
    elif row.run_id != desk.run.id:  # its run has ended, and this run plans the record anew
        _leave(desk, tx, row, "not_reached")
    else:
        operations.again(
            tx,
            row,
            action=Action.UPDATE,
            payload=desk.company.render_update(row.kind, found.amendment, remote),
            version=remote.version,
            content=canonical(found.amendment.content),
            facts=found.facts,
        )
