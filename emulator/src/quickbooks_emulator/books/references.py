"""Resolve the references of a document that is written: check the records, fill in names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quickbooks_emulator.basics import faults
from quickbooks_emulator.books.entities import FAMILY_OF_REFERENCES
from quickbooks_emulator.books.settings import CURRENCIES

if TYPE_CHECKING:
    from quickbooks_emulator.books.books import Books
    from quickbooks_emulator.books.properties import Reading

UNITED_STATES_TAX_CODES = frozenset({"TAX", "NON"})


def resolve(books: Books, reading: Reading) -> None:
    """Fill in the names of all references that were read; raises Refusal if any is invalid."""
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
    # In the US a line's tax code is a word, which `rules/lines.py` checks.
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
