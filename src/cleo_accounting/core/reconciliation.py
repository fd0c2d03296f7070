"""Reconciliation: our payables beside the documents in QuickBooks, one by one, to the cent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.beside import Beside, NameOf, Ours, set_beside
from cleo_accounting.core.causes import CAUSES
from cleo_accounting.core.contrast import Contrast
from cleo_accounting.core.links import FIRST_VERSION, Document, Link, Origin, Remote, RemoteKind
from cleo_accounting.core.plan import Leave, Operation, Verdict
from cleo_accounting.core.records import Money, Payable, PayableStatus, canonical
from cleo_accounting.core.render import record_of

if TYPE_CHECKING:
    from collections.abc import Iterable

NEXT_SYNC = "next_sync"  # beside the codes of causes: nothing holds it up
_INSTEAD = "The document we created was deleted; this one has our marker and replaces it."
_MATCHED = (
    "It was declined or cancelled in Cleo Pay; a person entered it in QuickBooks, where it is"
    " linked."
)
_WITHDRAWN = (PayableStatus.DECLINED, PayableStatus.CANCELLED)
_FOR_OTHERS = ("vendor_needed", "customer_needed")  # a sync makes them first, if nothing forbids it
_EVIDENCE_MAX = 5_000


class Outcome(StrEnum):
    """What a comparison came to; the later, the more there is to do."""

    EQUAL = "equal"  # everything that is to be there is there, once, and equal
    UNSENT = "unsent"  # equal as far as it was sent; something is not sent yet
    DIFFERS = "differs"  # something that was sent is not there as it should be


class Finding(StrEnum):
    """How the two sides differ about one document."""

    MISSING = "missing"  # written, and no longer there
    DIFFERING = "differing"  # there, with another field or line
    TWICE = "twice"  # there more than once
    WITHDRAWN = "withdrawn"  # there, though it was declined or cancelled here
    EXTRA = "extra"  # there with our mark, and nothing here says that it should be


@dataclass(frozen=True, slots=True)
class Seen:
    """A live document over there that is ours, by its mark or by a link."""

    remote_id: str
    number: str
    version: str
    marked: bool  # ours by its mark, and not voided
    content: Document | None
    total: Money | None  # what it comes to; of a credit, below zero


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One document about which the two sides differ, and how, in words and field by field."""

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
        if self.said == _MATCHED:
            return ("remove_there", "unlink")
        return ("keep_theirs", "send_ours") if self.fields else ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was compared of a document that differs: a person's word on it is about this."""

    mark: str  # of our record
    version: str  # of theirs
    content: str  # of theirs, canonical JSON


@dataclass(slots=True)
class Apart:
    """Records that are not compared for one reason, how many and what they come to."""

    code: str  # of core.causes, or `next_sync`
    number: int = 0
    worth: dict[str, int] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What people call the reason."""
        return CAUSES[self.code].title if self.code in CAUSES else "Waits for the next sync"


@dataclass(frozen=True, slots=True)
class Planned:
    """What a sync would do about a payable now, and what is known of it; see `Comparison.take`.

    `waits_for`: the cause for which it waits for a person, or `in_doubt`.
    """

    operation: Operation
    content: Document
    mark: str
    verdict: Verdict | None = None
    waits_for: str = ""
    written: Document | None = None


@dataclass(slots=True)
class Reconciliation:
    """What one kind of document adds up to; amounts by currency, in minor units.

    `ours` is what should be there by what was sent, or as a person decided; `theirs` is what is.
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

    @property
    def outcome(self) -> Outcome:
        """What it came to."""
        if self.discrepancies or self.ours != self.theirs:
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


class Comparison:
    """Compares one kind: first everything over there, then our payables page by page.

    `before`: the links from before anything was read. What a run writes while we read is then
    neither missing nor extra. `free`: fields that the company gives documents itself.
    """

    def __init__(
        self,
        kind: RemoteKind,
        before: Mapping[str, Link],
        remotes: Iterable[Remote],
        free: Sequence[str] = (),
    ) -> None:
        self.result = Reconciliation(kind)
        self._free = free
        self._name_of: NameOf = lambda _, remote_id: remote_id
        self._party = kinds.document(kind).party
        self._before = {link.record_id for link in before.values() if not link.gone}
        self._found: dict[str, list[Seen]] = {}
        owners = {link.remote_id: link.record_id for link in before.values()}
        for remote in remotes:
            if not remote.gone:
                marked = record_of(remote.details.get("marker", ""))
                self._see(remote, owners.get(remote.id) or marked, marked=bool(marked))

    def take(
        self,
        payables: Iterable[Payable],
        links: Mapping[str, Link],
        planned: Callable[[Payable], Planned],
        name_of: NameOf,
    ) -> None:
        """Set payables beside what was found of them; `links` are the newest.

        `planned` tells what a sync would do about one; `name_of` what an id names over there.
        """
        self._name_of = name_of
        for payable in payables:
            seen = self._found.pop(payable.id, [])
            self._take(payable, links.get(payable.id), seen, planned(payable))

    def finish(self) -> Reconciliation:
        """Say what came of it; what nobody asked for by now is extra."""
        for record_id, seen in self._found.items():
            said = "It has our marker, but no record matches it."
            self._say(Finding.EXTRA, record_id, record_id, seen, said)
        self._found.clear()
        return self.result

    def _signed(self, document: Document) -> Money:
        """What a document comes to: a credit is kept with an amount above zero."""
        sign = kinds.of(self.result.kind).sign
        return Money(sign * document.total.minor, document.total.currency)

    def _see(self, remote: Remote, record_id: str, *, marked: bool) -> None:
        if not record_id:
            self.result.foreign += 1
            return
        content = remote.content if isinstance(remote.content, Document) else None
        live = marked and bool(content and content.total.minor)
        total = self._signed(content) if content else None
        seen = Seen(remote.id, remote.name, remote.version, live, content, total)
        if seen.total:
            _count(self.result.theirs, seen.total)
        self._found.setdefault(record_id, []).append(seen)

    def _take(
        self, payable: Payable, link: Link | None, seen: Sequence[Seen], planned: Planned
    ) -> None:
        if link and [one.remote_id != link.remote_id and one.marked for one in seen] == [True]:
            link = self._instead(link, seen[0])
        label, record_id = payable.number or payable.id, payable.id
        sent = link is not None and not link.gone and bool(seen or record_id in self._before)
        if link is not None and not link.gone and not sent:
            return  # written while we read
        if sent and link is not None:
            self._sent(payable, link, seen, planned)
        elif seen and payable.status in _WITHDRAWN:
            self._say(
                Finding.WITHDRAWN,
                record_id,
                label,
                seen,
                "It was declined or cancelled in Cleo Pay.",
            )
        elif seen:
            self._say(Finding.EXTRA, record_id, label, seen, "It is not linked yet.")
        elif isinstance(planned.operation, Leave) and planned.operation.code == "deleted_there":
            said = "It was deleted or voided in QuickBooks."
            self._say(Finding.MISSING, record_id, label, seen, said, payable.amount)
            _count(self.result.ours, payable.amount)
        else:
            self._unsent(payable, planned)

    def _sent(self, payable: Payable, link: Link, seen: Sequence[Seen], planned: Planned) -> None:
        """Compare what was sent with what is there."""
        result, label, record_id = self.result, payable.number or payable.id, payable.id
        left_out = isinstance(planned.operation, Leave) and planned.operation.code == "left_out"
        if payable.status in _WITHDRAWN and not seen:
            return _put_apart(result.kept_out, "gone", payable.amount)
        right = self._signed(planned.written) if planned.written else payable.amount
        if not seen and not left_out:
            _count(result.ours, right)
            return self._say(
                Finding.MISSING, record_id, label, seen, "It is no longer in QuickBooks.", right
            )
        if len(seen) > 1:
            _count(result.ours, right)
            said = f"It is in QuickBooks {len(seen)} times."
            return self._say(Finding.TWICE, record_id, label, seen, said, right)
        if left_out or payable.status in _WITHDRAWN:
            if seen and seen[0].total:
                _count(result.ours, seen[0].total)
            if link.origin is Origin.MATCHED and not left_out:
                return self._say(Finding.WITHDRAWN, record_id, label, seen, _MATCHED)
            return self._unsent(payable, planned) if left_out else self._change(payable, planned)
        return self._one(payable, link, seen[0], planned)

    def _one(self, payable: Payable, link: Link, seen: Seen, planned: Planned) -> None:
        """Compare a document that is there once."""
        result, label = self.result, payable.number or payable.id
        keeps = planned.verdict is not None and planned.verdict.verdict == "keep_theirs"
        kept = keeps and planned.verdict is not None and planned.verdict.value == planned.mark
        changed = not kept and link.fingerprint not in (None, planned.mark)
        found = self._beside(link, seen, planned, changed=changed)
        right = self._signed(planned.written) if changed and planned.written else payable.amount
        if kept and found.said:
            result.accepted += 1
            _count(result.ours, seen.total or right)
            return
        _count(result.ours, right)
        if found.said or link in result.instead:
            finding = Finding.DIFFERING if found.said else Finding.EXTRA
            said = found.said or _INSTEAD
            self._say(finding, payable.id, label, [seen], said, right, found.fields)
            self._prove(payable.id, seen, planned)
        elif changed:
            self._change(payable, planned)
        else:
            result.equal += 1

    def _beside(self, link: Link, seen: Seen, planned: Planned, *, changed: bool) -> Beside:
        if seen.content is None:
            return Beside((), "It cannot be read.")
        written = planned.written
        parties = {planned.content.party_id, written.party_id if written else ""} - {""}
        free = [*self._free, *([] if parties else ["party_id"])]
        if link.origin is not Origin.CREATED:  # a person said that it is this one, as it stands
            free += ["number", "dated", "due", "lines"]
        ours = Ours(planned.content, written, changed, parties, free)
        return set_beside(ours, seen.content, self._party, self._name_of)

    def _unsent(self, payable: Payable, planned: Planned) -> None:
        """Count a record that is not there: to be sent, or kept out on purpose."""
        code = _code(planned)
        cause = CAUSES.get(code)
        if cause and cause.quiet:
            _put_apart(self.result.kept_out, code, payable.amount)
            return
        self.result.not_sent += 1
        _count(self.result.waiting, payable.amount)
        _put_apart(self.result.unsent, code, payable.amount)

    def _change(self, payable: Payable, planned: Planned) -> None:
        """Count a record that is there as it was last sent, and that changed here since."""
        self.result.changes += 1
        _put_apart(self.result.changed, _code(planned), payable.amount)

    def _prove(self, record_id: str, seen: Seen, planned: Planned) -> None:
        """Keep what was compared, so that a person can decide about exactly this."""
        if seen.content is not None and len(self.result.evidence) < _EVIDENCE_MAX:
            evidence = Evidence(planned.mark, seen.version, canonical(seen.content))
            self.result.evidence[record_id] = evidence

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
        fields: tuple[Contrast, ...] = (),
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
                fields=fields,
            )
        )


def _code(planned: Planned) -> str:
    """Why a record, or its change, is not sent."""
    if planned.waits_for:
        return planned.waits_for
    operation = planned.operation
    if isinstance(operation, Leave) and operation.code not in _FOR_OTHERS:
        return operation.code
    return NEXT_SYNC


def _put_apart(groups: list[Apart], code: str, amount: Money) -> None:
    group = next((one for one in groups if one.code == code), None)
    if group is None:
        group = Apart(code)
        groups.append(group)
    group.number += 1
    _count(group.worth, amount)


def _count(sums: dict[str, int], amount: Money) -> None:
    sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
