"""The two sides of a comparison: what a record should be, and what was read from QuickBooks."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cleo_accounting.core.links import Document, Entry, Remote, Settlement
from cleo_accounting.core.plan import Leave, Operation, Verdict
from cleo_accounting.core.records import Money

NEXT_SYNC = "next_sync"  # used like the code of a cause: nothing blocks it
# Causes that wait only for an object that a sync creates first, if nothing prevents it.
_FOR_OTHERS = ("vendor_needed", "customer_needed", "bill_needed")


@dataclass(frozen=True, slots=True)
class Seen:
    """A live entry of ours in the provider's books, known by its marker or by a link."""

    remote_id: str
    number: str
    version: str
    marked: bool  # it has our marker and is not voided
    content: Entry | None
    balance: Money | None  # the open balance of a document; None: not reported

    @property
    def total(self) -> Money | None:
        """The total of the entry."""
        return self.content.total if self.content else None


@dataclass(frozen=True, slots=True)
class Planned:
    """What a sync would do about a record now, and what is known of it; see `Comparison.take`.

    `amount` is the record's own, negative if it lowers what is owed. `content`: the entry as it
    would be written now. `free`: fields of the entry for which no value can be expected.
    `waits_for`: the cause for which the record waits for a person, or `in_doubt`. `withdrawn`: why
    the record must have no entry; empty: it must have one.
    """

    record_id: str
    label: str
    amount: Money
    operation: Operation
    mark: str
    content: Entry
    written: Entry | None = None
    verdict: Verdict | None = None
    waits_for: str = ""
    withdrawn: str = ""
    free: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Why the record, or its change, is not sent: a code of core.causes, or `next_sync`."""
        if self.waits_for:
            return self.waits_for
        if isinstance(self.operation, Leave) and self.operation.code not in _FOR_OTHERS:
            return self.operation.code
        return NEXT_SYNC

    @property
    def is_left_out(self) -> bool:
        """Whether a person decided that the record is not sent."""
        return isinstance(self.operation, Leave) and self.operation.code == "left_out"

    @property
    def is_deleted_there(self) -> bool:
        """Whether the entry is known to be deleted, and a person is asked about it."""
        return isinstance(self.operation, Leave) and self.operation.code == "deleted_there"


def seen_of(remote: Remote, *, marked: bool) -> Seen:
    """Return an entry as seen by a comparison; `marked`: it has our marker."""
    content = remote.content if isinstance(remote.content, Entry) else None
    live = marked and content is not None and bool(content.total.minor or _uses_credits(content))
    return Seen(remote.id, remote.name, remote.version, live, content, _balance(remote))


def _uses_credits(content: Entry) -> bool:
    """Return whether a payment uses credits: with a total of zero, it is then not voided."""
    return isinstance(content, Settlement) and any(one.is_credit for one in content.applied)


def _balance(remote: Remote) -> Money | None:
    """Return the open balance of a document, if it is reported."""
    balance, content = remote.details.get("balance"), remote.content
    if not balance or not isinstance(content, Document):
        return None
    return Money.of(Decimal(balance), content.total.currency)
