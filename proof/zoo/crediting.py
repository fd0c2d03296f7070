"""Planted bugs of credits: left unused, overused, counted as owed, or removed while in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from cleo_accounting.core import kinds, outstanding, payments, weigh
from cleo_accounting.core.links import Settlement
from cleo_accounting.flows.run import freeze, paid
from cleo_accounting.store import incoming, links
from proof.replacing import Make
from proof.simulation import crediting
from proof.zoo.openings import around
from proof.zoo.planting import Bug, instead, planted, rewritten

_PLANNER = payments.PaymentPlanner
_NUMBER = 21  # the number of the payable, which no opening uses


def _content(change: Callable[[Settlement], dict[str, Any]]) -> Make:
    """Change the content of a payment that uses a credit."""
    return rewritten(lambda _, payment, made: change(made) if payment.credits else {})


def _unused(made: Settlement) -> dict[str, Any]:
    """Leave the credit open, and let the money pay as much as it can."""
    return {"applied": made.paid}


def _gross(made: Settlement) -> dict[str, Any]:
    """Treat all that is paid as money, credits included."""
    whole = sum(one.amount.minor for one in made.paid)
    return {"total": replace(made.total, minor=whole)}


def _whole(made: Settlement) -> dict[str, Any]:
    """Use a cent more of the credit, and a cent less of money."""
    cent = [
        replace(one, amount=replace(one.amount, minor=one.amount.minor + 1))
        if one.is_credit
        else one
        for one in made.applied
    ]
    return {"applied": tuple(cent), "total": replace(made.total, minor=made.total.minor - 1)}


def _without_credits(right: Any) -> Any:
    """Do not check what is left of a credit."""

    def wrong(self: Any, create: Any, part: Any, *given: Any, **more: Any) -> Any:
        return None if part.is_credit else right(self, create, part, *given, **more)

    return wrong


def _unraised(right: Any) -> Any:
    def wrong(desk: Any, tx: Any, document: Any, ids: Any) -> None:
        if not kinds.of(document).is_credit:
            right(desk, tx, document, ids)

    return wrong


def _never_used(right: Any) -> Any:
    def wrong(there: Any) -> Any:
        return None if kinds.of(there.kind).is_credit else right(there)

    return wrong


def _as_owed(right: Any) -> Any:
    def wrong(*given: Any, **more: Any) -> Any:
        row = right(*given, **more)
        return replace(row, amount_minor=row.amount_minor and abs(row.amount_minor))

    return wrong


def _bug(name: str, said: str, scene: str, plant: Any, seeds_max: int = 10) -> Bug:
    return Bug(name, said, around(crediting.CREDITING[scene], _NUMBER), plant, seeds_max)


def _taken_anyway(outcomes: Any) -> Any:
    def wrong(known: Any, rows: Sequence[Any]) -> Any:
        return ["updated" if one == "other_role" else one for one in outcomes(known, rows)]

    return wrong


BUGS: Sequence[Bug] = (
    _bug(
        "another role",
        "a payable is taken in with another role than it was written with",
        "sign_turned",
        planted(incoming._outcomes, _taken_anyway),
    ),
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
