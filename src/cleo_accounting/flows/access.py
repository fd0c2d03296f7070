"""Give out our own API tokens, take them back, and say whose a token is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.errors import Flaw, Invalid, Missing
from cleo_accounting.store import access, audit
from cleo_accounting.store.access import Rank, Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.flows import House
    from cleo_accounting.store.database import Transaction


def issue(
    house: House, *, business_id: str | None, rank: Rank, name: str, by: str
) -> tuple[Token, str]:
    """Make a token; its secret is given here, once, and is nowhere after.

    Raises:
        Invalid: a platform token names a business, or another names none.
    """
    if (rank is Rank.PLATFORM) is not (business_id is None):
        message = (
            "must be left out for the role platform"
            if business_id
            else "is required for this role: name the business"
        )
        raise Invalid("The token cannot be made.", [Flaw("businessId", message)])
    secret = access.new_secret(house.random)
    token = Token(
        id=house.new_id("tok"),
        business_id=business_id,
        rank=rank,
        name=name,
        created_at=house.clock.now(),
        created_by=by,
    )
    with house.database.transaction() as tx:
        access.add(tx, token, secret)
        _note(house, tx, token, by, "token_issued")
    return token, secret


def identify(house: House, secret: str) -> Token | None:
    """Say whose token this is; None for one that is unknown or revoked."""
    with house.database.reading() as tx:
        return access.find(tx, secret)


def page(house: House, *, limit: int, offset: int) -> tuple[Sequence[Token], int]:
    """Give some tokens (never their secrets), and how many there are."""
    with house.database.reading() as tx:
        return access.page(tx, limit=limit, offset=offset)


def revoke(house: House, token_id: str, *, by: str) -> None:
    """Take a token out of use, at once.

    Raises:
        Missing: there is none in use of this id.
    """
    with house.database.transaction() as tx:
        token = access.by_id(tx, token_id)
        if token is None or not access.revoke(tx, token_id, now=house.clock.now()):
            raise Missing("There is no such token.")
        _note(house, tx, token, by, "token_revoked")


def _note(house: House, tx: Transaction, token: Token, by: str, what: str) -> None:
    audit.note(
        tx,
        token.business_id or audit.PLATFORM,
        by=by,
        what=what,
        subject=token.id,
        now=house.clock.now(),
        facts={"name": token.name, "role": token.rank},
    )
