"""The plan of payables: which become documents, change, go, or must wait, and why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.choices import Trouble
from cleo_accounting.core.fields import InvoiceFields
from cleo_accounting.core.kinds import DocumentKind
from cleo_accounting.core.links import Document, Link, Origin, Profile
from cleo_accounting.core.numbers import number_key
from cleo_accounting.core.past import Past
from cleo_accounting.core.plan import (
    LINK_TO,
    UNLINK,
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
    """Plans payables of one kind of document; each stands for itself, so any page will do.

    `parties` and `names` are by connection id; `blocked` says for a connection that has no party
    why it has none; `inactive` holds the remote ids that may no longer be used; `numbers` are the
    words by which people gave documents another number than their own. `trouble` is why something
    that was chosen for these documents cannot be used; `currencies` are those of parties, by remote
    id; `net_days` those of connections; `terms` the company's active terms, by their days;
    `written` what payables that changed since said when they were written last, where it is known.
    `elsewhere` holds the ids of payables that became another kind of document.
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
    past: Mapping[str, Past] = field(default_factory=dict)  # of what was withdrawn, if known
    trouble: Trouble | None = None
    currencies: Mapping[str, str] = field(default_factory=dict)
    net_days: Mapping[str, int] = field(default_factory=dict)
    terms: Mapping[int, str] = field(default_factory=dict)
    written: Mapping[str, Document] = field(default_factory=dict)
    elsewhere: Collection[str] = ()

    def plan(self, payables: Sequence[Payable], links: Mapping[str, Link]) -> Iterator[Operation]:
        """Say the one thing to do for each payable of this kind."""
        for payable in payables:
            link = links.get(payable.id)
            if not self.concerns(payable, link):
                continue
            one = partial(self._one, payable, link)
            yield with_link(alone(*self._about(payable), one), link)

    def concerns(self, payable: Payable, link: Link | None) -> bool:
        """Whether a payable is of this kind: what it became once it stays, whatever its total."""
        if link is not None:
            return True
        return kinds.document_for(payable) is self.kind and payable.id not in self.elsewhere

    def mark(self, payable: Payable) -> str:
        """What of a payable is written, and the number that a person gave it instead."""
        mark, number = mark_of(payable), self._number(payable)
        return fingerprint([mark, number]) if number else mark

    def _number(self, payable: Payable) -> str | None:
        """The number that a person gave it, if it still has the one that this was about."""
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
            return Keep(payable.id)  # what has changed around it since is for documents to come
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
        """Write a payable as it would be sent now, whether or not it can be."""
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
        """Date a payable, and give the net terms that make it due.

        What was written keeps the dates that it got from the time zone and the terms of that time.
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
        stands = link is not None and not link.gone  # it keeps what was chosen then
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
    """Whether a create becomes a link, so that nothing is written into a closed period."""
    said = verdict is not None and verdict.verdict == LINK_TO
    return said and isinstance(operation, Create)


def is_unlinked(link: Link | None, verdict: Verdict | None) -> bool:
    """Whether a person took back the link to a document that a person had entered."""
    linked = link is not None and link.origin is Origin.MATCHED and not link.gone
    return linked and verdict is not None and verdict.verdict == UNLINK


def label(payable: Payable) -> str:
    """What people call a payable: its number, else its id."""
    return payable.number or payable.id


def is_withdrawn(payable: Payable) -> bool:
    """Whether it was declined or cancelled: nothing of it is to stand over there."""
    return payable.status in _WITHDRAWN


def withdrawal(payable: Payable) -> dict[str, str]:
    """The facts for removing what was declined or cancelled."""
    status = payable.status.value.lower()
    return {"status": status, "why": f"It was {status} here"}


def mark_of(payable: Payable) -> str:
    """What of a payable is written: all but its status, which decides only whether it is."""
    return fingerprint(replace(payable, status=PayableStatus.APPROVED, created_at=None))
