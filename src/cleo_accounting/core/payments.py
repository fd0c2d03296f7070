"""The plan of payments: which are recorded, voided, or have to wait, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cleo_accounting.core import kinds
from cleo_accounting.core.fields import RecordPayments
from cleo_accounting.core.links import (
    FIRST_VERSION,
    Applied,
    Link,
    Origin,
    Profile,
    Remote,
    Settlement,
)
from cleo_accounting.core.past import COPY, GONE
from cleo_accounting.core.plan import (
    LINK_TO,
    REMOVE_DUPLICATE,
    REMOVE_THERE,
    Create,
    Keep,
    Leave,
    Operation,
    Remove,
    Verdict,
    alone,
    is_settled,
    with_link,
)
from cleo_accounting.core.records import Payment, PaymentStatus, Role, fingerprint, total
from cleo_accounting.core.render import marker, noted, own_number, short_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from cleo_accounting.core.fields import InvoiceFields
    from cleo_accounting.core.kinds import PaymentKind
    from cleo_accounting.core.links import RemoteKind
    from cleo_accounting.core.past import Past
    from cleo_accounting.core.records import Part, Payable

# The statuses in which a payment is not recorded yet, by what the business chose.
_UNDER_WAY: Mapping[RecordPayments, Collection[PaymentStatus]] = {
    RecordPayments.COMPLETED: (PaymentStatus.PENDING, PaymentStatus.PROCESSING),
    RecordPayments.PROCESSING: (PaymentStatus.PENDING,),
}
_NOT_MADE = (PaymentStatus.FAILED, PaymentStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class PaymentPlanner:
    """Plans payments of one kind; each stands for itself, so any page of them will do.

    `payables`: those that the payments name, by id. `documents` and `credits`: the links of these
    payables, as what is paid and as credits.
    `parties` and `names` are by connection id, `accounts` (links) and `sources` (names) by the id
    of a funding source; `banks` are the company's accounts by id. `held_up` says for a payable
    that has no document why it has none. `today` dates a payment that gives no day.
    """

    kind: PaymentKind
    profile: Profile
    fields: InvoiceFields
    today: date
    payables: Mapping[str, Payable]
    documents: Mapping[str, Link]
    credits: Mapping[str, Link]
    parties: Mapping[str, Link]
    accounts: Mapping[str, Link]
    banks: Mapping[str, Remote]
    sources: Mapping[str, str]
    names: Mapping[str, str]
    verdicts: Mapping[str, Verdict]
    held_up: Mapping[str, str] = field(default_factory=dict)
    past: Mapping[str, Past] = field(default_factory=dict)  # of what was returned, if known

    def plan(self, payments: Sequence[Payment], links: Mapping[str, Link]) -> Iterator[Operation]:
        """Say the one thing to do for each payment of this kind."""
        for payment in payments:
            if not self.concerns(payment):
                continue
            link = links.get(payment.id)
            one = partial(self._one, payment, link)
            yield with_link(alone(self.kind.remote, payment.id, self.label(payment), one), link)

    def concerns(self, payment: Payment) -> bool:
        """Whether a payment is of this kind; one whose payable is unknown counts as the payer's."""
        known = (self.payables.get(one.payable_id) for one in payment.paid)
        role = next((payable.role for payable in known if payable), Role.PAYER)
        return role is self.kind.role

    def label(self, payment: Payment) -> str:
        """What people call a payment: by the number of the payable that it pays, and by whom."""
        paid = [payable for one in payment.paid if (payable := self.payables.get(one.payable_id))]
        if not paid:
            return payment.id
        several = f"{len(paid)} {kinds.of(self.kind.document).plural}"
        number = several if len(paid) > 1 else paid[0].number or paid[0].id
        name = self.names.get(paid[0].connection_id, paid[0].connection_id)
        return f"{number} {'to' if self.kind.role is Role.PAYER else 'from'} {name}"

    def _one(self, payment: Payment, link: Link | None) -> Operation:
        verdict = self.verdicts.get(payment.id)
        if decided := self._decided(payment, verdict):
            return decided
        if is_not_made(payment):
            return self._returned(payment, link, verdict)
        if self._is_under_way(payment) and (link is None or link.gone):
            facts = {"status": payment.status.value, "recorded": self.fields.record_payments.value}
            return self._leave(payment, "payment_under_way", **facts)
        mark = mark_of(payment)
        if is_settled(mark, link, verdict):
            return Keep(payment.id)
        if link is not None and not _may_be_written_again(link, verdict):
            return self._leave(payment, "deleted_there" if link.gone else "payment_changed", mark)
        return self._recorded(payment, mark)

    def _is_under_way(self, payment: Payment) -> bool:
        """Whether it is too early to record a payment, as the business chose."""
        return payment.status in _UNDER_WAY[self.fields.record_payments]

    def _decided(self, payment: Payment, verdict: Verdict | None) -> Operation | None:
        """What a person's word makes of it, whatever else is true."""
        if verdict and verdict.verdict == "leave_out":
            return self._leave(payment, "left_out", by=verdict.by, reason=verdict.value)
        if verdict and verdict.verdict == REMOVE_DUPLICATE:
            extra = Link(payment.id, self.kind.remote, verdict.value, FIRST_VERSION, Origin.CREATED)
            facts = returned(payment) if is_not_made(payment) else dict(COPY)
            return Remove(self.kind.remote, payment.id, self.label(payment), extra, facts)
        return None

    def _recorded(self, payment: Payment, mark: str) -> Operation:
        """Record it, or say why that cannot be."""
        cannot = (
            self._too_early(payment)
            or self._amounts(payment)
            or self._documents(payment)
            or self._account(payment)
            or self._closed(payment)
        )
        return cannot or Create(
            self.kind.remote, payment.id, self.label(payment), self._content(payment), mark
        )

    def _returned(self, payment: Payment, link: Link | None, verdict: Verdict | None) -> Operation:
        """Void what was written; nothing is written of a payment that was never made."""
        facts = returned(payment)
        if link is None:
            past = self.past.get(payment.id)
            if past is not None:
                return self._leave(payment, past.code, **past.facts)
            return self._leave(payment, "payment_not_made", **facts)
        if link.gone:
            return self._leave(payment, "gone", **{**facts, "why": GONE})
        allowed = verdict and (verdict.verdict, verdict.value) == (REMOVE_THERE, link.remote_id)
        if link.origin is Origin.MATCHED and not allowed:
            return self._leave(payment, "matched_withdrawn", **facts)
        facts["note"] = noted(f"Payment {facts['status']} in Cleo Pay", payment.id)
        return Remove(self.kind.remote, payment.id, self.label(payment), link, facts)

    def _too_early(self, payment: Payment) -> Leave | None:
        go_live = self.fields.go_live
        if go_live and self.dated(payment) < go_live:
            return self._leave(payment, "before_go_live", go_live=go_live.isoformat())
        if not payment.paid:
            return self._leave(payment, "quick_pay_off")
        return None

    def _amounts(self, payment: Payment) -> Leave | None:
        amount, currency = payment.amount, payment.amount.currency
        if amount.minor < 0 or not (amount.minor or payment.credits):
            return self._leave(payment, "payment_not_positive", total=str(amount))
        given = total([amount, *payment.credited], currency)
        parts = total([one.amount for one in payment.paid], currency)
        each = (*payment.paid, *(payment.credits or ()))
        if parts != given or any(one.amount.minor <= 0 for one in each):
            facts = {"parts": str(parts), "total": str(given)}
            return self._leave(payment, "payment_parts_differ", **facts)
        home = self.profile.currency
        if currency != home:
            code = "rate_needed" if self.profile.multicurrency else "currency_differs"
            return self._leave(payment, code, currency=currency, home=home)
        return None

    def _documents(self, payment: Payment) -> Leave | None:
        """Say which of the documents and credits that it names is not there."""
        for part in payment.paid:
            if cannot := self._missing(payment, part, self.kind.document, self.documents):
                return cannot
        for part in payment.credits or ():
            if cannot := self._missing(payment, part, self.kind.credit, self.credits):
                return cannot
        payables = [self.payables[one] for one in named_by(payment)]
        if len({(one.role, one.connection_id) for one in payables}) > 1:
            return self._leave(payment, "payment_of_several_parties")
        return None

    def _missing(
        self, payment: Payment, part: Part, wanted: RemoteKind, linked: Mapping[str, Link]
    ) -> Leave | None:
        payable, document = self.payables.get(part.payable_id), linked.get(part.payable_id)
        if payable is not None and document is not None and not document.gone:
            return None
        if payable is None:
            why = "the payable has not arrived from Cleo Pay yet."
        elif document is not None:
            why = "it was deleted in QuickBooks."
        elif kinds.document_for(payable).remote is not wanted:
            why = f"the payable is {kinds.document_for(payable).one}."
        else:
            why = self.held_up.get(part.payable_id, "it has not been synced yet.")
        number = (payable.number if payable else None) or part.payable_id
        facts = {"document": kinds.of(wanted).noun, "number": number, "why": why}
        if payable is not None and (document is not None or part.payable_id in self.held_up):
            told = kinds.document_for(payable).remote.value  # what a person is told more about
            facts |= {"document_kind": told, "payable_id": part.payable_id}
        return self._leave(payment, "bill_needed", **facts)

    def _account(self, payment: Payment) -> Leave | None:
        source = self.sources.get(payment.funding_source_id, payment.funding_source_id)
        link = self.accounts.get(payment.funding_source_id)
        if link is None or link.gone:
            facts = {"name": source, "source_id": payment.funding_source_id}
            return self._leave(payment, "bank_mapping_needed", **facts)
        account = self.banks.get(link.remote_id)
        if account is None:
            return None  # no list shows it yet: QuickBooks says whether it takes it
        facts = {
            "name": account.full_name,
            "source": source,
            "source_id": payment.funding_source_id,
        }
        if not account.active or account.gone:
            return self._leave(payment, "bank_account_inactive", **facts)
        currency = account.details.get("currency") or self.profile.currency
        if currency != payment.amount.currency:
            theirs = {"theirs": currency, "currency": payment.amount.currency}
            return self._leave(payment, "bank_account_currency", **facts, **theirs)
        return None

    def _closed(self, payment: Payment) -> Leave | None:
        """Say that the books are closed for its date; what a person says that it is goes on."""
        closed, dated = self.profile.closed_until, self.dated(payment)
        verdict = self.verdicts.get(payment.id)
        if closed is None or dated > closed or (verdict and verdict.verdict == LINK_TO):
            return None
        facts = {"dated": dated.isoformat(), "closed": closed.isoformat()}
        return self._leave(payment, "books_closed", **facts)

    def content(self, payment: Payment) -> Settlement:
        """Write a payment as it would be recorded now, whether or not it can be.

        Where a payable, its document or the account is not known, it says only number, day and
        amount.
        """
        credited = [one.payable_id for one in payment.credits or ()]
        paid = [one.payable_id for one in payment.paid]
        known = all(name in self.payables for name in (*paid, *credited))
        linked = all(name in self.documents for name in paid)
        linked = linked and all(name in self.credits for name in credited)
        if known and linked and paid and payment.funding_source_id in self.accounts:
            return self._content(payment)
        about = (short_number(payment.id), self.dated(payment), payment.amount)
        return Settlement("", "", *about, note="", marker=marker(payment.id), applied=())

    def mark(self, payment: Payment) -> str:
        """What of a payment is written."""
        return mark_of(payment)

    def _content(self, payment: Payment) -> Settlement:
        payables = [self.payables[one.payable_id] for one in payment.paid]
        party = self.parties.get(payables[0].connection_id)
        name = self.names.get(payables[0].connection_id, "")
        numbers = ", ".join(own_number(one) for one in payables)
        return Settlement(
            party_id=party.remote_id if party else "",
            account_id=self.accounts[payment.funding_source_id].remote_id,
            number=short_number(payment.id),
            dated=self.dated(payment),
            total=payment.amount,
            note=noted(f"Payment of {numbers}: {name}", payment.id),
            marker=marker(payment.id),
            applied=(
                *(
                    Applied(self.documents[one.payable_id].remote_id, one.amount)
                    for one in payment.paid
                ),
                *(
                    Applied(self.credits[one.payable_id].remote_id, one.amount, is_credit=True)
                    for one in payment.credits or ()
                ),
            ),
        )

    def dated(self, payment: Payment) -> date:
        """The day of a payment: its own, else that of its completion in the business's zone."""
        if payment.paid_on is None and payment.completed_at is not None:
            return payment.completed_at.astimezone(ZoneInfo(self.fields.time_zone)).date()
        return payment.paid_on or self.today

    def _leave(self, payment: Payment, code: str, mark: str | None = None, **facts: str) -> Leave:
        return Leave(self.kind.remote, payment.id, self.label(payment), code, facts, mark=mark)


def _may_be_written_again(link: Link, verdict: Verdict | None) -> bool:
    """Whether a person asked for what was deleted there, or said which payment it is instead."""
    if not link.gone or verdict is None:
        return False
    if verdict.verdict == LINK_TO:
        return verdict.value != link.remote_id
    return (verdict.verdict, verdict.value) == ("create_again", link.remote_id)


def named_by(payment: Payment) -> Sequence[str]:
    """The ids of the payables that a payment pays, then of those whose credit it uses."""
    return [one.payable_id for one in (*payment.paid, *(payment.credits or ()))]


def is_not_made(payment: Payment) -> bool:
    """Whether a payment failed or was cancelled: nothing of it is to stand over there."""
    return payment.status in _NOT_MADE


def mark_of(payment: Payment) -> str:
    """What of a payment is written: all but its status, its speed, its completion and its return.

    A payment that is recorded while it is processing is completed only afterwards.
    """
    kept = replace(
        payment,
        status=PaymentStatus.COMPLETED,
        clearing_speed=None,
        completed_at=None,
        return_code=None,
        returned_on=None,
    )
    return fingerprint(kept)


def returned(payment: Payment) -> dict[str, str]:
    """The facts for a payment that failed, was cancelled, or came back from the bank."""
    failed = payment.status is PaymentStatus.FAILED
    coded = f" with the code {payment.return_code}" if payment.return_code else ""
    on = f" on {payment.returned_on.isoformat()}" if payment.returned_on else ""
    status = f"{'returned by the bank' if failed else 'cancelled'}{coded}{on}"
    return {"status": status, "why": f"It was {status}"}
