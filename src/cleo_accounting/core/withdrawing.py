"""The plan of records that are withdrawn, left out or duplicated, the same for all entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo_accounting.core.decision import Decision
from cleo_accounting.core.links import FIRST_VERSION, Link, Origin
from cleo_accounting.core.past import COPY, GONE
from cleo_accounting.core.plan import Leave, Remove

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cleo_accounting.core.links import RemoteKind
    from cleo_accounting.core.past import Past
    from cleo_accounting.core.plan import Verdict


def decided(
    kind: RemoteKind,
    record_id: str,
    label: str,
    verdict: Verdict | None,
    withdrawal: Mapping[str, str] | None,
) -> Leave | Remove | None:
    """Leave a record out or remove a copy of it, if a person decided so; otherwise return None.

    `withdrawal`: the facts for removing a withdrawn record; None: the record is not withdrawn.
    """
    if verdict and verdict.verdict == Decision.LEAVE_OUT:
        facts = {"by": verdict.by, "reason": verdict.value}
        return Leave(kind, record_id, label, "left_out", facts)
    if verdict and verdict.verdict == Decision.REMOVE_DUPLICATE:
        extra = Link(record_id, kind, verdict.value, FIRST_VERSION, Origin.CREATED)
        return Remove(kind, record_id, label, extra, dict(withdrawal or COPY))
    return None


def withdrawn(
    kind: RemoteKind,
    record_id: str,
    label: str,
    link: Link | None,
    verdict: Verdict | None,
    withdrawal: Mapping[str, str],
    past: Past,
    *,
    note: str | None = None,
) -> Leave | Remove:
    """Remove the entry of a withdrawn record, or return why nothing is removed.

    An entry that a person entered is removed only if a person allows it. `past`: what became of the
    entry of a record that has no link; `note`: the note of a voided entry from then on.
    """
    if link is None:
        return Leave(kind, record_id, label, past.code, dict(past.facts))
    if link.gone:
        return Leave(kind, record_id, label, "gone", {**withdrawal, "why": GONE})
    allowed = verdict and (verdict.verdict, verdict.value) == (
        Decision.REMOVE_THERE,
        link.remote_id,
    )
    if link.origin is Origin.MATCHED and not allowed:
        return Leave(kind, record_id, label, "matched_withdrawn", dict(withdrawal))
    facts = {**withdrawal, **({"note": note} if note else {})}
    return Remove(kind, record_id, label, link, facts)
