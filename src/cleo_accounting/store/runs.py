"""Runs and their stages: what was requested, how far it has come, and when it continues."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError

from cleo_accounting.core.states import RunState, Trigger
from cleo_accounting.errors import Missing, Superseded
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.tables import runs, stages

WORKING = (RunState.RUNNING, RunState.WAITING)
OPEN = (RunState.QUEUED, *WORKING)


@dataclass(frozen=True, slots=True)
class Run:
    """One requested sync (or, with `dry_run`, a preview that writes nothing)."""

    id: str
    integration_id: str
    business_id: str
    entity_types: tuple[str, ...]
    dry_run: bool
    trigger: Trigger
    asked_by: str
    state: RunState
    created_at: datetime
    retry_of: str | None = None
    retry_item: int | None = None
    retry_code: str | None = None
    cancel: bool = False
    waiting_until: datetime | None = None
    waiting_since: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    code: str | None = None
    message: str | None = None
    usage: Mapping[str, int] = field(default_factory=dict)
    position: int = 0


@dataclass(frozen=True, slots=True)
class Stage:
    """The part of a run that handles one kind."""

    kind: str
    planned: bool
    unchanged: int


_ADD = runs.insert()


def add(tx: Transaction, run: Run) -> Run | None:
    """Queue a run; returns None if such a run is queued already."""
    values = {name: getattr(run, name) for name in _COLUMNS if name != "position"}
    values |= {"entity_types": list(run.entity_types), "usage": dict(run.usage)}
    try:
        with tx.begin_nested():
            tx.execute(_ADD, values)
    except IntegrityError:
        return None
    return get(tx, run.id)


_QUEUED = (
    select(runs)
    .where(
        runs.c.integration_id == bindparam("integration_id"),
        runs.c.dry_run == bindparam("dry_run"),
        runs.c.state == RunState.QUEUED,
    )
    .with_for_update()
)


def queued(tx: Transaction, integration_id: str, *, dry_run: bool) -> Run | None:
    """Return the queued run, if any, and lock it so that it cannot start meanwhile."""
    row = tx.execute(_QUEUED, {"integration_id": integration_id, "dry_run": dry_run}).first()
    return _run(row) if row else None


def widen(tx: Transaction, run_id: str, entity_types: Sequence[str]) -> bool:
    """Extend a queued run to more entity types, and to all records instead of a run's failures."""
    done = tx.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.state == RunState.QUEUED)
        .values(entity_types=list(entity_types), retry_of=None, retry_item=None, retry_code=None)
    )
    return done.rowcount == 1


_GET = select(runs).where(runs.c.id == bindparam("id"))


def get(tx: Transaction, run_id: str) -> Run | None:
    """Return a run by id, of any business: for the worker."""
    row = tx.execute(_GET, {"id": run_id}).first()
    return _run(row) if row else None


def find(tx: Transaction, integration_id: str, run_id: str) -> Run:
    """Return a run of an integration.

    Raises:
        Missing: the integration has no such run.
    """
    row = tx.execute(
        select(runs).where(runs.c.id == run_id, runs.c.integration_id == integration_id)
    ).first()
    if row is None:
        raise Missing("There is no such run.")
    return _run(row)


def latest(
    tx: Transaction, integration_id: str, *, dry_run: bool | None = False, whole: bool = False
) -> Run | None:
    """Return the most recent run: of syncs, of previews, or (None) of both.

    `whole`: only runs that look at all records, not at an earlier run's failures.
    """
    row = tx.execute(_latest(dry_run, whole), {"integration_id": integration_id}).first()
    return _run(row) if row else None


@cache
def _latest(dry_run: bool | None, whole: bool) -> Select[Any]:  # noqa: FBT001  of `latest`
    query = select(runs).where(runs.c.integration_id == bindparam("integration_id"))
    if dry_run is not None:
        query = query.where(runs.c.dry_run.is_(dry_run))
    if whole:
        query = query.where(runs.c.retry_of.is_(None))
    return query.order_by(runs.c.position.desc()).limit(1)


def last_success(tx: Transaction, integration_id: str) -> datetime | None:
    """Return when a sync last completed."""
    found: datetime | None = tx.execute(
        select(func.max(runs.c.finished_at)).where(
            runs.c.integration_id == integration_id,
            runs.c.dry_run.is_(False),
            runs.c.state.in_((RunState.SUCCEEDED, RunState.PARTLY_FAILED)),
        )
    ).scalar()
    return found


def began(tx: Transaction, run_ids: Collection[str]) -> dict[str, date]:
    """Return the days on which runs started, by run id."""
    rows = tx.execute(select(runs.c.id, runs.c.started_at).where(runs.c.id.in_(run_ids)))
    return {row.id: row.started_at.date() for row in rows if row.started_at}


def page(
    tx: Transaction, integration_id: str, *, state: RunState | None, limit: int, offset: int
) -> tuple[list[Run], int]:
    """Return a page of runs, newest first, and their total number."""
    query = select(runs).where(runs.c.integration_id == integration_id)
    if state:
        query = query.where(runs.c.state == state)
    total = tx.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    rows = tx.execute(query.order_by(runs.c.position.desc()).limit(limit).offset(offset))
    return [_run(row) for row in rows], total


_BEFORE_MAX = 20  # how many earlier runs are searched for the same entity type
_BEFORE = (
    select(runs.c.id, runs.c.entity_types)
    .where(
        runs.c.integration_id == bindparam("integration_id"),
        runs.c.position < bindparam("position"),
    )
    .order_by(runs.c.position.desc())
    .limit(_BEFORE_MAX)
)


def before(tx: Transaction, run: Run, entity_type: str) -> list[str]:
    """Return the previous run and the last one that synced an entity type, if recent."""
    of = {"integration_id": run.integration_id, "position": run.position}
    rows = tx.execute(_BEFORE, of).all()
    alike = [row for row in rows if entity_type in row.entity_types]
    return list(dict.fromkeys(str(row.id) for row in (*rows[:1], *alike[:1])))


_START = (
    update(runs)
    .where(runs.c.id == bindparam("run"), runs.c.state == RunState.QUEUED)
    .values(state=RunState.RUNNING, started_at=bindparam("now"))
)


def start(tx: Transaction, run_id: str, now: datetime) -> bool:
    """Start a queued run; returns False if it is not queued or another run is working."""
    try:
        with tx.begin_nested():
            done = tx.execute(_START, {"run": run_id, "now": now})
    except IntegrityError:
        return False
    return done.rowcount == 1


_TAKE = (
    update(runs)
    .where(runs.c.id == bindparam("run"))
    .values(fence=runs.c.fence + 1, parked=False)
    .returning(runs.c.fence)
)


def take(tx: Transaction, run_id: str) -> int:
    """Take over a run and return its new fence: earlier workers can no longer write to it."""
    row = tx.execute(_TAKE, {"run": run_id}).first()
    return int(row.fence) if row else 0


_HOLD = select(runs.c.fence).where(runs.c.id == bindparam("id")).with_for_update()


def hold(tx: Transaction, run_id: str, fence: int) -> None:
    """Lock a run for the rest of the transaction.

    Raises:
        Superseded: another worker has taken it over.
    """
    if tx.execute(_HOLD, {"id": run_id}).scalar() != fence:
        raise Superseded("Another worker goes on with this run.")


def wait(
    tx: Transaction,
    run_id: str,
    until: datetime,
    *,
    now: datetime | None = None,
    code: str | None = None,
) -> None:
    """Let a working run wait until a moment; `now` and `code` are stored if the wait is new."""
    values: dict[str, Any] = {"state": RunState.WAITING, "waiting_until": until}
    if now is not None:
        values |= {"waiting_since": func.coalesce(runs.c.waiting_since, now), "code": code}
    tx.execute(update(runs).where(runs.c.id == run_id, runs.c.state.in_(WORKING)).values(**values))


def go_on(tx: Transaction, run_id: str) -> None:
    """Mark a waiting run as running again."""
    values = {"state": RunState.RUNNING, "waiting_until": None}
    tx.execute(
        update(runs).where(runs.c.id == run_id, runs.c.state == RunState.WAITING).values(**values)
    )


def went_on(tx: Transaction, run_id: str) -> None:
    """Record that a run did another step after it had to wait."""
    tx.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.state.in_(WORKING))
        .values(waiting_since=None, code=None)
    )


_FINISH = (
    update(runs)
    .where(runs.c.id == bindparam("run"), runs.c.state.in_(OPEN))
    .values(
        state=bindparam("new_state"),
        finished_at=bindparam("now"),
        parked=False,
        waiting_until=None,
        waiting_since=None,
        code=bindparam("new_code"),
        message=bindparam("new_message"),
    )
)


def finish(
    tx: Transaction,
    run_id: str,
    state: RunState,
    now: datetime,
    *,
    code: str | None = None,
    message: str | None = None,
) -> None:
    """End a run; a run that has ended already stays as it is."""
    new = {"new_state": state, "new_code": code, "new_message": message}
    tx.execute(_FINISH, {"run": run_id, "now": now, **new})


def ask_to_cancel(tx: Transaction, integration_id: str, run_id: str | None = None) -> int:
    """Request the end of the open runs of an integration, or of one; returns how many."""
    query = update(runs).where(runs.c.integration_id == integration_id, runs.c.state.in_(OPEN))
    if run_id:
        query = query.where(runs.c.id == run_id)
    return tx.execute(query.values(cancel=True)).rowcount


def end_queued(tx: Transaction, integration_id: str, now: datetime) -> None:
    """Cancel queued runs; otherwise the next request for a sync would return such a run."""
    tx.execute(
        update(runs)
        .where(runs.c.integration_id == integration_id, runs.c.state == RunState.QUEUED)
        .values(state=RunState.CANCELLED, finished_at=now, code="cancelled")
    )


_SPEND = update(runs).where(runs.c.id == bindparam("run")).values(usage=bindparam("spent"))


def spend(tx: Transaction, run_id: str, usage: Mapping[str, int]) -> None:
    """Add the number of requests that a run sent to the accounting product."""
    run = get(tx, run_id)
    assert run is not None
    summed = {name: run.usage.get(name, 0) + count for name, count in usage.items()}
    tx.execute(_SPEND, {"run": run_id, "spent": {**run.usage, **summed}})


def usage_since(
    tx: Transaction, integration_id: str, since: datetime
) -> Iterator[Mapping[str, int]]:
    """Yield the usage of the accounting product by each run since a moment."""
    rows = tx.execute(
        select(runs.c.usage).where(
            runs.c.integration_id == integration_id, runs.c.created_at >= since
        )
    )
    return (row.usage for row in rows)


_STAGES = select(stages).where(stages.c.run_id == bindparam("run_id"))


def stages_of(tx: Transaction, run_id: str) -> dict[str, Stage]:
    """Return the stages of a run by kind."""
    rows = tx.execute(_STAGES, {"run_id": run_id})
    return {row.kind: Stage(row.kind, row.planned, row.unchanged) for row in rows}


_ADD_STAGE = stages.insert()


def add_stage(tx: Transaction, run_id: str, stage: Stage) -> None:
    """Store that a kind is planned."""
    values = {"kind": stage.kind, "planned": stage.planned, "unchanged": stage.unchanged}
    tx.execute(_ADD_STAGE, {"run_id": run_id, **values})


_COLUMNS = tuple(Run.__slots__)


def _run(row: Any) -> Run:  # noqa: ANN401  a row of the table
    values = {name: getattr(row, name) for name in _COLUMNS}
    read = {
        "entity_types": tuple(row.entity_types),
        "trigger": Trigger(row.trigger),
        "state": RunState(row.state),
    }
    return Run(**(values | read))
