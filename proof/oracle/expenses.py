"""Rules for expenses: payments without a payable, recorded once, correctly, and only if chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from proof.oracle import payments
from proof.oracle.effects import Effect
from proof.oracle.entities import EXPENSES, PAYMENTS
from proof.oracle.facts import Facts, Found
from proof.oracle.plain import Plain, cents, lines, mark, reference

if TYPE_CHECKING:
    from proof.oracle.case import Case

_DETAIL = "AccountBasedExpenseLineDetail"


def spent_as_said(facts: Facts) -> Found:
    """I5: an expense that we record matches its payment, and Quick Pay was switched on."""
    return payments.recorded_otherwise(facts, EXPENSES, _unlike)


def _unlike(
    facts: Facts,
    effect: Effect,
    business: str,
    record: Plain,
    chosen: payments.Chosen,
) -> Iterator[str]:
    there = effect.after
    if "on" not in chosen["quick_pay"]:
        yield "Quick Pay switched off"
    if record["payable"] is not None:
        yield f"no payment of {record['payable']}"
    yield from payments.unlike(there, record, chosen)
    if (business, "account", record["source"], reference(there, "AccountRef")) not in facts.owners:
        yield "an account that is not that of its funding source"
    vendor = reference(there, "EntityRef")
    if (business, "vendor", record["connection"], vendor) not in facts.owners:
        yield f"the vendor {vendor}, who is not {record['connection']}"
    booked = [(reference(one[_DETAIL], "AccountRef"), cents(one["Amount"])) for one in lines(there)]
    wanted = [[(account, record["cents"])] for account in chosen["expense_account_id"]]
    if booked not in wanted:
        yield f"the lines {booked}, not one of {wanted}"


def one_kind_only(facts: Facts) -> Found:
    """I1: no payment stands both as an expense and as a payment of a document."""
    standing: dict[tuple[str, str], set[str]] = {}
    for (realm, entity, _), story in facts.books.items():
        if entity in (*EXPENSES, *PAYMENTS) and story[0].made and story[-1].left:
            standing.setdefault((realm, mark(story[0].after)), set()).add(entity)
    for (_, record), entities in standing.items():
        if len(entities) > 1 and not facts.lost_at:
            yield record, f"stands as {' and as '.join(sorted(entities))}"


def quick_payees(case: Case) -> set[str]:
    """Return the connections that are paid by payments without a payable."""
    paid = [one for one in case.others("payment") if one["payable"] is None]
    return {one["connection"] for one in paid}


EXCUSES: Mapping[str, Callable[[Case], bool]] = {
    "quick_pay_off": lambda case: (
        case.record["payable"] is None and case.chosen("quick_pay") != "on"
    ),
    "payee_needed": lambda case: (
        (case.record["payable"], case.record["connection"]) == (None, None)
    ),
    "expense_returned": payments.EXCUSES["returned"],
}
