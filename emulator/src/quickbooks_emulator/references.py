"""References: does what they mean exist and may it be used, and how is it called today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quickbooks_emulator import faults
from quickbooks_emulator.entities import FAMILY_OF_REFERENCES
from quickbooks_emulator.settings import CURRENCIES

if TYPE_CHECKING:
    from quickbooks_emulator.books import Books
    from quickbooks_emulator.properties import Reading

UNITED_STATES_TAX_CODES = frozenset({"TAX", "NON"})

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


def resolve(books: Books, reading: Reading) -> None:
    """Fill in the names of all references that were read; refuse those that lead nowhere."""
    problems = []
    for kinds, reference, element in reading.references:
        problem = _resolve_one(books, kinds, reference, element)
        if problem is not None:
            problems.append(problem)
    if problems:
        raise faults.Refusal(*problems)


def _resolve_one(
    books: Books, kinds: tuple[str, ...], reference: dict[str, Any], element: str
) -> faults.Error | None:
    target = reference["value"]
    if kinds == ("Currency",):
        if target not in CURRENCIES:
            return faults.invalid_reference("Currencies", target, element)
        reference["name"] = CURRENCIES[target]
        return None
    # In the US a line's tax code is a word, which the rules of lines see to.
    of_line = element == "TaxCodeRef" and not books.settings.taxed_by_line
    if kinds == ("TaxCode",) and (of_line or target in UNITED_STATES_TAX_CODES):
        return None
    wanted = reference.get("type")
    if wanted is not None and wanted.capitalize() in kinds:
        kinds = (wanted.capitalize(),)
    for kind in kinds:
        record = books.records[kind].get(target)
        if record is None:
            continue
        if not record.active:
            return faults.inactive_reference(books.switches.inactive_reference, element)
        reference["value"] = record.id
        reference["name"] = record.label
        if len(kinds) > 1 or wanted is not None:
            reference["type"] = kind
        return None
    return faults.invalid_reference(FAMILY_OF_REFERENCES[kinds[0]], target, element)


def refresh(books: Books, document: Any) -> None:  # noqa: ANN401  any part of a JSON document
    """Let all references in a document show today's names."""
    if type(document) is list:
        for each in document:
            refresh(books, each)
    elif type(document) is dict:
        for name, value in document.items():
            if type(value) is not dict:
                if type(value) is list:
                    refresh(books, value)
                continue
            kind = _KINDS.get(name)
            if name in {"EntityRef", "Entity"}:
                kind = value.get("type")
            record = books.records.get(str(kind), {}).get(str(value.get("value")))
            if record is None:
                refresh(books, value)
            else:
                value["name"] = record.label
