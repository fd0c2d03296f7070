"""Rules for attachables: notes or files that belong to other entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quickbooks_emulator.basics import faults
from quickbooks_emulator.books.entities import ENTITIES

if TYPE_CHECKING:
    from quickbooks_emulator.books.draft import Draft


def complete_attachable(draft: Draft) -> None:
    """Complete an attachable; it needs a note or a file, and references to existing entities."""
    document, books = draft.document, draft.books
    file = books.files.get(draft.id)
    if "Note" not in document and "FileName" not in document:
        raise faults.business("You must have at least a note string or file attachment")
    for each in document.get("AttachableRef", ()):
        reference = each.get("EntityRef")
        if reference is None:
            continue
        kind = next(
            (name for name in ENTITIES if name.lower() == str(reference.get("type")).lower()), None
        )
        if kind is None:
            message = "Invalid Attachable Ref"
            raise faults.refused("6050", message, f"{message} : {reference.get('type')}")
        if books.find(kind, reference["value"]) is None:
            raise faults.object_not_found()
        reference["type"] = kind
        each.setdefault("IncludeOnSend", False)
    if file is not None:
        document["FileAccessUri"] = f"/v3/company/{books.realm_id}/download/{draft.id}"
        document["Size"] = len(file)


def remove_attachable(_draft: Draft) -> None:
    """Delete an attachable, which is always allowed."""
