"""The common rules of the plans of payments: when one is recorded, voided, or waits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar
from zoneinfo import ZoneInfo

from cleo_accounting.core.decision import Decision
from cleo_accounting.core.fields import RecordPayments
from cleo_accounting.core.kinds import EntryKind
from cleo_accounting.core.links import (
    Content,
    Link,
    Profile,
    Remote,
    RemoteKind,
)
from cleo_accounting.core.past import Past
from cleo_accounting.core.plan import (
    Create,
    Keep,
    Leave,
    Operation,
    Verdict,
    alone,
    is_settled,
    with_link,
)
from cleo_accounting.core.records import Payment, PaymentStatus, fingerprint
from cleo_accounting.core.render import noted
from cleo_accounting.core.withdrawing import decided, withdrawn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from cleo_accounting.core.fields import InvoiceFields

K = TypeVar("K", bound=EntryKind)

# The statuses in which a payment is not recorded yet, by the choice of the business.
_UNDER_WAY: Mapping[RecordPayments, Collection[PaymentStatus]] = {
    RecordPayments.COMPLETED: (PaymentStatus.PENDING, PaymentStatus.PROCESSING),
    RecordPayments.PROCESSING: (PaymentStatus.PENDING,),
}
_NOT_MADE = (PaymentStatus.FAILED, PaymentStatus.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementPlanner(ABC, Generic[K]):
    """Plans the payments that become one kind, each independently of the others.

    `parties` and `names` are by connection id, `accounts` (links) and `sources` (names) by the id
    of a funding source; `banks` are the company's accounts by id. `today` dates a payment that has
    no date. `recorded` holds the kind as which a payment was recorded before, by its id.
    """

    kind: K
    profile: Profile
    fields: InvoiceFields
    today: date
    parties: Mapping[str, Link]
    accounts: Mapping[str, Link]
    banks: Mapping[str, Remote]
    sources: Mapping[str, str]
    names: Mapping[str, str]
    verdicts: Mapping[str, Verdict]
    past: Mapping[str, Past] = field(default_factory=dict)  # of returned payments, if known
    recorded: Mapping[str, RemoteKind] = field(default_factory=dict)

    @abstractmethod
    def concerns(self, payment: Payment) -> bool:
        """Return whether a payment that was not recorded yet becomes one of this kind."""

    @abstractmethod
    def label(self, payment: Payment) -> str:
        """Return the label that people see for a payment."""

    def _off(self, payment: Payment) -> Leave | None:  # noqa: ARG002  some kinds have a switch
        """Return that payments like this one are never recorded, or None."""
        return None

    @abstractmethod
    def _cannot(self, payment: Payment) -> Leave | None:
        """Return why a payment cannot be recorded as this kind, or None."""

    @abstractmethod
    def _content(self, payment: Payment) -> Content:
        """Return the content to write for a payment."""

    def plans(self, payment: Payment) -> bool:
        """Return whether a payment is planned here; it keeps the kind as which it was recorded."""
        recorded = self.recorded.get(payment.id)
        return recorded is self.kind.remote if recorded else self.concerns(payment)

    def plan(self, payments: Sequence[Payment], links: Mapping[str, Link]) -> Iterator[Operation]:
        """Yield one operation for each payment of this kind."""
        for payment in payments:
            if not self.plans(payment):
                continue
            link = links.get(payment.id)
            one = partial(self._one, payment, link)
            yield with_link(alone(*self._about(payment), one), link)

    def _one(self, payment: Payment, link: Link | None) -> Operation:
        verdict = self.verdicts.get(payment.id)
        facts = returned(payment) if is_not_made(payment) else None
        if word := decided(*self._about(payment), verdict, facts):
            return word
        if facts is not None:
            return self._returned(payment, link, verdict)
        if (link is None or link.gone) and (early := self._off(payment) or self._early(payment)):
            return early
        mark = mark_of(payment)
        if is_settled(mark, link, verdict):
            return Keep(payment.id)
        if link is not None and not _may_be_written_again(link, verdict):
            return self._leave(payment, "deleted_there" if link.gone else "payment_changed", mark)
        return self._recorded(payment, mark)

    def _early(self, payment: Payment) -> Leave | None:
        if not self._is_under_way(payment):
            return None
        facts = {"status": payment.status.value, "recorded": self.fields.record_payments.value}
        return self._leave(payment, "payment_under_way", **facts)

    def _is_under_way(self, payment: Payment) -> bool:
        """Return whether it is too early to record a payment, by the choice of the business."""
        return payment.status in _UNDER_WAY[self.fields.record_payments]

    def _recorded(self, payment: Payment, mark: str) -> Operation:
        """Record the payment, or return why that is not possible."""
        cannot = (
            self._too_early(payment)
            or self._amount(payment)
            or self._cannot(payment)
            or self._account(payment)
            or self._closed(payment)
        )
        return cannot or Create(*self._about(payment), self._content(payment), mark)

    def _returned(self, payment: Payment, link: Link | None, verdict: Verdict | None) -> Operation:
        """Void what was written; nothing is written for a payment that was never made."""
        facts = returned(payment)
        past = self.past.get(payment.id, Past("payment_not_made", facts))
        note = noted(f"Payment {facts['status']} in Cleo Pay", payment.id)
        return withdrawn(*self._about(payment), link, verdict, facts, past, note=note)

    def _too_early(self, payment: Payment) -> Leave | None:
        go_live = self.fields.go_live
        if go_live and self.dated(payment) < go_live:
            return self._leave(payment, "before_go_live", go_live=go_live.isoformat())
        return None

    def _amount(self, payment: Payment) -> Leave | None:
        amount, currency, home = payment.amount, payment.amount.currency, self.profile.currency
        if amount.minor < 0 or not (amount.minor or payment.credits):
            return self._leave(payment, "payment_not_positive", total=str(amount))
        if currency != home:
            code = "rate_needed" if self.profile.multicurrency else "currency_differs"
            return self._leave(payment, code, currency=currency, home=home)
        return None

    def _account(self, payment: Payment) -> Leave | None:
        source = self.sources.get(payment.funding_source_id, payment.funding_source_id)
        link = self.accounts.get(payment.funding_source_id)
        if link is None or link.gone:
            facts = {"name": source, "source_id": payment.funding_source_id}
            return self._leave(payment, "bank_mapping_needed", **facts)
        account = self.banks.get(link.remote_id)
        if account is None:
            return None  # not in any list yet: QuickBooks accepts or refuses it
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
        """Return that the books are closed for the payment's date, unless a person links it."""
        closed, dated = self.profile.closed_until, self.dated(payment)
        verdict = self.verdicts.get(payment.id)
        if closed is None or dated > closed or (verdict and verdict.verdict == Decision.LINK_TO):
            return None
        facts = {"dated": dated.isoformat(), "closed": closed.isoformat()}
        return self._leave(payment, "books_closed", **facts)

    def mark(self, payment: Payment) -> str:
        """Return the fingerprint of what is written of a payment."""
        return mark_of(payment)

    def dated(self, payment: Payment) -> date:
        """Return the date of a payment: its own, or its completion in the business's zone."""
        if payment.paid_on is None and payment.completed_at is not None:
            return payment.completed_at.astimezone(ZoneInfo(self.fields.time_zone)).date()
        return payment.paid_on or self.today

    def _about(self, payment: Payment) -> tuple[RemoteKind, str, str]:
        return self.kind.remote, payment.id, self.label(payment)

    def _leave(self, payment: Payment, code: str, mark: str | None = None, **facts: str) -> Leave:
        return Leave(*self._about(payment), code, facts, mark=mark)


def _may_be_written_again(link: Link, verdict: Verdict | None) -> bool:
    """Return whether a person asked to create a deleted payment again, or to link another one."""
    if not link.gone or verdict is None:
        return False
    if verdict.verdict == Decision.LINK_TO:
        return verdict.value != link.remote_id
    return (verdict.verdict, verdict.value) == (Decision.CREATE_AGAIN, link.remote_id)


def is_not_made(payment: Payment) -> bool:
    """Return whether a payment failed or was cancelled, so that it must have no entry."""
    return payment.status in _NOT_MADE


def mark_of(payment: Payment) -> str:
    """Return the fingerprint of what is written of a payment.

    Status, clearing speed, completion and return are not part of it: a payment that is recorded
    while it is processing is completed only later. Nor is the connection of a payment that pays
    payables, because these name the party.
    """
    kept = replace(
        payment,
        status=PaymentStatus.COMPLETED,
        clearing_speed=None,
        completed_at=None,
        return_code=None,
        returned_on=None,
        connection_id=None if payment.paid else payment.connection_id,
    )
    return fingerprint(kept)


def returned(payment: Payment) -> dict[str, str]:
    """Return the facts for a payment that failed, was cancelled, or was returned by the bank."""
    failed = payment.status is PaymentStatus.FAILED
    coded = f" with the code {payment.return_code}" if payment.return_code else ""
    on = f" on {payment.returned_on.isoformat()}" if payment.returned_on else ""
    status = f"{'returned by the bank' if failed else 'cancelled'}{coded}{on}"
    return {"status": status, "why": f"It was {status}"}
