"""Report a run's progress, what happened to each record, why, and how to fix it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from cleo_accounting.core import kinds
from cleo_accounting.core.causes import CAUSES, is_loud
from cleo_accounting.core.contrast import Changed, Contrast
from cleo_accounting.core.kinds import ENTITY_TYPES
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.states import Action, ItemState, RunState
from cleo_accounting.core.telling import tell
from cleo_accounting.core.twins import Twin
from cleo_accounting.flows import House
from cleo_accounting.store import integrations, runs
from cleo_accounting.store.operations import Row
from cleo_accounting.store.runs import Run
from cleo_accounting.store.views import counting, listing
from cleo_accounting.store.views.counting import Count

FIRST_ERRORS = 10
_PLANNED_PARTS = {Action.CREATE: "create", Action.LINK: "link"}
_PARTS = {Action.CREATE: "created", Action.LINK: "linked", Action.KEEP: "unchanged"}


@dataclass(frozen=True, slots=True)
class Tally:
    """The outcomes of one entity type's records; the parts always add up to `total`."""

    created: int = 0
    updated: int = 0
    linked: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    in_doubt: int = 0
    pending: int = 0

    @property
    def total(self) -> int:
        """The number of all records."""
        return (
            self.created
            + self.updated
            + self.linked
            + self.unchanged
            + self.skipped
            + self.failed
            + self.in_doubt
            + self.pending
        )


@dataclass(frozen=True, slots=True)
class Item:
    """One operation for people: what it is, its outcome, the cause, and how to fix it."""

    id: int
    run_id: str
    entity_type: str
    kind: str
    record_id: str
    label: str
    action: Action
    state: ItemState
    needs_attention: bool
    amount_minor: int | None
    currency: str | None
    remote_id: str | None
    remote_name: str | None
    code: str | None
    title: str | None
    cause: str | None
    fix: str | None
    facts: Mapping[str, str]
    differences: Sequence[Contrast]  # between both sides, when a person is to decide
    twins: Sequence[Twin]  # documents in QuickBooks that may be the same, when a person is asked
    beside: Sequence[str]  # other records that have the same number, when a person is asked
    changes: Sequence[Changed]  # what an update changes
    provider_code: str | None
    tid: str | None
    attempts: int
    sent_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of the documents created, or to be created, in one currency."""

    kind: str
    currency: str
    number: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Why:
    """How many records need attention for one reason."""

    code: str
    title: str
    number: int


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run and its progress. Without a run, nothing was ever synced."""

    run: Run | None
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    sums: Sequence[Sum] = ()
    errors: Sequence[Item] = ()
    errors_total: int = 0
    parts: Mapping[str, int] = field(default_factory=dict)  # the counts as people think of a plan
    causes: Sequence[Why] = ()  # of all errors, the most frequent first

    @property
    def state(self) -> str:
        """The run's state; `never_run` without a run."""
        return self.run.state if self.run else "never_run"


def status(
    house: House, business_id: str, integration_id: str, run_id: str | None = None
) -> RunStatus:
    """Return the progress of a run; without an id, of the most recent sync.

    Raises:
        Missing: the business has no such integration, or the integration no such run.
    """
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        if run_id:
            run: Run | None = runs.find(tx, integration_id, run_id)
        else:
            run = runs.latest(tx, integration_id)
        if run is None:
            return RunStatus(None, {name: Tally() for name in ENTITY_TYPES})
        counted = counting.counts(tx, run.id)
        stages = runs.stages_of(tx, run.id)
        rows = listing.first_failed(tx, run.id, FIRST_ERRORS)
    causes = _causes(counted)
    unchanged = {RemoteKind(kind): stage.unchanged for kind, stage in stages.items()}
    return RunStatus(
        run=run,
        tallies={name: _tally(ENTITY_TYPES[name], counted, unchanged) for name in run.entity_types},
        sums=_sums(counted),
        errors=[item(row) for row in rows],
        errors_total=sum(one.number for one in causes),
        parts=_parts(counted),
        causes=causes,
    )


def items(
    house: House,
    business_id: str,
    integration_id: str,
    run_id: str,
    *,
    entity_type: str | None = None,
    states: Sequence[ItemState] = (),
    actions: Sequence[Action] = (),
    code: str | None = None,
    needs_attention: bool = False,
    quiet: bool = False,
    search: str | None = None,
    documents_first: bool = False,
    limit: int = 20,
    offset: int = 0,
) -> tuple[list[Item], int]:
    """Return a page of a run's operations, filtered, in the order of the plan, and their number.

    `documents_first`: bills and invoices come before vendors, customers and bank accounts.
    """
    kinds = [kind.value for kind in ENTITY_TYPES.get(entity_type or "", ())]
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        runs.find(tx, integration_id, run_id)
        rows, total = listing.page(
            tx,
            run_id,
            kinds=kinds,
            states=states,
            actions=actions,
            code=code,
            needs_attention=needs_attention,
            quiet=quiet,
            search=search,
            documents_first=documents_first,
            limit=limit,
            offset=offset,
        )
    return [item(row) for row in rows], total


def list_runs(
    house: House,
    business_id: str,
    integration_id: str,
    *,
    state: RunState | None = None,
    limit: int = 20,
    offset: int = 0,
) -> tuple[list[Run], int]:
    """Return a page of the runs of an integration, newest first, and how many there are."""
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        return runs.page(tx, integration_id, state=state, limit=limit, offset=offset)


def item(row: Row) -> Item:
    """Return an operation with its cause and fix in plain words."""
    facts = dict(row.facts or {})
    differences = msgspec.convert(facts.pop("differences", ()), tuple[Contrast, ...])
    twins = msgspec.convert(facts.pop("twins", ()), tuple[Twin, ...])
    beside = tuple(facts.pop("beside", ()))
    changes = msgspec.convert(facts.pop("changes", ()), tuple[Changed, ...])
    cause, fix = tell(row.code, facts) if row.code else (None, None)
    known = CAUSES.get(row.code or "")
    return Item(
        id=row.id,
        run_id=row.run_id,
        entity_type=kinds.of(row.kind).entity_type,
        kind=row.kind.value,
        record_id=row.record_id,
        label=row.label,
        action=row.action,
        state=row.state,
        needs_attention=is_loud(row.state, row.code),
        amount_minor=row.amount_minor,
        currency=row.currency,
        remote_id=row.remote_id,
        remote_name=row.remote_name,
        code=row.code,
        title=known.title if known else None,
        cause=cause,
        fix=fix or None,
        facts=facts,
        differences=differences,
        twins=twins,
        beside=beside,
        changes=changes,
        provider_code=row.provider_code,
        tid=row.tid,
        attempts=row.attempts,
        sent_at=row.sent_at,
        settled_at=row.settled_at,
    )


def _tally(
    kinds: Sequence[RemoteKind], counted: Sequence[Count], unchanged: Mapping[RemoteKind, int]
) -> Tally:
    parts: dict[str, int] = {}
    for count in counted:
        if count.kind in kinds:
            part = _part(count)
            parts[part] = parts.get(part, 0) + count.number
    kept = parts.pop("unchanged", 0) + sum(unchanged.get(kind, 0) for kind in kinds)
    return Tally(**parts, unchanged=kept)


def _part(count: Count) -> str:
    if is_loud(count.state, count.code):
        return "failed"
    if count.state == ItemState.LEFT:
        return "skipped"
    if count.state == ItemState.IN_DOUBT:
        return "in_doubt"
    if count.state in (ItemState.WAITING, ItemState.SENT):
        return "pending"
    return _PARTS.get(count.action, "updated")


def _causes(counted: Sequence[Count]) -> list[Why]:
    numbers: dict[str, int] = {}
    for count in counted:
        if is_loud(count.state, count.code):
            code = count.code or "rejected"
            numbers[code] = numbers.get(code, 0) + count.number
    told = [Why(code, CAUSES[code].title, number) for code, number in numbers.items()]
    return sorted(told, key=lambda one: (-one.number, one.code))


def _parts(counted: Sequence[Count]) -> dict[str, int]:
    """Count operations as people think of a plan; what needs attention is in one part only."""
    found = dict.fromkeys(("create", "change", "link", "look", "left"), 0)
    for count in counted:
        if is_loud(count.state, count.code):
            found["look"] += count.number
        elif count.state == ItemState.LEFT:
            found["left"] += count.number
        else:
            found[_PLANNED_PARTS.get(count.action, "change")] += count.number
    return found


def _sums(counted: Sequence[Count]) -> list[Sum]:
    found: dict[tuple[str, str], Sum] = {}
    for count in counted:
        if count.action != Action.CREATE or count.state not in (
            ItemState.WRITTEN,
            ItemState.PLANNED,
        ):
            continue
        if count.currency:
            before = found.get((count.kind, count.currency), Sum(count.kind, count.currency, 0, 0))
            found[count.kind, count.currency] = Sum(
                count.kind,
                count.currency,
                before.number + count.number,
                before.amount_minor + count.amount_minor,
            )
    return sorted(found.values(), key=lambda one: (one.kind, one.currency))
