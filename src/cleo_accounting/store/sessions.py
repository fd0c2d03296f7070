"""Who sits at the page: a link that works once and soon, then a cookie for the day.

Only hashes of links and cookies are kept, so that a stolen database opens nobody's page.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from cleo_accounting.store.access import Rank
from cleo_accounting.store.tables import sessions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cleo_accounting.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Session:
    """A person at the page of one business, and what they may do there."""

    id: str
    business_id: str
    user_id: str
    role: Rank
    zone: str
    made_by: str
    created_at: datetime
    link_expires_at: datetime
    expires_at: datetime


def add(tx: Transaction, session: Session, link: str) -> None:
    """Remember a session whose link is still to be used; forget those that are over."""
    tx.execute(delete(sessions).where(sessions.c.expires_at < session.created_at))
    values = {name: getattr(session, name) for name in Session.__dataclass_fields__}
    tx.execute(sessions.insert().values(link_hash=_hash(link), **values))


def open_by_link(tx: Transaction, link: str, cookie: str, *, now: datetime) -> Session | None:
    """Use a link up, once: from now on the cookie opens the session. None: it cannot be used."""
    row = tx.execute(
        update(sessions)
        .where(
            sessions.c.link_hash == _hash(link),
            sessions.c.cookie_hash.is_(None),
            sessions.c.link_expires_at > now,
        )
        .values(cookie_hash=_hash(cookie))
        .returning(*_COLUMNS)
    ).first()
    return None if row is None else _session(row)


def find(tx: Transaction, cookies: Sequence[str], *, now: datetime) -> list[Session]:
    """Return the sessions that these cookies open, at most one each."""
    rows = tx.execute(
        select(*_COLUMNS)
        .where(
            sessions.c.cookie_hash.in_([_hash(cookie) for cookie in cookies]),
            sessions.c.expires_at > now,
        )
        .order_by(sessions.c.created_at, sessions.c.id)
    )
    return [_session(row) for row in rows]


def end(tx: Transaction, session_id: str) -> None:
    """Forget a session; its cookie opens nothing any more."""
    tx.execute(delete(sessions).where(sessions.c.id == session_id))


_COLUMNS = [sessions.c[name] for name in Session.__dataclass_fields__]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _session(row: Any) -> Session:  # noqa: ANN401  a row of some columns
    values = dict(row._mapping)  # noqa: SLF001  its public name
    return Session(**{**values, "role": Rank(values["role"])})
