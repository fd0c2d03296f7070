"""Stored responses by idempotency key, so that a repeated request does not act twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from cleo_accounting.errors import Conflict, Invalid
from cleo_accounting.store.database import insert
from cleo_accounting.store.tables import idempotency

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from cleo_accounting.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with an idempotency key: the caller, the route, the key and its content's hash."""

    business_id: str
    user_id: str
    route: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored response: the status, the JSON body, and the location."""

    status: int
    body: str
    location: str | None = None


_UNANSWERED = 0


def claim(tx: Transaction, asked: Asked, *, now: datetime) -> Answer | None:
    """Claim a key for the action of this transaction, or return the response stored for it.

    A second request with the same key waits here until the first has finished, because both
    databases lock the row.

    Raises:
        Invalid: the key was used for something else.
        Conflict: the first request with the key is still being answered.
    """
    claimed = tx.execute(
        insert(tx, idempotency)
        .values(
            business_id=asked.business_id,
            user_id=asked.user_id,
            route=asked.route,
            key=asked.key,
            fingerprint=asked.fingerprint,
            status=_UNANSWERED,
            answer="",
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(idempotency.c.key)
    )
    if claimed.first() is not None:
        return None
    row = tx.execute(select(idempotency).where(*_is(asked))).one()
    if row.fingerprint != asked.fingerprint:
        raise Invalid(
            "This Idempotency-Key was used for another request; take a new one.",
            code="idempotency_key_reused",
        )
    if row.status == _UNANSWERED:
        raise Conflict("The same request is still being answered.", code="still_in_progress")
    return Answer(row.status, row.answer, row.location)


def answer(tx: Transaction, asked: Asked, given: Answer) -> None:
    """Store the response, in the transaction of the action."""
    tx.execute(
        update(idempotency)
        .where(*_is(asked))
        .values(status=given.status, answer=given.body, location=given.location)
    )


def forget(tx: Transaction, before: datetime) -> int:
    """Delete the responses from before a moment; returns how many."""
    return tx.execute(delete(idempotency).where(idempotency.c.created_at < before)).rowcount


def _is(asked: Asked) -> list[Any]:
    return [
        idempotency.c.business_id == asked.business_id,
        idempotency.c.user_id == asked.user_id,
        idempotency.c.route == asked.route,
        idempotency.c.key == asked.key,
    ]
