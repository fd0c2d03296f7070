"""Plan vendors and customers, and link connections to parties that others share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from cleo_accounting.core import kinds
from cleo_accounting.core.directory import Directory
from cleo_accounting.core.links import Base, Link, Origin, Party, Remote, RemoteKind
from cleo_accounting.core.parties import NEW, PartyPlanner
from cleo_accounting.core.plan import LinkTo, Operation
from cleo_accounting.core.records import RecordKind
from cleo_accounting.core.states import Action, ItemState
from cleo_accounting.flows.apart import within
from cleo_accounting.flows.run.aside import set_aside
from cleo_accounting.flows.run.desk import Desk
from cleo_accounting.flows.run.propose import names_among
from cleo_accounting.flows.run.settle import link_to
from cleo_accounting.store import decisions, earlier, joining, links, operations, records, sharing
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.integrations import Integration
from cleo_accounting.store.operations import Row
from cleo_accounting.store.runs import Run


def planner(tx: Transaction, run: Run, integration: Integration, kind: RemoteKind) -> PartyPlanner:
    """Return the planner of a run's vendors or customers."""
    everyone = records.labels(tx, run.business_id, RecordKind.CONNECTION)
    return PartyPlanner(
        kind=kind,
        links=links.links_of(tx, integration.id, kind),
        directory=Directory(_seen(tx, run, integration, kind)),
        verdicts=decisions.verdicts_of(tx, integration.id, kind),
        wanted=wanted(tx, run.business_id, kind, everyone),
        names=everyone,
    )


def wanted(
    tx: Transaction, business_id: str, kind: RemoteKind, everyone: Collection[str]
) -> set[str]:
    """Return the ids of the connections that should be parties of a kind."""
    party, roles = kinds.party(kind), records.connections_by_role(tx, business_id)
    named = set(roles[party.role])
    if party.by_default:
        named |= set(everyone).difference(*roles.values())
    return named & set(everyone)


def _seen(tx: Transaction, run: Run, integration: Integration, of: RemoteKind) -> Sequence[Remote]:
    """Return the parties among which names of a kind have to be unique.

    In a preview they are as they would be after its earlier stages.
    """
    among = names_among(integration, of)
    seen = {
        (kind, remote.id): remote
        for kind in among
        for remote in links.remotes_of(tx, integration.id, kind)
    }
    if run.dry_run:
        for kind in among:
            for row in earlier.planned(tx, run.id, kind, (Action.CREATE, Action.UPDATE)):
                content = links.content(kind, row.content or "")
                assert isinstance(content, Party)
                remote_id = row.remote_id or f"{NEW}{row.record_id}"
                seen[kind, remote_id] = Remote(kind, remote_id, "0", content.name)
    return list(seen.values())


def link_at_once(desk: Desk, tx: Transaction, planned: Sequence[Operation]) -> set[str]:
    """Link records to existing remotes together with the plan: nothing has to be sent for it.

    Returns the ids of the records that cannot be linked, because another record is linked by now.
    """
    now = desk.house.clock.now()
    there = [one for one in planned if isinstance(one, LinkTo) and not is_new(one.remote.id)]
    found = [link_to(one.record_id, one.remote, one.mark) for one in there if not one.facts]
    # Where a person entered something that differs from our record, that stays the person's.
    bases = {one.record_id: Base(one.content, one.content) for one in there if one.content}
    by = desk.run.asked_by
    held = joining.join(tx, desk.integration.id, found, by=by, now=now, bases=bases)
    for one in there:
        if one.facts:
            shared = _shared(one.record_id, one.remote)
            held |= joining.join(tx, desk.integration.id, [shared], by=one.facts["by"], now=now)
    return held


def is_new(remote_id: str) -> bool:
    """Whether the id stands for something that the plan has yet to create."""
    return remote_id.startswith(NEW)


def share(desk: Desk, kind: RemoteKind) -> None:
    """Link connections to a party created in this run for another connection, once it exists."""
    with desk.transaction() as tx:
        if not sharing.only_links_wait(tx, desk.run.id, kind):
            return
        rows = sharing.waiting_links(tx, desk.run.id, kind)
        others = links.links_of(tx, desk.integration.id, kind, [_other(row) for row in rows])

        def link(some: Sequence[Row]) -> None:
            for row in some:
                _share(desk, tx, row, others.get(_other(row)))

        within(tx, rows, link, lambda row, trouble: set_aside(desk, tx, row, trouble))


def _share(desk: Desk, tx: Transaction, row: Row, link: Link | None) -> None:
    """Link a connection to the party of another one, or record that the party was not created."""
    now, facts = desk.house.clock.now(), dict(row.facts or {})
    if link is None or link.gone:
        needed = {"name": facts["name"], "why": "it could not be created."}
        left = {"id": row.id, "state": ItemState.LEFT, "code": kinds.party(row.kind).needed}
        operations.settle(tx, [{**left, "facts": needed}], now)
        return
    remote = Remote(row.kind, link.remote_id, link.version, link.remote_name)
    settled = {
        "id": row.id,
        "state": ItemState.WRITTEN,
        "remote_id": remote.id,
        "remote_name": remote.name,
        "version": remote.version,
        "facts": facts,
    }
    operations.settle(tx, [settled], now)
    shared = _shared(row.record_id, remote)
    links.put_links(tx, desk.integration.id, [shared], by=facts["by"], now=now)


def _other(row: Row) -> str:
    return str((row.facts or {})["as"])


def _shared(record_id: str, remote: Remote) -> Link:
    """Return a link to another connection's party, as a person decided."""
    return replace(link_to(record_id, remote), origin=Origin.MAPPED)
