"""Compare our records with the entries in QuickBooks, one by one and to the cent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cleo_accounting.core import kinds
from cleo_accounting.core.beside import Beside, NameOf, Ours, set_beside
from cleo_accounting.core.causes import CAUSES
from cleo_accounting.core.contrast import Contrast
from cleo_accounting.core.decision import Decision
from cleo_accounting.core.kinds import DocumentKind
from cleo_accounting.core.ledger import Ledger, Settled, Settles
from cleo_accounting.core.links import (
    FIRST_VERSION,
    Link,
    Origin,
    Remote,
    RemoteKind,
)
from cleo_accounting.core.reconciliation import (
    LINKED_BY_HAND,
    Apart,
    Discrepancy,
    Evidence,
    Finding,
    Reconciliation,
)
from cleo_accounting.core.records import Money, canonical
from cleo_accounting.core.render import record_of
from cleo_accounting.core.sides import Planned, Seen, seen_of

_EVIDENCE_MAX = 5_000


@dataclass(frozen=True, slots=True)
class _Once:
    """A record with exactly one entry, kept until all payments are known."""

    planned: Planned
    seen: Seen
    right: Money  # the expected total
    beside: Beside
    kept: bool  # by decision of a person, the remote stays as it is
    changed: bool  # in Cleo Pay, since it was sent
    instead: bool  # the entry replaces one that is gone


@dataclass(frozen=True, slots=True)
class _Open:
    """The open balance of a document on one side or on both, before our payments of it."""

    party_id: str
    ours: Money | None
    theirs: Money | None
    remote_id: str = ""  # the document whose payments are still to be deducted from `ours`


class Comparison:
    """Compares one kind: all remote entries first, then our records page by page.

    `before`: the links from before anything was read, so that what a run writes during the
    comparison is neither missing nor extra. `free`: fields that the company sets on documents
    itself. `watched`: the documents whose payments are of interest; `settled` finally holds what
    the payments settle.
    """

    def __init__(
        self,
        kind: RemoteKind,
        before: Mapping[str, Link],
        remotes: Iterable[Remote],
        free: Sequence[str] = (),
        watched: Collection[Settles] = (),
    ) -> None:
        self.kind = kind
        self.settled = Settled(watched)
        self.result = Reconciliation(kind)
        self._kind = kinds.entry(kind)
        self._free = free
        self._name_of: NameOf = lambda _, remote_id: remote_id
        self._before = {link.record_id for link in before.values() if not link.gone}
        self._found: dict[str, list[Seen]] = {}
        self._voided: set[str] = set()
        self._once: list[_Once] = []
        self._open: list[_Open] = []
        owners = {link.remote_id: link.record_id for link in before.values()}
        for remote in remotes:
            if remote.gone:
                self._voided.add(remote.id)
                continue
            marked = record_of(remote.details.get("marker", ""))
            self._see(remote, owners.get(remote.id) or marked, marked=bool(marked))

    def take(self, planned: Iterable[Planned], links: Mapping[str, Link], name_of: NameOf) -> None:
        """Compare records with the entries that were found for them; `links` are the newest.

        `planned` states what a sync would do about each record; `name_of` returns the name of a
        remote id.
        """
        self._name_of = name_of
        for one in planned:
            seen = self._found.pop(one.record_id, [])
            self._take(one, links.get(one.record_id), seen)

    def documents(self) -> set[Settles]:
        """Return the documents that were found, so that their payments can be read."""
        found = [one.seen.remote_id for one in self._once]
        found += [one.remote_id for one in self._open if one.remote_id]
        return {(self.kind, remote_id) for remote_id in found}

    def contested(self, settled: Settled) -> Mapping[str, Money]:
        """Return the documents that others seem to have paid, with the open balance of each."""
        return {
            one.seen.remote_id: one.seen.balance
            for one in self._once
            if one.seen.balance is not None and self._by_others(one.seen, settled)
        }

    def finish(
        self,
        settled: Settled | None = None,
        ledger: Ledger | None = None,
        moved: Collection[str] = (),
    ) -> Reconciliation:
        """Return the result; entries that no record accounts for are reported as extra.

        `settled`: what the payments settle of these documents. `ledger` gets their open balances.
        `moved`: documents that were paid while the comparison ran, about which nothing can be
        concluded.
        """
        settled, ledger = settled or Settled(), ledger or Ledger()
        for record_id, seen in self._found.items():
            self._extra(record_id, record_id, seen, "It has our marker, but no record matches it.")
        self._found.clear()
        for one in self._once:
            if one.seen.remote_id in moved:
                self._judge(one, "", is_moved=True)
            else:
                self._judge(one, self._by_others(one.seen, settled), is_moved=False)
        self._once.clear()
        for each in self._open:
            paid = settled.recorded((self.kind, each.remote_id))
            ours = each.ours and Money(each.ours.minor - self._kind.sign * paid, each.ours.currency)
            ledger.add(each.party_id, ours, each.theirs)
        self._open.clear()
        return self.result

    def _see(self, remote: Remote, record_id: str, *, marked: bool) -> None:
        seen = seen_of(remote, marked=marked)
        self.settled.see(remote.kind, seen.content, ours=bool(record_id))
        if not record_id:
            self.result.foreign += 1
            return
        if total := self._theirs(seen):
            _count(self.result.theirs, total)
        self._found.setdefault(record_id, []).append(seen)

    def _take(self, planned: Planned, link: Link | None, seen: Sequence[Seen]) -> None:
        instead = False
        if link and [one.remote_id != link.remote_id and one.marked for one in seen] == [True]:
            link, instead = self._instead(link, seen[0]), True
        label, record_id = planned.label, planned.record_id
        sent = link is not None and not link.gone and bool(seen or record_id in self._before)
        if link is not None and not link.gone and not sent:
            return  # written during the comparison
        if sent and link is not None:
            self._sent(planned, link, seen, instead=instead)
        elif seen and planned.withdrawn:
            self._extra(record_id, label, seen, f"{planned.withdrawn}.", finding=Finding.WITHDRAWN)
        elif seen:
            self._extra(record_id, label, seen, "It is not linked yet.")
        elif planned.is_deleted_there:
            self._missing(planned, link)
        else:
            self._unsent(planned)

    def _sent(self, planned: Planned, link: Link, seen: Sequence[Seen], *, instead: bool) -> None:
        """Compare what was sent with what exists."""
        left_out = planned.is_left_out
        if planned.withdrawn and not seen:
            _put_apart(self.result.kept_out, "gone", self._kind.sort, planned.amount)
        elif not seen and not left_out:
            self._missing(planned, link)
        elif len(seen) > 1:
            said, right = f"It is in QuickBooks {len(seen)} times.", self._right(planned)
            about = (planned.record_id, planned.label)
            self._say(Finding.TWICE, *about, seen, said, right)
            self._owe(planned, link.remote_id, right)
            self._owed(seen)
        elif left_out or planned.withdrawn:
            for one in seen:
                self._as_there(one)
            if link.origin is Origin.MATCHED and not left_out:
                said = f"{planned.withdrawn}{LINKED_BY_HAND}"
                about = (planned.record_id, planned.label)
                self._say(Finding.WITHDRAWN, *about, seen, said)
            elif left_out:
                self._unsent(planned)
            else:
                self._change(planned)
        else:
            self._one(planned, link, seen[0], instead=instead)

    def _one(self, planned: Planned, link: Link, seen: Seen, *, instead: bool) -> None:
        """Compare the only entry of a record; it is judged once all payments are known."""
        verdict = planned.verdict
        kept = verdict is not None and verdict.verdict == Decision.KEEP_THEIRS
        kept = kept and verdict is not None and verdict.value == planned.mark
        changed = not kept and link.fingerprint not in (None, planned.mark)
        found = self._beside(link, seen, planned, changed=changed)
        right = self._right(planned) if changed else planned.amount
        self._once.append(_Once(planned, seen, right, found, kept, changed, instead))

    def _judge(self, one: _Once, by_others: str, *, is_moved: bool) -> None:
        """Decide whether the only entry of a record is equal, and count its open balance."""
        planned, seen, beside = one.planned, one.seen, one.beside
        said = " ".join(part for part in (beside.said, by_others) if part)
        if one.kept and said:
            self.result.accepted += 1
            self._as_there(seen, one.right)
            return
        if is_moved or seen.balance is None:
            _count(self.result.ours, one.right)
            # A payment counts as it stands, unless what it pays is known to differ.
            is_named = any(each.field == "applied" for each in beside.fields)
            ours = planned.written or planned.content
            self.settled.record(self.kind, ours if is_named else seen.content)
        else:
            # If the vendor was merged, our balance belongs to the survivor, as the remote's does.
            is_theirs = all(each.field != "party_id" for each in beside.fields)
            self._owe(planned, seen.remote_id, one.right, seen if is_theirs else None)
            self._owed([seen])
        if said or one.instead:
            finding = Finding.PAID if by_others else Finding.EXTRA
            finding = Finding.DIFFERING if beside.said else finding
            about = (planned.record_id, planned.label)
            said = said or self._replaces()
            self._say(finding, *about, [seen], said, one.right, beside.fields)
            self._prove(planned, seen)
        elif one.changed:
            self._change(planned)
        else:
            self.result.equal += 1

    def _beside(self, link: Link, seen: Seen, planned: Planned, *, changed: bool) -> Beside:
        theirs, written, now = seen.content, planned.written, planned.content
        if theirs is None:
            return Beside((), "It cannot be read.")
        parties = {one.party_id for one in (now, written) if one} - {""}
        free = [*self._free, *planned.free, *([] if parties else ["party_id"])]
        if link.origin is not Origin.CREATED:  # a person linked it as it stands
            free += ["number", "dated", "due", "lines", "account_id", "applied"]
        ours = Ours(now, written, changed, parties, free)
        return set_beside(ours, theirs, self._kind.party, self._name_of)

    def _missing(self, planned: Planned, link: Link | None) -> None:
        """Report that a sent entry no longer exists, and what happened to it, as far as known."""
        if link is not None and link.remote_id in self._voided:
            said = "It was voided in QuickBooks."
        elif planned.is_deleted_there:
            said = "It was deleted or voided in QuickBooks."
        else:
            said = "It is no longer in QuickBooks."
        right = self._right(planned)
        self._say(Finding.MISSING, planned.record_id, planned.label, (), said, right)
        self._owe(planned, link.remote_id if link else "", right)

    def _extra(
        self,
        record_id: str,
        label: str,
        seen: Sequence[Seen],
        said: str,
        *,
        finding: Finding = Finding.EXTRA,
    ) -> None:
        """Report entries that should not exist."""
        self._say(finding, record_id, label, seen, said)
        self._owed(seen)

    def _by_others(self, seen: Seen, settled: Settled) -> str:
        """Describe what of a document is settled by others than us; empty if nothing is."""
        if seen.total is None or seen.balance is None:
            return ""
        return settled.by_others((self.kind, seen.remote_id), seen.total, seen.balance)

    def _right(self, planned: Planned) -> Money:
        """Return the expected total of an entry, by what we wrote last."""
        written = planned.written
        return self._signed(written.total) if written else planned.amount

    def _signed(self, amount: Money) -> Money:
        return Money(amount.minor * self._kind.sign, amount.currency)

    def _theirs(self, seen: Seen) -> Money | None:
        return self._signed(seen.total) if seen.total else None

    def _owe(
        self, planned: Planned, remote_id: str, right: Money, there: Seen | None = None
    ) -> None:
        """Count an expected entry: its total, what it settles, and its open balance."""
        content = planned.written or planned.content
        _count(self.result.ours, right)
        self.settled.record(self.kind, content)
        whose = there.content if there and there.content else content
        if isinstance(self._kind, DocumentKind):
            self._open.append(_Open(whose.party_id, right, None, remote_id))

    def _owed(self, seen: Sequence[Seen]) -> None:
        """Count the open balances of documents as QuickBooks reports them."""
        for one in seen:
            if one.balance is not None and one.content is not None:
                theirs = self._signed(one.balance)
                self._open.append(_Open(one.content.party_id, None, theirs))

    def _as_there(self, seen: Seen, otherwise: Money | None = None) -> None:
        """Count an entry as it stands on both sides, because a person decided so."""
        if total := self._theirs(seen) or otherwise:
            _count(self.result.ours, total)
        self.settled.record(self.kind, seen.content)
        if seen.balance is not None and seen.content is not None:
            balance = self._signed(seen.balance)
            self._open.append(_Open(seen.content.party_id, balance, balance))

    def _unsent(self, planned: Planned) -> None:
        """Count a record without an entry: it is still to be sent, or deliberately kept out."""
        code, sort = planned.reason, self._kind.sort
        cause = CAUSES.get(code)
        if cause and cause.quiet:
            _put_apart(self.result.kept_out, code, sort, planned.amount)
            return
        self.result.not_sent += 1
        _count(self.result.waiting, planned.amount)
        _put_apart(self.result.unsent, code, sort, planned.amount)

    def _change(self, planned: Planned) -> None:
        """Count a record whose entry is as last sent, but which changed since."""
        self.result.changes += 1
        _put_apart(self.result.changed, planned.reason, self._kind.sort, planned.amount)

    def _prove(self, planned: Planned, seen: Seen) -> None:
        """Store what was compared, so that a person can decide about exactly this state."""
        if seen.content is not None and len(self.result.evidence) < _EVIDENCE_MAX:
            evidence = Evidence(planned.mark, seen.version, canonical(seen.content))
            self.result.evidence[planned.record_id] = evidence

    def _instead(self, link: Link, seen: Seen) -> Link:
        place = replace(link, remote_id=seen.remote_id, remote_name=seen.number, gone=False)
        # Later versions are a person's changes. The entry counts as created by us anyway.
        place = replace(place, version=FIRST_VERSION, origin=Origin.CREATED)
        self.result.instead.append(place)
        return place

    def _replaces(self) -> str:
        noun = self._kind.sort
        return f"The {noun} we created was deleted; this one has our marker and replaces it."

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
                kind=self.kind,
                record_id=record_id,
                label=label,
                finding=finding,
                said=said,
                ours=ours,
                theirs=self._theirs(seen[0]) if seen else None,
                remote_ids=tuple(one.remote_id for one in seen),
                fields=fields,
            )
        )


def _put_apart(groups: list[Apart], code: str, sort: str, amount: Money) -> None:
    group = next((one for one in groups if one.code == code), None)
    if group is None:
        group = Apart(code, sort)
        groups.append(group)
    group.number += 1
    _count(group.worth, amount)


def _count(sums: dict[str, int], amount: Money) -> None:
    sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
