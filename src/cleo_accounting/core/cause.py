"""A cause: why a record was not sent, in words that are filled from the facts of an operation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason why a record was not sent.

    `quiet`: it is expected, and nobody needs to act. `mended_by` names where it is resolved:
    bookkeeper or admin (in this service), quickbooks (in QuickBooks), cleo (in the record in Cleo
    Pay), or itself (without any action).
    """

    code: str
    title: str
    text: str
    fix: str = ""
    quiet: bool = False
    mended_by: str = "bookkeeper"


INTERNAL = "internal"
