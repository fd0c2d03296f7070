"""A cause: why a record was not sent, in words that are filled from the facts of an operation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason; `quiet` ones are as they should be and ask nothing of anyone.

    `mended_by`: bookkeeper or admin (here), quickbooks (there), cleo (in the record), or itself.
    """

    code: str
    title: str
    text: str
    fix: str = ""
    quiet: bool = False
    mended_by: str = "bookkeeper"


INTERNAL = "internal"
