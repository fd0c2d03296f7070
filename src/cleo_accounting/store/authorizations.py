"""The sign-ins in progress, each with a state that works once, briefly, and for its user only.

After the state was used, the result of the sign-in may wait for a person's consent: an offer, found
by a secret that only the consenting browser has. Only hashes of states and secrets are stored, so
that a stolen database cannot finish a sign-in.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, select, update

from cleo_accounting.store.tables import authorizations

if TYPE_CHECKING:
    from datetime import datetime

    from cleo_accounting.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Authorization:
    """A sign-in: its business, its user, the redirect URI, and when it expires."""

    business_id: str
    user_id: str
    provider: str
    redirect_uri: str
    switch_company: bool
    created_at: datetime
    expires_at: datetime


def add(tx: Transaction, state: str, authorization: Authorization) -> None:
    """Store a sign-in that begins."""
    values = {name: getattr(authorization, name) for name in Authorization.__dataclass_fields__}
    tx.execute(authorizations.insert().values(state_hash=_hash(state), **values))


def forget_over(tx: Transaction, now: datetime) -> None:
    """Delete the sign-ins of every business that can no longer be finished.

    An offer is kept until its grant was revoked (`stale`).
    """
    tx.execute(
        delete(authorizations).where(
            authorizations.c.expires_at < now, authorizations.c.offer_hash.is_(None)
        )
    )


def find(tx: Transaction, state: str, *, now: datetime) -> Authorization | None:
    """Return a sign-in that can still be finished, without using up its state."""
    row = tx.execute(
        select(*_COLUMNS).where(
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
    """Use up the state of a sign-in; None if it cannot be used.

    If `business_id` or `user_id` is given, it must be the one that the sign-in was made for;
    otherwise the state stays usable.
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
    row = tx.execute(
        update(authorizations).where(*bound).values(used_at=now).returning(*_COLUMNS)
    ).first()
    return None if row is None else Authorization(**row._mapping)  # noqa: SLF001  its public name


def end(tx: Transaction, business_id: str, state: str) -> bool:
    """Delete a finished sign-in; returns False if it was voided meanwhile."""
    done = tx.execute(
        delete(authorizations).where(
            authorizations.c.business_id == business_id,
            authorizations.c.state_hash == _hash(state),
        )
    )
    return done.rowcount == 1


def offer(
    tx: Transaction, business_id: str, state: str, secret: str, sealed: str, *, until: datetime
) -> bool:
    """Store the result of a used sign-in; returns False if the sign-in was voided meanwhile."""
    done = tx.execute(
        update(authorizations)
        .where(
            authorizations.c.business_id == business_id,
            authorizations.c.state_hash == _hash(state),
        )
        .values(offer_hash=_hash(secret), offer_sealed=sealed, expires_at=until)
    )
    return done.rowcount == 1


def offered(
    tx: Transaction, secret: str, *, now: datetime, business_id: str | None = None
) -> tuple[Authorization, str] | None:
    """Return the sign-in whose offer has this secret, with the sealed offer."""
    conditions = [authorizations.c.offer_hash == _hash(secret), authorizations.c.expires_at > now]
    if business_id is not None:
        conditions.append(authorizations.c.business_id == business_id)
    row = tx.execute(select(*_COLUMNS, authorizations.c.offer_sealed).where(*conditions)).first()
    if row is None:
        return None
    facts = dict(row._mapping)  # noqa: SLF001  its public name
    sealed = str(facts.pop("offer_sealed"))
    return Authorization(**facts), sealed


def waits(tx: Transaction, business_id: str, user_id: str, *, now: datetime) -> bool:
    """Return whether an offer of a sign-in that this user began waits for a decision."""
    found = tx.execute(
        select(authorizations.c.state_hash)
        .where(
            authorizations.c.business_id == business_id,
            authorizations.c.user_id == user_id,
            authorizations.c.offer_hash.is_not(None),
            authorizations.c.expires_at > now,
        )
        .limit(1)
    )
    return found.first() is not None


def stale(tx: Transaction, *, now: datetime, limit: int) -> list[tuple[str, Authorization, str]]:
    """Return expired offers: the hash, the sign-in, and the sealed offer.

    Offers of a business that is signing in again wait until that is over.
    """
    anew = authorizations.alias()
    rows = tx.execute(
        select(authorizations.c.offer_hash, authorizations.c.offer_sealed, *_COLUMNS)
        .where(
            authorizations.c.offer_hash.is_not(None),
            authorizations.c.expires_at <= now,
            ~exists().where(
                anew.c.business_id == authorizations.c.business_id, anew.c.expires_at > now
            ),
        )
        .order_by(authorizations.c.expires_at)
        .limit(limit)
    )
    found = []
    for row in rows:
        facts = dict(row._mapping)  # noqa: SLF001  its public name
        name, sealed = str(facts.pop("offer_hash")), str(facts.pop("offer_sealed"))
        found.append((name, Authorization(**facts), sealed))
    return found


def under_way(tx: Transaction, business_id: str, now: datetime) -> bool:
    """Return whether a sign-in of a business can still be finished, or its offer accepted."""
    found = tx.execute(
        select(authorizations.c.state_hash)
        .where(authorizations.c.business_id == business_id, authorizations.c.expires_at > now)
        .limit(1)
    )
    return found.first() is not None


def forget_stale(tx: Transaction, business_id: str, offer_hash: str) -> bool:
    """Delete an offer by its hash; returns False if it no longer exists."""
    done = tx.execute(
        delete(authorizations).where(
            authorizations.c.business_id == business_id,
            authorizations.c.offer_hash == offer_hash,
        )
    )
    return done.rowcount == 1


def forget_offer(tx: Transaction, business_id: str, secret: str) -> bool:
    """Delete an offer by its secret; returns False if it no longer exists."""
    return forget_stale(tx, business_id, _hash(secret))


def void(tx: Transaction, business_id: str, now: datetime) -> None:
    """Void every sign-in of a business, so that neither its state nor its offer works any more."""
    mine = authorizations.c.business_id == business_id
    offers = authorizations.c.offer_hash.is_not(None)
    tx.execute(delete(authorizations).where(mine, ~offers))
    tx.execute(update(authorizations).where(mine, offers).values(expires_at=now))


_COLUMNS = [authorizations.c[name] for name in Authorization.__dataclass_fields__]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
