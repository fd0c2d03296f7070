"""Build the planners of documents, payments and expenses from what the store knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cleo_accounting.core import kinds
from cleo_accounting.core.choices import CHOICES, Trouble, trouble
from cleo_accounting.core.documents import DocumentPlanner
from cleo_accounting.core.expenses import ExpensePlanner
from cleo_accounting.core.fields import InvoiceFields
from cleo_accounting.core.kinds import DocumentKind, EntryKind
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.payments import PaymentPlanner, named_by
from cleo_accounting.core.plan import SALES_ITEM
from cleo_accounting.core.records import Payable, Payment, RecordKind
from cleo_accounting.store import currencies, decisions, links, records

if TYPE_CHECKING:
    from datetime import datetime

    from cleo_accounting.core.links import Link
    from cleo_accounting.core.records import Record
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.integrations import Integration


def page_of(
    tx: Transaction, place: tuple[str, str], kind: RemoteKind, after: int, limit: int
) -> list[tuple[int, Record]]:
    """Return the next page of a business's records that may become a kind."""
    business_id, integration_id = place
    declared = kinds.of(kind)
    if declared.record is None:
        return []
    if not isinstance(declared, DocumentKind):
        return records.page(tx, business_id, declared.record, after=after, limit=limit)
    return records.page(
        tx,
        business_id,
        declared.record,
        after=after,
        limit=limit,
        role=declared.role,
        credits_of=(integration_id, kind) if declared.is_credit else None,
    )


def document_planner(
    tx: Transaction,
    integration: Integration,
    kind: RemoteKind,
    *,
    parties: Mapping[str, Link] | None = None,
    blocked: Mapping[str, str] | None = None,
    item_id: str | None = None,
) -> DocumentPlanner:
    """Return the planner of a kind of document.

    `parties`: the links that the run will have made by then; by default, the existing ones.
    `item_id`: the item that the run will have made, if there is none yet.
    """
    declared = kinds.document(kind)
    party = declared.party
    words = decisions.words_of(tx, integration.id, kind)
    if parties is None:
        parties = links.links_of(tx, integration.id, party)
    item = sales_item(tx, integration)
    return DocumentPlanner(
        kind=declared,
        profile=integration.profile,
        fields=integration.fields,
        parties=parties,
        names=records.labels(tx, integration.business_id, RecordKind.CONNECTION),
        verdicts=words.verdicts,
        blocked=blocked or {},
        inactive=links.inactive_ids(tx, integration.id, party),
        numbers=words.numbers,
        item_id=item or item_id,
        trouble=_trouble(tx, integration, kind, item),
        currencies=currencies.of_kind(tx, integration.id, party),
        terms=_terms(tx, integration),
    )


def payment_planner(
    tx: Transaction,
    integration: Integration,
    kind: RemoteKind,
    now: datetime,
    *,
    parties: Mapping[str, Link] | None = None,
    accounts: Mapping[str, Link] | None = None,
    held_up: Mapping[str, str] | None = None,
) -> PaymentPlanner:
    """Return the planner of a kind of payment; each page adds the payables that it pays.

    `parties`, `accounts`: the links that the run will have made by then; by default, the existing
    ones.
    """
    return PaymentPlanner(
        kind=kinds.payment(kind),
        payables={},
        documents={},
        credits={},
        held_up=held_up or {},
        **_movements(tx, integration, kind, now, parties, accounts),
    )


def expense_planner(
    tx: Transaction,
    integration: Integration,
    kind: RemoteKind,
    now: datetime,
    *,
    parties: Mapping[str, Link] | None = None,
    accounts: Mapping[str, Link] | None = None,
    blocked: Mapping[str, str] | None = None,
) -> ExpensePlanner:
    """Return the planner of a kind of expense; `parties`, `accounts` as in `payment_planner`."""
    declared = kinds.expense(kind)
    booked = InvoiceFields(expense_account_id=declared.booked_to(integration.fields))
    return ExpensePlanner(
        kind=declared,
        blocked=blocked or {},
        inactive=links.inactive_ids(tx, integration.id, declared.party),
        currencies=currencies.of_kind(tx, integration.id, declared.party),
        trouble=trouble_among(tx, integration, booked, declared),
        **_movements(tx, integration, kind, now, parties, accounts),
    )


def _movements(
    tx: Transaction,
    integration: Integration,
    kind: RemoteKind,
    now: datetime,
    parties: Mapping[str, Link] | None,
    accounts: Mapping[str, Link] | None,
) -> dict[str, Any]:
    """Return what the planners of payments and of expenses have in common."""
    of, zone = (tx, integration.id), ZoneInfo(integration.fields.time_zone)
    if parties is None:
        parties = links.links_of(*of, kinds.entry(kind).party)
    if accounts is None:
        accounts = links.links_of(*of, RemoteKind.ACCOUNT)
    return {
        "profile": integration.profile,
        "fields": integration.fields,
        "today": now.astimezone(zone).date(),
        "parties": parties,
        "accounts": accounts,
        "banks": {one.id: one for one in links.remotes_of(*of, RemoteKind.ACCOUNT)},
        "sources": records.labels(tx, integration.business_id, RecordKind.FUNDING_SOURCE),
        "names": records.labels(tx, integration.business_id, RecordKind.CONNECTION),
        "verdicts": decisions.verdicts_of(*of, kind),
    }


def payables_of(
    tx: Transaction, business_id: str, payments: Sequence[Payment]
) -> Mapping[str, Payable]:
    """Return the payables that payments name, if we have received them."""
    ids = sorted({name for one in payments for name in named_by(one)})
    found = records.get(tx, business_id, RecordKind.PAYABLE, ids)
    return {name: one for name, one in found.items() if isinstance(one, Payable)}


def trouble_among(
    tx: Transaction, integration: Integration, chosen: InvoiceFields, kind: EntryKind
) -> Trouble | None:
    """Return why something chosen for a kind of entry cannot be used; None if all can be."""
    for choice in CHOICES:
        remote_id = getattr(chosen, choice.name)
        if kind.role not in choice.roles or not remote_id:
            continue
        remote = links.remote(tx, integration.id, choice.kind, remote_id)
        if found := trouble(choice, remote_id, remote, integration.profile):
            return found
    return None


def _trouble(
    tx: Transaction, integration: Integration, kind: RemoteKind, item_id: str | None
) -> Trouble | None:
    chosen = integration.fields
    if item_id:  # the existing item has its own account
        chosen = replace(chosen, item_id=item_id, income_account_id=None)
    return trouble_among(tx, integration, chosen, kinds.document(kind))


def _terms(tx: Transaction, integration: Integration) -> Mapping[int, str]:
    """Return the company's active terms by their days; the chosen one wins, else the first."""
    listed = links.remotes_of(tx, integration.id, RemoteKind.TERM, active=True)
    chosen = integration.fields.terms_id
    ordered = sorted(listed, key=lambda one: (one.id == chosen, -int(one.id)))
    return {
        int(one.details["due_days"]): one.id
        for one in ordered
        if one.details.get("due_days", "").isdecimal()
    }


def sales_item(tx: Transaction, integration: Integration) -> str | None:
    """Return the id of the item that invoice lines sell: the chosen one, or the one we created."""
    if integration.fields.item_id:
        return integration.fields.item_id
    made = links.links_of(tx, integration.id, RemoteKind.ITEM, [SALES_ITEM]).get(SALES_ITEM)
    return made.remote_id if made else None
