"""Make a request idempotent: its answer is stored in the same transaction as its effects."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from cleo_accounting.store import authorizations, idempotency, sessions
from cleo_accounting.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cleo_accounting.flows import House
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.idempotency import Answer, Asked


KEPT = timedelta(hours=48)


class _Within(Database):
    """A database whose transactions all join the one that is already open."""

    def __init__(self, whole: Database, tx: Transaction) -> None:
        self.engine = whole.engine
        self._tx = tx

    def _for(self, business: str) -> Database:  # noqa: ARG002  the signature of the base class
        """Stay in the business of the open transaction: the act concerns no other."""
        return self

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Join the open transaction; the code that opened it commits it."""
        yield self._tx

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Join the open transaction, so that its changes are visible."""
        yield self._tx


def within(house: House, tx: Transaction) -> House:
    """Return a house whose transactions all join `tx`; it must make no remote call."""
    return replace(house, database=_Within(house.database, tx))


def once(house: House, asked: Asked, act: Callable[[House], Answer]) -> tuple[Answer, bool]:
    """Return the stored answer, or act and store the answer; and whether it is a repetition.

    `act` gets a house whose transactions all join this one, and must make no remote call. If it
    raises, nothing is stored: the request may be corrected and sent again under the same key.
    """
    with house.database.transaction() as tx:
        before = idempotency.claim(tx, asked, now=house.clock.now())
        if before is not None:
            return before, True
        given = act(within(house, tx))
        idempotency.answer(tx, asked, given)
        return given, False


def forget_old(house: House) -> int:
    """Delete expired answers, page sessions and sign-ins; return how many answers."""
    with house.database.across.transaction() as tx:
        now = house.clock.now()
        sessions.forget_over(tx, now)
        authorizations.forget_over(tx, now)
        return idempotency.forget(tx, now - KEPT)
