"""Compare a preview with the sync that followed it: counts, and the operations that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
)

from cleo_accounting.core.states import Action, ItemState, RunState
from cleo_accounting.store.attention import QUIET
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.tables import operations, runs

_ACTS = (Action.CREATE, Action.UPDATE, Action.REMOVE, Action.LINK)


@dataclass(frozen=True, slots=True)
class Preview:
    """The preview before a sync, and when it was made."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Count:
    """The number of operations of a kind with the same outcome, and their amounts in one currency.

    `outcome`: as_promised · other_amount · otherwise · waits · not_sent · more.
    """

    outcome: str
    kind: str
    currency: str | None
    number: int
    promised_minor: int
    done_minor: int


@dataclass(frozen=True, slots=True)
class Differing:
    """One operation with another outcome than the preview announced."""

    outcome: str
    kind: str
    record_id: str
    label: str
    currency: str | None
    promised_minor: int | None
    done_minor: int | None


_promised, _done = operations.alias("promised"), operations.alias("done")
_acts = and_(_promised.c.state == ItemState.PLANNED, _promised.c.action.in_(_ACTS))
_same = and_(
    _done.c.integration_id == _promised.c.integration_id,
    _done.c.kind == _promised.c.kind,
    _done.c.record_id == _promised.c.record_id,
)
_outcome = case(
    (_done.c.id.is_(None), "not_sent"),
    (and_(_done.c.state == ItemState.LEFT, _done.c.code.in_(QUIET)), "not_sent"),
    (_done.c.state != ItemState.WRITTEN, "waits"),
    (_done.c.action != _promised.c.action, "otherwise"),
    (_done.c.amount_minor != _promised.c.amount_minor, "other_amount"),
    else_="as_promised",
)


def before(tx: Transaction, run_id: str, since: datetime) -> Preview | None:
    """Return the preview that was valid when a sync of everything was requested, or None.

    A preview is valid until something is sent, or until it is too old.
    """
    asked = runs.alias("asked")
    between = runs.alias("between")
    sent = (
        select(between.c.id)
        .where(
            between.c.integration_id == asked.c.integration_id,
            between.c.dry_run.is_(False),
            between.c.position > runs.c.position,
            between.c.position < asked.c.position,
        )
        .exists()
    )
    row = tx.execute(
        select(runs.c.id, runs.c.finished_at)
        .select_from(runs.join(asked, asked.c.integration_id == runs.c.integration_id))
        .where(
            asked.c.id == run_id,
            asked.c.retry_of.is_(None),
            asked.c.dry_run.is_(False),
            runs.c.dry_run,
            runs.c.state == RunState.SUCCEEDED,
            runs.c.position < asked.c.position,
            runs.c.finished_at > since,
            ~sent,
        )
        .order_by(runs.c.position.desc())
        .limit(1)
    ).first()
    return Preview(row.id, row.finished_at) if row else None


def counts(tx: Transaction, preview_id: str, run_id: str, kinds: Sequence[str]) -> list[Count]:
    """Count the announced operations by outcome, and those done in addition."""
    found: list[Count] = []
    for query in _queries(preview_id, run_id, kinds):
        of = query.subquery()
        groups = [of.c.outcome, of.c.kind, of.c.currency]
        rows = tx.execute(
            select(
                *groups,
                func.count().label("number"),
                func.coalesce(func.sum(of.c.promised_minor), 0).label("promised_minor"),
                func.coalesce(func.sum(of.c.done_minor), 0).label("done_minor"),
            ).group_by(*groups)
        )
        found += [
            Count(
                row.outcome,
                row.kind,
                row.currency,
                row.number,
                int(row.promised_minor),
                int(row.done_minor),
            )
            for row in rows
        ]
    return found


def differing(
    tx: Transaction, preview_id: str, run_id: str, kinds: Sequence[str], limit: int
) -> list[Differing]:
    """Return the first operations with another outcome than announced."""
    found: list[Differing] = []
    for query in _queries(preview_id, run_id, kinds):
        of = query.subquery()
        rows = tx.execute(
            select(of).where(of.c.outcome != "as_promised").order_by(of.c.place).limit(limit)
        )
        found += [
            Differing(**{name: getattr(row, name) for name in Differing.__slots__}) for row in rows
        ]
    return found[:limit]


def _queries(preview_id: str, run_id: str, kinds: Sequence[str]) -> tuple[Select[Any], Select[Any]]:
    """Return queries of the announced operations with outcomes, and of the additional ones."""
    kept = (
        _columns(_outcome, _promised.c, _promised.c.amount_minor, _written_amount())
        .select_from(_promised.outerjoin(_done, and_(_same, _done.c.run_id == run_id)))
        .where(_promised.c.run_id == preview_id, _promised.c.kind.in_(kinds), _acts)
    )
    more = (
        _columns(literal("more"), _done.c, cast(null(), BigInteger), _done.c.amount_minor)
        .select_from(
            _done.outerjoin(_promised, and_(_same, _promised.c.run_id == preview_id, _acts))
        )
        .where(
            _done.c.run_id == run_id,
            _done.c.kind.in_(kinds),
            _done.c.state == ItemState.WRITTEN,
            _done.c.action.in_(_ACTS),
            _promised.c.id.is_(None),
        )
    )
    return kept, more


def _written_amount() -> ColumnElement[int]:
    return case((_done.c.state == ItemState.WRITTEN, _done.c.amount_minor), else_=null())


def _columns(
    outcome: ColumnElement[str],
    of: Any,  # noqa: ANN401  an alias's columns
    promised: ColumnElement[Any],
    done: ColumnElement[Any],
) -> Select[Any]:
    return select(
        outcome.label("outcome"),
        of.id.label("place"),
        of.kind.label("kind"),
        of.record_id.label("record_id"),
        of.label.label("label"),
        of.currency.label("currency"),
        promised.label("promised_minor"),
        done.label("done_minor"),
    )
