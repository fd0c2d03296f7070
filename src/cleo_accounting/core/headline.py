"""The summary of a comparison of several kinds, and its headline in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cleo_accounting.core import kinds
from cleo_accounting.core.kinds import ENTRIES
from cleo_accounting.core.reconciliation import Apart, Open, Outcome, Reconciliation, outcome_of
from cleo_accounting.core.records import Money


@dataclass(slots=True)
class Tally:
    """The sum of all kinds of one sort (documents or payments); sorts are never added up."""

    sort: str
    equal: int = 0
    accepted: int = 0
    not_sent: int = 0
    changes: int = 0
    differing: int = 0
    waiting: dict[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of this sort was compared or waits."""
        return not (self.equal or self.accepted or self.not_sent or self.changes or self.differing)


@dataclass(slots=True)
class Summary:
    """The sum of all kinds of a comparison, by sort, with the open balances of each party."""

    outcome: Outcome = Outcome.EQUAL
    tallies: list[Tally] = field(default_factory=list)
    unsent: list[Apart] = field(default_factory=list)
    changed: list[Apart] = field(default_factory=list)
    kept_out: list[Apart] = field(default_factory=list)
    opens: list[Open] = field(default_factory=list)

    @property
    def equal(self) -> int:
        """The number of documents and payments that are equal."""
        return sum(one.equal for one in self.tallies)

    @property
    def accepted(self) -> int:
        """The number that differ because a person decided so."""
        return sum(one.accepted for one in self.tallies)

    @property
    def not_sent(self) -> int:
        """The number that are not sent."""
        return sum(one.not_sent for one in self.tallies)

    @property
    def changes(self) -> int:
        """The number of changes that are not sent."""
        return sum(one.changes for one in self.tallies)

    @property
    def differing(self) -> int:
        """The number that differ."""
        return sum(one.differing for one in self.tallies)

    @property
    def sorts(self) -> str:
        """The sorts that were compared, in the plural: documents, and payments if there are any."""
        named = [f"{one.sort}s" for one in self.tallies if not one.is_empty]
        return " and ".join(named) or "documents"

    @property
    def headline(self) -> str:
        """The outcome in one or two sentences."""
        said = [self._first()]
        if self.outcome is Outcome.DIFFERS and self.pending:
            said.append(f"{self.pending[0].upper()}{self.pending[1:]}.")
        if self.accepted:
            stay, it = ("stays", "it") if self.accepted == 1 else ("stay", "them")
            kept = _listed([(one.sort, one.accepted, {}) for one in self.tallies])
            said.append(f"{kept} {stay} as QuickBooks has {it}, by a decision.")
        return " ".join(said)

    @property
    def pending(self) -> str:
        """A phrase for what is not sent yet; empty if everything is sent."""
        parts: list[str] = []
        if self.not_sent:
            are = "is" if self.not_sent == 1 else "are"
            some = _listed([(one.sort, one.not_sent, one.waiting) for one in self.tallies])
            parts.append(f"{some} {are} not sent")
        if self.changes:
            are = "change is" if self.changes == 1 else "changes are"
            parts.append(f"{self.changes:,} {are} not sent")
        return ", and ".join(parts)

    def _first(self) -> str:
        if self.outcome is Outcome.DIFFERS and self.differing:
            differ = "differs" if self.differing == 1 else "differ"
            return f"{_listed([(one.sort, one.differing, {}) for one in self.tallies])} {differ}."
        if self.outcome is Outcome.DIFFERS:
            return "The sums differ."
        if self.outcome is Outcome.UNSENT:
            return f"All sent {self.sorts} are equal; {self.pending}."
        return "Equal to the cent."


def summary(found: Sequence[Reconciliation]) -> Summary:
    """Add up all kinds of a comparison, separately for each sort."""
    sorts = dict.fromkeys(kinds.entry(kind).sort for kind in ENTRIES)
    tallies = {sort: Tally(sort) for sort in sorts}
    whole = Summary(outcome_of(found), list(tallies.values()))
    for one in found:
        tally = tallies[kinds.entry(one.kind).sort]
        tally.equal += one.equal
        tally.accepted += one.accepted
        tally.not_sent += one.not_sent
        tally.changes += one.changes
        tally.differing += len(one.discrepancies)
        _add(tally.waiting, one.waiting)
        _merge(whole.unsent, one.unsent)
        _merge(whole.changed, one.changed)
        _merge(whole.kept_out, one.kept_out)
        if one.open:
            whole.opens.append(one.open)
    return whole


def amounts(sums: Mapping[str, int]) -> str:
    """Return sums by currency as text."""
    return ", ".join(str(Money(minor, currency)) for currency, minor in sorted(sums.items()))


def _merge(groups: list[Apart], more: Sequence[Apart]) -> None:
    for one in more:
        of = (one.code, one.sort)
        known = next((each for each in groups if (each.code, each.sort) == of), None)
        if known is None:
            groups.append(Apart(one.code, one.sort, one.number, dict(one.worth)))
        else:
            known.number += one.number
            _add(known.worth, one.worth)


def _add(sums: dict[str, int], more: Mapping[str, int]) -> None:
    for currency, minor in more.items():
        sums[currency] = sums.get(currency, 0) + minor


def _listed(counts: Sequence[tuple[str, int, Mapping[str, int]]]) -> str:
    """Return the count of each sort and its amount as text."""
    said = []
    for sort, number, sums in counts:
        if number:
            worth = f" worth {amounts(sums)}" if sums else ""
            said.append(f"{number:,} {sort if number == 1 else f'{sort}s'}{worth}")
    return " and ".join(said)
