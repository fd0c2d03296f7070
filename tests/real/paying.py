"""Payments of a real month's bills (split, with credits, returned), and what they leave open."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.processes import Stage

# The shares of bills that are paid in two parts, whose payment fails, and that a credit pays
# in part.
PARTS, RETURNED, CREDITED = 0.05, 0.02, 0.03
_CENT = Decimal("0.01")
_MANY = 1_000


@dataclass
class Plan:
    """The payments of some bills, and the balances they leave open, calculated independently."""

    payments: list[dict[str, Any]] = field(default_factory=list)
    returned: list[dict[str, Any]] = field(default_factory=list)
    open: dict[str, Decimal] = field(default_factory=dict)  # by id of the bill or credit
    paid: Decimal = Decimal(0)  # in total, without what was returned
    credited: int = 0

    def add(
        self,
        number: int,
        payable_id: str,
        amount: Decimal,
        *,
        fails: bool = False,
        credit: tuple[str, Decimal] | None = None,
    ) -> None:
        """Plan one payment; a payment that fails is completed first and returned later."""
        record: dict[str, Any] = {
            "payableId": payable_id,
            "fundingSourceId": "fs_1",
            "amount": str(amount),
            "paymentDate": "2022-04-04",
            "status": "completed",
        }
        if credit:
            record["credits"] = [{"payableId": credit[0], "amount": str(credit[1])}]
            self.credited += 1
        one = {"type": "payment", "id": f"pmt_{number}", "record": record}
        self.payments.append(one)
        if fails:
            back = {**record, "status": "failed", "returnCode": "R01", "returnedOn": "2022-04-06"}
            self.returned.append({**one, "record": back})
        else:
            self.paid += amount


def plan(
    bills: Sequence[dict[str, Any]], credits_: Sequence[dict[str, Any]], seed: int = 2022
) -> Plan:
    """Draw the payments of all bills at random, and the credits that some of them use."""
    dice, made, number = random.Random(seed), Plan(), 0
    left = {one["Id"]: Decimal(str(one["TotalAmt"])) for one in credits_}
    made.open |= left
    for bill in sorted(bills, key=lambda one: int(one["Id"])):
        payable_id = _record(bill)
        total, drawn = Decimal(str(bill["TotalAmt"])), dice.random()
        number += 2
        usable = [one for one in credits_ if made.open[one["Id"]] and _party(one) == _party(bill)]
        if usable and drawn >= RETURNED + PARTS and made.credited < CREDITED * len(bills):
            credit = usable[0]
            used = min(total, made.open[credit["Id"]])
            made.add(number, payable_id, total - used, credit=(_record(credit), used))
            made.open[credit["Id"]] -= used
            made.open[bill["Id"]] = Decimal(0)
            continue
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


def _record(document: dict[str, Any]) -> str:
    return str(document["PrivateNote"].rsplit("CleoPay:", 1)[-1])


def _party(document: dict[str, Any]) -> str:
    return str(document["VendorRef"]["value"])


def feed(on: Stage, records: Sequence[dict[str, Any]]) -> None:
    """Send records a thousand at a time."""
    for at in range(0, len(records), _MANY):
        body = {"records": records[at : at + _MANY]}
        answer = on.ask("POST", f"{on.records}/bulk", json=body).json()
        assert answer["refused"] == 0, answer


def bank(on: Stage) -> dict[str, Any]:
    """Feed the funding source for a bank account of the company; return the account."""
    account = next(one for one in on.all("Account") if one["AccountType"] == "Bank")
    source = {"name": account["Name"], "accountType": "checking"}
    feed(on, [{"type": "fundingSource", "id": "fs_1", "record": source}])
    return account


def balances(on: Stage) -> dict[str, Decimal]:
    """Return the balance of each account of the company by its id; debits are positive."""
    found = on.see(f"companies/{on.realm_id}/trial-balance")
    return {name: Decimal(cents).scaleb(-2) for name, cents in found.items()}


def by_vendor(
    bills: Sequence[dict[str, Any]],
    credits_: Sequence[dict[str, Any]],
    amounts: dict[str, Decimal],
) -> dict[str, Decimal]:
    """Return the sum of the amounts of bills, less those of credits, per vendor."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for sign, some in ((1, bills), (-1, credits_)):
        for one in some:
            sums[_party(one)] += sign * amounts[one["Id"]]
    return dict(sums)
