"""Our records and their counterparts, searched and counted by the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select

from cleo_accounting.core import kinds
from cleo_accounting.core.kinds import DOCUMENTS, PARTIES
from cleo_accounting.core.links import Origin, RemoteKind
from cleo_accounting.core.records import RecordKind, Role
from cleo_accounting.store.database import IDS_MAX, Transaction
from cleo_accounting.store.links import links_of
from cleo_accounting.store.tables import links, records, remotes

_DOCUMENTS_MAX = 50


Only = Sequence[str] | Select[Any] | None  # these ids, or the ids that a query returns


@dataclass(frozen=True, slots=True)
class Beside:
    """A record and its mapping: the remote, since when, and by whom."""

    record_id: str
    label: str
    remote_id: str | None = None
    remote_name: str = ""
    origin: Origin | None = None
    gone: bool = False
    by: str = ""
    at: datetime | None = None


def page(
    tx: Transaction,
    business_id: str,
    integration_id: str,
    record_kind: RecordKind,
    remote_kind: RemoteKind,
    *,
    mapped: bool | None = None,
    only: Only = None,
    without: Sequence[str] = (),
    search: str | None = None,
    of_any_role: bool = False,
    limit: int,
    offset: int,
) -> tuple[list[Beside], int]:
    """Return a page of records by name, each with its mapping, and their total number."""
    joined = records.outerjoin(links, _its_link(integration_id, remote_kind))
    conditions: list[ColumnElement[bool]] = [
        records.c.business_id == business_id,
        records.c.kind == record_kind,
        records.c.connection_id.is_(None),  # lets the index `names` be used
    ]
    conditions += [] if of_any_role else _wanted(business_id, remote_kind)
    conditions += _filters(mapped, only, without, search)
    matching = select(records.c.id).select_from(joined).where(*conditions)
    in_order = matching.add_columns(func.count().over().label("total")).order_by(*_BY_NAME)
    rows = tx.execute(in_order.limit(limit).offset(offset)).all()
    if not rows:  # no records, or a page beyond the end
        total = tx.execute(matching.with_only_columns(func.count())).scalar() if offset else 0
        return [], total or 0
    shown = [*conditions[:3], records.c.id.in_([row.id for row in rows])]
    found = tx.execute(
        select(records.c.id, records.c.label, *_LINKED)
        .select_from(joined)
        .where(*shown)
        .order_by(*_BY_NAME)
    )
    return [_beside(row) for row in found], rows[0].total


def mapped(
    tx: Transaction,
    business_id: str,
    integration_id: str,
    record_kind: RecordKind,
    remote_kind: RemoteKind,
    *,
    limit: int,
    offset: int,
) -> tuple[list[tuple[str, str]], int]:
    """Return a page of the ids and names of mapped records, by name, and their total number.

    The name of a record that was never received is empty.
    """
    named = links.outerjoin(
        records,
        and_(
            records.c.business_id == business_id,
            records.c.kind == record_kind,
            records.c.id == links.c.record_id,
        ),
    )
    ours = (links.c.integration_id == integration_id, links.c.kind == remote_kind)
    total = tx.execute(select(func.count()).select_from(links).where(*ours)).scalar_one()
    label = func.coalesce(records.c.label, "")
    rows = tx.execute(
        select(links.c.record_id, label.label("label"))
        .select_from(named)
        .where(*ours)
        .order_by(func.lower(label), links.c.record_id)
        .limit(limit)
        .offset(offset)
    )
    return [(row.record_id, row.label) for row in rows], total


def _its_link(integration_id: str, kind: RemoteKind) -> ColumnElement[bool]:
    return and_(
        links.c.integration_id == integration_id,
        links.c.kind == kind,
        links.c.record_id == records.c.id,
    )


def _filters(
    mapped: bool | None,  # noqa: FBT001  a filter as it came
    only: Only,
    without: Sequence[str],
    search: str | None,
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if mapped is not None:
        there = links.c.record_id.is_not(None)
        conditions.append(there if mapped else ~there)
    if only is not None:
        conditions.append(records.c.id.in_(only))
    if without:
        conditions.append(records.c.id.not_in(without))
    if search:
        wanted = search.strip().lower()
        conditions.append(
            or_(
                func.lower(records.c.label).contains(wanted, autoescape=True),
                func.lower(links.c.remote_name).contains(wanted, autoescape=True),
            )
        )
    return conditions


def payables_of(
    tx: Transaction, business_id: str, ids: Sequence[str], role: Role
) -> dict[str, int]:
    """Return the number of payables of each connection."""
    rows = tx.execute(
        select(records.c.connection_id, func.count().label("number"))
        .where(
            records.c.business_id == business_id,
            records.c.kind == RecordKind.PAYABLE,
            records.c.connection_id.in_(ids),
            records.c.role == role,
        )
        .group_by(records.c.connection_id)
    )
    return {row.connection_id: row.number for row in rows}


def unlinked_payables(
    tx: Transaction, business_id: str, integration_id: str, connection_id: str, role: Role
) -> int:
    """Return the number of payables of a connection that were not written yet."""
    linked = select(links.c.position).where(
        links.c.integration_id == integration_id,
        links.c.kind.in_(DOCUMENTS),
        links.c.record_id == records.c.id,
    )
    found: int = tx.execute(
        select(func.count())
        .select_from(records)
        .where(
            records.c.business_id == business_id,
            records.c.kind == RecordKind.PAYABLE,
            records.c.connection_id == connection_id,
            records.c.role == role,
            ~linked.exists(),
        )
    ).scalar_one()
    return found


def written_for(
    tx: Transaction,
    business_id: str,
    integration_id: str,
    kind: RemoteKind,
    party: RemoteKind,
    remote_id: str,
) -> list[tuple[str, str]]:
    """Return documents of the connections linked to a vendor or customer, newest first.

    Each has its id in QuickBooks and what we last wrote, which may name an earlier vendor.
    """
    connection = links.alias("connection")
    rows = tx.execute(
        select(links.c.remote_id, links.c.written)
        .join(
            records,
            and_(
                records.c.business_id == business_id,
                records.c.kind == RecordKind.PAYABLE,
                records.c.id == links.c.record_id,
            ),
        )
        .join(
            connection,
            and_(
                connection.c.integration_id == integration_id,
                connection.c.kind == party,
                connection.c.record_id == records.c.connection_id,
            ),
        )
        .where(
            links.c.integration_id == integration_id,
            links.c.kind == kind,
            links.c.gone.is_(False),
            links.c.written.is_not(None),
            connection.c.remote_id == remote_id,
        )
        .order_by(links.c.position.desc())
        .limit(_DOCUMENTS_MAX)
    )
    return [(row.remote_id, row.written) for row in rows]


def written_as(
    tx: Transaction, integration_id: str, record: RecordKind, record_ids: Sequence[str]
) -> dict[str, RemoteKind]:
    """Return the kind as which records were written or linked; others are left out."""
    return {
        record_id: kind
        for kind in kinds.counterparts(record)
        for record_id in links_of(tx, integration_id, kind, record_ids)
    }


def owners(
    tx: Transaction, integration_id: str, kind: RemoteKind, ids: Sequence[str]
) -> dict[str, list[str]]:
    """Return the records that are linked to the given remotes already."""
    found: dict[str, list[str]] = {}
    for at in range(0, len(ids), IDS_MAX):
        rows = tx.execute(
            select(links.c.remote_id, links.c.record_id)
            .where(
                links.c.integration_id == integration_id,
                links.c.kind == kind,
                links.c.remote_id.in_(ids[at : at + IDS_MAX]),
            )
            .order_by(links.c.record_id)
        )
        for row in rows:
            found.setdefault(row.remote_id, []).append(row.record_id)
    return found


def take_back(
    tx: Transaction, integration_id: str, kind: RemoteKind, *, by: str, at: datetime
) -> list[str]:
    """Delete the mappings that one person made at one moment; returns the record ids."""
    rows = tx.execute(
        delete(links)
        .where(
            links.c.integration_id == integration_id,
            links.c.kind == kind,
            links.c.origin == Origin.MAPPED,
            links.c.by == by,
            links.c.at == at,
        )
        .returning(links.c.record_id)
    )
    return [row.record_id for row in rows]


def version(tx: Transaction, integration_id: str, kind: RemoteKind) -> tuple[int, str]:
    """Return a value that changes whenever a name list does."""
    row = tx.execute(
        select(func.count(), func.max(remotes.c.seen_at)).where(
            remotes.c.integration_id == integration_id,
            remotes.c.kind == kind,
            remotes.c.gone.is_(False),
        )
    ).one()
    return row[0], str(row[1])


_BY_NAME = (func.lower(records.c.label), records.c.id)
_LINKED = [
    links.c.remote_id,
    links.c.remote_name,
    links.c.origin,
    links.c.gone,
    links.c.by,
    links.c.at,
]


def _wanted(business_id: str, kind: RemoteKind) -> list[ColumnElement[bool]]:
    """Return the condition for connections that become parties of a kind."""
    if kind not in PARTIES:
        return []
    party = kinds.party(kind)

    def plays(role: Role) -> ColumnElement[bool]:
        payable = records.alias()
        return (
            select(payable.c.position)
            .where(
                payable.c.business_id == business_id,
                payable.c.kind.in_((RecordKind.PAYABLE, RecordKind.PAYMENT)),
                payable.c.connection_id == records.c.id,
                payable.c.role == role,
            )
            .exists()
        )

    named = plays(party.role)
    return [or_(named, ~or_(*map(plays, Role))) if party.by_default else named]


def _beside(row: Any) -> Beside:  # noqa: ANN401  a row of some columns
    if row.remote_id is None:
        return Beside(row.id, row.label)
    return Beside(
        row.id,
        row.label,
        row.remote_id,
        row.remote_name,
        Origin(row.origin),
        row.gone,
        row.by,
        row.at,
    )
