"""Planted bugs in reports: a history and comparisons that make false claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cleo_accounting.core import beside, past
from cleo_accounting.core.beside import Beside
from cleo_accounting.core.reconciliation import Outcome, Reconciliation
from cleo_accounting.flows.run import removal
from proof.simulation.lives import coded, lives
from proof.zoo.planting import Bug, instead, planted


def _by_us(removed: Any) -> Any:
    def wrong(kind: Any, facts: Mapping[str, str], on: Any, **_how: bool) -> Any:
        return removed(kind, facts, on)

    return wrong


BUGS: Sequence[Bug] = (
    Bug(
        "never there",
        "of what was removed, the next sync says that there is no document of it",
        lives,
        planted(removal.past, instead(lambda *_, **__: {})),
    ),
    Bug(
        "removed by us",
        "of what somebody deleted there, the history says that we removed it",
        lives,
        planted(past.removed, _by_us),
        seeds_max=40,
    ),
    Bug(
        "totals alone",
        "a comparison looks at no field, and says that all is equal",
        coded,
        planted(beside.set_beside, instead(lambda *_, **__: Beside())),
    ),
    Bug(
        "all is well",
        "a comparison says that all is equal whatever is not sent",
        lives,
        planted(Reconciliation.outcome, instead(property(lambda _self: Outcome.EQUAL))),
    ),
)
