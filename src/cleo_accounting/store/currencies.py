"""The currencies of vendors and customers, as last read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from cleo_accounting.store.tables import remotes

if TYPE_CHECKING:
    from cleo_accounting.core.links import RemoteKind
    from cleo_accounting.store.database import Transaction

_CURRENCIES = select(remotes.c.remote_id, remotes.c.details).where(
    remotes.c.integration_id == bindparam("integration_id"), remotes.c.kind == bindparam("kind")
)


def of_kind(tx: Transaction, integration_id: str, kind: RemoteKind) -> dict[str, str]:
    """Return the known currencies of the remotes of a kind, by remote id."""
    rows = tx.execute(_CURRENCIES, {"integration_id": integration_id, "kind": kind})
    return {row.remote_id: row.details["currency"] for row in rows if row.details.get("currency")}
