"""Rules for what people see of a run: parts, sums, causes, costs and names are right."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from proof.oracle.content import NUMBER_LENGTH_MAX
from proof.oracle.entities import CREDITS, DOCUMENTS, PARTIES, as_document, entity_of
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import NOTHING, Plain, called, cents, line_cents, lines, moment

_QUIET = tuple(
    """
    before_go_live cancelled connection_archived connection_pending copy_removed draft
    email_left_out gone left_out mapping_changed not_a_vendor not_approved not_reached
    nothing_to_book removed
    payment_not_made payment_under_way quick_pay_off returned expense_returned
    withdrawn
    """.split()
)
_TYPES: Mapping[str, Sequence[str]] = {
    "vendors": ("vendor", "customer"),
    "bankAccounts": ("account",),
    "invoices": (
        "item",
        *("bill", "invoice", "vendor_credit", "credit_memo"),
        *("bill_payment", "payment", "expense"),
    ),
}
_DONE = {"create": "created", "link": "linked", "keep": "unchanged"}
_OPEN = {"in_doubt": "in_doubt", "waiting": "pending", "sent": "pending", "left": "skipped"}
_KINDS = {"vendor": "connection", "customer": "connection", "account": "funding_source"}


def parts_are_true(facts: Facts) -> Found:
    """I13: parts, sums and causes of a run count each of its operations once."""
    runs = {row["id"]: row for row in facts.dump["runs"]}
    for event in facts.events("shown", final=True):
        rows = [row for row in facts.operations if row["run_id"] == event["run"]]
        loud = Counter(row["code"] or "rejected" for row in rows if _is_loud(row))
        for name in runs[event["run"]]["entity_types"]:
            expected = _parts(facts, event["run"], [one for one in rows if _is_of(one, name)], name)
            said = {part: number for part, number in event["tallies"][name].items() if number}
            if said != {**expected, "total": sum(expected.values())} and (said or expected):
                yield event["run"], f"{name} are said to be {said}, and are {expected}"
        if event["causes"] != loud or event["errors"] != loud.total():
            yield event["run"], f"{event['errors']} need somebody: {event['causes']}, not {loud}"
        if event["sums"] != (sums := _sums(rows)):
            yield event["run"], f"comes to {event['sums']}, not {sums}"


def _is_of(row: Plain, name: str) -> bool:
    return row["kind"] in _TYPES[name]


def _is_loud(row: Plain) -> bool:
    """Return whether a person has to act: it was refused, or has a cause that is not quiet."""
    if row["state"] == "refused":
        return True
    told = row["state"] in ("left", "written") and row["code"] is not None
    return told and row["code"] not in _QUIET


def _parts(facts: Facts, run: str, rows: Sequence[Plain], name: str) -> Mapping[str, int]:
    kept = [one for one in facts.dump["stages"] if one["run_id"] == run and _is_of(one, name)]
    parts = Counter(
        "failed" if _is_loud(row) else _OPEN.get(row["state"], _DONE.get(row["action"], "updated"))
        for row in rows
    )
    parts["unchanged"] += sum(one["unchanged"] for one in kept)
    return {part: number for part, number in parts.items() if number}


def _sums(rows: Sequence[Plain]) -> Mapping[str, list[int]]:
    """Return, by kind and currency, the number and the total of created documents."""
    found: dict[str, list[int]] = {}
    for row in rows:
        if row["action"] == "create" and row["state"] in ("written", "planned") and row["currency"]:
            so_far = found.setdefault(f"{row['kind']} {row['currency']}", [0, 0])
            so_far[0] += 1
            so_far[1] += row["amount_minor"]
    return found


def retries_are_whole(facts: Facts) -> Found:
    """I3: a retry of another run's failures covers each of them, and nothing else."""
    runs = {row["id"]: row for row in facts.dump["runs"]}
    for run in runs.values():
        if not run["retry_of"] or run["state"] not in ("succeeded", "partly_failed"):
            continue
        kinds = {kind for name in run["entity_types"] for kind in _TYPES[name]} - {"item"}
        told = {(row["kind"], row["record_id"]) for row in facts.operations if _in(row, run["id"])}
        failed = [row for row in facts.operations if _in(row, run["retry_of"])]
        for row in (one for one in failed if one["kind"] in kinds and _is_loud(one)):
            known = not row["settled_at"] or moment(row["settled_at"]) < moment(run["created_at"])
            place = (row["kind"], row["record_id"])
            if known and _is_meant(run, row) and place not in told:
                yield row["record_id"], f"was to be tried again by {run['id']}, and was not"
        meant = {(row["kind"], row["record_id"]) for row in failed if _is_meant(run, row)}
        for kind, record in told:
            if kind in kinds and (kind, record) not in meant:
                yield record, f"{kind} was tried again by {run['id']}, and nobody asked for it"


def _is_meant(run: Plain, row: Plain) -> bool:
    """Return whether a run retries an operation: all failures, one item, or one cause."""
    item, code = run["retry_item"], run["retry_code"]
    return item in (None, row["id"]) and code in (None, row["code"])


def _in(row: Plain, run: str) -> bool:
    return bool(row["run_id"] == run)


def labels_are_true(facts: Facts) -> Found:
    """I19: label and amount of an operation are those of some version of its record."""
    for row in facts.operations:
        sort = _KINDS.get(row["kind"], "payable")
        if row["kind"] in ("bill_payment", "payment", "expense"):
            continue  # it is labelled by what it pays: see oracle.payments
        said = [
            one["record"]
            for one in facts.events("fed", business=row["business"])
            if (one["record"]["kind"], one["record"]["id"]) == (sort, row["record_id"])
        ]
        if not said or facts.lost_at:
            continue
        names = {one["number" if sort == "payable" else "name"] for one in said}
        if row["label"] not in names and row["code"] != "internal":
            yield row["record_id"], f"is called {row['label']!r}, not {names}"
        amounts = {one["cents"] for one in said if sort == "payable"}
        if row["amount_minor"] is not None and row["amount_minor"] not in amounts:
            yield row["record_id"], f"comes to {row['amount_minor']}, not {amounts}"
        tries = (row["facts"] or NOTHING).get("tries")
        if row["state"] == "refused" and tries and tries != str(row["attempts"]):
            yield row["record_id"], f"is said to be tried {tries} times, not {row['attempts']}"


def totals_are_told(facts: Facts) -> Found:
    """I13: if QuickBooks computes another total of a document, both totals are shown."""
    for row in facts.operations:
        entity, record = entity_of(row["kind"]), row["record_id"]
        if row["state"] != "written" or row["action"] == "remove" or entity not in DOCUMENTS:
            continue
        story = facts.books.get((row["realm"], entity, row["remote_id"]), [])
        mine = [
            one for one in story if one.left and str(one.after.get("SyncToken")) == row["version"]
        ]
        if not mine or row["amount_minor"] is None:
            continue
        sign = -1 if entity in CREDITS else 1
        theirs, differs = cents(mine[-1].after["TotalAmt"]), row["code"] == "total_differs"
        stood = {cents(one.after["TotalAmt"]) for one in story if "TotalAmt" in one.after}
        # A document adopted by a look may have been changed by a person since we made it.
        if sign * theirs != row["amount_minor"] and not differs:
            yield record, f"comes to {theirs}, not {row['amount_minor']}, and nobody is told"
        if differs and row["facts"]["theirs"] not in {f"{one / 100:,.2f} USD" for one in stood}:
            yield record, f"never came to {row['facts']['theirs']}"


_PROPERTY = {"total": "TotalAmt", "dated": "TxnDate", "due": "DueDate", "number": "DocNumber"}
_SAID = {"total": "cents", "dated": "day", "due": "due", "number": "number"}


def differences_are_true(facts: Facts) -> Found:
    """I19: both sides of a difference or change are shown with values that they really had."""
    for row in facts.operations:
        entity, told = entity_of(row["kind"]), row["facts"] or NOTHING
        story = facts.books.get((row["realm"], entity, row["remote_id"]), [])
        if entity not in DOCUMENTS or not story:
            continue
        stood = [document for one in story for document in (one.before, one.after) if document]
        fed = facts.fed.get((row["business"], row["record_id"]), [])
        said = [as_document(one["record"], entity) for one in fed]
        for one in (*told.get("differences", ()), *told.get("changes", ())):
            for side in {"written", "theirs", "ours", "before", "after"} & set(one):
                theirs = side in ("theirs", "before")
                allowed = _values(one["field"], stood, () if theirs else said)
                value = _shown(one[side])
                if allowed and value is not None and value not in allowed:
                    yield row["record_id"], f"{side} {one['field']} {value}, not {allowed}"
            shown = [_shown(one[name]) for name in one if name not in ("field", "both")]
            if one["field"] in _SAID and len(set(map(str, shown))) < 2:
                yield row["record_id"], f"{one['field']} is shown, and differs in nothing"


def _values(field: str, stood: Sequence[Plain], said: Sequence[Plain]) -> list[object]:
    """Return the values that a field may be shown with; empty if they are not known."""
    if field == "lines":
        there = [
            [cents(line["Amount"]) for line in lines(one) if "Amount" in line] for one in stood
        ]
        return [*there, *map(line_cents, said)]
    if field not in _SAID or any(len(one["number"]) > NUMBER_LENGTH_MAX for one in said):
        return []
    if field == "due" and not all(one["due"] for one in said):
        return []  # the net terms of the connection may determine it
    money = field == "total"
    values = [one[_PROPERTY[field]] for one in stood if _PROPERTY[field] in one]
    return [*(cents(one) if money else one for one in values), *(one[_SAID[field]] for one in said)]


def _shown(value: Plain | None) -> object:
    """Return a shown value: an amount in cents, the amounts of lines, or a text."""
    if value is None:
        return None
    if value["kind"] == "lines":
        return [line["minor"] for line in value["lines"] if line["minor"]]
    return value["minor"] if value["kind"] == "money" else value["text"]


def costs_are_true(facts: Facts) -> Found:
    """I13: the cost reported for a run matches the requests that QuickBooks received."""
    sent = Counter(
        run for one in facts.requests for run in {row["run_id"] for row, _ in facts.sent[one.tid]}
    )
    hurt = any(facts.events(what) for what in ("interrupted", "lost", "broke"))
    harmed = any(one.misfortune or one.answer["status"] != 200 for one in facts.requests)
    for run in facts.dump["runs"]:
        cost = run["usage"] or NOTHING
        of = {name: cost.get(name, 0) for name in ("requests", "batches", "reads", "throttled")}
        if of["requests"] < of["batches"] + of["reads"] or min(of.values()) < 0:
            yield run["id"], f"is said to have cost {of}"
        if not hurt and of["batches"] < sent[run["id"]]:
            yield run["id"], f"sent {sent[run['id']]} batches, and {of['batches']} are told of"
        if hurt or harmed:
            continue
        if of["requests"] != of["batches"] + of["reads"] or of["batches"] != sent[run["id"]]:
            yield run["id"], f"sent {sent[run['id']]} batches undisturbed, and cost {of}"


def links_are_named(facts: Facts) -> Found:
    """I19: a link has a name and version that its entity in QuickBooks had."""
    for link in facts.links.values():
        entity = entity_of(link["kind"])
        place = (link["realm"], entity, link["remote_id"])
        story = facts.books.get(place, [])
        if not story or entity not in (*DOCUMENTS, *PARTIES):
            continue
        stood = [document for one in story for document in (one.before, one.after) if document]
        moved = [one.after for one in facts.followed if (one.realm, one.entity, one.id) == place]
        versions = {str(one["SyncToken"]) for one in (*stood, *moved) if "SyncToken" in one}
        if (entity, link["remote_id"]) in facts.merges(link["realm"]):  # it was made inactive then
            versions |= {str(int(version) + 1) for version in versions}
        names = {
            str(one.get("DocNumber", "")) if entity in DOCUMENTS else called(one) for one in stood
        }
        if link["version"] not in versions and not link["gone"]:
            yield link["record_id"], f"is linked in version {link['version']}, not of {versions}"
        if link["remote_name"] and link["remote_name"] not in names:
            yield link["record_id"], f"is linked to {link['remote_name']!r}, not to {names}"


def acts_are_noted(facts: Facts) -> Found:
    """I12: every act that a person requested is in the audit log under their name."""
    noted = {
        (row["business_id"], row["what"], row["subject"], row["by"]) for row in facts.dump["audit"]
    }
    for business, what, subject, by in _asked(facts):
        if not facts.lost_at and (business, what, subject, by) not in noted:
            yield subject, f"{what} by {by} is not noted"
    versions: dict[str, list[int]] = {}
    for row in facts.dump["audit"]:
        if row["what"] == "invoice_fields_set":
            versions.setdefault(row["subject"], []).append(json.loads(row["facts"])["version"])
    for subject, told in versions.items():
        if not facts.lost_at and told != list(range(2, len(told) + 2)):
            yield subject, f"the choices are noted as versions {told}"


def _asked(facts: Facts) -> Iterator[tuple[str, str, str, str]]:
    for event in facts.events("sync_asked"):
        yield event["business"], "sync_requested", event["run"], event["by"]
    for event in facts.events("decided"):
        yield event["business"], "decided", event["record"], "driver"
    for event in facts.events("cancelled"):
        if event["state"] in ("queued", "running", "waiting"):
            yield event["business"], "sync_cancelled", event["run"], "driver"
