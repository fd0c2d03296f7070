"""Operations: the plan, the checkpoint, the progress and the audit trail, all in one table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, bindparam, delete, select, update

from cleo_accounting.core.cause import INTERNAL
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.states import Action, ItemState
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.tables import operations

UNSETTLED = (ItemState.SENT, ItemState.IN_DOUBT)
NOTES = ("email", "email_flaw")  # facts about omissions, kept when an operation is sent anew
_SHARED_ATTEMPTS = 3
_FEW = 5
_ID_MAX = 2**31 - 1  # PostgreSQL's INTEGER


@dataclass(frozen=True, slots=True)
class Row:
    """A stored operation. `content` and `payload` are frozen at planning."""

    kind: RemoteKind
    record_id: str
    label: str
    action: Action
    state: ItemState
    id: int = 0
    run_id: str = ""
    integration_id: str = ""
    position: int = 0
    amount_minor: int | None = None
    currency: str | None = None
    payload: str | None = None
    content: str | None = None
    fingerprint: str | None = None
    remote_id: str | None = None
    remote_name: str | None = None
    version: str | None = None
    generation: int = 0
    batch_key: str | None = None
    batch_size: int | None = None  # how many were sent together with that key
    attempts: int = 0
    sent_at: datetime | None = None
    settled_at: datetime | None = None
    code: str | None = None
    facts: Mapping[str, Any] | None = None  # texts that fill the cause, and data
    provider_code: str | None = None
    tid: str | None = None

    @property
    def stands(self) -> dict[str, str | None]:
        """The remote that an update or a removal refers to; empty for other actions."""
        if self.action not in (Action.UPDATE, Action.REMOVE):
            return {}
        return {"remote_id": self.remote_id, "remote_name": self.remote_name}

    @property
    def item_key(self) -> str:
        """The id of the operation within its batch, which is the same on every resend."""
        return str(self.position)


_ADD = operations.insert()


def add(tx: Transaction, run_id: str, integration_id: str, first: int, rows: Sequence[Row]) -> None:
    """Append planned operations; `first` is the position of the first one."""
    values = [
        {name: getattr(row, name) for name in _PLANNED}
        | {
            "kind": row.kind.value,
            "run_id": run_id,
            "integration_id": integration_id,
            "position": first + at,
            "facts": dict(row.facts) if row.facts else None,
        }
        for at, row in enumerate(rows)
    ]
    if values:
        tx.execute(_ADD, values)


_FORGET_PLAN = delete(operations).where(
    operations.c.run_id == bindparam("run"), operations.c.kind == bindparam("of_kind")
)


def forget_plan(tx: Transaction, run_id: str, kind: RemoteKind) -> None:
    """Delete an unfinished plan, of which nothing has been carried out."""
    tx.execute(_FORGET_PLAN, {"run": run_id, "of_kind": kind})


def of_kind() -> Select[Any]:
    """Return a query for the operations of one kind in one run."""
    return select(operations).where(
        operations.c.run_id == bindparam("run_id"), operations.c.kind == bindparam("kind")
    )


_NEXT = (
    of_kind()
    .where(operations.c.state == ItemState.WAITING, operations.c.action != Action.LINK)
    .order_by(operations.c.position)
    .limit(bindparam("most"))
)


_CLAIM = (
    update(operations)
    .where(operations.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state=ItemState.SENT,
        batch_key=bindparam("key"),
        batch_size=bindparam("size"),
        attempts=operations.c.attempts + 1,
        sent_at=bindparam("now"),
    )
)


def claim(
    tx: Transaction, run_id: str, kind: RemoteKind, *, size: int, batches: int, now: datetime
) -> list[list[Row]]:
    """Claim the next waiting operations in batches: marks them as sent, with their batch keys.

    This is the durable intent to send them.
    """
    rows = tx.execute(_NEXT, {"run_id": run_id, "kind": kind, "most": size * batches}).all()
    claimed: list[list[Row]] = []
    for part in islice(_in_batches(rows, size), batches):
        key = batch_key(run_id, kind, part[0].position, part[0].generation)
        ids = [row.id for row in part]
        tx.execute(_CLAIM, {"ids": ids, "key": key, "size": len(part), "now": now})
        taken = {"state": ItemState.SENT, "batch_key": key, "batch_size": len(part), "sent_at": now}
        claimed.append([row_of(row, attempts=row.attempts + 1, **taken) for row in part])
    return claimed


def together(attempts: int, size: int) -> int:
    """Return how many operations fit in a batch: fewer after shared failures, to find the cause."""
    if attempts < _SHARED_ATTEMPTS:
        return size
    return min(size, _FEW) if attempts == _SHARED_ATTEMPTS else 1


def _in_batches(rows: Sequence[Any], size: int) -> Iterator[list[Any]]:
    for most, group in groupby(rows, lambda row: together(row.attempts, size)):
        alike = list(group)
        yield from (alike[at : at + most] for at in range(0, len(alike), most))


def batch_key(run_id: str, kind: RemoteKind, position: int, generation: int) -> str:
    """Return the request id of a batch: 32 hex digits, unique because the run's id is random."""
    text = f"{run_id}:{kind.value}:{position}:{generation}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def unsettled(
    tx: Transaction,
    integration_id: str,
    *,
    run_id: str | None = None,
    kind: RemoteKind | None = None,
) -> list[list[Row]]:
    """Return the operations that were sent but not answered, grouped into their batches."""
    narrow = {name: value for name, value in (("run_id", run_id), ("kind", kind)) if value}
    batches: dict[str, list[Row]] = {}
    wanted = {"integration_id": integration_id, "states": UNSETTLED, **narrow}
    for row in tx.execute(_unsettled(*narrow), wanted):
        batches.setdefault(row.batch_key, []).append(row_of(row))
    return list(batches.values())


@cache
def _unsettled(*columns: str) -> Select[Any]:
    equal = [operations.c[name] == bindparam(name) for name in ("integration_id", *columns)]
    state = operations.c.state.in_(bindparam("states", expanding=True))
    query = select(operations).where(*equal, state)
    return query.order_by(operations.c.id)


def resend(tx: Transaction, ids: Sequence[int], now: datetime) -> None:
    """Mark a batch as sent once more, with the same key."""
    tx.execute(
        update(operations)
        .where(operations.c.id.in_(ids))
        .values(state=ItemState.SENT, code=None, attempts=operations.c.attempts + 1, sent_at=now)
    )


def doubt(tx: Transaction, ids: Sequence[int], now: datetime) -> None:
    """Mark operations whose outcome is unknown as in doubt, as of now.

    The time counts from now because the process may have slept between storing the intent and
    sending.
    """
    tx.execute(
        update(operations)
        .where(operations.c.id.in_(ids))
        .values(state=ItemState.IN_DOUBT, code="in_doubt", sent_at=now)
    )


def note(tx: Transaction, row: Row, **told: str) -> None:
    """Add facts to an operation that is still open."""
    facts = {**(row.facts or {}), **told}
    tx.execute(update(operations).where(operations.c.id == row.id).values(facts=facts))


def left_late(tx: Transaction, ids: Sequence[int], now: datetime) -> None:
    """Record that operations were sent only now, unless they are settled.

    A worker that was considered dead and sends after it resumes knows this; its successor does not.
    """
    tx.execute(
        update(operations)
        .where(operations.c.id.in_(ids), operations.c.state.in_(UNSETTLED))
        .values(sent_at=now)
    )


def back(tx: Transaction, ids: Sequence[int], doubted_since: datetime | None = None) -> None:
    """Return operations to their earlier state because their batch was not accepted.

    They were certainly not carried out. If an earlier request with them got no response, they stay
    in doubt as before (`doubted_since`).
    """
    if doubted_since:
        values = {"state": ItemState.IN_DOUBT, "code": "in_doubt", "sent_at": doubted_since}
    else:
        values = {"state": ItemState.WAITING, "batch_key": None, "sent_at": None}
    tx.execute(
        update(operations)
        .where(operations.c.id.in_(ids))
        .values(values | {"attempts": operations.c.attempts - 1})
    )


def again(
    tx: Transaction,
    row: Row,
    *,
    action: Action | None = None,
    payload: str | None = None,
    remote_id: str | None = None,
    version: str | None = None,
    content: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Queue an operation to be sent anew, as the next generation with a new key."""
    tx.execute(
        update(operations)
        .where(operations.c.id == row.id)
        .values(
            state=ItemState.WAITING,
            batch_key=None,
            sent_at=None,
            code=None,
            facts=_noted(row, facts),
            generation=row.generation + 1,
            action=action or row.action,
            payload=payload or row.payload,
            remote_id=remote_id or row.remote_id,
            version=version or row.version,
            content=content or row.content,
        )
    )


def _noted(row: Row, facts: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return the facts to keep for an operation that is sent anew."""
    notes = {name: text for name, text in (row.facts or {}).items() if name in NOTES}
    return {**notes, **(facts or {})} or None


_SETTLED = "state remote_id remote_name version code facts provider_code tid".split()
_SETTLE = (
    update(operations)
    .where(operations.c.id == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in (*_SETTLED, "settled_at")})
)


def settle(tx: Transaction, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Store the results of operations; each names `id`, `state` and what else is known."""
    values = [
        {
            "of": row["id"],
            **{f"new_{name}": row.get(name) for name in _SETTLED},
            "new_settled_at": now,
        }
        for row in rows
    ]
    if values:
        tx.execute(_SETTLE, values)


def set_aside(
    tx: Transaction, row: Row, code: str, facts: Mapping[str, Any], now: datetime
) -> None:
    """Record that an operation cannot be done now: left if it was not sent, otherwise in doubt."""
    values: dict[str, Any] = {"state": ItemState.LEFT, "settled_at": now}
    if row.state in UNSETTLED:
        values = {
            "state": ItemState.IN_DOUBT,
            "sent_at": now if row.state == ItemState.SENT else row.sent_at,
        }
    values |= {"code": code, "facts": facts}
    tx.execute(update(operations).where(operations.c.id == row.id).values(values))


def call_links(tx: Transaction, ids: Sequence[int]) -> None:
    """Turn creates into links, because their remotes existed already and were linked."""
    tx.execute(update(operations).where(operations.c.id.in_(ids)).values(action=Action.LINK))


_END_WAITING = (
    update(operations)
    .where(operations.c.run_id == bindparam("run"), operations.c.state == ItemState.WAITING)
    .values(state=ItemState.LEFT, code=bindparam("new_code"), settled_at=bindparam("now"))
)


def end_waiting(tx: Transaction, run_id: str, code: str, now: datetime) -> None:
    """Leave the operations that still wait when a run ends, with the reason."""
    tx.execute(_END_WAITING, {"run": run_id, "new_code": code, "now": now})


_OPEN = (
    select(operations.c.kind, operations.c.state)
    .where(
        operations.c.run_id == bindparam("run_id"),
        operations.c.kind.in_([kind.value for kind in RemoteKind]),  # lets an index be used
        operations.c.state.in_(bindparam("states", expanding=True)),
        operations.c.code.is_distinct_from(INTERNAL),  # set aside: this run does not settle it
    )
    .distinct()
)


def open_states(tx: Transaction, run_id: str) -> dict[str, set[str]]:
    """Return by kind what a run still has to do: send waiting operations, settle sent ones."""
    found: dict[str, set[str]] = {}
    for row in tx.execute(_OPEN, {"run_id": run_id, "states": (ItemState.WAITING, *UNSETTLED)}):
        found.setdefault(row.kind, set()).add(row.state)
    return found


def find(tx: Transaction, integration_id: str, operation_id: int) -> Row | None:
    """Return one operation of an integration, or None."""
    if operation_id > _ID_MAX:
        return None
    row = tx.execute(
        select(operations).where(
            operations.c.id == operation_id, operations.c.integration_id == integration_id
        )
    ).first()
    return row_of(row) if row else None


_PLANNED = """
    record_id label action state amount_minor currency payload content fingerprint remote_id
    remote_name version code
""".split()
_COLUMNS = tuple(Row.__slots__)
_read = attrgetter(*_COLUMNS)


def row_of(row: Any, **changes: Any) -> Row:  # noqa: ANN401  a row of the table, and its columns
    """Return the operation of a table row, with changes that the row does not have yet."""
    values = dict(zip(_COLUMNS, _read(row), strict=True))
    return Row(
        **{
            **values,
            "kind": RemoteKind(row.kind),
            "action": Action(row.action),
            "state": ItemState(row.state),
            **changes,
        }
    )
