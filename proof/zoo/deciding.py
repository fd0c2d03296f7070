"""Planted bugs in decisions and in what a plan depends on: pauses, previews, merges, terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cleo_accounting.core import match
from cleo_accounting.core.documents import DocumentPlanner
from cleo_accounting.core.parties import PartyPlanner
from cleo_accounting.core.plan import Keep
from cleo_accounting.flows.mapping import mend
from cleo_accounting.flows.run import plan_documents, planner, standing, survivors, sync
from cleo_accounting.store import earlier
from proof.simulation import occasions, relations
from proof.zoo.planting import Bug, instead, planted
from proof.zoo.staged import staged


def _dated_anew(_dated: Any) -> Any:
    def wrong(self: Any, payable: Any) -> Any:
        dated = payable.dated(self.fields.time_zone)
        return dated, self.net_days.get(payable.connection_id)

    return wrong


def _still_linked(gone: Any) -> Any:
    def wrong(operation: Any) -> Any:
        return replace(gone(operation), stands=operation.link)

    return wrong


def _keeps_theirs(settle: Any) -> Any:
    def wrong(
        house: Any,
        business_id: Any,
        integration_id: Any,
        kind: Any,
        record_id: Any,
        decision: Any,  # noqa: ARG001  this is the bug
        by: Any,
    ) -> None:
        settle(house, business_id, integration_id, kind, record_id, "keep_theirs", by)

    return wrong


def _deaf_to_a_pause(stands: Any) -> Any:
    def wrong(house: Any, tx: Any, run: Any, integration: Any) -> Any:
        return stands(house, tx, run, replace(integration, paused_at=None))

    return wrong


def _only_for_a_sync(look: Any) -> Any:
    def wrong(desk: Any, kind: Any, planned: Any) -> Any:
        return standing.There() if desk.run.dry_run else look(desk, kind, planned)

    return wrong


def _all_of_it(failed: Any) -> Any:
    def wrong(tx: Any, run_id: Any, *_: Any, **__: Any) -> Any:
        return failed(tx, run_id)

    return wrong


def _never_renamed(_linked: Any) -> Any:
    def wrong(_self: Any, connection: Any, *_: Any, **__: Any) -> Keep:
        return Keep(connection.id)

    return wrong


BUGS: Sequence[Bug] = (
    Bug(
        "survivor unseen",
        "whom a vendor was merged into is not looked for in our documents",
        staged(relations.survived),
        planted(survivors._documents, instead(lambda *_, **__: [])),
    ),
    Bug(
        "due by new terms",
        "a change of an amount dates a document by terms that its connection got later",
        staged(relations.due_by_terms),
        planted(DocumentPlanner._dated, _dated_anew),
        60,
    ),
    Bug(
        "terms unread",
        "the net terms of a connection make no document due",
        staged(relations.due_by_terms),
        planted(plan_documents._net_days, instead(lambda *_, **__: {})),
    ),
    Bug(
        "renamed in vain",
        "a vendor or customer keeps the name that its connection had",
        staged(relations.renamed),
        planted(PartyPlanner._linked, _never_renamed),
    ),
    Bug(
        "any account will do",
        "a bank account is taken for a funding source whatever its digits",
        staged(relations.banked),
        planted(match.carries_digits, instead(lambda *_, **__: True)),
        20,
    ),
    Bug(
        "gone is forgotten",
        "that a document was deleted there is said, and not remembered",
        staged(occasions.deleted),
        planted(standing._gone, _still_linked),
        20,
    ),
    Bug(
        "ours is not sent",
        "a person has ours sent after a comparison, and theirs is kept",
        staged(occasions.compared),
        planted(mend.settle, _keeps_theirs),
    ),
    Bug(
        "deaf to a pause",
        "what a person paused is written all the same",
        staged(occasions.paused),
        planted(sync._stands, _deaf_to_a_pause),
    ),
    Bug(
        "preview in the dark",
        "a preview does not look at what stands there, and a sync does",
        staged(occasions.previewed),
        planted(standing.look_before_plan, _only_for_a_sync),
        20,
    ),
    Bug(
        "tried again whole",
        "who tries one item again has all that failed tried again",
        staged(occasions.tried_again),
        planted(earlier.failed_records, _all_of_it),
        20,
    ),
    Bug(
        "choice unchecked",
        "what was chosen is named in documents although it was made inactive",
        staged(occasions.choice_gone),
        planted(planner.trouble_among, instead(lambda *_, **__: None)),
        20,
    ),
    Bug(
        "closed, and sent again",
        "that a run met closed books is forgotten by the next",
        staged(occasions.closed),
        planted(sync._causes_before, instead(lambda *_, **__: set())),
        40,
    ),
)
