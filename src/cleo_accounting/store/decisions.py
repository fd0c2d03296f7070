"""The decisions of people about records: append-only, and the latest one counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from cleo_accounting.core.decision import Decision
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.plan import Verdict
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.tables import decisions


@dataclass(frozen=True, slots=True)
class Words:
    """The decisions that count, by record id.

    `numbers` (a number given by a person) and `others` (documents that a record is not) hold in
    addition to `verdicts`.
    """

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    numbers: dict[str, Verdict] = field(default_factory=dict)
    others: dict[str, Verdict] = field(default_factory=dict)


def decide(
    tx: Transaction,
    integration_id: str,
    kind: RemoteKind,
    record_id: str,
    verdict: Verdict,
    now: datetime,
) -> None:
    """Store a decision about a record."""
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
    """Return the decisions that count; a record whose decisions were taken back has none.

    The latest one counts. Only a number, and the documents that a record is not, outlive later
    decisions about the same record: otherwise, a settled dispute about its note would bring the
    taken number back. Both end a decision to leave the record out. To take back that a record is a
    document in QuickBooks means that the next sync removes the link.
    """
    found = Words()
    for row in tx.execute(_OF_KIND, {"integration_id": integration_id, "kind": kind}):
        if row.verdict in (Decision.BRING_BACK, Decision.DONE):
            said = found.verdicts.pop(row.record_id, None)
            if row.verdict == Decision.BRING_BACK:
                if said and said.verdict is Decision.LINK_TO:  # perhaps a sync has linked it
                    found.verdicts[row.record_id] = Verdict(Decision.UNLINK, said.value, row.by)
                found.numbers.pop(row.record_id, None)
                found.others.pop(row.record_id, None)
        elif row.verdict == Decision.ANOTHER_ONE:
            found.others[row.record_id] = _added(found.others.get(row.record_id), row)
            if _holds_back(found.verdicts.get(row.record_id)):
                del found.verdicts[row.record_id]
        elif row.verdict == Decision.NUMBER_AS:
            value, _, about = (row.value or "").partition("\n")
            found.numbers[row.record_id] = Verdict(Decision.NUMBER_AS, value, row.by, about)
            if _holds_back(found.verdicts.get(row.record_id)):
                del found.verdicts[row.record_id]
        else:
            found.verdicts[row.record_id] = _verdict(row)
    return found


def since(tx: Transaction, integration_id: str, moment: datetime) -> set[tuple[str, str]]:
    """Return kind and id of every record with a decision since a moment."""
    rows = tx.execute(
        select(decisions.c.kind, decisions.c.record_id).where(
            decisions.c.integration_id == integration_id, decisions.c.at > moment
        )
    )
    return {(row.kind, row.record_id) for row in rows}


def decided_at(
    tx: Transaction, integration_id: str, *, by: str, at: datetime
) -> list[tuple[RemoteKind, str]]:
    """Return the records that a person decided about at one moment, without later decisions."""
    later = decisions.alias("later")
    newer = (
        select(later.c.id)
        .where(
            later.c.integration_id == decisions.c.integration_id,
            later.c.kind == decisions.c.kind,
            later.c.record_id == decisions.c.record_id,
            later.c.id > decisions.c.id,
        )
        .exists()
    )
    said = select(decisions.c.kind, decisions.c.record_id).where(
        decisions.c.integration_id == integration_id,
        decisions.c.by == by,
        decisions.c.at == at,
        decisions.c.verdict != Decision.BRING_BACK,
        ~newer,
    )
    return [(RemoteKind(row.kind), row.record_id) for row in tx.execute(said)]


def verdicts_of(tx: Transaction, integration_id: str, kind: RemoteKind) -> dict[str, Verdict]:
    """Return the decisions that count, without numbers and other documents, by record id."""
    return words_of(tx, integration_id, kind).verdicts


def _verdict(row: Any) -> Verdict:  # noqa: ANN401  a row of the table
    value, about = row.value or "", ""
    if row.verdict in (Decision.KEEP_THEIRS, Decision.SEND_OURS):
        value, _, about = value.partition("\n")
    return Verdict(Decision(row.verdict), value, row.by, about)


def _added(before: Verdict | None, row: Any) -> Verdict:  # noqa: ANN401  a row of the table
    """Add documents to those that a record is decided not to be."""
    ids = dict.fromkeys([*(before.value.split() if before else ()), *(row.value or "").split()])
    return Verdict(Decision.ANOTHER_ONE, " ".join(ids), row.by)


def _holds_back(word: Verdict | None) -> bool:
    """Return whether a decision keeps the record itself from being sent."""
    return word is not None and word.verdict in (Decision.LEAVE_OUT, Decision.LINK_TO)
