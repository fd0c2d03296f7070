"""The plan of payments of documents: which are recorded, voided or left, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.kinds import PaymentKind
from cleo_accounting.core.links import Applied, Link, Settlement
from cleo_accounting.core.movements import MovementPlanner, mark_of
from cleo_accounting.core.records import Payable, Role, total
from cleo_accounting.core.render import marker, noted, own_number, short_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.core.links import RemoteKind
    from cleo_accounting.core.plan import Leave
    from cleo_accounting.core.records import Part, Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPlanner(MovementPlanner[PaymentKind]):
    """Plans payments of bills, or of invoices.

    `payables`: the payables that the payments name, by id. `documents` and `credits`: the links of
    these payables as documents to pay and as credits to use. `held_up` states why a payable has no
    document.
    """

    payables: Mapping[str, Payable]
    documents: Mapping[str, Link]
    credits: Mapping[str, Link]
    held_up: Mapping[str, str] = field(default_factory=dict)

    def concerns(self, payment: Payment) -> bool:
        """Return whether a payment pays documents of this kind.

        A payment of unknown payables counts as one that the business makes.
        """
        known = (self.payables.get(one.payable_id) for one in payment.paid)
        role = next((payable.role for payable in known if payable), Role.PAYER)
        return bool(payment.paid) and role is self.kind.role

    def label(self, payment: Payment) -> str:
        """Return the label that people see for a payment: the payable's number and the party."""
        paid = [payable for one in payment.paid if (payable := self.payables.get(one.payable_id))]
        if not paid:
            return payment.id
        several = f"{len(paid)} {kinds.of(self.kind.document).plural}"
        number = several if len(paid) > 1 else paid[0].number or paid[0].id
        name = self.names.get(paid[0].connection_id, paid[0].connection_id)
        return f"{number} {'to' if self.kind.role is Role.PAYER else 'from'} {name}"

    def _cannot(self, payment: Payment) -> Leave | None:
        if not payment.paid:  # it still named a payable when it was recorded
            return self._leave(payment, "payment_changed", mark_of(payment))
        return self._parts(payment) or self._documents(payment)

    def _parts(self, payment: Payment) -> Leave | None:
        currency = payment.amount.currency
        given = total([payment.amount, *payment.credited], currency)
        parts = total([one.amount for one in payment.paid], currency)
        each = (*payment.paid, *(payment.credits or ()))
        if parts == given and all(one.amount.minor > 0 for one in each):
            return None
        facts = {"parts": str(parts), "total": str(given)}
        return self._leave(payment, "payment_parts_differ", **facts)

    def _documents(self, payment: Payment) -> Leave | None:
        """Return which of the documents and credits of a payment is missing, or None."""
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
            told = kinds.document_for(payable).remote.value  # the page links to this document
            facts |= {"document_kind": told, "payable_id": part.payable_id}
        return self._leave(payment, "bill_needed", **facts)

    def content(self, payment: Payment) -> Settlement:
        """Return the payment as it would be recorded now, whether or not it can be.

        If a payable, its document or the account is unknown, only the number, the date and the
        amount are filled in.
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


def named_by(payment: Payment) -> Sequence[str]:
    """Return the ids of the payables that a payment pays, then of those whose credit it uses."""
    return [one.payable_id for one in (*payment.paid, *(payment.credits or ()))]
