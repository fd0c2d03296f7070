"""Pay the bills of a real month, some in two parts, some returned, and work out what is open."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.processes import Stage

PARTS, RETURNED = 0.05, 0.02  # the shares of bills that are paid in two, and whose payment fails
_CENT = Decimal("0.01")
_MANY = 1_000


@dataclass
class Plan:
    """The payments of some bills, and what they leave open, worked out by itself."""

    payments: list[dict[str, Any]] = field(default_factory=list)
    returned: list[dict[str, Any]] = field(default_factory=list)
    open: dict[str, Decimal] = field(default_factory=dict)  # by the id of the bill
    paid: Decimal = Decimal(0)  # in the end

    def add(self, number: int, payable_id: str, amount: Decimal, *, fails: bool = False) -> None:
        """Plan one payment; what fails is completed at first."""
        record = {
            "payableId": payable_id,
            "fundingSourceId": "fs_1",
            "amount": str(amount),
            "paymentDate": "2022-04-04",
            "status": "completed",
        }
        one = {"type": "payment", "id": f"pmt_{number}", "record": record}
        self.payments.append(one)
        if fails:
            back = {**record, "status": "failed", "returnCode": "R01", "returnedOn": "2022-04-06"}
            self.returned.append({**one, "record": back})
        else:
            self.paid += amount


def plan(bills: Sequence[dict[str, Any]], seed: int = 2022) -> Plan:
    """Draw the payments of all bills."""
    dice, made, number = random.Random(seed), Plan(), 0
    for bill in sorted(bills, key=lambda one: int(one["Id"])):
        payable_id = bill["PrivateNote"].rsplit("CleoPay:", 1)[-1]
        total, drawn = Decimal(str(bill["TotalAmt"])), dice.random()
        number += 2
        if drawn < RETURNED:
            made.add(number, payable_id, total, fails=True)
        elif drawn < RETURNED + PARTS and total > _CENT:
            part = (total / 3).quantize(_CENT)
            made.add(number, payable_id, part)
            made.add(number + 1, payable_id, total - part)
        else:
            made.add(number, payable_id, total)
        made.open[bill["Id"]] = total if drawn < RETURNED else Decimal(0)
    return made


def feed(on: Stage, records: Sequence[dict[str, Any]]) -> None:
    """Send records a thousand at a time."""
    for at in range(0, len(records), _MANY):
        body = {"records": records[at : at + _MANY]}
        answer = on.ask("POST", f"{on.records}/bulk", json=body).json()
        assert answer["refused"] == 0, answer


def bank(on: Stage) -> dict[str, Any]:
    """A bank account of the company, and the funding source that is it."""
    account = next(one for one in on.all("Account") if one["AccountType"] == "Bank")
    source = {"name": account["Name"], "accountType": "checking"}
    feed(on, [{"type": "fundingSource", "id": "fs_1", "record": source}])
    return account


def balances(on: Stage) -> dict[str, Decimal]:
    """What each account of the company holds, by its id; debits are positive."""
    found = on.see(f"companies/{on.realm_id}/trial-balance")
    return {name: Decimal(cents).scaleb(-2) for name, cents in found.items()}


def by_vendor(bills: Sequence[dict[str, Any]], amounts: dict[str, Decimal]) -> dict[str, Decimal]:
    """Add up amounts of bills by their vendors."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for bill in bills:
        sums[bill["VendorRef"]["value"]] += amounts[bill["Id"]]
    return dict(sums)
