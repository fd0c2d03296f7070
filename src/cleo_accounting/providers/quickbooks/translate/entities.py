"""What Intuit calls things."""

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
# Where others are voided: Intuit cannot, or their number would stay taken.
DELETED = (*PURCHASES, RemoteKind.CREDIT_MEMO, RemoteKind.EXPENSE)

SUBTOTAL = "SubTotalLineDetail"  # the line of a sale that Intuit adds

_VERSION = re.compile(r"[0-9]{1,18}")
_MARKER = re.compile(re.escape(marker("")) + r"\S+")


def name_property(kind: RemoteKind) -> str:
    """Where an entity's name or number stands."""
    if kind is RemoteKind.PAYMENT:
        return "PaymentRefNum"  # it has no number of its own
    if kind in ENTRIES:
        return "DocNumber"
    return "DisplayName" if kind in PARTIES else "Name"


def party_property(kind: RemoteKind) -> str:
    """Where an entry names its party."""
    if kind is RemoteKind.EXPENSE:
        return "EntityRef"  # a vendor, a customer or an employee
    return f"{ENTITY[kinds.entry(kind).party]}Ref"


def markers(note: str) -> Sequence[str]:
    """Our marks in a note; people copy documents, and their notes with them."""
    return _MARKER.findall(note)


def marker_of(note: str) -> str:
    """The marker of ours that a note ends with; earlier ones come from texts that others wrote."""
    found = markers(note)
    return found[-1] if found else ""


def same_name(one: str, other: str) -> bool:
    """Say whether these are one name, but for what QuickBooks may have tidied."""
    return name_key(one) == name_key(other)


def text(raw: Json, name: str) -> str:
    """A member as text, whatever it came as; empty when it is not there."""
    value = raw.get(name)
    return "" if value is None or isinstance(value, dict | list) else str(value)


def version(raw: Json) -> str:
    """An entity's SyncToken; empty when it is not there or not a whole number of sensible size."""
    token = text(raw, "SyncToken")
    return token if _VERSION.fullmatch(token) else ""


def inside(raw: Json, *names: str) -> Json:
    """A member's member's … object; empty when it is not there."""
    for name in names:
        value = raw.get(name)
        raw = value if isinstance(value, dict) else {}
    return raw


def objects(raw: object) -> Sequence[Json]:
    """The objects of a list; empty where there is no list."""
    return [one for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []


def reference(raw: Json, name: str) -> str | None:
    """The id that a reference names."""
    return text(inside(raw, name), "value") or None


def flag(raw: Json, name: str, *, default: bool = False) -> bool:
    """A yes or no, also when it came as text."""
    value = text(raw, name).lower()
    return default if value not in {"true", "false"} else value == "true"
