"""The plan of connections: which become vendors or customers, are linked, or wait."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.decision import Decision
from cleo_accounting.core.directory import is_below
from cleo_accounting.core.likeness import Likeness
from cleo_accounting.core.links import Link, Origin, Party, Remote, RemoteKind
from cleo_accounting.core.match import email_flaw, flaw
from cleo_accounting.core.plan import (
    Create,
    Keep,
    Leave,
    LinkTo,
    Operation,
    Update,
    Verdict,
    against_link,
    alone,
    with_link,
)
from cleo_accounting.core.records import Connection, ConnectionStatus, fingerprint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

from cleo_accounting.core.directory import Directory

NEW = "new:"  # prefix of the id of a party to be created; the connection's id follows

_HOW = {
    Origin.CREATED: "created for",
    Origin.LINKED: "linked to",
    Origin.MAPPED: "mapped to",
    Origin.MATCHED: "mapped to",
}


@dataclass(slots=True)
class PartyPlanner:
    """Plans connections one after the other; each sees the names that earlier ones took.

    `names` are the names of our connections by id; `wanted` the connections that need a vendor or
    customer (None: all of them).
    """

    kind: RemoteKind
    links: Mapping[str, Link]
    directory: Directory
    verdicts: Mapping[str, Verdict]
    wanted: Collection[str] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)  # remote id → connection id
    _planned: dict[str, Remote] = field(default_factory=dict)  # by connection id: created or linked

    def __post_init__(self) -> None:
        self._owners = {link.remote_id: link.record_id for link in self.links.values()}

    def plan(self, connections: Sequence[Connection]) -> Iterator[Operation]:
        """Yield one operation for each connection."""
        for connection in connections:
            planned = alone(
                self.kind, connection.id, connection.name, partial(self._one, connection)
            )
            operation = with_link(planned, self.links.get(connection.id))
            self._remember(operation)
            yield operation

    def _one(self, connection: Connection) -> Operation:
        verdict = self.verdicts.get(connection.id)
        link = self.links.get(connection.id)
        if verdict and verdict.verdict == Decision.LEAVE_OUT:
            facts = {"by": verdict.by, "reason": verdict.value}
            return self._leave(connection, "left_out", **facts)
        if link:
            return self._linked(connection, link, verdict)
        if quiet := self._not_needed(connection):
            return quiet
        if verdict and verdict.verdict == Decision.SAME_AS:
            return self._same_as(connection, verdict)
        return self._unlinked(connection, verdict)

    def _not_needed(self, connection: Connection) -> Leave | None:
        """Return why a connection needs no vendor or customer now, or None."""
        if self.wanted is not None and connection.id not in self.wanted:
            return self._leave(connection, "not_a_vendor")
        if connection.status is ConnectionStatus.ARCHIVED:
            return self._leave(connection, "connection_archived")
        if connection.status is ConnectionStatus.PENDING:
            return self._leave(connection, "connection_pending")
        return None

    def _linked(self, connection: Connection, link: Link, verdict: Verdict | None) -> Operation:
        if link.origin is not Origin.CREATED:
            return Keep(connection.id)  # we never change a vendor that we did not create
        content, notes = _party(connection, verdict)
        mark = fingerprint(content)
        operation = against_link(
            self.kind, connection.id, connection.name, content, mark, link, verdict
        )
        if isinstance(operation, Keep | Leave):
            return operation
        if problem := flaw(content.name):
            return self._flawed(connection, content, problem)
        held = [one for one in self.directory.holders(content.name) if one.active]
        ours = (self.kind, link.remote_id)
        if held and ours not in {(one.kind, one.id) for one in held}:
            return self._taken(connection, content, held[0])
        return _noted(operation, notes)

    def _same_as(self, connection: Connection, verdict: Verdict) -> Operation:
        """Use the vendor or customer of another connection, as a person decided."""
        other, name = verdict.value, self._name(verdict.value)
        link, planned = self.links.get(other), self._planned.get(other)
        if link and not link.gone:
            remote = Remote(self.kind, link.remote_id, link.version, link.remote_name or name)
        elif planned:
            remote = planned
        else:
            why = "settle that connection first."
            needed = {"name": name, "why": why}
            return self._leave(connection, kinds.party(self.kind).needed, **needed)
        why = f"the same as your connection “{name}”"
        facts = {"as": other, "by": verdict.by}
        return LinkTo(self.kind, connection.id, connection.name, remote, why, facts)

    def _unlinked(self, connection: Connection, verdict: Verdict | None) -> Operation:
        content, notes = _party(connection, verdict)
        chosen = verdict is not None and verdict.verdict == Decision.CREATE_AS
        problem = flaw(content.name)
        holder = None if problem else self._holder(content.name)
        if holder and holder.active and chosen and is_below(holder):
            return self._taken(connection, content, holder)
        if holder and (holder.active or not chosen):
            return self._held(connection, content, holder)
        like = self.directory.below(content.name, self.kind) or self.directory.like(
            content.name, connection.email, self.kind
        )
        if like and not chosen:
            return self._alike(connection, like)
        if problem:
            return self._flawed(connection, content, problem)
        create = Create(self.kind, connection.id, connection.name, content, fingerprint(content))
        return _noted(create, notes)

    def _holder(self, name: str) -> Remote | None:
        """Return the remote that occupies a name, or that may be the match we are looking for."""
        # QuickBooks renames inactive parties: the name is free again, but may still be a match.
        held = (one for one in self.directory.holders(name) if one.active or one.kind is self.kind)
        return next(held, None)

    def _held(self, connection: Connection, content: Party, holder: Remote) -> Operation:
        if holder.kind is not self.kind or holder.id in self._owners:
            return self._taken(connection, content, holder)
        if not holder.active:
            return self._leave(connection, "inactive")
        several = [
            Likeness(one, "same name", 100)
            for one in self.directory.holders(content.name)
            if one.kind is self.kind and one.active and one.id not in self._owners
        ]
        if len(several) > 1 and holder.name.strip() != content.name:
            return self._alike(connection, several)
        if is_below(holder):  # same name, but below another customer: perhaps a different one
            return self._alike(connection, [Likeness(holder, f"a sub-{self.kind}", 99)])
        return LinkTo(self.kind, connection.id, connection.name, holder, "same name")

    def _taken(self, connection: Connection, content: Party, holder: Remote) -> Leave:
        proposed = self.directory.free(content.name, kinds.of(self.kind).title)
        other = self._owners.get(holder.id) if holder.kind is self.kind else None
        if other:
            facts = {
                "other": self._name(other),
                "other_id": other,
                "theirs": holder.name,
                "how": self._how(other),
                "proposed": proposed,
            }
            if not holder.id.startswith(NEW):
                facts["candidate_ids"] = holder.id
            return self._leave(connection, "name_shared", **facts)
        owner = kinds.of(holder.kind).one
        return self._leave(connection, "name_taken", owner=owner, proposed=proposed)

    def _alike(self, connection: Connection, alike: Sequence[Likeness]) -> Leave:
        facts = {
            "candidates": ", ".join(self._candidate(one) for one in alike),
            "proposed": self.directory.mended(connection.name, kinds.of(self.kind).title),
        }
        known = [one.remote.id for one in alike if not one.remote.id.startswith(NEW)]
        if known:
            facts["candidate_ids"] = ",".join(known)
        other = self._owners.get(alike[0].remote.id)
        if other:
            facts |= {"other": self._name(other), "other_id": other}
        return self._leave(connection, "look_alike", **facts)

    def _candidate(self, one: Likeness) -> str:
        why = one.why if one.remote.active else f"{one.why}, made inactive"
        if other := self._owners.get(one.remote.id):
            why += f"; {self._how(other)} your connection “{self._name(other)}”"
        return f"“{one.remote.full_name}” ({why})"

    def _how(self, other: str) -> str:
        """Return how another connection came to the vendor or customer that it has, in words."""
        link = self.links.get(other)
        planned = self._planned.get(other)
        if link:
            return _HOW[link.origin]
        if planned and planned.id.startswith(NEW):
            return "new in the same sync for"
        return _HOW[Origin.LINKED]

    def _name(self, connection_id: str) -> str:
        return self.names.get(connection_id, connection_id)

    def _flawed(self, connection: Connection, content: Party, problem: str) -> Leave:
        proposed = self.directory.mended(content.name, kinds.of(self.kind).title)
        return self._leave(connection, "name_not_allowed", flaw=problem, proposed=proposed)

    def _leave(self, connection: Connection, code: str, **facts: str) -> Leave:
        return Leave(
            self.kind, connection.id, connection.name, code, {"name": connection.name, **facts}
        )

    def _remember(self, operation: Operation) -> None:
        if isinstance(operation, LinkTo):
            self._planned[operation.record_id] = operation.remote
            self._owners.setdefault(operation.remote.id, operation.record_id)
        elif isinstance(operation, Create | Update):
            assert isinstance(operation.content, Party)
            new = f"{NEW}{operation.record_id}"
            remote_id = operation.link.remote_id if isinstance(operation, Update) else new
            details = {"email": operation.content.email} if operation.content.email else {}
            remote = Remote(self.kind, remote_id, "0", operation.content.name, details=details)
            self.directory.add(remote)
            self._planned[operation.record_id] = remote
            self._owners[remote_id] = operation.record_id


def _noted(operation: Operation, notes: Mapping[str, str]) -> Operation:
    """Add notes on what is left out, and why, to an operation that writes."""
    if notes and isinstance(operation, Create | Update):
        return replace(operation, notes=notes)
    return operation


def _party(connection: Connection, verdict: Verdict | None) -> tuple[Party, Mapping[str, str]]:
    """Return the party to write for a connection, and notes on what is left out of it."""
    name = connection.name
    if verdict and verdict.verdict == Decision.CREATE_AS:
        name = verdict.value
    email = (connection.email or "").strip() or None
    problem = email_flaw(email) if email else None
    party = Party(name=name.strip(), company_name=None, email=None if problem else email)
    return party, {"email": email, "email_flaw": problem} if email and problem else {}
