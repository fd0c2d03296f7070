"""What people decided about records: append-only, the latest word counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.plan import Verdict
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.tables import decisions

NO_LONGER = "bring_back"  # takes an earlier word back


def decide(
    tx: Transaction,
    integration_id: str,
    kind: RemoteKind,
    record_id: str,
    verdict: Verdict,
    now: datetime,
) -> None:
    """Write down a word about a record."""
    tx.execute(
        decisions.insert().values(
            integration_id=integration_id,
            kind=kind.value,
            record_id=record_id,
            verdict=verdict.verdict,
            value=verdict.value,
            by=verdict.by,
            at=now,
        )
    )


_OF_KIND = (
    select(decisions)
    .where(
        decisions.c.integration_id == bindparam("integration_id"),
        decisions.c.kind == bindparam("kind"),
    )
    .order_by(decisions.c.id)
)


def verdicts_of(tx: Transaction, integration_id: str, kind: RemoteKind) -> dict[str, Verdict]:
    """Give the word that counts, by record id; records whose word was taken back have none."""
    rows = tx.execute(_OF_KIND, {"integration_id": integration_id, "kind": kind})
    found: dict[str, Verdict] = {}
    for row in rows:
        if row.verdict == NO_LONGER:
            found.pop(row.record_id, None)
        else:
            found[row.record_id] = Verdict(row.verdict, row.value or "", row.by)
    return found
