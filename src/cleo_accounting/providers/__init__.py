"""The interface to an accounting product: authorization, reads, writes and their outcomes."""

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
    """The OAuth tokens of a company. `SecretStr` keeps them out of every repr, log and message."""

    access_token: SecretStr
    refresh_token: SecretStr
    expires_at: datetime
    refresh_expires_at: datetime
    hard_expires_at: datetime | None = None  # no refresh extends it (Intuit: five years)


class GrantKeeper(Protocol):
    """Holds a company's grant: returns the newest, and refreshes it with one call at a time."""

    def current(self) -> Grant:
        """Return the newest grant, refreshed first if its access token is about to expire."""
        ...

    def renew(self, refused: Grant) -> Grant:
        """Return a grant that is newer than the refused one.

        Raises:
            Reconnect: no newer grant can be obtained.
        """
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """The write succeeded: the remote's id and new version, and the total of a document."""

    remote_id: str
    version: str
    name: str = ""
    total: Money | None = None
    tid: str | None = None
    gone: bool = False  # the write was a removal
    absent: bool = False  # the remote to remove did not exist any more
    content: Content | None = None  # the remote's content now, as the response states it
    details: Mapping[str, str] = field(default_factory=dict)  # see `Remote.details`


@dataclass(frozen=True, slots=True)
class Refused:
    """The write was rejected and changed nothing.

    `code` is one of our causes (`core.causes`); `provider_code` is the provider's own code.
    """

    code: str
    message: str
    provider_code: str | None = None
    tid: str | None = None
    existing_id: str | None = None  # the remote that has the number or name, if reported
    length_max: int | None = None  # the longest text allowed, if a text was too long


@dataclass(frozen=True, slots=True)
class Doubtful:
    """The outcome of the write is unknown: look for its effect before sending it again."""

    message: str
    tid: str | None = None


Outcome = Written | Refused | Doubtful


@dataclass(frozen=True, slots=True)
class Order:
    """One write, rendered to its final bytes by `Company.render`, and its key within a batch.

    `item_key` identifies the order in its batch: at most 10 characters, the same on every resend.
    """

    item_key: str
    kind: RemoteKind
    body: str
    currency: str


@dataclass(frozen=True, slots=True)
class Sought:
    """The search terms that find the remote of a record, such as after a write in doubt."""

    record_id: str
    name: str | None = None  # parties, items
    marker: str | None = None  # documents
    number: str | None = None
    party_id: str | None = None
    dated: date | None = None
    total: Money | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """The remotes that changed, and the cursor from which to ask for changes next time."""

    remotes: Sequence[Remote]
    cursor: datetime
    complete: bool = True  # False: changes are missing, so read the lists in full


@dataclass(frozen=True, slots=True)
class Usage:
    """The number of requests sent to a company's books since they were opened."""

    requests: int = 0
    batches: int = 0
    reads: int = 0  # metered by Intuit
    throttled: int = 0


class Company(Protocol):
    """The books of one connected company, open for reading and writing. Thread-safe.

    The version of a remote is a whole number, as text, that grows with each change; a new remote
    has version “0”. The ids of document lines are stable.

    Every method may raise `Throttled`, `Unavailable` (both: nothing was done) or `Reconnect`.
    `write` raises them only if it is certain that nothing was done; otherwise it returns
    `Doubtful`.
    """

    batch_size: int
    batches_at_once: int

    def describe(self) -> Profile:
        """Return the company's profile: its name, its currency and what its settings allow."""
        ...

    def all(self, kind: RemoteKind) -> Iterator[Remote]:
        """Read the whole list of a kind page by page, including inactive entries."""
        ...

    def changes(self, kinds: Sequence[RemoteKind], since: datetime) -> Changes:
        """Return the remotes that changed since a moment, with some overlap."""
        ...

    def read(self, kind: RemoteKind, ids: Sequence[str]) -> Mapping[str, Remote]:
        """Read remotes by id; an id that is missing from the result does not exist."""
        ...

    def find(self, kind: RemoteKind, sought: Sequence[Sought]) -> Mapping[str, Sequence[Remote]]:
        """Find the remotes that we may have written: map each record id to its live matches.

        Among vendors and customers, inactive ones count only if no active one matches: a person
        may have merged the party into another.
        """
        ...

    def resembling(
        self, kind: RemoteKind, sought: Sequence[Sought], *, days: int
    ) -> Iterator[Remote]:
        """Read entries of the sought parties that have a sought number or a date near a sought one.

        Expenses are searched by total and date. The result may contain other entries of these
        parties, and duplicates, but never an entry of another party.
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
        """Render a create to the bytes to send.

        With a link, render a sparse update with all of our content instead: for a remote that we
        wrote and that no list shows yet.
        """
        ...

    def render_update(self, kind: RemoteKind, amendment: Amendment, there: Remote) -> str:
        """Render a sparse update of a remote; fields outside the amendment do not change."""
        ...

    def render_removal(self, kind: RemoteKind, link: Link, note: str | None = None) -> str:
        """Render a removal: bills and expenses are deleted, invoices and payments are voided.

        `note` replaces the private note of a voided entry.
        """
        ...

    def next_version(self, version: str) -> str:
        """Return the version that a remote of this version has after one write."""
        ...

    def write(
        self, orders: Sequence[Order], *, key: str, leaves_by: float | None = None
    ) -> Sequence[Outcome]:
        """Send at most `batch_size` orders as one batch; return one outcome per order, in order.

        `key` is the idempotency key of the batch: resending the same orders under it is safe as
        far as the product honours it. From `leaves_by` on (the clock's monotonic seconds), no
        part of the batch is sent any more.
        """
        ...

    def usage(self) -> Usage:
        """Return the number of requests sent to the product so far."""
        ...


class Provider(Protocol):
    """An accounting product: authorizes us, and opens the books of companies."""

    name: str

    def authorization_url(self, state: str, redirect_uri: str) -> str:
        """Return the URL of the consent page to which the user is sent."""
        ...

    def answers_as(self, issuer: str) -> bool:
        """Return whether a callback with this issuer (empty: none) can come from the product.

        Raises:
            Unavailable: the product's metadata cannot be read.
        """
        ...

    def exchange(self, code: str, redirect_uri: str, state: str) -> Grant:
        """Exchange the callback's code for a grant; `state` is the one in the authorization URL.

        Raises:
            Invalid: the code is used, expired or not ours.
            Unavailable: there is no usable response.
        """
        ...

    def refresh(self, grant: Grant) -> Grant:
        """Exchange the refresh token for a new grant.

        Raises:
            Reconnect: the product reports that the grant is no longer valid.
            Unavailable: there is no usable response; the grant may still be valid.
        """
        ...

    def revoke(self, grant: Grant) -> None:
        """Revoke the grant.

        Raises:
            Unavailable: there is no usable response; try again later.
        """
        ...

    def address_of(self, kind: str, remote_id: str) -> str | None:
        """Return the URL of the page that shows a remote to a person; None if there is none."""
        ...

    def open(self, company_id: str, keeper: GrantKeeper) -> Company:
        """Open a company's books. The company id is bound to every call made through them."""
        ...

    def close(self) -> None:
        """Close the connections to the product."""
        ...
