"""Rules for comparisons of payments and for open balances, against QuickBooks' books."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from proof.oracle.effects import Effect
from proof.oracle.entities import PAYMENTS, entity_of
from proof.oracle.facts import Facts, Found, Key
from proof.oracle.payments import NOT_MADE, applied, becomes
from proof.oracle.plain import NOTHING, Plain, cents, mark, parties_of, reference

_PAYS = {"Bill": "BillPayment", "Invoice": "Payment"}
_CREDIT = {"Bill": "VendorCredit", "Invoice": "CreditMemo"}
_KEPT_OUT = (
    "payment_under_way",
    "payment_not_made",
    "returned",
    "quick_pay_off",
    "before_go_live",
    "left_out",
    "gone",
)


def equal_payments_are_equal(facts: Facts) -> Found:
    """I20: payments are reported as equal only if all are recorded, as we wrote them."""
    for event in facts.events("reconciled", final=True):
        if event["outcome"] != "equal" or entity_of(event["kind"]) not in PAYMENTS:
            continue
        for (business, sort, record_id), record in facts.records.items():
            if (business, sort) != (event["business"], "payment"):
                continue
            if becomes(facts, business, record) != event["kind"]:
                continue
            if any(key[1:] == ("expense", record_id) for key in facts.links):
                continue  # it keeps the kind that it was recorded as
            if said := _unequal(facts, business, event["kind"], record):
                yield record_id, f"{said}, and a comparison says that all payments are equal"


def _unequal(facts: Facts, business: str, kind: str, record: Plain) -> str:
    """Return how a payment differs, unless a person decided to keep the difference."""
    for integration in facts.dump["integrations"]:
        if integration["business_id"] != business or integration["status"] == "disconnected":
            continue
        place, realm = (integration["id"], kind, record["id"]), str(integration["company_id"])
        link, row = facts.links.get(place, NOTHING), facts.outcome.get(place, NOTHING)
        decided = facts.decided(realm, record["id"], "keep_theirs", 10**9)
        stands = bool(link) and not link["gone"]
        if row.get("code") in _KEPT_OUT or decided or (record["status"] in NOT_MADE and not stands):
            continue
        if not stands:
            return "it is not recorded"
        story = facts.books.get((realm, entity_of(kind), link["remote_id"]), [])
        if not story or not story[-1].left:
            return "it is gone"
        ours = [one for one in story if one.ours and one.left]
        # After a loss, the account that was written is not known.
        survivors = facts.survivors(integration["id"], realm)
        sides = [
            _paid(one.left, survivors, whole=not facts.lost_at) for one in (story[-1], *ours[-1:])
        ]
        if ours and sides[0] != sides[1]:
            return "it pays something else, or on another day"
        if cents(story[-1].left["TotalAmt"]) != record["cents"]:
            return "it comes to another amount"
    return ""


def _paid(payment: Plain, survivors: Mapping[str, str], *, whole: bool) -> tuple[object, ...]:
    """Return what is compared of a payment: party, day, total, account, and what it pays."""
    through = reference(payment.get("CheckPayment", NOTHING), "BankAccountRef")
    account = through or reference(payment, "DepositToAccountRef")
    parties = parties_of(payment, survivors)
    parts: dict[str, int] = {}
    for remote_id, part in applied(payment):
        parts[remote_id] = parts.get(remote_id, 0) + part
    day, total = payment.get("TxnDate"), cents(payment["TotalAmt"])
    return (*parties, day, total, whole and account, sorted(parts.items()))


def equal_is_not_paid_by_others(facts: Facts) -> Found:
    """I20: documents are equal only if no payment of others pays them, or a person decided so."""
    for event in facts.events("reconciled", final=True):
        entity = entity_of(event["kind"])
        if entity not in _PAYS:
            continue
        paid = {key: sum(parts) for key, parts in _by_others(facts, entity).items()}
        for finding, record_id, ids in event["findings"]:
            realm = _realm(facts, event)
            if finding == "paid" and not any((realm, entity, one) in paid for one in ids):
                yield record_id, f"{entity} {ids} is said to be paid by others, and is not"
        if event["outcome"] == "equal":
            yield from _unsaid(facts, event, entity, paid)


def _unsaid(facts: Facts, event: Plain, entity: str, paid: dict[Key, int]) -> Found:
    realm = _realm(facts, event)
    for place, link in facts.links.items():
        key = (realm, entity, link["remote_id"])
        if (link["realm"], link["kind"]) != (realm, event["kind"]) or link["gone"]:
            continue
        kept = facts.decided(realm, link["record_id"], "keep_theirs", 10**9)
        left_out = facts.outcome.get(place, NOTHING).get("code") == "left_out"
        stands = facts.books.get(key, []) and facts.books[key][-1].left
        if stands and paid.get(key) and not kept and not left_out:
            yield link["record_id"], f"others paid {paid[key]} of it, and it is said to be equal"


def open_is_true(facts: Facts) -> Found:
    """I5: the balance that we report of our documents, less our credits, is QuickBooks'."""
    for event in facts.events("reconciled", final=True):
        entity, realm = entity_of(event["kind"]), _realm(facts, event)
        if entity not in _PAYS:
            continue
        left = _left(facts, realm, entity, _PAYS[entity])
        left -= _left(facts, realm, _CREDIT[entity], _PAYS[entity])
        said = event["open"].get("USD", 0)
        if said != left:
            yield event["business"], f"of its {entity}s {left} is open, and we say {said}"


def _left(facts: Facts, realm: str, entity: str, paying: str) -> int:
    """Return the open amount of our documents of one entity after all standing payments.

    For a document that a person made smaller than its payments, nothing is open.
    """
    left = {
        key: cents(story[-1].left["TotalAmt"])
        for key, story in facts.books.items()
        if key[:2] == (realm, entity)
        and story[-1].left
        and (key in facts.linked or mark(story[-1].left))
    }
    for payment, _ in _standing(facts, paying):
        for remote_id, part in applied(payment.left):
            if (key := (payment.realm, entity, remote_id)) in left:
                left[key] -= part
    return sum(max(0, one) for one in left.values())


def _by_others(facts: Facts, entity: str) -> dict[Key, list[int]]:
    """Return the amounts that payments of others pay, by document."""
    found: dict[Key, list[int]] = {}
    for payment, ours in _standing(facts, _PAYS[entity]):
        for remote_id, part in () if ours else applied(payment.left):
            found.setdefault((payment.realm, entity, remote_id), []).append(part)
    return found


def _standing(facts: Facts, entity: str) -> Iterator[tuple[Effect, bool]]:
    """Yield the payments that stand, and whether each is ours: linked, or with our mark."""
    for key, story in facts.books.items():
        if key[1] == entity and story[-1].left:
            yield story[-1], key in facts.linked or bool(mark(story[-1].left))


def _realm(facts: Facts, event: Plain) -> str:
    """Return the company of the business that ran a comparison."""
    realms = {business: realm for realm, business in facts.business_of.items()}
    return realms[event["business"]]
