"""Rules for the end: each record is in QuickBooks as it should be, or has a cause that is true."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from proof.oracle import expenses, payments
from proof.oracle.case import Case
from proof.oracle.entities import PARTIES, PARTY_OF, document_of, entity_of, kind_of
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import NOTHING, Plain, called, line_cents, mark, moment, reference

_CALM_MAX = timedelta(hours=2)
_ENDED = ("succeeded", "partly_failed", "failed")
_OPEN = ("waiting", "sent", "in_doubt")
_WITHDRAWN = ("CANCELLED", "DECLINED")


def runs_end(facts: Facts) -> Found:
    """I4: without faults every run ends, the last one well, and no operation stays open."""
    calm, healed = ([moment(one["at"]) for one in facts.events(it)] for it in ("calm", "healed"))
    if calm and healed[0] - calm[0] > _CALM_MAX:
        yield "all", f"came right only after {healed[0] - calm[0]}"
    states = {row["id"]: row["state"] for row in facts.dump["runs"]}
    for event in facts.events("sync_asked"):
        if (state := states.get(event["run"], "failed")) not in (*_ENDED, "cancelled"):
            yield event["run"], f"is still {state}"
    connected = [row for row in facts.dump["integrations"] if row["status"] != "disconnected"]
    for integration in connected:
        run = facts.last_runs.get(integration["id"], NOTHING)
        if run.get("state") not in _ENDED or run["code"]:
            yield integration["business_id"], f"ends with {run.get('state')} {run.get('code')}"
        for row in facts.operations:
            if row["integration_id"] == integration["id"] and row["state"] in _OPEN:
                yield row["record_id"], f"{row['kind']} is still {row['state']}"


def every_record_ends(facts: Facts) -> Found:
    """I4: every record is in QuickBooks, or has a cause that is true."""
    for row in (one for one in facts.dump["integrations"] if one["status"] != "disconnected"):
        for (business, sort, record_id), record in facts.records.items():
            kind = _kind(facts, row["id"], sort, record)
            if kind and business == row["business_id"]:
                case = Case(facts, row["id"], row["company_id"], business, kind, record)
                if said := _wrong(case):
                    yield record_id, said


def _kind(facts: Facts, integration_id: str, sort: str, record: Plain) -> str | None:
    """Return the kind that a record becomes; a payable that was written keeps its kind."""
    if sort == "payment":
        return payments.stands_as(facts, integration_id, record)
    if sort == "payable":
        return kind_of(facts.became(integration_id, record))
    return {"connection": "vendor"}.get(sort)


def _wrong(case: Case) -> str | None:
    """Return what is wrong with a record at the end; None if nothing is."""
    row, link = case.of(case.kind, case.record["id"])
    if not row:
        stays = case.record["status"] in _WITHDRAWN and not case.touched
        no = None if link else f"no {case.kind}, and nobody says why"
        return f"was withdrawn, and its {case.kind} stands" if link and stays else no
    code, state = row["code"], row["state"]
    if code is None:
        return f"is {state} without a cause" if state in ("refused", "left") else None
    if code not in _EXCUSES:
        return f"ends with {code!r} in calm weather {(row['facts'] or {}).get('said', '')}"
    return None if _EXCUSES[code](case) else f"{case.kind} says {code!r}, which is not so"


def _party_waits(case: Case) -> bool:
    party = PARTY_OF[entity_of(case.kind)][0]
    row, link = case.of(party, case.record["connection"])
    return not link and bool(row.get("code"))


def _closed(case: Case) -> bool:
    """Return whether the record, or its document as it stands, is dated in the closed period."""
    days = [day for _, day in case.facts.closings(case.realm)]
    remote_id = case.of(case.kind, case.record["id"])[1].get("remote_id")
    effects = [one for one in case.effects(entity_of(case.kind)) if one.id == remote_id]
    stood = [str(one.after["TxnDate"]) for one in effects if one.after]
    return bool(days) and min([case.record["day"], *stood[-1:]]) <= days[-1]


def _left_out(case: Case) -> bool:
    said = case.facts.events("decided", business=case.business, record=case.record["id"])
    return bool(said) and said[-1]["verdict"] == "leave_out"


def _was_named(case: Case) -> bool:
    """Return whether a person chose the document in QuickBooks that belongs to the record."""
    said = case.facts.events("decided", business=case.business, record=case.record["id"])
    return any(one["verdict"] == "link_to" for one in said)


def _name_held(case: Case) -> bool:
    """Return whether another party has or had the name: inactive entities keep their names."""
    remote_id = case.of(case.kind, case.record["id"])[1].get("remote_id")
    effects = [one for one in case.effects(*PARTIES, "Employee") if one.id != remote_id]
    theirs = [called(document) for one in effects for document in (one.before, one.after)]
    start = case.record["name"].casefold()[:5]
    names = [*theirs, *(one["name"] for one in case.others("connection"))]
    return any(name.casefold().startswith(start) for name in names)


def _is_inactive(case: Case) -> bool:
    """Return whether its vendor or customer is inactive; without a link, whether one may be."""
    of_document = PARTY_OF.get(entity_of(case.kind), (None,))[0]
    kind, record = (
        (of_document, case.record["connection"]) if of_document else (case.kind, case.record["id"])
    )
    link = case.of(kind, record)[1]
    if not link:
        return case.by_person(*PARTIES)
    if (kind.capitalize(), link["remote_id"]) in case.facts.merges(case.realm):
        return True  # what is merged becomes inactive
    story = case.facts.books.get((case.realm, kind.capitalize(), link["remote_id"]), [])
    return bool(story) and story[-1].after.get("Active") is False


def _merged(case: Case) -> bool:
    """Return whether a person moved documents from the party we call merged to the survivor."""
    told = case.of(case.kind, case.record["id"])[0]["facts"]
    effects = [one for one in case.effects(*PARTY_OF) if not one.ours]
    moves = [(_party_of(one.before), _party_of(one.after)) for one in effects]
    moved = [(before, after) for before, after in moves if before and after and before != after]
    left, reached = {before for before, _ in moved}, {after for _, after in moved}
    return told["party_id"] in left and told["candidate_ids"] in reached


def _party_of(document: Plain) -> str | None:
    return reference(document, "VendorRef") or reference(document, "CustomerRef")


def _number_held(case: Case) -> bool:
    wanted = (case.realm, entity_of(case.kind))
    standing = [some[-1].left for key, some in case.facts.books.items() if key[:2] == wanted]
    held = [one for one in standing if one.get("DocNumber") == case.record["number"][:21]]
    same = [
        one
        for one in case.others("payable")
        if (one["number"], one["connection"]) == (case.record["number"], case.record["connection"])
    ]
    return bool(same) or any(mark(one) != case.record["id"] for one in held)


def _is_paid_by(case: Case) -> bool:
    its = [one for one in case.others("payable") if one["connection"] == case.record["id"]]
    paid = expenses.quick_payees(case)
    return case.record["id"] not in paid and all(one["role"] == "payee" for one in its)


_EXCUSES: Mapping[str, Callable[[Case], bool]] = {
    "draft": lambda case: case.record["status"] == "DRAFT",
    "not_approved": lambda case: case.record["status"] in ("DRAFT", "SUBMITTED"),
    "withdrawn": lambda case: (
        case.record["status"] in _WITHDRAWN and (not case.was_removed() or case.facts.lost_at > 0)
    ),
    "removed": lambda case: case.was_removed(by_us=True) or case.facts.lost_at > 0,
    "gone": lambda case: case.was_removed(),
    "copy_removed": lambda case: case.was_removed(),
    "before_go_live": lambda case: case.record["day"] < str(case.chosen("go_live")),
    "left_out": _left_out,
    "connection_pending": lambda case: case.record["status"] == "pending",
    "connection_archived": lambda case: case.record["status"] == "archived",
    "connection_unknown": lambda case: (
        (case.business, "connection", case.record["connection"]) not in case.facts.records
    ),
    "not_a_vendor": _is_paid_by,
    "vendor_needed": _party_waits,
    "customer_needed": _party_waits,
    "expense_account_needed": lambda case: case.chosen("expense_account_id") is None,
    "item_needed": lambda case: case.chosen("income_account_id") is None,
    "choice_unusable": lambda case: case.by_person("Account"),
    "nothing_to_book": lambda case: case.record["cents"] == 0,
    "zeroed": lambda case: case.record["cents"] == 0,
    "sign_changed": lambda case: kind_of(document_of(case.record)) != case.kind,
    "lines_differ": lambda case: sum(line_cents(case.record)) != case.record["cents"],
    "currency_differs": lambda case: case.record["currency"] != "USD",
    "books_closed": _closed,
    "duplicate_number": _number_held,
    "possible_duplicate": lambda case: case.by_person(entity_of(case.kind)),
    "cannot_link": _was_named,
    "matched_withdrawn": lambda case: (
        case.record["status"] in (*_WITHDRAWN, *payments.NOT_MADE) and _was_named(case)
    ),
    "deleted_there": lambda case: case.touched or case.by_person(*PARTIES),
    "changed_there": lambda case: case.touched or case.by_person(*PARTIES),
    "paid_there": lambda case: case.touched or payments.is_paid_by_ours(case),
    "below_paid": lambda case: case.touched or payments.is_paid_by_ours(case),
    "removal_asks": lambda case: (
        case.touched
        or payments.is_paid_by_ours(case)
        or case.facts.shown_twice(case.realm, case.record["id"])
    ),
    "two_found": lambda case: case.facts.shown_twice(case.realm, case.record["id"]),
    "inactive": _is_inactive,
    "merged_away": _merged,
    "reference_refused": lambda case: case.by_person(*PARTIES, "Account"),
    "email_left_out": lambda case: "@" not in case.record["email"],
    "look_alike": _name_held,
    "name_shared": _name_held,
    "name_taken": _name_held,
    **payments.EXCUSES,
    **expenses.EXCUSES,
}
