"""Twins: documents entered by people in QuickBooks that may equal ones about to be sent."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Self

from cleo_accounting.core import kinds
from cleo_accounting.core.decision import Decision
from cleo_accounting.core.links import Document, Remote
from cleo_accounting.core.numbers import number_key
from cleo_accounting.core.plan import Create, Leave, LinkTo
from cleo_accounting.core.records import Money

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from cleo_accounting.core.links import Expense, Settlement
    from cleo_accounting.core.plan import Verdict

DAYS_APART_MAX = 7  # between the dates of two documents with the same total


@dataclass(frozen=True, slots=True)
class Twin:
    """A document or payment in QuickBooks that may be the same as one of ours, and why.

    `open_minor` is the unpaid part of its total; None if QuickBooks does not report it.
    """

    remote_id: str
    number: str
    dated: date
    total_minor: int
    currency: str
    open_minor: int | None
    same_number: bool
    same_total: bool

    def __str__(self) -> str:
        """Return a description for the text of a cause."""
        named = f"number {self.number}" if self.number else "one without a number"
        return f"{named} of {self.dated.isoformat()} over {self.total} ({self.payment}; {self.why})"

    @property
    def total(self) -> Money:
        """The total of the twin."""
        return Money(self.total_minor, self.currency)

    @property
    def payment(self) -> str:
        """How much of the twin is paid, in one word."""
        if self.open_minor is None or self.open_minor == self.total_minor:
            return "open"
        return "part-paid" if self.open_minor else "paid"

    @property
    def why(self) -> str:
        """What the twin has in common with our document."""
        if self.same_number and self.same_total:
            return "same number and total"
        return "same number" if self.same_number else "same total"

    def as_facts(self) -> dict[str, object]:
        """Return the twin as the data that is stored with an operation."""
        return {**asdict(self), "dated": self.dated.isoformat()}


@dataclass(frozen=True, slots=True)
class Words:
    """The decisions of people about twins, by record id: which one is the record, which are not."""

    same: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, Collection[str]] = field(default_factory=dict)

    @classmethod
    def about(
        cls,
        creates: Iterable[Create],
        verdicts: Mapping[str, Verdict],
        others: Mapping[str, Verdict],
    ) -> Self:
        """Return the decisions about records that are about to be created.

        `others`: the decisions about which entries in QuickBooks a record is not.
        """
        same = {
            one.record_id: word.value
            for one in creates
            if (word := verdicts.get(one.record_id)) and word.verdict == Decision.LINK_TO
        }
        return cls(same, {record_id: word.value.split() for record_id, word in others.items()})

    def undecided(
        self, create: Create, found: Iterable[Twin], owners: Mapping[str, str]
    ) -> list[Twin]:
        """Return the twins that may be a record, without those decided not to be it.

        Twins that are linked to other records are left out, too. `owners` maps each entry in
        QuickBooks to the record that it is linked to.
        """
        others = self.others.get(create.record_id, ())
        return [
            one
            for one in found
            if one.remote_id not in others
            and owners.get(one.remote_id, create.record_id) == create.record_id
        ]


class Twins:
    """The documents in QuickBooks that resemble the ones about to be created.

    The `creates` are compared by party and number, and by party and total; `seen` are documents of
    the same parties, of which only those that resemble a create are kept.
    """

    def __init__(self, creates: Iterable[Create], seen: Iterable[Remote]) -> None:
        wanted = [one.content for one in creates if isinstance(one.content, Document)]
        numbers = {(one.party_id, number_key(one.number)) for one in wanted}
        totals = {(one.party_id, one.total) for one in wanted}
        self._numbered: dict[tuple[str, str], list[Remote]] = defaultdict(list)
        self._totalled: dict[tuple[str, Money], list[Remote]] = defaultdict(list)
        known: set[str] = set()
        for remote in seen:
            theirs = remote.content
            if remote.id in known or not isinstance(theirs, Document):
                continue
            known.add(remote.id)
            if (key := (theirs.party_id, number_key(theirs.number))) in numbers:
                self._numbered[key].append(remote)
            if (pair := (theirs.party_id, theirs.total)) in totals:
                self._totalled[pair].append(remote)

    @property
    def ids(self) -> Collection[str]:
        """The ids of the known documents that resemble one of those about to be created."""
        some = (*self._numbered.values(), *self._totalled.values())
        return {one.id for remotes in some for one in remotes}

    def numbered(self, content: Document) -> Sequence[Remote]:
        """Return the documents with the same party and number, no matter who entered them."""
        return self._numbered.get((content.party_id, number_key(content.number)), ())

    def of(self, content: Document) -> list[Twin]:
        """Return the twins of a document, with the best evidence first."""
        numbered = self.numbered(content)
        totalled = self._totalled.get((content.party_id, content.total), ())
        found = {one.id: twin for one in (*numbered, *totalled) if (twin := twin_of(content, one))}
        return sorted(found.values(), key=lambda twin: _distance(twin, content.dated))


def twin_of(content: Document, remote: Remote) -> Twin | None:
    """Return a document as a twin of this one if it may be the same, or None.

    A document with our marker is ours, and one without an amount was voided; neither is a twin.
    """
    theirs = remote.content
    if not isinstance(theirs, Document) or theirs.party_id != content.party_id:
        return None
    if remote.gone or remote.details.get("marker") or not theirs.total.minor:
        return None
    number = bool(content.number) and number_key(theirs.number) == number_key(content.number)
    near = abs((theirs.dated - content.dated).days) <= DAYS_APART_MAX
    total = theirs.total == content.total
    if not number and not (total and near):
        return None
    return Twin(
        remote_id=remote.id,
        number=theirs.number,
        dated=theirs.dated,
        total_minor=theirs.total.minor,
        currency=theirs.total.currency,
        open_minor=_open(remote, theirs.total.currency),
        same_number=number,
        same_total=total,
    )


def payment_twin(remote: Remote, theirs: Settlement | Expense) -> Twin:
    """Return a payment or an expense of the same total as a twin of the one to be recorded."""
    return Twin(
        remote_id=remote.id,
        number=remote.name,
        dated=theirs.dated,
        total_minor=theirs.total.minor,
        currency=theirs.total.currency,
        open_minor=0,
        same_number=False,
        same_total=True,
    )


def payment_taken(
    create: Create, content: Settlement | Expense, remote: Remote, owner: str | None
) -> str | None:
    """Return why a payment or expense in QuickBooks belongs to another payment of ours, or None.

    `owner`: the record that it is linked to.
    """
    if remote.details.get("marker", content.marker) != content.marker:
        return "Cleo Pay recorded it for another payment"
    if owner is not None and owner != create.record_id:
        return "it is linked to another payment"
    return None


def settle(
    create: Create,
    twins: Twins,
    named: Mapping[str, Remote],
    words: Words,
    owners: Mapping[str, str],
) -> Create | LinkTo | Leave:
    """Decide about a document that is to be created: create it, link it, or ask a person.

    `named` are the documents to which people decided to link records; `owners` maps each document
    in QuickBooks to the record that it is linked to.
    """
    content = create.content
    assert isinstance(content, Document)
    if same := words.same.get(create.record_id):
        there = named.get(same)
        return link_as_told(create, there, _unfit(create, content, there, owners.get(same)))
    if found := words.undecided(create, twins.of(content), owners):
        return ask(create, found)
    # QuickBooks refuses a duplicate number unless the request explicitly allows it.
    others = words.others.get(create.record_id, ())
    shared = any(one.id in others for one in twins.numbered(content))
    return replace(create, number_again=True) if shared else create


def link_as_told(create: Create, remote: Remote | None, unfit: str | None) -> LinkTo | Leave:
    """Link a record to the document or payment that a person named, unless that is unfit."""
    if unfit is not None:
        facts = {"name": create.label, "why": unfit}
        return Leave(
            create.kind, create.record_id, create.label, "cannot_link", facts, mark=create.mark
        )
    assert remote is not None
    why = "a person said that it is this one"
    return LinkTo(
        create.kind,
        create.record_id,
        create.label,
        remote,
        why,
        content=create.content,
        mark=create.mark,
    )


def _unfit(
    create: Create, content: Document, remote: Remote | None, owner: str | None
) -> str | None:
    """Return why a document cannot be linked to a record, or None."""
    if remote is None or remote.gone:
        return "it is no longer in QuickBooks"
    theirs = remote.content
    if not isinstance(theirs, Document) or not theirs.total.minor:
        return "it was voided in QuickBooks"
    if theirs.party_id != content.party_id:
        return f"it is of another {kinds.of(kinds.document(create.kind).party).noun}"
    if remote.details.get("marker", content.marker) != content.marker:
        return "Cleo Pay wrote it for another record"
    if owner is not None and owner != create.record_id:
        return "it is linked to another record"
    return None


def ask(create: Create, found: Sequence[Twin]) -> Leave:
    """Ask a person whether one of the twins is the document that is to be created."""
    kind = kinds.of(create.kind)
    told = "; ".join(str(twin) for twin in found)
    facts = {
        "number": create.label,
        "which": kind.one if len(found) == 1 else f"{len(found)} {kind.plural}",
        "described": told,
        "twins": [twin.as_facts() for twin in found],
    }
    return Leave(
        create.kind, create.record_id, create.label, "possible_duplicate", facts, mark=create.mark
    )


def _open(remote: Remote, currency: str) -> int | None:
    balance = remote.details.get("balance")
    try:
        return Money.of(balance, currency).minor if balance else None
    except ValueError:
        return None


def _distance(twin: Twin, dated: date) -> tuple[bool, bool, int, str]:
    days = abs((twin.dated - dated).days)
    return not (twin.same_number and twin.same_total), not twin.same_number, days, twin.remote_id
