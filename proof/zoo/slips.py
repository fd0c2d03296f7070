"""Planted bugs of one to three lines, as outsiders made them: plans, retries, merges, decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP
from typing import Any

from sqlalchemy import bindparam, select

from cleo_accounting.core import documents, records, weigh
from cleo_accounting.core.records import PayableStatus, canonical
from cleo_accounting.flows.run import adopt, compare, freeze, prepare, send, taken
from cleo_accounting.providers import Written
from cleo_accounting.providers.quickbooks import company
from cleo_accounting.store import operations, runs
from cleo_accounting.store.runs import Stage
from proof.simulation import scenes
from proof.zoo import situations
from proof.zoo.planting import Bug, all_of, instead, planted, valued
from proof.zoo.staged import edges, pages, scripted, staged


def _planned_with_its_first_page(keep_page: Any) -> Any:
    def wrong(desk: Any, tx: Any, task: Any, *of: Any, **more: Any) -> Any:
        kept = keep_page(desk, tx, task, *of, **more)
        if not kept.whole and not of[-1].after:
            runs.add_stage(tx, task.run.id, Stage(task.kind, planned=True, unchanged=0))
        return kept

    return wrong


def _once(add_stage: Any) -> Any:
    def wrong(tx: Any, run_id: str, stage: Any) -> None:
        if stage.kind not in runs.stages_of(tx, run_id):
            add_stage(tx, run_id, stage)

    return wrong


def _whole_again(desk: Any, batch: Any, _undone: Any) -> None:
    send._resend(desk, batch)


def _first_is_enough(desk: Any, tx: Any, row: Any, found: Sequence[Any]) -> None:
    adopt.adopt(desk, tx, row, found[0])


def _frozen_as_ours(updated: Any) -> Any:
    def wrong(company: Any, row: Any, operation: Any) -> Any:
        return replace(updated(company, row, operation), content=canonical(operation.content))

    return wrong


def _for_ever(weigh: Any) -> Any:
    def wrong(ours: Any, mark: str, base: Any, link: Any, there: Any, verdict: Any) -> Any:
        if verdict and verdict.verdict == "send_ours":
            verdict = replace(verdict, value=mark)
        return weigh(ours, mark, base, link, there, verdict)

    return wrong


class _ByPlace(dict[str, Any]):
    def __init__(self, items: Mapping[str, Any]) -> None:
        super().__init__(items)
        self._next: Iterator[Any] = iter(items.values())

    def get(self, _key: str, _default: Any = None) -> Any:
        return next(self._next, None)


def _of_everybody(*columns: str) -> Any:
    table = operations.operations  # type: ignore[attr-defined]  # the store's own table
    equal = [table.c[name] == bindparam(name) for name in columns]
    state = table.c.state.in_(bindparam("states", expanding=True))
    return select(table).where(*equal, state).order_by(table.c.id)


def _as_it_stands(remote: Any) -> Written:
    total = getattr(remote.content, "total", None)
    return Written(remote.id, remote.version, remote.name, total, content=remote.content)


BUGS: Sequence[Bug] = (
    Bug(
        "early commit",
        "a stage counts as planned with its first page",
        scripted(pages, sizes=(1, 1000, 1000)),
        all_of(
            planted(prepare._keep_page, _planned_with_its_first_page),
            planted(runs.add_stage, _once),
        ),
        20,
    ),
    Bug(
        "whole batch again",
        "a batch of which a part was found is sent again whole under its old key",
        staged(scenes.half_written),
        planted(send._send_again, instead(_whole_again)),
        20,
    ),
    Bug(
        "first will do",
        "of two documents found the first is adopted, and nobody is told",
        staged(scenes.copied),
        planted(adopt.adopt_first, instead(_first_is_enough)),
        20,
    ),
    Bug(
        "base remembers ours",
        "after an update the base says what our record says instead of what was written",
        staged(scenes.reworded),
        planted(freeze._updated, _frozen_as_ours),
        20,
    ),
    Bug(
        "ours for ever",
        "a person's word to send ours counts for whatever the record says later",
        staged(scenes.decided_twice),
        planted(weigh.weigh, _for_ever),
        20,
    ),
    Bug(
        "once more",
        "tried six times instead of five",
        situations.no_answers,
        valued(compare.ATTEMPTS_MAX, 6, send, compare, adopt, taken),
        20,
    ),
    Bug(
        "half to even",
        "half a cent is rounded to the even one",
        scripted(edges),
        valued(ROUND_HALF_UP, ROUND_HALF_EVEN, records),
        20,
    ),
    Bug(
        "answers by place",
        "a batch's answers are read in their order instead of by their keys",
        staged(scenes.half_written, batch_answers="reversed"),
        planted(company._items, lambda items: lambda document: _ByPlace(items(document))),
        20,
    ),
    Bug(
        "everybody's doubts",
        "what is in doubt for any business is settled in this one's books",
        staged(scenes.two_at_once, tenants=2),
        planted(operations._unsettled, instead(_of_everybody)),
        20,
    ),
    Bug(
        "declined stays",
        "what was declined after it was written stays there",
        staged(scenes.withdrawn),
        valued(documents._WITHDRAWN, (PayableStatus.CANCELLED,), documents),
        20,
    ),
    Bug(
        "adopted as edited",
        "what a look found is taken in the version that a person made of it",
        staged(scenes.edited_in_doubt),
        planted(adopt._as_written, instead(_as_it_stands)),
        20,
    ),
)
