"""Reconciliation: our payables beside the documents over there, one by one, to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from cleo_accounting.core.fields import lines_total, record_of
from cleo_accounting.core.links import (
    FIRST_VERSION,
    Document,
    Link,
    Origin,
    Remote,
    RemoteKind,
)
from cleo_accounting.core.records import Money, Payable, PayableStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

_INSTEAD = "The one we wrote was deleted there; this one, with our mark, takes its place."
_MATCHED = "It was withdrawn here; a person entered it in QuickBooks, and it is linked."
_WITHDRAWN = (PayableStatus.DECLINED, PayableStatus.CANCELLED)


class Finding(StrEnum):
    """How the two sides differ about one document."""

    MISSING = "missing"  # written, and no longer there
    DIFFERING = "differing"  # there, with another total or other lines
    TWICE = "twice"  # there more than once
    WITHDRAWN = "withdrawn"  # there, though it was declined or cancelled here
    EXTRA = "extra"  # there with our mark, and nothing here says that it should be


@dataclass(frozen=True, slots=True)
class Seen:
    """A live document over there, reduced to what is compared."""

    remote_id: str
    number: str
    marked: bool  # ours by its mark, and not voided
    total: Money | None
    lines: tuple[int, ...]  # amounts in minor units, in no order


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One document about which the two sides differ, and how, in words."""

    kind: RemoteKind
    record_id: str
    label: str
    finding: Finding
    said: str
    ours: Money | None = None
    theirs: Money | None = None
    remote_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class Reconciliation:
    """What one kind of document adds up to; amounts by currency, in minor units."""

    kind: RemoteKind
    equal: int = 0
    not_sent: int = 0
    foreign: int = 0  # over there without our mark: none of our business
    ours: dict[str, int] = field(default_factory=dict)
    theirs: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    discrepancies: list[Discrepancy] = field(default_factory=list)
    # Ours by their mark, alone, in the place of one that is gone: somebody who saw two kept them.
    instead: list[Link] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether every document is there once, and equal to the cent."""
        return not self.discrepancies and self.ours == self.theirs


class Comparison:
    """Compares one kind: first everything over there, then our payables page by page.

    `before`: the links from before anything was read. What a run writes while we read is then
    neither missing nor extra.
    """

    def __init__(
        self, kind: RemoteKind, before: Mapping[str, Link], remotes: Iterable[Remote]
    ) -> None:
        self.result = Reconciliation(kind)
        self._before = {link.record_id for link in before.values() if not link.gone}
        self._found: dict[str, list[Seen]] = {}
        owners = {link.remote_id: link.record_id for link in before.values()}
        for remote in remotes:
            if not remote.gone:
                marked = record_of(remote.details.get("marker", ""))
                self._see(remote, owners.get(remote.id) or marked, marked=bool(marked))

    def take(self, payables: Iterable[Payable], links: Mapping[str, Link]) -> None:
        """Set payables beside what was found of them; `links` are the newest."""
        for payable in payables:
            self._take(payable, links.get(payable.id), self._found.pop(payable.id, []))

    def finish(self) -> Reconciliation:
        """Say what came of it; what nobody asked for by now is extra."""
        for record_id, seen in self._found.items():
            self._say(
                Finding.EXTRA, record_id, record_id, seen, "It carries our mark; no record is it."
            )
        self._found.clear()
        return self.result

    def _see(self, remote: Remote, record_id: str, *, marked: bool) -> None:
        if not record_id:
            self.result.foreign += 1
            return
        content = remote.content if isinstance(remote.content, Document) else None
        seen = Seen(
            remote.id,
            remote.name,
            marked and bool(content and content.total and content.total.minor),
            content.total if content else None,
            tuple(sorted(line.amount.minor for line in content.lines)) if content else (),
        )
        if seen.total:
            _count(self.result.theirs, seen.total)
        self._found.setdefault(record_id, []).append(seen)

    def _take(self, payable: Payable, link: Link | None, seen: Sequence[Seen]) -> None:
        if link and [one.remote_id != link.remote_id and one.marked for one in seen] == [True]:
            link = self._instead(link, seen[0])
        sent = link is not None and not link.gone and bool(seen or payable.id in self._before)
        withdrawn = payable.status in _WITHDRAWN
        label, amount = payable.number or payable.id, payable.amount
        if not sent and not seen:
            self.result.not_sent += 1
            _count(self.result.waiting, amount)
        elif withdrawn or not sent:
            if seen and withdrawn:
                matched = link is not None and link.origin is Origin.MATCHED
                said = _MATCHED if matched else "It was withdrawn here."
                self._say(Finding.WITHDRAWN, payable.id, label, seen, said)
            elif seen:
                self._say(Finding.EXTRA, payable.id, label, seen, "We have no link to it yet.")
        else:
            _count(self.result.ours, amount)
            finding, said = _finding(payable, seen, link)
            if finding is None and link in self.result.instead:
                finding, said = Finding.EXTRA, _INSTEAD
            if finding is None:
                self.result.equal += 1
            else:
                self._say(finding, payable.id, label, seen, said, amount)

    def _instead(self, link: Link, seen: Seen) -> Link:
        place = replace(link, remote_id=seen.remote_id, remote_name=seen.number, gone=False)
        # A version that it has since is a person's; it is ours, whoever entered the one before.
        place = replace(place, version=FIRST_VERSION, origin=Origin.CREATED)
        self.result.instead.append(place)
        return place

    def _say(
        self,
        finding: Finding,
        record_id: str,
        label: str,
        seen: Sequence[Seen],
        said: str,
        ours: Money | None = None,
    ) -> None:
        self.result.discrepancies.append(
            Discrepancy(
                kind=self.result.kind,
                record_id=record_id,
                label=label,
                finding=finding,
                said=said,
                ours=ours,
                theirs=seen[0].total if seen else None,
                remote_ids=tuple(one.remote_id for one in seen),
            )
        )


def _count(sums: dict[str, int], amount: Money) -> None:
    sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor


def _finding(
    payable: Payable, seen: Sequence[Seen], link: Link | None
) -> tuple[Finding | None, str]:
    """Say how what is over there differs from a payable that was written or linked, if it does.

    The lines of a document that a person entered are theirs: only its total is compared.
    """
    if not seen:
        return Finding.MISSING, "It is gone over there."
    if len(seen) > 1:
        return Finding.TWICE, f"It is there {len(seen)} times."
    (one,) = seen
    if one.total != payable.amount:
        theirs = one.total or "unreadable"
        return Finding.DIFFERING, f"Ours is {payable.amount}, theirs is {theirs}."
    if link and link.origin is Origin.MATCHED:
        return None, ""
    currency = payable.amount.currency
    ours = tuple(sorted(line.amount(currency).minor for line in payable.lines))
    if one.lines != (ours or (lines_total(payable).minor,)):
        said = f"The totals agree, but its {len(ours) or 1} lines are {len(one.lines)} others."
        return Finding.DIFFERING, said
    return None, ""
