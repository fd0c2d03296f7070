"""Set aside operations that an internal error keeps from being planned, sent or settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from cleo_accounting.core.cause import INTERNAL
from cleo_accounting.store import operations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.flows.run.desk import Desk
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.operations import Row

log = structlog.get_logger(__name__)


def referred(desk: Desk, record_id: str, trouble: Exception) -> dict[str, str]:
    """Log a record's failure, and return the facts that tell a person how to refer to it."""
    reference = desk.house.new_id("err")[:12]
    log.error(
        "record_failed",
        reference=reference,
        run_id=desk.run.id,
        record_id=record_id,
        exc_info=trouble,
    )
    return {"reference": reference}


def set_aside(desk: Desk, tx: Transaction, row: Row, trouble: Exception) -> None:
    """Mark an operation as kept from being done or settled by an internal error.

    What may have been sent stays in doubt: the next run looks for it again when it starts.
    """
    facts = {**(row.facts or {}), **referred(desk, row.record_id, trouble)}
    operations.set_aside(tx, row, INTERNAL, facts, desk.house.clock.now())


def set_aside_all(desk: Desk, rows: Sequence[Row], trouble: Exception) -> None:
    """Set operations aside in a transaction of their own."""
    with desk.transaction() as tx:
        for row in rows:
            set_aside(desk, tx, row, trouble)
