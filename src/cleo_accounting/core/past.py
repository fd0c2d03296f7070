"""The outcome for documents that we removed, or that were gone when we tried to remove them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cleo_accounting.core import kinds
from cleo_accounting.core.links import RemoteKind

GONE = "it was deleted or voided there"
_BY_SOMEBODY = "somebody deleted or voided it there"
_UNANSWERED = "our removal got no answer, and either that or somebody else removed it"
COPY: Mapping[str, str] = {"status": "found twice", "why": "It is a copy of one that stays"}

UNAPPLIED: Mapping[str, str] = {"status": "not applied"}  # of a payment not applied in full


def is_copy(facts: Mapping[str, str]) -> bool:
    """Return whether a removal is of a copy, so that the record keeps its document."""
    return facts.get("status") == COPY["status"]


@dataclass(frozen=True, slots=True)
class Past:
    """The outcome for a record's earlier document: a code of core.causes, and the facts for it."""

    code: str
    facts: Mapping[str, str] = field(default_factory=dict)


def removed(
    kind: RemoteKind,
    facts: Mapping[str, str],
    on: date,
    *,
    absent: bool = False,
    unanswered: bool = False,
) -> Past:
    """Return the outcome for a document that was to be removed and no longer exists.

    `facts` are those of the removal. `absent`: it did not exist when our removal arrived;
    `unanswered`: an earlier attempt of ours got no response, so it is unknown who removed it.
    """
    words = kinds.entry(kind).removal
    said = {**facts, "on": on.isoformat()}
    if is_copy(facts):
        how = "A copy was gone when we came to remove it" if absent else f"A copy was {words.done}"
        return Past("copy_removed", {**said, "how": how})
    if facts.get("status") == UNAPPLIED["status"]:
        return Past("unapplied", said)
    if absent:
        return Past("gone", {**said, "why": _UNANSWERED if unanswered else _BY_SOMEBODY})
    return Past(words.cause, {**said, "how": words.there})
