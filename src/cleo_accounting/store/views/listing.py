"""A run's operations for people: filtered, in order, and counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from cleo_accounting.core.states import Action, ItemState
from cleo_accounting.store.attention import FAILED, QUIET, WAITS
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.operations import Row, row_of
from cleo_accounting.store.tables import operations
from cleo_accounting.store.views.told import DOCUMENT_KINDS


def page(
    tx: Transaction,
    run_id: str,
    *,
    kinds: Sequence[str] = (),
    states: Sequence[ItemState] = (),
    actions: Sequence[Action] = (),
    code: str | None = None,
    needs_attention: bool = False,
    quiet: bool = False,
    search: str | None = None,
    documents_first: bool = False,
    limit: int = 20,
    offset: int = 0,
) -> tuple[list[Row], int]:
    """Return a page of a run's operations in their order, filtered, and their total number."""
    query = _matching(run_id, kinds, states, actions, code, search, needs_attention, quiet)
    total = tx.execute(query.with_only_columns(func.count())).scalar_one()
    order = [operations.c.kind.not_in(DOCUMENT_KINDS)] if documents_first else []
    query = query.order_by(*order, operations.c.id)
    ids = tx.execute(query.limit(limit).offset(offset)).scalars().all()
    found = {row.id: row for row in by_ids(tx, ids)}
    return [found[one] for one in ids], total


def ids_of(
    tx: Transaction,
    run_id: str,
    *,
    kinds: Sequence[str] = (),
    states: Sequence[ItemState] = (),
    code: str | None = None,
    needs_attention: bool = False,
    search: str | None = None,
    limit: int,
) -> Sequence[int]:
    """Return the ids of the operations that `page` returns, for an export that reads in pages."""
    query = _matching(run_id, kinds, states, (), code, search, needs_attention, quiet=False)
    return tx.execute(query.order_by(operations.c.id).limit(limit)).scalars().all()


_FIRST_FAILED = (
    select(operations.c.id)
    .where(operations.c.run_id == bindparam("run_id"), WAITS)
    .order_by(operations.c.id)
    .limit(bindparam("most"))
)


def first_failed(tx: Transaction, run_id: str, number: int) -> list[Row]:
    """Return the first operations of a run that need attention."""
    return by_ids(tx, tx.scalars(_FIRST_FAILED, {"run_id": run_id, "most": number}).all())


_BY_IDS = select(operations).where(operations.c.id.in_(bindparam("ids", expanding=True)))


def by_ids(tx: Transaction, ids: Sequence[int]) -> list[Row]:
    """Return operations by their ids; whole rows are read only for the few that are needed."""
    rows = tx.execute(_BY_IDS, {"ids": ids}) if ids else ()
    return sorted((row_of(row) for row in rows), key=lambda row: row.id)


def _matching(
    run_id: str,
    kinds: Sequence[str],
    states: Sequence[ItemState],
    actions: Sequence[Action],
    code: str | None,
    search: str | None,
    needs_attention: bool,  # noqa: FBT001  filters, all of them
    quiet: bool,  # noqa: FBT001  same
) -> Select[Any]:
    query: Select[Any] = select(operations.c.id).where(operations.c.run_id == run_id)
    if kinds:
        query = query.where(operations.c.kind.in_(kinds))
    if states:
        query = query.where(operations.c.state.in_(states))
    if actions:
        query = query.where(operations.c.action.in_(actions))
    if code:
        query = query.where(operations.c.code == code)
    if needs_attention:
        query = query.where(FAILED)
    if quiet:
        query = query.where(operations.c.code.in_(QUIET))
    if search:
        wanted = func.lower(operations.c.label)
        query = query.where(wanted.contains(search.lower(), autoescape=True))
    return query
