"""Compare a sync with the preview before it: what came as promised, and what did not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.kinds import ENTITY_TYPES, EntryKind
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.flows.reporting.survey import PREVIEW_LIFE
from cleo_accounting.store import integrations, runs
from cleo_accounting.store.views import promises

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleo_accounting.flows import House
    from cleo_accounting.store.views.promises import Count, Differing, Preview

FIRST = 25
OUTCOMES = ("as_promised", "other_amount", "otherwise", "waits", "not_sent", "more")


@dataclass(slots=True)
class Sum:
    """The sum of the records of one sort and outcome, in one currency."""

    sort: str
    currency: str
    promised_minor: int = 0
    done_minor: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """How a sync turned out against the latest preview before it was requested."""

    preview: Preview
    counts: Mapping[str, Sequence[Count]]  # by outcome
    differing: Sequence[Differing]  # the first of them

    def number(self, *outcomes: str) -> int:
        """Return how many operations had these outcomes."""
        return sum(one.number for name in outcomes for one in self.counts.get(name, ()))

    def sums(self, outcome: str) -> Sequence[Sum]:
        """Return the sums of an outcome: documents, and payments apart from what they pay."""
        found: dict[tuple[str, str], Sum] = {}
        for one in self.counts.get(outcome, ()):
            kind = kinds.of(RemoteKind(one.kind))
            if one.currency and isinstance(kind, EntryKind):
                of = (kind.sort, one.currency)
                whole = found.setdefault(of, Sum(*of))
                whole.promised_minor += one.promised_minor
                whole.done_minor += one.done_minor
        return [found[of] for of in sorted(found)]


def kept(house: House, business_id: str, integration_id: str, run_id: str) -> Kept | None:
    """Compare a finished sync with its preview; return None if there was no preview.

    Raises:
        Missing: the business has no such integration, or the integration no such run.
    """
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        run = runs.find(tx, integration_id, run_id)
        preview = promises.before(tx, run_id, run.created_at - PREVIEW_LIFE)
        if preview is None or run.finished_at is None:
            return None
        wanted = [kind.value for name in run.entity_types for kind in ENTITY_TYPES[name]]
        counted = promises.counts(tx, preview.id, run_id, wanted)
        differing = promises.differing(tx, preview.id, run_id, wanted, FIRST)
    by_outcome = {name: [one for one in counted if one.outcome == name] for name in OUTCOMES}
    return Kept(preview, by_outcome, differing)
