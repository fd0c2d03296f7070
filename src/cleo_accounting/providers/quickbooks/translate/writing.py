"""Write our content as items of Intuit's batch: deterministic bytes with exact amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from cleo_accounting.core.kinds import DOCUMENTS, ENTRIES
from cleo_accounting.core.links import (
    Content,
    Document,
    DocumentLine,
    Entry,
    Expense,
    Item,
    Link,
    Party,
    RemoteKind,
    Settlement,
)
from cleo_accounting.providers.quickbooks.translate import expenses, payments
from cleo_accounting.providers.quickbooks.translate.entities import (
    DELETED,
    ENTITY,
    PURCHASES,
    SUBTOTAL,
    inside,
    party_property,
    reference,
    text,
)
from cleo_accounting.providers.quickbooks.translate.values import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleo_accounting.core.amend import Amendment
    from cleo_accounting.core.lines import LineChange
    from cleo_accounting.core.links import Remote

    Json = Mapping[str, Any]

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_ANY_NUMBER = "allowduplicatedocnum"
_MEMBERS = {
    "number": "DocNumber",
    "dated": "TxnDate",
    "due": "DueDate",
    "note": "PrivateNote",
    "name": "DisplayName",
    "company_name": "CompanyName",
    "email": "PrimaryEmailAddr",
}
# The properties of a line that depend on its amount: they are dropped when the amount changes.
_DERIVED = frozenset({"Qty", "UnitPrice", "TaxAmount", "TaxInclusiveAmt"})


def create(kind: RemoteKind, content: Content, *, allow_duplicate_number: bool = False) -> str:
    """Return the batch item that creates an entity with this content."""
    properties = _properties(kind, content)
    if isinstance(content, Entry):
        properties["CurrencyRef"] = {"value": content.total.currency}
    # A payment that is sent again after its return has the same number as before.
    again = allow_duplicate_number or isinstance(content, Settlement | Expense)
    return _item(kind, "create", properties, _ANY_NUMBER if again else None)


def update(kind: RemoteKind, content: Content, link: Link) -> str:
    """Return the batch item that overwrites an entity of ours, which no list shows yet: sparse.

    A number that the entity already has is kept, even if a person gave it to another one as well.
    """
    properties = {**_identity(link), "sparse": True, **_properties(kind, content)}
    stands = isinstance(content, Document) and content.number == link.remote_name
    return _item(kind, "update", properties, _ANY_NUMBER if stands else None)


def amended(kind: RemoteKind, amendment: Amendment, there: Remote) -> str:
    """Return the batch item that applies an amendment to an entity in QuickBooks: sparse.

    A `Line` that is sent replaces all lines, so all current lines are sent, with our changes.
    Bills and vendor credits require their vendor even in a sparse update.
    """
    raw: Json = there.source
    properties: dict[str, Any] = {"Id": there.id, "SyncToken": there.version, "sparse": True}
    if kind in PURCHASES:
        properties["VendorRef"] = {"value": reference(raw, "VendorRef")}
    written = _properties(kind, amendment.content)
    for name in amendment.fields:
        member = party_property(kind) if name == "party_id" else _MEMBERS[name]
        properties[member] = written[member]
    if "email" in amendment.fields:
        email = {**inside(raw, "PrimaryEmailAddr"), **properties["PrimaryEmailAddr"]}
        properties["PrimaryEmailAddr"] = email
    if amendment.lines:
        properties["Line"] = _amended_lines(raw.get("Line", ()), amendment.lines)
    stays = kind in DOCUMENTS and "number" not in amendment.fields
    return _item(kind, "update", properties, _ANY_NUMBER if stays else None)


def _amended_lines(lines: Sequence[Json], changes: Sequence[LineChange]) -> Sequence[Json]:
    """Return an entity's lines with our changes, removals, and additions before the subtotal."""
    known = {change.line.id: change for change in changes if change.line.id}
    kept: list[Json] = []
    for line in lines:
        change = known.get(text(line, "Id"))
        if change is None:
            kept.append(line)
        elif not change.removed:
            kept.append(_amended_line(line, change))
    end = len(kept)
    while end and text(kept[end - 1], "DetailType") == SUBTOTAL:
        end -= 1
    added = [_line(change.line) for change in changes if not change.line.id]
    return [*kept[:end], *added, *kept[end:]]


def _amended_line(raw: Json, change: LineChange) -> Json:
    written, line = dict(raw), change.line
    if {"account_id", "item_id"} & set(change.fields):
        fresh = _line(line)
        kind = fresh["DetailType"]
        detail = {**inside(raw, kind), **fresh[kind]} if kind in raw else fresh[kind]
        written.pop(text(raw, "DetailType"), None)
        written |= {"DetailType": kind, kind: detail}
    if "description" in change.fields:
        written["Description"] = line.description
    if "amount" in change.fields:
        written["Amount"] = number(line.amount.decimal)
        kind = text(written, "DetailType")
        sums = _sums(line)
        detail = {**inside(written, kind), **sums}
        written[kind] = {
            name: value for name, value in detail.items() if name in sums or name not in _DERIVED
        }
    return {name: value for name, value in written.items() if value != ""}


def removal(kind: RemoteKind, link: Link, note: str | None = None) -> str:
    """Return the batch item that deletes or, where Intuit can, voids an entity.

    A voided entity gets the note, if one is given.

    Raises:
        ValueError: we never remove entities of this kind.
    """
    if kind in DELETED:
        return _item(kind, "delete", _identity(link))
    if kind not in ENTRIES:
        raise ValueError(f"a {kind.value} is not removed")
    said = {"PrivateNote": note} if note else {}
    return _item(kind, "update", {**_identity(link), "sparse": True, **said}, "void")


def batch(items: Sequence[tuple[str, str]]) -> bytes:
    """Join rendered items into one batch, each under its key, without changing their bytes."""
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
    if isinstance(content, Settlement):
        return payments.properties(kind, content)
    if isinstance(content, Expense):
        return expenses.properties(kind, content)
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
    written: dict[str, Any] = {"Id": line.id} if line.id else {}
    written["Amount"] = number(line.amount.decimal)
    if line.description:
        written["Description"] = line.description
    detail: dict[str, Any] = {}
    if line.account_id:
        name = "AccountBasedExpenseLineDetail"
        detail["AccountRef"] = {"value": line.account_id}
    else:
        name = "SalesItemLineDetail"
        detail = {"ItemRef": {"value": line.item_id}, **_sums(line)}
    if line.class_id:
        detail["ClassRef"] = {"value": line.class_id}
    return {**written, "DetailType": name, name: detail}


def _sums(line: DocumentLine) -> dict[str, Any]:
    """Return a line's quantity and price properties; empty unless it has both."""
    if line.quantity is None or line.unit_price is None:
        return {}
    return {"Qty": number(line.quantity), "UnitPrice": number(line.unit_price)}
