"""Report the status of a payable in QuickBooks: its document, open balance and payments."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.balance import PaymentState
from cleo_accounting.core.kinds import DOCUMENTS
from cleo_accounting.core.records import Payable, PayableStatus, Payment, PaymentStatus, RecordKind
from cleo_accounting.core.states import Action, ItemState
from cleo_accounting.errors import Missing
from cleo_accounting.flows.reporting.progress import item
from cleo_accounting.store import balances, integrations, links, payment_parts, records
from cleo_accounting.store.views import history, payments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cleo_accounting.core.balance import Balance
    from cleo_accounting.core.links import Link, RemoteKind
    from cleo_accounting.core.records import Money
    from cleo_accounting.flows import House
    from cleo_accounting.flows.reporting.progress import Item
    from cleo_accounting.store.database import Transaction

_ON_THE_WAY = (PaymentStatus.PENDING, PaymentStatus.PROCESSING)
_RETURNED = (PaymentStatus.FAILED,)
_RECEIVED = (*_ON_THE_WAY, PaymentStatus.COMPLETED)


class State(StrEnum):
    """The status of a record in QuickBooks."""

    WRITTEN = "written"  # its counterpart exists there
    GONE = "gone"  # somebody deleted or voided the counterpart there
    REMOVED = "removed"  # we deleted or voided it
    WAITING = "waiting"  # a person is needed before it can be sent
    IN_DOUBT = "in_doubt"  # it was sent, and the answer did not arrive
    LEFT = "left"  # it was left out of the last sync, as it should be
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True)
class There:
    """A record's counterpart in QuickBooks, and the newest operation on the record."""

    kind: RemoteKind
    state: State
    newest: Item | None
    remote_id: str | None
    number: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class PaymentHere:
    """A payment of Cleo Pay that pays `amount` of the payable, or uses that much of its credit."""

    payment: Payment
    amount: Money
    there: There


@dataclass(frozen=True, slots=True)
class OtherPayment:
    """A payment in QuickBooks that is not linked to a payment of Cleo Pay."""

    remote_id: str
    address: str | None


@dataclass(frozen=True, slots=True)
class DocumentStatus:
    """The status of a payable in QuickBooks.

    `total`, `open` and `others` are as QuickBooks reported them at `as_of`; None: unknown.
    `payment_is_missing`: the payable is paid in Cleo Pay, but none of its payments has arrived.
    """

    payable: Payable
    there: There
    total: Money | None
    open: Money | None
    payment_state: PaymentState
    as_of: datetime | None
    payments: Sequence[PaymentHere]
    others: Sequence[OtherPayment]
    payment_is_missing: bool


@dataclass(frozen=True, slots=True)
class PaymentCounts:
    """How many payments are recorded in QuickBooks, on the way in Cleo Pay, and returned.

    A payment counts once: one that is recorded before it is completed counts as recorded.
    """

    recorded: int = 0
    on_the_way: int = 0
    returned: int = 0

    @property
    def total(self) -> int:
        """The number of all payments."""
        return self.recorded + self.on_the_way + self.returned


def document_status(
    house: House, business_id: str, integration_id: str, payable_id: str
) -> DocumentStatus:
    """Return the status of a payable in QuickBooks, as last read.

    Raises:
        Missing: the business has no such integration or payable.
    """
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        found = records.get(tx, business_id, RecordKind.PAYABLE, [payable_id])
        payable = found.get(payable_id)
        if not isinstance(payable, Payable):
            raise Missing("There is no such payable.")
        look = _Look(house, tx, business_id, integration_id)
        return look.status(payable)


def payment_counts(house: House, business_id: str, integration_id: str) -> PaymentCounts:
    """Count the payments of a business by their status."""
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        return PaymentCounts(
            recorded=payments.recorded(tx, integration_id),
            on_the_way=payments.not_recorded(tx, business_id, integration_id, _ON_THE_WAY),
            returned=payments.not_recorded(tx, business_id, integration_id, _RETURNED),
        )


@dataclass(frozen=True, slots=True)
class _Look:
    """Reads what we have stored about one payable."""

    house: House
    tx: Transaction
    business_id: str
    integration_id: str

    def status(self, payable: Payable) -> DocumentStatus:
        kind = kinds.document_for(payable).remote
        link = self._links(DOCUMENTS, [payable.id]).get(payable.id)
        balance = self._balance(link)
        newest = self._newest(DOCUMENTS, [payable.id]).get(payable.id)
        gone = balance is not None and balance.known and balance.gone
        stands = balance if balance is not None and balance.stands and not _is_gone(link) else None
        paying = self._payments(payable)
        here = {one.payment.status for one in paying}
        return DocumentStatus(
            payable=payable,
            there=self._there(
                kind, link, newest, number=balance.number if balance else None, gone=gone
            ),
            total=stands.total if stands else None,
            open=stands.open if stands else None,
            payment_state=stands.payment_state if stands else PaymentState.UNKNOWN,
            as_of=stands.at if stands else None,
            payments=paying,
            others=self._others(link, stands),
            payment_is_missing=payable.status is PayableStatus.PAID and not here & {*_RECEIVED},
        )

    def _payments(self, payable: Payable) -> list[PaymentHere]:
        ids = payment_parts.paying(self.tx, self.business_id, payable.id)
        found = records.get(self.tx, self.business_id, RecordKind.PAYMENT, ids)
        counterparts = kinds.counterparts(RecordKind.PAYMENT)
        linked = self._links(counterparts, ids)
        newest = self._newest(counterparts, ids)
        kind = kinds.payment_of(kinds.document_for(payable).remote).remote
        return [
            PaymentHere(
                payment,
                part.amount,
                self._there(kind, linked.get(payment.id), newest.get(payment.id)),
            )
            for payment in (found[name] for name in ids if name in found)
            if isinstance(payment, Payment)
            for part in (*payment.paid, *(payment.credits or ()))
            if part.payable_id == payable.id
        ]

    def _others(self, link: Link | None, balance: Balance | None) -> list[OtherPayment]:
        """Return the payments that QuickBooks names and that are not linked to ours."""
        if link is None or balance is None:
            return []
        kind = kinds.payment_of(link.kind).remote
        owners = links.owners_of(self.tx, self.integration_id, kind, balance.payments)
        return [
            OtherPayment(one, self.house.provider.address_of(kind, one))
            for one in balance.payments
            if one not in owners
        ]

    def _balance(self, link: Link | None) -> Balance | None:
        if link is None:
            return None
        known = balances.of(self.tx, self.integration_id, link.kind, [link.remote_id])
        return known.get(link.remote_id)

    def _links(self, of: Sequence[RemoteKind], record_ids: Sequence[str]) -> Mapping[str, Link]:
        """Return the links of records to remotes of some kinds; a link that is not gone wins."""
        found: dict[str, Link] = {}
        for kind in of:
            for name, link in links.links_of(
                self.tx, self.integration_id, kind, record_ids
            ).items():
                if name not in found or found[name].gone:
                    found[name] = link
        return found

    def _newest(self, of: Sequence[RemoteKind], record_ids: Sequence[str]) -> Mapping[str, Item]:
        told = history.newest_of(self.tx, self.business_id, self.integration_id, of, record_ids)
        return {name: item(one.row) for name, one in told.items()}

    def _there(
        self,
        kind: RemoteKind,
        link: Link | None,
        newest: Item | None,
        *,
        number: str | None = None,
        gone: bool = False,
    ) -> There:
        if link is None:
            return There(kind, _state_of(newest), newest, None, None, None)
        is_gone = gone or link.gone
        return There(
            kind=link.kind,
            state=State.GONE if is_gone else State.WRITTEN,
            newest=newest,
            remote_id=link.remote_id,
            number=number or link.remote_name or None,
            address=(
                None if is_gone else self.house.provider.address_of(link.kind, link.remote_id)
            ),
        )


def _is_gone(link: Link | None) -> bool:
    return link is None or link.gone


def _state_of(newest: Item | None) -> State:
    """Return the state of a record without a counterpart, from the newest operation on it."""
    if newest is None or newest.state in (ItemState.PLANNED, ItemState.WAITING):
        return State.NOT_SENT
    if newest.needs_attention:
        return State.WAITING
    if newest.state in (ItemState.SENT, ItemState.IN_DOUBT):
        return State.IN_DOUBT
    if newest.state == ItemState.WRITTEN and newest.action == Action.REMOVE:
        return State.REMOVED
    return State.LEFT if newest.state == ItemState.LEFT else State.NOT_SENT
