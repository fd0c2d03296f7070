"""The operations that wait for a person now: counted by cause, and one by one.

Only the newest operation on a record counts, and none from before the last sync that looked at all
records of its kind, because that sync stores nothing about records that are in order. So few runs
matter, however long the history is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from cleo_accounting.core.states import ItemState
from cleo_accounting.store.attention import WAITS
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.tables import decisions, links, operations, runs, stages
from cleo_accounting.store.views.told import (
    AMOUNT,
    CURRENCY,
    SOURCE,
    Told,
    tell,
    told_at,
    with_money,
)


@dataclass(frozen=True, slots=True)
class Open:
    """The number of records of one run that wait for the same cause, and their total."""

    code: str
    kind: str
    currency: str | None
    run_id: str
    settled: bool  # a person decided since; the next sync sends it
    number: int
    amount_minor: int


_decided = (
    select(decisions.c.id)
    .where(
        decisions.c.integration_id == operations.c.integration_id,
        decisions.c.kind == operations.c.kind,
        decisions.c.record_id == operations.c.record_id,
        decisions.c.at > told_at,
    )
    .exists()
)
_mapped = (
    select(links.c.position)
    .where(
        links.c.integration_id == operations.c.integration_id,
        links.c.kind == operations.c.kind,
        links.c.record_id == operations.c.record_id,
        links.c.at > told_at,
        links.c.gone.is_(False),  # the run itself marks links as gone
        operations.c.state == ItemState.LEFT,
    )
    .exists()
)
# Whether a person decided about the record, or mapped it, since the operation.
_SETTLED_SINCE = or_(_decided, _mapped)

_later, _of_later = operations.alias("later"), runs.alias("of_later")
_NEWER = (
    select(_later.c.id)
    .select_from(_later.join(_of_later, _of_later.c.id == _later.c.run_id))
    .where(
        _later.c.integration_id == operations.c.integration_id,
        _later.c.kind == operations.c.kind,
        _later.c.record_id == operations.c.record_id,
        _later.c.id > operations.c.id,
        _of_later.c.dry_run.is_(False),
    )
    .exists()
)
_RUNS_SINCE = select(runs.c.id).where(
    runs.c.integration_id == bindparam("integration_id"),
    runs.c.dry_run.is_(False),
    runs.c.position >= bindparam("since"),
)
_LAST_WHOLE = (
    select(stages.c.kind, func.max(runs.c.position).label("position"))
    .select_from(stages.join(runs, runs.c.id == stages.c.run_id))
    .where(
        runs.c.integration_id == bindparam("integration_id"),
        runs.c.dry_run.is_(False),
        runs.c.retry_of.is_(None),
        stages.c.planned,
    )
    .group_by(stages.c.kind)
)


def counts(tx: Transaction, business_id: str, integration_id: str) -> list[Open]:
    """Count the operations that wait for a person now, and those settled by a person since."""
    conditions = _conditions(tx, integration_id)
    if conditions is None:
        return []
    each = (
        select(
            operations.c.code,
            operations.c.kind,
            operations.c.run_id,
            CURRENCY.label("currency"),
            AMOUNT.label("amount_minor"),
            _SETTLED_SINCE.label("settled"),
        )
        .select_from(with_money(business_id))
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
    """Return how many operations wait for a person now."""
    conditions = _conditions(tx, integration_id)
    if conditions is None:
        return 0
    query = select(func.count()).select_from(SOURCE).where(*conditions, ~_SETTLED_SINCE)
    return tx.execute(query).scalar_one()


# Only the runs from the last whole one on can count.
_CODES = (
    select(operations.c.record_id, operations.c.code, operations.c.fingerprint)
    .select_from(SOURCE)
    .where(
        operations.c.run_id.in_(bindparam("runs", expanding=True)),
        operations.c.kind == bindparam("kind"),
        WAITS,
        ~_NEWER,
        ~_SETTLED_SINCE,
    )
)


def codes(tx: Transaction, integration_id: str, kind: str) -> dict[str, tuple[str, str | None]]:
    """Return why each record of a kind waits now: the cause, and the fingerprint of the record."""
    since = _last_whole(tx, integration_id).get(kind)
    if since is None:
        return {}
    of = {"integration_id": integration_id, "since": since}
    recent = list(tx.scalars(_RUNS_SINCE, of))
    rows = tx.execute(_CODES, {"runs": recent, "kind": kind})
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
    """Return a page of the operations that wait for a person now, oldest first."""
    ids = oldest_ids(tx, integration_id, code=code, limit=limit, offset=offset)
    return by_ids(tx, business_id, ids)


def oldest_ids(
    tx: Transaction, integration_id: str, *, code: str | None, limit: int, offset: int = 0
) -> Sequence[int]:
    """Return the ids of the operations that wait for a person now."""
    conditions = _conditions(tx, integration_id)
    if conditions is None:
        return []
    query = select(operations.c.id).select_from(SOURCE).where(*conditions, ~_SETTLED_SINCE)
    if code:
        query = query.where(operations.c.code == code)
    return tx.execute(query.order_by(operations.c.id).limit(limit).offset(offset)).scalars().all()


def first(tx: Transaction, business_id: str, integration_id: str, number: int) -> list[Told]:
    """Return the oldest few operations of each cause."""
    conditions = _conditions(tx, integration_id)
    if conditions is None:
        return []
    place = func.row_number().over(partition_by=operations.c.code, order_by=operations.c.id)
    each = (
        select(operations.c.id, place.label("place"))
        .select_from(SOURCE)
        .where(*conditions, ~_SETTLED_SINCE)
        .subquery()
    )
    ids = tx.execute(select(each.c.id).where(each.c.place <= number)).scalars()
    return by_ids(tx, business_id, list(ids))


def by_ids(tx: Transaction, business_id: str, ids: Sequence[int]) -> list[Told]:
    """Return operations by their ids, the oldest first."""
    return tell(tx, business_id, [operations.c.id.in_(ids)], newest_first=False) if ids else []


def _conditions(tx: Transaction, integration_id: str) -> list[ColumnElement[bool]] | None:
    """Return the conditions of waiting or since settled operations; None if no sync planned yet."""
    whole = _last_whole(tx, integration_id)
    if not whole:
        return None
    of = {"integration_id": integration_id, "since": min(whole.values())}
    recent = tx.scalars(_RUNS_SINCE, of)
    since = [
        and_(operations.c.kind == kind, runs.c.position >= position)
        for kind, position in sorted(whole.items())
    ]
    return [operations.c.run_id.in_(list(recent)), WAITS, or_(*since), ~_NEWER]


def _last_whole(tx: Transaction, integration_id: str) -> Mapping[str, int]:
    """Return the position of the last sync that looked at all records, by kind."""
    rows = tx.execute(_LAST_WHOLE, {"integration_id": integration_id})
    return {row.kind: row.position for row in rows}
