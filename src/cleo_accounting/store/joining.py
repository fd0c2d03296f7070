"""Store links one by one where needed, and report those whose remote another record holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError

from cleo_accounting.core.states import Action, ItemState
from cleo_accounting.store.links import put_links
from cleo_accounting.store.tables import links, operations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cleo_accounting.core.links import Base, Link, RemoteKind
    from cleo_accounting.store.database import Transaction


def join(
    tx: Transaction,
    integration_id: str,
    given: Sequence[Link],
    *,
    by: str,
    now: datetime,
    bases: Mapping[str, Base] | None = None,
) -> set[str]:
    """Store links; returns the ids of the records whose document belongs to another record.

    A document belongs to one record, and a vendor or customer is shared only by decision of a
    person.
    """

    def put(some: Sequence[Link]) -> None:
        with tx.begin_nested():
            put_links(tx, integration_id, some, by=by, now=now, bases=bases)

    if not given:
        return set()
    try:
        put(given)
    except IntegrityError:
        held: set[str] = set()
        for link in given:
            try:
                put([link])
            except IntegrityError:
                if not _is_held(tx, integration_id, link):
                    raise
                held.add(link.record_id)
        return held
    return set()


def _is_held(tx: Transaction, integration_id: str, link: Link) -> bool:
    query = select(links.c.record_id).where(
        links.c.integration_id == integration_id,
        links.c.kind == link.kind,
        links.c.remote_id == link.remote_id,
        links.c.record_id != link.record_id,
    )
    return tx.execute(query.limit(1)).first() is not None


_DROP_CREATES = (
    update(operations)
    .where(
        operations.c.integration_id == bindparam("integration"),
        operations.c.kind == bindparam("of_kind"),
        operations.c.record_id.in_(bindparam("records", expanding=True)),
        operations.c.action == Action.CREATE,
        operations.c.state == ItemState.WAITING,
    )
    .values(state=ItemState.LEFT, code="mapping_changed", settled_at=bindparam("now"))
)


def drop_creates(
    tx: Transaction, integration_id: str, kind: RemoteKind, records: Sequence[str], now: datetime
) -> None:
    """Leave the waiting creates of records that have a counterpart by now."""
    if records:
        of = {"integration": integration_id, "of_kind": kind, "records": records, "now": now}
        tx.execute(_DROP_CREATES, of)


_SET_VERSION = (
    update(links)
    .where(
        links.c.integration_id == bindparam("integration"),
        links.c.kind == bindparam("of_kind"),
        links.c.remote_id == bindparam("remote"),
    )
    .values(version=bindparam("new_version"))
)


def set_versions(
    tx: Transaction, integration_id: str, kind: RemoteKind, versions: Mapping[str, str]
) -> None:
    """Store the versions of documents, by remote id; their links stay otherwise unchanged."""
    of = {"integration": integration_id, "of_kind": kind}
    if versions:
        rows = [of | {"remote": name, "new_version": one} for name, one in versions.items()]
        tx.execute(_SET_VERSION, rows)
