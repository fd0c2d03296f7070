"""Decide about payments by what is open of their documents: record, link, or ask a person.

QuickBooks blocks neither a second payment of a document nor one above its open balance.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.links import Document, Settlement
from cleo_accounting.core.parties import NEW
from cleo_accounting.core.plan import Create, Leave
from cleo_accounting.core.records import Money
from cleo_accounting.core.twins import Twin, Words, link_as_told, payment_taken, payment_twin

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from cleo_accounting.core.links import Applied, Remote
    from cleo_accounting.core.plan import LinkTo


@dataclass(frozen=True, slots=True)
class Found:
    """The documents and payments found in QuickBooks, by id, and the decisions of people.

    `documents` includes the credits: all transactions of a company share one sequence of ids.
    `owners` maps each payment to the record that it is linked to. `fresh` are the totals of
    documents that this run has created. `unseen` are the documents that were written so recently
    that a list may not show them yet.
    """

    documents: Mapping[str, Remote] = field(default_factory=dict)
    payments: Mapping[str, Remote] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    owners: Mapping[str, str] = field(default_factory=dict)
    fresh: Mapping[str, Money] = field(default_factory=dict)
    unseen: Collection[str] = ()


class Outstanding:
    """The open balances of documents, less what the payments of the same plan pay of them."""

    def __init__(self) -> None:
        self._planned: defaultdict[str, int] = defaultdict(int)  # minor units, by document

    def settle(self, create: Create, found: Found) -> Create | LinkTo | Leave:
        """Decide about a payment by what is open of the documents that it pays."""
        content = create.content
        assert isinstance(content, Settlement)
        if same := found.words.same.get(create.record_id):
            there = found.payments.get(same)
            unfit = _unfit(create, content, there, found.owners.get(same))
            return link_as_told(create, there, unfit)
        for part in content.applied:
            if cannot := self._cannot(create, content, part, found):
                return cannot
        documents = (found.documents.get(part.document_id) for part in content.applied)
        parties = {
            one.content.party_id for one in documents if one and isinstance(one.content, Document)
        }
        if len(parties) > 1:
            return _leave(create, "payment_of_several_parties")
        for part in content.applied:
            self._planned[part.document_id] += part.amount.minor
        if not parties:
            return create
        # Use the vendor of the remote bill: ours may have been merged into another one.
        return replace(create, content=replace(content, party_id=parties.pop()))

    def _cannot(
        self, create: Create, content: Settlement, part: Applied, found: Found
    ) -> Leave | None:
        """Return why a part of a payment cannot be paid, or None."""
        document, fresh = found.documents.get(part.document_id), found.fresh.get(part.document_id)
        if part.document_id.startswith(NEW):
            return None
        if document is None and fresh is not None:
            return self._beyond(create, part, fresh, create.label)
        if document is None or document.gone or not isinstance(document.content, Document):
            unseen = document is None and part.document_id in found.unseen
            return _leave(create, "bill_needed", **_gone(create, part, document, unseen=unseen))
        if part.is_credit:
            left = open_of(document, part.amount.currency)
            return self._beyond(create, part, left, document.name)
        return self._too_much(create, content, part, document, found)

    def _too_much(
        self,
        create: Create,
        content: Settlement,
        part: Applied,
        document: Remote,
        found: Found,
    ) -> Leave | None:
        """Ask a person if less is open of a document than a payment pays; otherwise return None."""
        left = open_of(document, part.amount.currency)
        if left.minor > 0:
            return self._beyond(create, part, left, document.name)
        facts = {"document": _noun(create, part), "number": document.name}
        twins = _twins(create, content, document, found)
        by = f" by {paid_by}" if (paid_by := _paid_by(document, found)) else ""
        leave = _leave(create, "already_paid_there", **facts, by=by)
        return replace(leave, facts={**leave.facts, "twins": [one.as_facts() for one in twins]})

    def _beyond(self, create: Create, part: Applied, left: Money, number: str) -> Leave | None:
        """Report that a payment exceeds what is open of a document, or return None."""
        planned = self._planned[part.document_id]
        if part.amount.minor <= left.minor - planned:
            return None
        besides = " besides other payments of this sync" if planned else ""
        facts = {"document": _noun(create, part), "number": number}
        told = {"amount": str(part.amount), "open": f"{left}{besides}"}
        code = "credit_not_open" if part.is_credit else "more_than_open"
        return _leave(create, code, **facts, **told)


def open_of(document: Remote, currency: str) -> Money:
    """Return the open balance of a document; zero if the balance cannot be read."""
    balance = document.details.get("balance")
    if not balance or document.details.get("currency") != currency:
        return Money(0, currency)
    return Money.of(Decimal(balance), currency)


def payments_of(document: Remote) -> Sequence[str]:
    """Return the ids of the payments in QuickBooks that a document is linked to."""
    return document.details.get("payments", "").split()


def _twins(create: Create, content: Settlement, document: Remote, found: Found) -> Sequence[Twin]:
    """Return the payments that a person recorded for a document and that may be this one."""
    others = found.words.others.get(create.record_id, ())
    return [
        payment_twin(one, theirs)
        for remote_id in payments_of(document)
        if remote_id not in others
        and (one := found.payments.get(remote_id)) is not None
        and _unfit(create, content, one, found.owners.get(remote_id)) is None
        and isinstance(theirs := one.content, Settlement)
        and theirs.total == content.total
    ]


def _paid_by(document: Remote, found: Found) -> str:
    """Describe the payments of a document for the text of a cause."""
    told = []
    for remote_id in payments_of(document):
        one = found.payments.get(remote_id)
        if one is not None and isinstance(one.content, Settlement):
            ours = found.owners.get(remote_id)
            whose = f"the Cleo Pay payment {ours}" if ours else "a payment"
            told.append(f"{whose} of {one.content.dated.isoformat()} over {one.content.total}")
    return " and ".join(told)


def _unfit(
    create: Create, content: Settlement, remote: Remote | None, owner: str | None
) -> str | None:
    """Return why a payment in QuickBooks cannot be this one, or None."""
    if remote is None or remote.gone:
        return "it was deleted or voided in QuickBooks"
    theirs = remote.content
    if not isinstance(theirs, Settlement):
        return "it cannot be read"
    if taken := payment_taken(create, content, remote, owner):
        return taken
    paid = {one.document_id for one in theirs.paid}
    if not paid & {one.document_id for one in content.paid}:
        return f"it does not pay the same {kinds.of(kinds.payment(create.kind).document).noun}"
    return None


def _noun(create: Create, part: Applied) -> str:
    return kinds.of(kinds.payment(create.kind).applies_to(part)).noun


def _gone(
    create: Create, part: Applied, document: Remote | None, *, unseen: bool
) -> dict[str, str]:
    noun = _noun(create, part)
    named = "that it uses" if part.is_credit else "that it pays"
    number = document.name if document and document.name else named
    why = "QuickBooks does not list it yet." if unseen else "it was deleted or voided there."
    return {"document": noun, "number": number, "why": why}


def _leave(create: Create, code: str, **facts: str) -> Leave:
    return Leave(create.kind, create.record_id, create.label, code, facts, mark=create.mark)
