"""Our own API tokens: shown once, kept as the hash of 256 random bits, each with its role."""

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

PREFIX = "cleo_"  # so that secret scanners know one when they see it


class Rank(StrEnum):
    """What a caller may do: people's roles in rising order, the feeder's, and the platform's."""

    VIEWER = "viewer"
    BOOKKEEPER = "bookkeeper"
    ADMIN = "admin"
    FEEDER = "feeder"
    PLATFORM = "platform"

    def covers(self, needed: Rank) -> bool:
        """Return whether this role may do what needs that one."""
        if self is Rank.PLATFORM:
            return True
        if Rank.FEEDER in (self, needed):  # it sends records, and does nothing else
            return self is needed
        return PEOPLE.index(self) >= PEOPLE.index(needed) if needed in PEOPLE else False


PEOPLE = (Rank.VIEWER, Rank.BOOKKEEPER, Rank.ADMIN)  # each may do what those before it may


@dataclass(frozen=True, slots=True)
class Token:
    """Who a token speaks for; without a business: the platform, for every business."""

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
    """Make the text of a token."""
    return PREFIX + base64.urlsafe_b64encode(random(32)).decode().rstrip("=")


def add(tx: Transaction, token: Token, secret: str) -> None:
    """Remember a token by its hash."""
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
    """Return the token of a secret; None for one that is unknown, revoked or over."""
    row = tx.execute(
        select(*_COLUMNS).where(
            tokens.c.hash == _hash(secret), tokens.c.revoked_at.is_(None), tokens.c.expires_at > now
        )
    ).first()
    return None if row is None else _token(row)


def by_id(tx: Transaction, token_id: str) -> Token | None:
    """Give a token as it is now, revoked or not."""
    row = tx.execute(select(*_COLUMNS).where(tokens.c.id == token_id)).first()
    return None if row is None else _token(row)


def page(tx: Transaction, *, limit: int, offset: int) -> tuple[Sequence[Token], int]:
    """Give some tokens, the oldest first, and how many there are."""
    count = tx.execute(select(func.count()).select_from(tokens)).scalar_one()
    rows = tx.execute(
        select(*_COLUMNS).order_by(tokens.c.created_at, tokens.c.id).limit(limit).offset(offset)
    )
    return [_token(row) for row in rows], count


def ending(
    tx: Transaction, *, now: datetime, until: datetime, business_id: str | None = None
) -> Sequence[Token]:
    """Return the tokens in use that end between two moments, of one business or of all."""
    query = select(*_COLUMNS).where(
        tokens.c.revoked_at.is_(None), tokens.c.expires_at > now, tokens.c.expires_at <= until
    )
    if business_id is not None:
        query = query.where(tokens.c.business_id == business_id)
    return [_token(row) for row in tx.execute(query.order_by(tokens.c.expires_at, tokens.c.id))]


def revoke(tx: Transaction, token_id: str, *, now: datetime) -> bool:
    """Take a token out of use; False if there is none in use."""
    done = tx.execute(
        update(tokens)
        .where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return done.rowcount == 1


def _hash(secret: str) -> str:
    # Of 256 random bits a plain hash keeps the secret; a slow one would only slow us down.
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
