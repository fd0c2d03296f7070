"""Bills: payables that the business pays, booked line by line to an expense account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from cleo_accounting.core.kinds.kind import DocumentKind, Removal
from cleo_accounting.core.links import Document, DocumentLine, RemoteKind
from cleo_accounting.core.records import LineItem, RecordKind, Role

if TYPE_CHECKING:
    from cleo_accounting.core.fields import InvoiceFields


def _expense_account(fields: InvoiceFields, _item_id: str | None) -> str | None:
    return fields.expense_account_id


def _line(line: DocumentLine, _item: LineItem | None, account_id: str | None) -> DocumentLine:
    return replace(line, account_id=account_id)


def _header(fields: InvoiceFields) -> Mapping[str, str | None]:
    return {"ap_account_id": fields.ap_account_id}


BILL = DocumentKind(
    remote=RemoteKind.BILL,
    noun="bill",
    plural="bills",
    entity_type="invoices",
    content=Document,
    record=RecordKind.PAYABLE,
    role=Role.PAYER,
    party=RemoteKind.VENDOR,
    needs=(RemoteKind.VENDOR,),
    needs_approval=True,
    removal=Removal("removed", "Removed from QuickBooks", cause="removed"),
    choice_needed="expense_account_needed",
    booked_to=_expense_account,
    line=_line,
    header=_header,
)
