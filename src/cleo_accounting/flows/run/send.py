"""Send a stage: store the intent, write, record the outcome; look before any resend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from cleo_accounting.core.cause import INTERNAL
from cleo_accounting.core.kinds import PARTIES
from cleo_accounting.core.links import Remote, RemoteKind
from cleo_accounting.core.states import Action, ItemState
from cleo_accounting.errors import AccountingError, Superseded, Wait
from cleo_accounting.flows.apart import apart, tried, within
from cleo_accounting.flows.company.books import heed
from cleo_accounting.flows.run.aside import set_aside, set_aside_all
from cleo_accounting.flows.run.compare import (
    ATTEMPTS_MAX,
    LEAVES_WITHIN,
    UNANSWERED,
    look_at_changes,
    quiet_from,
)
from cleo_accounting.flows.run.desk import Desk
from cleo_accounting.flows.run.look import (
    adopt_found,
    disputable,
    dispute,
    find_undone,
    is_only_active,
    queue_again,
    sought,
)
from cleo_accounting.flows.run.parties import share
from cleo_accounting.flows.run.refresh import look_for_names
from cleo_accounting.flows.run.settle import keep_refused, keep_written
from cleo_accounting.providers import (
    Company,
    Doubtful,
    Order,
    Outcome,
    Refused,
    Written,
)
from cleo_accounting.store import errands, operations
from cleo_accounting.store.errands import Verb
from cleo_accounting.store.operations import Row
from cleo_accounting.store.views import counting

_FAILS = Refused("fails_each_time", "no answer, each time it was sent")

log = structlog.get_logger(__name__)

Batch = Sequence[Row]
Answer = Sequence[Outcome] | AccountingError


def send_some(desk: Desk, kind: RemoteKind) -> bool:
    """Send the next batches of a kind, several at once; return whether more may be waiting.

    When nothing else waits, connections are linked to the parties that were created for others.

    Raises:
        Wait: the product asks us to come back later; what it did not accept waits as before.
        Reconnect: the company's books can no longer be opened.
    """
    house, company = desk.house, desk.company
    leaves_by = house.clock.monotonic() + LEAVES_WITHIN.total_seconds()
    with desk.transaction() as tx:
        batches = operations.claim(
            tx,
            desk.run.id,
            kind,
            size=company.batch_size,
            batches=company.batches_at_once,
            now=house.clock.now(),
        )
    if not batches:
        settle_doubts(desk, kind)
        share(desk, kind)
        return False
    _write(desk, batches, leaves_by)
    return sum(len(batch) for batch in batches) == company.batch_size * company.batches_at_once


def settle_doubts(desk: Desk, kind: RemoteKind | None = None) -> None:
    """Look for operations sent without an answer: adopt those that were done, resend the others.

    A write that is not found may still be on its way, or may not be visible yet. It is sent again
    only after longer than a request can live in QuickBooks, and only if it is still not found.
    `kind`: settle operations of this run. None: settle what other runs of the integration left
    open, before this run plans; what was not done is left to the plan.

    Raises:
        Wait: something is still in doubt, look again then; or the product does not answer now.
        Reconnect: the company's books can no longer be opened.
    """
    # What this run set aside is settled by the next run.
    batches = _unsettled(desk, kind, aside_too=kind is None)
    for batch in batches:
        apart([batch], lambda some: _settle(desk, some[0], kind), partial(set_aside_all, desk))
    if left := _unsettled(desk, kind):
        until = min(quiet_from(desk, batch) for batch in left)
        raise Wait("We check QuickBooks before sending again.", until, code="in_doubt")


def _settle(desk: Desk, batch: Batch, kind: RemoteKind | None) -> None:
    undone = _look(desk, batch)
    if not undone or desk.house.clock.now() < quiet_from(desk, batch):
        return
    if kind is None or any(row.attempts >= ATTEMPTS_MAX for row in undone):
        _give_up(desk, undone, alone=kind is not None and len(batch) == 1)
    elif len(batch) > operations.together(max(row.attempts for row in batch), len(batch)):
        queue_again(desk, undone)  # one of them may make the whole batch fail: split the batch
    else:
        _send_again(desk, batch, undone)


def _unsettled(desk: Desk, kind: RemoteKind | None, *, aside_too: bool = False) -> Sequence[Batch]:
    run_id = desk.run.id if kind else None
    with desk.transaction() as tx:
        found = operations.unsettled(tx, desk.integration.id, run_id=run_id, kind=kind)
    kept = [[row for row in batch if aside_too or row.code != INTERNAL] for batch in found]
    return [batch for batch in kept if batch]


def _is_whole(batch: Batch) -> bool:
    """Whether this is everything sent under its key: a part of a batch needs a key of its own."""
    return batch[0].batch_size in (None, len(batch))


def _send_again(desk: Desk, batch: Batch, undone: Batch) -> None:
    if len(undone) < len(batch) or not _is_whole(batch):
        queue_again(desk, undone)
        return
    _resend(desk, batch)  # none of it arrived


def _resend(desk: Desk, batch: Batch) -> None:
    """Resend the same bytes under the same idempotency key."""
    leaves_by = desk.house.clock.monotonic() + LEAVES_WITHIN.total_seconds()
    with desk.transaction() as tx:
        operations.resend(tx, [row.id for row in batch], desk.house.clock.now())
    again = [replace(row, attempts=row.attempts + 1) for row in batch]
    since = max(row.sent_at for row in batch if row.sent_at)
    _write(desk, [again], leaves_by, since)


def _write(
    desk: Desk,
    batches: Sequence[Batch],
    leaves_by: float,
    doubted_since: datetime | None = None,
) -> None:
    """Write batches in parallel outside any transaction; record all outcomes in one transaction."""
    if not batches:
        return
    answers = _write_at_once(desk.company, batches, leaves_by)
    heed(desk.house, desk.integration.company_id, *answers)
    if any(_names_what_is_gone(answer) for answer in answers):
        look_for_names(desk)
    try:
        disputed = _record(desk, batches, answers, doubted_since)
    except Superseded:
        _tell_successor(desk, batches, answers)
        raise
    if disputed:
        dispute(desk, disputed)
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer


def _names_what_is_gone(answer: Answer) -> bool:
    outcomes = () if isinstance(answer, Exception) else answer
    return any(isinstance(one, Refused) and one.code == "reference_refused" for one in outcomes)


def _write_at_once(
    company: Company, batches: Sequence[Batch], leaves_by: float
) -> Sequence[Answer]:
    if len(batches) == 1:
        return [_write_batch(company, batches[0], leaves_by)]
    with ThreadPoolExecutor(max_workers=len(batches)) as pool:
        return list(pool.map(lambda batch: _write_batch(company, batch, leaves_by), batches))


def _write_batch(company: Company, batch: Batch, leaves_by: float) -> Answer:
    orders = [Order(row.item_key, row.kind, row.payload or "", row.currency or "") for row in batch]
    key = batch[0].batch_key
    assert key is not None
    try:
        outcomes = tried(
            lambda: company.write(orders, key=key, leaves_by=leaves_by), partial(_lost, batch)
        )
    except AccountingError as error:
        return error  # nothing was done; the other batches in flight still get their answers
    assert len(outcomes) == len(batch), "one outcome each"
    return outcomes


def _lost(batch: Batch, trouble: Exception) -> Sequence[Outcome]:
    """Treat every outcome as doubtful after an internal error: how far the write got is unknown."""
    log.error("batch_failed", batch_key=batch[0].batch_key, exc_info=trouble)
    return [Doubtful("we could not read the answer")] * len(batch)


def _tell_successor(desk: Desk, batches: Sequence[Batch], answers: Sequence[Answer]) -> None:
    """Record that a superseded worker sent these now, and have the records compared later.

    The fence does not apply, because this is a fact. The worker that took over may already have
    given these operations up and written the records anew.
    """
    house = desk.house
    pairs = zip(batches, answers, strict=True)
    late = [row.id for batch, one in pairs if not isinstance(one, Exception) for row in batch]
    if late:
        now = house.clock.now()
        with house.database.transaction() as tx:
            operations.left_late(tx, late, now)
            errands.add(tx, desk.integration.id, Verb.RECONCILE, now=now + house.quiescence)


def _record(
    desk: Desk,
    batches: Sequence[Batch],
    answers: Sequence[Answer],
    doubted_since: datetime | None,
) -> Sequence[tuple[Row, Refused]]:
    """Record the outcomes of batches in one transaction; return the refusals to look into."""
    disputed: list[tuple[Row, Refused]] = []
    with desk.transaction() as tx:
        for batch, answer in zip(batches, answers, strict=True):
            if isinstance(answer, Exception):
                operations.back(tx, [row.id for row in batch], doubted_since)
                continue
            pairs = list(zip(batch, answer, strict=True))
            within(
                tx,
                [(row, one) for row, one in pairs if isinstance(one, Written)],
                lambda some: keep_written(desk, tx, some),
                lambda pair, trouble: set_aside(desk, tx, pair[0], trouble),
            )
            refused = [(row, one) for row, one in pairs if isinstance(one, Refused)]
            keep_refused(desk, tx, [pair for pair in refused if not disputable(*pair)])
            disputed += [pair for pair in refused if disputable(*pair)]
            open_ = [row.id for row, one in pairs if isinstance(one, Doubtful)]
            # A disputed refusal counts as a doubt until it is looked into: a crash loses nothing.
            open_ += [row.id for row, one in refused if disputable(row, one)]
            if open_:
                operations.doubt(tx, open_, desk.house.clock.now())
    return disputed


def _look(desk: Desk, batch: Batch) -> Sequence[Row]:
    """Look for what a batch may have done, adopt it, and return the rows that were not done."""
    creates = [row for row in batch if row.action == Action.CREATE]
    changes = [row for row in batch if row.action != Action.CREATE]
    undone = find_undone(desk, creates, lambda some: _look_for(desk, batch, some))
    return undone + find_undone(desk, changes, lambda some: look_at_changes(desk, some))


def _look_for(desk: Desk, batch: Batch, creates: Batch) -> Batch:
    found = desk.company.find(batch[0].kind, [sought(row) for row in creates])
    if len(creates) == len(batch) and _can_be_asked(desk, batch, found):
        _resend(desk, batch)  # ours get their first answer, the others: name taken
        return []
    return adopt_found(desk, creates, found)


def _can_be_asked(desk: Desk, batch: Batch, found: Mapping[str, Sequence[Remote]]) -> bool:
    """Whether every name of a batch exists, ours or not, so that a resend cannot create any twice.

    If only some exist, our batch was not done: those names belong to others.
    """
    return _is_whole(batch) and all(
        row.kind in PARTIES
        and row.action == Action.CREATE
        and row.run_id == desk.run.id
        and row.attempts < ATTEMPTS_MAX
        and is_only_active(found.get(row.record_id, ()))
        for row in batch
    )


def _give_up(desk: Desk, rows: Batch, *, alone: bool = False) -> None:
    """Give up on operations that were not done; this run does not send them again.

    If an operation sent `alone` fails while others of the run are written, QuickBooks cannot
    process it.
    """
    with desk.transaction() as tx:
        counted = counting.counts(tx, desk.run.id) if alone else ()
        answers = any(
            count.state == ItemState.WRITTEN and count.action != Action.LINK for count in counted
        )
        no_answer = _FAILS if answers else UNANSWERED
        keep_refused(desk, tx, [(row, no_answer) for row in rows])
