"""Operations counted by outcome: the progress of a run is one GROUP BY."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from cleo_accounting.core.states import Action, ItemState
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.tables import operations


@dataclass(frozen=True, slots=True)
class Count:
    """The number of operations of a kind with the same action, state and code, and their total."""

    kind: str
    action: Action
    state: ItemState
    code: str | None
    currency: str | None
    number: int
    amount_minor: int


_GROUPS = [operations.c[name] for name in ("kind", "action", "state", "code", "currency")]
_COUNTS = (
    select(
        *_GROUPS,
        func.count().label("number"),
        func.coalesce(func.sum(operations.c.amount_minor), 0).label("amount_minor"),
    )
    .where(operations.c.run_id == bindparam("run_id"))
    .group_by(*_GROUPS)
)


def counts(tx: Transaction, run_id: str) -> list[Count]:
    """Return the counts of a run's operations by outcome."""
    rows = tx.execute(_COUNTS, {"run_id": run_id})
    return [
        Count(
            row.kind,
            Action(row.action),
            ItemState(row.state),
            row.code,
            row.currency,
            row.number,
            int(row.amount_minor),
        )
        for row in rows
    ]
