"""Decide about many records at once: all that wait for one cause, or the items a person chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cleo_accounting.core import kinds
from cleo_accounting.core.clock import Clock
from cleo_accounting.core.decision import Decision
from cleo_accounting.core.kinds import ENTRIES
from cleo_accounting.core.links import RemoteKind
from cleo_accounting.core.plan import MERGED_AWAY
from cleo_accounting.errors import AccountingError, Conflict, Flaw, Invalid, Missing
from cleo_accounting.flows import House
from cleo_accounting.flows.admin.once import within
from cleo_accounting.flows.mapping import choose, identify, matching
from cleo_accounting.flows.mapping.matching import Choice
from cleo_accounting.flows.mapping.pair import CUSTOMER, VENDOR
from cleo_accounting.store import audit, decisions, earlier, integrations, links, operations
from cleo_accounting.store.database import Transaction
from cleo_accounting.store.operations import Row
from cleo_accounting.store.views import pairing, waiting

MOST = 10_000  # the most records of one cause; no company has more vendors
LINK_SUGGESTED, CREATE_NEW, CREATE_PROPOSED = "link_suggested", "create_new", "create_proposed"
WORDS: Mapping[str, str] = {
    LINK_SUGGESTED: "Linked to the suggestion.",
    CREATE_NEW: "Created as new.",
    CREATE_PROPOSED: "Created under the proposed name.",
    Decision.ANOTHER_ONE: "Sent as a separate document.",
    Decision.LEAVE_OUT: "Left out.",
    Decision.KEEP_THEIRS: "The QuickBooks version is kept.",
    Decision.SEND_OURS: "The Cleo Pay version will be sent.",
    Decision.CREATE_AGAIN: "Created again.",
    Decision.BRING_BACK: "Brought back.",
}
CAN_BE_UNDONE = (LINK_SUGGESTED, Decision.LEAVE_OUT)
_TARGETS = {RemoteKind.VENDOR: VENDOR, RemoteKind.CUSTOMER: CUSTOMER}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of the decision for one item: decided, or refused with a reason."""

    item_id: int
    kind: RemoteKind | None
    record_id: str
    label: str
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """The outcome of a decision about many items; `at` identifies it for undoing."""

    at: datetime
    outcomes: Sequence[Outcome]

    @property
    def number(self) -> int:
        """How many items were decided."""
        return sum(one.refused is None for one in self.outcomes)

    @property
    def refused(self) -> Sequence[Outcome]:
        """The items that the decision does not fit."""
        return [one for one in self.outcomes if one.refused is not None]


@dataclass(frozen=True, slots=True)
class _Still:
    """A clock that stands still, so that everything decided at once has the same time."""

    at: datetime
    clock: Clock

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)


def decide(
    house: House,
    business_id: str,
    integration_id: str,
    *,
    code: str | None = None,
    run_id: str | None = None,
    item_ids: Sequence[int] = (),
    word: str,
    value: str = "",
    by: str,
) -> Decided:
    """Decide about all records that wait for a cause, or about these items, each on its own.

    `run_id`: all records that one run, such as a preview, left for this cause; without it, the
    records that wait now.

    Raises:
        Invalid: the decision is unknown, or neither a cause nor items are given.
    """
    if word not in WORDS:
        raise identify.unfit("decision", f"must be one of {', '.join(WORDS)}")
    if (code is None) == (not item_ids):
        flaw = Flaw("itemIds", "is required, or code is; not both")
        raise Invalid("Say what the decision is about.", [flaw])
    now = house.clock.now()
    with house.database.transaction() as tx:
        integrations.get(tx, business_id, integration_id)
        here = replace(within(house, tx), clock=_Still(now, house.clock))
        if code is None:
            ids = list(dict.fromkeys(item_ids))
        elif run_id is not None:
            ids = earlier.failed_for(tx, integration_id, run_id, code)
        else:
            found = waiting.some(tx, business_id, integration_id, code=code, limit=MOST, offset=0)
            ids = [one.row.id for one in found]
        outcomes = [
            _outcome(here, tx, business_id, integration_id, item_id, word, value, by)
            for item_id in ids
        ]
    return Decided(now, outcomes)


def undo(house: House, business_id: str, integration_id: str, at: datetime, by: str) -> int:
    """Undo what this person decided or linked at that time; return how many there were.

    Raises:
        Conflict: somebody has changed all of it since.
    """
    now = house.clock.now()
    with house.database.transaction() as tx:
        integrations.get(tx, business_id, integration_id)
        here = replace(within(house, tx), clock=_Still(now, house.clock))
        words = decisions.decided_at(tx, integration_id, by=by, at=at)
        for kind, record_id in words:
            choose.decide(
                here, business_id, integration_id, kind, record_id, Decision.BRING_BACK, "", by
            )
        number = len(words)
        for kind in _TARGETS:
            for record_id in pairing.take_back(tx, integration_id, kind, by=by, at=at):
                facts = {"integration_id": integration_id, "kind": kind, "undo": True}
                audit.note(
                    tx, business_id, by=by, what="unmapped", subject=record_id, now=now, facts=facts
                )
                number += 1
        if not number:
            raise Conflict("There is nothing left to undo. It was changed since.")
    return number


def _outcome(
    house: House,
    tx: Transaction,
    business_id: str,
    integration_id: str,
    item_id: int,
    word: str,
    value: str,
    by: str,
) -> Outcome:
    row = operations.find(tx, integration_id, item_id)
    if row is None:
        return Outcome(item_id, None, "", "", "There is no such item.")
    try:
        if word == LINK_SUGGESTED:
            _link(house, tx, business_id, integration_id, row, by)
        else:
            verdict, of_its_own = _verdict(row, word)
            choose.decide_item(
                house, business_id, integration_id, item_id, verdict, of_its_own or value, by
            )
    except (Invalid, Missing, Conflict) as error:  # raised before anything is written
        return Outcome(item_id, row.kind, row.record_id, row.label, _why(error))
    return Outcome(item_id, row.kind, row.record_id, row.label)


def _verdict(row: Row, word: str) -> tuple[str, str]:
    """Return the verdict and the value that a bulk decision leads to for one item."""
    facts = row.facts or {}
    if word == CREATE_NEW:
        return Decision.CREATE_AS, str(facts.get("name", row.label))
    if word == CREATE_PROPOSED:
        if not facts.get("proposed"):
            raise Invalid("There is no proposed name for this record.")
        return Decision.CREATE_AS, str(facts["proposed"])
    return word, ""


def _link(
    house: House, tx: Transaction, business_id: str, integration_id: str, row: Row, by: str
) -> None:
    if row.code == MERGED_AWAY:
        _use_survivor(house, tx, business_id, integration_id, row, by)
        return
    if row.kind in ENTRIES:  # link the document offered; if several are, a person decides
        choose.decide_item(house, business_id, integration_id, row.id, Decision.LINK_TO, "", by)
        return
    facts = row.facts or {}
    target = _TARGETS.get(row.kind)
    known = [one for one in str(facts.get("candidate_ids", "")).split(",") if one]
    if target is None or not (known or facts.get("other_id")):
        raise Invalid("There is no suggestion for this record.")
    if not known:  # the other connection's party is yet to be created
        choose.decide_item(
            house, business_id, integration_id, row.id, Decision.SAME_AS, str(facts["other_id"]), by
        )
        return
    held = links.links_of(tx, integration_id, row.kind, [row.record_id]).get(row.record_id)
    choice = Choice(row.record_id, known[0], held.remote_id if held else "")
    matching.accept(house, business_id, integration_id, target, [choice], by)


def _use_survivor(
    house: House, tx: Transaction, business_id: str, integration_id: str, row: Row, by: str
) -> None:
    """Map a connection to the party that its vendor or customer was merged into.

    Raises:
        Conflict: it was mapped to another one since.
    """
    kind = kinds.party_of(row.kind).remote
    facts = row.facts or {}
    connection_id, survivor_id = str(facts["connection_id"]), str(facts["candidate_ids"])
    held = links.links_of(tx, integration_id, kind, [connection_id]).get(connection_id)
    if held and held.remote_id == survivor_id:  # done with another of its documents
        return
    choice = Choice(connection_id, survivor_id, str(facts["party_id"]))
    done = matching.accept(house, business_id, integration_id, _TARGETS[kind], [choice], by)
    if done.late:
        raise Conflict("It was matched with another one since.")


def _why(error: AccountingError) -> str:
    flaws = getattr(error, "flaws", ())
    told = "; ".join(f"{one.message}" for one in flaws)
    return f"{error.message} {told}".strip()
