"""Small things a worker has to do for an integration: look, reconcile, revoke, reseal."""

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
    """What there is to do."""

    LOOK = "look"
    RECONCILE = "reconcile"
    REVOKE = "revoke"
    RESEAL = "reseal"


class Fate(StrEnum):
    """How far an errand is."""

    WAITING = "waiting"
    DONE = "done"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do, not before its time."""

    id: int
    integration_id: str
    business_id: str
    verb: Verb
    attempts: int


def add(tx: Transaction, integration_id: str, verb: Verb, *, now: datetime) -> None:
    """Ask for it, unless it is asked for already."""
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
    """Give what may be done now, the oldest first."""
    rows = tx.execute(_DUE, {"now": now, "most": limit})
    return [
        Errand(row.id, row.integration_id, row.business_id, Verb(row.verb), row.attempts)
        for row in rows
    ]


def waiting(tx: Transaction, integration_id: str, verb: Verb) -> bool:
    """Whether it is still to be done."""
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
    """Take an errand to do; if nobody says by `until` how it ended, it is due again."""
    done = tx.execute(
        update(errands)
        .where(*_still_waits(errand), errands.c.not_before <= now)
        .values(not_before=until)
    )
    return done.rowcount == 1


def settle(tx: Transaction, errand: Errand, fate: Fate, *, now: datetime) -> None:
    """Say how it ended."""
    tx.execute(
        update(errands)
        .where(*_still_waits(errand))
        .values(state=fate, finished_at=now, attempts=errands.c.attempts + 1)
    )


def postpone(tx: Transaction, errand: Errand, until: datetime) -> None:
    """Try again later."""
    tx.execute(
        update(errands)
        .where(*_still_waits(errand))
        .values(not_before=until, attempts=errands.c.attempts + 1)
    )


def note_reconciled(
    tx: Transaction, integration_id: str, usage: Mapping[str, int], *, now: datetime
) -> None:
    """Write down what a reconciliation asked that no worker was asked for."""
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
    """Add what an errand has asked of the accounting product."""
    this = (errands.c.id == errand.id, errands.c.integration_id == errand.integration_id)
    before = tx.execute(select(errands.c.usage).where(*this)).scalar() or {}
    summed = {name: before.get(name, 0) + count for name, count in usage.items()}
    tx.execute(update(errands).where(*this).values(usage={**before, **summed}))


def usage_since(
    tx: Transaction, integration_id: str, since: datetime
) -> Iterator[Mapping[str, int]]:
    """Give what each errand of an integration asked of the accounting product since a moment."""
    asked = select(errands.c.usage).where(
        errands.c.integration_id == integration_id,
        errands.c.created_at >= since,
        errands.c.usage.is_not(None),
    )
    return (row.usage for row in tx.execute(asked) if row.usage)


def drop(tx: Transaction, integration_id: str, verb: Verb, *, now: datetime) -> None:
    """Take back what nobody wants any more."""
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
