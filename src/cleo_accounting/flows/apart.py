"""Apart: where one record of many cannot be worked on, set it aside and go on with the others.

Whatever concerns the whole run (the company, the database, another worker) still ends the step.
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
    """Act on all items at once; where that raises, on ever smaller parts, in their order.

    `act` does all of its work or nothing; `aside` is told each single item for which it raises.
    """
    if not items:
        return
    try:
        act(items)
    except OF_THE_RUN:
        raise
    except Exception as trouble:  # noqa: BLE001  whatever it is, it is one record's
        if len(items) == 1:
            aside(items[0], trouble)
            return
        middle = len(items) // 2
        apart(items[:middle], act, aside)
        apart(items[middle:], act, aside)


def tried(act: Callable[[], R], otherwise: Callable[[Exception], R]) -> R:
    """Return what an act gives or, where it raises, what stands for that."""
    try:
        return act()
    except OF_THE_RUN:
        raise
    except Exception as trouble:  # noqa: BLE001  whatever it is, it is one record's
        return otherwise(trouble)


def within(
    tx: Transaction,
    items: Sequence[T],
    act: Callable[[Sequence[T]], object],
    aside: Callable[[T, Exception], object],
) -> None:
    """Do the same within a transaction: what raised is undone, and the transaction goes on."""

    def nested(some: Sequence[T]) -> None:
        with tx.begin_nested():
            act(some)

    apart(items, nested, aside)
