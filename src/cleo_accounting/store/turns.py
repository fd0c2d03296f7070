"""Turns: the runs that a worker should drive now, and those that are deliberately not driven.

A run that has to wait is *parked*: no worker keeps a slot for it. It gets its next turn when its
moment has come, when a person resumes the business, or when the run is to be cancelled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select, text, union_all, update

from cleo_accounting.core.states import RunState
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.runs import OPEN, WORKING
from cleo_accounting.store.tables import integrations, runs

# Literal SQL, so that the table's partial indexes can be used.
_IS_QUEUED = text("runs.state = 'queued'")
_IS_WORKING = text("runs.state in ('running', 'waiting')")


@dataclass(frozen=True, slots=True)
class Turn:
    """A run to be driven, identified by its fence; driving it increments the fence."""

    run_id: str
    fence: int
    since: datetime | None = field(default=None, compare=False)  # since when it has its turn

    @property
    def execution_id(self) -> str:
        """The execution id of this turn in the engine, which is the same on every worker."""
        return f"{self.run_id}.{self.fence}" if self.fence else self.run_id


_other = runs.alias()
_of_the_same = _other.c.integration_id == runs.c.integration_id
_busy = select(_other.c.id).where(_of_the_same, _other.c.state.in_(WORKING)).exists()
_asked_before = (
    select(_other.c.id)
    .where(_of_the_same, _other.c.state == RunState.QUEUED, _other.c.position < runs.c.position)
    .exists()
)
_TURN = (runs.c.id, runs.c.fence)
# A worker takes a queued run a moment before it starts it; in between, the run is taken.
_is_taken = (runs.c.fence > 0) & ~runs.c.parked
_QUEUED = (
    select(*_TURN, runs.c.created_at.label("since"))
    .where(_IS_QUEUED, ~_is_taken, ~_busy, ~_asked_before)
    .order_by(runs.c.position)
    .limit(bindparam("most"))
)
_since = func.coalesce(runs.c.waiting_until, runs.c.created_at)
_could_go_on = runs.c.state == RunState.RUNNING
_wait_is_over = or_(runs.c.waiting_until.is_(None), runs.c.waiting_until <= bindparam("now"))
_may_write = or_(integrations.c.paused_at.is_(None), runs.c.dry_run)
_DUE = (
    select(*_TURN, _since.label("since"))
    .join(integrations, integrations.c.id == runs.c.integration_id)
    .where(_IS_WORKING, runs.c.parked, or_(_could_go_on, runs.c.cancel, _wait_is_over & _may_write))
    .order_by(_since)
    .limit(bindparam("most"))
)
_HELD = union_all(
    select(*_TURN).where(_IS_WORKING, ~runs.c.parked), select(*_TURN).where(_IS_QUEUED, _is_taken)
)


def ready(tx: Transaction, now: datetime, limit: int = 100) -> list[Turn]:
    """Return the runs that should be driven but are not, longest waiting first.

    These are queued runs, one per integration at a time, and parked runs whose wait is over.
    """
    queued = tx.execute(_QUEUED, {"most": limit})
    due = tx.execute(_DUE, {"most": limit, "now": now})
    turns = [Turn(row.id, row.fence, row.since) for row in (*queued, *due)]
    return sorted(turns, key=lambda turn: (turn.since is not None, turn.since))[:limit]


def held(tx: Transaction) -> list[Turn]:
    """Return the runs that a worker has taken and should be driving now."""
    return [Turn(row.id, row.fence) for row in tx.execute(_HELD)]


def business_of(tx: Transaction, run_id: str) -> str:
    """Return the business of a run."""
    found: str = tx.execute(select(runs.c.business_id).where(runs.c.id == run_id)).scalar_one()
    return found


def park(tx: Transaction, run_id: str, until: datetime | None) -> None:
    """Park a run until a moment, or (None) until it is resumed."""
    tx.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.state.in_(WORKING))
        .values(parked=True, state=RunState.WAITING, waiting_until=until)
    )


def give_way(tx: Transaction, run_id: str) -> None:
    """Park a run that could start or continue, until its next turn."""
    tx.execute(update(runs).where(runs.c.id == run_id, runs.c.state.in_(OPEN)).values(parked=True))


def free(tx: Transaction, turn: Turn) -> bool:
    """Free a run whose driver was lost; returns False if another worker has taken it meanwhile.

    If the driver is still alive after all, it holds an old fence and can no longer write.
    """
    done = tx.execute(
        update(runs)
        .where(runs.c.id == turn.run_id, runs.c.fence == turn.fence, runs.c.state.in_(OPEN))
        .values(fence=runs.c.fence + 1, parked=True)
    )
    return done.rowcount == 1
