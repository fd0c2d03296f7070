"""A comparison's findings: how our records and the entries in QuickBooks differ, to the cent."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from cleo_accounting.core.causes import CAUSES
from cleo_accounting.core.contrast import Contrast
from cleo_accounting.core.kinds import PAYMENTS
from cleo_accounting.core.links import Link, RemoteKind
from cleo_accounting.core.records import Money

if TYPE_CHECKING:
    from collections.abc import Iterable

LINKED_BY_HAND = "; a person entered it in QuickBooks, where it is linked."


class Outcome(StrEnum):
    """What a comparison came to; the later, the more there is to do."""

    EQUAL = "equal"  # everything that is to be there is there, once, and equal
    UNSENT = "unsent"  # equal as far as it was sent; something is not sent yet
    DIFFERS = "differs"  # something that was sent is not there as it should be


class Finding(StrEnum):
    """How the two sides differ about one document or payment."""

    MISSING = "missing"  # written, and no longer there
    DIFFERING = "differing"  # there, with another field or line
    TWICE = "twice"  # there more than once
    WITHDRAWN = "withdrawn"  # there, though it was declined or cancelled here
    EXTRA = "extra"  # there with our mark, and nothing here says that it should be
    PAID = "paid"  # there and equal, but settled in part or in full by what is not ours


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
        """The words by which a person mends it; copies are removed all together."""
        if self.finding is Finding.MISSING:
            return ("create_again", "leave_out")
        if self.finding is Finding.WITHDRAWN and self.said.endswith(LINKED_BY_HAND):
            return ("remove_there", "unlink")
        if self.finding is Finding.PAID or (self.fields and self.kind in PAYMENTS):
            return ("keep_theirs",)  # nothing of a recorded payment is ever changed
        return ("keep_theirs", "send_ours") if self.fields else ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was compared of an entry that differs: a person's word on it is about this."""

    mark: str  # of our record
    version: str  # of theirs
    content: str  # of theirs, canonical JSON


@dataclass(slots=True)
class Apart:
    """Records of one sort that are not compared for one reason, and what they come to."""

    code: str  # of core.causes, or `next_sync`
    sort: str = "document"
    number: int = 0
    worth: dict[str, int] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What people call the reason."""
        return CAUSES[self.code].title if self.code in CAUSES else "Waits for the next sync"


@dataclass(slots=True)
class PartyBalance:
    """What is open of the documents of one vendor or customer, by currency, in minor units.

    `ours`: what was sent or decided, less the payments that we recorded; `theirs`: as QuickBooks
    says of the same documents. Kinds with a negative sign lower both.
    """

    party_id: str = ""
    name: str = ""
    ours: dict[str, int] = field(default_factory=dict)
    theirs: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Open:
    """What is open with all vendors, or all customers; `differing` are those where it differs."""

    party: RemoteKind
    parties: int = 0
    total: PartyBalance = field(default_factory=PartyBalance)
    differing: list[PartyBalance] = field(default_factory=list)


@dataclass(slots=True)
class Reconciliation:
    """What one kind of document or payment adds up to; amounts by currency, in minor units.

    `ours` is what should be there by what was sent, or as a person decided; `theirs` is what is.
    `open`: the balances of the party, with the first kind of document that names it.
    """

    kind: RemoteKind
    equal: int = 0
    accepted: int = 0  # differ, as a person decided
    not_sent: int = 0
    changes: int = 0  # in QuickBooks as last sent; changed or cancelled here since
    foreign: int = 0  # over there without our mark: none of our business
    ours: dict[str, int] = field(default_factory=dict)
    theirs: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)  # what is not sent comes to
    unsent: list[Apart] = field(default_factory=list)  # by why
    changed: list[Apart] = field(default_factory=list)  # by why the change is not sent
    kept_out: list[Apart] = field(default_factory=list)  # not to be sent, by why
    discrepancies: list[Discrepancy] = field(default_factory=list)
    evidence: dict[str, Evidence] = field(default_factory=dict)  # by record
    # Ours by their mark, alone, in the place of one that is gone: somebody who saw two kept them.
    instead: list[Link] = field(default_factory=list)
    open: Open | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing of this kind was compared or waits."""
        counts = (self.equal, self.accepted, self.not_sent, self.changes)
        return not any(counts) and not self.discrepancies

    @property
    def outcome(self) -> Outcome:
        """What it came to."""
        if self.discrepancies or self.ours != self.theirs or (self.open and self.open.differing):
            return Outcome.DIFFERS
        return Outcome.UNSENT if self.not_sent or self.changes else Outcome.EQUAL

    @property
    def agrees(self) -> bool:
        """Whether everything is sent, and there once, and equal to the cent."""
        return self.outcome is Outcome.EQUAL


def outcome_of(kinds: Iterable[Reconciliation]) -> Outcome:
    """Say what the comparison of several kinds came to."""
    found = {one.outcome for one in kinds}
    return max(found, key=list(Outcome).index, default=Outcome.EQUAL)
