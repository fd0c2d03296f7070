"""Planted bugs of Quick Pay: recorded unasked, misbooked, duplicated, or beside one by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cleo_accounting.core import expenses, movements
from cleo_accounting.core.links import Expense
from proof.simulation import paying
from proof.simulation.records import Step
from proof.simulation.script import Script
from proof.zoo.openings import SYNC, dice_of, terms_of
from proof.zoo.paying import begun, bug
from proof.zoo.planting import Bug, instead, planted, rewritten


def named_later(seed: int) -> Script:
    """Write a script in which a payment is recorded as an expense and names a bill afterwards."""
    opened, payable = begun(seed)
    on: Step = {"do": "choose", "tenant": 0, "fields": {"quick_pay": "on"}}
    early, late = paying.quick(payable), paying.quick(payable, of=payable["n"])
    return Script(terms_of(seed, dice_of(seed)), (*opened, on, early, *SYNC, late, *SYNC))


def _from_the_bank(_planner: Any, _payment: Any, made: Expense) -> dict[str, Any]:
    """Book an expense to the account that it is paid from."""
    return {"expense_account_id": made.account_id}


def _by_what_it_says(self: Any, payment: Any) -> bool:
    return bool(self.concerns(payment))


_EXPENSES = expenses.ExpensePlanner

BUGS: Sequence[Bug] = (
    bug(
        "Quick Pay never off",
        "payments without a payable are recorded whether or not Quick Pay is switched on",
        "quick_pay",
        planted(_EXPENSES._off, instead(lambda *_, **__: None)),
        seeds_max=20,
    ),
    bug(
        "expense booked elsewhere",
        "an expense is booked to another account than the business chose",
        "quick_pay",
        planted(_EXPENSES._content, rewritten(_from_the_bank)),
    ),
    bug(
        "expense of another vendor",
        "an expense is paid to a vendor that its connection is not",
        "quick_pay",
        planted(_EXPENSES._content, rewritten(lambda *_: {"party_id": "1"})),
    ),
    Bug(
        "recorded as both",
        "a payment that was recorded as an expense becomes a bill payment, too",
        named_later,
        planted(movements.MovementPlanner.plans, instead(_by_what_it_says)),
    ),
    bug(
        "expense by hand unseen",
        "an expense that a person entered is not looked for before ours is recorded",
        "quick_pay_by_hand",
        planted(expenses.twin_of, instead(lambda *_, **__: None)),
    ),
)
