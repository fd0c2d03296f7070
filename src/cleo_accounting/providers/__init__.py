"""The contract with an accounting product: let in, look, write, and say what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from pydantic import SecretStr

from cleo_accounting.core.amend import Amendment
from cleo_accounting.core.links import Content, Link, Profile, Remote, RemoteKind
from cleo_accounting.core.records import Money


@dataclass(frozen=True, slots=True)
class Grant:
    """The tokens that let us in. By their type, their text shows in no repr, log or message."""

    access_token: SecretStr
    refresh_token: SecretStr
    expires_at: datetime
    refresh_expires_at: datetime
    hard_expires_at: datetime | None = None  # no refresh helps beyond this (five years at Intuit)


class GrantKeeper(Protocol):
    """Who holds a company's grant: gives the newest, and renews it with one call in flight."""

    def current(self) -> Grant:
        """Give the newest grant; renew it first if its access token is about to expire."""
        ...

    def renew(self, refused: Grant) -> Grant:
        """Give a grant newer than one that was refused.

        Raises:
            Reconnect: there is none to be had.
        """
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """It was done; the remote's id and new version, and for a document its total over there."""

    remote_id: str
    version: str
    name: str = ""
    total: Money | None = None
    tid: str | None = None
    gone: bool = False  # the thing done was a removal
    absent: bool = False  # and there was nothing left to remove
    content: Content | None = None  # as the answer says it stands there now
    details: Mapping[str, str] = field(default_factory=dict)  # and what a remote has besides


@dataclass(frozen=True, slots=True)
class Refused:
    """It was definitely not done. `code` is ours (core.causes); `provider_code` is theirs."""

    code: str
    message: str
    provider_code: str | None = None
    tid: str | None = None
    existing_id: str | None = None  # who has the number or the name already, where they say so
    length_max: int | None = None  # how long a text may be that was too long, where they say so


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Nobody knows whether it was done: look before asking again."""

    message: str
    tid: str | None = None


Outcome = Written | Refused | Doubtful


@dataclass(frozen=True, slots=True)
class Order:
    """One write, frozen: what `Company.render` made of an operation, and its place in a batch.

    `item_key` names it inside its batch (at most 10 characters, the same on every resend).
    """

    item_key: str
    kind: RemoteKind
    body: str
    currency: str


@dataclass(frozen=True, slots=True)
class Sought:
    """What to look for when a write's outcome is unknown."""

    record_id: str
    name: str | None = None  # parties, items
    marker: str | None = None  # documents
    number: str | None = None
    party_id: str | None = None
    dated: date | None = None
    total: Money | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed over there, and where to ask from next time."""

    remotes: Sequence[Remote]
    cursor: datetime
    complete: bool = True  # False: too much or too old to tell; read the lists anew


@dataclass(frozen=True, slots=True)
class Usage:
    """What a company's books have cost us since they were opened."""

    requests: int = 0
    batches: int = 0
    reads: int = 0  # metered by Intuit
    throttled: int = 0


class Company(Protocol):
    """One connected company's books, open for reading and writing. Threads may share it.

    The version of a remote is a whole number, as text, that grows with each change of it; “0” is
    that of what nobody has changed. Lines of documents have ids that stay.

    Every method may raise `Throttled`, `Unavailable` (both: nothing was done) or `Reconnect`.
    `write` raises them only when it is certain that nothing was done, else answers `Doubtful`.
    """

    batch_size: int
    batches_at_once: int

    def describe(self) -> Profile:
        """Say who this company is and what its settings allow."""
        ...

    def all(self, kind: RemoteKind) -> Iterator[Remote]:
        """Read a whole list, inactive entries too, page by page."""
        ...

    def changes(self, kinds: Sequence[RemoteKind], since: datetime) -> Changes:
        """Read what changed since a moment, with overlap."""
        ...

    def read(self, kind: RemoteKind, ids: Sequence[str]) -> Mapping[str, Remote]:
        """Read some by id; one that is absent from the answer is not there."""
        ...

    def find(self, kind: RemoteKind, sought: Sequence[Sought]) -> Mapping[str, Sequence[Remote]]:
        """Look for what we may have written: record id to every live remote that is it.

        Of parties, an inactive one where no active one is it: a person may have merged it away.
        """
        ...

    def resembling(
        self, kind: RemoteKind, sought: Sequence[Sought], *, days: int
    ) -> Iterator[Remote]:
        """Read entries of the same parties that have a sought number, or a date near one.

        Expenses are sought by their totals and dates. It may give others of these parties, and one
        of them twice; never one of another party.
        """
        ...

    def render(
        self,
        kind: RemoteKind,
        content: Content,
        *,
        link: Link | None = None,
        allow_duplicate_number: bool = False,
    ) -> str:
        """Freeze a create into the bytes to send.

        With a link: a sparse update with all that we say, for what no list shows yet.
        """
        ...

    def render_update(self, kind: RemoteKind, amendment: Amendment, there: Remote) -> str:
        """Freeze a sparse update of what stands there: what it does not name stays as it is."""
        ...

    def render_removal(self, kind: RemoteKind, link: Link, note: str | None = None) -> str:
        """Freeze a removal: bills and expenses are deleted, invoices and payments voided.

        `note`: what a voided one says of itself from then on.
        """
        ...

    def next_version(self, version: str) -> str:
        """Say which version one write makes of this one."""
        ...

    def write(
        self, orders: Sequence[Order], *, key: str, leaves_by: float | None = None
    ) -> Sequence[Outcome]:
        """Write at most `batch_size` orders as one batch under `key`; one outcome each, in order.

        The same key with the same orders is safe to send again as far as the product honours it.
        `leaves_by`: of the clock's monotonic seconds; from then on nothing of it leaves any more.
        """
        ...

    def usage(self) -> Usage:
        """Say what was asked of the product so far."""
        ...


class Provider(Protocol):
    """An accounting product: how to be let in, and how to open a company's books."""

    name: str

    def authorization_url(self, state: str, redirect_uri: str) -> str:
        """Say where to send the user."""
        ...

    def answers_as(self, issuer: str) -> bool:
        """Return whether a callback that names this issuer (empty: none) can be the product's own.

        Raises:
            Unavailable: the product does not say how it answers.
        """
        ...

    def exchange(self, code: str, redirect_uri: str, state: str) -> Grant:
        """Turn the callback's code into a grant; `state` is that of the sign-in's address.

        Raises:
            Invalid: the code is used, expired or not ours.
            Unavailable: no sensible answer.
        """
        ...

    def refresh(self, grant: Grant) -> Grant:
        """Get a newer grant.

        Raises:
            Reconnect: the product says that the grant is no longer valid.
            Unavailable: no sensible answer; the grant may still be good.
        """
        ...

    def revoke(self, grant: Grant) -> None:
        """Give the grant back.

        Raises:
            Unavailable: no sensible answer; try again later.
        """
        ...

    def address_of(self, kind: str, remote_id: str) -> str | None:
        """Say where a person sees a remote; None where there is no such page."""
        ...

    def open(self, company_id: str, keeper: GrantKeeper) -> Company:
        """Open a company's books. The company id is bound to every call made through them."""
        ...

    def close(self) -> None:
        """Let its connections go."""
        ...
