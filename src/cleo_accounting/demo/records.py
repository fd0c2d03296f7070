"""Generate a business's records from a seed, with the oddities of real data."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CONNECTIONS = 60
PAYABLES = 400
_CENT = Decimal("0.01")

# What people type: quotes, slashes, accents, dashes, double spaces, capitals.
_ODD_NAMES = (
    "O'Neill & Söhne Spedition",
    "Smith\\Jones Partners",
    "Łódź Metalworks Sp. z o.o.",
    "D'Angelo's \"Best\" Catering",
    "Crème de la Crème Pâtisserie",
    "Premier  Care   Ltd",
    "WWW.QUICKPARTS.EXAMPLE",
    "Nuñez, Peña & Asociados",
    "100% Clean (Office Services)",
    "Bürobedarf Groß GmbH",
    "A/C Repair 24-7",
    "Tōkyō Paper Trading",
    "H&M Electrical; Lighting",
    "St. Mary's/North Wing",
    "Zażółć Gęślą Jaźń Studio",
)
_FIRST = "Harbor Summit Cedar Prairie Lakeside Granite Redwood Copper Juniper Falcon Beacon Mesa"
_SECOND = "Freight Roofing Plumbing Printing Catering Software Electric Landscaping Legal Signs"
_THINGS = "Labour|Copper pipe, 22 mm|Paper, A4, 500 sheets|Delivery|Monthly retainer|Safety gloves"
_LONG_NUMBER = "INV-2026-NORTH-WING-SUPPLEMENT-{:04}"


@dataclass(frozen=True, slots=True)
class Theirs:
    """What the company's books already contain and our records collide with."""

    vendors: Sequence[str]
    customers: Sequence[str]
    banks: Sequence[str]


@dataclass(frozen=True, slots=True)
class Given:
    """One record as the platform sends it."""

    type: str
    id: str
    record: Mapping[str, Any]


def records(seed: int, today: date, theirs: Theirs) -> Sequence[Given]:
    """Generate connections, funding sources and payables; equal seeds give equal records."""
    dice = random.Random(seed)  # noqa: S311  demo data, not a secret
    suppliers, clients = _suppliers(dice, theirs), _clients(dice)
    return [
        *suppliers,
        *clients,
        *_funding_sources(theirs),
        *_payables(dice, today, suppliers, clients),
    ]


def payments(given: Sequence[Given], today: date) -> Sequence[Given]:
    """Pay what is scheduled or paid from the main account; of the second bill only a third."""
    made: list[Given] = []
    for one in given:
        due = one.record.get("status") in ("SCHEDULED", "PAID")
        if one.type != "payable" or one.record["role"] != "payer" or not due:
            continue
        amount = Decimal(one.record["amount"])
        part = (amount / 3).quantize(_CENT) if len(made) == 1 else amount
        made.append(_payment(one.id, len(made), part, today))
    return made


def _payment(payable_id: str, at: int, amount: Decimal, today: date) -> Given:
    record = {
        "payableId": payable_id,
        "fundingSourceId": "fs_1",
        "amount": str(amount),
        "status": "completed",
        "paymentDate": (today - timedelta(days=2)).isoformat(),
    }
    return Given("payment", f"ach_{at + 1:03}", record)


def _suppliers(dice: random.Random, theirs: Theirs) -> list[Given]:
    """Generate the suppliers; some are in QuickBooks already, under this or another name."""
    there, alike = theirs.vendors[0], theirs.vendors[1]
    names = [
        there,  # exactly the same name: found, and linked
        theirs.vendors[2].upper(),  # differs only in case: one name to QuickBooks
        f"{alike.upper()}, Inc.",  # only similar: waits for a person
        theirs.customers[0],  # a customer has this name: QuickBooks accepts it only once
        "Northwind Traders",
        "NORTHWIND TRADERS",  # one name to QuickBooks, two to us
        "Central: Supplies",  # a colon, which QuickBooks reserves
        "Manchester\u0092s Finest Bakery",  # an invisible character from an old export
        *_ODD_NAMES,
    ]
    return [
        _connection("sup", at, name)
        for at, name in enumerate(names + _plain(dice, 40 - len(names)))
    ]


def _clients(dice: random.Random) -> list[Given]:
    """Generate the customers."""
    names = ["Ünal İnşaat", "Mac 'n' Cheese Co.", *_plain(dice, CONNECTIONS - 42, "Clinic School")]
    return [_connection("cli", at, name) for at, name in enumerate(names)]


def _plain(dice: random.Random, count: int, kinds: str = _SECOND) -> list[str]:
    pairs = [f"{one} {two}" for one in _FIRST.split() for two in kinds.split()]
    return dice.sample(pairs, count)


def _connection(prefix: str, at: int, name: str) -> Given:
    record: dict[str, Any] = {"status": "active", "connectedBusinessName": name}
    if at % 3 == 0:
        record["settings"] = {"netTerms": 30}
    return Given("connection", f"conn_{prefix}_{at + 1:02}", record)


def _funding_sources(theirs: Theirs) -> list[Given]:
    """Generate three bank accounts: one known by its digits, one by its name, one by neither."""
    digits = theirs.banks[0].split()[-1]
    accounts = (
        ("Main account", digits, True),
        (theirs.banks[1], None, False),
        ("Rainy day fund", "0000", False),
    )
    return [
        Given(
            "fundingSource",
            f"fs_{at}",
            {"name": name, "accountType": "checking", "default": default}
            | ({"lastFour": four} if four else {}),
        )
        for at, (name, four, default) in enumerate(accounts, 1)
    ]


def _payables(
    dice: random.Random, today: date, suppliers: Sequence[Given], clients: Sequence[Given]
) -> list[Given]:
    made: list[Given] = []
    for at in range(1, PAYABLES + 1):
        bill = at % 20 < 13  # noqa: PLR2004  two thirds are to be paid, one third to be received
        party = dice.choice(suppliers if bill else clients)
        made.append(_payable(dice, at, today, party, role="payer" if bill else "payee"))
    _spoil(made)
    return made


def _payable(dice: random.Random, at: int, today: date, party: Given, *, role: str) -> Given:
    issued = today - timedelta(days=dice.randrange(5, 85))
    lines = [_line(dice) for _ in range(dice.choice((1, 1, 1, 2, 3)))]
    number = _LONG_NUMBER.format(at) if at % 17 == 0 else f"{dice.randrange(10_000, 99_999)}-{at}"
    statuses = ["APPROVED"] * 8 + ["SCHEDULED", "PAID"]
    return Given(
        "payable",
        f"pay_{at:04}",
        {
            "connectionId": party.id,
            "role": role,
            "amount": str(sum((_amount(line) for line in lines), Decimal())),
            "invoiceDate": issued.isoformat(),
            "dueDate": (issued + timedelta(days=30)).isoformat(),
            "invoiceNumber": number,
            "memo": dice.choice(("", "thank you!", "see attachment", "50/50 split, cf. e-mail")),
            "lineItems": lines,
            "customFields": {"department": dice.choice(("North", "South", "Übersee"))},
            "status": dice.choice(statuses),
        },
    )


def _line(dice: random.Random) -> dict[str, str]:
    quantity = dice.choice(("1", "1", "2", "12", "0.5", "7.25"))
    price = Decimal(dice.randrange(199, 250_000)).scaleb(-2)
    # A price with a third decimal tests the rounding.
    exact = price + Decimal("0.005") if dice.random() < 0.1 else price  # noqa: PLR2004  one in ten
    return {
        "description": dice.choice(_THINGS.split("|")),
        "quantity": quantity,
        "unitPrice": str(exact),
    }


def _amount(line: Mapping[str, str]) -> Decimal:
    product = Decimal(line["quantity"]) * Decimal(line["unitPrice"])
    return product.quantize(_CENT, rounding=ROUND_HALF_UP)


def _spoil(made: list[Given]) -> None:
    """Add irregular payables: drafts, withdrawn ones, a credit, a wrong sum, another currency."""
    changes: Mapping[int, Mapping[str, Any]] = {
        20: {"status": "DRAFT"},
        21: {"status": "SUBMITTED"},
        22: {"status": "DECLINED"},
        23: {"status": "CANCELLED"},
        41: {"amount": "-45.00", "lineItems": [], "memo": "credit note"},
        42: {"amount": "100.01", "lineItems": [{"description": "Sum", "unitPrice": "100.00"}]},
        43: {"currency": "EUR", "lineItems": [], "amount": "250.00"},
    }
    for at, change in changes.items():
        one = made[at]
        made[at] = Given(one.type, one.id, {**one.record, **change, "role": "payer"})
