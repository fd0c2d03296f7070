"""What became of each record over all runs: what waits for a person, its timeline, the weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, or_, select

from cleo_accounting.core.links import DOCUMENTS, RemoteKind
from cleo_accounting.core.records import RecordKind
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.operations import QUIET, Row, failed
from cleo_accounting.store.tables import decisions, links, operations, records, runs, stages


@dataclass(frozen=True, slots=True)
class Told:
    """An operation, its run, and what its record says of itself."""

    row: Row
    at: datetime
    asked_by: str
    trigger: str
    amount_minor: int | None
    currency: str | None
    party: str | None
    connection_id: str | None


@dataclass(frozen=True, slots=True)
class Open:
    """How many records wait for a person because of one cause, and what they come to."""

    code: str
    kind: str
    currency: str | None
    number: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Day:
    """What became of documents on one day, by outcome."""

    day: date
    outcome: str  # sent · changed · waiting
    currency: str | None
    number: int
    amount_minor: int


_payable = records.alias("payable")
_party = records.alias("party")
_at = func.coalesce(operations.c.settled_at, operations.c.sent_at, runs.c.started_at)


def open_counts(tx: Transaction, business_id: str, integration_id: str) -> list[Open]:
    """Count what waits for a person now, by cause, kind and currency."""
    groups = [operations.c.code, operations.c.kind, _payable.c.currency]
    query = _joined(
        business_id,
        *groups,
        func.count().label("number"),
        func.coalesce(func.sum(_payable.c.amount_minor), 0).label("amount_minor"),
    )
    rows = tx.execute(query.where(*_open(tx, integration_id)).group_by(*groups))
    return [
        Open(row.code or "rejected", row.kind, row.currency, row.number, int(row.amount_minor))
        for row in rows
    ]


def open_rows(
    tx: Transaction,
    business_id: str,
    integration_id: str,
    *,
    code: str | None = None,
    limit: int,
    offset: int,
) -> list[Told]:
    """Give what waits for a person now, the oldest first."""
    query = _joined(business_id, *_COLUMNS).where(*_open(tx, integration_id))
    if code:
        query = query.where(operations.c.code == code)
    rows = tx.execute(query.order_by(operations.c.id).limit(limit).offset(offset))
    return [_told(row) for row in rows]


def settled(tx: Transaction, business_id: str, integration_id: str) -> int:
    """Count what waited for a person and was settled since: it goes with the next sync."""
    conditions = _open(tx, integration_id, settled=True)
    query = _joined(business_id, func.count()).where(*conditions)
    found: int = tx.execute(query).scalar_one()
    return found


def timeline(
    tx: Transaction, business_id: str, integration_id: str, kind: str, record_id: str
) -> list[Told]:
    """Give all that was done about a record, the newest first; previews are not doing."""
    query = _joined(business_id, *_COLUMNS).where(
        operations.c.integration_id == integration_id,
        operations.c.kind == kind,
        operations.c.record_id == record_id,
        runs.c.dry_run.is_(False),
    )
    return [_told(row) for row in tx.execute(query.order_by(operations.c.id.desc()).limit(200))]


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
    """Give what was done about records over all runs, filtered, the newest first, and how many."""
    conditions = [operations.c.integration_id == integration_id, runs.c.dry_run.is_(False)]
    if outcome:
        conditions.append(_OUTCOMES[outcome])
    if kind:
        conditions.append(operations.c.kind == kind)
    if since:
        conditions.append(_at >= since)
    if until:
        conditions.append(_at < until)
    if least_minor is not None:
        amount = records.c.amount_minor >= least_minor
        conditions.append(operations.c.record_id.in_(_payables(business_id, amount)))
    if search:
        wanted = search.lower()
        named = select(records.c.id).where(
            records.c.business_id == business_id,
            records.c.kind == RecordKind.CONNECTION,
            func.lower(records.c.label).contains(wanted, autoescape=True),
        )
        theirs = _payables(business_id, records.c.connection_id.in_(named))
        label = func.lower(operations.c.label).contains(wanted, autoescape=True)
        conditions.append(or_(label, operations.c.record_id.in_(theirs)))
    source = operations.join(runs, runs.c.id == operations.c.run_id)
    plain = select(operations.c.id).select_from(source).where(*conditions)
    total: int = tx.execute(plain.with_only_columns(func.count())).scalar_one()
    # What they are called is looked up for the few that are shown, not for all.
    ids = list(
        tx.execute(plain.order_by(operations.c.id.desc()).limit(limit).offset(offset)).scalars()
    )
    query = _joined(business_id, *_COLUMNS).where(operations.c.id.in_(ids))
    rows = tx.execute(query.order_by(operations.c.id.desc()))
    return [_told(row) for row in rows], total


def _payables(business_id: str, condition: ColumnElement[bool]) -> Select[Any]:
    return select(records.c.id).where(
        records.c.business_id == business_id, records.c.kind == RecordKind.PAYABLE, condition
    )


def days(tx: Transaction, business_id: str, integration_id: str, *, since: datetime) -> list[Day]:
    """Sum documents by the day on which they were sent, or last could not be."""
    written = and_(
        operations.c.state == "written", operations.c.action.in_(("create", "update", "remove"))
    )
    outcome = case((operations.c.action == "create", "sent"), else_="changed")
    source = operations.join(runs, runs.c.id == operations.c.run_id)
    done = _daily(outcome, operations.c.currency, operations.c.amount_minor).select_from(source)
    conditions = [
        operations.c.integration_id == integration_id,
        operations.c.kind.in_([kind.value for kind in DOCUMENTS]),
        runs.c.dry_run.is_(False),
        _at >= since,
        written,
        ~_WAITS,
    ]
    still = _daily(literal("waiting"), _payable.c.currency, _payable.c.amount_minor)
    # What still waits counts once, at the day of its last try.
    waits = [*_open(tx, integration_id), operations.c.kind.in_([one.value for one in DOCUMENTS])]
    rows = [
        *tx.execute(done.where(*conditions)),
        *tx.execute(_joined_to(business_id, still).where(*waits, _at >= since)),
    ]
    return [
        Day(
            date.fromisoformat(str(row.day)),
            row.outcome,
            row.currency,
            row.number,
            int(row.amount_minor),
        )
        for row in rows
    ]


def _daily(
    outcome: ColumnElement[str], currency: ColumnElement[str], amount: ColumnElement[int]
) -> Select[Any]:
    day = func.date(_at)
    return select(
        day.label("day"),
        outcome.label("outcome"),
        currency.label("currency"),
        func.count().label("number"),
        func.coalesce(func.sum(amount), 0).label("amount_minor"),
    ).group_by(day, outcome, currency)


_WAITS = and_(operations.c.code.is_not(None), failed())  # the first lets an index be used
_OUTCOMES: dict[str, ColumnElement[bool]] = {
    "sent": and_(operations.c.state == "written", operations.c.action == "create", ~_WAITS),
    "changed": and_(
        operations.c.state == "written", operations.c.action.in_(("update", "remove")), ~_WAITS
    ),
    "linked": and_(operations.c.state == "written", operations.c.action == "link"),
    "waiting": _WAITS,
    "left": and_(operations.c.state == "left", operations.c.code.in_(QUIET)),
    "in_doubt": operations.c.state.in_(("sent", "in_doubt")),
}
OUTCOMES = tuple(_OUTCOMES)
_COLUMNS = [
    *operations.c,
    _at.label("told_at"),
    runs.c.asked_by,
    runs.c.trigger,
    _payable.c.amount_minor.label("record_amount"),
    _payable.c.currency.label("record_currency"),
    _party.c.label.label("party"),
    _payable.c.connection_id.label("party_id"),
]


def _joined(business_id: str, *columns: Any) -> Select[Any]:  # noqa: ANN401  SQLAlchemy's
    return _joined_to(business_id, select(*columns))


def _joined_to(business_id: str, query: Select[Any]) -> Select[Any]:
    documents = [kind.value for kind in DOCUMENTS]
    source = (
        operations.join(runs, runs.c.id == operations.c.run_id)
        .outerjoin(
            _payable,
            and_(
                _payable.c.business_id == business_id,
                _payable.c.kind == RecordKind.PAYABLE,
                _payable.c.id == operations.c.record_id,
                operations.c.kind.in_(documents),
            ),
        )
        .outerjoin(
            _party,
            and_(
                _party.c.business_id == business_id,
                _party.c.kind == RecordKind.CONNECTION,
                _party.c.id == _payable.c.connection_id,
            ),
        )
    )
    return query.select_from(source)


def _open(
    tx: Transaction, integration_id: str, *, settled: bool = False
) -> list[ColumnElement[bool]]:
    """The conditions of what waits for a person now.

    The newest word on a record counts, and none from before the last sync that looked at all
    records of its kind: that one says nothing of what is in order.
    """
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
    since = _settled_since()
    whole = _last_whole(tx, integration_id)
    recent = or_(
        false(),
        *(
            and_(operations.c.kind == kind, runs.c.position >= position)
            for kind, position in sorted(whole.items())
        ),
    )
    return [
        operations.c.integration_id == integration_id,
        runs.c.dry_run.is_(False),
        _WAITS,
        recent,
        ~newer,
        since if settled else ~since,
    ]


def _settled_since() -> ColumnElement[bool]:
    """Whether a person has said a word on the record, or mapped it, since the operation."""
    decided = (
        select(decisions.c.id)
        .where(
            decisions.c.integration_id == operations.c.integration_id,
            decisions.c.kind == operations.c.kind,
            decisions.c.record_id == operations.c.record_id,
            decisions.c.at > _at,
        )
        .exists()
    )
    mapped = (
        select(links.c.position)
        .where(
            links.c.integration_id == operations.c.integration_id,
            links.c.kind == operations.c.kind,
            links.c.record_id == operations.c.record_id,
            links.c.at > _at,
            operations.c.state == "left",
        )
        .exists()
    )
    return or_(decided, mapped)


def _last_whole(tx: Transaction, integration_id: str) -> dict[str, int]:
    """By kind, the position of the last sync that looked at all records of it."""
    return dict[str, int](
        (row.kind, row.position)
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
    )


def _told(row: Any) -> Told:  # noqa: ANN401  a row of some columns
    values = {name: getattr(row, name) for name in Row.__slots__}
    return Told(
        row=Row(**values | {"kind": RemoteKind(row.kind)}),
        at=row.told_at,
        asked_by=row.asked_by,
        trigger=row.trigger,
        amount_minor=row.record_amount if row.amount_minor is None else row.amount_minor,
        currency=row.record_currency if row.currency is None else row.currency,
        party=row.party,
        connection_id=row.party_id,
    )
