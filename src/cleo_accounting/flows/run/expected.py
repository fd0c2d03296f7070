"""What a stage of a run may rely on: the links that its earlier stages made, or would make."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from cleo_accounting.core.causes import CAUSES
from cleo_accounting.core.documents import is_unlinked
from cleo_accounting.core.links import Link, Origin
from cleo_accounting.core.parties import NEW
from cleo_accounting.core.records import Payable, Payment
from cleo_accounting.core.telling import tell
from cleo_accounting.store import earlier, links

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cleo_accounting.core.links import RemoteKind
    from cleo_accounting.core.plan import Verdict
    from cleo_accounting.flows.run.desk import Task
    from cleo_accounting.store.database import Transaction

R = TypeVar("R", Payable, Payment)


def with_planned(
    task: Task, tx: Transaction, kind: RemoteKind, ids: Sequence[str] | None = None
) -> Mapping[str, Link]:
    """Return links by record id; in a preview also those that a sync would have made by now."""
    linked = links.links_of(tx, task.integration.id, kind, ids)
    if task.run.dry_run:
        for row in earlier.planned(tx, task.run.id, kind):
            remote_id = row.remote_id or f"{NEW}{row.record_id}"
            linked.setdefault(
                row.record_id, Link(row.record_id, kind, remote_id, "0", Origin.CREATED)
            )
    return linked


def known_links(
    task: Task,
    tx: Transaction,
    given: Sequence[R],
    mark: Callable[[R], str],
    verdicts: Mapping[str, Verdict],
) -> Mapping[str, Link]:
    """Return the links of records that become documents or payments.

    A link that was found by its marker alone counts as up to date with the record. A link that a
    person took back is forgotten; a preview only plans as if it were.
    """
    linked = links.links_of(tx, task.integration.id, task.kind, [one.id for one in given])
    for one in given:
        if is_unlinked(linked.get(one.id), verdicts.get(one.id)):
            del linked[one.id]
            if not task.run.dry_run:
                links.remove_link(tx, task.integration.id, task.kind, one.id)
    found = [
        replace(linked[one.id], fingerprint=mark(one))
        for one in given
        if one.id in linked and linked[one.id].fingerprint is None
    ]
    links.put_links(tx, task.integration.id, found, by=task.run.asked_by, now=task.run.created_at)
    return {**linked, **{link.record_id: link for link in found}}


def held_up(task: Task, tx: Transaction, *kinds: RemoteKind) -> Mapping[str, str]:
    """Return, by record id, a short phrase on what holds up the records that others wait for."""
    told: dict[str, str] = {}
    for kind in kinds:
        for name, row in earlier.causes_of(tx, task.run.id, kind).items():
            if row.code:
                cause = CAUSES.get(row.code, CAUSES["rejected"])
                held = "it is skipped" if cause.quiet else "it needs attention itself"
                told[name] = f"{held} (“{cause.title}”)."
    return told


def blocked(task: Task, tx: Transaction, kind: RemoteKind) -> Mapping[str, str]:
    """Return, by record id, why records have no counterpart, as far as an earlier stage knows."""
    causes = earlier.causes_of(tx, task.run.id, kind)
    return {name: tell(row.code, row.facts or {})[0] for name, row in causes.items() if row.code}
