"""The two sides of a comparison: what a record should be, and what was seen in QuickBooks."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cleo_accounting.core.links import Document, Entry, Remote, Settlement
from cleo_accounting.core.plan import Leave, Operation, Verdict
from cleo_accounting.core.records import Money

NEXT_SYNC = "next_sync"  # beside the codes of causes: nothing holds it up
# A sync makes these first, if nothing forbids it.
_FOR_OTHERS = ("vendor_needed", "customer_needed", "bill_needed")


@dataclass(frozen=True, slots=True)
class Seen:
    """A live entry over there that is ours, by its mark or by a link."""

    remote_id: str
    number: str
    version: str
    marked: bool  # ours by its mark, and not voided
    content: Entry | None
    balance: Money | None  # what is open of a document; None: it does not say

    @property
    def total(self) -> Money | None:
        """What it comes to."""
        return self.content.total if self.content else None


@dataclass(frozen=True, slots=True)
class Planned:
    """What a sync would do about a record now, and what is known of it; see `Comparison.take`.

    `amount` is the record's own, and negative where it lowers what is owed. `content`: as it would
    be written now. `free`: fields of it that nobody can expect.
    `waits_for`: the cause for which it waits for a person, or `in_doubt`. `withdrawn`: why nothing
    of it is to stand over there; empty: it is to.
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
        """Whether a person decided that it is not sent."""
        return isinstance(self.operation, Leave) and self.operation.code == "left_out"

    @property
    def is_deleted_there(self) -> bool:
        """Whether it is known to be gone, and a person is asked about it."""
        return isinstance(self.operation, Leave) and self.operation.code == "deleted_there"


def seen_of(remote: Remote, *, marked: bool) -> Seen:
    """Return what was seen of an entry; `marked`: it has our mark."""
    content = remote.content if isinstance(remote.content, Entry) else None
    live = marked and content is not None and bool(content.total.minor or _uses_credits(content))
    return Seen(remote.id, remote.name, remote.version, live, content, _balance(remote))


def _uses_credits(content: Entry) -> bool:
    """Whether a payment stands though it comes to nothing: credits pay all of it."""
    return isinstance(content, Settlement) and any(one.is_credit for one in content.applied)


def _balance(remote: Remote) -> Money | None:
    """What is open of a document, where it says so."""
    balance, content = remote.details.get("balance"), remote.content
    if not balance or not isinstance(content, Document):
        return None
    return Money.of(Decimal(balance), content.total.currency)
