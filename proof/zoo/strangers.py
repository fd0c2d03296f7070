"""More planted bugs as outsiders made them: rules, decisions, runs, lists, Intuit's properties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cleo_accounting.core import causes, documents, identity, plan, render, weigh
from cleo_accounting.core.decision import Decision
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.plan import Create, Leave
from cleo_accounting.core.records import PayableStatus
from cleo_accounting.flows.records import importing
from cleo_accounting.flows.run import adopt, compare, settle, survivors, sync
from cleo_accounting.providers import Written
from cleo_accounting.providers.quickbooks.company import QuickBooksCompany
from cleo_accounting.providers.quickbooks.translate import query, writing
from cleo_accounting.store import decisions, incoming, operations, runs
from proof.zoo import rehearsed, situations
from proof.zoo.planting import Bug, instead, planted
from proof.zoo.staged import scripted


def _drafts_too(too_early: Any) -> Any:
    def wrong(self: Any, payable: Any, link: Any) -> Any:
        approved = replace(payable, status=PayableStatus.APPROVED)
        return too_early(self, approved, link)

    return wrong


def _whatever_the_date(too_early: Any) -> Any:
    def wrong(self: Any, payable: Any, link: Any) -> Any:
        found = too_early(self, payable, link)
        return None if found and found.code == "before_go_live" else found

    return wrong


def _unread(decided: Any) -> Any:
    def wrong(self: Any, payable: Any, verdict: Any) -> Any:
        left_out = verdict is not None and verdict.verdict == "leave_out"
        return None if left_out else decided(self, payable, verdict)

    return wrong


def _kept_for_ever(is_settled: Any) -> Any:
    def wrong(mark: str, link: Any, verdict: Any) -> bool:
        if link and not link.gone and verdict and verdict.verdict == "keep_theirs":
            return True
        return bool(is_settled(mark, link, verdict))

    return wrong


def _created_at_each_deletion(against: Any) -> Any:
    def wrong(
        kind: Any, record_id: str, label: Any, content: Any, mark: Any, link: Any, verdict: Any
    ) -> Any:
        if link is not None and link.gone and verdict and verdict.verdict == "create_again":
            return Create(kind, record_id, label, content, mark)
        return against(kind, record_id, label, content, mark, link, verdict)

    return wrong


class _Rows:
    """A stand-in for a database that returns rows which were read already."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def execute(self, *_: Any) -> Sequence[Any]:
        return self._rows


def _words_stay(words_of: Any) -> Any:
    def wrong(tx: Any, integration_id: str, kind: Any) -> Any:
        of = {"integration_id": integration_id, "kind": kind}
        rows = tx.execute(decisions._OF_KIND, of)
        kept = [row for row in rows if row.verdict != Decision.BRING_BACK]
        return words_of(_Rows(kept), integration_id, kind)

    return wrong


def _done_if_it_stands(looked: Any) -> Any:
    def wrong(desk: Any, rows: Sequence[Any], *of: Any, **more: Any) -> Sequence[Any]:
        undone = looked(desk, rows, *of, **more)
        updates = [row for row in undone if row.action == "update"]
        with desk.transaction() as tx:
            done = [(row, Written(row.remote_id, row.version)) for row in updates]
            settle.keep_written(desk, tx, done)
        return [row for row in undone if row.action != "update"]

    return wrong


def _names_itself(naming: Any) -> Any:
    def wrong(planned: Any, survivors: Any) -> Any:
        for operation in naming(planned, survivors):
            if isinstance(operation, Leave) and operation.code == "merged_away":
                facts = {**operation.facts, "candidate_ids": operation.facts["party_id"]}
                yield replace(operation, facts=facts)
            else:
                yield operation

    return wrong


def _renames_the_inactive(weighing: Any) -> Any:
    def wrong(ours: Any, mark: str, base: Any, link: Any, there: Any, verdict: Any) -> Any:
        return weighing(ours, mark, base, link, replace(there, active=True), verdict)

    return wrong


def _all_is_told(_changes: Any) -> Any:
    def wrong(self: Any, *of: Any, **more: Any) -> Any:
        return replace(_changes(self, *of, **more), complete=True)

    return wrong


def _first_page_only(_rows: Any) -> Any:
    def wrong(self: Any, kind: Any, conditions: Any) -> Any:
        page = self._page(kind, conditions, 1, query.ROWS_MAX)
        yield from page or ()

    return wrong


def _deleted(removal: Any) -> Any:
    def wrong(kind: Any, link: Any, note: str | None = None) -> str:
        told = str(removal(kind, link, note))
        return told.replace('"operation":"update","optionsData":"void"', '"operation":"delete"')

    return wrong


def _one_key_for_two(batch_key: Any) -> Any:
    def wrong(run_id: str, _kind: Any, position: int, generation: int) -> str:
        return str(batch_key(run_id, RemoteKind.BILL, position, generation))

    return wrong


def _without_due_dates(upsert: Any) -> Any:
    def wrong(tx: Any, business_id: str, given: Sequence[Any], now: Any) -> Any:
        dull = [replace(one, due_on=None) if hasattr(one, "due_on") else one for one in given]
        return upsert(tx, business_id, dull, now)

    return wrong


def _not_wider(_widen: Any) -> Any:
    return lambda *_, **__: True


def _goes_on(stands: Any) -> Any:
    def wrong(house: Any, tx: Any, run: Any, integration: Any) -> Any:
        return stands(house, tx, replace(run, cancel=False), integration)

    return wrong


def _one_attempt_more(back: Any) -> Any:
    def wrong(tx: Any, ids: Sequence[int], *of: Any, **more: Any) -> None:
        back(tx, ids[1:], *of, **more)
        if ids:
            _leave_counted(tx, ids[0], of)

    def _leave_counted(tx: Any, one: int, of: Sequence[Any]) -> None:
        back(tx, [one], *of)
        table = vars(operations)["operations"]
        counted = {"attempts": table.c.attempts + 1}
        tx.execute(table.update().where(table.c.id == one).values(**counted))

    return wrong


def _as_our_record_says(_what_made: Any) -> Any:
    return lambda _tx, row, _found: row


def _days_count_for_nothing(identify: Any) -> Any:
    def wrong(one: Any, standing: Any, remembered: Any, said: Any) -> Any:
        found = identify(one, standing, remembered, said)
        if isinstance(found, identity.Held) and found.why == "date":
            return identity.Same(replace(found.alike[0], issued_on=one.issued_on))
        return found

    return wrong


def _always_new(identify: Any) -> Any:
    def wrong(one: Any, standing: Any, remembered: Any, said: Any) -> Any:
        found = identify(one, standing, remembered, said)
        return identity.New(one) if isinstance(found, identity.Held) else found

    return wrong


def _dated_and_new(_dated_anew: Any) -> Any:
    return lambda one, _ours: identity.New(one)


BUGS: Sequence[Bug] = (
    Bug(
        "any day will do",
        "a row of a file with a known amount and another day is taken for the known document",
        scripted(rehearsed.files),
        planted(identity._identify, _days_count_for_nothing),
        20,
    ),
    Bug(
        "every day is new",
        "a row of a file with a known amount and another day is taken for a new document unasked",
        scripted(rehearsed.files),
        planted(identity._identify, _always_new),
        20,
    ),
    Bug(
        "same, and yet new",
        "what a person said is a known document with another day is taken in as a new one",
        scripted(rehearsed.files),
        planted(identity._dated_anew, _dated_and_new),
        20,
    ),
    Bug(
        "asked once more",
        "what a person said of the rows of a file is not remembered",
        scripted(rehearsed.files),
        planted(importing._remember, instead(lambda *_, **__: None)),
        20,
    ),
    Bug(
        "drafts sent",
        "what is a draft, or was not approved, is written",
        scripted(rehearsed.early),
        planted(documents.DocumentPlanner._too_early, _drafts_too),
        20,
    ),
    Bug(
        "whatever the date",
        "what lies before the first day to be synced is written",
        scripted(rehearsed.early),
        planted(documents.DocumentPlanner._too_early, _whatever_the_date),
        20,
    ),
    Bug(
        "left out, and sent",
        "what a person left out is written",
        scripted(rehearsed.left_out),
        planted(documents.DocumentPlanner._decided, _unread),
        20,
    ),
    Bug(
        "taken back, and still counts",
        "a word that a person took back counts as before",
        scripted(rehearsed.brought_back),
        planted(decisions.words_of, _words_stay),
        20,
    ),
    Bug(
        "theirs for ever",
        "a word to keep theirs counts for whatever the record says later",
        scripted(rehearsed.kept),
        planted(plan.is_settled, _kept_for_ever),
        20,
    ),
    Bug(
        "again for ever",
        "a word to create again counts for every later deletion",
        scripted(rehearsed.deleted_twice),
        planted(plan.against_link, _created_at_each_deletion),
        20,
    ),
    Bug(
        "stands, so it is done",
        "an update in doubt counts as done because the document is there",
        scripted(rehearsed.update_lost),
        planted(compare.look_at_changes, _done_if_it_stands),
        20,
    ),
    Bug(
        "adopted as it is",
        "what a look found is taken for what the record says by now",
        scripted(rehearsed.given_up),
        planted(adopt._what_made, _as_our_record_says),
        20,
    ),
    Bug(
        "merged into itself",
        "of what was merged away, the one that went is offered as the survivor",
        scripted(rehearsed.merged_vendor),
        planted(survivors.naming_survivors, _names_itself),
        20,
    ),
    Bug(
        "renamed though inactive",
        "a vendor that somebody made inactive is renamed",
        scripted(rehearsed.inactive_renamed),
        planted(weigh.weigh, _renames_the_inactive),
        20,
    ),
    Bug(
        "cut log believed",
        "a change log that was cut counts as whole",
        scripted(rehearsed.many_changes, sizes=(1000, 1000, 2)),
        planted(QuickBooksCompany.changes, _all_is_told),
        20,
    ),
    Bug(
        "first page of a list",
        "of a long list only the first page is read",
        scripted(rehearsed.long_lists, sizes=(1000, 3, 1000)),
        planted(QuickBooksCompany._rows, _first_page_only),
        20,
    ),
    Bug(
        "invoice deleted",
        "an invoice is deleted instead of voided",
        scripted(rehearsed.cancelled_invoice),
        planted(writing.removal, _deleted),
        20,
    ),
    Bug(
        "one key for two",
        "batches of two kinds have one request id",
        situations.calm,
        planted(operations.batch_key, _one_key_for_two),
        20,
    ),
    Bug(
        "due date dropped",
        "a record is kept without the day on which it is due",
        situations.calm,
        planted(incoming.upsert, _without_due_dates),
        20,
    ),
    Bug(
        "asked for less",
        "who asks for more than the run that waits is given that run as it is",
        scripted(rehearsed.asked_twice),
        planted(runs.widen, _not_wider),
        20,
    ),
    Bug(
        "cancelled in vain",
        "a run that was cancelled goes on",
        situations.cancelled,
        planted(sync._stands, _goes_on),
        20,
    ),
    Bug(
        "failure untold",
        "a run of which something was refused says that it succeeded",
        situations.no_answers,
        planted(causes.is_loud, instead(lambda *_, **__: False)),
        20,
    ),
    Bug(
        "quantity left out",
        "the lines of an invoice have no quantities and prices",
        scripted(rehearsed.quantities),
        planted(writing._sums, instead(lambda _line: {})),
        20,
    ),
    Bug(
        "number cut",
        "a long number is cut instead of shortened",
        scripted(rehearsed.long_numbers),
        planted(render.short_number, instead(lambda number: number[:21])),
        20,
    ),
    Bug(
        "turned away, and counted",
        "what QuickBooks did not take counts as an attempt",
        scripted(rehearsed.turned_away),
        planted(operations.back, _one_attempt_more),
        20,
    ),
)
