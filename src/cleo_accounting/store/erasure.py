"""All rows of one business, in every table that has any: count them or delete them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from cleo_accounting.store.runs import OPEN
from cleo_accounting.store.tables import (
    audit,
    integrations,
    metadata,
    rates,
    requests,
    runs,
    workers,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import ColumnElement, Table

    from cleo_accounting.store.database import Transaction

# The audit chain is kept; it also records the erasure. The other tables keep no data of a business
# for longer than minutes.
KEPT = (audit, rates, requests, workers)


def is_at_work(tx: Transaction, business_id: str) -> bool:
    """Return whether a run of a business has not ended yet."""
    query = select(runs.c.id).where(runs.c.business_id == business_id, runs.c.state.in_(OPEN))
    return tx.execute(query.limit(1)).first() is not None


def counts(tx: Transaction, business_id: str) -> Mapping[str, int]:
    """Count the rows of a business by table; tables without any are left out."""
    found = {
        table.name: tx.execute(select(func.count()).select_from(table).where(mine)).scalar_one()
        for table, mine in _tables(business_id)
    }
    return {name: number for name, number in found.items() if number}


def erase(tx: Transaction, business_id: str) -> Mapping[str, int]:
    """Delete all rows of a business; returns how many there were, by table."""
    found = counts(tx, business_id)
    for table, mine in _tables(business_id):
        tx.execute(delete(table).where(mine))
    return found


def _tables(business_id: str) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Yield the tables to empty, with the condition on their rows, dependent tables first."""
    of_business = select(integrations.c.id).where(integrations.c.business_id == business_id)
    of_integrations = select(runs.c.id).where(runs.c.integration_id.in_(of_business))
    for table in reversed(metadata.sorted_tables):
        if table in KEPT:
            continue
        if "business_id" in table.c:
            yield table, table.c.business_id == business_id
        elif "integration_id" in table.c:
            yield table, table.c.integration_id.in_(of_business)
        else:
            yield table, table.c.run_id.in_(of_integrations)
