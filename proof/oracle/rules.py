"""Rules for what must not be written, by status, date or choice, and how it is removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from proof.oracle.effects import Effect
from proof.oracle.entities import (
    DOCUMENTS,
    ENTRIES,
    PARTIES,
    PARTY_OF,
    PURCHASES,
    as_document,
    entity_of,
    kind_of,
)
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import NOTHING, Plain, line_cents, lines, mark

_LAST = 10**9
_TRACKED = (("class_id", "classes_per_line"), ("department_id", "departments"))


def nothing_forbidden(facts: Facts) -> Found:
    """I6: no document is created if its record or a choice forbids it."""
    seqs = {request.tid: request.seq for request in facts.requests}
    for effect in facts.effects:
        runs = {row["run_id"] for row, _ in facts.sent.get(effect.by, ())} & set(facts.asked)
        new = effect.made and effect.entity in DOCUMENTS and effect.seq > facts.lost_at
        if not new or not runs or effect.by not in seqs:
            continue
        business, record = facts.business_of.get(effect.realm, ""), mark(effect.after)
        asked = min((facts.asked[run] for run in runs), key=lambda one: one["seq"])
        said = facts.versions(business, record, asked["seq"], facts.until(seqs[effect.by]))
        chosen = choices(facts, business, asked["seq"], facts.until(seqs[effect.by]))
        flaws = [_forbidden(facts, effect, one, chosen) for one in said]
        if flaws and all(flaws):
            yield record, f"{effect} was made of a record {flaws[0]}"


def choices(facts: Facts, business: str, since: int, until: int) -> Mapping[str, set[str | None]]:
    """Return every value that each choice had during a run."""
    known = (
        "go_live",
        "send_submitted_bills",
        "record_payments",
        "quick_pay",
        "expense_account_id",
    )
    found: dict[str, set[str | None]] = {name: {None} for name in known}
    for event in facts.events("chosen", business=business):
        for name, value in event["fields"].items():
            if event["seq"] < since:
                found[name] = {value}
            elif event["seq"] < until:
                found.setdefault(name, {None}).add(value)
    return found


def _forbidden(
    facts: Facts, effect: Effect, record: Plain, choices: Mapping[str, set[str | None]]
) -> str:
    """Return why a record must not be written; empty if it may be."""
    record = as_document(record, effect.entity)
    bill, status = effect.entity in PURCHASES, record["status"]
    early = status == "SUBMITTED" and choices["send_submitted_bills"] == {None}
    if status in ("DRAFT", "CANCELLED", "DECLINED") or (bill and early):
        return f"that is {status}"
    if all(day and record["day"] < day for day in choices["go_live"]):
        return f"of {record['day']}, before {choices['go_live']}"
    if record["cents"] <= 0 or sum(line_cents(record)) != record["cents"]:
        return f"of {record['cents']} with lines of {line_cents(record)}"
    kind, business = kind_of(effect.entity), facts.business_of.get(effect.realm)
    words = facts.events("decided", business=business, record=record["id"], kind=kind)
    before = [one for one in words if one["seq"] < _begun(facts, effect)]
    if before and before[-1]["verdict"] == "leave_out" and before[-1] is words[-1]:
        return "that a person left out"
    return ""


def _begun(facts: Facts, effect: Effect) -> int:
    """Return the number of the driver's event that requested the run of a write."""
    runs = {row["run_id"] for row, _ in facts.sent.get(effect.by, ())} & set(facts.asked)
    return min(int(facts.asked[run]["seq"]) for run in runs)


def invoices_are_voided(facts: Facts) -> Found:
    """I6: an invoice of ours is voided and stays in the books; bills and credits are deleted."""
    for effect in facts.effects:
        if effect.ours and effect.entity == "Invoice" and not effect.after:
            yield mark(effect.before), f"{effect} was deleted, not voided"


def inactive_is_left(facts: Facts) -> Found:
    """I7: we do not change a vendor or customer that was made inactive or merged."""
    for effect in facts.effects:
        if effect.ours and effect.entity in PARTIES and effect.before.get("Active") is False:
            yield str(effect), f"{effect} was changed by us although it is inactive"


def quantities_are_kept(facts: Facts) -> Found:
    """I5: an invoice or credit memo has the record's quantities and prices."""
    for effect in facts.effects:
        if not effect.made or effect.entity not in ("Invoice", "CreditMemo"):
            continue
        fed = facts.fed.get((facts.business_of.get(effect.realm, ""), mark(effect.after)), [])
        allowed = [_numbers(as_document(one["record"], effect.entity)["lines"]) for one in fed]
        there = _numbers(_sums(effect.after))
        if fed and there not in allowed:
            yield mark(effect.after), f"{effect} has quantities and prices {there}"


def _sums(document: Plain) -> Iterator[tuple[str, str]]:
    for line in lines(document):
        detail = line.get("SalesItemLineDetail", NOTHING)
        if "Qty" in detail and "UnitPrice" in detail:
            yield str(detail["Qty"]), str(detail["UnitPrice"])


def _numbers(pairs: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> list[tuple[float, float]]:
    return [(float(quantity), float(price)) for quantity, price in pairs]


def survivors_are_named(facts: Facts) -> Found:
    """I19: the survivor that we name is the one that a person merged into."""
    for row in facts.operations:
        if row["code"] != "merged_away":
            continue
        told, merges = row["facts"], facts.merges(row["realm"])
        sort = entity_of(PARTY_OF.get(entity_of(row["kind"]), (row["kind"],))[0])
        winner, seen = told["party_id"], set[str]()
        while (sort, winner) in merges and winner not in seen:
            seen.add(winner)
            winner = merges[sort, winner]
        if (
            told["candidate_ids"] not in seen | {winner}
            or told["candidate_ids"] == told["party_id"]
        ):
            yield (
                row["record_id"],
                f"{told['party_id']} was merged into {winner}, not {told['candidate_ids']}",
            )


def nothing_else_is_written(facts: Facts) -> Found:
    """I2: we make bills, invoices, payments, expenses, parties and the item, and nothing else."""
    for effect in facts.effects:
        if effect.made and effect.entity not in (*ENTRIES, *PARTIES, "Item"):
            yield effect.realm, f"{effect} was made by us"


def choices_are_taken(facts: Facts) -> Found:
    """I3: a choice is accepted if it exists and the company tracks it, and only then.

    After a fault or a loss, the service may not know what exists.
    """
    harmed = [one.seq for one in facts.requests if one.misfortune]
    others = (
        "interrupted",
        "disconnected",
        "disconnected_there",
        "lost",
        "person",
        "needs_reconnect",
    )
    for event in facts.events("choice_refused"):
        before = [one for what in others for one in facts.events(what) if one["seq"] < event["seq"]]
        harmless = not before and not any(seq <= event["after"] for seq in harmed)
        if harmless and not _untracked(facts, event):
            yield event["business"], f"chose {event['fields']}, which was refused"
    for event in facts.events("chosen"):
        for name in _untracked(facts, event):
            yield event["business"], f"chose a {name}, which the company does not keep track of"


def _untracked(facts: Facts, event: Plain) -> list[str]:
    """Return the chosen fields that this company does not track."""
    company = facts.terms.get("company", NOTHING)
    return [
        name for name, setting in _TRACKED if event["fields"].get(name) and not company.get(setting)
    ]


def doors_hold(facts: Facts) -> Found:
    """I3: an impossible request is refused with the right reason, and changes nothing."""
    for event in facts.events("knocked"):
        yield event["business"], f"{event['door']}: {event['got']}, not {event['expected']}"
