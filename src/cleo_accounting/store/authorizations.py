"""The sign-ins under way: each has a state that works once, soon, and for whom it was made.

After the state was used, what the sign-in brought may wait for a person's word: an offer, found by
a secret that only the browser has which consented. Only hashes of states and of these secrets are
kept, so that a stolen database cannot finish anyone's sign-in.
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
    """One sign-in: for which business, by whom, back to where, and until when."""

    business_id: str
    user_id: str
    provider: str
    redirect_uri: str
    switch_company: bool
    created_at: datetime
    expires_at: datetime


def add(tx: Transaction, state: str, authorization: Authorization) -> None:
    """Remember a sign-in that begins."""
    values = {name: getattr(authorization, name) for name in Authorization.__dataclass_fields__}
    tx.execute(authorizations.insert().values(state_hash=_hash(state), **values))


def forget_over(tx: Transaction, now: datetime) -> None:
    """Forget the sign-ins of every business that nobody can finish any more.

    What a sign-in brought is kept until its grant was given back (`stale`).
    """
    tx.execute(
        delete(authorizations).where(
            authorizations.c.expires_at < now, authorizations.c.offer_hash.is_(None)
        )
    )


def find(tx: Transaction, state: str, *, now: datetime) -> Authorization | None:
    """Look at a sign-in that can still be finished, without using it up."""
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
    row = tx.execute(
        update(authorizations).where(*bound).values(used_at=now).returning(*_COLUMNS)
    ).first()
    return None if row is None else Authorization(**row._mapping)  # noqa: SLF001  its public name


def end(tx: Transaction, business_id: str, state: str) -> bool:
    """Forget a sign-in that is finished; False if it was made void meanwhile."""
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
    """Keep what a used sign-in brought; False if the sign-in was made void meanwhile."""
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
    """Return the sign-in whose offer has this secret, and the offer as it was sealed."""
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
    """Return whether an offer of a sign-in that this user began waits for a person's word."""
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
    """Return some offers that nobody can accept any more: hash, sign-in, and offer as sealed.

    Those of a business that signs in anew wait until that is over.
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
    """Forget an offer by its hash, once; False if there is none any more."""
    done = tx.execute(
        delete(authorizations).where(
            authorizations.c.business_id == business_id,
            authorizations.c.offer_hash == offer_hash,
        )
    )
    return done.rowcount == 1


def forget_offer(tx: Transaction, business_id: str, secret: str) -> bool:
    """Forget an offer, once; False if there is none of this secret any more."""
    return forget_stale(tx, business_id, _hash(secret))


def void(tx: Transaction, business_id: str, now: datetime) -> None:
    """Make every sign-in of a business void: neither its state nor its offer works any more."""
    mine = authorizations.c.business_id == business_id
    offers = authorizations.c.offer_hash.is_not(None)
    tx.execute(delete(authorizations).where(mine, ~offers))
    tx.execute(update(authorizations).where(mine, offers).values(expires_at=now))


_COLUMNS = [authorizations.c[name] for name in Authorization.__dataclass_fields__]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
