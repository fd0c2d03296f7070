"""Rules for payments: recorded once, in full, of the right documents, never above what is owed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from proof.oracle.effects import Effect
from proof.oracle.entities import CREDITS, DOCUMENTS, EXPENSES, PAYMENTS, entity_of, kind_of
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import MARK, NOTHING, Plain, cents, lines, mark, reference
from proof.oracle.rules import choices

if TYPE_CHECKING:
    from proof.oracle.case import Case

_MOVED = (*PAYMENTS, *EXPENSES)
Chosen = Mapping[str, set[str | None]]  # every value that a choice had during a run
Unlike = Callable[[Facts, Effect, str, Plain, Chosen], Iterator[str]]
# Payment → the document that it pays, and the credit that it uses.
_DOCUMENT = {"BillPayment": "Bill", "Payment": "Invoice"}
_CREDIT = {"BillPayment": "VendorCredit", "Payment": "CreditMemo"}
NOT_MADE = ("failed", "cancelled")


_KINDS = ("bill_payment", "payment", "expense")


def becomes(facts: Facts, business: str, record: Plain) -> str:
    """Return the kind of a payment by its payable's role; an unknown payable counts as a bill."""
    if record["payable"] is None:
        return "expense"
    payable = facts.records.get((business, "payable", record["payable"]), NOTHING)
    return "payment" if payable.get("role") == "payee" else "bill_payment"


def stands_as(facts: Facts, integration: str, record: Plain) -> str:
    """Return the kind of a payment: the kind it was recorded as, else the kind it becomes."""
    for kind in _KINDS:
        place = (integration, kind, record["id"])
        if place in facts.links or place in facts.outcome:
            return kind
    return becomes(facts, facts.owner[integration], record)


def applied(payment: Plain, *entities: str) -> Iterator[tuple[str, int]]:
    """Yield the ids that a payment is applied to, with the cents; of some entities, or of all."""
    for line in lines(payment):
        for linked in line.get("LinkedTxn", ()):
            if not entities or linked["TxnType"] in entities:
                yield str(linked["TxnId"]), cents(line["Amount"])


def _parts(payment: Plain) -> Iterator[tuple[str, str, int]]:
    """Yield entity, id and cents of all that a payment is applied to."""
    for entity in DOCUMENTS:
        for remote_id, part in applied(payment, entity):
            yield entity, remote_id, part


def _is_whole(payment: Plain) -> bool:
    """Return whether the documents paid, less the credits used, add up to the payment's total."""
    sums = [-part if entity in CREDITS else part for entity, _, part in _parts(payment)]
    return sum(sums) == cents(payment["TotalAmt"])


def recorded(facts: Facts, *entities: str) -> Iterator[tuple[Effect, str]]:
    """Yield every payment that we recorded, with its record, since the last loss."""
    for effect in facts.effects:
        if effect.made and effect.entity in entities and effect.seq > facts.lost_at:
            yield effect, mark(effect.after)


def _told_of(
    facts: Facts, entities: Sequence[str]
) -> Iterator[tuple[Effect, str, list[Plain], Chosen]]:
    """Yield each payment that we recorded, with the versions of its record and of the choices."""
    seqs = {request.tid: request.seq for request in facts.requests}
    for effect, record in recorded(facts, *entities):
        business = facts.business_of.get(effect.realm, "")
        runs = {row["run_id"] for row, _ in facts.sent.get(effect.by, ())} & set(facts.asked)
        if not runs or effect.by not in seqs:
            continue
        since = min(facts.asked[run]["seq"] for run in runs)
        until = facts.until(seqs[effect.by])
        said = facts.versions(business, record, since, until)
        yield effect, record, said, choices(facts, business, since, until)


def recorded_otherwise(facts: Facts, entities: Sequence[str], unlike: Unlike) -> Found:
    """Yield the payments of some entities that match no version of their records.

    `unlike` yields the flaws of a payment, given its business, its record and the choices.
    """
    for effect, record, said, chosen in _told_of(facts, entities):
        business = facts.business_of.get(effect.realm, "")
        flaws = [list(unlike(facts, effect, business, one, chosen)) for one in said]
        if not said:
            yield record, f"{effect} was made of no payment that we were sent"
        if flaws and all(flaws):
            yield record, f"{effect} was recorded with {flaws[-1][0]}"


def recorded_as_said(facts: Facts) -> Found:
    """I5: a payment that we record matches its record, and is applied in full."""
    return recorded_otherwise(facts, PAYMENTS, _unlike)


def left_out_stays_out(facts: Facts) -> Found:
    """I7: a payment that a person left out before its sync was requested is not recorded."""
    for effect, record in recorded(facts, *_MOVED):
        business, kind = facts.business_of.get(effect.realm, ""), kind_of(effect.entity)
        runs = {row["run_id"] for row, _ in facts.sent.get(effect.by, ())} & set(facts.asked)
        words = facts.events("decided", business=business, record=record, kind=kind)
        since = min((facts.asked[run]["seq"] for run in runs), default=0)
        before = [one for one in words if one["seq"] < since]
        if before and before[-1]["verdict"] == "leave_out" and before[-1] is words[-1]:
            yield record, f"{effect} was recorded, though a person left it out"


def unlike(there: Plain, record: Plain, chosen: Chosen) -> Iterator[str]:
    """Yield how any payment in the books differs from its record."""
    early = record["status"] == "processing" and "processing" in chosen["record_payments"]
    if record["status"] != "completed" and not early:
        yield f"the status {record['status']}"
    if cents(there["TotalAmt"]) != record["cents"]:
        yield f"a total of {there['TotalAmt']}, not of {record['cents']} cents"
    if there.get("TxnDate") != record["day"]:
        yield f"the date {there.get('TxnDate')}, not {record['day']}"
    if str(there.get("PrivateNote", "")).split()[-1:] != [f"{MARK}{record['id']}"]:
        yield "no mark at the end of its note"


def _unlike(
    facts: Facts,
    effect: Effect,
    business: str,
    record: Plain,
    chosen: Chosen,
) -> Iterator[str]:
    there = effect.after
    yield from unlike(there, record, chosen)
    used = dict(record["credits"])
    paid = {record["payable"]: record["cents"] + sum(used.values())}
    for entity, wanted in ((_DOCUMENT[effect.entity], paid), (_CREDIT[effect.entity], used)):
        parts = list(applied(there, entity))
        if sorted(part for _, part in parts) != sorted(wanted.values()):
            yield f"{parts} of each {entity} applied, not {wanted}"
        for remote_id, part in parts:
            of = [name for name, its in wanted.items() if its == part]
            if not any((business, kind_of(entity), name, remote_id) in facts.owners for name in of):
                yield f"{part} of {entity} {remote_id} applied, not {wanted}"
    account = reference(there.get("CheckPayment", NOTHING), "BankAccountRef")
    account = account or reference(there, "DepositToAccountRef")
    if (business, "account", record["source"], account) not in facts.owners:
        yield f"the account {account}, which is not that of {record['source']}"


def never_overpaid(facts: Facts) -> Found:
    """I2: no payment of ours makes a document paid for more than its total.

    Excused if a person paid or changed the document after we read it, or if the payment itself took
    effect too late to be found.
    """
    for effect, record in recorded(facts, *PAYMENTS):
        for document, remote_id, part in _parts(effect.after):
            story = facts.books.get((effect.realm, document, remote_id), [])
            stood = [one for one in story if one.seq < effect.seq and one.left]
            if not stood:
                continue
            others = [pair for one in _live(facts, effect) for pair in applied(one.left)]
            paid = sum(amount for its, amount in others if its == remote_id)
            total = cents(stood[-1].left["TotalAmt"])
            excused = facts.is_too_late(effect) or _raced(facts, effect, remote_id)
            if paid + part > total and not excused:
                said = f"{effect} pays {part} of {document} {remote_id}"
                yield record, f"{said}, which comes to {total}, and of which {paid} was paid"


def _live(facts: Facts, effect: Effect) -> Iterator[Effect]:
    """Yield the payments that stood when another one was recorded, each as it stood."""
    for (realm, entity, remote_id), story in facts.books.items():
        if (realm, entity) != (effect.realm, effect.entity) or remote_id == effect.id:
            continue
        past = [one for one in story if one.seq < effect.seq]
        if past and past[-1].left:
            yield past[-1]


def _raced(facts: Facts, effect: Effect, remote_id: str) -> bool:
    """Return whether a document changed after the last query before its payment was sent.

    A payment of ours that came too late is such a change, too.
    """
    ids = {row["id"] for row, _ in facts.sent.get(effect.by, ())}
    sent = {tid for tid, pairs in facts.sent.items() if any(row["id"] in ids for row, _ in pairs)}
    first = min((one.seq for one in facts.requests if one.tid in sent), default=effect.seq)
    documents = (_DOCUMENT[effect.entity], _CREDIT[effect.entity])
    looks = [
        one.seq
        for one in facts.requests
        if one.realm == effect.realm
        and one.seq < first
        and any(f"from {document} ".lower() in one.body.lower() for document in documents)
    ]
    look = max(looks, default=0)
    for one in facts.effects:
        pays = remote_id in {its for its, _ in (*applied(one.after), *applied(one.before))}
        concerns = one.realm == effect.realm and (one.id == remote_id or pays)
        if concerns and look < one.seq < effect.seq and (not one.ours or facts.is_late(one)):
            return True
    return False


def returned_is_voided(facts: Facts) -> Found:
    """I4: at the end, no payment of ours stands that was returned, unless a cause is shown."""
    for (realm, entity, _), story in facts.books.items():
        made, record_id = story[0], mark(story[0].after)
        if entity not in _MOVED or not made.made or not story[-1].left:
            continue
        business = facts.business_of.get(realm, "")
        record = facts.records.get((business, "payment", record_id), NOTHING)
        rows = [
            row
            for place, row in facts.outcome.items()
            if place[1:] == (kind_of(entity), record_id) and row["realm"] == realm
        ]
        untouched = all(one.ours for one in story)
        told = bool(rows and rows[0]["code"])
        if record.get("status") in NOT_MADE and untouched and not told:
            yield record_id, f"{made} stands, though the payment {record['status']}"


def voids_are_of_returns(facts: Facts) -> Found:
    """I7: we void only our payments that were returned or not applied, and copies of ours."""
    for effect in facts.effects:
        if not effect.ours or effect.entity not in _MOVED or effect.left or not effect.before:
            continue
        business, record = facts.business_of.get(effect.realm, ""), mark(effect.before)
        story = facts.books[effect.realm, effect.entity, effect.id]
        words = facts.events("decided", business=business, verdict="remove_there")
        if not story[0].ours and not any(one["after"] <= effect.seq for one in words):
            yield record or str(effect), f"{effect} of a person's was voided by us"
            continue
        said = [one["record"]["status"] for one in facts.fed.get((business, record), ())]
        whole = effect.entity not in PAYMENTS or _is_whole(effect.before)
        is_copy = facts.is_too_late(story[0]) and facts.shown_twice(effect.realm, record)
        if story[0].ours and whole and not is_copy and not set(said) & set(NOT_MADE):
            yield record or str(effect), f"{effect} was voided, and never came back"


def completed_stands(facts: Facts) -> Found:
    """I5: what a completed payment is linked to stands, and has the payment's amount."""
    for key, link in facts.links.items():
        entity = entity_of(link["kind"])
        record = facts.records.get((link["business"], "payment", link["record_id"]))
        story = facts.books.get((link["realm"], entity, link["remote_id"]), [])
        excused = link["gone"] or facts.outcome.get(key, NOTHING).get("code")
        if entity not in _MOVED or record is None or excused or not story:
            continue
        if any(not one.ours for one in story) or record["status"] != "completed":
            continue
        spoken = facts.events("decided", business=link["business"], record=link["record_id"])
        if not story[-1].left:
            yield link["record_id"], f"linked to {entity} {link['remote_id']}, which is not there"
        elif cents(story[-1].left["TotalAmt"]) != record["cents"] and not spoken:
            yield link["record_id"], f"{story[-1]} comes to {story[-1].left['TotalAmt']}"


def is_paid_by_ours(case: Case) -> bool:
    """Return whether a payment of ours stands that pays the document of a payable."""
    return _is_paid_by_ours(case, case.kind, case.record["id"])


def _is_paid_by_ours(case: Case, kind: str, payable_id: str) -> bool:
    remote_id = case.of(kind, payable_id)[1].get("remote_id")
    payments = [one for one in case.effects(*PAYMENTS) if one.made]
    stand = [case.facts.books[one.realm, one.entity, one.id][-1].left for one in payments]
    return any(remote_id == its for payment in stand for its, _ in applied(payment))


def _document_waits(case: Case) -> bool:
    """Return whether the document that a payment pays, or a credit that it uses, is not ready."""
    entity = entity_of(case.kind)
    names = [(_CREDIT[entity], name) for name, _ in case.record["credits"]]
    return any(
        _waits(case, document, name)
        for document, name in [(_DOCUMENT[entity], case.record["payable"] or ""), *names]
    )


def _waits(case: Case, document: str, payable_id: str) -> bool:
    """Return whether a document does not exist, waits, or was changed by a person."""
    payable = case.facts.records.get((case.business, "payable", payable_id))
    row, link = case.of(kind_of(document), payable_id)
    waits = payable is None or not link or bool(row.get("code") or link["gone"])
    return waits or case.by_person(document)


def _is_paid(case: Case) -> bool:
    """Return whether a person, or another payment of ours, pays the same payable."""
    rivals = [one for one in case.others("payment") if one["payable"] == case.record["payable"]]
    payable = case.facts.records[case.business, "payable", case.record["payable"]]
    more = case.record["cents"] + sum(dict(case.record["credits"]).values()) > payable["cents"]
    document = kind_of(_DOCUMENT[entity_of(case.kind)])
    paid = _is_paid_by_ours(case, document, case.record["payable"])
    by_hand = case.by_person(*PAYMENTS, *DOCUMENTS)
    return bool(rivals) or more or paid or by_hand


def _credit_is_used(case: Case) -> bool:
    """Return whether a credit is used by a person or another payment, or is too small."""
    used = dict(case.record["credits"])
    others = {name for one in case.others("payment") for name, _ in one["credits"]}
    records = {name: case.facts.records[case.business, "payable", name] for name in used}
    more = any(part > -records[name]["cents"] for name, part in used.items())
    kind = kind_of(_CREDIT[entity_of(case.kind)])
    ours = any(_is_paid_by_ours(case, kind, name) for name in used)
    return more or ours or bool(others & set(used)) or case.by_person(*PAYMENTS, *CREDITS)


def _is_of_several(case: Case) -> bool:
    """Return whether what a payment names ever had several vendors or customers."""
    names = {case.record["payable"], *dict(case.record["credits"])}
    said = [
        (one["record"]["role"], one["record"]["connection"])
        for name in names
        for one in case.facts.fed.get((case.business, name), ())
    ]
    return len(set(said)) > 1 or case.by_person(*DOCUMENTS)


def _bank_waits(case: Case) -> bool:
    row, link = case.of("account", case.record["source"])
    return not link or bool(row.get("code"))


def _check_refused(case: Case) -> bool:
    """Return whether the account is a clearing account, and this QuickBooks refuses its checks."""
    switches = case.facts.terms.get("switches", NOTHING)
    if case.kind == "payment" or switches.get("check_account", "bank") != "bank":
        return False
    account = case.of("account", case.record["source"])[1].get("remote_id")
    story = case.facts.books.get((case.realm, "Account", account or ""), [])
    return bool(story) and story[-1].after.get("AccountType") == "Other Current Asset"


_SAID = ("cents", "payable", "day", "source", "connection", "credits")


def _was_amended(case: Case) -> bool:
    fed = case.facts.fed[case.business, case.record["id"]]
    said = [one["record"] for one in fed]
    return len({str([one[name] for name in _SAID]) for one in said}) > 1


EXCUSES: Mapping[str, Callable[[Case], bool]] = {
    "payment_under_way": lambda case: (
        case.record["status"] == "pending"
        or (
            case.record["status"] == "processing" and case.chosen("record_payments") != "processing"
        )
    ),
    "payment_not_made": lambda case: case.record["status"] in NOT_MADE,
    "returned": lambda case: (
        case.record["status"] in NOT_MADE
        and (case.was_removed(by_us=True) or case.facts.lost_at > 0)
    ),
    "bill_needed": _document_waits,
    "bank_account_type": _check_refused,
    "bank_mapping_needed": _bank_waits,
    "bank_account_inactive": lambda case: case.by_person("Account"),
    "already_paid_there": _is_paid,
    "more_than_open": _is_paid,
    "credit_not_open": _credit_is_used,
    "payment_of_several_parties": _is_of_several,
    "payment_changed": _was_amended,
    "payment_not_positive": lambda case: case.record["cents"] <= 0,
    "unapplied": lambda case: case.by_person(*PAYMENTS, *DOCUMENTS),
}
