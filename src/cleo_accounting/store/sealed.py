"""Which stored grants are sealed with which key, and which have to be sealed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select

from cleo_accounting.store.errands import Verb
from cleo_accounting.store.tables import errands, integrations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cleo_accounting.store.database import Transaction


def by_beginning(tx: Transaction, length: int) -> Mapping[str, int]:
    """Count the sealed grants by their first characters, which identify the key."""
    beginning = func.substr(integrations.c.grant_sealed, 1, length).label("beginning")
    rows = tx.execute(
        select(beginning, func.count().label("number"))
        .where(integrations.c.grant_sealed.is_not(None))
        .group_by(beginning)
    )
    return {row.beginning: row.number for row in rows}


def some(tx: Transaction, *, limit: int) -> Sequence[str]:
    """Return integrations that have a grant, the last connected first."""
    rows = tx.execute(
        select(integrations.c.id)
        .where(integrations.c.grant_sealed.is_not(None))
        .order_by(integrations.c.connected_at.desc(), integrations.c.id)
        .limit(limit)
    )
    return list(rows.scalars())


def beginning_otherwise(
    tx: Transaction, beginning: str, *, untried_since: datetime, limit: int = 100
) -> Sequence[str]:
    """Return integrations whose grant has another beginning and was not resealed recently.

    An attempt to reseal since `untried_since` excludes an integration.
    """
    tried = exists().where(
        errands.c.integration_id == integrations.c.id,
        errands.c.verb == Verb.RESEAL,
        errands.c.finished_at > untried_since,
    )
    rows = tx.execute(
        select(integrations.c.id)
        .where(
            integrations.c.grant_sealed.is_not(None),
            ~integrations.c.grant_sealed.startswith(beginning, autoescape=True),
            ~tried,
        )
        .order_by(integrations.c.id)
        .limit(limit)
    )
    return list(rows.scalars())
