"""What both sides say of a record: how they differ, and whether a late write of ours is why."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cleo_accounting.core.contrast import contrast
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.merge import says
from cleo_accounting.store import earlier, links

if TYPE_CHECKING:
    from cleo_accounting.core.links import Content, Remote
    from cleo_accounting.flows.desk import Desk
    from cleo_accounting.store.database import Transaction


def came_late(
    desk: Desk, tx: Transaction, kind: RemoteKind, record_id: str, remote: Remote
) -> Content | None:
    """Give what the remote says, if that is an update of ours that was given up and done late."""
    if remote.content is None:
        return None
    given_up = earlier.given_up(tx, desk.integration.id, kind, record_id, "update")
    said = [links.content(kind, one.content or "") for one in given_up]
    return next((one for one in said if says(remote.content, one)), None)


def differences(
    desk: Desk,
    tx: Transaction,
    kind: RemoteKind,
    record_id: str,
    ours: Content | None,
    remote: Remote,
) -> list[dict[str, Any]]:
    """List the fields on which both sides differ, as data: a person may look much later."""
    base = links.written(tx, desk.integration.id, kind, record_id)
    if remote.content is None:
        return []

    def name_of(kind: RemoteKind, remote_id: str) -> str:
        known = links.remote(tx, desk.integration.id, kind, remote_id)
        return known.full_name if known else remote_id

    party = RemoteKind.VENDOR if kind is RemoteKind.BILL else RemoteKind.CUSTOMER
    return [asdict(one) for one in contrast(base, ours, remote.content, party, name_of)]
