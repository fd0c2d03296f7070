"""Look at what stands in QuickBooks before a plan is kept, and plan in view of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from cleo_accounting.core.links import DOCUMENTS, PARTIES, Remote, RemoteKind
from cleo_accounting.core.plan import Leave, Operation, Remove, Update
from cleo_accounting.flows.differences import came_late, differences

if TYPE_CHECKING:
    from cleo_accounting.flows.desk import Desk
    from cleo_accounting.store.database import Transaction

_READ = (*DOCUMENTS, *PARTIES)


@dataclass(frozen=True, slots=True)
class There:
    """What a look found: the remotes that planned operations would change, by their ids."""

    remotes: Mapping[str, Remote] = field(default_factory=dict)


def look_before_plan(desk: Desk, kind: RemoteKind, planned: Sequence[Operation]) -> There:
    """Read what stands in QuickBooks of what is planned to be changed or removed.

    Called outside any transaction. A preview looks as well, so that it says what a sync would do.

    Raises:
        Wait, Reconnect: the company cannot be read now.
    """
    if kind not in _READ:
        return There()
    wanted = [one.link.remote_id for one in planned if isinstance(one, Update | Remove)]
    return There(desk.company.read(kind, wanted) if wanted else {})


def in_view_of(
    desk: Desk, tx: Transaction, planned: Sequence[Operation], there: There
) -> Iterator[Operation]:
    """Give the operations that are right in view of what stands in QuickBooks."""
    for operation in planned:
        if isinstance(operation, Remove):
            yield _removal(desk, tx, operation, there.remotes.get(operation.link.remote_id))
        else:
            yield operation


def _removal(desk: Desk, tx: Transaction, operation: Remove, remote: Remote | None) -> Operation:
    """Remove only what stands as we left it, unpaid; else a person decides."""
    if remote is None or remote.gone:
        return operation
    link = operation.link
    if remote.version == link.version and not is_paid(remote):
        return operation
    late = came_late(desk, tx, operation.kind, operation.record_id, remote)
    if late and remote.version == desk.company.next_version(link.version) and not is_paid(remote):
        return replace(operation, link=replace(link, version=remote.version))
    told = differences(desk, tx, operation.kind, operation.record_id, None, remote)
    facts = {**operation.facts, "differences": told}
    return Leave(
        operation.kind, operation.record_id, operation.label, "removal_asks", facts, stands=link
    )


def is_paid(remote: Remote) -> bool:
    """Whether some of a document is paid: less of it is open than it comes to."""
    total, balance = (remote.details.get(name, "") for name in ("total", "balance"))
    return bool(total and balance) and Decimal(balance) < Decimal(total)
