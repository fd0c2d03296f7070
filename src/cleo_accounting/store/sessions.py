"""The sessions of the page: opened by a link that works once, then kept by a cookie for the day.

Only hashes of links and cookies are stored, so that a stolen database opens no session. A session
ends with the token that created it, which is checked at every lookup of the session.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, func, or_, select, update

from cleo_accounting.store.access import Rank
from cleo_accounting.store.tables import sessions, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from cleo_accounting.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Session:
    """The session of a person on the page of one business, and the person's role."""

    id: str
    business_id: str
    user_id: str
    role: Rank
    zone: str
    made_by: str
    created_at: datetime
    link_expires_at: datetime
    seen_at: datetime
    expires_at: datetime


def add(tx: Transaction, session: Session, link: str) -> None:
    """Store a session whose link has not been used yet."""
    values = {name: getattr(session, name) for name in Session.__dataclass_fields__}
    tx.execute(sessions.insert().values(link_hash=_hash(link), **values))


def forget_over(tx: Transaction, now: datetime) -> None:
    """Delete the expired sessions of all businesses."""
    tx.execute(delete(sessions).where(sessions.c.expires_at < now))


def by_link(tx: Transaction, link: str, *, now: datetime) -> Session | None:
    """Return the session of a usable link, without using up the link."""
    row = tx.execute(select(*_COLUMNS).where(*_usable(link, now))).first()
    return None if row is None else _session(row)


def open_by_link(tx: Transaction, link: str, cookie: str, *, now: datetime) -> Session | None:
    """Use up a link, so that the cookie opens the session from now on; None if it is unusable."""
    row = tx.execute(
        update(sessions)
        .where(*_usable(link, now))
        .values(cookie_hash=_hash(cookie), seen_at=now)
        .returning(*_COLUMNS)
    ).first()
    return None if row is None else _session(row)


def find(
    tx: Transaction, cookies: Sequence[str], *, now: datetime, seen_since: datetime
) -> list[Session]:
    """Return the sessions that these cookies open, at most one for each."""
    rows = tx.execute(
        select(*_COLUMNS)
        .where(
            sessions.c.cookie_hash.in_([_hash(cookie) for cookie in cookies]),
            sessions.c.expires_at > now,
            sessions.c.seen_at > seen_since,
            _maker_stands(now),
        )
        .order_by(sessions.c.created_at, sessions.c.id)
    )
    return [_session(row) for row in rows]


def see(tx: Transaction, session: Session, now: datetime) -> None:
    """Record that a session was used."""
    tx.execute(update(sessions).where(*_is(session)).values(seen_at=now))


def end(tx: Transaction, session: Session) -> None:
    """Delete a session, so that its cookie no longer works."""
    tx.execute(delete(sessions).where(*_is(session)))


def end_all(
    tx: Transaction, business_id: str, user_id: str | None, *, but_of: Rank | None = None
) -> int:
    """Delete all sessions of a business, or of one of its users; returns the number deleted.

    `but_of`: sessions with this role are kept.
    """
    conditions = [sessions.c.business_id == business_id]
    if user_id is not None:
        conditions.append(sessions.c.user_id == user_id)
    if but_of is not None:
        conditions.append(sessions.c.role != but_of)
    return tx.execute(delete(sessions).where(*conditions)).rowcount


def _is(session: Session) -> tuple[ColumnElement[bool], ...]:
    return sessions.c.business_id == session.business_id, sessions.c.id == session.id


def _usable(link: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        sessions.c.link_hash == _hash(link),
        sessions.c.cookie_hash.is_(None),
        sessions.c.link_expires_at > now,
        _maker_stands(now),
    )


_TOKEN = "token:"  # noqa: S105  prefix of a caller's name before the token's id


def _maker_stands(now: datetime) -> ColumnElement[bool]:
    """Return the condition that the token that created a session, if any, is still valid."""
    return or_(
        ~sessions.c.made_by.startswith(_TOKEN, autoescape=True),
        exists().where(
            tokens.c.id == func.substr(sessions.c.made_by, len(_TOKEN) + 1),
            tokens.c.revoked_at.is_(None),
            tokens.c.expires_at > now,
        ),
    )


_COLUMNS = [sessions.c[name] for name in Session.__dataclass_fields__]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _session(row: Any) -> Session:  # noqa: ANN401  a row of some columns
    values = dict(row._mapping)  # noqa: SLF001  its public name
    return Session(**{**values, "role": Rank(values["role"])})
