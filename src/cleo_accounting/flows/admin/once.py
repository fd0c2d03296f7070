"""Act once however often it is asked: the answer is kept in the transaction of the act itself."""

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
    """A database whose transactions are all the one that is open already."""

    def __init__(self, whole: Database, tx: Transaction) -> None:
        self.engine = whole.engine
        self._tx = tx

    def _for(self, business: str) -> Database:  # noqa: ARG002  the whole's argument
        """Stay in the business of the open transaction: what is done once concerns no other."""
        return self

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Join the open one; whoever opened it will commit it."""
        yield self._tx

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Join the open one, so that what it did can be seen."""
        yield self._tx


def within(house: House, tx: Transaction) -> House:
    """Give a house whose every transaction is this one; it must make no foreign call."""
    return replace(house, database=_Within(house.database, tx))


def once(house: House, asked: Asked, act: Callable[[House], Answer]) -> tuple[Answer, bool]:
    """Give the answer that was given before, or act and keep the answer; says whether again.

    `act` gets a house whose every transaction is this one, and must make no foreign call. If it
    raises, nothing is kept: the request may be mended and sent again under the same key.
    """
    with house.database.transaction() as tx:
        before = idempotency.claim(tx, asked, now=house.clock.now())
        if before is not None:
            return before, True
        given = act(within(house, tx))
        idempotency.answer(tx, asked, given)
        return given, False


def forget_old(house: House) -> int:
    """Forget answers, visits and sign-ins that are over; says how many answers."""
    with house.database.across.transaction() as tx:
        now = house.clock.now()
        sessions.forget_over(tx, now)
        authorizations.forget_over(tx, now)
        return idempotency.forget(tx, now - KEPT)
