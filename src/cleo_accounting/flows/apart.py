"""Isolate the failure of one record: set the record aside and go on with the others.

Errors that concern the whole run (the company, the database, another worker) still end the step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cleo_accounting.errors import AccountingError
from cleo_accounting.store.database import AWAY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cleo_accounting.store.database import Transaction

OF_THE_RUN = (AccountingError, *AWAY)

T = TypeVar("T")
R = TypeVar("R")


def apart(
    items: Sequence[T],
    act: Callable[[Sequence[T]], object],
    aside: Callable[[T, Exception], object],
) -> None:
    """Act on all items at once; if that raises, retry on ever smaller parts, in their order.

    `act` must do all of its work or nothing; `aside` is called with each single item that fails.
    """
    if not items:
        return
    try:
        act(items)
    except OF_THE_RUN:
        raise
    except Exception as trouble:  # noqa: BLE001  any other error concerns one record
        if len(items) == 1:
            aside(items[0], trouble)
            return
        middle = len(items) // 2
        apart(items[:middle], act, aside)
        apart(items[middle:], act, aside)


def tried(act: Callable[[], R], otherwise: Callable[[Exception], R]) -> R:
    """Return the result of `act` or, if it raises, the result of `otherwise`."""
    try:
        return act()
    except OF_THE_RUN:
        raise
    except Exception as trouble:  # noqa: BLE001  any other error concerns one record
        return otherwise(trouble)


def within(
    tx: Transaction,
    items: Sequence[T],
    act: Callable[[Sequence[T]], object],
    aside: Callable[[T, Exception], object],
) -> None:
    """Do what `apart` does within a transaction: a failed part is rolled back by a savepoint."""

    def nested(some: Sequence[T]) -> None:
        with tx.begin_nested():
            act(some)

    apart(items, nested, aside)
