"""A run's operations for people: some of them, in their order, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from cleo_accounting.store.database import Transaction
from cleo_accounting.store.operations import QUIET, WAITS, Row, failed, row_of
from cleo_accounting.store.tables import operations


def page(
    tx: Transaction,
    run_id: str,
    *,
    kinds: Sequence[str] = (),
    states: Sequence[str] = (),
    actions: Sequence[str] = (),
    code: str | None = None,
    needs_attention: bool = False,
    quiet: bool = False,
    search: str | None = None,
    limit: int = 20,
    offset: int = 0,
) -> tuple[list[Row], int]:
    """Give a run's operations in their order, filtered, and how many there are."""
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
        query = query.where(failed())
    if quiet:
        query = query.where(operations.c.code.in_(QUIET))
    if search:
        wanted = func.lower(operations.c.label)
        query = query.where(wanted.contains(search.lower(), autoescape=True))
    total = tx.execute(query.with_only_columns(func.count())).scalar_one()
    return _by_id(tx, query.order_by(operations.c.id).limit(limit).offset(offset)), total


def first_failed(tx: Transaction, run_id: str, number: int) -> list[Row]:
    """Give the first operations of a run that need attention."""
    query = select(operations.c.id).where(operations.c.run_id == run_id, WAITS)
    return _by_id(tx, query.order_by(operations.c.id).limit(number))


def _by_id(tx: Transaction, query: Select[Any]) -> list[Row]:
    """Give the rows of a query for ids: whole rows are read of the few that are wanted only."""
    ids = list(tx.execute(query).scalars())
    rows = tx.execute(select(operations).where(operations.c.id.in_(ids))) if ids else ()
    return sorted((row_of(row) for row in rows), key=lambda row: row.id)
