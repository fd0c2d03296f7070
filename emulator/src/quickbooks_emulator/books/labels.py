"""Update the names in references to the current names of their records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS = {
    "VendorRef": "Vendor",
    "PrefVendorRef": "Vendor",
    "CustomerRef": "Customer",
    "AccountRef": "Account",
    "APAccountRef": "Account",
    "ARAccountRef": "Account",
    "BankAccountRef": "Account",
    "CCAccountRef": "Account",
    "DepositToAccountRef": "Account",
    "DiscountAccountRef": "Account",
    "IncomeAccountRef": "Account",
    "ExpenseAccountRef": "Account",
    "AssetAccountRef": "Account",
    "ItemRef": "Item",
    "ClassRef": "Class",
    "DepartmentRef": "Department",
    "TermRef": "Term",
    "SalesTermRef": "Term",
    "PaymentMethodRef": "PaymentMethod",
}


class Labelled(Protocol):
    """A record with the name that references show."""

    @property
    def label(self) -> str:
        """The record's name."""
        ...


def refresh(records: Mapping[str, Mapping[str, Labelled]], document: Any) -> None:  # noqa: ANN401  any part of a JSON document
    """Set the names in all references of a document to the records' current names."""
    if type(document) is list:
        for each in document:
            refresh(records, each)
    elif type(document) is dict:
        for name, value in document.items():
            if type(value) is not dict:
                if type(value) is list:
                    refresh(records, value)
                continue
            kind = _KINDS.get(name)
            if name in {"EntityRef", "Entity"}:
                kind = value.get("type")
            record = records.get(str(kind), {}).get(str(value.get("value")))
            if record is None:
                refresh(records, value)
            else:
                value["name"] = record.label
