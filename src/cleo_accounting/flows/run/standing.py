"""Read what planned operations would change in QuickBooks, and adjust the plan to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cleo_accounting.core import kinds
from cleo_accounting.core.amend import identified, settled
from cleo_accounting.core.kinds import ENTRIES, PARTIES
from cleo_accounting.core.links import Base, Content, Document, Remote, RemoteKind
from cleo_accounting.core.past import removed
from cleo_accounting.core.plan import LEFT_OUT, Keep, Leave, Operation, Remove, Update
from cleo_accounting.core.records import RecordKind
from cleo_accounting.core.states import Action
from cleo_accounting.core.weigh import may_change_paid, owes_otherwise, paid_cause, paid_of
from cleo_accounting.flows.run.differences import Case, is_ours_alone, removal_differences, weighed
from cleo_accounting.flows.run.paid import settled_by_ours
from cleo_accounting.store import decisions, earlier, links

if TYPE_CHECKING:
    from cleo_accounting.core.links import Link
    from cleo_accounting.core.plan import Verdict
    from cleo_accounting.flows.run.desk import Desk
    from cleo_accounting.store.database import Transaction

_READ = (*ENTRIES, *PARTIES)


@dataclass(frozen=True, slots=True)
class There:
    """What was read: the remotes that planned operations would change, by their ids."""

    remotes: Mapping[str, Remote] = field(default_factory=dict)


def look_before_plan(desk: Desk, kind: RemoteKind, planned: Sequence[Operation]) -> There:
    """Read the remotes in QuickBooks that planned operations would change or remove.

    Called outside any transaction. Previews read too, so that they show what a sync would do.

    Raises:
        Wait, Reconnect: the company cannot be read now.
    """
    if kind not in _READ:
        return There()
    wanted = [one.link.remote_id for one in planned if isinstance(one, Update | Remove)]
    return There(desk.company.read(kind, wanted) if wanted else {})


def in_view_of(
    desk: Desk, tx: Transaction, planned: Sequence[Operation], there: There
) -> Iterator[Operation]:
    """Yield the operations adjusted to what is in QuickBooks."""
    touching = [one for one in planned if isinstance(one, Update | Remove)]
    bases: Mapping[str, Base] = {}
    verdicts: Mapping[str, Verdict] = {}
    settled_long_ago: Collection[str] = ()
    if touching:
        kind, ids = touching[0].kind, [one.record_id for one in touching]
        bases = links.bases_of(tx, desk.integration.id, kind, ids)
        verdicts = decisions.verdicts_of(tx, desk.integration.id, kind)
        # Lists lag: an absence is only believed once the remote has had time to appear.
        appeared = desk.house.clock.now() - desk.house.quiescence
        settled_long_ago = links.older(tx, desk.integration.id, kind, ids, appeared)
    for operation in planned:
        if not isinstance(operation, Update | Remove):
            yield operation
            continue
        base = bases.get(operation.record_id, Base())
        remote = there.remotes.get(operation.link.remote_id)
        if isinstance(operation, Remove):
            sure = remote is not None or operation.record_id in settled_long_ago
            yield _removal(desk, tx, operation, base, remote, sure=sure)
        elif remote is None and operation.record_id in settled_long_ago:
            yield _gone(operation)
        elif remote is None:
            yield _unseen(desk, tx, operation, base, verdicts.get(operation.record_id))
        else:
            case = Case(operation.link, remote, base, verdicts.get(operation.record_id))
            yield _update(desk, tx, operation, case)


def _unseen(
    desk: Desk, tx: Transaction, operation: Update, base: Base, verdict: Verdict | None
) -> Operation:
    """Write all content of a document that no list shows yet, unless our payments settle part."""
    content = identified(base, operation.content)
    if cannot := _in_closed_period(desk, operation, base.written, "by our last write"):
        return cannot
    owed = isinstance(content, Document) and owes_otherwise(base.written, content)
    paid = settled_by_ours(desk, tx, operation.link) if owed else None
    if paid is None or not isinstance(content, Document):
        return replace(operation, content=content)
    code = paid_cause(content.total, paid)
    if may_change_paid(verdict, operation.mark, code):
        return replace(operation, content=content)
    facts = {"paid": str(paid), "ours": str(content.total)}
    kind, record_id, label = operation.kind, operation.record_id, operation.label
    return Leave(kind, record_id, label, code, facts, operation.link, operation.mark)


def _update(desk: Desk, tx: Transaction, operation: Update, case: Case) -> Operation:
    """Write only what our record changed, and overwrite no person's change without asking."""
    kind, record_id, label = operation.kind, operation.record_id, operation.label
    link, mark = operation.link, operation.mark
    if case.there.gone:
        return _gone(operation)
    if case.there.content is None:  # a date, a total or a party that cannot be read
        facts = {"fields": "what we cannot read of it"}
        return Leave(kind, record_id, label, "changed_there", facts, link, mark)
    found = weighed(desk, tx, case, operation.content, mark)
    if found.code:
        return Leave(kind, record_id, label, found.code, found.facts, link, mark)
    if found.amendment.empty:
        return _agreed(operation, settled(case.base, found.amendment.content, None))
    written = replace(
        operation,
        link=replace(link, version=case.there.version),
        amendment=found.amendment,
        there=case.there,
        facts=found.facts,
    )
    return _in_closed_period(desk, operation, case.there.content, "in QuickBooks") or written


def _agreed(operation: Update, base: Base) -> Operation:
    """Write nothing if QuickBooks already agrees with our record; report what cannot be written."""
    kind, record_id, label = operation.kind, operation.record_id, operation.label
    stands = replace(operation.link, fingerprint=operation.mark)
    if operation.notes:
        notes, mark = operation.notes, operation.mark
        return Leave(kind, record_id, label, LEFT_OUT, notes, stands, mark, base)
    return Keep(record_id, stands, base)


def _in_closed_period(
    desk: Desk, operation: Update, stands: Content | None, known: str
) -> Leave | None:
    """Return a `Leave` if the document is in the closed period: a new date cannot move it out.

    `known`: how its date is known, such as "in QuickBooks".
    """
    closed = desk.integration.profile.closed_until
    if closed is None or not isinstance(stands, Document) or stands.dated > closed:
        return None
    facts = {"dated": f"{stands.dated.isoformat()} {known}", "closed": closed.isoformat()}
    kind, record_id, label = operation.kind, operation.record_id, operation.label
    return Leave(kind, record_id, label, "books_closed", facts, operation.link, operation.mark)


def _gone(operation: Update) -> Leave:
    """Report that a person deleted the document; it is not written again automatically."""
    link = replace(operation.link, gone=True)
    kind, record_id, label = operation.kind, operation.record_id, operation.label
    return Leave(kind, record_id, label, "deleted_there", stands=link, mark=operation.mark)


def _removal(
    desk: Desk,
    tx: Transaction,
    operation: Remove,
    base: Base,
    remote: Remote | None,
    *,
    sure: bool,
) -> Operation:
    """Remove a document only if it is unpaid and as we left it; otherwise a person decides.

    `sure`: the remote is really gone, not just missing from a list that lags. In that case nothing
    is sent: if the answer got lost, nobody could tell that the removal was not ours.
    """
    if remote is None or remote.gone:
        if sure and _is_linked(desk, tx, operation):
            return _gone_before(desk, operation)
        paid = remote is None and kinds.of(operation.kind).record is RecordKind.PAYABLE
        if not paid or settled_by_ours(desk, tx, operation.link) is None:
            return operation
        return _removal_asks(operation, [])
    if is_ours_alone(desk, tx, Case(operation.link, remote, base)) and not paid_of(remote):
        return replace(operation, link=replace(operation.link, version=remote.version))
    return _removal_asks(operation, removal_differences(desk, tx, base, remote))


def _removal_asks(operation: Remove, differences: Sequence[Mapping[str, Any]]) -> Leave:
    """Ask a person about removing a document that was changed or paid."""
    facts = {**operation.facts, "differences": differences}
    kind, record_id, label = operation.kind, operation.record_id, operation.label
    return Leave(kind, record_id, label, "removal_asks", facts, stands=operation.link)


def _is_linked(desk: Desk, tx: Transaction, operation: Remove) -> bool:
    """Whether a removal is of the record's own document, and we never sent a removal before."""
    of = (tx, desk.integration.id, operation.kind)
    link = links.links_of(*of, [operation.record_id]).get(operation.record_id)
    own = link is not None and link.remote_id == operation.link.remote_id
    return own and not earlier.given_up(*of, operation.record_id, Action.REMOVE)


def _gone_before(desk: Desk, operation: Remove) -> Leave:
    """Report that somebody removed the document before we did."""
    kind, record_id, label = operation.kind, operation.record_id, operation.label
    past = removed(kind, operation.facts, desk.house.clock.now().date(), absent=True)
    gone = replace(operation.link, gone=True)
    return Leave(kind, record_id, label, past.code, dict(past.facts), stands=gone)


def remember(desk: Desk, tx: Transaction, planned: Sequence[Operation]) -> None:
    """Store what was found: which documents are gone, and which already agree with our records."""
    left = [one for one in planned if isinstance(one, Leave) and one.stands]
    gone = [one.stands for one in left if one.stands]
    agreed = {
        one.record_id: (one.link, one.base)
        for one in planned
        if isinstance(one, Keep) and one.link and one.base
    }
    agreed |= {one.record_id: (one.stands, one.base) for one in left if one.stands and one.base}
    found = [*(link for link in gone if link.gone), *(link for link, _ in agreed.values())]
    links.put_links(
        tx,
        desk.integration.id,
        _still_linked(desk, tx, found),
        by=desk.run.asked_by,
        now=desk.house.clock.now(),
        bases={record_id: base for record_id, (_, base) in agreed.items()},
    )


def _still_linked(desk: Desk, tx: Transaction, found: Sequence[Link]) -> list[Link]:
    """Drop the links that a person changed since the plan read them."""
    if not found:
        return []
    ids = [link.record_id for link in found]
    now = links.links_of(tx, desk.integration.id, found[0].kind, ids)
    return [
        link
        for link in found
        if link.record_id in now and now[link.record_id].remote_id == link.remote_id
    ]
