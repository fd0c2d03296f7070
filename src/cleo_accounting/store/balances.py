"""The open balances of linked documents, as QuickBooks reported them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Executable, and_, delete, or_, select, update

from cleo_accounting.core.balance import Balance, believed
from cleo_accounting.core.kinds import DOCUMENTS
from cleo_accounting.core.records import Money
from cleo_accounting.store import links
from cleo_accounting.store.database import IDS_MAX, insert_in
from cleo_accounting.store.tables import balances, integrations
from cleo_accounting.store.tables import links as linked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from cleo_accounting.core.links import RemoteKind
    from cleo_accounting.store.database import Transaction

_KEY = ("integration_id", "kind", "remote_id")


def note(
    tx: Transaction,
    integration_id: str,
    kind: RemoteKind,
    found: Sequence[Balance],
    quiescence: timedelta,
) -> None:
    """Store the balances of linked documents, unless a stored reading takes precedence."""
    ids = [one.remote_id for one in found]
    owners = links.owners_of(tx, integration_id, kind, ids)
    before = of(tx, integration_id, kind, list(owners), for_update=True)
    newer = [
        one
        for one in found
        if one.remote_id in owners and believed(before.get(one.remote_id), one, quiescence)
    ]
    if newer:
        rows = [_row(integration_id, kind, one) for one in newer]
        tx.execute(_put(tx.dialect.name), rows)


def changed(
    tx: Transaction,
    integration_id: str,
    kind: RemoteKind,
    versions: Mapping[str, str],
    now: datetime,
) -> None:
    """Record that a write of ours changed the open balances of documents.

    They are unknown until QuickBooks is read again. `versions`: the new versions, by remote id.
    """
    rows = [
        _row(integration_id, kind, Balance(name, int(version or 0), now, known=False))
        for name, version in versions.items()
    ]
    if rows:
        tx.execute(_put(tx.dialect.name), rows)


def doubt(tx: Transaction, integration_id: str, before: datetime) -> None:
    """Mark the balances that were last read before a moment as unknown."""
    tx.execute(
        update(balances)
        .where(
            balances.c.integration_id == integration_id,
            balances.c.at < before,
            balances.c.gone.is_(False),
        )
        .values(known=False)
    )


def set_cursor(tx: Transaction, integration_id: str, moment: datetime) -> None:
    """Record up to which moment changes of documents are known."""
    tx.execute(
        update(integrations)
        .where(integrations.c.id == integration_id)
        .values(balances_cursor=moment)
    )


def forget_unlinked(tx: Transaction, integration_id: str) -> None:
    """Delete the balances of documents that are no longer linked to a record."""
    still = select(linked.c.remote_id).where(
        linked.c.integration_id == balances.c.integration_id,
        linked.c.kind == balances.c.kind,
        linked.c.remote_id == balances.c.remote_id,
    )
    tx.execute(delete(balances).where(balances.c.integration_id == integration_id, ~still.exists()))


def of(
    tx: Transaction,
    integration_id: str,
    kind: RemoteKind,
    remote_ids: Sequence[str],
    *,
    for_update: bool = False,
) -> dict[str, Balance]:
    """Return the stored balances of documents, by remote id."""
    found: dict[str, Balance] = {}
    for at in range(0, len(remote_ids), IDS_MAX):
        rows = select(balances).where(
            balances.c.integration_id == integration_id,
            balances.c.kind == kind,
            balances.c.remote_id.in_(remote_ids[at : at + IDS_MAX]),
        )
        if for_update:
            rows = rows.order_by(balances.c.remote_id).with_for_update()
        found.update((row.remote_id, _balance(row)) for row in tx.execute(rows))
    return found


def unknown(tx: Transaction, integration_id: str, kind: RemoteKind) -> dict[str, str]:
    """Return the linked documents whose balance is unknown, with their record ids."""
    rows = tx.execute(
        select(linked.c.remote_id, linked.c.record_id)
        .outerjoin(
            balances,
            and_(
                balances.c.integration_id == linked.c.integration_id,
                balances.c.kind == linked.c.kind,
                balances.c.remote_id == linked.c.remote_id,
            ),
        )
        .where(
            linked.c.integration_id == integration_id,
            linked.c.kind == kind,
            linked.c.gone.is_(False),
            or_(balances.c.known.is_(None), balances.c.known.is_(False)),
        )
        .order_by(linked.c.remote_id)
    )
    return {row.remote_id: row.record_id for row in rows}


def oldest(tx: Transaction, integration_id: str) -> datetime | None:
    """Return when the oldest known balance was read, or None."""
    moment: datetime | None = tx.execute(
        select(balances.c.at)
        .where(balances.c.integration_id == integration_id, balances.c.known.is_(True))
        .order_by(balances.c.at)
        .limit(1)
    ).scalar()
    return moment


def linked_kinds(tx: Transaction, integration_id: str) -> list[RemoteKind]:
    """Return the kinds of document that have any link."""
    return [
        kind
        for kind in DOCUMENTS
        if tx.execute(
            select(linked.c.record_id)
            .where(linked.c.integration_id == integration_id, linked.c.kind == kind)
            .limit(1)
        ).first()
    ]


@cache  # cached, so that SQLAlchemy compiles it only once
def _put(dialect: str) -> Executable:
    statement = insert_in(dialect, balances)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=_KEY,
        set_={one.name: new[one.name] for one in balances.c if one.name not in _KEY},
        where=balances.c.at <= new.at,
    )


def _row(integration_id: str, kind: RemoteKind, one: Balance) -> dict[str, Any]:
    return {
        "integration_id": integration_id,
        "kind": kind.value,
        "remote_id": one.remote_id,
        "version": one.version,
        "at": one.at,
        "known": one.known,
        "gone": one.gone,
        "number": one.number,
        "currency": one.currency,
        "total_minor": one.total and one.total.minor,
        "open_minor": one.open and one.open.minor,
        "payments": list(one.payments),
    }


def _balance(row: Any) -> Balance:  # noqa: ANN401  a row of the table
    return Balance(
        remote_id=row.remote_id,
        version=row.version,
        at=row.at,
        known=row.known,
        gone=row.gone,
        number=row.number,
        currency=row.currency,
        total=_money(row.total_minor, row.currency),
        open=_money(row.open_minor, row.currency),
        payments=tuple(row.payments),
    )


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)
