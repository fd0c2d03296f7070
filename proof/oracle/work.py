"""Rules for people's work in QuickBooks: it stays, property by property and line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from proof.oracle import words
from proof.oracle.effects import Effect
from proof.oracle.entities import DOCUMENTS, EXPENSES, PAYMENTS
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import Plain, cents, lines, mark, reference

_PARTY = ("VendorRef", "CustomerRef")

# Properties that QuickBooks derives; a person's edit shows in others, too.
_DERIVED = frozenset(
    "SyncToken MetaData Balance LinkedTxn domain sparse TotalAmt HomeBalance HomeTotalAmt "
    "FullyQualifiedName PrintOnCheckName BalanceWithJobs LineNum TxnTaxDetail name".split()
)
Leaf = tuple[str, ...]  # a property, by its path; within a line, below the line's id


def nobody_overwritten(facts: Facts) -> Found:
    """I7: what a person changed in QuickBooks stays, unless a person decided otherwise."""
    for effects in facts.books.values():
        known, theirs = False, set[Leaf]()
        for effect in effects:
            before, after = dict(_leaves(effect.before)), dict(_leaves(effect.left))
            changed = {leaf for leaf in {*before, *after} if before.get(leaf) != after.get(leaf)}
            if not effect.ours:
                theirs |= changed
                continue
            # What a person made is linked at most: see twins.theirs_is_left_to_them.
            if not effect.made and (effects[0].ours or effect.entity not in DOCUMENTS):
                yield from _undone(facts, effect, changed & theirs, known=known)
            known = True
            theirs -= changed | set(_of_amounts(theirs, changed))


def _of_amounts(theirs: set[Leaf], changed: set[Leaf]) -> Iterator[Leaf]:
    """Yield a person's quantities and prices of lines whose amounts we have changed."""
    lines_changed = {leaf[:2] for leaf in changed if leaf[-1] == "Amount"}
    for leaf in theirs:
        if leaf[:2] in lines_changed and leaf[-1] in ("Qty", "UnitPrice"):
            yield leaf


def paid_stays(facts: Facts) -> Found:
    """I7: amounts, lines and party of a paid document change only by a person's decision."""
    for effect in facts.effects:
        if not effect.ours or effect.made or not effect.left or effect.entity not in DOCUMENTS:
            continue
        before, after = effect.before, effect.left
        paid = cents(before.get("Balance", 0)) < cents(before.get("TotalAmt", 0))
        record = mark(before)
        if paid and _owed(before) != _owed(after) and not _decided(facts, effect, record):
            yield record or str(effect), f"{effect} was paid, and is owed otherwise now"


def _agreed_on(facts: Facts, effect: Effect) -> bool:
    """Return whether a person mapped a record to the party that the document had before."""
    business = facts.business_of.get(effect.realm, "")
    mapped = [one["facts"] for one in facts.events("mapped", business=business)]
    chosen = {str(one.get(name)) for one in mapped for name in ("to", "candidate_ids")}
    return any(reference(effect.before, which) in chosen for which in _PARTY)


def _undone(facts: Facts, effect: Effect, lost: set[Leaf], *, known: bool) -> Found:
    record = mark(effect.before)
    subject = record or str(effect)
    if not known:
        yield subject, f"{effect} was not ours to change"
        return
    if not effect.left and effect.entity in (*PAYMENTS, *EXPENSES):
        if lost:
            yield subject, f"{effect} was taken back, though a person changed {sorted(lost)}"
        return
    if not effect.left and effect.entity in DOCUMENTS:
        whole, unpaid = (cents(effect.before.get(name, 0)) for name in ("TotalAmt", "Balance"))
        if lost or whole != unpaid:
            yield subject, f"{effect} was removed, though changed or paid"
        return
    if _agreed_on(facts, effect):
        lost = {leaf for leaf in lost if leaf[0] not in _PARTY}
    if lost and not words.allows_ours(facts, effect, record, {leaf[0] for leaf in lost}):
        yield subject, f"of {effect}, {sorted(lost)} of a person's is gone"


def _decided(facts: Facts, effect: Effect, record: str) -> bool:
    return words.allows_ours(facts, effect, record)


def _owed(document: Plain) -> object:
    """Return the party of a document, and the amount of each line."""
    party = reference(document, "VendorRef") or reference(document, "CustomerRef")
    amounts = {line.get("Id"): line.get("Amount", 0) for line in lines(document)}
    return party, {key: cents(amount) for key, amount in amounts.items() if amount}


def _leaves(document: Plain) -> Iterator[tuple[Leaf, object]]:
    """Yield every property of a document that is not derived, by its path."""
    for name, value in document.items():
        if name == "Line":
            for line in lines(document):
                here = ("Line", str(line.get("Id")))
                yield here, True
                yield from _inside(here, {key: each for key, each in line.items() if key != "Id"})
        elif name not in _DERIVED:
            yield from _inside((name,), value)


def _inside(at: Leaf, value: Any) -> Iterator[tuple[Leaf, object]]:  # noqa: ANN401  any JSON value
    if isinstance(value, Mapping):
        for name, each in value.items():
            if name not in _DERIVED:
                yield from _inside((*at, name), each)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _inside((*at, str(number)), each)
    else:
        yield at, cents(value) if at[-1] == "Amount" else value
