"""Bugs of credits: left unused, used for too much, counted as owed, removed while in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from cleo_accounting.core import outstanding, payments, weigh
from cleo_accounting.core.kinds import of
from cleo_accounting.core.links import Settlement
from cleo_accounting.flows.run import freeze, paid
from cleo_accounting.store import links
from proof.replacing import Make
from proof.simulation import crediting
from proof.simulation.records import Step
from proof.simulation.script import Script
from proof.zoo.openings import SYNC, Situation, dice_of, opening, payable_step, terms_of
from proof.zoo.planting import Bug, instead, planted

_PLANNER = payments.PaymentPlanner


def scene(name: str) -> Situation:
    """A business whose records are in QuickBooks, and a scene of credits around one of them."""

    def situation(seed: int) -> Script:
        dice = dice_of(seed)
        payable: Step = {**payable_step(21, dice.randint(10, 50_000), role="payer"), "tenant": 0}
        steps = crediting.CREDITING[name](dice, payable)
        return Script(terms_of(seed, dice), (*opening(dice), *SYNC, *steps, *SYNC))

    return situation


def _content(change: Callable[[Settlement], dict[str, Any]]) -> Make:
    """Change what is written of a payment that uses a credit."""

    def make(content: Any) -> Any:
        def wrong(self: Any, payment: Any) -> Settlement:
            made: Settlement = content(self, payment)
            return replace(made, **change(made)) if payment.credits else made

        return wrong

    return make


def _unused(made: Settlement) -> dict[str, Any]:
    """The credit stays open, and the money pays as much as it can."""
    return {"applied": made.paid}


def _gross(made: Settlement) -> dict[str, Any]:
    """The money is taken for all that is paid."""
    whole = sum(one.amount.minor for one in made.paid)
    return {"total": replace(made.total, minor=whole)}


def _whole(made: Settlement) -> dict[str, Any]:
    """A cent more of the credit is used, and a cent less of money."""
    cent = [
        replace(one, amount=replace(one.amount, minor=one.amount.minor + 1))
        if one.is_credit
        else one
        for one in made.applied
    ]
    return {"applied": tuple(cent), "total": replace(made.total, minor=made.total.minor - 1)}


def _without_credits(right: Any) -> Any:
    """What is left of a credit is not looked at."""

    def wrong(self: Any, create: Any, part: Any, *given: Any, **more: Any) -> Any:
        return None if part.is_credit else right(self, create, part, *given, **more)

    return wrong


def _unraised(right: Any) -> Any:
    def wrong(desk: Any, tx: Any, document: Any, ids: Any) -> None:
        if not of(document).is_credit:
            right(desk, tx, document, ids)

    return wrong


def _never_used(right: Any) -> Any:
    def wrong(there: Any) -> Any:
        return None if of(there.kind).is_credit else right(there)

    return wrong


def _as_owed(right: Any) -> Any:
    def wrong(*given: Any, **more: Any) -> Any:
        row = right(*given, **more)
        return replace(row, amount_minor=row.amount_minor and abs(row.amount_minor))

    return wrong


def _bug(name: str, said: str, of_scene: str, plant: Any, seeds_max: int = 10) -> Bug:
    return Bug(name, said, scene(of_scene), plant, seeds_max)


BUGS: Sequence[Bug] = (
    _bug(
        "credit left unused",
        "a payment leaves out the credit that it says pays a part",
        "credit_used",
        planted(_PLANNER._content, _content(_unused)),
    ),
    _bug(
        "credit paid in money",
        "the money of a payment is taken for all that it pays, credits included",
        "credit_used",
        planted(_PLANNER._content, _content(_gross)),
    ),
    _bug(
        "a cent more of the credit",
        "a payment uses a cent more of a credit, and a cent less of money",
        "credit_used",
        planted(_PLANNER._content, _content(_whole)),
    ),
    _bug(
        "credit used twice",
        "what is left of a credit is not looked at before it is used",
        "credit_used_up",
        planted(outstanding.Outstanding._beyond, _without_credits),
    ),
    _bug(
        "version of the credit forgotten",
        "the version that our payment gave a credit is not kept",
        "credit_used",
        planted(paid._raise, _unraised),
        seeds_max=20,
    ),
    _bug(
        "used credit removed",
        "a credit that is withdrawn is removed although it was used",
        "credit_used",
        planted(weigh.paid_of, _never_used),
        seeds_max=20,
    ),
    _bug(
        "credit beside its bill",
        "a payable that becomes a credit after it was sent is written once more",
        "sign_turned",
        planted(links.elsewhere, instead(lambda *_, **__: set())),
    ),
    _bug(
        "credit counted as owed",
        "the amount of a credit is told as one above zero",
        "credit_withdrawn",
        planted(freeze._with_content, _as_owed),
    ),
)
