"""All modelled kinds of entities, and the names of those that are not modelled."""

from __future__ import annotations

from quickbooks_emulator.books.entities import ledger, lists, names, transactions
from quickbooks_emulator.books.entities.shape import Column, Entity

__all__ = ["BY_PATH", "ENTITIES", "FAMILY_OF_REFERENCES", "NOT_MODELLED", "Column", "Entity"]

ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (*names.ENTITIES, *lists.ENTITIES, *transactions.ENTITIES, *ledger.ENTITIES)
}

BY_PATH: dict[str, Entity] = {name.lower(): entity for name, entity in ENTITIES.items()}
"""Entities by their path segment in lower case."""

NOT_MODELLED = frozenset(
    {
        "budget",
        "customertype",
        "estimate",
        "inventoryadjustment",
        "journalcode",
        "purchaseorder",
        "recurringtransaction",
        "refundreceipt",
        "reimbursecharge",
        "salesreceipt",
        "taxagency",
        "taxclassification",
        "taxpayment",
        "taxservice",
        "timeactivity",
        "transfer",
    }
)
"""Intuit's entities that the emulator answers with 501."""

FAMILY_OF_REFERENCES = {
    "Vendor": "Names",
    "Customer": "Names",
    "Employee": "Names",
    "Account": "Accounts",
    "Item": "Items",
    "Class": "Klasses",
    "Department": "Depts",
    "Term": "Terms",
    "PaymentMethod": "PaymentMethods",
    "TaxCode": "TaxCodes",
    "TaxRate": "TaxRates",
}
"""Intuit's name for each list in the error for an invalid reference."""
