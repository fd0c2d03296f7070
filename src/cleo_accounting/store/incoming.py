"""Store incoming records: new, changed, unchanged, or rejected because of another role."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, select, update

from cleo_accounting.core.match import name_key
from cleo_accounting.core.numbers import number_key
from cleo_accounting.core.records import (
    KIND_OF,
    Connection,
    FundingSource,
    Money,
    Payable,
    Payment,
    Record,
    RecordKind,
    Role,
    canonical,
)
from cleo_accounting.store import payment_parts
from cleo_accounting.store.database import IDS_MAX, Transaction, one_at_a_time
from cleo_accounting.store.tables import records

Taken = Literal["created", "updated", "unchanged", "other_role"]
_Known = tuple[str, str | None]  # fingerprint and role

_ADD = records.insert()


def one_writer(tx: Transaction, business_id: str) -> None:
    """Lock the business's records against other writers until the transaction ends."""
    one_at_a_time(tx, f"records {business_id}")


def upsert(
    tx: Transaction, business_id: str, given: Sequence[Record], now: datetime
) -> list[Taken]:
    """Store records and return one outcome each; of two with the same id, the last one wins.

    “other_role” is a payable whose role differs from the stored one; it is not stored. Otherwise
    the bill that was sent would remain in QuickBooks beside the invoice that the payable became.
    """
    one_writer(tx, business_id)  # two writers could both find a record to be new
    rows = [_row(business_id, record, now) for record in given]
    outcomes = _outcomes(_known(tx, business_id, given), rows)
    new: dict[tuple[str, str], dict[str, Any]] = {}
    changed: dict[tuple[str, str], dict[str, Any]] = {}
    for row, outcome in zip(rows, outcomes, strict=True):
        key = (row["kind"], row["id"])
        if outcome == "created" or (outcome == "updated" and key in new):
            new[key] = row
        elif outcome == "updated":
            changed[key] = row
    if new:
        tx.execute(_ADD, list(new.values()))
    for (kind, record_id), row in changed.items():
        tx.execute(
            update(records)
            .where(
                records.c.business_id == business_id,
                records.c.kind == kind,
                records.c.id == record_id,
            )
            .values(**row, version=records.c.version + 1)
        )
    taken = {one.id: one for one in given if isinstance(one, Payment)}
    written = [one for one in taken.values() if ("payment", one.id) in new.keys() | changed.keys()]
    payment_parts.put(tx, business_id, written)
    return outcomes


def foresee(
    tx: Transaction, business_id: str, given: Sequence[Record], now: datetime
) -> list[Taken]:
    """Return the outcomes that `upsert` would return, without storing anything."""
    rows = [_row(business_id, record, now) for record in given]
    return _outcomes(_known(tx, business_id, given), rows)


def _outcomes(known: dict[tuple[str, str], _Known], rows: Sequence[dict[str, Any]]) -> list[Taken]:
    outcomes: list[Taken] = []
    for row in rows:
        key = (row["kind"], row["id"])
        before, now = known.get(key), (row["fingerprint"], row["role"])
        if before and row["kind"] == RecordKind.PAYABLE and before[1] != now[1]:
            outcomes.append("other_role")
            continue
        known[key] = now
        if before == now:
            outcomes.append("unchanged")
        else:
            outcomes.append("created" if before is None else "updated")
    return outcomes


_KNOWN = select(records.c.id, records.c.fingerprint, records.c.role).where(
    records.c.business_id == bindparam("business_id"),
    records.c.kind == bindparam("kind"),
    records.c.id.in_(bindparam("ids", expanding=True)),
)


def _known(
    tx: Transaction, business_id: str, given: Sequence[Record]
) -> dict[tuple[str, str], _Known]:
    by_kind: dict[RecordKind, list[str]] = {}
    for record in given:
        by_kind.setdefault(KIND_OF[type(record)], []).append(record.id)
    found: dict[tuple[str, str], _Known] = {}
    for kind, ids in by_kind.items():
        for at in range(0, len(ids), IDS_MAX):
            some = {"business_id": business_id, "kind": kind, "ids": ids[at : at + IDS_MAX]}
            rows = tx.execute(_KNOWN, some)
            found.update(((kind.value, row.id), (row.fingerprint, row.role)) for row in rows)
    return found


def _row(business_id: str, record: Record, now: datetime) -> dict[str, Any]:
    body = canonical(record)
    return {
        "business_id": business_id,
        "kind": KIND_OF[type(record)].value,
        "id": record.id,
        "body": body,
        "fingerprint": hashlib.sha256(body.encode()).hexdigest(),  # as core.records.fingerprint
        "received_at": now,
        **_columns(record),
    }


def _columns(record: Record) -> dict[str, Any]:
    """Return the columns by which a record can be queried without decoding its body."""
    columns: dict[str, Any] = dict.fromkeys(
        ("connection_id", "role", "status", "label", "amount_minor", "currency")
    )
    columns["label_key"] = ""
    amount: Money | None = None
    match record:
        case Connection():
            columns |= {
                "label": record.name,
                "label_key": name_key(record.name),
                "status": record.status.value,
            }
        case FundingSource():
            columns |= {"label": record.name}
        case Payable():
            amount = record.amount
            columns |= {
                "label": record.number or record.id,
                "label_key": number_key(record.number or ""),
                "connection_id": record.connection_id,
                "role": record.role.value,
                "status": record.status.value,
            }
        case Payment():
            amount = record.amount
            columns |= {"label": record.id, "status": record.status.value}
            if not record.paid and record.connection_id:  # Quick Pay: the business pays it
                columns |= {"connection_id": record.connection_id, "role": Role.PAYER.value}
    if amount:
        columns |= {"amount_minor": amount.minor, "currency": amount.currency}
    return columns
