"""Three-way comparison: what we wrote, what they made of it, what we want now."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace

from cleo_accounting.core.links import Content

# What people call the fields of a content.
SAID = {
    "party_id": "the vendor or customer",
    "number": "the number",
    "dated": "the date",
    "due": "the due date",
    "lines": "the lines",
    "total": "the total",
    "note": "the note",
    "ap_account_id": "the A/P account",
    "department_id": "the department",
    "terms_id": "the terms",
    "name": "the name",
    "company_name": "the company name",
    "email": "the e-mail",
    "income_account_id": "the income account",
}


@dataclass(frozen=True, slots=True)
class Merged:
    """What to write so that nobody's change is lost, and what both sides changed differently."""

    content: Content
    conflicts: tuple[str, ...] = ()


def merge(base: Content | None, ours: Content, theirs: Content) -> Merged:
    """Keep what only they changed, write what only we changed, and name what both did.

    Without a base every difference may be theirs, so every difference is a conflict.
    """
    kept: dict[str, object] = {}
    conflicts: list[str] = []
    for one in dataclasses.fields(ours):
        mine, other = getattr(ours, one.name), getattr(theirs, one.name)
        before = getattr(base, one.name) if base is not None else None
        if mine == other or (base is not None and other == before):
            continue
        if base is not None and mine == before:
            kept[one.name] = other
        else:
            conflicts.append(SAID.get(one.name, one.name))
    return Merged(replace(ours, **kept), tuple(conflicts))  # type: ignore[arg-type]


def says(theirs: Content | None, ours: Content) -> bool:
    """Whether the other side says all that we do; what we left open it may have filled in."""
    return agrees(theirs, ours)


def agrees(theirs: object, ours: object) -> bool:
    """Whether a value of theirs says all that ours does."""
    if ours is None:
        return True
    if isinstance(ours, tuple):
        if not isinstance(theirs, tuple) or len(theirs) != len(ours):
            return False
        return all(agrees(one, mine) for one, mine in zip(theirs, ours, strict=True))
    if dataclasses.is_dataclass(ours) and type(theirs) is type(ours):
        names = [one.name for one in dataclasses.fields(ours)]
        return all(agrees(getattr(theirs, name), getattr(ours, name)) for name in names)
    return theirs == ours
