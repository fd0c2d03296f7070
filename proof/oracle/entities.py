"""The entities of QuickBooks that records become, and their kinds."""

from __future__ import annotations

import re

from proof.oracle.plain import Plain

CREDITS = ("VendorCredit", "CreditMemo")
PURCHASES = ("Bill", "VendorCredit")
DOCUMENTS = ("Bill", "Invoice", *CREDITS)
PAYMENTS = ("BillPayment", "Payment")
EXPENSES = ("Purchase",)
ENTRIES = (*DOCUMENTS, *PAYMENTS, *EXPENSES)  # the entities that carry our mark
PARTIES = ("Vendor", "Customer")
# Document → the kind of party that it names, and the field that names it.
PARTY_OF = {
    "Bill": ("vendor", "VendorRef"),
    "VendorCredit": ("vendor", "VendorRef"),
    "Invoice": ("customer", "CustomerRef"),
    "CreditMemo": ("customer", "CustomerRef"),
    "Purchase": ("vendor", "EntityRef"),
}


def entity_of(kind: str) -> str:
    """Return QuickBooks' entity for a kind of ours."""
    return "Purchase" if kind == "expense" else "".join(map(str.capitalize, kind.split("_")))


def kind_of(entity: str) -> str:
    """Return our kind for an entity of QuickBooks."""
    if entity == "Purchase":
        return "expense"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", entity).lower()


def document_of(record: Plain) -> str:
    """Return the document that a payable becomes, by its role and the sign of its total."""
    of_role = {"payer": ("Bill", "VendorCredit"), "payee": ("Invoice", "CreditMemo")}
    return of_role[record["role"]][record["cents"] < 0]


def turned_document(record: Plain) -> str:
    """Return the document that a payable would become if its total had the other sign."""
    return document_of({**record, "cents": 1 if record["cents"] < 0 else -1})


def as_document(record: Plain, entity: str) -> Plain:
    """Return a payable with the signs of its document: a credit's amounts are positive there."""
    if entity not in CREDITS:
        return record
    turned = [_turned(quantity, price) for quantity, price in record["lines"]]
    return {**record, "cents": -record["cents"], "lines": turned, "due": None}


def _turned(quantity: str, price: str) -> tuple[str, str]:
    if quantity.startswith("-"):
        return quantity[1:], price
    return quantity, price[1:] if price.startswith("-") else f"-{price}"
