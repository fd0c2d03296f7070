"""The planner of bills or invoices, with all that the store knows; a comparison asks it, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cleo_accounting.core.documents import DocumentPlanner
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.plan import SALES_ITEM
from cleo_accounting.core.records import RecordKind
from cleo_accounting.store import decisions, links, records

if TYPE_CHECKING:
    from cleo_accounting.core.links import Link
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.integrations import Integration


def party_of(kind: RemoteKind) -> RemoteKind:
    """Say whom a kind of document names: a vendor or a customer."""
    return RemoteKind.VENDOR if kind is RemoteKind.BILL else RemoteKind.CUSTOMER


def document_planner(
    tx: Transaction,
    integration: Integration,
    kind: RemoteKind,
    *,
    parties: Mapping[str, Link] | None = None,
    blocked: Mapping[str, str] | None = None,
    item_id: str | None = None,
) -> DocumentPlanner:
    """Give the planner of a kind of document.

    `parties` and `item_id`: those that the run will have made by then; else those that there are.
    """
    party = party_of(kind)
    words = decisions.words_of(tx, integration.id, kind)
    if parties is None:
        parties = links.links_of(tx, integration.id, party)
    return DocumentPlanner(
        kind=kind,
        profile=integration.profile,
        fields=integration.fields,
        parties=parties,
        names=records.labels(tx, integration.business_id, RecordKind.CONNECTION),
        verdicts=words.verdicts,
        blocked=blocked or {},
        inactive=links.inactive_ids(tx, integration.id, party),
        numbers=words.numbers,
        item_id=item_id or sales_item(tx, integration),
    )


def sales_item(tx: Transaction, integration: Integration) -> str | None:
    """Give what invoice lines sell: the item that was chosen, or the one that we made."""
    if integration.fields.item_id:
        return integration.fields.item_id
    made = links.links_of(tx, integration.id, RemoteKind.ITEM, [SALES_ITEM]).get(SALES_ITEM)
    return made.remote_id if made else None
