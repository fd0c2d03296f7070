"""The results of earlier stages and runs that a plan depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from cleo_accounting.core.cause import INTERNAL
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.states import Action, ItemState
from cleo_accounting.store.attention import FAILED
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.operations import Row, of_kind, row_of
from cleo_accounting.store.tables import operations

if TYPE_CHECKING:
    from collections.abc import Sequence

_CAUSES = (
    select(operations.c.code)
    .where(
        operations.c.integration_id == bindparam("integration_id"),
        operations.c.run_id == bindparam("run_id"),
        operations.c.code.is_not(None),
    )
    .distinct()
)


def causes(tx: Transaction, integration_id: str, run_id: str) -> set[str]:
    """Return the codes of all causes that occurred in a run."""
    return set(tx.scalars(_CAUSES, {"integration_id": integration_id, "run_id": run_id}))


def failed_records(
    tx: Transaction, run_id: str, item: int | None = None, code: str | None = None
) -> dict[str, list[str]]:
    """Return the records that need attention in a run, by kind.

    `item` and `code` restrict them to one operation and to one cause.
    """
    query = select(operations.c.kind, operations.c.record_id).where(
        operations.c.run_id == run_id, FAILED
    )
    if item is not None:
        query = query.where(operations.c.id == item)
    if code is not None:
        query = query.where(operations.c.code == code)
    found: dict[str, list[str]] = {}
    for row in tx.execute(query.order_by(operations.c.id)):
        found.setdefault(row.kind, []).append(row.record_id)
    return found


def failed_for(tx: Transaction, integration_id: str, run_id: str, code: str) -> list[int]:
    """Return the ids of operations that need attention in a run for a cause, in plan order."""
    query = select(operations.c.id).where(
        operations.c.integration_id == integration_id,
        operations.c.run_id == run_id,
        operations.c.code == code,
        FAILED,
    )
    return list(tx.scalars(query.order_by(operations.c.id)))


_SET_ASIDE = select(operations.c.record_id, operations.c.facts).where(
    operations.c.integration_id == bindparam("integration_id"),
    operations.c.kind == bindparam("kind"),
    operations.c.state == ItemState.IN_DOUBT,
    operations.c.code == INTERNAL,
)


def set_aside(tx: Transaction, integration_id: str, kind: RemoteKind) -> dict[str, dict[str, Any]]:
    """Return the facts of operations that an error of ours keeps in doubt, by record id."""
    rows = tx.execute(_SET_ASIDE, {"integration_id": integration_id, "kind": kind})
    return {row.record_id: row.facts or {} for row in rows}


_NOT_WRITTEN = of_kind().where(
    operations.c.state.in_(
        (ItemState.LEFT, ItemState.REFUSED, ItemState.IN_DOUBT, ItemState.WAITING, ItemState.SENT)
    )
)


def causes_of(tx: Transaction, run_id: str, kind: RemoteKind) -> dict[str, Row]:
    """Return the operations of a kind that did not lead to a remote, by record id."""
    rows = tx.execute(_NOT_WRITTEN, {"run_id": run_id, "kind": kind})
    return {row.record_id: row_of(row) for row in rows}


def planned(
    tx: Transaction,
    run_id: str,
    kind: RemoteKind,
    actions: Sequence[Action] = (Action.CREATE, Action.LINK),
) -> list[Row]:
    """Return the operations of a kind that a preview plans: creates and links, or these actions."""
    query = of_kind().where(
        operations.c.state == ItemState.PLANNED, operations.c.action.in_(actions)
    )
    return [row_of(row) for row in tx.execute(query, {"run_id": run_id, "kind": kind})]


_MADE = (
    of_kind()
    .with_only_columns(operations.c.remote_id)
    .where(operations.c.action == Action.CREATE, operations.c.state == ItemState.WRITTEN)
)


def made(tx: Transaction, run_id: str, kind: RemoteKind) -> set[str]:
    """Return the ids of the remotes of a kind that a run has created."""
    return set(tx.scalars(_MADE, {"run_id": run_id, "kind": kind}))


_GIVEN_UP = (
    select(operations)
    .where(
        operations.c.integration_id == bindparam("integration_id"),
        operations.c.kind == bindparam("kind"),
        operations.c.record_id == bindparam("record_id"),
        operations.c.action == bindparam("action"),
        operations.c.code.in_(("unanswered", "stale", "duplicate_number")),
    )
    .order_by(operations.c.id.desc())
)


def given_up(
    tx: Transaction, integration_id: str, kind: RemoteKind, record_id: str, action: Action
) -> list[Row]:
    """Return the operations of a record that may have been carried out after all, newest first.

    An operation that was refused because its number is taken may have met its own earlier write, if
    no query showed that write.
    """
    of = {"integration_id": integration_id, "kind": kind, "record_id": record_id, "action": action}
    return [row_of(row) for row in tx.execute(_GIVEN_UP, of)]


_REMOVALS = (
    select(operations)
    .where(
        operations.c.integration_id == bindparam("integration_id"),
        operations.c.kind == bindparam("kind"),
        operations.c.record_id.in_(bindparam("record_ids", expanding=True)),
        operations.c.state == ItemState.WRITTEN,
        operations.c.action != Action.KEEP,
    )
    .order_by(operations.c.id)
)


def removals(
    tx: Transaction, integration_id: str, kind: RemoteKind, record_ids: Sequence[str]
) -> dict[str, Row]:
    """Return the removals that were the last operation done on a record, by record id."""
    of = {"integration_id": integration_id, "kind": kind, "record_ids": record_ids}
    last = {row.record_id: row for row in tx.execute(_REMOVALS, of)} if record_ids else {}
    return {
        record_id: row_of(row) for record_id, row in last.items() if row.action == Action.REMOVE
    }
