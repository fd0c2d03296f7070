"""Operations for people, with their runs and the data of their records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, func, select

from cleo_accounting.core.kinds import DOCUMENTS, PAYMENTS
from cleo_accounting.core.records import RecordKind
from cleo_accounting.core.states import Trigger
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.operations import Row, row_of
from cleo_accounting.store.tables import operations, records, runs

told_at = func.coalesce(operations.c.settled_at, operations.c.sent_at, runs.c.started_at)
SOURCE = operations.join(runs, runs.c.id == operations.c.run_id)
PAYABLE = records.alias("payable")
_PAYMENT = records.alias("payment")
DOCUMENT_KINDS = [kind.value for kind in DOCUMENTS]
PAYMENT_KINDS = [kind.value for kind in PAYMENTS]
# The amount and the currency of the payable or payment of an operation.
AMOUNT = func.coalesce(PAYABLE.c.amount_minor, _PAYMENT.c.amount_minor)
CURRENCY = func.coalesce(PAYABLE.c.currency, _PAYMENT.c.currency)
_party = records.alias("party")


@dataclass(frozen=True, slots=True)
class Told:
    """An operation, its run, and the data of its record."""

    row: Row
    at: datetime
    asked_by: str
    trigger: Trigger
    amount_minor: int | None
    currency: str | None
    party: str | None
    connection_id: str | None


def tell(
    tx: Transaction,
    business_id: str,
    conditions: Sequence[ColumnElement[bool]],
    *,
    newest_first: bool,
    limit: int | None = None,
) -> list[Told]:
    """Return the operations that meet some conditions, in order of their ids."""
    number = operations.c.id
    rows = tx.execute(
        select(*_COLUMNS)
        .select_from(_with_party(business_id))
        .where(*conditions)
        .order_by(number.desc() if newest_first else number)
        .limit(limit)
    )
    return [_told(row) for row in rows]


def with_money(business_id: str) -> FromClause:
    """Return a join of operations, their runs, and their payables or payments."""
    return SOURCE.outerjoin(
        PAYABLE,
        and_(
            PAYABLE.c.business_id == business_id,
            PAYABLE.c.kind == RecordKind.PAYABLE,
            PAYABLE.c.id == operations.c.record_id,
            operations.c.kind.in_(DOCUMENT_KINDS),
        ),
    ).outerjoin(
        _PAYMENT,
        and_(
            _PAYMENT.c.business_id == business_id,
            _PAYMENT.c.kind == RecordKind.PAYMENT,
            _PAYMENT.c.id == operations.c.record_id,
            operations.c.kind.in_(PAYMENT_KINDS),
        ),
    )


def _with_party(business_id: str) -> FromClause:
    return with_money(business_id).outerjoin(
        _party,
        and_(
            _party.c.business_id == business_id,
            _party.c.kind == RecordKind.CONNECTION,
            _party.c.id == PAYABLE.c.connection_id,
        ),
    )


_COLUMNS = [
    *operations.c,
    told_at.label("told_at"),
    runs.c.asked_by,
    runs.c.trigger,
    AMOUNT.label("record_amount"),
    CURRENCY.label("record_currency"),
    _party.c.label.label("party"),
    PAYABLE.c.connection_id.label("party_id"),
]


def _told(row: Any) -> Told:  # noqa: ANN401  a row of some columns
    return Told(
        row=row_of(row),
        at=row.told_at,
        asked_by=row.asked_by,
        trigger=Trigger(row.trigger),
        amount_minor=row.record_amount if row.amount_minor is None else row.amount_minor,
        currency=row.record_currency if row.currency is None else row.currency,
        party=row.party,
        connection_id=row.party_id,
    )
