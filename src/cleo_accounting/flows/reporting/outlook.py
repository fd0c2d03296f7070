"""Predict what a sync would do about each record now, for comparison with the books."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.documents import is_withdrawn
from cleo_accounting.core.documents import label as label_of
from cleo_accounting.core.kinds import PaymentKind
from cleo_accounting.core.links import Document, Entry, RemoteKind, Settlement
from cleo_accounting.core.movements import is_not_made
from cleo_accounting.core.payments import PaymentPlanner
from cleo_accounting.core.plan import Create
from cleo_accounting.core.records import Payable, Payment, RecordKind
from cleo_accounting.core.sides import Planned
from cleo_accounting.flows.run import removal
from cleo_accounting.flows.run.planner import (
    document_planner,
    payables_of,
    payment_planner,
)
from cleo_accounting.store import links, operations
from cleo_accounting.store.views import pairing, waiting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from cleo_accounting.core.documents import DocumentPlanner
    from cleo_accounting.core.links import Content, Link
    from cleo_accounting.core.plan import Operation, Verdict
    from cleo_accounting.core.records import Record
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.integrations import Integration

_WITHDRAWN = "It was declined or cancelled in Cleo Pay"
_NOT_MADE = "It failed or was cancelled in Cleo Pay"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a sync would do now about the records of one kind, and what waits for a person."""

    integration: Integration
    kind: RemoteKind
    planner: DocumentPlanner | PaymentPlanner
    waiting: Mapping[str, tuple[str, str | None]]
    in_doubt: Collection[str]

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """The decisions of people about records of this kind."""
        return self.planner.verdicts

    def of(
        self, tx: Transaction, given: Sequence[Record], linked: Mapping[str, Link]
    ) -> Iterator[Planned]:
        """Yield the plan for each of some records; records of other kinds are left out."""
        known = links.contents(tx, self.integration.id, self.kind, list(linked))
        planner = self.planner
        if isinstance(planner, PaymentPlanner):
            payments = [one for one in given if isinstance(one, Payment)]
            yield from self._payments(tx, planner, payments, linked, known)
        else:
            payables = [one for one in given if isinstance(one, Payable)]
            yield from self._payables(tx, planner, payables, linked, known)

    def _payables(
        self,
        tx: Transaction,
        planner: DocumentPlanner,
        payables: Sequence[Payable],
        linked: Mapping[str, Link],
        known: Mapping[str, Content],
    ) -> Iterator[Planned]:
        gone = [one.id for one in payables if is_withdrawn(one)]
        past = removal.past(tx, self.integration.id, self.kind, gone)
        written = {name: one for name, one in known.items() if isinstance(one, Document)}
        ids = [one.id for one in payables]
        elsewhere = links.elsewhere(tx, self.integration.id, self.kind, ids)
        planner = replace(planner, past=past, written=written, elsewhere=elsewhere)
        for one in payables:
            for operation in planner.plan([one], linked):
                mark = planner.mark(one)
                yield Planned(
                    one.id,
                    label_of(one),
                    one.amount,
                    operation,
                    mark,
                    planner.content(one),
                    written=written.get(one.id),
                    verdict=self.verdicts.get(one.id),
                    waits_for=self._waits_for(operation, one.id, mark),
                    withdrawn=_WITHDRAWN if is_withdrawn(one) else "",
                )

    def _payments(
        self,
        tx: Transaction,
        planner: PaymentPlanner,
        payments: Sequence[Payment],
        linked: Mapping[str, Link],
        known: Mapping[str, Content],
    ) -> Iterator[Planned]:
        integration_id, kind = self.integration.id, planner.kind
        payables = payables_of(tx, self.integration.business_id, payments)
        not_made = [one.id for one in payments if is_not_made(one)]
        planner = replace(
            planner,
            payables=payables,
            documents=links.links_of(tx, integration_id, kind.document, sorted(payables)),
            credits=links.links_of(tx, integration_id, kind.credit, sorted(payables)),
            past=removal.past(tx, integration_id, self.kind, not_made),
            recorded=pairing.written_as(
                tx, integration_id, RecordKind.PAYMENT, [one.id for one in payments]
            ),
        )
        for one in payments:
            for operation in planner.plan([one], linked):
                mark, written = planner.mark(one), known.get(one.id)
                content = planner.content(one)
                yield Planned(
                    one.id,
                    planner.label(one),
                    one.amount,
                    operation,
                    mark,
                    content,
                    written=written if isinstance(written, Entry) else None,
                    verdict=self.verdicts.get(one.id),
                    waits_for=self._waits_for(operation, one.id, mark),
                    withdrawn=_NOT_MADE if is_not_made(one) else "",
                    free=() if written else _unknown(one, content),
                )

    def _waits_for(self, operation: Operation, record_id: str, mark: str) -> str:
        """Return the cause for which a record waits, if the plan has not changed since."""
        if record_id in self.in_doubt:
            return "in_doubt"
        code, tried = self.waiting.get(record_id, ("", None))
        is_the_same = tried == mark or (tried is None and not isinstance(operation, Create))
        return code if is_the_same else ""


def _unknown(payment: Payment, content: Settlement) -> tuple[str, ...]:
    """Return the fields of a payment that cannot be predicted without knowing what was written.

    The account may have been chosen anew since the payment was written.
    """
    dated = () if payment.paid_on or payment.completed_at else ("dated",)
    return ("account_id", *dated, *(() if content.applied else ("applied",)))


def outlook(tx: Transaction, integration: Integration, kind: RemoteKind, now: datetime) -> Outlook:
    """Return what a sync would do about the records of a kind."""
    unsettled = operations.unsettled(tx, integration.id, kind=kind)
    is_payment = isinstance(kinds.of(kind), PaymentKind)
    return Outlook(
        integration,
        kind,
        payment_planner(tx, integration, kind, now)
        if is_payment
        else document_planner(tx, integration, kind),
        waiting.codes(tx, integration.id, kind),
        {row.record_id for batch in unsettled for row in batch},
    )
