"""The three records as the checks read them: effects, requests, events and rows. Money is cents."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

Plain = Mapping[str, Any]

MARK = "CleoPay:"
KIND = {"Bill": "bill", "Invoice": "invoice", "Vendor": "vendor", "Customer": "customer"}
DOCUMENTS = ("Bill", "Invoice")


@dataclass(frozen=True, slots=True)
class Violation:
    """One promise that was not kept, and what shows it."""

    invariant: str
    said: str
    subject: str = ""

    def __str__(self) -> str:
        return f"{self.invariant} {self.subject}: {self.said}"


@dataclass(frozen=True, slots=True)
class Effect:
    """One change in a company's books."""

    seq: int
    at: datetime
    realm: str
    entity: str
    id: str
    operation: str
    by: str  # a request's tid, or `person`
    before: Plain | None
    after: Plain | None

    @property
    def ours(self) -> bool:
        """Whether an app did it, and not a person."""
        return self.by != "person"


@dataclass(frozen=True, slots=True)
class Request:
    """One request that reached QuickBooks."""

    seq: int
    at: datetime
    tid: str
    method: str
    path: str
    params: Plain
    bearer: str
    body: str
    misfortune: str | None
    status: int
    answer: str

    @property
    def realm(self) -> str | None:
        """Whose books it is about."""
        parts = self.path.split("/")
        return parts[3] if self.path.startswith("/v3/company/") else None

    @property
    def items(self) -> Sequence[Plain]:
        """The operations of a batch."""
        if not self.path.endswith("/batch"):
            return ()
        found = json.loads(self.body, parse_float=Decimal).get("BatchItemRequest", [])
        return [item for item in found if isinstance(item, dict)]


@dataclass(frozen=True, slots=True)
class Sent:
    """One operation that was sent: which record of ours it was about."""

    request: Request
    run: str
    kind: str
    record: str
    operation: str


@dataclass
class Facts:
    """Everything that the three records tell, read once."""

    history: Sequence[Plain]
    journal: Sequence[Plain]
    dump: Mapping[str, Sequence[Plain]]
    effects: list[Effect] = field(init=False)
    requests: list[Request] = field(init=False)

    def __post_init__(self) -> None:
        self.effects = [_effect(entry) for entry in self.journal if entry["kind"] == "effect"]
        self.requests = [_request(entry) for entry in self.journal if entry["kind"] == "request"]

    def events(self, *what: str) -> list[Plain]:
        """What the driver noted of some sorts."""
        return [entry for entry in self.history if entry["what"] in what]

    @cached_property
    def terms(self) -> Plain:
        """What kind of world it was."""
        found = self.events("terms")
        return found[0] if found else {}

    @cached_property
    def by_tid(self) -> Mapping[str, Request]:
        """Requests by the number that QuickBooks gave them."""
        return {request.tid: request for request in self.requests}

    @cached_property
    def acts(self) -> list[Plain]:
        """What the world did to the emulator, and late commits."""
        return [entry for entry in self.journal if entry["kind"] == "act"]

    def in_charge(self, seq: int) -> str:
        """Which process of ours was at work when QuickBooks noted something."""
        at_work = [one for one in self.events("works", "resumed") if one["after"] < seq]
        return str(at_work[-1]["process"]) if at_work else ""

    @cached_property
    def business_of(self) -> Mapping[str, str]:
        """Company id → the business that connected it last."""
        return {event["realm"]: event["business"] for event in self.events("connected")}

    @cached_property
    def integrations(self) -> Mapping[str, Plain]:
        """Integration id → its row."""
        return {row["id"]: row for row in self.dump["integrations"]}

    @cached_property
    def lost_at(self) -> int:
        """The last moment (in the journal's count) at which our memory was lost; 0: never."""
        return max((event["after"] for event in self.events("lost")), default=0)

    @cached_property
    def operations(self) -> Mapping[tuple[str, str, int], Plain]:
        """Run, kind and position → the operation's row."""
        rows = self.dump["operations"]
        return {(row["run_id"], row["kind"], row["position"]): row for row in rows}

    @cached_property
    def batches(self) -> Mapping[str, tuple[str, str, int]]:
        """Every request id that an operation may have been sent under → its run, kind, place."""
        return {
            request_id(*place, generation): place
            for place, row in self.operations.items()
            for generation in range(row["generation"] + 1)
        }

    @cached_property
    def sent(self) -> Mapping[str, Sequence[Sent]]:
        """Request tid → the operations in it, as far as our memory knows them."""
        return {request.tid: self._sent(request) for request in self.requests if request.items}

    def _sent(self, request: Request) -> Sequence[Sent]:
        place = self.batches.get(str(request.params.get("requestid")))
        if place is None:
            return ()
        run, kind, _ = place
        rows = [
            (item, self.operations.get((run, kind, int(item["bId"])))) for item in request.items
        ]
        return [
            Sent(request, run, kind, row["record_id"], str(item["operation"]))
            for item, row in rows
            if row is not None
        ]

    @cached_property
    def records(self) -> Mapping[tuple[str, str, str], Plain]:
        """Business, kind and id → the record as it was last accepted."""
        return {
            (event["business"], event["record"]["kind"], event["record"]["id"]): event["record"]
            for event in self.events("fed")
        }

    @cached_property
    def last_runs(self) -> Mapping[str, Plain]:
        """Integration id → the newest run that was not a preview."""
        rows = [row for row in self.dump["runs"] if not row["dry_run"]]
        return {row["integration_id"]: row for row in sorted(rows, key=lambda row: row["position"])}

    @cached_property
    def outcome(self) -> Mapping[tuple[str, str, str], Plain]:
        """Integration, kind and record → what became of it in the newest run."""
        last = {row["id"] for row in self.last_runs.values()}
        return {
            (row["integration_id"], row["kind"], row["record_id"]): row
            for row in self.dump["operations"]
            if row["run_id"] in last
        }

    @cached_property
    def links(self) -> Mapping[tuple[str, str, str], Plain]:
        """Integration, kind and record → its link."""
        return {
            (row["integration_id"], row["kind"], row["record_id"]): row
            for row in self.dump["links"]
        }

    @cached_property
    def books(self) -> Mapping[tuple[str, str, str], list[Effect]]:
        """Company, entity and id → what befell it, in order."""
        found: defaultdict[tuple[str, str, str], list[Effect]] = defaultdict(list)
        for effect in self.effects:
            found[effect.realm, effect.entity, effect.id].append(effect)
        return found

    def live(self, realm: str, entity: str, remote_id: str) -> Plain | None:
        """A document as it stands in the end; None when it is deleted or voided."""
        effects = self.books.get((realm, entity, remote_id))
        return alive(effects[-1]) if effects else None


def alive(effect: Effect) -> Plain | None:
    """What an effect left standing: nothing after a deletion, a void or an inactivation."""
    after = effect.after
    if after is None or after.get("Active") is False:
        return None
    voided = "TotalAmt" in after and cents(after["TotalAmt"]) == 0
    return None if voided and effect.entity == "Invoice" else after


def marks(document: Plain | None) -> list[str]:
    """The payables that a document says it is."""
    note = str((document or {}).get("PrivateNote", ""))
    return [word.removeprefix(MARK) for word in note.split() if word.startswith(MARK)]


def cents(amount: object) -> int:
    """An amount as whole cents; never rounded."""
    exact = Decimal(str(amount)).scaleb(2)
    whole = int(exact)
    if whole != exact:
        raise ValueError(f"{amount} is not a whole number of cents")
    return whole


def lines(document: Plain) -> list[int]:
    """The amounts of a document's lines, without the subtotals that QuickBooks adds."""
    return sorted(
        cents(line.get("Amount", 0))
        for line in document.get("Line", [])
        if line.get("DetailType") != "SubTotalLineDetail"
    )


def reference(document: Plain, name: str) -> str | None:
    """The id that a reference names."""
    found = document.get(name)
    return str(found["value"]) if isinstance(found, Mapping) and "value" in found else None


def request_id(run: str, kind: str, position: int, generation: int) -> str:
    """The request id of a batch, as the protocol fixes it: any other would be a second identity."""
    text = f"{run}:{kind}:{position}:{generation}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def aware(text: str) -> datetime:
    """A moment as a database gives it: UTC, where it names no zone."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def moment(text: str) -> datetime:
    """An aware moment."""
    return datetime.fromisoformat(text)


def _effect(entry: Plain) -> Effect:
    return Effect(
        seq=entry["seq"],
        at=moment(entry["at"]),
        realm=entry["realm_id"],
        entity=entry["entity"],
        id=entry["id"],
        operation=entry["operation"],
        by=entry["by"],
        before=entry["before"],
        after=entry["after"],
    )


def _request(entry: Plain) -> Request:
    asked, answered = entry["request"], entry["response"]
    query = asked["query"]
    return Request(
        seq=entry["seq"],
        at=moment(entry["at"]),
        tid=entry["tid"],
        method=asked["method"],
        path=asked["path"],
        params=dict(query) if not isinstance(query, Mapping) else query,
        bearer=asked["headers"].get("authorization", "").removeprefix("Bearer "),
        body=asked.get("body", ""),
        misfortune=entry.get("misfortune"),
        status=answered["status"],
        answer=answered.get("body", ""),
    )


def first(items: Iterable[Any]) -> Any:  # noqa: ANN401  of whatever is given
    """The first, or None."""
    return next(iter(items), None)
