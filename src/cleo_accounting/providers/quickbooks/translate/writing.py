"""Our content as items of Intuit's batch: the same bytes for the same content, amounts exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from cleo_accounting.core.links import (
    Content,
    Document,
    DocumentLine,
    Item,
    Link,
    Party,
    RemoteKind,
)
from cleo_accounting.providers.quickbooks.translate.entities import ENTITY, party_property

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

_ENCODER = msgspec.json.Encoder()
_ANY_NUMBER = "allowduplicatedocnum"
_REMOVED_BY = {RemoteKind.BILL: "delete", RemoteKind.INVOICE: "update"}


def create(kind: RemoteKind, content: Content, *, allow_duplicate_number: bool = False) -> str:
    """Write a new one."""
    properties = _properties(kind, content)
    if isinstance(content, Document):
        properties["CurrencyRef"] = {"value": content.total.currency}
    return _item(kind, "create", properties, _ANY_NUMBER if allow_duplicate_number else None)


def update(kind: RemoteKind, content: Content, link: Link) -> str:
    """Change ours in it and leave the rest: sparse, with all its lines and its party.

    A `Line` that is sent replaces them all, and a bill wants its vendor even so. A number that
    stands there already stays, also where a person gave it to another one as well.
    """
    properties = {**_identity(link), "sparse": True, **_properties(kind, content)}
    stands = isinstance(content, Document) and content.number == link.remote_name
    return _item(kind, "update", properties, _ANY_NUMBER if stands else None)


def removal(kind: RemoteKind, link: Link) -> str:
    """Delete a bill; void an invoice.

    Raises:
        ValueError: this kind is not ours to remove.
    """
    if kind is RemoteKind.BILL:
        return _item(kind, "delete", _identity(link))
    if kind is RemoteKind.INVOICE:
        return _item(kind, "update", {**_identity(link), "sparse": True}, "void")
    raise ValueError(f"a {kind.value} is not removed")


def batch(items: Sequence[tuple[str, str]]) -> bytes:
    """Put frozen items into one batch, each under its key, without touching their bytes."""
    keyed = (f'{{"bId":{_text(key)},{body[1:]}' for key, body in items)
    return f'{{"BatchItemRequest":[{",".join(keyed)}]}}'.encode()


def _text(value: str) -> str:
    return _ENCODER.encode(value).decode()


def _item(
    kind: RemoteKind, operation: str, properties: dict[str, Any], options: str | None = None
) -> str:
    item: dict[str, Any] = {"operation": operation}
    if options:
        item["optionsData"] = options
    return _ENCODER.encode({**item, ENTITY[kind]: properties}).decode()


def _identity(link: Link) -> dict[str, Any]:
    return {"Id": link.remote_id, "SyncToken": link.version}


def _properties(kind: RemoteKind, content: Content) -> dict[str, Any]:
    if isinstance(content, Party):
        return _party(content)
    if isinstance(content, Item):
        return {
            "Name": content.name,
            "Type": "Service",
            "IncomeAccountRef": {"value": content.income_account_id},
        }
    return _document(kind, content)


def _party(party: Party) -> dict[str, Any]:
    properties: dict[str, Any] = {"DisplayName": party.name}
    if party.company_name:
        properties["CompanyName"] = party.company_name
    if party.email:
        properties["PrimaryEmailAddr"] = {"Address": party.email}
    return properties


def _document(kind: RemoteKind, document: Document) -> dict[str, Any]:
    properties: dict[str, Any] = {
        party_property(kind): {"value": document.party_id},
        "DocNumber": document.number,
        "TxnDate": document.dated.isoformat(),
    }
    if document.due:
        properties["DueDate"] = document.due.isoformat()
    properties["PrivateNote"] = document.note
    for name, remote_id in (
        ("APAccountRef", document.ap_account_id),
        ("DepartmentRef", document.department_id),
        ("SalesTermRef", document.terms_id),
    ):
        if remote_id:
            properties[name] = {"value": remote_id}
    properties["Line"] = [_line(line) for line in document.lines]
    return properties


def _line(line: DocumentLine) -> dict[str, Any]:
    written: dict[str, Any] = {"Amount": number(line.amount.decimal)}
    if line.description:
        written["Description"] = line.description
    detail: dict[str, Any] = {}
    if line.account_id:
        name = "AccountBasedExpenseLineDetail"
        detail["AccountRef"] = {"value": line.account_id}
    else:
        name = "SalesItemLineDetail"
        detail["ItemRef"] = {"value": line.item_id}
        if line.quantity is not None and line.unit_price is not None:
            detail["Qty"] = number(line.quantity)
            detail["UnitPrice"] = number(line.unit_price)
    if line.class_id:
        detail["ClassRef"] = {"value": line.class_id}
    return {**written, "DetailType": name, name: detail}


def number(value: Decimal) -> msgspec.Raw:
    """A JSON number with exactly these digits: never a float, never an exponent."""
    digits = format(value, "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return msgspec.Raw(digits.encode())
