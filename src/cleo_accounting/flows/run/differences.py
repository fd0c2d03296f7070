"""Compare both sides of a record: how they differ, and what to write or ask because of that."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cleo_accounting.core import kinds
from cleo_accounting.core.amend import amend, changed, settled
from cleo_accounting.core.contrast import changes, contrast
from cleo_accounting.core.links import FIRST_VERSION, Base, Document, Entry, Origin, RemoteKind
from cleo_accounting.core.merge import says
from cleo_accounting.core.records import Payable, RecordKind
from cleo_accounting.core.states import Action
from cleo_accounting.core.weigh import Weighed, known_base, weigh
from cleo_accounting.store import earlier, links, records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cleo_accounting.core.contrast import NameOf
    from cleo_accounting.core.links import Content, Link, Remote
    from cleo_accounting.core.plan import Verdict
    from cleo_accounting.flows.run.desk import Desk
    from cleo_accounting.store.database import Transaction

DATED_THERE = "dated_there"  # the fact of an update with the date of the changed document


@dataclass(frozen=True, slots=True)
class Case:
    """A record that was written before: what we know of it, and what is in QuickBooks."""

    link: Link
    there: Remote
    base: Base = field(default_factory=Base)
    verdict: Verdict | None = None


def weighed(desk: Desk, tx: Transaction, case: Case, ours: Content, mark: str) -> Weighed:
    """Compare a record with its remote; return what to write, or why a person has to decide.

    The facts keep the changes or differences as data, because a person may look much later.
    """
    base = came_late(desk, tx, case) or case.base
    found = weigh(ours, mark, base, case.link, case.there, case.verdict)
    assert case.there.content is not None
    kind, name_of = case.link.kind, _name_of(desk, tx)
    facts: dict[str, Any] = dict(found.facts)
    if found.code:
        told = contrast(
            known_base(base, case.link, case.there),
            ours,
            case.there.content,
            kinds.party_of(kind).remote,
            name_of,
            found.amendment.conflicts,
        )
        facts["differences"] = [asdict(one) for one in told]
    elif not found.amendment.empty:
        will = changes(found.amendment, case.there.content, kinds.party_of(kind).remote, name_of)
        facts["changes"] = [asdict(one) for one in will]
        facts |= _dated_there(ours, case.there.content)
    return replace(found, facts=facts)


def _dated_there(ours: Content, theirs: Content) -> Mapping[str, str]:
    """Return the date of a document in QuickBooks if it differs from that of our record."""
    if not isinstance(ours, Entry) or not isinstance(theirs, Entry) or ours.dated == theirs.dated:
        return {}
    return {DATED_THERE: theirs.dated.isoformat()}


def came_late(desk: Desk, tx: Transaction, case: Case) -> Base | None:
    """Return the base to remember of an update that was given up but done after all."""
    link, there = case.link, case.there
    if there.content is None or there.version == link.version:
        return None
    once = there.version == desk.company.next_version(link.version)
    for one in earlier.given_up(tx, desk.integration.id, link.kind, link.record_id, Action.UPDATE):
        said = links.content(link.kind, one.content or "")
        done = changed(case.base.written, said) and amend(case.base, said, there.content).empty
        if done:
            return settled(case.base, said, there.content if once else None)
    return None


def removal_differences(
    desk: Desk, tx: Transaction, base: Base, there: Remote
) -> list[dict[str, Any]]:
    """List how a document that we would remove differs from what we left."""
    if there.content is None:
        return []
    told = contrast(base, None, there.content, kinds.entry(there.kind).party, _name_of(desk, tx))
    return [asdict(one) for one in told]


def is_ours_alone(desk: Desk, tx: Transaction, case: Case) -> bool:
    """Whether the remote is as we left it, or as an update of ours that arrived late made it."""
    if case.there.version == case.link.version:
        if case.link.origin is Origin.MATCHED:
            return True  # it was a person's when it was linked, and a person allowed the removal
        known = case.base.answered
        if known is None:  # after a loss of our database nobody knows who made its later versions
            return case.base.written is not None or case.there.version == FIRST_VERSION
        # Our last write may have kept what a person had changed before it.
        return case.there.content is None or says(case.there.content, known)
    late = came_late(desk, tx, case)
    once = case.there.version == desk.company.next_version(case.link.version)
    left = (late.answered if late else _moved(desk, tx, case)) if once else None
    return left is not None and says(case.there.content, left)


def _moved(desk: Desk, tx: Transaction, case: Case) -> Document | None:
    """Return what we left, under the survivor of a merge that a person accepted for the connection.

    A merge changes nothing else of a document.
    """
    left, there, link = case.base.answered, case.there.content, case.link
    if not isinstance(left, Document) or not isinstance(there, Document):
        return None
    party, integration_id = kinds.document(link.kind).party, desk.integration.id
    before = links.remote(tx, integration_id, party, left.party_id)
    ours = records.get(tx, desk.run.business_id, RecordKind.PAYABLE, [link.record_id])
    payable = ours.get(link.record_id)
    if before is None or before.active or not isinstance(payable, Payable):
        return None
    connection_id = payable.connection_id
    mapped = links.links_of(tx, integration_id, party, [connection_id]).get(connection_id)
    accepted = mapped is not None and mapped.remote_id == there.party_id
    return replace(left, party_id=there.party_id) if accepted else None


def _name_of(desk: Desk, tx: Transaction) -> NameOf:
    def name_of(kind: RemoteKind, remote_id: str) -> str:
        known = links.remote(tx, desk.integration.id, kind, remote_id)
        return known.full_name if known else remote_id

    return name_of
