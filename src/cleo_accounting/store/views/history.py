"""The history of records over all runs: timelines, a filtered list, and sums by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from cleo_accounting.core.records import RecordKind
from cleo_accounting.core.states import Action, ItemState
from cleo_accounting.store.attention import QUIET, WAITS
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.tables import operations, records, runs
from cleo_accounting.store.views.told import (
    DOCUMENT_KINDS,
    PAYMENT_KINDS,
    SOURCE,
    Told,
    tell,
    told_at,
)

_TIMELINE_MAX = 200
_SENT = (Action.CREATE, Action.UPDATE, Action.REMOVE)


@dataclass(frozen=True, slots=True)
class Day:
    """The documents sent or changed, or the payments recorded, on one day."""

    day: date
    outcome: str  # sent · changed · paid
    currency: str | None
    number: int
    amount_minor: int


def timeline(
    tx: Transaction, business_id: str, integration_id: str, kind: str, record_id: str
) -> list[Told]:
    """Return all operations on a record, newest first, without previews."""
    conditions = [
        operations.c.integration_id == integration_id,
        operations.c.kind == kind,
        operations.c.record_id == record_id,
        runs.c.dry_run.is_(False),
    ]
    return tell(tx, business_id, conditions, newest_first=True, limit=_TIMELINE_MAX)


def newest_of(
    tx: Transaction,
    business_id: str,
    integration_id: str,
    kinds: Sequence[str],
    record_ids: Sequence[str],
) -> dict[str, Told]:
    """Return the newest operation on each of a few records, without previews."""
    newest = (
        select(func.max(operations.c.id))
        .select_from(SOURCE)
        .where(
            operations.c.integration_id == integration_id,
            operations.c.kind.in_(kinds),
            operations.c.record_id.in_(record_ids),
            runs.c.dry_run.is_(False),
        )
        .group_by(operations.c.record_id)
    )
    ids = tx.execute(newest).scalars().all()
    return {one.row.record_id: one for one in by_ids(tx, business_id, ids)}


def acts(
    tx: Transaction,
    business_id: str,
    integration_id: str,
    *,
    outcome: str | None = None,
    kind: str | None = None,
    search: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    least_minor: int | None = None,
    limit: int,
    offset: int,
) -> tuple[list[Told], int]:
    """Return a page of operations over all runs, filtered, newest first, and their total number."""
    plain = _matching(business_id, integration_id, outcome, kind, search, since, until, least_minor)
    newest = plain.order_by(operations.c.id.desc())
    if search:  # all matches are read at once, because searching all labels twice takes longer
        every = tx.execute(newest).scalars().all()
        total, ids = len(every), every[offset : offset + limit]
    else:
        total = tx.execute(plain.with_only_columns(func.count())).scalar_one()
        ids = tx.execute(newest.limit(limit).offset(offset)).scalars().all()
    # Whole rows and their names are read only for the few that are shown.
    return by_ids(tx, business_id, ids), total


def newest_ids(
    tx: Transaction,
    business_id: str,
    integration_id: str,
    *,
    outcome: str | None = None,
    kind: str | None = None,
    search: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    least_minor: int | None = None,
    limit: int,
) -> Sequence[int]:
    """Return the ids of the operations that `acts` returns, for an export that reads in pages."""
    plain = _matching(business_id, integration_id, outcome, kind, search, since, until, least_minor)
    return tx.execute(plain.order_by(operations.c.id.desc()).limit(limit)).scalars().all()


def by_ids(tx: Transaction, business_id: str, ids: Sequence[int]) -> list[Told]:
    """Return operations by their ids, the newest first."""
    return tell(tx, business_id, [operations.c.id.in_(ids)], newest_first=True) if ids else []


def _matching(
    business_id: str,
    integration_id: str,
    outcome: str | None,
    kind: str | None,
    search: str | None,
    since: datetime | None,
    until: datetime | None,
    least_minor: int | None,
) -> Select[Any]:
    syncs = select(runs.c.id).where(
        runs.c.integration_id == integration_id, runs.c.dry_run.is_(False)
    )
    conditions: list[ColumnElement[bool]] = [operations.c.run_id.in_(syncs)]
    if outcome:
        conditions.append(_OUTCOMES[outcome])
    if kind:
        conditions.append(operations.c.kind == kind)
    if since:
        conditions.append(told_at >= since)
    if until:
        conditions.append(told_at < until)
    if least_minor is not None:
        conditions.append(_at_least(business_id, least_minor))
    if search:
        conditions.append(_called(business_id, search.lower()))
    plain = select(operations.c.id).where(*conditions)
    if since or until:
        plain = plain.select_from(SOURCE)
    return plain


def _called(business_id: str, wanted: str) -> ColumnElement[bool]:
    """Match operations by a text in their label, or in the name of the vendor or customer."""
    parties = select(records.c.id).where(
        records.c.business_id == business_id,
        records.c.kind == RecordKind.CONNECTION,
        records.c.connection_id.is_(None),  # lets the index `names` be used
        func.lower(records.c.label).contains(wanted, autoescape=True),
    )
    theirs = _records(business_id, RecordKind.PAYABLE).where(records.c.connection_id.in_(parties))
    label = func.lower(operations.c.label).contains(wanted, autoescape=True)
    return or_(label, operations.c.record_id.in_(theirs))


def _at_least(business_id: str, least_minor: int) -> ColumnElement[bool]:
    """Match operations by their amount; without one, the amount of the record counts."""
    its_record = (
        _records(business_id, RecordKind.PAYABLE, RecordKind.PAYMENT)
        .where(records.c.id == operations.c.record_id, records.c.amount_minor >= least_minor)
        .correlate(operations)
    )
    own = operations.c.amount_minor
    return or_(own >= least_minor, and_(own.is_(None), its_record.exists()))


def _records(business_id: str, *kinds: RecordKind) -> Select[Any]:
    return select(records.c.id).where(
        records.c.business_id == business_id, records.c.kind.in_([kind.value for kind in kinds])
    )


def days(tx: Transaction, integration_id: str, *, since: datetime) -> list[Day]:
    """Return sums of documents by the day on which they were sent, and of payments separately."""
    spans = tx.execute(
        select(runs.c.id, runs.c.started_at, runs.c.finished_at).where(
            runs.c.integration_id == integration_id,
            runs.c.dry_run.is_(False),
            runs.c.started_at.is_not(None),
            or_(runs.c.finished_at.is_(None), runs.c.finished_at >= since),
        )
    ).all()
    # Most syncs begin and end on the same day, so that day applies to all their documents.
    short = {
        row.id: row.started_at.date()
        for row in spans
        if row.finished_at and row.started_at.date() == row.finished_at.date()
    }
    long = [row.id for row in spans if row.id not in short]
    by_run = _sent(operations.c.run_id, list(short))
    by_day = _sent(func.date(told_at), long).select_from(SOURCE).where(told_at >= since)
    found = [_day(short[row.key], row) for row in tx.execute(by_run)] if short else []
    if long:
        found += [_day(date.fromisoformat(str(row.key)), row) for row in tx.execute(by_day)]
    return found


def _sent(key: ColumnElement[Any], run_ids: Sequence[str]) -> Select[Any]:
    # Grouped in the order of an index, so that nothing has to be sorted.
    groups = [operations.c[name] for name in ("kind", "action", "state", "code", "currency")]
    return (
        select(
            key.label("key"),
            *groups,
            func.count().label("number"),
            func.coalesce(func.sum(operations.c.amount_minor), 0).label("amount_minor"),
        )
        .where(
            operations.c.run_id.in_(run_ids),
            or_(
                and_(operations.c.kind.in_(DOCUMENT_KINDS), operations.c.action.in_(_SENT)),
                and_(operations.c.kind.in_(PAYMENT_KINDS), operations.c.action == Action.CREATE),
            ),
            operations.c.state == ItemState.WRITTEN,
            ~WAITS,
        )
        .group_by(key, *groups)
    )


def _day(day: date, row: Any) -> Day:  # noqa: ANN401  a row of some columns
    outcome = "sent" if row.action == Action.CREATE else "changed"
    if row.kind in PAYMENT_KINDS:
        outcome = "paid"
    return Day(day, outcome, row.currency, row.number, int(row.amount_minor))


_OUTCOMES: dict[str, ColumnElement[bool]] = {
    "sent": and_(
        operations.c.state == ItemState.WRITTEN, operations.c.action == Action.CREATE, ~WAITS
    ),
    "changed": and_(
        operations.c.state == ItemState.WRITTEN,
        operations.c.action.in_((Action.UPDATE, Action.REMOVE)),
        ~WAITS,
    ),
    "linked": and_(operations.c.state == ItemState.WRITTEN, operations.c.action == Action.LINK),
    "waiting": WAITS,
    "left": and_(operations.c.state == ItemState.LEFT, operations.c.code.in_(QUIET)),
    "in_doubt": operations.c.state.in_((ItemState.SENT, ItemState.IN_DOUBT)),
}
OUTCOMES = tuple(_OUTCOMES)
