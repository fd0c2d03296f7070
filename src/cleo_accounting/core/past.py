"""What became of a document that we removed, or that was gone when we came to remove it."""

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

UNAPPLIED: Mapping[str, str] = {"status": "not applied"}  # of a payment


def is_copy(facts: Mapping[str, str]) -> bool:
    """Whether the facts of a removal say that it is of a copy: the record keeps its document."""
    return facts.get("status") == COPY["status"]


@dataclass(frozen=True, slots=True)
class Past:
    """What became of a record's document before: a code of core.causes, and the facts for it."""

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
    """Say what became of a document that was to be removed, and is not there any more.

    `facts` are those of the removal. `absent`: it was not there when our removal came;
    `unanswered`: an earlier try of ours got no answer, so nobody knows who removed it.
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
