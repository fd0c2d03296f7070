"""Invoices: payables by which the business is paid; their lines sell an item."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cleo_accounting.core.kinds.kind import DocumentKind, Removal
from cleo_accounting.core.links import Document, DocumentLine, Profile, RemoteKind
from cleo_accounting.core.records import LineItem, RecordKind, Role

if TYPE_CHECKING:
    from cleo_accounting.core.fields import InvoiceFields


def _item(_fields: InvoiceFields, item_id: str | None) -> str | None:
    return item_id


def _line(line: DocumentLine, item: LineItem | None, item_id: str | None) -> DocumentLine:
    quantity, unit_price = (item.quantity, item.unit_price) if item else (None, None)
    return replace(line, item_id=item_id, quantity=quantity, unit_price=unit_price)


def _numbers_itself(profile: Profile) -> bool:
    return not profile.own_invoice_numbers


INVOICE = DocumentKind(
    remote=RemoteKind.INVOICE,
    noun="invoice",
    plural="invoices",
    article="an",
    entity_type="invoices",
    content=Document,
    record=RecordKind.PAYABLE,
    role=Role.PAYEE,
    party=RemoteKind.CUSTOMER,
    needs=(RemoteKind.CUSTOMER, RemoteKind.ITEM),
    removal=Removal("voided", "Voided in QuickBooks", cause="removed"),
    choice_needed="item_needed",
    booked_to=_item,
    line=_line,
    numbers_itself=_numbers_itself,
)
