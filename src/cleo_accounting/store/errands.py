"""Errands: small tasks of a worker for one integration (look, reconcile, revoke, reseal)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from cleo_accounting.store.database import insert
from cleo_accounting.store.tables import errands, integrations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from cleo_accounting.store.database import Transaction


class Verb(StrEnum):
    """The task of an errand."""

    LOOK = "look"
    RECONCILE = "reconcile"
    REVOKE = "revoke"
    RESEAL = "reseal"


class Fate(StrEnum):
    """The state of an errand."""

    WAITING = "waiting"
    DONE = "done"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Errand:
    """One task for an integration, to be done no earlier than its due time."""

    id: int
    integration_id: str
    business_id: str
    verb: Verb
    attempts: int


def add(tx: Transaction, integration_id: str, verb: Verb, *, now: datetime) -> None:
    """Add an errand, unless the same one is waiting already."""
    tx.execute(
        insert(tx, errands)
        .values(
            integration_id=integration_id,
            verb=verb,
            state=Fate.WAITING,
            not_before=now,
            created_at=now,
        )
        .on_conflict_do_nothing()
    )


_DUE = (
    select(
        errands.c.id,
        errands.c.integration_id,
        integrations.c.business_id,
        errands.c.verb,
        errands.c.attempts,
    )
    .join(integrations, integrations.c.id == errands.c.integration_id)
    .where(errands.c.state == Fate.WAITING, errands.c.not_before <= bindparam("now"))
    .order_by(errands.c.id)
    .limit(bindparam("most"))
)


def due(tx: Transaction, *, now: datetime, limit: int = 100) -> Sequence[Errand]:
    """Return the errands that are due, oldest first."""
    rows = tx.execute(_DUE, {"now": now, "most": limit})
    return [
        Errand(row.id, row.integration_id, row.business_id, Verb(row.verb), row.attempts)
        for row in rows
    ]


def waiting(tx: Transaction, integration_id: str, verb: Verb) -> bool:
    """Return whether an errand with this verb is waiting."""
    return (
        tx.execute(
            select(errands.c.id).where(
                errands.c.integration_id == integration_id,
                errands.c.verb == verb,
                errands.c.state == "waiting",
            )
        ).first()
        is not None
    )


def claim(tx: Transaction, errand: Errand, *, now: datetime, until: datetime) -> bool:
    """Claim an errand; unless it is settled by `until`, it is due again."""
    done = tx.execute(
        update(errands)
        .where(*_still_waits(errand), errands.c.not_before <= now)
        .values(not_before=until)
    )
    return done.rowcount == 1


def settle(tx: Transaction, errand: Errand, fate: Fate, *, now: datetime) -> None:
    """Record the final state of an errand."""
    tx.execute(
        update(errands)
        .where(*_still_waits(errand))
        .values(state=fate, finished_at=now, attempts=errands.c.attempts + 1)
    )


def postpone(tx: Transaction, errand: Errand, until: datetime) -> None:
    """Retry an errand at a later moment."""
    tx.execute(
        update(errands)
        .where(*_still_waits(errand))
        .values(not_before=until, attempts=errands.c.attempts + 1)
    )


def note_reconciled(
    tx: Transaction, integration_id: str, usage: Mapping[str, int], *, now: datetime
) -> None:
    """Record the API usage of a reconciliation that was not run as an errand."""
    tx.execute(
        insert(tx, errands).values(
            integration_id=integration_id,
            verb=Verb.RECONCILE,
            state=Fate.DONE,
            not_before=now,
            created_at=now,
            finished_at=now,
            usage=dict(usage),
        )
    )


def spend(tx: Transaction, errand: Errand, usage: Mapping[str, int]) -> None:
    """Add the number of requests that an errand sent to the accounting product."""
    this = (errands.c.id == errand.id, errands.c.integration_id == errand.integration_id)
    before = tx.execute(select(errands.c.usage).where(*this)).scalar() or {}
    summed = {name: before.get(name, 0) + count for name, count in usage.items()}
    tx.execute(update(errands).where(*this).values(usage={**before, **summed}))


def usage_since(
    tx: Transaction, integration_id: str, since: datetime
) -> Iterator[Mapping[str, int]]:
    """Yield the usage of the accounting product by each errand since a moment."""
    asked = select(errands.c.usage).where(
        errands.c.integration_id == integration_id,
        errands.c.created_at >= since,
        errands.c.usage.is_not(None),
    )
    return (row.usage for row in tx.execute(asked) if row.usage)


def drop(tx: Transaction, integration_id: str, verb: Verb, *, now: datetime) -> None:
    """Cancel a waiting errand that is no longer needed."""
    tx.execute(
        update(errands)
        .where(
            errands.c.integration_id == integration_id,
            errands.c.verb == verb,
            errands.c.state == "waiting",
        )
        .values(state=Fate.GIVEN_UP, finished_at=now)
    )


def _still_waits(errand: Errand) -> tuple[ColumnElement[bool], ...]:
    return (
        errands.c.id == errand.id,
        errands.c.integration_id == errand.integration_id,
        errands.c.state == "waiting",
    )
