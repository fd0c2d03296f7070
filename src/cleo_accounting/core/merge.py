"""Whether remote content agrees with ours, and the names of its fields for people."""

from __future__ import annotations

import dataclasses

from cleo_accounting.core.links import Content

# The names of the fields of a content, for people.
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
    "account_id": "the bank account",
    "expense_account_id": "the expense account",
    "applied": "what it pays",
}


def says(theirs: Content | None, ours: Content) -> bool:
    """Return whether the remote has all our values; values that we left open may be filled in."""
    return agrees(theirs, ours)


def agrees(theirs: object, ours: object) -> bool:
    """Return whether a remote value agrees with ours; None of ours agrees with any value."""
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
