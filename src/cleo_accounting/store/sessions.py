"""Who sits at the page: a link that works once and soon, then a cookie for the day.

Only hashes of links and cookies are kept, so that a stolen database opens nobody's page. A session
ends with the token that made it: that is looked at whenever the session is looked up.
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
    """A person at the page of one business, and what they may do there."""

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
    """Remember a session whose link is still to be used."""
    values = {name: getattr(session, name) for name in Session.__dataclass_fields__}
    tx.execute(sessions.insert().values(link_hash=_hash(link), **values))


def forget_over(tx: Transaction, now: datetime) -> None:
    """Forget the sessions of every business that are over."""
    tx.execute(delete(sessions).where(sessions.c.expires_at < now))


def by_link(tx: Transaction, link: str, *, now: datetime) -> Session | None:
    """Look at the session of a link that can still be used, without using it up."""
    row = tx.execute(select(*_COLUMNS).where(*_usable(link, now))).first()
    return None if row is None else _session(row)


def open_by_link(tx: Transaction, link: str, cookie: str, *, now: datetime) -> Session | None:
    """Use a link up, once: from now on the cookie opens the session. None: it cannot be used."""
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
    """Return the sessions that these cookies open, at most one each."""
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
    """Note that a session was used."""
    tx.execute(update(sessions).where(*_is(session)).values(seen_at=now))


def end(tx: Transaction, session: Session) -> None:
    """Forget a session; its cookie opens nothing any more."""
    tx.execute(delete(sessions).where(*_is(session)))


def end_all(
    tx: Transaction, business_id: str, user_id: str | None, *, but_of: Rank | None = None
) -> int:
    """Forget all sessions of a business, or of one user there; returns how many.

    `but_of` spares the sessions that have this role.
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


_TOKEN = "token:"  # noqa: S105  begins the name of a caller with a token of ours, before its id


def _maker_stands(now: datetime) -> ColumnElement[bool]:
    """Whether the token that made a session, if one did, is still in use."""
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
