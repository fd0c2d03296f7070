"""What people decided about records: append-only, the latest word counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select

from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.plan import NUMBER_AS, Verdict
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.tables import decisions

NO_LONGER = "bring_back"  # takes every earlier word on the record back
DONE = "done"  # the latest word was followed, and counts no more; a number stays


@dataclass(frozen=True, slots=True)
class Words:
    """The words that count, by record id; a number given by a person stands beside the others."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    numbers: dict[str, Verdict] = field(default_factory=dict)


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
            value=f"{verdict.value}\n{verdict.about}" if verdict.about else verdict.value,
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


def words_of(tx: Transaction, integration_id: str, kind: RemoteKind) -> Words:
    """Give the words that count; a record whose words were taken back has none.

    The latest counts. Only a number outlives later words on the same record, or a dispute about
    its note that is settled would bring the taken number back; and it ends a leaving out.
    """
    found = Words()
    for row in tx.execute(_OF_KIND, {"integration_id": integration_id, "kind": kind}):
        if row.verdict in (NO_LONGER, DONE):
            found.verdicts.pop(row.record_id, None)
            if row.verdict == NO_LONGER:
                found.numbers.pop(row.record_id, None)
        elif row.verdict == NUMBER_AS:
            value, _, about = (row.value or "").partition("\n")
            found.numbers[row.record_id] = Verdict(NUMBER_AS, value, row.by, about)
            if _is_left_out(found.verdicts.get(row.record_id)):
                del found.verdicts[row.record_id]
        else:
            found.verdicts[row.record_id] = Verdict(row.verdict, row.value or "", row.by)
    return found


def verdicts_of(tx: Transaction, integration_id: str, kind: RemoteKind) -> dict[str, Verdict]:
    """Give the words that count, but for numbers, by record id."""
    return words_of(tx, integration_id, kind).verdicts


def _is_left_out(word: Verdict | None) -> bool:
    return word is not None and word.verdict == "leave_out"
