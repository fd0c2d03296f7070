"""Rules for what the history and comparisons claim, against the effects in QuickBooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from proof.oracle.effects import Effect
from proof.oracle.entities import DOCUMENTS, ENTRIES, entity_of, kind_of
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import NOTHING, Plain, cents, lines, mark, moment, parties_of, reference

_REMOVED = ("removed", "gone", "copy_removed", "returned", "expense_returned", "unapplied")
_KEPT_OUT = (
    "draft",
    "nothing_to_book",
    "not_approved",
    "before_go_live",
    "left_out",
    "withdrawn",
    *_REMOVED,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the history of a document, with the effects on the document by then."""

    row: Plain
    before: Sequence[Plain]  # earlier entries of the same record
    effects: Sequence[Effect]
    paid: bool  # whether a payment of ours had changed the document by then
    clocks_apart: timedelta

    def was_removed(self, *, ours: bool | None = None) -> bool:
        """Return whether it was deleted or voided by then; `ours`: by us or by a person."""
        gone = [one.ours for one in self.effects if not one.left]
        return bool(gone) if ours is None else ours in gone

    @property
    def is_known(self) -> bool:
        """Whether an earlier entry reports that we wrote it."""
        writes = ("create", "update", "remove")
        return any(one["state"] == "written" and one["action"] in writes for one in self.before)

    @property
    def fact(self) -> Plain:
        """The facts that fill the message of the entry's cause."""
        return self.row["facts"] or NOTHING


def history_is_true(facts: Facts) -> Found:
    """I19: every claim of an entry of the history was true when it was made.

    An entry has the time of the process that made it, whose clock may be slow: what QuickBooks
    noted within that difference counts as before.
    """
    previews = {row["id"] for row in facts.dump["runs"] if row["dry_run"]}
    ends = {row["id"]: row["finished_at"] for row in facts.dump["runs"]}
    rows = [row for row in facts.operations if row["run_id"] not in previews]
    before: dict[tuple[str, str, str], list[Plain]] = {}
    for row in sorted(rows, key=lambda row: row["id"]):
        place = (row["integration_id"], row["kind"], row["record_id"])
        earlier = before.setdefault(place, [])
        if entity_of(row["kind"]) in ENTRIES:
            until = row["settled_at"] or ends.get(row["run_id"])
            befell = _befell(facts.effects, facts, row, until)
            paid = bool(_befell(facts.followed, facts, row, until))
            entry = Entry(row, list(earlier), befell, paid, facts.clocks_apart)
            if not _holds(entry):
                yield row["record_id"], f"{row['kind']} {row['action']} says {_said(row)}: not so"
        earlier.append(row)


def _befell(effects: Sequence[Effect], facts: Facts, row: Plain, until: str | None) -> list[Effect]:
    """Return the effects on the counterpart of a record until then."""
    end = moment(until) + facts.clocks_apart if until else datetime.max.replace(tzinfo=UTC)
    wanted = (row["realm"], entity_of(row["kind"]))
    return [
        one
        for one in effects
        if (one.realm, one.entity) == wanted
        and one.at <= end
        and (row["record_id"] in (mark(one.before), mark(one.after)) or one.id == row["remote_id"])
    ]


def _said(row: Plain) -> str:
    return f"{row['code'] or row['state']!r} {dict(row['facts'] or {}).get('why', '')}".strip()


def _holds(entry: Entry) -> bool:
    code, state, action = (entry.row[name] for name in ("code", "state", "action"))
    if state == "written" and action == "remove" and code not in _REMOVED:
        return False  # its outcome is not reported
    if state == "written" and action == "create" and not entry.effects:
        return False
    claim = _CLAIMS.get(code)
    return claim is None or claim(entry)


def _is_on_its_day(entry: Entry) -> bool:
    """Return whether the day named is that of our removal; its answer may be a day late."""
    moments = [one.at for one in entry.effects if one.ours and not one.left]
    on, early, late = entry.fact.get("on", ""), entry.clocks_apart, timedelta(days=1)
    return any(str((at - early).date()) <= on <= str((at + late).date()) for at in moments)


_CLAIMS: Mapping[str, Callable[[Entry], bool]] = {
    "withdrawn": lambda entry: not entry.is_known,
    "removed": _is_on_its_day,
    "returned": _is_on_its_day,
    "expense_returned": _is_on_its_day,
    "gone": lambda entry: entry.was_removed(
        ours=False if "somebody deleted" in entry.fact.get("why", "") else None
    ),
    "copy_removed": lambda entry: entry.was_removed(),
    "deleted_there": lambda entry: entry.was_removed(),
    "changed_there": lambda entry: any(not one.ours for one in entry.effects),
    # A late copy does not match what we last wrote if the one that stays was changed since.
    "removal_asks": lambda entry: (
        entry.paid
        or any(not one.ours for one in entry.effects)
        or len({one.id for one in entry.effects}) > 1
    ),
    "two_found": lambda entry: len({one.id for one in entry.effects}) > 1,
}


def equal_is_equal(facts: Facts) -> Found:
    """I20: a comparison is equal only if every record is sent, and stands as we wrote it."""
    for event in facts.events("reconciled", final=True):
        if event["outcome"] != "equal" or entity_of(event["kind"]) not in DOCUMENTS:
            continue
        for (business, sort, record_id), record in facts.records.items():
            kind = event["kind"]
            if (business, sort) != (event["business"], "payable"):
                continue
            if said := _unequal(facts, business, kind, record):
                yield record_id, f"{said}, and a comparison says that all is equal"


def _unequal(facts: Facts, business: str, kind: str, record: Plain) -> str:
    """Return how a record differs, unless a person decided to keep the difference."""
    owner = [one for one in facts.dump["integrations"] if one["business_id"] == business]
    places = [(one["id"], kind, record["id"]) for one in owner if one["status"] != "disconnected"]
    for place in places:
        if kind_of(facts.became(place[0], record)) != kind:
            continue
        link, row = facts.links.get(place, NOTHING), facts.outcome.get(place, NOTHING)
        realm = facts.realm_of(place[0])
        decided = facts.decided(realm, record["id"], "keep_theirs", 10**9)
        if row.get("code") in _KEPT_OUT or decided:
            continue
        if not link or link["gone"]:
            return f"{kind} is not sent"
        effects = facts.books.get((realm, entity_of(kind), link["remote_id"]), [])
        if not effects or not effects[-1].left:
            return f"{kind} is gone"
        ours = [one for one in effects if one.ours]
        # A person may add a description where we left none.
        worded = all(one.get("Description") for one in lines(ours[-1].after)) if ours else True
        survivors = facts.survivors(place[0], realm)
        numbered = _is_numbered_by_us(facts, kind)
        sides = [
            _booked(one.after, survivors, worded=worded, numbered=numbered)
            for one in (effects[-1], *ours[-1:])
        ]
        if ours and sides[0] != sides[1]:
            return f"{kind} is booked or dated as somebody else wants"
        if cents(effects[-1].after["TotalAmt"]) != abs(record["cents"]):
            return f"{kind} comes to another total"
    return ""


def _is_numbered_by_us(facts: Facts, kind: str) -> bool:
    """Return whether we choose the numbers of a kind of document in this company."""
    by_hand = facts.terms.get("company", NOTHING).get("custom_sales_numbers")
    return kind == "bill" or (kind in ("invoice", "credit_memo") and bool(by_hand))


def _booked(
    document: Plain, survivors: Mapping[str, str], *, worded: bool, numbered: bool
) -> tuple[object, ...]:
    """Return what is compared of a document: party, number, date, and every line."""
    details = [
        (cents(one.get("Amount", 0)), _account(one), worded and one.get("Description", "").strip())
        for one in lines(document)
        if one.get("DetailType") != "DescriptionOnly"  # a person's note, which books nothing
    ]
    parties = parties_of(document, survivors)
    plain = [numbered and document.get("DocNumber"), document.get("TxnDate")]
    return (*parties, *plain, sorted(map(str, details)))


def _account(line: Plain) -> str | None:
    return reference(line.get("AccountBasedExpenseLineDetail", NOTHING), "AccountRef")
