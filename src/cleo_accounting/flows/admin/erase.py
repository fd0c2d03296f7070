"""Erase a business that has left: its records, links, plans, tokens and page sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.errors import Conflict
from cleo_accounting.store import audit, erasure, integrations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cleo_accounting.flows import House
    from cleo_accounting.store.database import Transaction


def foresee(house: House, business_id: str) -> Mapping[str, int]:
    """Return how many rows of each table would be erased.

    Raises:
        Conflict: the business is connected, has a run at work, or its grant is not yet revoked.
    """
    with house.database.reading() as tx:
        _see_that_it_left(tx, business_id)
        return erasure.counts(tx, business_id)


def erase(house: House, business_id: str, *, by: str) -> Mapping[str, int]:
    """Erase a business permanently; return how many rows of each table were erased.

    What it has in QuickBooks stays there. Its audit chain stays too, with an entry about the
    erasure; the chain's facts name vendors only where somebody mapped or decided.

    Raises:
        Conflict: the business is connected, has a run at work, or its grant is not yet revoked.
    """
    with house.database.transaction() as tx:
        _see_that_it_left(tx, business_id)
        gone = erasure.erase(tx, business_id)
        if gone:
            audit.note(
                tx,
                business_id,
                by=by,
                what="erased",
                subject=business_id,
                now=house.clock.now(),
                facts=dict(gone),
            )
    return gone


def _see_that_it_left(tx: Transaction, business_id: str) -> None:
    every = integrations.of_business(tx, business_id)
    if any(one.live for one in every):
        raise Conflict("The business is connected: disconnect it first.", code="still_connected")
    if erasure.is_at_work(tx, business_id):
        raise Conflict(
            "A sync of it has not ended yet: let a worker run, and try again in a minute.",
            code="still_at_work",
        )
    if any(integrations.grant_of(tx, one.id) for one in every):
        raise Conflict(
            "Its permission is still being given back to QuickBooks: let a worker run, and try"
            " again in a minute.",
            code="grant_held",
        )
