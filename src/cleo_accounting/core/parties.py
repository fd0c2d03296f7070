"""The plan of connections: which become vendors or customers, which are linked, which must wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cleo_accounting.core.links import Link, Origin, Party, Remote, RemoteKind
from cleo_accounting.core.match import Directory, flaw, mended
from cleo_accounting.core.plan import (
    Create,
    Keep,
    Leave,
    LinkTo,
    Operation,
    Update,
    Verdict,
    against_link,
    with_link,
)
from cleo_accounting.core.records import Connection, ConnectionStatus, fingerprint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

_CALLED = {
    RemoteKind.VENDOR: "a vendor",
    RemoteKind.CUSTOMER: "a customer",
    RemoteKind.EMPLOYEE: "an employee",
}
_SUFFIX = {RemoteKind.VENDOR: "Vendor", RemoteKind.CUSTOMER: "Customer"}


@dataclass(slots=True)
class PartyPlanner:
    """Plans connections one after the other; each sees the names that those before it took."""

    kind: RemoteKind
    links: Mapping[str, Link]
    directory: Directory
    verdicts: Mapping[str, Verdict]
    wanted: Collection[str] | None = None  # connections that need one; None: all of them
    _owners: dict[str, str] = field(default_factory=dict)  # remote id → a connection's id

    def __post_init__(self) -> None:
        self._owners = {link.remote_id: link.record_id for link in self.links.values()}

    def plan(self, connections: Sequence[Connection]) -> Iterator[Operation]:
        """Say the one thing to do for each."""
        for connection in connections:
            operation = with_link(self._one(connection), self.links.get(connection.id))
            self._remember(operation)
            yield operation

    def _one(self, connection: Connection) -> Operation:
        verdict = self.verdicts.get(connection.id)
        link = self.links.get(connection.id)
        if verdict and verdict.verdict == "leave_out":
            facts = {"by": verdict.by, "reason": verdict.value}
            return self._leave(connection, "left_out", **facts)
        if link:
            return self._linked(connection, link, verdict)
        if self.wanted is not None and connection.id not in self.wanted:
            return self._leave(connection, "not_a_vendor")
        if connection.status is ConnectionStatus.ARCHIVED:
            return self._leave(connection, "connection_archived")
        if connection.status is ConnectionStatus.PENDING:
            return self._leave(connection, "connection_pending")
        return self._unlinked(connection, verdict)

    def _linked(self, connection: Connection, link: Link, verdict: Verdict | None) -> Operation:
        if link.origin is not Origin.CREATED:
            return Keep(connection.id)  # a vendor that we did not write is not ours to change
        content = _party(connection, verdict)
        mark = fingerprint(content)
        operation = against_link(
            self.kind, connection.id, connection.name, content, mark, link, verdict
        )
        if isinstance(operation, Keep | Leave):
            return operation
        if problem := flaw(content.name):
            return self._leave(
                connection, "name_not_allowed", flaw=problem, proposed=mended(content.name)
            )
        holder = self._holder(content.name)
        ours = (self.kind, link.remote_id)
        if holder and holder.active and (holder.kind, holder.id) != ours:
            return self._taken(connection, content, holder)
        return operation

    def _unlinked(self, connection: Connection, verdict: Verdict | None) -> Operation:
        content = _party(connection, verdict)
        chosen = verdict is not None and verdict.verdict == "create_as"
        if problem := flaw(content.name):
            return self._leave(
                connection, "name_not_allowed", flaw=problem, proposed=mended(content.name)
            )
        if holder := self._holder(content.name):
            return self._held(connection, content, holder)
        alike = [
            one
            for one in self.directory.look_alikes(content.name, connection.email, self.kind)
            if one.remote.id not in self._owners
        ]
        if alike and not chosen:
            candidates = ", ".join(f"“{one.remote.name}” ({one.why})" for one in alike)
            ids = ",".join(one.remote.id for one in alike)
            return self._leave(connection, "look_alike", candidates=candidates, candidate_ids=ids)
        return Create(self.kind, connection.id, connection.name, content, fingerprint(content))

    def _holder(self, name: str) -> Remote | None:
        """Who keeps a name from us, or may be the very one we look for."""
        holder = self.directory.holder(name)
        # QuickBooks renames what is made inactive: the name is free again, but not forgotten.
        return holder if holder and (holder.active or holder.kind is self.kind) else None

    def _held(self, connection: Connection, content: Party, holder: Remote) -> Operation:
        if holder.kind is not self.kind or holder.id in self._owners:
            return self._taken(connection, content, holder)
        if not holder.active:
            return self._leave(connection, "inactive")
        return LinkTo(self.kind, connection.id, connection.name, holder, "same name")

    def _taken(self, connection: Connection, content: Party, holder: Remote) -> Leave:
        proposed = self.directory.free(content.name, _SUFFIX[self.kind])
        other = self._owners.get(holder.id) if holder.kind is self.kind else None
        if other:
            return self._leave(
                connection, "name_shared", other=other, theirs=holder.name, proposed=proposed
            )
        owner = _CALLED[holder.kind]
        return self._leave(connection, "name_taken", owner=owner, proposed=proposed)

    def _leave(self, connection: Connection, code: str, **facts: str) -> Leave:
        return Leave(
            self.kind, connection.id, connection.name, code, {"name": connection.name, **facts}
        )

    def _remember(self, operation: Operation) -> None:
        if isinstance(operation, LinkTo):
            self._owners[operation.remote.id] = operation.record_id
        elif isinstance(operation, Create | Update):
            assert isinstance(operation.content, Party)
            new = f"new:{operation.record_id}"
            remote_id = operation.link.remote_id if isinstance(operation, Update) else new
            self.directory.add(Remote(self.kind, remote_id, "0", operation.content.name))
            self._owners[remote_id] = operation.record_id


def _party(connection: Connection, verdict: Verdict | None) -> Party:
    name = connection.name
    if verdict and verdict.verdict == "create_as":
        name = verdict.value
    return Party(name=name.strip(), company_name=None, email=connection.email)
