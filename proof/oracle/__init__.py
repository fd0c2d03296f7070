"""The oracle: three independent records in, every broken promise out; it knows no code of ours.

`history` is what a driver was told, `journal` what QuickBooks noted by itself, `dump` our tables.
All three are lists and dicts of plain values. Money is whole cents throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from proof.oracle import access, documents, ending, keeping
from proof.oracle.facts import Facts, Plain, Violation

__all__ = ["CHECKED", "Violation", "check"]

# What does not apply yet: I2 (there are no payments), I14 (the HTTP door has its own tests),
# I15 (whoever plays a seed twice compares digests), I17 (no webhooks), I18 (nothing is purged yet).
CHECKED: Mapping[str, Callable[[Facts], Iterator[Violation]]] = {
    "I1": documents.at_most_one,
    "I3": keeping.nothing_lost,
    "I4": ending.everything_ends,
    "I5": documents.equal_to_the_cent,
    "I6": documents.right_references,
    "I7": documents.nobody_overwritten,
    "I8": access.nothing_after_goodbye,
    "I9": access.nobody_elses,
    "I10": access.no_faster_than_allowed,
    "I11": access.tokens_kept,
    "I12": keeping.every_send_is_known,
    "I13": keeping.states_only_move_forward,
    "I16": keeping.bounded,
}


def check(
    history: Sequence[Plain], journal: Sequence[Plain], dump: Mapping[str, Sequence[Plain]]
) -> list[Violation]:
    """Say every promise that was broken; nothing, if all were kept."""
    facts = Facts(history, journal, dump)
    return [violation for look in CHECKED.values() for violation in look(facts)]
