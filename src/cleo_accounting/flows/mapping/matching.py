"""Match many records at once: the mapping table, accepting suggestions in bulk, and undo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from cleo_accounting.core import kinds
from cleo_accounting.core.causes import CAUSES
from cleo_accounting.core.choices import is_clearing
from cleo_accounting.core.decision import Decision
from cleo_accounting.core.likeness import Likeness
from cleo_accounting.core.links import Link
from cleo_accounting.core.records import RecordKind
from cleo_accounting.errors import Conflict, Invalid
from cleo_accounting.flows.mapping import pair
from cleo_accounting.flows.mapping.pair import Target
from cleo_accounting.store import audit, decisions, integrations, links, records, runs
from cleo_accounting.store.views import pairing, todo

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from cleo_accounting.core.plan import Verdict
    from cleo_accounting.core.records import Record
    from cleo_accounting.flows import House
    from cleo_accounting.store.audit import Entry
    from cleo_accounting.store.database import Transaction
    from cleo_accounting.store.views.pairing import Beside

SHOWS = ("todo", "unmapped", "mapped", "left_out", "all")
SURE = 100  # per cent: exactly the same name


@dataclass(frozen=True, slots=True)
class Row:
    """A record, its mapping or suggestions, and the decision about it."""

    beside: Beside
    suggestions: Sequence[Likeness] = ()
    verdict: Verdict | None = None
    payables: int = 0
    sure: Likeness | None = None  # the only exact match by name, if it is still unmapped
    asks: str = ""  # the title of why the newest plan left it to a person


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose for one record, and what they saw it mapped to before."""

    record_id: str
    remote_id: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What was accepted at once; `at` identifies it for undoing.

    `late`: the records that somebody else mapped first.
    """

    at: datetime
    number: int
    late: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One record and everything that helps to decide what to map it to.

    `clearing`: the name of the clearing account that it is mapped to, if it is one.
    """

    row: Row
    record: Record
    pending: int
    history: Sequence[Entry]
    clearing: str = ""


def table(
    house: House,
    business_id: str,
    integration_id: str,
    target: Target,
    *,
    show: str = "all",
    search: str | None = None,
    limit: int,
    offset: int,
) -> tuple[list[Row], int]:
    """Return a page of the mapping table, by name, and how many rows there are."""
    kind = target.remote_kind
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        plan = runs.latest(tx, integration_id, dry_run=None, whole=True)
        plan_id = plan.id if plan else ""
        decided = decisions.verdicts_of(tx, integration_id, kind)
        left_out = [one for one, word in decided.items() if word.verdict == Decision.LEAVE_OUT]
        only: dict[str, pairing.Only] = {
            "todo": todo.left(integration_id, plan_id, kind),
            "left_out": left_out,
        }
        found, total = pairing.page(
            tx,
            business_id,
            integration_id,
            target.record_kind,
            kind,
            mapped={"unmapped": False, "mapped": True}.get(show),
            only=only.get(show),
            without=left_out if show == "unmapped" else (),
            search=search,
            limit=limit,
            offset=offset,
        )
        rows = _rows(house, tx, business_id, integration_id, target, found, decided)
        asked = [row.beside.record_id for row in rows]
        codes = todo.codes(tx, integration_id, plan_id, kind, asked)
    return [replace(row, asks=_title(codes.get(row.beside.record_id))) for row in rows], total


def case(
    house: House, business_id: str, integration_id: str, target: Target, record_id: str
) -> Case:
    """Return one record with its suggestions and its history.

    Raises:
        Invalid: there is no such record.
    """
    kind = target.remote_kind
    with house.database.reading() as tx:
        integrations.get(tx, business_id, integration_id)
        found = records.get(tx, business_id, target.record_kind, [record_id])
        if record_id not in found:
            raise Invalid(f"There is no {target.called} to choose for {record_id}.")
        decided = decisions.verdicts_of(tx, integration_id, kind)
        beside, _ = pairing.page(
            tx,
            business_id,
            integration_id,
            target.record_kind,
            kind,
            only=[record_id],
            limit=1,
            offset=0,
        )
        if not beside:
            raise Invalid(f"{record_id} needs no {target.called}.")
        (row,) = _rows(house, tx, business_id, integration_id, target, beside, decided)
        pending = 0
        if target.record_kind is RecordKind.CONNECTION:
            pending = pairing.unlinked_payables(
                tx, business_id, integration_id, record_id, kinds.party(kind).role
            )
        held = row.beside.remote_id
        remote = links.remote(tx, integration_id, kind, held) if held else None
        clearing = remote.full_name if remote and is_clearing(remote) else ""
        history = audit.about(tx, business_id, record_id)
        return Case(row, found[record_id], pending, history, clearing)


def accept(
    house: House,
    business_id: str,
    integration_id: str,
    target: Target,
    choices: Sequence[Choice],
    by: str,
) -> Batch:
    """Map several records at once; what somebody else has mapped in the meantime is kept.

    Raises:
        Invalid: a choice does not fit; nothing is mapped then.
    """
    now = house.clock.now()
    kind = target.remote_kind
    with house.database.transaction() as tx:
        integration = pair.opened(tx, business_id, integration_id)
        before = links.links_of(tx, integration_id, kind, [one.record_id for one in choices])
        late: list[str] = []
        made: list[Link] = []
        for one in choices:
            label = pair.label(tx, business_id, target, one.record_id)
            held = before.get(one.record_id)
            if (held.remote_id if held else "") != one.was:
                late.append(label)
                continue
            remote = pair.usable(tx, integration, target, one.remote_id)
            if held:
                links.remove_link(tx, integration_id, kind, one.record_id)
            made.append(pair.link_by_hand(one.record_id, remote))
            facts = {
                "integration_id": integration_id,
                "name": label,
                "kind": kind,
                "remote_id": remote.id,
                "remote_name": remote.full_name,
                "before": held.remote_id if held else None,
            }
            audit.note(
                tx, business_id, by=by, what="mapped", subject=one.record_id, now=now, facts=facts
            )
        links.put_links(tx, integration_id, made, by=by, now=now)
    return Batch(now, len(made), late)


def undo(
    house: House, business_id: str, integration_id: str, target: Target, at: datetime, by: str
) -> int:
    """Undo what this person accepted at that time; return how many mappings there were.

    Raises:
        Conflict: a sync has used them since, or somebody has changed them.
    """
    now = house.clock.now()
    with house.database.transaction() as tx:
        integrations.get(tx, business_id, integration_id)
        taken = pairing.take_back(tx, integration_id, target.remote_kind, by=by, at=at)
        if not taken:
            raise Conflict("There is nothing left to undo. It was changed since.")
        for record_id in taken:
            facts = {"integration_id": integration_id, "kind": target.remote_kind, "undo": True}
            audit.note(
                tx, business_id, by=by, what="unmapped", subject=record_id, now=now, facts=facts
            )
    return len(taken)


def _rows(
    house: House,
    tx: Transaction,
    business_id: str,
    integration_id: str,
    target: Target,
    found: Sequence[Beside],
    decided: dict[str, Verdict],
) -> list[Row]:
    kind = target.remote_kind
    ids = [one.record_id for one in found]
    known = records.get(tx, business_id, target.record_kind, ids)
    shelf = pair.shelf(house, tx, integration_id, target)
    used = (
        pairing.payables_of(tx, business_id, ids, kinds.party(kind).role)
        if target.record_kind is RecordKind.CONNECTION
        else {}
    )
    alike = {
        one.record_id: pair.suggested(shelf, known[one.record_id])
        for one in found
        if not one.remote_id
    }
    offered = {each.remote.id for some in alike.values() for each in some}
    owned = pairing.owners(tx, integration_id, kind, sorted(offered)).keys()
    return [
        Row(
            one,
            alike.get(one.record_id, ()),
            decided.get(one.record_id),
            used.get(one.record_id, 0),
            _sure(alike.get(one.record_id, ()), owned),
        )
        for one in found
    ]


def _sure(suggestions: Sequence[Likeness], owned: Collection[str]) -> Likeness | None:
    exact = [each for each in suggestions if each.certainty == SURE]
    return exact[0] if len(exact) == 1 and exact[0].remote.id not in owned else None


def _title(code: str | None) -> str:
    cause = CAUSES.get(code or "")
    return cause.title if cause else ""
