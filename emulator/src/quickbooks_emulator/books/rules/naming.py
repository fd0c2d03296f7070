"""Names: unique within a name space, suffixed when inactive, prefixed by their parents."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import normalize

from quickbooks_emulator.basics import faults
from quickbooks_emulator.books.recording import NAME_SPACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quickbooks_emulator.books.books import Books
    from quickbooks_emulator.books.draft import Draft

DELETED = " (deleted)"
LEVELS_MAX = 5

_SPOKEN = {
    "Account": "account",
    "Item": "product or service",
    "Term": "term",
    "Class": "class",
    "Department": "location",
    "PaymentMethod": "payment method",
    "TaxCode": "tax code",
    "TaxRate": "tax rate",
    "CompanyCurrency": "currency",
}


def settle_name(draft: Draft, name: str) -> str:
    """Return the name to show, with Intuit's suffix if inactive; raises Refusal if it is taken."""
    active = draft.document.get("Active", True)
    draft.document["Active"] = draft.active = active
    was_active = draft.record is None or draft.record.active
    bare = name if was_active else name.removesuffix(DELETED)
    prefix = _parents(draft)
    shown = bare if active else bare + DELETED
    attempt = 0
    while _taken(draft, prefix + shown):
        if active:
            raise faults.duplicate_name(_whose(draft))
        attempt += 1
        shown = f"{bare} (deleted {attempt})"
    draft.label = prefix + shown
    if draft.entity.hierarchical:
        draft.document["FullyQualifiedName"] = draft.label
    return shown


def _taken(draft: Draft, label: str) -> bool:
    space = NAME_SPACES.get(draft.entity.name, draft.entity.name)
    held = draft.books.names.get(space, {})
    own = (draft.entity.name, draft.id)
    return any(held[key] != own for key in equal_keys(draft.books, held, label))


def equal_keys(books: Books, held: Mapping[str, object], label: str) -> list[str]:
    """Return the names or numbers in use that the switch `equal_names` treats as equal to this."""
    if books.switches.equal_names == "but_for_case":
        key = label.casefold()
        return [key] if key in held else []
    wanted = _plain(label)
    return [each for each in held if _plain(each) == wanted]


@lru_cache(maxsize=65_536)
def _plain(label: str) -> str:
    """Normalize a label: fold case, collapse blanks and unify the Unicode form."""
    return " ".join(normalize("NFKC", label).casefold().split())


def _whose(draft: Draft) -> str:
    if draft.entity.family == "name":
        who = "customer, vendor or employee"
    else:
        who = _SPOKEN[draft.entity.name]
    return f"Another {who} is already using this name. Please use a different name."


def _parents(draft: Draft) -> str:
    """Return the path of the parents, with a final colon; refuses loops and over five levels."""
    reference = draft.document.get("ParentRef")
    if not draft.entity.hierarchical or reference is None:
        return ""
    kind = draft.entity.name
    parent = draft.books.records[kind][reference["value"]]
    if parent.id == draft.id or parent.id in draft.books.descendants(kind, draft.id):
        raise faults.refused("900", "Parent is child", f"{kind} cannot be its own parent.")
    if parent.label.count(":") + 2 > LEVELS_MAX:
        detail = "You can only create up to 5 levels."
        raise faults.refused("6180", "Maximum depth exceeded", detail, "ParentRef")
    return f"{parent.label}:"
