"""The platform's records as received, in the order in which they first arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, select
from sqlalchemy import delete as sql_delete

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.records import (
    KIND_OF,
    Record,
    RecordKind,
    Role,
)
from cleo_accounting.store import payment_parts
from cleo_accounting.store.database import IDS_MAX, Transaction, one_at_a_time
from cleo_accounting.store.tables import links, records

_TYPE_OF: Mapping[str, type[Record]] = {kind: of for of, kind in KIND_OF.items()}

_OF_KIND = (
    records.c.business_id == bindparam("business_id"),
    records.c.kind == bindparam("kind"),
)
_SOME = select(records.c.id, records.c.body).where(
    *_OF_KIND, records.c.id.in_(bindparam("ids", expanding=True))
)


def get(
    tx: Transaction, business_id: str, kind: RecordKind, ids: Sequence[str]
) -> dict[str, Record]:
    """Return records by id; unknown ids are left out."""
    found: dict[str, Record] = {}
    for at in range(0, len(ids), IDS_MAX):
        some = {"business_id": business_id, "kind": kind, "ids": ids[at : at + IDS_MAX]}
        rows = tx.execute(_SOME, some)
        found.update((row.id, _record(kind, row.body)) for row in rows)
    return found


_PAGE = (
    select(records.c.position, records.c.body)
    .where(*_OF_KIND, records.c.position > bindparam("after"))
    .order_by(records.c.position)
    .limit(bindparam("most"))
)
_PAGE_OF_ROLE = _PAGE.where(records.c.role == bindparam("role"))
_PAGE_OF_CREDITS = _PAGE_OF_ROLE.where(
    (records.c.amount_minor < 0)
    | records.c.id.in_(
        select(links.c.record_id).where(
            links.c.integration_id == bindparam("integration_id"),
            links.c.kind == bindparam("credit"),
        )
    )
)


def page(
    tx: Transaction,
    business_id: str,
    kind: RecordKind,
    *,
    after: int = 0,
    limit: int = 1000,
    role: Role | None = None,
    credits_of: tuple[str, RemoteKind] | None = None,
) -> list[tuple[int, Record]]:
    """Return the next records after a position, with their positions, oldest first.

    `credits_of`: an integration and a kind of credit; restricts the result to payables below zero
    and to payables that are linked to such a credit.
    """
    of: dict[str, Any] = {"business_id": business_id, "kind": kind, "after": after, "most": limit}
    if credits_of:
        integration_id, credit = credits_of
        of |= {"role": role, "integration_id": integration_id, "credit": credit}
        rows = tx.execute(_PAGE_OF_CREDITS, of)
    else:
        rows = tx.execute(_PAGE_OF_ROLE, of | {"role": role}) if role else tx.execute(_PAGE, of)
    return [(row.position, _record(kind, row.body)) for row in rows]


def newest(tx: Transaction, business_id: str, kind: RecordKind, limit: int) -> list[Record]:
    """Return the records that arrived last, newest first."""
    rows = tx.execute(
        select(records.c.body)
        .where(records.c.business_id == business_id, records.c.kind == kind)
        .order_by(records.c.position.desc())
        .limit(limit)
    )
    return [_record(kind, row.body) for row in rows]


_LABELS = select(records.c.id, records.c.label).where(*_OF_KIND)


def labels(tx: Transaction, business_id: str, kind: RecordKind) -> dict[str, str]:
    """Return the label of each record of a kind, by id."""
    rows = tx.execute(_LABELS, {"business_id": business_id, "kind": kind})
    return {row.id: row.label for row in rows}


def numbers_among(tx: Transaction, business_id: str, numbers: Sequence[str]) -> set[str]:
    """Return those of the given numbers that a payable has."""
    found: set[str] = set()
    for at in range(0, len(numbers), IDS_MAX):
        found |= set(
            tx.scalars(
                select(records.c.label).where(
                    records.c.business_id == business_id,
                    records.c.kind == RecordKind.PAYABLE,
                    records.c.label.in_(numbers[at : at + IDS_MAX]),
                )
            )
        )
    return found


_FILTERED_BY = {
    "status": records.c.status,
    "connectionId": records.c.connection_id,
    "role": records.c.role,
    "invoiceNumber": records.c.label,
}


def filtered(
    tx: Transaction,
    business_id: str,
    kind: RecordKind,
    filters: Mapping[str, str],
    *,
    limit: int,
    offset: int,
) -> tuple[list[Record], int]:
    """Return a page of records in the order in which they first arrived, and their total number."""
    fitting = (
        records.c.business_id == business_id,
        records.c.kind == kind,
        *(_FILTERED_BY[name] == value for name, value in filters.items()),
    )
    total = tx.execute(select(func.count()).select_from(records).where(*fitting)).scalar_one()
    rows = tx.execute(
        select(records.c.body)
        .where(*fitting)
        .order_by(records.c.position)
        .limit(limit)
        .offset(offset)
    )
    return [_record(kind, row.body) for row in rows], total


def naming(tx: Transaction, business_id: str, connection_id: str) -> Mapping[RecordKind, int]:
    """Count the records that name a connection, by kind; kinds without any are left out."""
    query = (
        select(records.c.kind, func.count().label("number"))
        .where(
            records.c.business_id == business_id,
            records.c.kind.in_((RecordKind.PAYABLE, RecordKind.PAYMENT)),
            records.c.connection_id == connection_id,
        )
        .group_by(records.c.kind)
    )
    return {RecordKind(row.kind): row.number for row in tx.execute(query)}


def delete(tx: Transaction, business_id: str, kind: RecordKind, record_id: str) -> None:
    """Delete a record."""
    one_at_a_time(tx, f"records {business_id}")
    tx.execute(
        sql_delete(records).where(
            records.c.business_id == business_id,
            records.c.kind == kind,
            records.c.id == record_id,
        )
    )
    if kind is RecordKind.PAYMENT:
        payment_parts.forget(tx, business_id, [record_id])


_LABELLED = select(records.c.label_key, records.c.body).where(
    *_OF_KIND,
    records.c.label_key != "",  # the condition of the partial index
    records.c.label_key.in_(bindparam("keys", expanding=True)),
)


def labelled(
    tx: Transaction, business_id: str, kind: RecordKind, keys: Sequence[str]
) -> dict[str, list[Record]]:
    """Return the records with these names or numbers, as QuickBooks compares them, oldest first."""
    found: dict[str, list[Record]] = {}
    for at in range(0, len(keys), IDS_MAX):
        some = {"business_id": business_id, "kind": kind, "keys": keys[at : at + IDS_MAX]}
        for row in tx.execute(_LABELLED.order_by(records.c.position), some):
            found.setdefault(row.label_key, []).append(_record(kind, row.body))
    return found


def count(tx: Transaction, business_id: str) -> dict[str, int]:
    """Return the number of records of a business, by kind."""
    rows = tx.execute(
        select(records.c.kind, func.count().label("number"))
        .where(records.c.business_id == business_id)
        .group_by(records.c.kind)
    )
    return {row.kind: row.number for row in rows}


def roles(tx: Transaction, business_id: str) -> set[Role]:
    """Return the roles that a business has in its payables."""
    found: set[Role] = set()
    for role in Role:
        one = select(records.c.id).where(
            records.c.business_id == business_id,
            records.c.kind == RecordKind.PAYABLE,
            records.c.role == role,
        )
        if tx.execute(one.limit(1)).first():
            found.add(role)
    return found


_ROLES = (
    select(records.c.connection_id, records.c.role)
    .where(
        records.c.business_id == bindparam("business_id"),
        records.c.kind.in_((RecordKind.PAYABLE, RecordKind.PAYMENT)),
        records.c.connection_id.is_not(None),
    )
    .distinct()
)


def connections_by_role(tx: Transaction, business_id: str) -> dict[Role, set[str]]:
    """Return the ids of the connections that the business pays, and of those that pay it."""
    rows = tx.execute(_ROLES, {"business_id": business_id})
    found: dict[Role, set[str]] = {Role.PAYER: set(), Role.PAYEE: set()}
    for row in rows:
        found[Role(row.role)].add(row.connection_id)
    return found


def _record(kind: str, body: str) -> Record:
    return msgspec.json.decode(body, type=_TYPE_OF[kind], strict=False)
