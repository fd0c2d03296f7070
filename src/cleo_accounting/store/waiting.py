"""What waits for a person now: counted by cause, and one by one.

The newest word on a record counts, and none from before the last sync that looked at all records
of its kind: that one says nothing of what is in order. So few runs matter, however long the past.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select

from cleo_accounting.store.database import Transaction
from cleo_accounting.store.operations import WAITS
from cleo_accounting.store.tables import decisions, links, operations, runs, stages
from cleo_accounting.store.told import PAYABLE, SOURCE, Told, tell, told_at, with_payable


@dataclass(frozen=True, slots=True)
class Open:
    """How many records of one run wait for one cause, and what they come to."""

    code: str
    kind: str
    currency: str | None
    run_id: str
    settled: bool  # by a person, since: it goes with the next sync
    number: int
    amount_minor: int


def counts(tx: Transaction, business_id: str, integration_id: str) -> list[Open]:
    """Count what waits for a person now, and what did until it was settled."""
    conditions = _conditions(tx, integration_id)
    if conditions is None:
        return []
    each = (
        select(
            operations.c.code,
            operations.c.kind,
            operations.c.run_id,
            PAYABLE.c.currency,
            PAYABLE.c.amount_minor,
            _settled_since().label("settled"),
        )
        .select_from(with_payable(business_id))
        .where(*conditions)
        .subquery()
    )
    groups = [each.c.code, each.c.kind, each.c.currency, each.c.run_id, each.c.settled]
    summed = func.coalesce(func.sum(each.c.amount_minor), 0).label("amount_minor")
    rows = tx.execute(select(*groups, func.count().label("number"), summed).group_by(*groups))
    return [
        Open(
            row.code,
            row.kind,
            row.currency,
            row.run_id,
            bool(row.settled),
            row.number,
            int(row.amount_minor),
        )
        for row in rows
    ]


def number(tx: Transaction, integration_id: str) -> int:
    """Say how much waits for a person now."""
    conditions = _conditions(tx, integration_id)
    if conditions is None:
        return 0
    query = select(func.count()).select_from(SOURCE).where(*conditions, ~_settled_since())
    return tx.execute(query).scalar_one()


def codes(tx: Transaction, integration_id: str, kind: str) -> dict[str, tuple[str, str | None]]:
    """For what each record of a kind waits now: the cause, and the mark of what was to be sent."""
    conditions = _conditions(tx, integration_id)
    if conditions is None:
        return {}
    columns = (operations.c.record_id, operations.c.code, operations.c.fingerprint)
    rows = tx.execute(
        select(*columns)
        .select_from(SOURCE)
        .where(*conditions, operations.c.kind == kind, ~_settled_since())
    )
    return {row.record_id: (row.code, row.fingerprint) for row in rows}


def some(
    tx: Transaction,
    business_id: str,
    integration_id: str,
    *,
    code: str | None = None,
    limit: int,
    offset: int,
) -> list[Told]:
    """Give what waits for a person now, the oldest first."""
    ids = oldest_ids(tx, integration_id, code=code, limit=limit, offset=offset)
    return by_ids(tx, business_id, ids)


def oldest_ids(
    tx: Transaction, integration_id: str, *, code: str | None, limit: int, offset: int = 0
) -> Sequence[int]:
    """Return the ids of the operations that wait for a person now."""
    conditions = _conditions(tx, integration_id)
    if conditions is None:
        return []
    query = select(operations.c.id).select_from(SOURCE).where(*conditions, ~_settled_since())
    if code:
        query = query.where(operations.c.code == code)
    return tx.execute(query.order_by(operations.c.id).limit(limit).offset(offset)).scalars().all()


def first(tx: Transaction, business_id: str, integration_id: str, number: int) -> list[Told]:
    """Give the oldest few of each cause."""
    conditions = _conditions(tx, integration_id)
    if conditions is None:
        return []
    place = func.row_number().over(partition_by=operations.c.code, order_by=operations.c.id)
    each = (
        select(operations.c.id, place.label("place"))
        .select_from(SOURCE)
        .where(*conditions, ~_settled_since())
        .subquery()
    )
    ids = tx.execute(select(each.c.id).where(each.c.place <= number)).scalars()
    return by_ids(tx, business_id, list(ids))


def by_ids(tx: Transaction, business_id: str, ids: Sequence[int]) -> list[Told]:
    """Return operations by their ids, the oldest first."""
    return tell(tx, business_id, [operations.c.id.in_(ids)], newest_first=False) if ids else []


def _conditions(tx: Transaction, integration_id: str) -> list[ColumnElement[bool]] | None:
    """The conditions of what waits, or was settled since; None: nothing was ever looked at."""
    whole = _last_whole(tx, integration_id)
    if not whole:
        return None
    recent = tx.execute(
        select(runs.c.id).where(
            runs.c.integration_id == integration_id,
            runs.c.dry_run.is_(False),
            runs.c.position >= min(whole.values()),
        )
    ).scalars()
    later, of = operations.alias("later"), runs.alias("of_later")
    newer = (
        select(later.c.id)
        .select_from(later.join(of, of.c.id == later.c.run_id))
        .where(
            later.c.integration_id == operations.c.integration_id,
            later.c.kind == operations.c.kind,
            later.c.record_id == operations.c.record_id,
            later.c.id > operations.c.id,
            of.c.dry_run.is_(False),
        )
        .exists()
    )
    since = [
        and_(operations.c.kind == kind, runs.c.position >= position)
        for kind, position in sorted(whole.items())
    ]
    return [operations.c.run_id.in_(list(recent)), WAITS, or_(*since), ~newer]


def _settled_since() -> ColumnElement[bool]:
    """Whether a person has said a word on the record, or mapped it, since the operation."""
    decided = (
        select(decisions.c.id)
        .where(
            decisions.c.integration_id == operations.c.integration_id,
            decisions.c.kind == operations.c.kind,
            decisions.c.record_id == operations.c.record_id,
            decisions.c.at > told_at,
        )
        .exists()
    )
    mapped = (
        select(links.c.position)
        .where(
            links.c.integration_id == operations.c.integration_id,
            links.c.kind == operations.c.kind,
            links.c.record_id == operations.c.record_id,
            links.c.at > told_at,
            operations.c.state == "left",
        )
        .exists()
    )
    return or_(decided, mapped)


def _last_whole(tx: Transaction, integration_id: str) -> Mapping[str, int]:
    """By kind, the position of the last sync that looked at all records of it."""
    return {
        row.kind: row.position
        for row in tx.execute(
            select(stages.c.kind, func.max(runs.c.position).label("position"))
            .select_from(stages.join(runs, runs.c.id == stages.c.run_id))
            .where(
                runs.c.integration_id == integration_id,
                runs.c.dry_run.is_(False),
                runs.c.retry_of.is_(None),
                stages.c.planned,
            )
            .group_by(stages.c.kind)
        )
    }
