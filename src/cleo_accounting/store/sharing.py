"""Links of a run that wait for a remote that another operation of the same run creates."""

from __future__ import annotations

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.states import Action, ItemState
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.operations import UNSETTLED, Row, of_kind, row_of
from cleo_accounting.store.tables import operations

_WAITING_LINKS = of_kind().where(
    operations.c.state == ItemState.WAITING, operations.c.action == Action.LINK
)


def waiting_links(tx: Transaction, run_id: str, kind: RemoteKind) -> list[Row]:
    """Return the links of a kind that wait for a create of the same run."""
    rows = tx.execute(_WAITING_LINKS, {"run_id": run_id, "kind": kind})
    return [row_of(row) for row in rows]


def only_links_wait(tx: Transaction, run_id: str, kind: RemoteKind) -> bool:
    """Return whether all operations of a kind except links were sent and settled."""
    still = of_kind().where(
        operations.c.state.in_((ItemState.WAITING, *UNSETTLED)), operations.c.action != Action.LINK
    )
    return tx.execute(still.limit(1), {"run_id": run_id, "kind": kind}).first() is None
