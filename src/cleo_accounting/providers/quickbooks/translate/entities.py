"""Intuit's names of entities and properties, and readers for values in its JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cleo_accounting.core import kinds
from cleo_accounting.core.kinds import ENTRIES, PARTIES
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.match import name_key
from cleo_accounting.core.render import marker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Json = Mapping[str, Any]

ENTITY = {
    RemoteKind.VENDOR: "Vendor",
    RemoteKind.CUSTOMER: "Customer",
    RemoteKind.EMPLOYEE: "Employee",
    RemoteKind.ACCOUNT: "Account",
    RemoteKind.ITEM: "Item",
    RemoteKind.TERM: "Term",
    RemoteKind.CLASS: "Class",
    RemoteKind.DEPARTMENT: "Department",
    RemoteKind.BILL: "Bill",
    RemoteKind.INVOICE: "Invoice",
    RemoteKind.VENDOR_CREDIT: "VendorCredit",
    RemoteKind.CREDIT_MEMO: "CreditMemo",
    RemoteKind.BILL_PAYMENT: "BillPayment",
    RemoteKind.PAYMENT: "Payment",
    RemoteKind.EXPENSE: "Purchase",
}
KIND = {entity.lower(): kind for kind, entity in ENTITY.items()}

SALES = (RemoteKind.INVOICE, RemoteKind.CREDIT_MEMO)
PURCHASES = (RemoteKind.BILL, RemoteKind.VENDOR_CREDIT)
# Deleted where other kinds are voided: Intuit cannot void them, or their number would stay taken.
DELETED = (*PURCHASES, RemoteKind.CREDIT_MEMO, RemoteKind.EXPENSE)

SUBTOTAL = "SubTotalLineDetail"  # the line of a sale that Intuit adds

_VERSION = re.compile(r"[0-9]{1,18}")
_MARKER = re.compile(re.escape(marker("")) + r"\S+")


def name_property(kind: RemoteKind) -> str:
    """Return the property that holds an entity's name or number."""
    if kind is RemoteKind.PAYMENT:
        return "PaymentRefNum"  # a payment has no DocNumber
    if kind in ENTRIES:
        return "DocNumber"
    return "DisplayName" if kind in PARTIES else "Name"


def party_property(kind: RemoteKind) -> str:
    """Return the property with which an entry refers to its vendor or customer."""
    if kind is RemoteKind.EXPENSE:
        return "EntityRef"  # a vendor, a customer or an employee
    return f"{ENTITY[kinds.entry(kind).party]}Ref"


def markers(note: str) -> Sequence[str]:
    """Return all of our markers in a note; a copied document carries those of its original."""
    return _MARKER.findall(note)


def marker_of(note: str) -> str:
    """Return the last of our markers in a note; earlier ones come from other people's texts."""
    found = markers(note)
    return found[-1] if found else ""


def same_name(one: str, other: str) -> bool:
    """Return whether two names are equal, apart from the ways in which QuickBooks tidies names."""
    return name_key(one) == name_key(other)


def text(raw: Json, name: str) -> str:
    """Return a member as text, whatever its JSON type; empty if it is missing or a container."""
    value = raw.get(name)
    return "" if value is None or isinstance(value, dict | list) else str(value)


def version(raw: Json) -> str:
    """Return an entity's SyncToken; empty if it is missing, no whole number or implausibly long."""
    token = text(raw, "SyncToken")
    return token if _VERSION.fullmatch(token) else ""


def inside(raw: Json, *names: str) -> Json:
    """Return the object at a path of member names; empty if there is none."""
    for name in names:
        value = raw.get(name)
        raw = value if isinstance(value, dict) else {}
    return raw


def objects(raw: object) -> Sequence[Json]:
    """Return the objects of a JSON list; empty if the value is no list."""
    return [one for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []


def reference(raw: Json, name: str) -> str | None:
    """Return the id in a reference property; None if it is missing or empty."""
    return text(inside(raw, name), "value") or None


def flag(raw: Json, name: str, *, default: bool = False) -> bool:
    """Return a boolean member, which may also come as text."""
    value = text(raw, name).lower()
    return default if value not in {"true", "false"} else value == "true"
