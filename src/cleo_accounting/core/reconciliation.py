"""The findings of a comparison: how our records and the entries in QuickBooks differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from cleo_accounting.core.causes import CAUSES
from cleo_accounting.core.contrast import Contrast
from cleo_accounting.core.decision import Decision
from cleo_accounting.core.kinds import PAYMENTS
from cleo_accounting.core.links import Link, RemoteKind
from cleo_accounting.core.records import Money

if TYPE_CHECKING:
    from collections.abc import Iterable

LINKED_BY_HAND = "; a person entered it in QuickBooks, where it is linked."


class Outcome(StrEnum):
    """The outcome of a comparison; a later member means that more remains to be done."""

    EQUAL = "equal"  # every expected entry exists once and is equal
    UNSENT = "unsent"  # everything sent is equal, but something is not sent yet
    DIFFERS = "differs"  # something that was sent is missing or different


class Finding(StrEnum):
    """How the two sides differ in one document or payment."""

    MISSING = "missing"  # written, but it no longer exists
    DIFFERING = "differing"  # a field or line differs
    TWICE = "twice"  # more than one entry exists
    WITHDRAWN = "withdrawn"  # still in the books, though declined or cancelled in Cleo Pay
    EXTRA = "extra"  # has our marker, but no record of ours accounts for it
    PAID = "paid"  # equal, but settled in part or in full by others


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One document or payment that differs, and how, in words and field by field."""

    kind: RemoteKind
    record_id: str
    label: str
    finding: Finding
    said: str
    ours: Money | None = None
    theirs: Money | None = None
    remote_ids: tuple[str, ...] = ()
    fields: tuple[Contrast, ...] = ()

    @property
    def decisions(self) -> tuple[str, ...]:
        """The decisions that resolve it; copies are removed all at once instead."""
        if self.finding is Finding.MISSING:
            return (Decision.CREATE_AGAIN, Decision.LEAVE_OUT)
        if self.finding is Finding.WITHDRAWN and self.said.endswith(LINKED_BY_HAND):
            return (Decision.REMOVE_THERE, Decision.UNLINK)
        if self.finding is Finding.PAID or (self.fields and self.kind in PAYMENTS):
            return (Decision.KEEP_THEIRS,)  # a recorded payment is never changed
        return (Decision.KEEP_THEIRS, Decision.SEND_OURS) if self.fields else ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The state of a differing entry when it was compared; a person's decision refers to it."""

    mark: str  # fingerprint of our record
    version: str  # version of the remote
    content: str  # of the remote, as canonical JSON


@dataclass(slots=True)
class Apart:
    """Records of one sort that are excluded for the same reason, and their total."""

    code: str  # of core.causes, or `next_sync`
    sort: str = "document"
    number: int = 0
    worth: dict[str, int] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The title of the reason, for people."""
        return CAUSES[self.code].title if self.code in CAUSES else "Waits for the next sync"


@dataclass(slots=True)
class PartyBalance:
    """The open balance of one vendor or customer, by currency, in minor units.

    `ours`: what was sent or decided, less the payments that we recorded; `theirs`: as QuickBooks
    reports it for the same documents. Kinds with a negative sign lower both.
    """

    party_id: str = ""
    name: str = ""
    ours: dict[str, int] = field(default_factory=dict)
    theirs: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Open:
    """The open balances of all vendors or all customers; `differing` lists those that differ."""

    party: RemoteKind
    parties: int = 0
    total: PartyBalance = field(default_factory=PartyBalance)
    differing: list[PartyBalance] = field(default_factory=list)


@dataclass(slots=True)
class Reconciliation:
    """The result of comparing one kind; amounts by currency, in minor units.

    `ours` is what QuickBooks should have by what was sent, or as a person decided; `theirs` is what
    it has. `open`: the balances of the parties, on the first kind of document that names them.
    """

    kind: RemoteKind
    equal: int = 0
    accepted: int = 0  # differ, by decision of a person
    not_sent: int = 0
    changes: int = 0  # in QuickBooks as last sent, but changed or cancelled since
    foreign: int = 0  # in the books without our marker: not ours to compare
    ours: dict[str, int] = field(default_factory=dict)
    theirs: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)  # the total of what is not sent
    unsent: list[Apart] = field(default_factory=list)  # by reason
    changed: list[Apart] = field(default_factory=list)  # by the reason why the change is not sent
    kept_out: list[Apart] = field(default_factory=list)  # not to be sent, by reason
    discrepancies: list[Discrepancy] = field(default_factory=list)
    evidence: dict[str, Evidence] = field(default_factory=dict)  # by record
    # Entries with our marker that replace a linked one that is gone: a person who saw two deleted
    # the linked one.
    instead: list[Link] = field(default_factory=list)
    open: Open | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing of this kind was compared or waits."""
        counts = (self.equal, self.accepted, self.not_sent, self.changes)
        return not any(counts) and not self.discrepancies

    @property
    def outcome(self) -> Outcome:
        """The outcome for this kind."""
        if self.discrepancies or self.ours != self.theirs or (self.open and self.open.differing):
            return Outcome.DIFFERS
        return Outcome.UNSENT if self.not_sent or self.changes else Outcome.EQUAL

    @property
    def agrees(self) -> bool:
        """Whether everything is sent, exists once, and is equal to the cent."""
        return self.outcome is Outcome.EQUAL


def outcome_of(kinds: Iterable[Reconciliation]) -> Outcome:
    """Return the outcome of the comparison of several kinds."""
    found = {one.outcome for one in kinds}
    return max(found, key=list(Outcome).index, default=Outcome.EQUAL)
