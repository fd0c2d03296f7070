"""Sync: request a run, and advance it step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cleo_accounting.core import kinds
from cleo_accounting.core.causes import is_loud
from cleo_accounting.core.kinds import DOCUMENTS, ENTITY_TYPES, PARTIES
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.states import ItemState, RunState, Trigger
from cleo_accounting.errors import Conflict, Flaw, Invalid, Missing, Reconnect, Wait
from cleo_accounting.flows import House
from cleo_accounting.flows.company import follow
from cleo_accounting.flows.company.books import heed, open_books
from cleo_accounting.flows.run.desk import Desk
from cleo_accounting.flows.run.prepare import prepare, unlinked
from cleo_accounting.flows.run.refresh import look_at_open_balances, look_for_run
from cleo_accounting.flows.run.send import send_some, settle_doubts
from cleo_accounting.providers import Usage
from cleo_accounting.store import audit, earlier, integrations, links, operations, runs, turns
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.integrations import Integration, Status
from cleo_accounting.store.runs import Run
from cleo_accounting.store.tenancy import across
from cleo_accounting.store.views import counting

# Causes that depend on what we last read of the company: worth another read before the next plan.
_SEEN = (
    "inactive",
    "merged_away",
    "reference_refused",
    "look_alike",
    "name_taken",
    "name_shared",
)
_DESCRIBED = ("books_closed", "currency_differs", "subscription_ended")
_SHORT = timedelta(seconds=1)  # a wait this short is not worth giving up the worker's place
_STEP_WAVES = 4  # how many rounds of batches one durable step sends


@dataclass(frozen=True, slots=True)
class Progress:
    """What a worker should do after a step: stop, continue, or come back at `wait_until`.

    `parked`: the worker should leave the run alone. The run gets its next turn at `wait_until` or,
    where that is None, when a person resumes the business.
    """

    done: bool = False
    wait_until: datetime | None = None
    parked: bool = False


def request(
    house: House,
    integration: Integration,
    entity_types: Sequence[str],
    *,
    dry_run: bool = False,
    trigger: Trigger,
    by: str,
    failed_only_of: str | None = None,
    item_id: int | None = None,
    code: str | None = None,
) -> Run:
    """Request a run. If one is already queued, widen it and return it instead of adding a second.

    Raises:
        Invalid: an entity type is unknown.
        Conflict: the company is not connected.
        Exceeded: the business has used up its syncs for this hour.
        Missing: the run to retry has no such item.
    """
    _check(entity_types)
    _admit(house, integration)
    now = house.clock.now()
    run = Run(
        id=house.new_id("run"),
        integration_id=integration.id,
        business_id=integration.business_id,
        entity_types=_in_order(entity_types),
        dry_run=dry_run,
        trigger=trigger,
        asked_by=by,
        state=RunState.QUEUED,
        created_at=now,
        retry_of=failed_only_of,
        retry_item=item_id,
        retry_code=code,
    )
    with house.database.transaction() as tx:
        queued = _queue(tx, run)
        facts = {"entityTypes": list(run.entity_types), "dryRun": dry_run, "trigger": trigger}
        audit.note(
            tx,
            run.business_id,
            by=by,
            what="sync_requested",
            subject=queued.id,
            now=now,
            facts=facts,
        )
        return queued


def _check_item(tx: Transaction, run: Run, item_id: int) -> None:
    """Check that the item to retry belongs to the run that is named."""
    item = operations.find(tx, run.integration_id, item_id)
    if item is None or item.run_id != run.retry_of:
        raise Missing("There is no such item in that run.")


def _check(entity_types: Sequence[str]) -> None:
    unknown = [name for name in entity_types if name not in ENTITY_TYPES]
    if unknown or not entity_types:
        known = ", ".join(ENTITY_TYPES)
        flaw = Flaw("entityType", f"must be one of {known}", "unknown_entity_type")
        raise Invalid(f"Unknown entity types: {', '.join(unknown)}.", [flaw])


def _admit(house: House, integration: Integration) -> None:
    if integration.status is not Status.CONNECTED:
        raise Conflict("Connect QuickBooks again, then sync.", code="not_connected")
    house.rates.spend("syncs", integration.business_id)


def _queue(tx: Transaction, run: Run) -> Run:
    """Queue a run, or widen the one already queued so that it does what both requests ask for."""
    if run.retry_item is not None:
        _check_item(tx, run, run.retry_item)
    while True:
        waiting = runs.queued(tx, run.integration_id, dry_run=run.dry_run)
        if waiting:
            wider = _in_order([*waiting.entity_types, *run.entity_types])
            runs.widen(tx, waiting.id, wider)
            return replace(
                waiting, entity_types=wider, retry_of=None, retry_item=None, retry_code=None
            )
        if added := runs.add(tx, run):
            return added
        # Another request added its run first, and that run may have started by now: look again.


def cancel(house: House, business_id: str, integration_id: str, run_id: str, by: str) -> Run:
    """Ask a run to end after the batches in flight; what was already sent stays in QuickBooks.

    Raises:
        Missing: the integration has no such run.
    """
    with house.database.transaction() as tx:
        integrations.get(tx, business_id, integration_id)
        run = runs.find(tx, integration_id, run_id)
        if runs.ask_to_cancel(tx, integration_id, run_id):
            if run.state == RunState.QUEUED:
                runs.finish(tx, run_id, RunState.CANCELLED, house.clock.now(), code="cancelled")
            audit.note(
                tx,
                business_id,
                by=by,
                what="sync_cancelled",
                subject=run_id,
                now=house.clock.now(),
            )
        return runs.find(tx, integration_id, run_id)


def take(house: House, run_id: str) -> int:
    """Take over a run and return its new fence; a worker with an older fence cannot write."""
    with house.database.transaction() as tx:
        return runs.take(tx, run_id)


def advance(house: House, run_id: str, fence: int | None = None) -> Progress:
    """Do the next step of a run. All state is read from the database, so a step may be repeated.

    Raises:
        Superseded: another worker has taken the run over since `fence` was issued.
    """
    fence = take(house, run_id) if fence is None else fence
    with house.database.transaction() as tx:
        run = runs.get(tx, run_id)
        if run is None or run.state not in runs.OPEN:
            return Progress(done=True)
        runs.hold(tx, run_id, fence)
        integration = integrations.by_id(tx, run.integration_id)
        if stands := _stands(house, tx, run, integration):
            return stands
        if run.state == RunState.WAITING:
            runs.go_on(tx, run_id)
    desk = Desk(house, run, integration, open_books(house, integration), fence)
    before = desk.company.usage()
    try:
        return _step(desk)
    finally:
        _spend(desk, before)


def _stands(house: House, tx: Transaction, run: Run, integration: Integration) -> Progress | None:
    """Return what the worker should do if the run cannot continue now; None if it can."""
    now = house.clock.now()
    if run.cancel:
        _end(house, tx, run, RunState.CANCELLED, code="cancelled")
        return Progress(done=True)
    if run.state == RunState.QUEUED and not runs.start(tx, run.id, now):
        # Another run of this integration is active; this one gets its turn when that has ended.
        turns.give_way(tx, run.id)
        return Progress(wait_until=now + _SHORT, parked=True)
    quiet = [one for one in (run.waiting_until, integration.silent_until) if one and one > now]
    if quiet:  # the process that was asked to wait may have died since: the waits are stored
        runs.wait(tx, run.id, max(quiet))
        return _wait(tx, run, max(quiet), now)
    if integration.paused_at and not run.dry_run:  # a person paused the business
        turns.park(tx, run.id, None)
        return Progress(parked=True)
    return None


def _wait(tx: Transaction, run: Run, until: datetime, now: datetime) -> Progress:
    """Return the wait; give the worker's place back unless the wait is over in a moment."""
    if long := until - now > _SHORT:
        turns.park(tx, run.id, until)
    return Progress(wait_until=until, parked=long)


def give_way(house: House, run_id: str, fence: int) -> bool:
    """Give way to other runs that are ready, if any; this run gets its next turn after theirs.

    Raises:
        Superseded: another worker has taken the run over since `fence` was issued.
    """
    with house.database.transaction() as tx:
        runs.hold(tx, run_id, fence)
        with across(tx):
            others = bool(turns.ready(tx, house.clock.now(), limit=1))
        if others:
            turns.give_way(tx, run_id)
        return others


def give_back(house: House, run_id: str, fence: int) -> None:
    """Give a run back to the queue because this worker is shutting down.

    Raises:
        Superseded: another worker has taken the run over since `fence` was issued.
    """
    with house.database.transaction() as tx:
        runs.hold(tx, run_id, fence)
        turns.give_way(tx, run_id)


def _step(desk: Desk) -> Progress:
    """Do a step; turn a wait or a lost connection into the run's state."""
    house, run = desk.house, desk.run
    try:
        done = _work(desk)
    except Wait as wait:
        heed(house, desk.integration.company_id, wait)
        with desk.transaction() as tx:
            now = house.clock.now()
            runs.wait(tx, run.id, wait.until, now=now, code=wait.code)
            return _wait(tx, run, wait.until, now)
    except Reconnect as gone:
        with desk.transaction() as tx:
            _end(house, tx, run, RunState.FAILED, code=gone.code, message=gone.message)
        return Progress(done=True)
    if run.waiting_since and not done:
        with desk.transaction() as tx:
            runs.went_on(tx, run.id)
    return Progress(done=done)


def fail(house: House, run_id: str) -> None:
    """Fail a run after an internal error: the fault is ours, not the records'."""
    message = "Something went wrong on our side; we have been told. Sync again later."
    with house.database.transaction() as tx:
        run = runs.get(tx, run_id)
        if run:
            _end(house, tx, run, RunState.FAILED, code="internal", message=message)


def _work(desk: Desk) -> bool:
    """Do one step's worth of work; return whether the run is done."""
    with desk.house.database.reading() as tx:
        stages = runs.stages_of(tx, desk.run.id)
        states = operations.open_states(tx, desk.run.id)
    if not stages and desk.run.dry_run:
        desk = replace(
            desk, integration=follow.describe(desk.house, desk.integration, desk.company)
        )
    elif not stages:
        settle_doubts(desk)  # of earlier runs: a record that is in doubt cannot be planned
    looked = False
    for kind in (kind for name in desk.run.entity_types for kind in ENTITY_TYPES[name]):
        if kind not in stages:
            desk, looked = _look_first(desk, kind, looked=looked)
            if prepare(desk, kind):
                return False
        elif ItemState.WAITING in states.get(kind, ()):
            for _ in range(_STEP_WAVES):
                if not send_some(desk, kind):
                    break
            return False
        elif kind in states:
            settle_doubts(desk, kind)
            return False
    look_at_open_balances(desk)
    _conclude(desk)
    return True


def _look_first(desk: Desk, kind: RemoteKind, *, looked: bool) -> tuple[Desk, bool]:
    """Read the company's lists and settings where the plan needs them: reads are metered.

    Returns the desk with the current integration, and whether this step has read the lists.
    """
    integration, declared = desk.integration, kinds.of(kind)
    documents = kind is DOCUMENTS[0]
    never = integration.names_cursor is None
    if not (declared.is_matched or documents or never):
        return desk, looked
    with desk.house.database.reading() as tx:
        first = kind is PARTIES[0]
        stale = _causes_before(desk, tx, declared.entity_type) if first or documents else set()
        seen_again = first and bool(stale & set(_SEEN))
        names = declared.is_matched and not looked and unlinked(tx, integration, kind)
        used = declared.is_only_linked and bool(links.links_of(tx, integration.id, kind))
    # The closing date may have been moved since: read it again before it holds documents back.
    bars = integration.profile.closed_until is not None or bool(stale & set(_DESCRIBED))
    if bars and documents:
        integration = follow.describe(desk.house, integration, desk.company)
    if never or names or seen_again:
        integration = follow.look(desk.house, integration, desk.company)
        looked = True
    desk = replace(desk, integration=integration)
    return (look_for_run(desk) if used else desk), looked or used


def _causes_before(desk: Desk, tx: Transaction, entity_type: str) -> set[str]:
    """Return the causes met by the previous run and by the last run that synced the entity type."""
    before = runs.before(tx, desk.run, entity_type)
    return {code for one in before for code in earlier.causes(tx, desk.integration.id, one)}


def _conclude(desk: Desk) -> None:
    with desk.transaction() as tx:
        found = counting.counts(tx, desk.run.id)
        failed = any(is_loud(count.state, count.code) for count in found)
        done = any(count.state in (ItemState.WRITTEN, ItemState.PLANNED) for count in found)
        unchanged = any(stage.unchanged for stage in runs.stages_of(tx, desk.run.id).values())
        if not failed or desk.run.dry_run:
            state = RunState.SUCCEEDED
        else:
            state = RunState.PARTLY_FAILED if done or unchanged else RunState.FAILED
        _end(desk.house, tx, desk.run, state)


def _end(
    house: House,
    tx: Transaction,
    run: Run,
    state: RunState,
    *,
    code: str | None = None,
    message: str | None = None,
) -> None:
    now = house.clock.now()
    left = "cancelled" if state == RunState.CANCELLED else "not_reached"
    operations.end_waiting(tx, run.id, left, now)
    runs.finish(tx, run.id, state, now, code=code, message=message)


def _spend(desk: Desk, before: Usage) -> None:
    after = desk.company.usage()
    spent = {
        name: getattr(after, name) - getattr(before, name)
        for name in ("requests", "batches", "reads", "throttled")
    }
    if any(spent.values()):
        with desk.house.database.transaction() as tx:
            runs.spend(tx, desk.run.id, spent)


def _in_order(entity_types: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in ENTITY_TYPES if name in entity_types)
