"""A second accounting product, unlike QuickBooks, whose books are a dictionary.

A batch has two orders, vendors and customers may share a name, numbers may repeat, a version
grows by ten with each write, and everything that is removed from the books is deleted.
"""

# ruff: noqa: ARG002  the contract has arguments that a dictionary does not need
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from pydantic import SecretStr

from cleo_accounting.core import kinds
from cleo_accounting.core.amend import Amendment
from cleo_accounting.core.links import (
    Content,
    Document,
    Entry,
    Link,
    Party,
    Profile,
    Remote,
    RemoteKind,
    Settlement,
)
from cleo_accounting.core.records import Money
from cleo_accounting.providers import (
    Changes,
    Company,
    Doubtful,
    Grant,
    GrantKeeper,
    Order,
    Outcome,
    Refused,
    Sought,
    Usage,
    Written,
)

COMPANY_ID = "77001"
_ADDRESS = "https://ledger.test/allow"
_FIRST = "0"  # the version of an entry that nobody has changed


@dataclass
class Clock:
    """A clock that advances only when somebody sleeps."""

    moment: datetime = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
    waited: float = 0.0

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.waited

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.waited += seconds


@dataclass(frozen=True)
class Kept:
    """An entry of the books in its current state."""

    kind: RemoteKind
    id: str
    content: Any
    changed: datetime
    version: str = _FIRST
    gone: bool = False
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Books:
    """The books of a company, and what happens to a batch on its way."""

    clock: Clock
    kept: dict[tuple[RemoteKind, str], Kept] = field(default_factory=dict)
    answers: dict[str, Sequence[Outcome]] = field(default_factory=dict)
    fate: list[str] = field(default_factory=list)  # of the next batches: "lost answer" or "lost"
    batches: int = 0

    def put(self, kind: RemoteKind, content: Any, **details: str) -> str:
        """Add an entry to the books; return its id."""
        made = Kept(kind, str(100 + len(self.kept)), content, self.clock.now(), details=details)
        self.kept[kind, made.id] = made
        return made.id

    def change(self, kind: RemoteKind, remote_id: str, **changes: Any) -> Kept:
        """Change an entry of the books and its version; return the changed entry."""
        now = self.kept[kind, remote_id]
        known = {"version": _next(now.version), "changed": self.clock.now()}
        self.kept[kind, remote_id] = replace(now, **{**known, **changes})
        return self.kept[kind, remote_id]

    def live(self, kind: RemoteKind) -> list[Kept]:
        """Return the entries of a kind that are not deleted."""
        return [one for one in self.kept.values() if one.kind is kind and not one.gone]

    def paying(self, document_id: str) -> list[tuple[str, Money]]:
        """Return the ids of the payments of a document, and the amount that each applies to it."""
        paid = [one for kind in kinds.PAYMENTS for one in self.live(kind)]
        return [
            (one.id, part.amount)
            for one in paid
            for part in one.content.applied
            if part.document_id == document_id
        ]

    def seen(self, one: Kept) -> Remote:
        """Return an entry in the form in which the service reads it."""
        content, details = one.content, dict(one.details)
        if isinstance(content, Entry):
            paying = self.paying(one.id)
            left = content.total.minor - sum(part.minor for _, part in paying)
            open_ = Money(left, content.total.currency)
            details |= {
                "number": content.number,
                "note": content.note,
                "party_id": content.party_id,
                "currency": content.total.currency,
                "total": str(content.total.decimal),
                "balance": str(open_.decimal),
                "dated": content.dated.isoformat(),
                "marker": content.marker,
                "payments": " ".join(payment for payment, _ in paying),
            }
        name = content.number if isinstance(content, Entry) else content.name
        return Remote(
            one.kind, one.id, one.version, name, gone=one.gone, details=details, content=content
        )


@dataclass
class Ledger:
    """The books of the company, open for the service (`providers.Company`)."""

    books: Books
    batch_size: int = 2
    batches_at_once: int = 1
    asked: int = 0

    def describe(self) -> Profile:
        return Profile(COMPANY_ID, "Dictionary & Sons", "US", "USD", names_by_kind=True)

    def all(self, kind: RemoteKind) -> Iterator[Remote]:
        return map(self.books.seen, self.books.live(kind))

    def changes(self, of: Sequence[RemoteKind], since: datetime) -> Changes:
        changed = [
            self.books.seen(one)
            for one in self.books.kept.values()
            if one.kind in of and one.changed >= since
        ]
        return Changes(changed, self.books.clock.now())

    def read(self, kind: RemoteKind, ids: Sequence[str]) -> Mapping[str, Remote]:
        return {one.id: one for one in self.all(kind) if one.id in ids}

    def find(self, kind: RemoteKind, sought: Sequence[Sought]) -> Mapping[str, Sequence[Remote]]:
        found = {
            one.record_id: [there for there in self.all(kind) if _is_it(there, one)]
            for one in sought
        }
        return {record_id: hits for record_id, hits in found.items() if hits}

    def resembling(
        self, kind: RemoteKind, sought: Sequence[Sought], *, days: int
    ) -> Iterator[Remote]:
        parties = {one.party_id for one in sought}
        return (one for one in self.all(kind) if one.details["party_id"] in parties)

    def render(
        self,
        kind: RemoteKind,
        content: Content,
        *,
        link: Link | None = None,
        allow_duplicate_number: bool = False,
    ) -> str:
        return _body(content, link.remote_id if link else None, link.version if link else None)

    def render_update(self, kind: RemoteKind, amendment: Amendment, there: Remote) -> str:
        return _body(amendment.content, there.id, there.version)

    def render_removal(self, kind: RemoteKind, link: Link, note: str | None = None) -> str:
        return _body(None, link.remote_id, link.version)

    def next_version(self, version: str) -> str:
        return _next(version)

    def write(
        self, orders: Sequence[Order], *, key: str, leaves_by: float | None = None
    ) -> Sequence[Outcome]:
        assert len(orders) <= self.batch_size
        self.asked += 1
        self.books.batches += 1
        fate = self.books.fate.pop(0) if self.books.fate else ""
        if fate != "lost" and key not in self.books.answers:
            self.books.answers[key] = [self._done(one) for one in orders]
        return [Doubtful("no answer")] * len(orders) if fate else self.books.answers[key]

    def usage(self) -> Usage:
        return Usage(requests=self.asked, batches=self.books.batches)

    def _done(self, order: Order) -> Outcome:
        """Carry out one order, or return why it is refused."""
        body = msgspec.json.decode(order.body)
        there = self.books.kept.get((order.kind, body["id"] or ""))
        if body["id"] and (there is None or there.gone):
            return Refused("gone", "it is not there")
        if there and there.version != body["version"]:
            return Refused("stale", "somebody changed it")
        if body["content"] is None:
            assert there is not None
            gone = self.books.change(order.kind, there.id, gone=True)
            self._touched(gone)
            return Written(gone.id, gone.version, gone=True)
        content = msgspec.convert(body["content"], kinds.written(order.kind), strict=False)
        content = _with_line_ids(content)
        if there:
            made = self.books.change(order.kind, there.id, content=content)
        elif isinstance(content, Party) and _taken(self.books.live(order.kind), content.name):
            return Refused("name_taken", "somebody has this name")
        else:
            made = self.books.kept[order.kind, self.books.put(order.kind, content)]
        self._touched(made)
        seen = self.books.seen(made)
        of = content.total if isinstance(content, Entry) else None
        return Written(made.id, made.version, seen.name, of, content=content, details=seen.details)

    def _touched(self, payment: Kept) -> None:
        """Count a payment as a change of the documents that it pays."""
        if isinstance(payment.content, Settlement):
            for document_id in dict.fromkeys(one.document_id for one in payment.content.applied):
                kind = kinds.payment(payment.kind).document
                self.books.change(kind, document_id)


def _with_line_ids(content: Content) -> Content:
    """Give each new line of a document an id that identifies it later."""
    if not isinstance(content, Document):
        return content
    lines = [replace(one, id=one.id or str(at)) for at, one in enumerate(content.lines, 1)]
    return replace(content, lines=tuple(lines))


def _next(version: str) -> str:
    return str(int(version) + 10)


def _body(content: Content | None, remote_id: str | None, version: str | None) -> str:
    told = {"id": remote_id, "version": version, "content": content}
    return msgspec.json.encode(told).decode()


def _is_it(there: Remote, sought: Sought) -> bool:
    if sought.marker:
        return there.details.get("marker") == sought.marker
    return there.name.casefold() == (sought.name or "").casefold()


def _taken(parties: Sequence[Kept], name: str) -> bool:
    return any(one.content.name.casefold() == name.casefold() for one in parties)


@dataclass
class Bookkeeping:
    """The accounting product (`providers.Provider`): it grants access and opens the books."""

    books: Books
    name: str = "ledger"

    def authorization_url(self, state: str, redirect_uri: str) -> str:
        return f"{_ADDRESS}?state={state}"

    def answers_as(self, issuer: str) -> bool:
        return not issuer

    def exchange(self, code: str, redirect_uri: str, state: str) -> Grant:
        return self._grant()

    def refresh(self, grant: Grant) -> Grant:
        return self._grant()

    def revoke(self, grant: Grant) -> None:
        """Do nothing: a grant of this product needs no revocation."""

    def address_of(self, kind: str, remote_id: str) -> str | None:
        return None

    def open(self, company_id: str, keeper: GrantKeeper) -> Company:
        keeper.current()
        return Ledger(self.books)

    def close(self) -> None:
        """Do nothing: this product holds no connections."""

    def _grant(self) -> Grant:
        ends = self.books.clock.now() + timedelta(days=30)
        return Grant(SecretStr("access"), SecretStr("refresh"), ends, ends)
