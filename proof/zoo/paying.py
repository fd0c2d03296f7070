"""Planted bugs of payments: paid twice, early, from another account, not voided, or unreported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cleo_accounting.core import (
    balance,
    beside,
    choices,
    comparison,
    ledger,
    movements,
    outstanding,
    payments,
)
from cleo_accounting.core.balance import Balance
from cleo_accounting.core.fields import RecordPayments
from cleo_accounting.core.kinds import PAYMENTS
from cleo_accounting.core.links import Applied, Settlement
from cleo_accounting.core.numbers import number_key
from cleo_accounting.core.plan import Keep, Leave, Remove
from cleo_accounting.core.records import Money, PaymentStatus
from cleo_accounting.flows.company import open_balances
from cleo_accounting.flows.records import importing_payments
from cleo_accounting.flows.run import look, paid
from cleo_accounting.providers import Sought
from proof.simulation import paying
from proof.simulation.records import Step
from proof.simulation.script import Script
from proof.zoo.openings import (
    SYNC,
    UNHEARD,
    around,
    dice_of,
    opening,
    payable_step,
    terms_of,
    trouble,
    unsafe_terms,
)
from proof.zoo.planting import Bug, all_of, instead, planted, rewritten, valued


def _first_that_fits(named: Any) -> Any:
    return lambda self, vendor, number: named(self, vendor, number)[:1]


def _of_anybody(self: Any, _vendor: str, number: str) -> Any:
    return list(self.payables.get(number_key(number), ()))


def begun(seed: int) -> tuple[Sequence[Step], Step]:
    """Return the steps of a synced business, and a payable that is about to be paid."""
    dice = dice_of(seed)
    payable: Step = {**payable_step(1, dice.randint(10, 50_000), role="payer"), "tenant": 0}
    source: Step = {"do": "source", "tenant": 0, "n": 1, "name": "Checking 1111", "digits": "1111"}
    return (*opening(dice, payer=1), *SYNC, payable, source, *SYNC), payable


def unheard(seed: int) -> Script:
    """Payments are recorded, and the answers never arrive."""
    opened, payable = begun(seed)
    dice = dice_of(seed)
    steps = [*opened, paying.pay(payable), trouble(dice.choice(UNHEARD), 1), *SYNC]
    return Script(unsafe_terms(seed, dice), tuple(steps))


def linked(seed: int) -> Script:
    """A person recorded a payment and links it to ours, which is then returned by the bank."""
    opened, payable = begun(seed)
    by_hand: Step = {"do": "person", "tenant": 0, "deed": "pay", "on": "pay_1"}
    word: Step = {"do": "decide", "tenant": 0, "kind": "bill_payment", "record": "pmt_10"}
    word |= {"verdict": "link_to", "value": ""}
    last = paying.pay(payable, status="failed")
    steps = [*opened, by_hand, paying.pay(payable), *SYNC, word, *SYNC, last, *SYNC]
    return Script(terms_of(seed, dice_of(seed)), tuple(steps))


def left_out(seed: int) -> Script:
    """A person leaves a payment out before it is completed."""
    opened, payable = begun(seed)
    word: Step = {"do": "decide", "tenant": 0, "kind": "bill_payment", "record": "pmt_10"}
    word |= {"verdict": "leave_out", "value": "by hand"}
    early = paying.pay(payable, status="processing")
    steps = [*opened, early, *SYNC, word, paying.pay(payable), *SYNC]
    return Script(terms_of(seed, dice_of(seed)), tuple(steps))


def _in_full(self: Any, payment: Any, made: Settlement) -> dict[str, Any]:
    whole = [self.payables[one.payable_id].amount for one in payment.paid]
    pairs = zip(made.applied, whole, strict=True)
    return {"applied": tuple(Applied(one.document_id, amount) for one, amount in pairs)}


def _other_account(self: Any, _payment: Any, made: Settlement) -> dict[str, Any]:
    banks = [one.id for one in self.banks.values() if one.details.get("type") == "Bank"]
    others = [one for one in banks if one != made.account_id] or ["1"]
    return {"account_id": others[0]}


def _forgotten(returned: Any) -> Any:
    def wrong(self: Any, payment: Any, link: Any, verdict: Any) -> Any:
        if link is not None and not link.gone:
            return Keep(payment.id)
        return returned(self, payment, link, verdict)

    return wrong


def _voids_all(returned: Any) -> Any:
    def wrong(self: Any, payment: Any, link: Any, verdict: Any) -> Any:
        found = returned(self, payment, link, verdict)
        if isinstance(found, Leave) and found.code == "matched_withdrawn":
            return Remove(self.kind.remote, payment.id, self.label(payment), link, found.facts)
        return found

    return wrong


def _of_nothing(sought: Any) -> Any:
    def wrong(row: Any) -> Sought:
        found: Sought = sought(row)
        is_payment = found.marker is not None and found.number is None
        return replace(found, marker="CleoPay:none") if is_payment else found

    return wrong


def _believed(missing: Any) -> Any:
    def wrong(self: Any, planned: Any, link: Any) -> None:
        if self.kind not in PAYMENTS:
            missing(self, planned, link)
            return
        self.result.equal += 1

    return wrong


def _payments_aside(set_beside: Any) -> Any:
    def wrong(ours: Any, theirs: Any, party: Any, name_of: Any) -> Any:
        if isinstance(theirs, Settlement):
            return beside.Beside()
        return set_beside(ours, theirs, party, name_of)

    return wrong


def _none_differing(opened: Any) -> Any:
    def wrong(self: Any, party: Any, name_of: Any) -> Any:
        return replace(opened(self, party, name_of), differing=[])

    return wrong


def _all_open(read: Any) -> Any:
    def wrong(*of: Any, **more: Any) -> Balance:
        found: Balance = read(*of, **more)
        return replace(found, open=found.total)

    return wrong


def _total(document: Any, currency: str) -> Money:
    return Money.of(document.details["total"], currency)


def _unread(one_of: Any) -> Any:
    def wrong(self: Any, payment: Any, link: Any) -> Any:
        return one_of(replace(self, verdicts={}), payment, link)

    return wrong


def _bank_or_clearing(account: Any) -> bool:
    return account.details["type"] in (choices.BANK, choices.CLEARING)


def bug(name: str, said: str, of: str, plant: Any, seeds_max: int = 10) -> Bug:
    """Return a bug that is caught in a scene of payments."""
    return Bug(name, said, around(paying.PAYING[of]), plant, seeds_max)


_PLANNER = payments.PaymentPlanner
_WAITING = (PaymentStatus.PENDING, PaymentStatus.PROCESSING)

BUGS: Sequence[Bug] = (
    bug(
        "paid once more",
        "what is open of a bill is not looked at before it is paid",
        "paid_twice",
        planted(outstanding.Outstanding._too_much, instead(lambda *_, **__: None)),
    ),
    bug(
        "open is the total",
        "what was paid of a bill by hand is not taken from what is open",
        "paid_by_hand",
        planted(outstanding.open_of, instead(_total)),
    ),
    bug(
        "another's bank account",
        "a payment leaves from an account that its funding source is not",
        "paid",
        planted(_PLANNER._content, rewritten(_other_account)),
    ),
    bug(
        "clearing account by itself",
        "a clearing account is matched for its digits, and nobody chose it",
        "paid_through_clearing",
        planted(choices.is_bank, instead(_bank_or_clearing)),
    ),
    bug(
        "part taken for full",
        "a part payment pays all of its bill",
        "paid_in_parts",
        planted(_PLANNER._content, rewritten(_in_full)),
    ),
    bug(
        "payment without a mark",
        "a payment is recorded without our mark",
        "paid",
        planted(_PLANNER._content, rewritten(lambda *_: {"note": "paid by us"})),
    ),
    bug(
        "payment dated today",
        "a payment is dated when it is recorded",
        "paid",
        planted(_PLANNER.dated, instead(lambda self, _payment: self.today)),
    ),
    bug(
        "paid too early",
        "a payment is recorded while it is on its way",
        "paid",
        valued(
            movements._UNDER_WAY,
            dict.fromkeys(RecordPayments, (PaymentStatus.PENDING,)),
            movements,  # processing counts as done
        ),
    ),
    bug(
        "choice of early payments unread",
        "payments are recorded once they are completed, whatever the business chose",
        "paid_early",
        planted(_PLANNER._is_under_way, instead(lambda _self, payment: payment.status in _WAITING)),
        seeds_max=20,
    ),
    bug(
        "return forgotten",
        "a payment that came back stays recorded",
        "payment_returned",
        planted(_PLANNER._returned, _forgotten),
    ),
    bug(
        "failed is made",
        "a payment that failed is recorded like one that was made",
        "payment_returned",
        planted(movements.is_not_made, instead(lambda *_, **__: False)),
    ),
    Bug(
        "another's payment voided",
        "a payment that a person recorded is voided when ours comes back",
        linked,
        planted(_PLANNER._returned, _voids_all),
    ),
    bug(
        "version of the bill forgotten",
        "the version that our payment gave a bill is not kept",
        "payment_returned",
        planted(paid.raise_versions, instead(lambda *_, **__: None)),
        seeds_max=20,
    ),
    bug(
        "recorded anew",
        "a payment is recorded once more when it changes, or was deleted there",
        "payment_amended",
        planted(movements._may_be_written_again, instead(lambda *_, **__: True)),
    ),
    Bug(
        "word on a payment unread",
        "what a person said about a payment does not count",
        left_out,
        planted(_PLANNER._one, _unread),
    ),
    bug(
        "first that fits is paid",
        "of several payables that a row of a file may mean, the first is paid",
        "paid_by_file",
        planted(importing_payments._Known.named, _first_that_fits),
        seeds_max=20,
    ),
    bug(
        "number without its vendor",
        "a row of a file pays whatever has its number, whoever the vendor is",
        "paid_by_file",
        planted(importing_payments._Known.named, instead(_of_anybody)),
    ),
    bug(
        "void unnoticed",
        "a comparison believes that a payment is there because it was recorded",
        "payment_undone_by_hand",
        planted(comparison.Comparison._missing, _believed),
        seeds_max=20,
    ),
    bug(
        "payment believed",
        "a comparison looks at no field of a payment",
        "payment_edited_by_hand",
        planted(beside.set_beside, _payments_aside),
        seeds_max=20,
    ),
    bug(
        "paid by nobody",
        "a comparison does not see that somebody else paid a bill",
        "paid_by_hand",
        all_of(
            planted(ledger.Settled.by_others, instead(lambda *_, **__: "")),
            planted(ledger.Ledger.open, _none_differing),
        ),
        seeds_max=20,
    ),
    bug(
        "changes of balances unread",
        "what a person paid of a bill in QuickBooks is not looked at again",
        "paid_by_hand",
        planted(open_balances._read_changes, instead(lambda *_, **__: None)),
    ),
    bug(
        "said to be unpaid",
        "what is told to be open of a bill is its total",
        "paid",
        planted(balance.read, _all_open),
    ),
    Bug(
        "payment not found again",
        "a payment whose answer was lost is looked for by another mark",
        unheard,
        planted(look.sought, _of_nothing),
    ),
)
