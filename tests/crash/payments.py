"""Payments of bills in one sum, in two parts, or several at once, and what they leave open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tests.crash.given import TOGETHER, hand_in, in_cents, marker, ours
from tests.processes import Stage

SOURCE = "fs_1"
Paid = Mapping[str, Mapping[str, int]]
"""The cents that each payment pays of each payable."""


def payments_of(owed: Mapping[str, int]) -> Paid:
    """Return payments of payables in fours of one connection; one in eight is paid in part only."""
    names = list(owed)
    paid: dict[str, dict[str, int]] = {}
    for at in range(0, len(names), TOGETHER):
        whole, split, *both = names[at : at + TOGETHER]
        some = owed[whole] // 3 if at % (2 * TOGETHER) else owed[whole]
        half = owed[split] // 2
        paid[f"pmt_{at}"] = {whole: some}
        paid[f"pmt_{at + 1}"] = {split: half}
        paid[f"pmt_{at + 2}"] = {split: owed[split] - half}
        paid[f"pmt_{at + 3}"] = {name: owed[name] for name in both}
    return paid


def feed_payments(on: Stage, paid: Paid, bank: str) -> None:
    """Send completed payments, all from a bank account of this name."""
    account = {"name": bank, "accountType": "checking"}
    hand_in(
        on,
        [
            {"type": "fundingSource", "id": SOURCE, "record": account},
            *({"type": "payment", "id": name, "record": _record(of)} for name, of in paid.items()),
        ],
    )


def _record(of: Mapping[str, int]) -> dict[str, Any]:
    parts = [{"payableId": name, "amount": _amount(cents)} for name, cents in of.items()]
    return {
        "fundingSourceId": SOURCE,
        "amount": _amount(sum(of.values())),
        "status": "completed",
        "paymentDate": "2026-01-20",
        **({"payables": parts} if len(parts) > 1 else {"payableId": next(iter(of))}),
    }


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def left(owed: Mapping[str, int], paid: Paid) -> dict[str, int]:
    """Return the amount of each payable that stays open, in cents."""
    settled: Counter[str] = Counter()
    for of in paid.values():
        settled.update(of)
    return {name: cents - settled[name] for name, cents in owed.items()}


def applied(bills: Sequence[Mapping[str, Any]], on: Stage) -> dict[str, dict[str, int]]:
    """Return the amount that each payment in QuickBooks applies to each of our bills, in cents."""
    names = {bill["Id"]: marker(bill) for bill in bills}
    found: dict[str, dict[str, int]] = {}
    for payment in ours(on, "BillPayment"):
        of = {
            names[line["LinkedTxn"][0]["TxnId"]]: in_cents(line["Amount"])
            for line in payment["Line"]
        }
        assert in_cents(payment["TotalAmt"]) == sum(of.values()), payment
        found[marker(payment)] = of
    return found


def moved(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """Return the change of each account's balance that changed, in cents; debits are positive."""
    names = before.keys() | after.keys()
    changed = {name: after.get(name, 0) - before.get(name, 0) for name in names}
    return {name: cents for name, cents in changed.items() if cents}
