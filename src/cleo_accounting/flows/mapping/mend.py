"""Resolve what a comparison found: a person's decision about an entry that differs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.decision import Decision
from cleo_accounting.core.links import Base, RemoteKind
from cleo_accounting.core.movements import mark_of
from cleo_accounting.core.plan import Verdict
from cleo_accounting.core.records import Payable, Payment
from cleo_accounting.core.weigh import to_be_sent
from cleo_accounting.errors import Conflict
from cleo_accounting.flows.mapping import identify
from cleo_accounting.flows.run.planner import document_planner
from cleo_accounting.store import (
    audit,
    decisions,
    errands,
    integrations,
    links,
    reconciliations,
    records,
)

if TYPE_CHECKING:
    from cleo_accounting.core.reconciliation import Evidence
    from cleo_accounting.flows import House
    from cleo_accounting.store.database import Transaction

_STALE = "was changed since the latest comparison, or is not in it: have all compared again"


def settle(
    house: House,
    business_id: str,
    integration_id: str,
    kind: RemoteKind,
    record_id: str,
    decision: Decision,
    by: str,
) -> None:
    """Keep QuickBooks' version of an entry that differs, or have the next sync send ours.

    The decision covers exactly what the latest comparison showed. Sending ours makes the current
    version in QuickBooks the base of the update: what differs from it is sent, and a later change
    on either side is asked about.

    Raises:
        Invalid: the latest comparison shows no difference that the decision would settle.
        Conflict: our record has changed since (code `stale`).
    """
    now = house.clock.now()
    with house.database.transaction() as tx:
        evidence = _evidence(tx, integration_id, kind, record_id, decision)
        if evidence.mark != _mark(tx, business_id, integration_id, kind, record_id):
            raise Conflict(f"{record_id} {_STALE}.", code="stale")
        if decision is Decision.SEND_OURS:
            link = links.links_of(tx, integration_id, kind, [record_id])[record_id]
            # The version stays: if the record is withdrawn first, the removal asks a person.
            seen = replace(link, fingerprint=to_be_sent(evidence.mark))
            theirs = links.content(kind, evidence.content)
            bases = {record_id: Base(theirs, theirs)}
            links.put_links(tx, integration_id, [seen], by=by, now=now, bases=bases)
        # The changed base alone makes the sync send ours: it must not overrule a later change.
        sends = decision is Decision.SEND_OURS
        word = Verdict(Decision.DONE if sends else decision, evidence.mark, by)
        decisions.decide(tx, integration_id, kind, record_id, word, now)
        facts = {"integration_id": integration_id, "kind": kind, "decision": decision}
        facts["value"] = evidence.mark
        errands.add(tx, integration_id, errands.Verb.RECONCILE, now=now + house.quiescence)
        audit.note(tx, business_id, by=by, what="decided", subject=record_id, now=now, facts=facts)


def _evidence(
    tx: Transaction, integration_id: str, kind: RemoteKind, record_id: str, decision: Decision
) -> Evidence:
    """Return what the latest comparison saw of an entry that differs."""
    found = reconciliations.get(tx, integration_id)
    compared = [one for one in (found[1] if found else ()) if one.kind is kind]
    evidence = next((one.evidence.get(record_id) for one in compared), None)
    said = [each for one in compared for each in one.discrepancies if each.record_id == record_id]
    link = links.links_of(tx, integration_id, kind, [record_id]).get(record_id)
    if evidence is None or link is None or link.gone:
        message = "differs in no way that the latest comparison shows, and has no item that asks"
        raise identify.unfit("recordId", message)
    if not any(decision in one.decisions for one in said):
        message = "does not fit the difference that the latest comparison shows"
        raise identify.unfit("decision", message)
    return evidence


def _mark(
    tx: Transaction, business_id: str, integration_id: str, kind: RemoteKind, record_id: str
) -> str:
    """Return the mark of the current state of a record."""
    record = kinds.entry(kind).record
    found = records.get(tx, business_id, record, [record_id]).get(record_id) if record else None
    integration = integrations.get(tx, business_id, integration_id)
    if isinstance(found, Payment):
        return mark_of(found)
    if not isinstance(found, Payable):
        return ""
    return document_planner(tx, integration, kind).mark(found)
