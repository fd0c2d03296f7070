"""A comparison of several kinds as one, and its headline in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cleo_accounting.core.reconciliation import Apart, Outcome, Reconciliation, outcome_of
from cleo_accounting.core.records import Money


@dataclass(slots=True)
class Summary:
    """What all kinds of a comparison add up to."""

    outcome: Outcome = Outcome.EQUAL
    equal: int = 0
    accepted: int = 0
    not_sent: int = 0
    changes: int = 0
    differing: int = 0
    waiting: dict[str, int] = field(default_factory=dict)
    unsent: list[Apart] = field(default_factory=list)
    changed: list[Apart] = field(default_factory=list)
    kept_out: list[Apart] = field(default_factory=list)

    @property
    def headline(self) -> str:
        """Say the outcome in one or two sentences."""
        said = [self._first()]
        if self.outcome is Outcome.DIFFERS and (self.not_sent or self.changes):
            said.append(f"{self.pending[0].upper()}{self.pending[1:]}.")
        if self.accepted:
            stay = "stays" if self.accepted == 1 else "stay"
            said.append(f"{_counted(self.accepted)} {stay} as QuickBooks has it, by a decision.")
        return " ".join(said)

    @property
    def pending(self) -> str:
        """Say what is not sent yet; empty: nothing."""
        parts: list[str] = []
        if self.not_sent:
            are = "is" if self.not_sent == 1 else "are"
            worth = amounts(self.waiting)
            worth = f" worth {worth}" if worth else ""
            parts.append(f"{_counted(self.not_sent)}{worth} {are} not sent")
        if self.changes:
            are = "change is" if self.changes == 1 else "changes are"
            parts.append(f"{self.changes:,} {are} not sent")
        return ", and ".join(parts)

    def _first(self) -> str:
        if self.outcome is Outcome.DIFFERS:
            differ = "differs" if self.differing == 1 else "differ"
            return f"{_counted(self.differing)} {differ}."
        if self.outcome is Outcome.UNSENT:
            return f"All sent documents are equal; {self.pending}."
        return "Equal to the cent."


def summary(kinds: Sequence[Reconciliation]) -> Summary:
    """Add up all kinds."""
    whole = Summary(outcome_of(kinds))
    for one in kinds:
        whole.equal += one.equal
        whole.accepted += one.accepted
        whole.not_sent += one.not_sent
        whole.changes += one.changes
        whole.differing += len(one.discrepancies)
        _add(whole.waiting, one.waiting)
        _merge(whole.unsent, one.unsent)
        _merge(whole.changed, one.changed)
        _merge(whole.kept_out, one.kept_out)
    return whole


def amounts(sums: Mapping[str, int]) -> str:
    """Write sums by currency."""
    return ", ".join(str(Money(minor, currency)) for currency, minor in sorted(sums.items()))


def _merge(groups: list[Apart], more: Sequence[Apart]) -> None:
    for one in more:
        known = next((each for each in groups if each.code == one.code), None)
        if known is None:
            groups.append(Apart(one.code, one.number, dict(one.worth)))
        else:
            known.number += one.number
            _add(known.worth, one.worth)


def _add(sums: dict[str, int], more: Mapping[str, int]) -> None:
    for currency, minor in more.items():
        sums[currency] = sums.get(currency, 0) + minor


def _counted(number: int) -> str:
    return f"{number:,} {'document' if number == 1 else 'documents'}"
