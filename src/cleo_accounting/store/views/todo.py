"""The records that the newest plan left to a person and that are not mapped or decided yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from cleo_accounting.core.decision import Decision
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.store.attention import WAITS
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.tables import decisions, links, operations


def counts(
    tx: Transaction, integration_id: str, plan_id: str, kinds: Sequence[RemoteKind]
) -> Mapping[str, int]:
    """Return their number by kind."""
    query = _left(integration_id, plan_id, kinds).with_only_columns(
        operations.c.kind, func.count().label("number")
    )
    return {row.kind: row.number for row in tx.execute(query.group_by(operations.c.kind))}


def left(integration_id: str, plan_id: str, kind: RemoteKind) -> Select[Any]:
    """Return a query for the ids of such records of a kind, for use in other queries."""
    return _left(integration_id, plan_id, [kind])


def codes(
    tx: Transaction,
    integration_id: str,
    plan_id: str,
    kind: RemoteKind,
    record_ids: Sequence[str],
) -> dict[str, str]:
    """Return why records were left, by record id; records that are not left have no entry."""
    query = _left(integration_id, plan_id, [kind]).add_columns(operations.c.code)
    rows = tx.execute(query.where(operations.c.record_id.in_(record_ids)))
    return {row.record_id: row.code for row in rows}


def _left(integration_id: str, plan_id: str, kinds: Sequence[RemoteKind]) -> Select[Any]:
    linked = (
        select(links.c.position)
        .where(
            links.c.integration_id == integration_id,
            links.c.kind == operations.c.kind,
            links.c.record_id == operations.c.record_id,
        )
        .exists()
    )
    word = (
        select(decisions.c.verdict)
        .where(
            decisions.c.integration_id == integration_id,
            decisions.c.kind == operations.c.kind,
            decisions.c.record_id == operations.c.record_id,
        )
        .order_by(decisions.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(operations.c.record_id).where(
        operations.c.run_id == plan_id,
        operations.c.kind.in_([kind.value for kind in kinds]),
        WAITS,
        ~linked,
        func.coalesce(word, Decision.BRING_BACK) == Decision.BRING_BACK,
    )
