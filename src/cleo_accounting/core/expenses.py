"""The plan of expenses: which Quick Pay payments are recorded, removed or left, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.choices import Trouble
from cleo_accounting.core.fields import QuickPay
from cleo_accounting.core.kinds import ExpenseKind
from cleo_accounting.core.links import Expense
from cleo_accounting.core.movements import MovementPlanner, mark_of
from cleo_accounting.core.records import total
from cleo_accounting.core.render import marker, noted, short_number
from cleo_accounting.core.twins import (
    DAYS_APART_MAX,
    Twin,
    Words,
    ask,
    link_as_told,
    payment_taken,
    payment_twin,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cleo_accounting.core.links import Remote
    from cleo_accounting.core.plan import Create, Leave, LinkTo
    from cleo_accounting.core.records import Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpensePlanner(MovementPlanner[ExpenseKind]):
    """Plans payments without a payable.

    `blocked` states why a connection has no vendor; `inactive` holds the ids of vendors that may no
    longer be used; `currencies` are those of vendors, by their ids; `trouble` is why the chosen
    expense account cannot be used.
    """

    blocked: Mapping[str, str] = field(default_factory=dict)
    inactive: Collection[str] = ()
    currencies: Mapping[str, str] = field(default_factory=dict)
    trouble: Trouble | None = None

    def concerns(self, payment: Payment) -> bool:
        """Return whether a payment pays no payable."""
        return not payment.paid

    def label(self, payment: Payment) -> str:
        """Return the label that people see for a Quick Pay payment: it names the payee."""
        name = self.names.get(payment.connection_id or "")
        return f"Quick Pay to {name}" if name else payment.id

    def _off(self, payment: Payment) -> Leave | None:
        if self.fields.quick_pay is QuickPay.ON:
            return None
        return self._leave(payment, "quick_pay_off")

    def _cannot(self, payment: Payment) -> Leave | None:
        if payment.paid:  # it named no payable when it was recorded
            return self._leave(payment, "payment_changed", mark_of(payment))
        if payment.credits:  # credits cannot be used without a payable
            given = total([payment.amount, *payment.credited], payment.amount.currency)
            facts = {"parts": str(total([], given.currency)), "total": str(given)}
            return self._leave(payment, "payment_parts_differ", **facts)
        if self.profile.needs_tax_codes:
            return self._leave(payment, "tax_code_needed", country=self.profile.country)
        return self._vendor(payment) or self._booked_to(payment)

    def _vendor(self, payment: Payment) -> Leave | None:
        connection_id = payment.connection_id
        if connection_id is None:
            return self._leave(payment, "payee_needed")
        name = self.names.get(connection_id)
        if name is None:
            return self._leave(payment, "connection_unknown", connection_id=connection_id)
        vendor = self.parties.get(connection_id)
        if vendor is None:
            code = kinds.party(self.kind.party).needed
            why = self.blocked.get(connection_id, "it has not been synced yet.")
            facts = {"connection_id": connection_id, "why": why}
            return self._leave(payment, code, name=name, **facts)
        name = vendor.remote_name or name
        if vendor.remote_id in self.inactive:
            facts = {"connection_id": connection_id, "party_id": vendor.remote_id}
            return self._leave(payment, "inactive", name=name, **facts)
        currency = payment.amount.currency
        theirs = self.currencies.get(vendor.remote_id, currency)
        if theirs != currency:
            facts = {"currency": currency, "theirs": theirs, "connection_id": connection_id}
            return self._leave(payment, "party_currency_differs", name=name, **facts)
        return None

    def _booked_to(self, payment: Payment) -> Leave | None:
        if self.kind.booked_to(self.fields) is None:
            return self._leave(payment, self.kind.choice_needed)
        if self.trouble is not None:
            return self._leave(payment, self.trouble.code, **self.trouble.facts)
        return None

    def _content(self, payment: Payment) -> Expense:
        connection_id, account_id = payment.connection_id or "", self.kind.booked_to(self.fields)
        assert account_id is not None, "without one it waits"
        return Expense(
            party_id=self.parties[connection_id].remote_id,
            account_id=self.accounts[payment.funding_source_id].remote_id,
            expense_account_id=account_id,
            number=short_number(payment.id),
            dated=self.dated(payment),
            total=payment.amount,
            note=noted(f"Quick Pay: {self.names[connection_id]}", payment.id),
            marker=marker(payment.id),
        )


def settle(
    create: Create, seen: Iterable[Remote], words: Words, owners: Mapping[str, str]
) -> Create | LinkTo | Leave:
    """Decide about an expense that is to be recorded: record it, link it, or ask a person.

    `seen`: the expenses in QuickBooks that may be the same, and those to which people decided to
    link payments; `owners` maps each of them to the record that it is linked to.
    """
    content, found = create.content, {one.id: one for one in seen}
    assert isinstance(content, Expense)
    if same := words.same.get(create.record_id):
        there = found.get(same)
        return link_as_told(create, there, _unfit(create, content, there, owners.get(same)))
    alike = [twin for one in found.values() if (twin := twin_of(content, one))]
    twins = words.undecided(create, alike, owners)
    twins.sort(key=lambda twin: (abs((twin.dated - content.dated).days), twin.remote_id))
    return ask(create, twins) if twins else create


def twin_of(content: Expense, remote: Remote) -> Twin | None:
    """Return an expense in QuickBooks as a twin of this one if it may be the same, or None.

    An expense with our marker is ours and no twin.
    """
    theirs = remote.content
    if remote.gone or remote.details.get("marker") or not isinstance(theirs, Expense):
        return None
    near = abs((theirs.dated - content.dated).days) <= DAYS_APART_MAX
    if (theirs.party_id, theirs.total) != (content.party_id, content.total) or not near:
        return None
    return payment_twin(remote, theirs)


def _unfit(
    create: Create, content: Expense, remote: Remote | None, owner: str | None
) -> str | None:
    """Return why an expense in QuickBooks cannot be this one, or None."""
    if remote is None or remote.gone:
        return "it was deleted or voided in QuickBooks"
    theirs = remote.content
    if not isinstance(theirs, Expense):
        return "it names no vendor, or cannot be read"
    if theirs.party_id != content.party_id:
        return "it was paid to another vendor"
    return payment_taken(create, content, remote, owner)
