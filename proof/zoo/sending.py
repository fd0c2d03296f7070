"""Planted bugs of the send protocol: keys, intents, doubts, fences, retries and memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import text

from cleo_accounting.core.links import Origin
from cleo_accounting.flows.company import follow
from cleo_accounting.flows.run import compare, send, settle
from cleo_accounting.providers import Doubtful, Refused, Written
from cleo_accounting.providers.quickbooks.company import QuickBooksCompany
from cleo_accounting.providers.quickbooks.translate import query
from cleo_accounting.store import integrations, links, operations, runs, turns
from proof.replacing import Make
from proof.zoo import by_hand, situations
from proof.zoo.planting import Bug, all_of, instead, planted, valued


def _new_key_each_time(write: Any) -> Any:
    number = count()

    def wrong(self: Any, orders: Any, *, key: str, **more: Any) -> Any:
        return write(self, orders, key=f"{next(number):04}{key[4:]}", **more)

    return wrong


def _claim_without_intent(claim: Any) -> Any:
    def wrong(tx: Any, *of: Any, **more: Any) -> Any:
        point = tx.begin_nested()
        claimed = claim(tx, *of, **more)
        point.rollback()
        return claimed

    return wrong


def _no_quiet(settle_doubts: Any) -> Any:
    def wrong(desk: Any, *of: Any, **more: Any) -> None:
        settle_doubts(replace(desk, house=replace(desk.house, quiescence=timedelta())), *of, **more)

    return wrong


def _doubt_as(outcome: Callable[[], Any]) -> Make:
    def make(write: Any) -> Any:
        def wrong(*of: Any, **more: Any) -> Any:
            answer = write(*of, **more)
            if isinstance(answer, Exception):
                return answer
            return [outcome() if isinstance(one, Doubtful) else one for one in answer]

        return wrong

    return make


def _same_generation(again: Any) -> Any:
    def wrong(tx: Any, row: Any, **more: Any) -> None:
        again(tx, replace(row, generation=row.generation - 1), **more)

    return wrong


def _quiet_from_the_intent(doubt: Any) -> Any:
    def wrong(tx: Any, ids: Sequence[int], now: Any) -> None:
        for one in ids:
            meant = tx.scalar(text("select sent_at from operations where id = :id"), {"id": one})
            doubt(tx, [one], datetime.fromisoformat(meant).replace(tzinfo=UTC) if meant else now)

    return wrong


def _by_number_alone(_marked: Any) -> Any:
    def wrong(self: Any, kind: Any, sought: Any, rows: Any) -> Any:
        found = [self._remote(kind, row) for row in rows]
        return {one.record_id: [each for each in found if not each.gone][:1] for one in sought}

    return wrong


def _as_ours(link_to: Any) -> Any:
    return lambda *of, **more: replace(link_to(*of, **more), origin=Origin.CREATED, fingerprint="")


def _of_no_record(link_of: Any) -> Any:
    return lambda *of, **more: replace(link_of(*of, **more), record_id="pay_lost")


def _absence_believed(looked: Any) -> Any:
    return lambda desk, rows, *_, **__: looked(desk, rows, {row.id for row in rows})


def _all_old(_older: Any) -> Any:
    def wrong(_tx: Any, _integration_id: str, _kind: Any, record_ids: Any, _before: Any) -> Any:
        return set(record_ids)

    return wrong


def _hours_more(park: Any) -> Any:
    def wrong(tx: Any, run_id: str, until: Any) -> None:
        park(tx, run_id, until and until + timedelta(hours=6))

    return wrong


def _cursor_kept(connect_again: Any) -> Any:
    def wrong(tx: Any, integration_id: str, *of: Any, **more: Any) -> None:
        before = integrations.by_id(tx, integration_id).names_cursor
        connect_again(tx, integration_id, *of, **more)
        integrations.set_names_cursor(tx, integration_id, before)

    return wrong


BUGS: Sequence[Bug] = (
    Bug(
        "new key each time",
        "a new request id for every attempt",
        situations.lost_answers,
        planted(QuickBooksCompany.write, _new_key_each_time),
    ),
    Bug(
        "no intent",
        "sent before it is written down that it will be",
        situations.killed,
        planted(operations.claim, _claim_without_intent),
        20,
    ),
    Bug(
        "no probe",
        "what is in doubt is sent again without a look",
        situations.lost_bills,
        planted(send._look, instead(lambda _desk, batch: list(batch))),
    ),
    Bug(
        "no quiescence",
        "looked for at once, and sent again",
        situations.late_commits,
        planted(send.settle_doubts, _no_quiet),
    ),
    Bug(
        "quiet from the intent",
        "the wait begins when a batch was meant to leave, not when its answer was given up",
        situations.slow_to_leave,
        planted(operations.doubt, _quiet_from_the_intent),
        20,
    ),
    Bug(
        "time-out is failure",
        "no answer counts as a refusal",
        situations.lost_bills,
        planted(send._write_batch, _doubt_as(lambda: Refused("rejected", "no answer"))),
    ),
    Bug(
        "half an answer is success",
        "a truncated answer counts as done",
        situations.lost_answers,
        planted(send._write_batch, _doubt_as(lambda: Written("999999", "0"))),
    ),
    Bug(
        "sent is forgotten",
        "what was sent when the process died is never looked into",
        situations.killed,
        valued(operations.UNSETTLED, ("in_doubt",), operations),
    ),
    Bug(
        "no fence",
        "a worker that was taken for dead goes on writing",
        situations.suspended,
        planted(runs.hold, instead(lambda *_, **__: None)),
        20,
    ),
    Bug(
        "same key, other body",
        "sent anew, changed, under the same request id",
        situations.one_number_of_two_vendors,
        planted(operations.again, _same_generation),
    ),
    Bug(
        "no cap",
        "tried again without end",
        situations.no_answers,
        valued(compare.ATTEMPTS_MAX, 10**6, send),
    ),
    Bug(
        "adopts by number",
        "whatever carries the number is taken for ours",
        by_hand.typed_meanwhile,
        planted(QuickBooksCompany._marked, _by_number_alone),
    ),
    Bug(
        "adopts by name",
        "whoever has the name is taken for ours",
        by_hand.named_by_hand,
        planted(settle.link_to, _as_ours),
    ),
    Bug(
        "no link",
        "written, and where it stands forgotten",
        situations.calm,
        planted(
            settle.link_of,
            lambda link: lambda *of, **more: replace(link(*of, **more), record_id="pay_lost"),
        ),
    ),
    Bug(
        "absence believed",
        "what one query does not see is taken for deleted",
        by_hand.our_side,
        all_of(
            planted(compare.look_at_changes, _absence_believed),
            planted(links.older, _all_old),
        ),
        20,
    ),
    Bug(
        "unescaped names",
        "a quote in a name breaks the question",
        situations.lost_answers,
        planted(query.literal, instead(lambda value: f"'{value}'")),
        20,
    ),
    Bug(
        "left waiting",
        "a cancelled run leaves its rest open",
        situations.cancelled,
        planted(operations.end_waiting, instead(lambda *_, **__: None)),
        20,
    ),
    Bug(
        "doomed run",
        "who comes back is given the run that was cancelled when they left",
        situations.reconnected,
        planted(runs.end_queued, instead(lambda *_, **__: None)),
    ),
    Bug(
        "sleeps too long",
        "a run that waits is gone on with hours later",
        situations.asleep,
        planted(turns.park, _hours_more),
    ),
    Bug(
        "does not know its own",
        "after a loss, documents that carry our mark are not linked again",
        situations.forgotten,
        planted(follow.recognise, instead(lambda *_, **__: 0)),
    ),
    Bug(
        "old cursor trusted",
        "who connects again after a loss reads only what has changed since",
        situations.forgotten,
        planted(integrations.connect_again, _cursor_kept),
        20,
    ),
)
