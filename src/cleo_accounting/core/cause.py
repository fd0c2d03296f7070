"""The type of a cause: why a record was not sent, as text with placeholders for facts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason why a record was not sent.

    `quiet`: it is expected, and nobody needs to act. `mended_by` names who or what resolves it: a
    bookkeeper or an admin (in this service), quickbooks (a change in QuickBooks), cleo (a change of
    the record in Cleo Pay), or itself (no action is needed).
    """

    code: str
    title: str
    text: str
    fix: str = ""
    quiet: bool = False
    mended_by: str = "bookkeeper"


INTERNAL = "internal"
