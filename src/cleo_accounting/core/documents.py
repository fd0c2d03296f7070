"""The plan of payables: which documents are created, updated, removed or left, and why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.choices import Trouble
from cleo_accounting.core.decision import Decision
from cleo_accounting.core.fields import InvoiceFields
from cleo_accounting.core.kinds import DocumentKind
from cleo_accounting.core.links import Document, Link, Origin, Profile
from cleo_accounting.core.numbers import number_key
from cleo_accounting.core.past import Past
from cleo_accounting.core.plan import (
    Create,
    Keep,
    Leave,
    Operation,
    Verdict,
    against_link,
    alone,
    is_settled,
    with_link,
)
from cleo_accounting.core.records import Payable, PayableStatus, fingerprint
from cleo_accounting.core.render import document, lines_total, own_number
from cleo_accounting.core.withdrawing import decided, withdrawn

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from cleo_accounting.core.links import RemoteKind

_DAY = timedelta(days=1)
_WITHDRAWN = (PayableStatus.DECLINED, PayableStatus.CANCELLED)
_APPROVED = (PayableStatus.APPROVED, PayableStatus.SCHEDULED, PayableStatus.PAID)


@dataclass(frozen=True, slots=True)
class DocumentPlanner:
    """Plans the payables that become one kind of document, each independently of the others.

    `parties` and `names` are keyed by connection id; `blocked` states why a connection has no
    party. `inactive` holds the remote ids that may no longer be used. `numbers` are the decisions
    by which people gave documents another number than their own. `trouble` is why a choice for
    these documents cannot be used. `currencies` are those of the parties, by remote id; `net_days`
    those of connections; `terms` the company's active terms, by their days. `written` holds the
    documents as last written of payables that changed since then, where that is known. `elsewhere`
    holds the ids of payables that became another kind of document.
    """

    kind: DocumentKind
    profile: Profile
    fields: InvoiceFields
    parties: Mapping[str, Link]
    names: Mapping[str, str]
    verdicts: Mapping[str, Verdict]
    blocked: Mapping[str, str] = field(default_factory=dict)
    inactive: Collection[str] = ()
    numbers: Mapping[str, Verdict] = field(default_factory=dict)
    item_id: str | None = None
    past: Mapping[str, Past] = field(default_factory=dict)  # of withdrawn payables, if known
    trouble: Trouble | None = None
    currencies: Mapping[str, str] = field(default_factory=dict)
    net_days: Mapping[str, int] = field(default_factory=dict)
    terms: Mapping[int, str] = field(default_factory=dict)
    written: Mapping[str, Document] = field(default_factory=dict)
    elsewhere: Collection[str] = ()

    def plan(self, payables: Sequence[Payable], links: Mapping[str, Link]) -> Iterator[Operation]:
        """Yield one operation for each payable of this kind."""
        for payable in payables:
            link = links.get(payable.id)
            if not self.concerns(payable, link):
                continue
            one = partial(self._one, payable, link)
            yield with_link(alone(*self._about(payable), one), link)

    def concerns(self, payable: Payable, link: Link | None) -> bool:
        """Return whether a payable is of this kind.

        A payable that has a link keeps its kind, even if the sign of its total changes.
        """
        if link is not None:
            return True
        return kinds.document_for(payable) is self.kind and payable.id not in self.elsewhere

    def mark(self, payable: Payable) -> str:
        """Return the fingerprint of a payable as written, with the number that a person gave it."""
        mark, number = mark_of(payable), self._number(payable)
        return fingerprint([mark, number]) if number else mark

    def _number(self, payable: Payable) -> str | None:
        """Return the number that a person gave the payable.

        The decision counts only while the payable still has the number that it replaced.
        """
        word = self.numbers.get(payable.id)
        if word and number_key(word.about) == number_key(own_number(payable)):
            return word.value
        return None

    def _one(self, payable: Payable, link: Link | None) -> Operation:
        verdict = self.verdicts.get(payable.id)
        if word := self._decided(payable, verdict):
            return word
        if is_withdrawn(payable):
            return self._withdrawn(payable, link, verdict)
        mark = self.mark(payable)
        if is_settled(mark, link, verdict):
            return Keep(payable.id)  # later choices apply to new documents only
        payable, _ = self._dated(payable)
        early = self._too_early(payable, link)
        if cannot := early or self._amounts(payable, link) or self._place(payable, link):
            return cannot
        content = self.content(payable)
        operation = against_link(*self._about(payable), content, mark, link, verdict)
        closed = self.profile.closed_until
        written = not isinstance(operation, Leave) and not _is_to_be_linked(operation, verdict)
        if closed and payable.issued_on <= closed and written:
            facts = {"dated": payable.issued_on.isoformat(), "closed": closed.isoformat()}
            return self._leave(payable, "books_closed", **facts)
        return operation

    def content(self, payable: Payable) -> Document:
        """Return the document that would be sent for a payable now, even if it cannot be sent."""
        party = self.parties.get(payable.connection_id)
        payable, net_days = self._dated(payable)
        return document(
            payable,
            self.kind,
            self.fields,
            party_id=party.remote_id if party else "",
            connection_name=self.names.get(payable.connection_id, ""),
            item_id=self.item_id,
            line_classes=self.profile.line_classes,
            departments=self.profile.departments,
            number=self._number(payable),
            net_days=net_days,
            terms_id=None if net_days is None else self.terms.get(net_days),
        )

    def _dated(self, payable: Payable) -> tuple[Payable, int | None]:
        """Return a payable with its dates, and the net terms that make it due.

        A document that was already written keeps the dates that followed from the time zone and the
        terms of that time.
        """
        net_days = self.net_days.get(payable.connection_id)
        dated = payable.dated(self.fields.time_zone)
        base = self.written.get(payable.id)
        if base is None:
            return dated, net_days
        if payable.created_at and abs(base.dated - dated.issued_on) <= _DAY:
            dated = replace(dated, issued_on=base.dated)
        if dated.due_on is None and dated.issued_on == base.dated:
            return replace(dated, due_on=base.due), None
        return dated, net_days

    def _decided(self, payable: Payable, verdict: Verdict | None) -> Operation | None:
        facts = withdrawal(payable) if is_withdrawn(payable) else None
        return decided(*self._about(payable), verdict, facts)

    def _withdrawn(self, payable: Payable, link: Link | None, verdict: Verdict | None) -> Operation:
        past = self.past.get(payable.id, Past("withdrawn"))
        return withdrawn(*self._about(payable), link, verdict, withdrawal(payable), past)

    def _too_early(self, payable: Payable, link: Link | None) -> Leave | None:
        if link:
            return None
        if payable.status is PayableStatus.DRAFT:
            return self._leave(payable, "draft")
        waits = self.kind.needs_approval and not self.fields.send_submitted_bills
        if waits and payable.status not in _APPROVED:
            return self._leave(payable, "not_approved")
        go_live = self.fields.go_live
        if go_live and payable.issued_on < go_live:
            return self._leave(payable, "before_go_live", go_live=go_live.isoformat())
        return None

    def _amounts(self, payable: Payable, link: Link | None) -> Leave | None:
        amount, lines = payable.amount, lines_total(payable)
        if amount.minor == 0:
            return self._leave(payable, "zeroed" if link and not link.gone else "nothing_to_book")
        if kinds.document_for(payable) is not self.kind:
            facts = {"total": str(amount), "document": self.kind.one}
            return self._leave(payable, "sign_changed", **facts)
        if lines != amount:
            return self._leave(payable, "lines_differ", lines=str(lines), total=str(amount))
        home = self.profile.currency
        if amount.currency != home and not self.profile.multicurrency:
            return self._leave(payable, "currency_differs", currency=amount.currency, home=home)
        if amount.currency != home:
            return self._leave(payable, "rate_needed", currency=amount.currency, home=home)
        return None

    def _place(self, payable: Payable, link: Link | None) -> Leave | None:
        if self.profile.needs_tax_codes:
            return self._leave(payable, "tax_code_needed", country=self.profile.country)
        name = self.names.get(payable.connection_id)
        if name is None:
            return self._leave(payable, "connection_unknown", connection_id=payable.connection_id)
        party = self.parties.get(payable.connection_id)
        if party is None:
            code = kinds.party(self.kind.party).needed
            why = self.blocked.get(payable.connection_id, "it has not been synced yet.")
            return self._leave(payable, code, name=name, why=why)
        if cannot := self._party(payable, name, party):
            return cannot
        stands = link is not None and not link.gone  # an existing document keeps its choices
        return None if stands else self._choices(payable)

    def _party(self, payable: Payable, name: str, party: Link) -> Leave | None:
        if party.remote_id in self.inactive:
            facts = {"connection_id": payable.connection_id, "party_id": party.remote_id}
            return self._leave(payable, "inactive", name=party.remote_name or name, **facts)
        theirs = self.currencies.get(party.remote_id, payable.amount.currency)
        if theirs != payable.amount.currency:
            facts = {"name": name, "currency": payable.amount.currency, "theirs": theirs}
            return self._leave(payable, "party_currency_differs", **facts)
        return None

    def _choices(self, payable: Payable) -> Leave | None:
        if self.trouble:
            return self._leave(payable, self.trouble.code, **self.trouble.facts)
        if self.kind.booked_to(self.fields, self.item_id) is None:
            return self._leave(payable, self.kind.choice_needed)
        return None

    def _about(self, payable: Payable) -> tuple[RemoteKind, str, str]:
        return self.kind.remote, payable.id, label(payable)

    def _leave(self, payable: Payable, code: str, **facts: str) -> Leave:
        return Leave(*self._about(payable), code, facts)


def _is_to_be_linked(operation: Operation, verdict: Verdict | None) -> bool:
    """Return whether a create becomes a link, so that nothing is written into a closed period."""
    said = verdict is not None and verdict.verdict == Decision.LINK_TO
    return said and isinstance(operation, Create)


def is_unlinked(link: Link | None, verdict: Verdict | None) -> bool:
    """Return whether a person undid the link to a document that a person had entered."""
    linked = link is not None and link.origin is Origin.MATCHED and not link.gone
    return linked and verdict is not None and verdict.verdict == Decision.UNLINK


def label(payable: Payable) -> str:
    """Return the label that people see for a payable: its number, or its id if it has none."""
    return payable.number or payable.id


def is_withdrawn(payable: Payable) -> bool:
    """Return whether a payable was declined or cancelled, so that it must have no document."""
    return payable.status in _WITHDRAWN


def withdrawal(payable: Payable) -> dict[str, str]:
    """Return the facts for removing the document of a declined or cancelled payable."""
    status = payable.status.value.lower()
    return {"status": status, "why": f"It was {status} here"}


def mark_of(payable: Payable) -> str:
    """Return the fingerprint of what is written of a payable.

    The status is not part of it: it decides only whether the payable is written.
    """
    return fingerprint(replace(payable, status=PayableStatus.APPROVED, created_at=None))
