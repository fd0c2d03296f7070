"""The three records, indexed: the driver's events, QuickBooks' requests and effects, our rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from proof.oracle.effects import Effect, effect_of, follows, request_of
from proof.oracle.entities import (
    DOCUMENTS,
    ENTRIES,
    document_of,
    entity_of,
    kind_of,
    turned_document,
)
from proof.oracle.plain import NOTHING, Plain, called, mark, request_id

Key = tuple[str, str, str]
Found = Iterator[tuple[str, str]]  # the subject, and the evidence of a violation


@dataclass
class Facts:
    """Everything that the three records contain."""

    history: Sequence[Plain]
    journal: Sequence[Plain]
    dump: Mapping[str, Sequence[Plain]]

    def __post_init__(self) -> None:
        """Read what most rules need."""
        entries = [(entry["kind"], entry) for entry in self.journal]
        effects = [effect_of(entry) for kind, entry in entries if kind == "effect"]
        self.effects = [one for one in effects if not follows(one)]
        self.followed = [one for one in effects if follows(one)]  # what payments of ours changed
        self.requests = [request_of(entry) for kind, entry in entries if kind == "request"]
        self.operations = self._rows("operations")  # everything that we planned and did
        self.terms = next(iter(self.events("terms")), NOTHING)  # the terms of the world
        # The last time (in the journal's count) at which our database was lost; 0: never.
        self.lost_at: int = max((event["after"] for event in self.events("lost")), default=0)

    def events(self, what: str, **same: object) -> list[Plain]:
        """Return the driver's events of one kind whose facts match `same`."""
        found = self._told.get(what, ())
        return [one for one in found if all(one[name] == wanted for name, wanted in same.items())]

    @cached_property
    def _told(self) -> Mapping[str, list[Plain]]:
        """The driver's events by kind."""
        found: dict[str, list[Plain]] = {}
        for entry in self.history:
            found.setdefault(entry["what"], []).append(entry)
        return found

    @cached_property
    def asked(self) -> Mapping[str, Plain]:
        """Run id → the first event in which the driver requested it."""
        return {event["run"]: event for event in self.events("sync_asked")[::-1]}

    @cached_property
    def ends(self) -> Mapping[str, int]:
        """Run id → the number of the driver's first event that showed that the run had ended."""
        done = ("succeeded", "partly_failed", "failed", "cancelled")
        shown = [event for event in self.events("shown") if event["state"] in done]
        return {event["run"]: event["seq"] for event in shown[::-1]}

    @cached_property
    def fed(self) -> Mapping[tuple[str, str], list[Plain]]:
        """Business and record id → every event in which the record was accepted, in order."""
        found: dict[tuple[str, str], list[Plain]] = {}
        for event in self.events("fed"):
            found.setdefault((event["business"], event["record"]["id"]), []).append(event)
        return found

    def until(self, seq: int) -> int:
        """Return the number of the driver's first event after an entry of the journal."""
        later = (one["seq"] for one in self.history if one["after"] >= seq)
        return next(later, len(self.history))

    @cached_property
    def stories(self) -> Mapping[tuple[str, str], list[list[Effect]]]:
        """Document and payable id → the effects on each document that ever carried its mark."""
        found: dict[tuple[str, str], list[list[Effect]]] = {}
        for (_, entity, _), effects in self.books.items():
            marks = {mark(one.after) for one in effects} if entity in DOCUMENTS else set()
            for record in marks - {""}:
                found.setdefault((entity, record), []).append(effects)
        return found

    @cached_property
    def told_in(self) -> Mapping[str, Mapping[tuple[str, str], list[Plain]]]:
        """Run id → kind and record → the rows that the run has of the record."""
        found: dict[str, dict[tuple[str, str], list[Plain]]] = {}
        for row in self.operations:
            place = (row["kind"], row["record_id"])
            found.setdefault(row["run_id"], {}).setdefault(place, []).append(row)
        return found

    @cached_property
    def _moments(self) -> Mapping[str, datetime]:
        """Request tid → the time when it reached QuickBooks."""
        return {request.tid: request.at for request in self.requests}

    def is_late(self, effect: Effect) -> bool:
        """Return whether the effect happened only after its request had been answered."""
        return self._moments.get(effect.by, effect.at) < effect.at

    def is_too_late(self, effect: Effect) -> bool:
        """Return whether it happened, or became visible, after the quiescence period."""
        lag = timedelta(seconds=self.terms.get("switches", {}).get("query_lag_seconds", 0))
        sent = [one.at for one in self.requests if one.tid == effect.by]
        return any(effect.at + lag - at >= self.quiescence for at in sent)

    def versions(self, business: str, record: str, since: int, until: int) -> list[Plain]:
        """Return all versions of a record that held between two events, by their numbers."""
        known = [one for one in self.fed.get((business, record), ()) if one["seq"] < until]
        before = [one for one in known if one["seq"] < since]
        return [one["record"] for one in (*before[-1:], *known[len(before) :])]

    @property
    def quiescence(self) -> timedelta:
        """The longest time that a request can live and that a query can lag behind."""
        return timedelta(seconds=self.terms.get("quiescence_seconds", 0))

    @property
    def clocks_apart(self) -> timedelta:
        """The difference between our processes' clocks; QuickBooks has the true time."""
        return timedelta(seconds=self.terms.get("skew_seconds", 0))

    def at_work(self, seq: int) -> str:
        """Return the name of our process that was working when QuickBooks noted an entry."""
        began = [one for one in self.history if one["what"] in ("works", "resumed")]
        return next((one["process"] for one in began[::-1] if one["after"] < seq), "")

    @cached_property
    def business_of(self) -> Mapping[str, str]:
        """Company id → the business that connected it last."""
        return {event["realm"]: event["business"] for event in self.events("connected")}

    @cached_property
    def records(self) -> Mapping[Key, Plain]:
        """Business, kind and id → the record as it was last accepted."""
        fed = [(event["business"], event["record"]) for event in self.events("fed")]
        return {(business, record["kind"], record["id"]): record for business, record in fed}

    def shown(self, realm: str, record: str, *findings: str) -> bool:
        """Return whether a comparison ever showed one of these findings for a record."""
        said = self.events("reconciled", business=self.business_of.get(realm))
        return any({*one[:2]} <= {record, *findings} for event in said for one in event["findings"])

    def shown_twice(self, realm: str, record: str) -> bool:
        """Return whether we ever showed that a document exists twice or was withdrawn."""
        codes = [row["code"] for row in self.operations if row["record_id"] == record]
        return "two_found" in codes or self.shown(realm, record, "twice", "withdrawn", "extra")

    def decided(self, realm: str, record: str, verdict: str, seq: int) -> bool:
        """Return whether a person had made this decision about a record by then."""
        business = self.business_of.get(realm)
        said = self.events("decided", business=business, record=record, verdict=verdict)
        return any(event["after"] <= seq for event in said)

    @cached_property
    def books(self) -> Mapping[Key, list[Effect]]:
        """Company, entity and id → the effects on everything that ever existed, in order."""
        found: dict[Key, list[Effect]] = {}
        for effect in self.effects:
            found.setdefault((effect.realm, effect.entity, effect.id), []).append(effect)
        return found

    def realm_of(self, integration_id: str) -> str:
        """Return the company of an integration."""
        known = (one for one in self.dump["integrations"] if one["id"] == integration_id)
        return next((str(one["company_id"]) for one in known), "")

    @cached_property
    def _deeds(self) -> list[Plain]:
        """What people did in QuickBooks, with the journal's count."""
        return [
            {**entry["with"], "seq": entry["seq"]}
            for entry in self.journal
            if entry["kind"] == "act" and entry.get("do") == "person" and "refused" not in entry
        ]

    def acts(self, realm: str, deed: str) -> list[Plain]:
        """Return what people did of one kind in a company, with the journal's count."""
        return [one for one in self._deeds if (one["realm_id"], one.get("deed")) == (realm, deed)]

    def closings(self, realm: str) -> list[tuple[int, str]]:
        """Return when (in the journal's count) a person closed the books, and until which day."""
        closed = self.acts(realm, "close_books")
        return [(one["seq"], str(one["last_day"] or "")) for one in closed]

    def merges(self, realm: str) -> Mapping[tuple[str, str], str]:
        """Kind and id of all that people merged in a company → what each was merged into."""
        return {(one["kind"], one["id"]): one["winner"] for one in self.acts(realm, "merge")}

    def survivors(self, integration_id: str, realm: str) -> Mapping[str, str]:
        """Return id → survivor for what was merged away, if only the survivor is still mapped."""
        mapped = {
            (key[1].capitalize(), row["remote_id"])
            for key, row in self.links.items()
            if key[0] == integration_id
        }
        return {
            loser: winner
            for (sort, loser), winner in self.merges(realm).items()
            if (sort, winner) in mapped and (sort, loser) not in mapped
        }

    @cached_property
    def owner(self) -> Mapping[str, str]:
        """Integration id → its business."""
        return {row["id"]: row["business_id"] for row in self.dump["integrations"]}

    def _rows(self, table: str) -> list[Plain]:
        """Return the rows of a table, each with its business and company."""
        owners = {row["id"]: row for row in self.dump["integrations"]}
        rows = [(row, owners[row["integration_id"]]) for row in self.dump[table]]
        return [
            {**row, "business": of["business_id"], "realm": of["company_id"]} for row, of in rows
        ]

    @cached_property
    def links(self) -> Mapping[Key, Plain]:
        """Integration, kind and record → its link."""
        return {_place(row): row for row in self._rows("links")}

    def became(self, integration_id: str, record: Plain) -> str:
        """Return the entity that a payable becomes; a payable that was written keeps its entity."""
        other = turned_document(record)
        stands = (integration_id, kind_of(other), record["id"]) in self.links
        return other if stands else document_of(record)

    @cached_property
    def linked(self) -> set[Key]:
        """Company, entity and id of all that we have a link to."""
        rows = self.links.values()
        return {(row["realm"], entity_of(row["kind"]), row["remote_id"]) for row in rows}

    @cached_property
    def last_runs(self) -> Mapping[str, Plain]:
        """Integration id → the newest run that was not a preview."""
        rows = [row for row in self.dump["runs"] if not row["dry_run"]]
        return {row["integration_id"]: row for row in sorted(rows, key=lambda row: row["position"])}

    @cached_property
    def outcome(self) -> Mapping[Key, Plain]:
        """Integration, kind and record → its row in the newest run."""
        last = {row["id"] for row in self.last_runs.values()}
        return {_place(row): row for row in self.operations if row["run_id"] in last}

    @cached_property
    def sent(self) -> Mapping[str, Sequence[tuple[Plain, Plain]]]:
        """Request tid → the operations in it that the database has: row, and item sent."""
        rows = {(row["run_id"], row["kind"], str(row["position"])): row for row in self.operations}
        batches = {
            request_id(*place, generation): place[:2]
            for place, row in rows.items()
            for generation in range(row["generation"] + 1)
        }
        found: dict[str, Sequence[tuple[Plain, Plain]]] = {}
        for request in self.requests:
            batch = batches.get(request.key, ("", ""))
            known = [(rows.get((*batch, str(item["bId"]))), item) for item in request.items]
            found[request.tid] = [(row, item) for row, item in known if row]
        return found

    def record_of(self, effect: Effect) -> str:
        """Return the record that an entity was made for: by its mark, or by what was sent."""
        if effect.entity in ENTRIES:
            return mark(effect.after)
        for row, item in self.sent.get(effect.by, ()):
            if called(item.get(effect.entity, NOTHING)) == called(effect.after):
                return str(row["record_id"])
        return ""

    @cached_property
    def owners(self) -> set[tuple[str, str, str, str]]:
        """Business, kind, record and remote: all that was ever made for a record, or linked."""
        said = [(one["business"], one["facts"]) for one in self.events("mapped")]
        mapped = [(who, one["kind"], one["of"], one["to"]) for who, one in said if "to" in one]
        rows = [*self.links.values(), *(row for row in self.operations if row["action"] == "link")]
        known = [(row["business"], row["kind"], row["record_id"], row["remote_id"]) for row in rows]
        made = [(self.business_of.get(one.realm, ""), one) for one in self.effects if one.made]
        theirs = [(who, kind_of(one.entity), self.record_of(one), one.id) for who, one in made]
        return {*known, *mapped, *theirs}


def _place(row: Plain) -> Key:
    return row["integration_id"], row["kind"], row["record_id"]
