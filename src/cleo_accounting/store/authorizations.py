"""The sign-ins under way: each has a state that works once, soon, and for whom it was made.

Only the hash of a state is kept, so that a stolen database cannot finish anyone's sign-in.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from cleo_accounting.store.tables import authorizations

if TYPE_CHECKING:
    from datetime import datetime

    from cleo_accounting.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Authorization:
    """One sign-in: for which business, by whom, back to where, and until when."""

    business_id: str
    user_id: str
    provider: str
    redirect_uri: str
    switch_company: bool
    created_at: datetime
    expires_at: datetime


def add(tx: Transaction, state: str, authorization: Authorization) -> None:
    """Remember a sign-in that begins, and forget those that nobody can finish any more."""
    tx.execute(delete(authorizations).where(authorizations.c.expires_at < authorization.created_at))
    values = {name: getattr(authorization, name) for name in Authorization.__dataclass_fields__}
    tx.execute(authorizations.insert().values(state_hash=_hash(state), **values))


def find(tx: Transaction, state: str, *, now: datetime) -> Authorization | None:
    """Look at a sign-in that can still be finished, without using it up."""
    columns = [authorizations.c[name] for name in Authorization.__dataclass_fields__]
    row = tx.execute(
        select(*columns).where(
            authorizations.c.state_hash == _hash(state),
            authorizations.c.used_at.is_(None),
            authorizations.c.expires_at > now,
        )
    ).first()
    return None if row is None else Authorization(**row._mapping)  # noqa: SLF001  its public name


def take(
    tx: Transaction,
    state: str,
    *,
    now: datetime,
    business_id: str | None = None,
    user_id: str | None = None,
) -> Authorization | None:
    """Take a sign-in's state out of use, at once and for good; None if it cannot be used.

    Who presents it as somebody (`business_id`, `user_id`) must be whom it was made for; else it
    stays as it is.
    """
    bound: list[Any] = [
        authorizations.c.state_hash == _hash(state),
        authorizations.c.used_at.is_(None),
        authorizations.c.expires_at > now,
    ]
    if business_id is not None:
        bound.append(authorizations.c.business_id == business_id)
    if user_id is not None:
        bound.append(authorizations.c.user_id == user_id)
    columns = [authorizations.c[name] for name in Authorization.__dataclass_fields__]
    row = tx.execute(
        update(authorizations).where(*bound).values(used_at=now).returning(*columns)
    ).first()
    return None if row is None else Authorization(**row._mapping)  # noqa: SLF001  its public name


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
