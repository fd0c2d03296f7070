"""The service's own API tokens, each with a role: shown once, then stored only as a hash."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from cleo_accounting.store.tables import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from cleo_accounting.store.database import Transaction

PREFIX = "cleo_"  # lets secret scanners recognise a token


class Rank(StrEnum):
    """The role of a caller: people's roles in ascending order, the feeder's, and the platform's."""

    VIEWER = "viewer"
    BOOKKEEPER = "bookkeeper"
    ADMIN = "admin"
    FEEDER = "feeder"
    PLATFORM = "platform"

    def covers(self, needed: Rank) -> bool:
        """Return whether this role includes the rights of the needed role."""
        if self is Rank.PLATFORM:
            return True
        if Rank.FEEDER in (self, needed):  # the feeder only sends records
            return self is needed
        return PEOPLE.index(self) >= PEOPLE.index(needed) if needed in PEOPLE else False


PEOPLE = (Rank.VIEWER, Rank.BOOKKEEPER, Rank.ADMIN)  # each includes the rights before it


@dataclass(frozen=True, slots=True)
class Token:
    """A token and its owner; without a business, it belongs to the platform."""

    id: str
    business_id: str | None
    rank: Rank
    name: str
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None = None


_COLUMNS = (
    tokens.c.id,
    tokens.c.business_id,
    tokens.c.role,
    tokens.c.name,
    tokens.c.created_at,
    tokens.c.created_by,
    tokens.c.expires_at,
    tokens.c.revoked_at,
)


def new_secret(random: Callable[[int], bytes]) -> str:
    """Return a new random token as text."""
    return PREFIX + base64.urlsafe_b64encode(random(32)).decode().rstrip("=")


def add(tx: Transaction, token: Token, secret: str) -> None:
    """Store a token by its hash."""
    tx.execute(
        tokens.insert().values(
            id=token.id,
            hash=_hash(secret),
            business_id=token.business_id,
            role=token.rank,
            name=token.name,
            created_at=token.created_at,
            created_by=token.created_by,
            expires_at=token.expires_at,
        )
    )


def find(tx: Transaction, secret: str, *, now: datetime) -> Token | None:
    """Return the token of a secret; None if it is unknown, revoked or expired."""
    row = tx.execute(
        select(*_COLUMNS).where(
            tokens.c.hash == _hash(secret), tokens.c.revoked_at.is_(None), tokens.c.expires_at > now
        )
    ).first()
    return None if row is None else _token(row)


def by_id(tx: Transaction, token_id: str) -> Token | None:
    """Return a token in its current state, revoked or not."""
    row = tx.execute(select(*_COLUMNS).where(tokens.c.id == token_id)).first()
    return None if row is None else _token(row)


def page(tx: Transaction, *, limit: int, offset: int) -> tuple[Sequence[Token], int]:
    """Return a page of tokens, oldest first, and their total number."""
    count = tx.execute(select(func.count()).select_from(tokens)).scalar_one()
    rows = tx.execute(
        select(*_COLUMNS).order_by(tokens.c.created_at, tokens.c.id).limit(limit).offset(offset)
    )
    return [_token(row) for row in rows], count


def ending(
    tx: Transaction, *, now: datetime, until: datetime, business_id: str | None = None
) -> Sequence[Token]:
    """Return the valid tokens that expire between two moments, of one business or of all."""
    query = select(*_COLUMNS).where(
        tokens.c.revoked_at.is_(None), tokens.c.expires_at > now, tokens.c.expires_at <= until
    )
    if business_id is not None:
        query = query.where(tokens.c.business_id == business_id)
    return [_token(row) for row in tx.execute(query.order_by(tokens.c.expires_at, tokens.c.id))]


def revoke(tx: Transaction, token_id: str, *, now: datetime) -> bool:
    """Revoke a token; returns False if no such token is in use."""
    done = tx.execute(
        update(tokens)
        .where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return done.rowcount == 1


def _hash(secret: str) -> str:
    # A plain hash protects 256 random bits well enough; a slow one would only cost time.
    return hashlib.sha256(secret.encode()).hexdigest()


def _token(row: Any) -> Token:  # noqa: ANN401  a row of some columns
    return Token(
        id=row.id,
        business_id=row.business_id,
        rank=Rank(row.role),
        name=row.name,
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
