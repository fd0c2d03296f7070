"""Issue, identify and revoke our own API tokens, each valid for a number of days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cleo_accounting.errors import Flaw, Invalid, Missing
from cleo_accounting.store import access, audit
from cleo_accounting.store.access import Rank, Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.flows import House
    from cleo_accounting.store.database import Database, Transaction


DAYS_MAX = 366
TOLD_BEFORE = timedelta(days=14)  # how long before its end a token is announced to be ending


def issue(
    house: House,
    *,
    business_id: str | None,
    rank: Rank,
    name: str,
    by: str,
    days: int | None = None,
) -> tuple[Token, str]:
    """Issue a token; its secret is returned only here and never stored.

    `days` is how long the token is valid; by default, the house's setting applies.

    Raises:
        Invalid: a platform token names a business, another token names none, or `days` is not
            from 1 to 366.
    """
    if days is not None and not 1 <= days <= DAYS_MAX:
        flaw = Flaw("expiresInDays", f"must be from 1 to {DAYS_MAX}")
        raise Invalid("The token cannot be issued.", [flaw])
    if (rank is Rank.PLATFORM) is not (business_id is None):
        message = (
            "must be left out for the role platform"
            if business_id
            else "is required for this role: name the business"
        )
        raise Invalid("The token cannot be issued.", [Flaw("businessId", message)])
    secret = access.new_secret(house.random)
    now = house.clock.now()
    token = Token(
        id=house.new_id("tok"),
        business_id=business_id,
        rank=rank,
        name=name,
        created_at=now,
        created_by=by,
        expires_at=now + (house.token_life if days is None else timedelta(days=days)),
    )
    with _database(house, business_id).transaction() as tx:
        access.add(tx, token, secret)
        _note(house, tx, token, by, "token_issued")
    return token, secret


def identify(house: House, secret: str) -> Token | None:
    """Return the token of a secret; None if it is unknown, revoked or expired."""
    with house.database.across.reading() as tx:
        return access.find(tx, secret, now=house.clock.now())


def ends_soon(token: Token, now: datetime) -> bool:
    """Return whether a token ends so soon that its bearer should be told."""
    return token.expires_at - now <= TOLD_BEFORE


def ending(
    house: House, business_id: str | None = None, *, within: timedelta = TOLD_BEFORE
) -> Sequence[Token]:
    """Return the active tokens that expire soon, soonest first, of one business or of all."""
    now = house.clock.now()
    with _database(house, business_id).reading() as tx:
        return access.ending(tx, now=now, until=now + within, business_id=business_id)


def page(house: House, *, limit: int, offset: int) -> tuple[Sequence[Token], int]:
    """Return a page of tokens (never their secrets), and how many there are."""
    with house.database.across.reading() as tx:
        return access.page(tx, limit=limit, offset=offset)


def revoke(house: House, token_id: str, *, by: str) -> None:
    """Revoke a token immediately.

    Raises:
        Missing: there is no active token with this id.
    """
    with house.database.across.transaction() as tx:
        token = access.by_id(tx, token_id)
        if token is None or not access.revoke(tx, token_id, now=house.clock.now()):
            raise Missing("There is no such token.")
        _note(house, tx, token, by, "token_revoked")


def _database(house: House, business_id: str | None) -> Database:
    """Return the database scoped to one business's tokens, or to all tokens if None."""
    return house.database.across if business_id is None else house.database.of(business_id)


def _note(house: House, tx: Transaction, token: Token, by: str, what: str) -> None:
    audit.note(
        tx,
        token.business_id or audit.PLATFORM,
        by=by,
        what=what,
        subject=token.id,
        now=house.clock.now(),
        facts={"name": token.name, "role": token.rank, "until": token.expires_at.isoformat()},
    )
