"""Find what an inactive vendor or customer was merged into, from what our documents name now.

QuickBooks merges two names when a person renames one into the other: one becomes inactive, and
its documents belong to the other from then on. Only the documents show this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.kinds import ENTRIES, PARTIES
from cleo_accounting.core.links import Document, Remote, RemoteKind
from cleo_accounting.core.plan import MERGED_AWAY, Leave, Operation, Update
from cleo_accounting.flows.run.refresh import look_for_run
from cleo_accounting.store import links
from cleo_accounting.store.views import pairing

if TYPE_CHECKING:
    from cleo_accounting.flows.run.desk import Desk
    from cleo_accounting.flows.run.standing import There
    from cleo_accounting.store.database import Transaction

_LOOKED_AT = 3  # documents of each inactive vendor or customer

Survivors = Mapping[str, Remote | None]  # by the id of the inactive party; None: unknown


@dataclass(frozen=True, slots=True)
class _Inactive:
    """An inactive vendor or customer, and the connection that is linked to it."""

    connection_id: str
    remote_id: str
    name: str


def look_for_survivors(
    desk: Desk, kind: RemoteKind, planned: Sequence[Operation], there: There, known: Survivors
) -> Survivors:
    """Return what the inactive parties of a plan were merged into, added to those in `known`.

    Called outside any transaction. It reads a few of our documents of each, and only if a record
    is waiting for the party: reads are metered.

    Raises:
        Wait, Reconnect: the company cannot be read now.
    """
    wanted = {one.remote_id for one in _all_inactive(planned, there)} - known.keys()
    if not wanted:
        return known
    party = kinds.party_of(kind).remote
    with desk.transaction() as tx:
        ours = {remote_id: _documents(desk, tx, party, remote_id) for remote_id in wanted}
    ids = [document_id for some in ours.values() for document_id in some]
    now = desk.company.read(_document_of(party), ids) if ids else {}
    named = {
        remote_id: _named_by_all([now[one] for one in some if one in now])
        for remote_id, some in ours.items()
    }
    with desk.transaction() as tx:
        found = _survivors(desk, tx, party, named)
        unseen = any(
            links.remote(tx, desk.integration.id, party, one) is None
            for one in named.values()
            if one
        )
    if unseen:  # it was created after the lists were last read
        look_for_run(desk)
        with desk.transaction() as tx:
            found = _survivors(desk, tx, party, named)
    return {**known, **found}


def naming_survivors(planned: Sequence[Operation], survivors: Survivors) -> Iterator[Operation]:
    """Offer the survivor, if it is known, instead of asking about the merged-away party."""
    for operation in planned:
        gone = _left_inactive(operation)
        survivor = survivors.get(gone.remote_id) if gone else None
        if gone is None or survivor is None or not isinstance(operation, Leave):
            yield operation
            continue
        facts = {
            **operation.facts,
            "name": gone.name,
            "survivor": survivor.full_name,
            "candidate_ids": survivor.id,
            "connection_id": gone.connection_id,
            "party_id": gone.remote_id,
        }
        yield replace(operation, code=MERGED_AWAY, facts=facts)


def _all_inactive(planned: Sequence[Operation], there: There) -> Iterator[_Inactive]:
    for operation in planned:
        if gone := _left_inactive(operation):
            yield gone
        elif isinstance(operation, Update) and operation.kind in PARTIES:
            remote = there.remotes.get(operation.link.remote_id)
            if remote is not None and not remote.active:
                yield _Inactive(operation.record_id, remote.id, remote.full_name)


def _left_inactive(operation: Operation) -> _Inactive | None:
    """Return the inactive party that holds a record up, if our record was linked to it."""
    if not isinstance(operation, Leave) or operation.code != "inactive":
        return None
    name = str(operation.facts.get("name", ""))
    if operation.kind in ENTRIES:
        facts = operation.facts
        return _Inactive(str(facts["connection_id"]), str(facts["party_id"]), name)
    if operation.kind in PARTIES and operation.stands is not None:
        link = operation.stands
        return _Inactive(operation.record_id, link.remote_id, link.remote_name or name)
    return None


def _documents(desk: Desk, tx: Transaction, party: RemoteKind, remote_id: str) -> Sequence[str]:
    """Return the ids of the newest documents that we wrote for a party."""
    kind = _document_of(party)
    found = pairing.written_for(
        tx, desk.integration.business_id, desk.integration.id, kind, party, remote_id
    )
    ours = [
        document_id
        for document_id, written in found
        for content in [links.content(kind, written)]
        if isinstance(content, Document) and content.party_id == remote_id
    ]
    return ours[:_LOOKED_AT]


def _document_of(party: RemoteKind) -> RemoteKind:
    return kinds.party(party).document


def _named_by_all(documents: Sequence[Remote]) -> str | None:
    """Return the vendor or customer that all of these documents name; None if they disagree."""
    named = {one.content.party_id for one in documents if isinstance(one.content, Document)}
    return named.pop() if len(named) == 1 else None


def _survivors(
    desk: Desk, tx: Transaction, party: RemoteKind, named: Mapping[str, str | None]
) -> dict[str, Remote | None]:
    """Return the usable survivor of each inactive party, from what our documents name now."""
    found: dict[str, Remote | None] = {}
    for remote_id, named_now in named.items():
        remote = links.remote(tx, desk.integration.id, party, named_now) if named_now else None
        usable = remote is not None and remote.active and not remote.gone
        found[remote_id] = remote if usable and named_now != remote_id else None
    return found
