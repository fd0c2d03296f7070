"""Links of a run that wait for what another of its operations creates."""

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
    """Give the links that wait for what another operation of this run creates."""
    rows = tx.execute(_WAITING_LINKS, {"run_id": run_id, "kind": kind})
    return [row_of(row) for row in rows]


def only_links_wait(tx: Transaction, run_id: str, kind: RemoteKind) -> bool:
    """Whether all that a run is to send of a kind was sent, and answered."""
    still = of_kind().where(
        operations.c.state.in_((ItemState.WAITING, *UNSETTLED)), operations.c.action != Action.LINK
    )
    return tx.execute(still.limit(1), {"run_id": run_id, "kind": kind}).first() is None
